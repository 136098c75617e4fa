"""Cases of the topics malware, patches, kernel and secrets."""

from __future__ import annotations

from datetime import UTC, datetime

from scanner.facts import (
    ExposedSecret,
    ExposedSecrets,
    KernelSetting,
    KernelSettings,
    MalwareDefence,
    PatchState,
)
from scanner.facts.defence import MalwareAgent, SecretKind, Signatures
from tests.checks.build import SEEN, Case, at

DAY = datetime(2026, 1, 2, tzinfo=UTC)


def agents(*products: str, signatures: dict[str, int] | None = None) -> MalwareDefence:
    """Running products, and the age of signatures in days by product."""
    running = tuple(MalwareAgent(product, product.lower(), at("processes")) for product in products)
    aged = tuple(Signatures(product, DAY, age, at("files")) for product, age in (signatures or {}).items())
    return MalwareDefence(SEEN, running, aged)


def packages(age: int, *, reboot: bool = False) -> PatchState:
    return PatchState(SEEN, DAY, age, at("status"), at("reboot-required") if reboot else None)


def settings(**values: str) -> KernelSettings:
    return KernelSettings(SEEN, tuple(KernelSetting(f"fs/{n}", v, at("proc")) for n, v in values.items()))


def exposed(*kinds: SecretKind) -> ExposedSecrets:
    return ExposedSecrets(SEEN, tuple(ExposedSecret(f"/home/a/{k}", k, at("find")) for k in kinds))


MALWARE = (
    ("yes", "fresh", (agents("A", signatures={"A": 0}),)),
    ("yes", "the last day allowed", (agents("A", signatures={"A": 30}),)),
    ("yes", "one of two", (agents("A", "B", signatures={"A": 400, "B": 1}),)),
    ("no", "a day too old", (agents("A", signatures={"A": 31}),)),
    ("unseen", "stale beside one whose age nobody knows", (agents("A", "B", signatures={"A": 400}),)),
    ("unseen", "age not known", (agents("A"),)),
    ("unseen", "fresh and nothing runs", (agents(signatures={"A": 0}),)),
    ("unseen", "stale and nothing runs", (agents(signatures={"A": 400}),)),
    ("unseen", "no product that is known", (agents(),)),
)
PATCHES = (
    ("yes", "today", (packages(0),)),
    ("yes", "the last day allowed", (packages(180, reboot=True),)),
    ("no", "a day too long", (packages(181),)),
)
DUMPS = (
    ("yes", "off", (settings(suid_dumpable="0"),)),
    ("yes", "readable by root only", (settings(suid_dumpable="2"),)),
    ("no", "like any other", (settings(suid_dumpable="1"),)),
    ("unseen", "a value of the future", (settings(suid_dumpable="3"),)),
    ("unseen", "not shown", (settings(other="0"),)),
)
SECRETS = (
    ("yes", "none", (exposed(),)),
    ("no", "a key", (exposed(SecretKind.KEY),)),
    ("no", "credentials", (exposed(SecretKind.PERHAPS, SecretKind.CREDENTIALS),)),
    ("unseen", "perhaps", (exposed(SecretKind.PERHAPS),)),
)

_ALL = {
    "malware.signatures-current": MALWARE,
    "patches.applied-lately": PATCHES,
    "kernel.privileged-dumps-off": DUMPS,
    "secrets.files-private": SECRETS,
}

CASES = (
    *(Case(check, name, answer, facts) for check, rows in _ALL.items() for answer, name, facts in rows),
    *(Case(check, "gap", "unseen") for check in _ALL),
)
