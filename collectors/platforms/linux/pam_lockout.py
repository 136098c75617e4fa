"""Lockout after failed logins, as the authentication stacks of the host's entrances really apply it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.pam_stack import PAM_FILES, Returned, Rule, flat, has_service, runs, stack
from collectors.platforms.linux.sshd import SSHD_EFFECTIVE, read_ssh_server
from collectors.platforms.linux.sshd_files import CONFIG, SSHD_FILES, VENDOR_CONFIG
from scanner.facts import Lockout, Origin, Value
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.pam_stack import Stack
    from scanner.model import Citation

FAILLOCK_CONF = "/etc/security/faillock.conf"

FAILLOCK_FILES = Step(
    "faillock-files",
    Files((FAILLOCK_CONF,)),
    Text(zh="pam_faillock 的参数", en="settings of pam_faillock"),
)

MODULES = ("pam_faillock", "pam_tally2", "pam_tally")

_FAILLOCK_FLAGS = frozenset("audit silent no_log_info local_users_only nodelay even_deny_root".split())
_NUMBERS = frozenset("deny unlock_time fail_interval root_unlock_time".split())
_FAILLOCK_VALUES = _NUMBERS | frozenset("admin_group dir conf".split())
_SETTING = re.compile(r"([^\s=]*)(\s*=\s*|\s+|)(.*)")
"""One line of faillock.conf: the module takes a space for the equals sign."""

# What modules answer to a local user's login, whatever the password. None: nobody knows.
_SILENT = frozenset(
    """
    pam_env pam_faildelay pam_nologin pam_securetty pam_issue pam_group pam_cap pam_gnome_keyring
    pam_kwallet pam_kwallet5 pam_keyinit pam_limits pam_sepermit pam_selinux pam_selinux_permit pam_lastlog
    pam_motd pam_mail pam_shells pam_ecryptfs pam_mount pam_time pam_access pam_umask pam_echo pam_warn
    """.split()
)
_REMOTE = frozenset(
    "pam_sss pam_ldap pam_krb5 pam_winbind pam_systemd_home pam_fprintd pam_pkcs11 pam_u2f".split()
)
"""Sources of other users, or of proofs that a password attacker does not have."""


@dataclass(frozen=True, slots=True)
class _Entrance:
    """One way in, judged: ``enforcing`` is the module line that locks, None when none does."""

    service: str
    module: Value[str] | None
    deny: Value[int]
    unlock: Value[int]
    seen: tuple[Citation, ...]
    settings: Mapping[str, Value[int]]  # that are written down


def read_lockout(evidence: Evidence) -> Lockout:
    """Read the weakest lockout of the entrances: sshd (unless it asks no PAM) and login.

    Each value is the weakest of all entrances and cites its own line; ``service`` names the entrance
    that has no lockout, else all that were looked at.

    Raises:
        Unseen: a stack, the module's settings, or whether sshd uses PAM were not seen or understood.
    """
    entrances = [*_sshd(evidence), *_login(evidence)]
    if not entrances:
        raise Unseen(Gap(GapReason.EMPTY, PAM_FILES.id, detail="no entrance uses a PAM stack"))
    seen = tuple(dict.fromkeys(citation for entrance in entrances for citation in entrance.seen))
    open_one = next((e for e in entrances if e.module is None), None)
    if open_one is not None:
        return Lockout(seen, open_one.service, None, open_one.deny, open_one.unlock, open_one.settings)
    return Lockout(
        seen,
        ", ".join(e.service for e in entrances),
        entrances[0].module,
        max((e.deny for e in entrances), key=lambda value: value.value or 10**9),
        min((e.unlock for e in entrances), key=lambda value: value.value or 10**9),
        _in_all(entrances),
    )


def _in_all(entrances: Sequence[_Entrance]) -> dict[str, Value[int]]:
    """Settings that stand at every entrance, with the value of the first."""
    first, *others = entrances
    return {name: value for name, value in first.settings.items() if all(name in e.settings for e in others)}


def _sshd(evidence: Evidence) -> Iterator[_Entrance]:
    """The SSH server's entrance; none where there is certainly no SSH server."""
    if all(evidence.file(SSHD_FILES, path) is None for path in (CONFIG, VENDOR_CONFIG)):
        return
    use_pam = read_ssh_server(evidence).settings.get("usepam")
    if use_pam is not None and use_pam.value == "yes":
        yield _entrance(evidence, "sshd", *stack(evidence, "sshd", "auth"))
        return
    # No such keyword: the server was built without PAM.
    at = read_ssh_server(evidence).seen[0] if use_pam is None else use_pam.at
    nothing = Value(0, Origin.DEFAULT, at)
    yield _Entrance("sshd", None, nothing, nothing, (at,), {})


