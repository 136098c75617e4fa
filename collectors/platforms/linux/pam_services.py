"""Stacks of the services by which people come in, change passwords and gain rights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.pam_quality import never_stores_refused, password_stack
from collectors.platforms.linux.pam_stack import PAM_FILES, Returned, Rule, flat, has_service, runs, stack
from scanner.facts import Origin, PamModule, PamStacks, PasswordHistory, SwitchUser, Value
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

SERVICES = ("login", "sshd", "su", "sudo", "passwd")
KINDS = ("auth", "account", "password", "session")

HISTORY_CONF = "/etc/security/pwhistory.conf"

HISTORY_FILE = Step(
    "pwhistory-file",
    Files((HISTORY_CONF,)),
    Text(zh="历史口令的记忆个数", en="how many old passwords are remembered"),
)

_REMEMBERED = 10
"""What pam_pwhistory remembers where nobody says."""


def read_pam_stacks(evidence: Evidence) -> PamStacks:
    """Read the stacks of all services that have a file of their own.

    Raises:
        Unseen: a stack was not seen or not understood, or no service has any.
    """
    services = [service for service in SERVICES if has_service(evidence, service)]
    if not services:
        raise Unseen(Gap(GapReason.EMPTY, PAM_FILES.id, "/etc/pam.d/", "no service has a stack"))
    seen: list[Document] = []
    modules: list[PamModule] = []
    for service in services:
        for kind in KINDS:
            document, rules = stack(evidence, service, kind)
            seen.append(document)
            modules += [_module(service, kind, rule) for rule in flat(rules)]
    return PamStacks(tuple(dict.fromkeys(d.whole for d in seen)), tuple(modules))


def _module(service: str, kind: str, rule: Rule) -> PamModule:
    binding = rule.action(Returned.AUTH_ERR) in {"bad", "die"}
    return PamModule(service, kind, rule.module, rule.arguments, binding, rule.at)


# --- old passwords ---------------------------------------------------------------------------------


def read_password_history(evidence: Evidence) -> PasswordHistory:
    """Read which old passwords ``passwd`` refuses.

    Raises:
        Unseen: the stack or the module's settings were not seen or not understood.
    """
    document, rules = password_stack(evidence)
    settings, seen = _history_settings(evidence)
    asked = [rule for rule in flat(rules) if rule.module in {"pam_pwhistory", "pam_unix"}]
    for rule in asked:
        remembered = _remembered(rule, settings)
        if remembered.value > 0 and (rule.module == "pam_unix" or never_stores_refused(rules, rule)):
            module = Value(rule.module, Origin.EXPLICIT, rule.at)
            # pam_unix lets root repeat a password; pam_pwhistory does unless it is told not to.
            root = rule.module == "pam_pwhistory" and (
                "enforce_for_root" in rule.arguments or "enforce_for_root" in settings
            )
            return PasswordHistory((document.whole, *seen), module, remembered, root)
    nothing = Value(0, Origin.DEFAULT, document.whole)
    return PasswordHistory((document.whole, *(rule.at for rule in asked), *seen), None, nothing, False)


def _remembered(rule: Rule, settings: Mapping[str, Value[int]]) -> Value[int]:
    text = rule.argument("remember")
    if text is not None:
        if not re.fullmatch(r"[0-9]{1,5}", text):
            detail = f"line {rule.at.line}: remember is no number: {rule.at.excerpt}"
            raise Unseen(Gap(GapReason.UNPARSABLE, PAM_FILES.id, detail=detail))
        return Value(int(text), Origin.EXPLICIT, rule.at)
    if rule.module == "pam_unix":
        return Value(0, Origin.DEFAULT, rule.at)
    return settings.get("remember", Value(_REMEMBERED, Origin.DEFAULT, rule.at))


def _history_settings(evidence: Evidence) -> tuple[dict[str, Value[int]], tuple[Citation, ...]]:
    document = evidence.file(HISTORY_FILE, HISTORY_CONF)
    if document is None:
        return {}, ()
    return dict(_history_lines(document)), (document.whole,)


def _history_lines(document: Document) -> Iterator[tuple[str, Value[int]]]:
    for number, line in enumerate(document.lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        name, sign, value = (part.strip() for part in text.partition("="))
        here = document.cite(number)
        if name in {"debug", "enforce_for_root"} and not value:
            yield name, Value(1, Origin.EXPLICIT, here)
        elif name in {"remember", "retry"} and sign and re.fullmatch(r"[0-9]{1,5}", value):
            yield name, Value(int(value), Origin.EXPLICIT, here)
        elif name != "file":
            raise unparsable(HISTORY_FILE, document, number, "unknown setting")


# --- su --------------------------------------------------------------------------------------------


def read_switch_user(evidence: Evidence) -> SwitchUser:
    """Read whether ``su`` turns away who is in no privileged group but knows root's password.

    Raises:
        Unseen: there is no su, or its stack was not seen or not understood.
    """
    if not has_service(evidence, "su"):
        raise Unseen(Gap(GapReason.EMPTY, PAM_FILES.id, "/etc/pam.d/su", "su has no stack of its own"))
    document, rules = stack(evidence, "su", "auth")
    wheels = [rule for rule in flat(rules) if rule.module == "pam_wheel"]
    let_in = [run.succeeds for run in runs(rules, _for_outsiders)]
    if any(let_in) and not all(let_in):
        detail = "what its modules answer to somebody outside every group is not known"
        raise Unseen(Gap(GapReason.UNPARSABLE, PAM_FILES.id, "/etc/pam.d/su", detail))
    seen = (document.whole, *(rule.at for rule in wheels))
    named = next((rule for rule in wheels if rule.argument("group") is not None), None)
    group = None if named is None else Value(named.argument("group") or "", Origin.EXPLICIT, named.at)
    return SwitchUser(seen, not any(let_in), None if any(let_in) else group)


_ALWAYS = frozenset(
    """
    pam_unix pam_permit pam_faillock pam_tally pam_tally2 pam_env pam_faildelay pam_cap pam_limits
    pam_localuser pam_usertype pam_group pam_lastlog pam_mail pam_gnome_keyring pam_umask
    """.split()
)


def _for_outsiders(rule: Rule) -> Returned | None:
    """What modules answer to somebody with the right password who is not root and in no group."""
    if rule.module == "pam_wheel":
        others = {"deny", "trust"} & set(rule.arguments)
        return Returned.IGNORE if others else Returned.AUTH_ERR
    if rule.module in {"pam_rootok", "pam_deny"} or "authfail" in rule.arguments:
        return Returned.AUTH_ERR
    return Returned.SUCCESS if rule.module in _ALWAYS else None


STEPS = (HISTORY_FILE,)

READERS = (
    Reader(PamStacks, (Need((PAM_FILES,)),), read_pam_stacks),
    Reader(PasswordHistory, (Need((PAM_FILES,)), Need((HISTORY_FILE,))), read_password_history),
    Reader(SwitchUser, (Need((PAM_FILES,)),), read_switch_user),
)
