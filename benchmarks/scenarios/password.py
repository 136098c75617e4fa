"""What rules ask of passwords: quality, age, old ones, how they are stored, which accounts have any."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from benchmarks.scenarios.rule import AT, Dispute, Predicate, Rule, Variables, number, seen
from scanner.facts import (
    Account,
    Accounts,
    FactSheet,
    Groups,
    NewAccounts,
    PamModule,
    PamStacks,
    PasswordHistory,
    PasswordPolicy,
    PasswordState,
    SwitchUser,
    Value,
)
from scanner.model import Gap

Meets = Callable[[int, int], bool]
"""Whether a value meets the rule's."""


def at_least(have: int, asked: int) -> bool:
    """Not below."""
    return have >= asked


def at_most(have: int, asked: int) -> bool:
    """Not above."""
    return have <= asked


def equal(have: int, asked: int) -> bool:
    """The same."""
    return have == asked


# --- quality ---------------------------------------------------------------------------------------


def _quality(name: str, meets: Meets, variable: str, default: int) -> Predicate:
    """A setting of the quality module in force, written down."""

    def asks(sheet: FactSheet, given: Variables) -> bool | None:
        policy = seen(sheet, PasswordPolicy)
        if policy is None:
            return None
        value = policy.settings.get(name)
        if value is None:
            return False
        asked = number(given, variable, default)
        return all(meets(v.value, asked) for v in (value, *policy.shadowed.get(name, ())))

    return asks


_QUALITY: Mapping[str, tuple[str, Meets, int]] = {
    "dcredit": ("dcredit", at_most, -1),
    "lcredit": ("lcredit", at_most, -1),
    "ocredit": ("ocredit", at_most, -1),
    "ucredit": ("ucredit", at_most, -1),
    "dictcheck": ("dictcheck", equal, 1),
    "difok": ("difok", at_least, 8),
    "enforcing": ("enforcing", equal, 1),
    "maxclassrepeat": ("maxclassrepeat", at_most, 4),
    "maxrepeat": ("maxrepeat", at_most, 3),
    "maxsequence": ("maxsequence", at_most, 3),
    "minclass": ("minclass", at_least, 3),
    "minlen": ("minlen", at_least, 15),
    "retry": ("retry", at_most, 3),
}


def _quality_module(sheet: FactSheet, _: Variables) -> bool | None:
    policy = seen(sheet, PasswordPolicy)
    if policy is None:
        return None
    return policy.module is not None and policy.module.value == "pam_pwquality"


# --- old passwords ---------------------------------------------------------------------------------


def _history(meets: Callable[[PasswordHistory, Variables], bool], module: str) -> Predicate:
    def asks(sheet: FactSheet, given: Variables) -> bool | None:
        stacks, history = seen(sheet, PamStacks), seen(sheet, PasswordHistory)
        if stacks is not None and not stacks.of(module, "password"):
            return False
        if history is None:
            return None
        return history.module is not None and history.module.value == module and meets(history, given)

    return asks


def _remembers(variable: str) -> Callable[[PasswordHistory, Variables], bool]:
    return lambda history, given: history.remembered.value >= number(given, variable, 5)


def _lines(module: str, kind: str, meets: Callable[[tuple[PamModule, ...], Variables], bool]) -> Predicate:
    def asks(sheet: FactSheet, given: Variables) -> bool | None:
        stacks = seen(sheet, PamStacks)
        return None if stacks is None else meets(stacks.of(module, kind), given)

    return asks


def _takes_over(module: str) -> Predicate:
    """Each line of the module but a stack's first takes the password that an earlier module asked for."""

    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        stacks = seen(sheet, PamStacks)
        if stacks is None:
            return None
        asking = [m for m in stacks.modules if m.kind == "password" and m.service == "passwd"]
        lines = [(place, m) for place, m in enumerate(asking) if m.module == module]
        return bool(lines) and all(not place or "use_authtok" in m.arguments for place, m in lines)

    return asks


def _remembers_by_unix(lines: tuple[PamModule, ...], given: Variables) -> bool:
    texts = [m.argument("remember") or "" for m in lines]
    asked = number(given, "var_password_pam_unix_remember", 5)
    return any(re.fullmatch(r"[0-9]+", text) and int(text) >= asked for text in texts)


