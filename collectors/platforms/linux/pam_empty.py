"""What PAM says to an account without a password that comes to the SSH server with an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Need, Reader
from collectors.platforms.linux.pam_stack import PAM_FILES, Returned, Rule, flat, runs, stack
from scanner.facts import EmptyPasswordLogin

if TYPE_CHECKING:
    from collectors.evidence import Evidence

SERVICE = "sshd"

_ALWAYS = frozenset(
    """
    pam_permit pam_env pam_faildelay pam_issue pam_group pam_cap pam_keyinit pam_limits pam_selinux
    pam_lastlog pam_motd pam_mail pam_umask pam_echo pam_warn pam_gnome_keyring pam_nologin
    """.split()
)
"""Modules that turn no account away; pam_nologin does so only while the host is closed for maintenance."""

_COUNTERS = frozenset("pam_faillock pam_tally pam_tally2".split())


def read_empty_password_login(evidence: Evidence) -> EmptyPasswordLogin:
    """Run the stacks of the SSH server for authentication and for the account.

    Raises:
        Unseen: a stack was not seen or not understood.
    """
    _, authentication = stack(evidence, SERVICE, "auth")
    document, account = stack(evidence, SERVICE, "account")
    asked = [run.succeeds for run in runs(authentication, _at_authentication)]
    allowed = [run.succeeds for run in runs(account, _at_account)]
    accepted: bool | None = None
    if all(asked) and all(allowed):
        accepted = True
    elif not any(asked) or not any(allowed):
        accepted = False
    deciding = tuple(rule.at for rule in flat(authentication) if rule.module == "pam_unix")
    return EmptyPasswordLogin((document.whole, *deciding), SERVICE, accepted)


def _at_authentication(rule: Rule) -> Returned | None:
    """Return what a module answers; None: it may answer anything."""
    if rule.module == "pam_unix":
        if rule.argument("nullok_secure") is not None:
            return None  # by the terminal, where it is known at all
        return Returned.AUTH_ERR if rule.argument("nullok") is None else Returned.SUCCESS
    if rule.module == "pam_faillock":
        return Returned.AUTH_ERR if "authfail" in rule.arguments else Returned.SUCCESS
    return _anywhere(rule)


def _at_account(rule: Rule) -> Returned | None:
    """Return what a module answers for an account in force: expiry is the account's own matter."""
    return Returned.SUCCESS if rule.module in {"pam_unix", "pam_faillock"} else _anywhere(rule)


def _anywhere(rule: Rule) -> Returned | None:
    if rule.module == "pam_deny":
        return Returned.AUTH_ERR
    return Returned.SUCCESS if rule.module in _ALWAYS | _COUNTERS else None


READERS = (Reader(EmptyPasswordLogin, (Need((PAM_FILES,)),), read_empty_password_login),)
