"""Cases of the topic instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts import (
    DefaultAccount,
    DefaultPassword,
    Encryption,
    PasswordHash,
    ServiceAudit,
    ServiceAuthentication,
    ServiceDefaultAccounts,
    ServiceEncryption,
    ServicePasswordHashes,
    ServiceUser,
)
from tests.checks.build import SEEN, Case

if TYPE_CHECKING:
    from scanner.facts import Fact


def _accounts(*passwords: DefaultPassword) -> ServiceDefaultAccounts:
    return ServiceDefaultAccounts(SEEN, tuple(DefaultAccount("tomcat", p, SEEN[0]) for p in passwords))


def _hashes(*schemes: str) -> ServicePasswordHashes:
    return ServicePasswordHashes(SEEN, tuple(PasswordHash("shop", scheme, SEEN[0]) for scheme in schemes))


_AUTHENTICATION = (
    ("yes", "password", ServiceAuthentication(SEEN, required=True, setting="requirepass")),
    ("no", "none", ServiceAuthentication(SEEN, required=False, setting="requirepass")),
    ("unseen", "accounts unknown", ServiceAuthentication(SEEN, required=None, setting="accounts")),
)
_ENCRYPTION = (
    ("yes", "TLS only", ServiceEncryption(SEEN, Encryption.ENFORCED, "port")),
    ("no", "TLS or not", ServiceEncryption(SEEN, Encryption.OFFERED, "port")),
    ("no", "no TLS", ServiceEncryption(SEEN, Encryption.NONE, "port")),
    ("n/a", "loopback only", ServiceEncryption(SEEN, Encryption.LOCAL, "port")),
    ("unseen", "reach unknown", ServiceEncryption(SEEN, None, "port")),
)
_AUDIT = (
    ("yes", "statements", ServiceAudit(SEEN, on=True, setting="log_statement")),
    ("no", "nothing", ServiceAudit(SEEN, on=False, setting="log_statement")),
    ("unseen", "plugin unknown", ServiceAudit(SEEN, on=None, setting="plugin")),
)
_SUPERUSER = (
    ("yes", "own account", ServiceUser(SEEN, "redis", "redis", superuser=False)),
    ("no", "root", ServiceUser(SEEN, "redis", "root", superuser=True)),
    ("unseen", "root of a container", ServiceUser(SEEN, "redis", "root", superuser=None)),
)
_DEFAULT_PASSWORDS = (
    ("yes", "no such account", ServiceDefaultAccounts(SEEN, ())),
    ("yes", "changed", _accounts(DefaultPassword.CHANGED)),
    (
        "no",
        "one is as delivered",
        _accounts(DefaultPassword.CHANGED, DefaultPassword.WEAK, DefaultPassword.KEPT),
    ),
    ("unseen", "simple", _accounts(DefaultPassword.CHANGED, DefaultPassword.WEAK)),
)
_PASSWORD_HASHES = (
    ("yes", "strong", _hashes("scram-sha-256")),
    ("no", "one is weak", _hashes("scram-sha-256", "md5", "unknown")),
    ("unseen", "unknown", _hashes("scram-sha-256", "unknown")),
    ("n/a", "no password", _hashes()),
)


def _cases(check: str, told: tuple[tuple[str, str, Fact], ...]) -> tuple[Case, ...]:
    return tuple(Case(check, name, answer, (fact,)) for answer, name, fact in told)


CASES = (
    *_cases("instance.authentication-required", _AUTHENTICATION),
    *_cases("instance.transport-encrypted", _ENCRYPTION),
    *_cases("instance.audit-on", _AUDIT),
    *_cases("instance.not-superuser", _SUPERUSER),
    *_cases("instance.password-hashes-strong", _PASSWORD_HASHES),
    *_cases("instance.default-passwords-changed", _DEFAULT_PASSWORDS),
)
