"""What rules ask of sudo."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.scenarios.rule import Predicate, Rule, Variables, number, seen
from scanner.facts import FactSheet, SudoRule, SudoRules
from scanner.model import Gap


def _rules(meets: Callable[[SudoRules, Variables], bool]) -> Predicate:
    def asks(sheet: FactSheet, given: Variables) -> bool | None:
        sudo = seen(sheet, SudoRules)
        return None if sudo is None else meets(sudo, given)

    return asks


def _on(name: str) -> Predicate:
    """A setting that holds for all is switched on."""

    def meets(sudo: SudoRules, _: Variables) -> bool:
        found = sudo.everywhere(name)
        return found is not None and found.on

    return _rules(meets)


def _each(wrong: Callable[[SudoRule], bool]) -> Predicate:
    """No rule is of a kind; what sudo refuses grants nothing."""
    return _rules(lambda sudo, _: not any(wrong(rule) for rule in sudo.rules))


def _log_file(sudo: SudoRules, given: Variables) -> bool:
    found = sudo.everywhere("logfile")
    asked = given.get("var_sudo_logfile", "/var/log/sudo.log")
    return found is not None and found.on and found.value == asked


def _no_password_free(sudo: SudoRules, _: Variables) -> bool:
    return not any(rule.asks_password is False for rule in sudo.rules)


def _authenticates(sudo: SudoRules, _: Variables) -> bool:
    return not any(d.name == "authenticate" and not d.on for d in sudo.defaults)


def _asks_again(sudo: SudoRules, given: Variables) -> bool:
    """Every limit that is written is from 0 up to the rule's, and there is one."""
    asked = number(given, "var_sudo_timestamp_timeout", 5)
    written = [d for d in sudo.defaults if d.name == "timestamp_timeout"]
    return bool(written) and all(d.on and _minutes(d.value) in range(asked + 1) for d in written)


def _minutes(text: str) -> int:
    """Minutes rounded up; below zero where it is no number or lasts for ever."""
    try:
        value = float(text)
    except ValueError:
        return -1
    return -1 if value < 0 else int(-(-value // 1))


def _target(names: tuple[str, ...]) -> bool:
    """Whether these may be everybody, or are root for want of any."""
    return not names or "ALL" in names


def _to_everybody(rule: SudoRule) -> bool:
    everybody = "ALL" in rule.users and "ALL" in rule.hosts
    return everybody and "ALL" in rule.run_as and rule.command == "ALL" and not rule.negated


def _any_arguments(rule: SudoRule) -> bool:
    """Whether a program may be run with whatever arguments."""
    return rule.command == "ALL" or (rule.command.startswith("/") and " " not in rule.command)


_SWITCHES = ("noexec", "use_pty", "requiretty", "umask", "ignore_dot", "env_reset")

_ASKED: Mapping[str, Predicate] = {
    **{f"sudo_add_{name}": _on(name) for name in _SWITCHES},
    "sudo_custom_logfile": _rules(_log_file),
    "sudo_remove_nopasswd": _rules(_no_password_free),
    "sudo_remove_no_authenticate": _rules(_authenticates),
    "sudo_require_authentication": _rules(
        lambda sudo, given: _no_password_free(sudo, given) and _authenticates(sudo, given)
    ),
    "sudo_require_reauthentication": _rules(_asks_again),
    "sudo_restrict_privilege_elevation_to_authorized": _each(_to_everybody),
    "sudoers_no_command_negation": _each(lambda rule: rule.negated),
    "sudoers_no_root_target": _each(lambda rule: _target(rule.run_as) or "root" in rule.run_as),
    "sudoers_explicit_command_args": _each(_any_arguments),
    "sudoers_validate_passwd": _rules(
        lambda sudo, _: all(
            any(d.name == name and not d.on for d in sudo.defaults)
            for name in ("targetpw", "rootpw", "runaspw")
        )
    ),
}


def _refused(sheet: FactSheet, _: Variables) -> str:
    sudo = sheet.get(SudoRules)
    if isinstance(sudo, Gap):
        return sudo.detail if "sudo takes no line of it" in sudo.detail else ""
    if not (sudo.rules or sudo.defaults or sudo.includes):
        return "there is no sudoers file: sudo lets nobody do anything"
    if not sudo.refused:
        return ""
    return f"sudo refuses the line: {'; '.join(at.excerpt for at in sudo.refused)}"


_BY_NAME: Mapping[str, Mapping[str, str]] = {
    "sudoers_explicit_command_args": {
        "false_positive": "all commands have their arguments written; it calls itself a false positive"
    }
}

RULES: Mapping[str, Rule] = {
    name: Rule(asks, _BY_NAME.get(name, {}), _refused) for name, asks in _ASKED.items()
}