def _login(evidence: Evidence) -> Iterator[_Entrance]:
    """The console's entrance; none where it has no file of its own and the fallback lets nobody in."""
    document, rules = stack(evidence, "login", "auth")
    if _opens(rules) or has_service(evidence, "login"):
        yield _entrance(evidence, "login", document, rules)


def _opens(rules: Stack) -> bool:
    return any(run.succeeds for run in runs(rules, _answers(password=True, locked_by=None)))


def _entrance(evidence: Evidence, service: str, document: Document, rules: Stack) -> _Entrance:
    if not _opens(rules):
        detail = f"by what is known of its modules, {service} lets nobody in"
        raise Unseen(Gap(GapReason.UNPARSABLE, PAM_FILES.id, f"/etc/pam.d/{service}", detail))
    locks = [rule for rule in flat(rules) if rule.module in MODULES]
    if not locks:
        nothing = Value(0, Origin.DEFAULT, document.whole)
        return _Entrance(service, None, nothing, nothing, (document.whole,), {})
    settings = _settings(evidence, locks)
    for rule in locks:
        if _enforces(rules, rule, settings):
            deny, unlock = settings[id(rule)]
            module = Value(rule.module, Origin.EXPLICIT, rule.at)
            told = _told(evidence, rule)
            return _Entrance(service, module, deny, unlock, (document.whole, rule.at), told)
    # Half of it is there: counted but never refused, or refused but never counted.
    deny, unlock = settings[id(locks[0])]
    return _Entrance(service, None, deny, unlock, (document.whole, *(rule.at for rule in locks)), {})


def _enforces(rules: Stack, lock: Rule, settings: Mapping[int, tuple[Value[int], Value[int]]]) -> bool:
    """Whether this line alone locks: it turns a locked user away, and enough failures get counted.

    A line that counts stops counting once its own limit is reached, so its limit must not lie below.
    """
    limit = settings[id(lock)][0].value
    if limit == 0:
        return False
    turned_away = not any(run.succeeds for run in runs(rules, _answers(password=True, locked_by=lock)))
    counters = [
        rule
        for rule in flat(rules)
        if _counts(rule) and rule.module == lock.module and not 0 < settings[id(rule)][0].value < limit
    ]
    failed = [run for run in runs(rules, _answers(password=False, locked_by=None)) if not run.succeeds]
    counted = all(any(rule is counter for rule in run.called for counter in counters) for run in failed)
    return turned_away and counted and bool(failed)


def _counts(rule: Rule) -> bool:
    return rule.module != "pam_faillock" or "authfail" in rule.arguments


def _answers(*, password: bool, locked_by: Rule | None) -> Callable[[Rule], Returned | None]:
    """What modules return to a local user with the right or a wrong password."""

    def answer(rule: Rule) -> Returned | None:
        if rule is locked_by:
            return Returned.AUTH_ERR
        if rule.module == "pam_faillock":
            return Returned.IGNORE if "authfail" in rule.arguments else Returned.SUCCESS
        if rule.module in {"pam_tally2", "pam_tally", "pam_permit"}:
            return Returned.SUCCESS
        if rule.module == "pam_deny":
            return Returned.AUTH_ERR
        if rule.module == "pam_unix":
            return Returned.SUCCESS if password else Returned.AUTH_ERR
        if rule.module in _SILENT:
            return Returned.SUCCESS
        return Returned.USER_UNKNOWN if rule.module in _REMOTE else None

    return answer


