"""How many proofs an SSH login takes: methods that follow each other, and what PAM asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Need, Reader
from collectors.platforms.linux.pam_stack import PAM_FILES, Returned, Rule, flat, runs, stack
from collectors.platforms.linux.sshd import SSHD_EFFECTIVE, read_ssh_server
from collectors.platforms.linux.sshd_files import SSHD_FILES
from scanner.facts import LoginFactors, LoginWay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.evidence import Evidence
    from scanner.facts import SshServer
    from scanner.model import Citation

SECOND = frozenset(
    """
    pam_google_authenticator pam_oath pam_duo pam_radius_auth pam_radius pam_u2f pam_yubico pam_pkcs11
    pam_p11 pam_otpw pam_securid pam_rsa pam_fprintd pam_privacyidea pam_2fa pam_ssh_agent_auth
    """.split()
)
"""Modules that ask for a proof beside the password."""

_PASSWORD = frozenset("pam_unix pam_sss pam_ldap pam_krb5 pam_winbind".split())

_ALWAYS = frozenset(
    """
    pam_permit pam_env pam_faildelay pam_faillock pam_tally pam_tally2 pam_nologin pam_sepermit pam_cap
    pam_localuser pam_usertype pam_limits pam_group pam_lastlog pam_mail pam_motd pam_securetty pam_shells
    pam_gnome_keyring pam_umask pam_access pam_time
    """.split()
)
_BY_PAM = frozenset({"password", "keyboard-interactive"})
_PASSWORDS = "password"
"""The kind of both: the same password answers either. Nor are two keys two kinds of proof."""


def read_login_factors(evidence: Evidence) -> LoginFactors:
    """Read every way in that the SSH server offers, and how many proofs it takes.

    Raises:
        Unseen: the server's settings or the stack that it asks were not seen or not understood.
    """
    server = read_ssh_server(evidence)
    ways = tuple(dict.fromkeys(_ways(evidence, server)))
    return LoginFactors(server.seen, ways)


def _ways(evidence: Evidence, server: SshServer) -> Iterator[LoginWay]:
    pam = "usepam" in server.settings and server.settings["usepam"].value == "yes"
    asked, at = _asked_by_pam(evidence) if pam else (1, server.seen[0])
    for methods, written in _methods(server):
        kinds = {_PASSWORDS if method in _BY_PAM else method for method in methods}
        proofs = sum(asked if kind == _PASSWORDS else 1 for kind in kinds)
        unknown = _PASSWORDS in kinds and asked < 0
        yield LoginWay(", ".join(methods), None if unknown else proofs, written or at)


def _methods(server: SshServer) -> Iterator[tuple[tuple[str, ...], Citation | None]]:
    """Lists of methods, each of which lets somebody in, of the whole server and of its Match blocks."""
    name = "authenticationmethods"
    lists = [server.settings.get(name), *(o.settings[name] for o in server.overrides if name in o.settings)]
    written = [v for v in lists if v is not None and v.value.strip() not in {"", "any"}]
    for value in written:
        for way in value.value.split():
            yield tuple(method.partition(":")[0] for method in way.split(",")), value.at
    if len(written) == len(lists):
        return
    for method, keyword in (
        ("publickey", "pubkeyauthentication"),
        ("password", "passwordauthentication"),
        ("keyboard-interactive", "kbdinteractiveauthentication"),
        ("hostbased", "hostbasedauthentication"),
        ("gssapi-with-mic", "gssapiauthentication"),
    ):
        values = server.everywhere(keyword) if keyword in server.settings else ()
        allowed = next((value for value in values if value.value == "yes"), None)
        if allowed is not None:
            yield (method,), allowed.at


def _asked_by_pam(evidence: Evidence) -> tuple[int, Citation]:
    """How many proofs the stack takes: 1 or 2; -1 where that is not known."""
    document, rules = stack(evidence, "sshd", "auth")
    seconds = [rule for rule in flat(rules) if rule.module in SECOND]
    if not seconds:
        return 1, document.whole
    by_password = [run.succeeds for run in runs(rules, lambda rule: _answer(rule, password=True))]
    by_second = [run.succeeds for run in runs(rules, lambda rule: _answer(rule, password=False))]
    at = seconds[0].at
    if not any(by_password) and not any(by_second):
        return 2, at
    return (1, at) if all(by_password) or all(by_second) else (-1, at)


def _answer(rule: Rule, *, password: bool) -> Returned | None:
    """What modules answer to somebody who has the password alone, or all else but the password."""
    if rule.module in SECOND:
        # With nullok whoever has no token comes in without one.
        return Returned.AUTH_ERR if password and "nullok" not in rule.arguments else Returned.SUCCESS
    if rule.module in _PASSWORD:
        return Returned.SUCCESS if password else Returned.AUTH_ERR
    if rule.module == "pam_deny" or "authfail" in rule.arguments:
        return Returned.AUTH_ERR
    return Returned.SUCCESS if rule.module in _ALWAYS else None


READERS = (
    Reader(
        LoginFactors, (Need((SSHD_FILES,)), Need((PAM_FILES,))), read_login_factors, also=(SSHD_EFFECTIVE,)
    ),
)
