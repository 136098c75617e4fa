"""What rules ask of lockout and delay after failed logins."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.scenarios.password import Meets, at_least
from benchmarks.scenarios.rule import Predicate, Rule, Variables, number, seen
from scanner.facts import FactSheet, Lockout, PamStacks


def _setting(name: str, meets: Meets, variable: str, default: int, module: str = "pam_faillock") -> Predicate:
    """A setting of the module that really locks, written down."""

    def asks(sheet: FactSheet, given: Variables) -> bool | None:
        lockout = seen(sheet, Lockout)
        if lockout is None:
            return None
        value = lockout.settings.get(name)
        if lockout.module is None or lockout.module.value != module or value is None:
            return False
        return meets(value.value, number(given, variable, default))

    return asks


def _locks_within(have: int, asked: int) -> bool:
    """0 never locks."""
    return 0 < have <= asked


def _long_enough(have: int, asked: int) -> bool:
    """0 locks until an administrator unlocks."""
    return have == 0 or have >= asked


def _enforced(sheet: FactSheet, _: Variables) -> bool | None:
    lockout = seen(sheet, Lockout)
    if lockout is None:
        return None
    return lockout.module is not None and lockout.module.value == "pam_faillock"


def _counted(sheet: FactSheet, given: Variables) -> bool | None:
    lockout = seen(sheet, Lockout)
    if lockout is None:
        return None
    locks = lockout.module is not None and lockout.module.value == "pam_tally2"
    asked = number(given, "var_password_pam_tally2", 5)
    return locks and _locks_within(lockout.max_failures.value, asked)


def _delay(sheet: FactSheet, given: Variables) -> bool | None:
    stacks = seen(sheet, PamStacks)
    if stacks is None:
        return None
    texts = [m.argument("delay") or "" for m in stacks.of("pam_faildelay", "auth")]
    asked = number(given, "var_password_pam_delay", 4_000_000)
    return any(text.isdigit() and int(text) >= asked for text in texts)  # libpam waits for the longest


_PREFIX = "accounts_passwords_pam_faillock"

_ASKED: Mapping[str, Predicate] = {
    f"{_PREFIX}_enabled": _enforced,
    "account_password_pam_faillock_password_auth": _enforced,
    "account_password_pam_faillock_system_auth": _enforced,
    f"{_PREFIX}_deny": _setting("deny", _locks_within, f"var_{_PREFIX}_deny", 3),
    f"{_PREFIX}_deny_root": _setting("even_deny_root", at_least, "", 1),
    f"{_PREFIX}_interval": _setting("fail_interval", at_least, f"var_{_PREFIX}_fail_interval", 900),
    f"{_PREFIX}_unlock_time": _setting("unlock_time", _long_enough, f"var_{_PREFIX}_unlock_time", 900),
    f"{_PREFIX}_unlock_time_with_zero": _setting(
        "unlock_time", _long_enough, f"var_{_PREFIX}_unlock_time", 900
    ),
    f"{_PREFIX}_root_unlock_time": _setting(
        "root_unlock_time", _long_enough, f"var_{_PREFIX}_root_unlock_time", 60
    ),
    f"{_PREFIX}_audit": _setting("audit", at_least, "", 1),
    "account_passwords_pam_faillock_audit": _setting("audit", at_least, "", 1),
    f"{_PREFIX}_silent": _setting("silent", at_least, "", 1),
    "accounts_passwords_pam_faildelay_delay": _delay,
    "accounts_passwords_pam_tally2": _counted,
    "accounts_passwords_pam_tally2_deny_root": _setting("even_deny_root", at_least, "", 1, "pam_tally2"),
    "accounts_passwords_pam_tally2_unlock_time": _setting(
        "unlock_time", _long_enough, "var_accounts_passwords_pam_tally2_unlock_time", 900, "pam_tally2"
    ),
}


def _dispute(sheet: FactSheet, _: Variables) -> str:
    stacks = seen(sheet, PamStacks)
    lockout = seen(sheet, Lockout)
    if stacks is not None and lockout is not None and lockout.module is not None:
        again = [m for m in stacks.of("pam_unix", "auth") if m.service in lockout.service]
        if len(again) > len({m.service for m in again}):
            return f"a second pam_unix changes nothing: {lockout.module.at.excerpt} turns away who is locked"
    called = stacks is None or stacks.of("pam_faillock") or stacks.of("pam_tally2")
    return "" if called else "no service's stack calls pam_faillock: the value in its file locks nobody"


RULES: Mapping[str, Rule] = {name: Rule(asks, dispute=_dispute) for name, asks in _ASKED.items()}