def _rounds(lines: tuple[PamModule, ...], given: Variables) -> bool:
    texts = [m.argument("rounds") or "" for m in lines]
    asked = number(given, "var_password_pam_unix_rounds", 5000)
    return any(re.fullmatch(r"[0-9]+", text) and int(text) >= asked for text in texts)


def _hashes(default: str) -> Callable[[tuple[PamModule, ...], Variables], bool]:
    def meets(lines: tuple[PamModule, ...], given: Variables) -> bool:
        asked = given.get("var_password_hashing_algorithm_pam", default).lower().split("|")
        return any(name in m.arguments for m in lines for name in asked)

    return meets


def _no_empty(sheet: FactSheet, _: Variables) -> bool | None:
    stacks = seen(sheet, PamStacks)
    if stacks is None:
        return None
    return not any("nullok" in m.arguments for m in stacks.modules)


# --- login.defs ------------------------------------------------------------------------------------


def _new(name: str, meets: Callable[[str, Variables], bool], *, absent: bool = False) -> Predicate:
    """A line of login.defs; ``absent``: what is answered where there is none."""

    def asks(sheet: FactSheet, given: Variables) -> bool | None:
        new = seen(sheet, NewAccounts)
        if new is None:
            return None
        value: Value[str] | None = new.settings.get(name)
        return absent if value is None else meets(value.value, given)

    return asks


def _number_of(
    meets: Meets, variable: str, default: int, least: int = -1
) -> Callable[[str, Variables], bool]:
    def holds(text: str, given: Variables) -> bool:
        if not re.fullmatch(r"-?[0-9]+", text):
            return False
        return int(text) >= least and meets(int(text), number(given, variable, default))

    return holds


def _mask(text: str, given: Variables) -> bool:
    """Every bit that the rule takes away is taken away."""
    asked = int(given.get("var_accounts_user_umask", "027"), 8)
    return re.fullmatch(r"[0-7]{1,4}", text) is not None and int(text, 8) & asked == asked


def _method(text: str, given: Variables) -> bool:
    return text in given.get("var_password_hashing_algorithm", "SHA512|YESCRYPT").split("|")


def _all_of(*asked: Predicate) -> Predicate:
    def asks(sheet: FactSheet, given: Variables) -> bool | None:
        answers = [one(sheet, given) for one in asked]
        return False if False in answers else None if None in answers else True

    return asks


# --- accounts --------------------------------------------------------------------------------------


def _each(wanted: Callable[[Account], bool], meets: Callable[[Account, Variables], bool]) -> Predicate:
    """Every account of a kind is as asked."""

    def asks(sheet: FactSheet, given: Variables) -> bool | None:
        accounts = seen(sheet, Accounts)
        return None if accounts is None else all(meets(a, given) for a in accounts.accounts if wanted(a))

    return asks


def _any(_: Account) -> bool:
    return True


def _hashed(account: Account) -> bool:
    return account.password is PasswordState.HASHED


def _root(account: Account) -> bool:
    return account.name == "root"


def _limited(age: int | None, variable: str, default: int, given: Variables) -> bool:
    return age is not None and 0 < age <= number(given, variable, default)


def _all_sha512(sheet: FactSheet, _: Variables) -> bool | None:
    """Every stored hash, also one that no account has, is of that scheme or a stronger one."""
    accounts = seen(sheet, Accounts)
    if accounts is None:
        return None
    schemes = {a.scheme for a in accounts.accounts} | {stray.scheme for stray in accounts.strays}
    return schemes <= {"", "sha512crypt", "yescrypt"}


def _system_accounts(sheet: FactSheet, _: Variables) -> bool | None:
    """Accounts below the first person's number have no login shell."""
    accounts, new = seen(sheet, Accounts), seen(sheet, NewAccounts)
    if accounts is None or new is None:
        return None
    first = new.settings.get("UID_MIN")
    limit = int(first.value) if first is not None and first.value.isdigit() else 1000
    return not any(a.can_log_in for a in accounts.accounts if 0 < a.uid < limit and a.name != "root")


def _groups_known(sheet: FactSheet, _: Variables) -> bool | None:
    accounts, groups = seen(sheet, Accounts), seen(sheet, Groups)
    if accounts is None or groups is None:
        return None
    return {a.gid for a in accounts.accounts} <= {group.gid for group in groups.groups}


def _unique(of: Callable[[Account], object]) -> Predicate:
    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        accounts = seen(sheet, Accounts)
        if accounts is None:
            return None
        values = [of(account) for account in accounts.accounts]
        return len(set(values)) == len(values)

    return asks


