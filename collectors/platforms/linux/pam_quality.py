"""Password quality as the password stack really enforces it, and the age that new accounts get."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.login_defs import LOGIN_DEFS_FILE, days
from collectors.platforms.linux.pam_stack import PAM_FILES, Returned, Rule, flat, runs, stack
from scanner.facts import Origin, PasswordPolicy, Value
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.pam_stack import Stack

QUALITY_CONF = "/etc/security/pwquality.conf"
QUALITY_FOLDER = "/etc/security/pwquality.conf.d/*.conf"

QUALITY_FILES = Step(
    "pwquality-files",
    Files((QUALITY_CONF, QUALITY_FOLDER)),
    Text(zh="口令复杂度参数", en="settings of password quality"),
)

MODULES = ("pam_pwquality", "pam_cracklib", "pam_passwdqc")

_CREDITS = ("dcredit", "ucredit", "lcredit", "ocredit")
_NUMBERS = frozenset(
    """
    difok minlen minclass maxrepeat maxclassrepeat maxsequence gecoscheck dictcheck usercheck usersubstr
    enforcing retry
    """.split()
) | set(_CREDITS)
_TEXTS = frozenset(("badwords", "dictpath"))
_FLAGS = frozenset(("enforce_for_root", "local_users_only"))

_SHORTEST = {"pam_pwquality": 6, "pam_cracklib": 5}
"""Lengths below which the modules never go, whatever credits say."""

_DEFAULTS: Mapping[str, Mapping[str, int]] = {
    "pam_pwquality": {"minlen": 8, "minclass": 0, "enforcing": 1, **dict.fromkeys(_CREDITS, 0)},
    "pam_cracklib": {"minlen": 9, "minclass": 0, "enforcing": 1, **dict.fromkeys(_CREDITS, 1)},
}


_Written = tuple[tuple[str, Value[int]], ...]
"""Settings by name, in the order in which they are read."""


@dataclass(frozen=True, slots=True)
class _Quality:
    length: Value[int]
    classes: Value[int]
    enforcing: bool
    written: _Written  # files before the module's line: of several values the last counts


def read_password_policy(evidence: Evidence) -> PasswordPolicy:
    """Read what a new password must be like when ``passwd`` sets it.

    Positive credits make a password count longer than it is, so they are taken off the length. Negative
    ones ask for a class each.

    Raises:
        Unseen: the stack or a settings file was not seen or not understood.
    """
    document, rules = password_stack(evidence)
    written = tuple(_written(evidence))
    max_age = days(evidence, "PASS_MAX_DAYS")
    seen = (document.whole, *(value.at for value in dict(written).values()), max_age.at)
    asked = [rule for rule in flat(rules) if rule.module in MODULES]
    for rule in asked:
        quality = _passwdqc(rule) if rule.module == "pam_passwdqc" else _pwquality(rule, written)
        if quality.enforcing and never_stores_refused(rules, rule):
            module = Value(rule.module, Origin.EXPLICIT, rule.at)
            settings = dict(quality.written)
            return PasswordPolicy(
                seen,
                module,
                quality.length,
                quality.classes,
                max_age,
                settings,
                _without_effect(quality.written, settings),
            )
    nothing = Value(0, Origin.DEFAULT, document.whole)
    seen = (*(rule.at for rule in asked), *seen)
    return PasswordPolicy(tuple(dict.fromkeys(seen)), None, nothing, nothing, max_age)


def never_stores_refused(rules: Stack, quality: Rule) -> bool:
    """Whether a password that this line refuses is never stored.

    It is stored when pam_unix runs before the line, or after it and asks for a password itself (without
    ``use_authtok`` it does not depend on the refused one).
    """
    for run in runs(rules, _answers(quality)):
        place = next((i for i, rule in enumerate(run.called) if rule is quality), None)
        if place is None or run.succeeds:
            return False
        stores = [i for i, rule in enumerate(run.called) if rule.module == "pam_unix"]
        if any(i < place or "use_authtok" not in run.called[i].arguments for i in stores):
            return False
    return True


def password_stack(evidence: Evidence) -> tuple[Document, Stack]:
    """The stack by which ``passwd`` changes a password.

    Raises:
        Unseen: it was not seen or not understood, or lets nobody change one.
    """
    document, rules = stack(evidence, "passwd", "password")
    if not any(run.succeeds for run in runs(rules, _answers(None))):
        detail = "by what is known of its modules, passwd sets no password"
        raise Unseen(Gap(GapReason.UNPARSABLE, PAM_FILES.id, "/etc/pam.d/passwd", detail))
    return document, rules


def _answers(refusing: Rule | None) -> Callable[[Rule], Returned | None]:
    """What modules return when a password is set that the ``refusing`` line does not take."""

    def answer(rule: Rule) -> Returned | None:
        if rule is refusing:
            return Returned.AUTHTOK_ERR
        return Returned.AUTH_ERR if rule.module == "pam_deny" else _PASSWORD_MODULES.get(rule.module)

    return answer


_PASSWORD_MODULES = {
    **dict.fromkeys(("pam_unix", "pam_permit", *MODULES, "pam_pwhistory"), Returned.SUCCESS),
    **dict.fromkeys(
        ("pam_sss", "pam_ldap", "pam_krb5", "pam_winbind", "pam_systemd_home"), Returned.USER_UNKNOWN
    ),
    **dict.fromkeys(("pam_gnome_keyring", "pam_ecryptfs", "pam_cap", "pam_env"), Returned.IGNORE),
}


def _without_effect(
    written: _Written, settings: Mapping[str, Value[int]]
) -> dict[str, tuple[Value[int], ...]]:
    """Written values that differ from the one in force."""
    found: dict[str, tuple[Value[int], ...]] = {}
    for name, value in written:
        if value.value != settings[name].value:
            found[name] = (*found.get(name, ()), value)
    return found


def _pwquality(rule: Rule, written: _Written) -> _Quality:
    """Settings of pam_pwquality or pam_cracklib: arguments win over files, files over defaults."""
    written = (*(written if rule.module == "pam_pwquality" else ()), *_arguments(rule))
    explicit = dict(written)
    defaults = _DEFAULTS[rule.module]
    values = {name: explicit.get(name, Value(n, Origin.DEFAULT, rule.at)) for name, n in defaults.items()}
    credits_ = [values[name] for name in _CREDITS]
    bonus = sum(max(credit.value, 0) for credit in credits_)
    length = max(values["minlen"].value - bonus, _SHORTEST[rule.module])
    wanted = [credit for credit in credits_ if credit.value < 0]
    minimum = values["minclass"]
    classes = Value(max(minimum.value, 0), minimum.origin, minimum.at)
    if len(wanted) > classes.value:
        classes = Value(len(wanted), Origin.EXPLICIT, wanted[0].at)
    return _Quality(
        Value(length, values["minlen"].origin, values["minlen"].at),
        classes,
        values["enforcing"].value != 0,
        written,
    )


def _arguments(rule: Rule) -> Iterator[tuple[str, Value[int]]]:
    """Settings that stand on the module's own line."""
    for name in sorted(_NUMBERS | _FLAGS):
        text = rule.argument(name)
        if text is None:
            continue
        if name in _FLAGS and not text:
            yield name, Value(1, Origin.EXPLICIT, rule.at)
        elif re.fullmatch(r"[+-]?[0-9]{1,5}", text):
            yield name, Value(int(text), Origin.EXPLICIT, rule.at)
        else:
            raise Unseen(_odd(rule, f"{name} is no number"))


