"""Cases of updates: what waits, since when, and whether a release still gets any."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scanner.facts import HostIdentity, JudgedAt, PendingUpdate, SecurityUpdates
from tests.checks.build import DAY, SEEN, Case, at, identity


def waiting(*packages: str, age: int = 0) -> SecurityUpdates:
    pending = tuple(PendingUpdate(name, "1.0-1", "1.0-1+deb12u1", at("lists")) for name in packages)
    return SecurityUpdates(SEEN, pending, 200, DAY, age, at("lists"))


def unclassed(age: int = 0) -> SecurityUpdates:
    pending = (PendingUpdate("busybox", "1.37.0-r18", "1.37.0-r19", at("lists"), security=False),)
    return SecurityUpdates(SEEN, pending, 200, DAY, age, at("lists"))


def issued(days: int) -> SecurityUpdates:
    day = (DAY - timedelta(days=days)).date()
    return SecurityUpdates(
        SEEN, (PendingUpdate("glibc", "2-1", "2-2", at("lists"), issued=day),), 2, DAY, 0, at("lists")
    )


def release(system: str, version: str, pack: str = "") -> HostIdentity:
    return replace(identity(), system=f"{system} {version}{pack}", system_id=system, version=version)


def on(year: int, month: int, day: int) -> JudgedAt:
    return JudgedAt(SEEN, datetime(year, month, day, tzinfo=UTC))


INSTALLED = (
    ("yes", "none waits", (waiting(),)),
    ("yes", "lists of the last day that is believed", (waiting(age=14),)),
    ("no", "one waits", (waiting("openssl"),)),
    ("no", "one waits by old lists too", (waiting("openssl", age=400),)),
    ("unseen", "none waits by old lists", (waiting(age=15),)),
    ("unseen", "what waits may be no security update", (unclassed(),)),
)
PROMPT = (
    ("yes", "none waits", (waiting(),)),
    ("no", "waiting since the lists were written", (waiting("openssl", age=91),)),
    ("unseen", "waiting, but the lists are young enough", (waiting("openssl", age=90),)),
    ("unseen", "none waits by old lists", (waiting(age=91),)),
    ("no", "its advisory is old, the lists are not", (issued(91),)),
    ("unseen", "its advisory is young", (issued(90),)),
    ("unseen", "what waits may be no security update", (unclassed(age=91),)),
)
SUPPORTED = (
    ("yes", "long-term support", (release("debian", "12"), on(2026, 11, 22))),
    ("yes", "the last day for everybody", (release("alpine", "3.21.3"), on(2026, 11, 1))),
    ("no", "nobody sells any more", (release("alpine", "3.21.3"), on(2026, 11, 2))),
    ("no", "the end of what was sold", (release("debian", "8"), on(2025, 7, 1))),
    ("unseen", "with a contract only", (release("centos", "7"), on(2026, 1, 1))),
    ("unseen", "another version that begins alike", (release("alpine", "3.2"), on(2026, 1, 1))),
    ("yes", "a major release goes on behind its dot", (release("rocky", "9.4"), on(2026, 11, 22))),
    ("yes", "a service pack", (release("openEuler", "24.03", " (LTS-SP3)"), on(2026, 11, 22))),
    ("no", "a service pack that ended", (release("openEuler", "24.03", " (LTS-SP2)"), on(2026, 11, 22))),
    ("no", "a base release that ended", (release("openEuler", "24.03", " LTS"), on(2026, 11, 22))),
    (
        "unseen",
        "a service pack that is not in the table",
        (release("openEuler", "24.03", " (LTS-SP9)"), on(2026, 11, 22)),
    ),
    ("unseen", "extended support", (release("sles", "15.4"), on(2026, 11, 22))),
    ("unseen", "a later pack of a release that is", (release("sles", "15.7"), on(2026, 11, 22))),
    ("no", "the vendor's extended support too", (release("alinux", "2.1903"), on(2026, 11, 22))),
    ("unseen", "not in the table", (release("kylin", "V10"), on(2026, 1, 1))),
    ("unseen", "the table is too old", (release("debian", "13"), on(2027, 7, 2))),
    ("no", "and yet what ended has ended", (release("debian", "7"), on(2040, 1, 1))),
)

_ALL = {
    "patches.security-installed": INSTALLED,
    "patches.security-prompt": PROMPT,
    "patches.system-supported": SUPPORTED,
}

CASES = (
    *(Case(check, name, answer, facts) for check, rows in _ALL.items() for answer, name, facts in rows),
    *(Case(check, "gap", "unseen") for check in _ALL),
)