def _unique_groups(sheet: FactSheet, _: Variables) -> bool | None:
    groups = seen(sheet, Groups)
    return None if groups is None else len({g.gid for g in groups.groups}) == len(groups.groups)


def _unique_group_names(sheet: FactSheet, _: Variables) -> bool | None:
    groups = seen(sheet, Groups)
    return None if groups is None else len({g.name for g in groups.groups}) == len(groups.groups)


def _group_empty(sheet: FactSheet, given: Variables) -> bool | None:
    groups = seen(sheet, Groups)
    if groups is None:
        return None
    name = given.get("var_pam_wheel_group_for_su", "sugroup")
    return any(group.name == name and not group.members for group in groups.groups)


def _wheel(sheet: FactSheet, given: Variables) -> bool | None:
    switch = seen(sheet, SwitchUser)
    stacks = seen(sheet, PamStacks)
    if switch is None or stacks is None:
        return None
    lines = [m for m in stacks.of("pam_wheel", "auth") if m.service == "su"]
    by_uid = any("use_uid" in m.arguments for m in lines)
    asked = given.get("var_pam_wheel_group_for_su")
    return switch.restricted and by_uid and asked in {None, switch.group and switch.group.value}


_ASKED: Mapping[str, Predicate] = {
    **{
        f"accounts_password_pam_{name}": _quality(setting, meets, f"var_password_pam_{name}", default)
        for name, (setting, meets, default) in _QUALITY.items()
    },
    "accounts_password_pam_pwquality_retry": _quality("retry", at_most, "var_password_pam_retry", 3),
    "accounts_password_pam_enforce_root": _quality("enforce_for_root", equal, "", 1),
    "accounts_password_pam_pwquality_enabled": _quality_module,
    "accounts_password_pam_pwhistory_enabled": _history(lambda *_: True, "pam_pwhistory"),
    "accounts_password_pam_pwhistory_enforce_for_root": _history(lambda h, _: h.binds_root, "pam_pwhistory"),
    "accounts_password_pam_pwhistory_enforce_root": _history(lambda h, _: h.binds_root, "pam_pwhistory"),
    "accounts_password_pam_pwhistory_use_authtok": _takes_over("pam_pwhistory"),
    **{
        f"accounts_password_pam_pwhistory_remember{where}": _history(
            _remembers("var_password_pam_remember"), "pam_pwhistory"
        )
        for where in ("", "_password_auth", "_system_auth")
    },
    "accounts_password_pam_unix_enabled": _lines("pam_unix", "password", lambda lines, _: bool(lines)),
    "accounts_password_pam_unix_authtok": _takes_over("pam_unix"),
    "accounts_password_pam_unix_remember": _lines("pam_unix", "password", _remembers_by_unix),
    "accounts_password_pam_unix_no_remember": _lines(
        "pam_unix", "password", lambda lines, _: not any(m.argument("remember") is not None for m in lines)
    ),
    "accounts_password_pam_unix_rounds_password_auth": _lines("pam_unix", "password", _rounds),
    "accounts_password_pam_unix_rounds_system_auth": _lines("pam_unix", "password", _rounds),
    "set_password_hashing_algorithm_auth_stig": _lines("pam_unix", "password", _hashes("sha512")),
    "set_password_hashing_algorithm_systemauth": _lines("pam_unix", "password", _hashes("sha512|yescrypt")),
    "set_password_hashing_algorithm_passwordauth": _lines("pam_unix", "password", _hashes("sha512|yescrypt")),
    "no_empty_passwords": _no_empty,
    "no_empty_passwords_unix": _no_empty,
    "no_empty_passwords_etc_shadow": _each(_any, lambda a, _: a.password is not PasswordState.EMPTY),
    "accounts_maximum_age_login_defs": _new(
        "PASS_MAX_DAYS", _number_of(at_most, "var_accounts_maximum_age_login_defs", 60, 1)
    ),
    "accounts_minimum_age_login_defs": _new(
        "PASS_MIN_DAYS", _number_of(at_least, "var_accounts_minimum_age_login_defs", 7)
    ),
    "accounts_password_warn_age_login_defs": _new(
        "PASS_WARN_AGE", _number_of(at_least, "var_accounts_password_warn_age_login_defs", 7)
    ),
    "accounts_password_minlen_login_defs": _new(
        "PASS_MIN_LEN", _number_of(at_least, "var_accounts_password_minlen_login_defs", 15)
    ),
    "accounts_logon_fail_delay": _new("FAIL_DELAY", _number_of(at_least, "var_accounts_fail_delay", 4)),
    "accounts_umask_etc_login_defs": _new("UMASK", _mask),
    "set_password_hashing_algorithm_logindefs": _new("ENCRYPT_METHOD", _method),
    "set_password_hashing_min_rounds_logindefs": _all_of(
        *(
            _new(name, _number_of(at_least, "var_password_hashing_min_rounds_login_defs", 5000), absent=True)
            for name in ("SHA_CRYPT_MIN_ROUNDS", "SHA_CRYPT_MAX_ROUNDS")
        )
    ),
    "set_password_hashing_yescrypt_cost_factor_logindefs": _new(
        "YESCRYPT_COST_FACTOR", _number_of(at_least, "var_password_yescrypt_cost_factor_login_defs", 5)
    ),
    "accounts_password_set_max_life_existing": _each(
        _hashed, lambda a, given: _limited(a.max_age, "var_accounts_maximum_age_login_defs", 60, given)
    ),
    "accounts_password_set_max_life_root": _each(
        _root, lambda a, given: _limited(a.max_age, "var_accounts_maximum_age_root", 365, given)
    ),
    "accounts_password_set_min_life_existing": _each(
        _hashed,
        lambda a, given: (a.min_age or -1) >= number(given, "var_accounts_minimum_age_login_defs", 1),
    ),
    "accounts_password_set_warn_age_existing": _each(
        _hashed,
        lambda a, given: (a.warn_age or -1) >= number(given, "var_accounts_password_warn_age_login_defs", 7),
    ),
    "accounts_password_last_change_is_in_past": _each(
        _hashed, lambda a, _: a.last_change is None or a.last_change <= AT.timestamp() // 86400
    ),
    "accounts_password_all_shadowed": _each(_any, lambda a, _: a.shadowed),
    "accounts_password_all_shadowed_sha512": _all_sha512,
    "accounts_no_uid_except_zero": _each(lambda a: a.uid == 0, lambda a, _: a.name == "root"),
    "accounts_root_gid_zero": _each(_root, lambda a, _: a.gid == 0),
    "ensure_root_password_configured": _each(_root, lambda a, _: a.password is PasswordState.HASHED),
    "no_shelllogin_for_systemaccounts": _system_accounts,
    "no_password_auth_for_systemaccounts": _each(
        lambda a: 0 < a.uid < 1000, lambda a, _: a.password is PasswordState.LOCKED
    ),
    "gid_passwd_group_same": _groups_known,
    "account_unique_id": _unique(lambda a: a.uid),
    "account_unique_name": _unique(lambda a: a.name),
    "group_unique_id": _unique_groups,
    "group_unique_name": _unique_group_names,
    "ensure_pam_wheel_group_empty": _group_empty,
    "use_pam_wheel_for_su": _wheel,
    "use_pam_wheel_group_for_su": _wheel,
}


def _unchangeable(sheet: FactSheet, _: Variables) -> str:
    """A stack with a line that always fails."""
    policy, stacks = sheet.get(PasswordPolicy), seen(sheet, PamStacks)
    if stacks is None or not isinstance(policy, Gap) or "sets no password" not in policy.detail:
        return ""
    return "a line of the stack has no module or a control that libpam refuses: nobody can change a password"


def _by_module_line(sheet: FactSheet, _: Variables) -> str:
    policy = seen(sheet, PasswordPolicy)
    value = policy.settings.get("retry") if policy is not None else None
    if value is None or "/pam.d/" not in value.at.capture:
        return ""
    return f"the module's own line says retry={value.value}, which wins over its file"


def _history_not_called(sheet: FactSheet, _: Variables) -> str:
    stacks = seen(sheet, PamStacks)
    called = stacks is None or stacks.of("pam_pwhistory", "password")
    return "" if called else "no stack calls pam_pwhistory: its file remembers nothing"


def _dispute(name: str) -> Dispute:
    if name.endswith("retry"):
        return _by_module_line
    return _history_not_called if "pwhistory" in name else _unchangeable


RULES: Mapping[str, Rule] = {name: Rule(asks, dispute=_dispute(name)) for name, asks in _ASKED.items()}