def _passwdqc(rule: Rule) -> _Quality:
    """Settings of pam_passwdqc: ``min=N0,N1,N2,N3,N4`` for one class, two, phrases, three, four."""
    if rule.argument("config") is not None:
        raise Unseen(_odd(rule, "its settings stand in another file"))
    text = rule.argument("min")
    origin = Origin.DEFAULT if text is None else Origin.EXPLICIT
    words = (text or "disabled,24,11,8,7").split(",")
    if len(words) != 5 or not all(re.fullmatch(r"disabled|[0-9]{1,4}", word) for word in words):
        raise Unseen(_odd(rule, "min does not hold five lengths"))
    lengths = [None if word == "disabled" else int(word) for word in words]
    allowed = [length for length in lengths if length is not None]
    # Phrases are long enough words of whatever classes: they count as two.
    classes = next((n for n, length in zip((1, 2, 2, 3, 4), lengths, strict=True) if length is not None), 4)
    return _Quality(
        Value(min(allowed, default=0), origin, rule.at),
        Value(classes, origin, rule.at),
        bool(allowed) and rule.argument("enforce") != "none",
        (),
    )


def _odd(rule: Rule, why: str) -> Gap:
    return Gap(GapReason.UNPARSABLE, PAM_FILES.id, detail=f"line {rule.at.line}: {why}: {rule.at.excerpt}")


def _written(evidence: Evidence) -> Iterator[tuple[str, Value[int]]]:
    """Settings of libpwquality's files in reading order (the folder first): the last one counts."""
    documents = evidence.files(QUALITY_FILES)
    for path in sorted(documents, key=lambda path: (path == QUALITY_CONF, path)):
        yield from _quality_lines(documents[path])


def _quality_lines(document: Document) -> Iterator[tuple[str, Value[int]]]:
    for number, line in enumerate(document.lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        match = re.fullmatch(r"([a-z_]+)\s*(?:=\s*|\s+)?(.*)", text)
        name, value = (match[1], match[2]) if match else ("", "")
        if name in _TEXTS:
            continue
        if name in _FLAGS and not value:
            yield name, Value(1, Origin.EXPLICIT, document.cite(number))
            continue
        if name not in _NUMBERS or not re.fullmatch(r"[+-]?[0-9]{1,5}", value):
            raise unparsable(QUALITY_FILES, document, number, "unknown setting")
        yield name, Value(int(value), Origin.EXPLICIT, document.cite(number))


STEPS = (QUALITY_FILES,)

READERS = (
    Reader(
        PasswordPolicy,
        (Need((PAM_FILES,)), Need((QUALITY_FILES,)), Need((LOGIN_DEFS_FILE,))),
        read_password_policy,
    ),
)