def _settings(evidence: Evidence, locks: list[Rule]) -> dict[int, tuple[Value[int], Value[int]]]:
    """``deny`` and ``unlock_time`` of each line: its arguments, else faillock.conf, else the defaults."""
    conf = _faillock_conf(evidence) if any(rule.module == "pam_faillock" for rule in locks) else {}
    settings: dict[int, tuple[Value[int], Value[int]]] = {}
    for rule in locks:
        if rule.module == "pam_faillock":
            if rule.argument("conf") is not None:
                raise Unseen(_odd(rule, "its settings stand in another file"))
            deny, unlock = (
                _argument(rule, name) or conf.get(name) or Value(default, Origin.DEFAULT, rule.at)
                for name, default in (("deny", 3), ("unlock_time", 600))
            )
        else:  # without a limit the counters only count; without a time they lock for good
            deny, unlock = (
                _argument(rule, name) or Value(0, Origin.DEFAULT, rule.at) for name in ("deny", "unlock_time")
            )
        settings[id(rule)] = (deny, unlock)
    return settings


def _told(evidence: Evidence, rule: Rule) -> dict[str, Value[int]]:
    """All settings in force for a line that are written down."""
    told = _faillock_conf(evidence) if rule.module == "pam_faillock" else {}
    for name in sorted(_NUMBERS):
        value = _argument(rule, name)
        if value is not None:
            told[name] = value
    for name in sorted(_FAILLOCK_FLAGS):
        if name in rule.arguments:
            told[name] = Value(1, Origin.EXPLICIT, rule.at)
    return told


def _argument(rule: Rule, name: str) -> Value[int] | None:
    text = rule.argument(name)
    if text is None:
        return None
    return Value(_number(text, lambda: _odd(rule, f"{name} is no number")), Origin.EXPLICIT, rule.at)


def _number(text: str, gap: Callable[[], Gap]) -> int:
    if text == "never":
        return 0
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Unseen(gap())
    return int(text)


def _odd(rule: Rule, why: str) -> Gap:
    return Gap(GapReason.UNPARSABLE, PAM_FILES.id, detail=f"line {rule.at.line}: {why}: {rule.at.excerpt}")


def _faillock_conf(evidence: Evidence) -> dict[str, Value[int]]:
    document = evidence.file(FAILLOCK_FILES, FAILLOCK_CONF)
    return {} if document is None else dict(_faillock_lines(document))


def _faillock_lines(document: Document) -> Iterator[tuple[str, Value[int]]]:
    for number, line in enumerate(document.lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        match = _SETTING.fullmatch(text)
        name, sign, value = match.groups() if match else ("", "", "")
        if name in _FAILLOCK_FLAGS and not value:
            yield name, Value(1, Origin.EXPLICIT, document.cite(number))
            continue
        if name not in _FAILLOCK_VALUES or not sign:
            raise unparsable(FAILLOCK_FILES, document, number, "unknown setting")
        if name in _NUMBERS:
            if value != "never" and not re.fullmatch(r"[0-9]{1,9}", value):
                raise unparsable(FAILLOCK_FILES, document, number, "not a number")
            yield name, Value(0 if value == "never" else int(value), Origin.EXPLICIT, document.cite(number))


STEPS = (PAM_FILES, FAILLOCK_FILES)

READERS = (
    Reader(
        Lockout,
        (Need((PAM_FILES,)), Need((FAILLOCK_FILES,)), Need((SSHD_FILES,))),
        read_lockout,
        also=(SSHD_EFFECTIVE,),
    ),
)
