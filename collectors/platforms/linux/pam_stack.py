"""pam.conf(5): a service's stack of modules, flattened through its includes, and how libpam runs it.

Whether a module is in force is no matter of its line being there: a ``sufficient`` module or a jump
before it may end or skip the rest. So the stack is run, with what each module would return.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING

from collectors.base import Files, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

FOLDERS = ("/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d")
"""Where libpam looks for a service, in this order."""

PAM_FILES = Step(
    "pam-files",
    Files(tuple(f"{folder}/*" for folder in FOLDERS)),
    Text(zh="各服务的 PAM 栈", en="PAM stacks of the services"),
)


class Returned(StrEnum):
    """What a module returns, as far as stacks can tell apart; names as in pam.conf(5)."""

    SUCCESS = "success"
    IGNORE = "ignore"
    AUTH_ERR = "auth_err"
    AUTHTOK_ERR = "authtok_err"
    USER_UNKNOWN = "user_unknown"


_VALUES = frozenset(
    """
    success open_err symbol_err service_err system_err buf_err perm_denied auth_err cred_insufficient
    authinfo_unavail user_unknown maxtries new_authtok_reqd acct_expired session_err cred_unavail
    cred_expired cred_err no_module_data conv_err authtok_err authtok_recover_err authtok_lock_busy
    authtok_disable_aging try_again ignore abort authtok_expired module_unknown bad_item conv_again
    incomplete default
    """.split()
)

_ACTIONS = frozenset("ignore bad die ok done reset".split())

_CONTROLS: Mapping[str, Mapping[str, str]] = {
    "required": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "bad"},
    "requisite": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "die"},
    "sufficient": {"success": "done", "new_authtok_reqd": "done", "default": "ignore"},
    "optional": {"success": "ok", "new_authtok_reqd": "ok", "default": "ignore"},
}

_TYPES = frozenset("auth account password session".split())


@dataclass(frozen=True, slots=True)
class Rule:
    """One module of a stack: its controls (value or ``default`` to action or number to skip)."""

    module: str  # base name without .so
    arguments: tuple[str, ...]
    controls: Mapping[str, str]
    at: Citation

    def action(self, returned: Returned) -> str:
        """What libpam does with this return value: an action, or a number of modules to skip."""
        return self.controls.get(returned.value, self.controls.get("default", "bad"))

    def argument(self, name: str) -> str | None:
        """Value of the last ``name=value`` argument; "" for a bare ``name``; None where it is absent."""
        found = None
        for argument in self.arguments:
            key, sign, value = argument.partition("=")
            if key == name:
                found = value if sign else ""
        return found


@dataclass(frozen=True, slots=True)
class Substack:
    """Rules that end among themselves: ``done`` and ``die`` leave only the substack."""

    rules: tuple[Rule | Substack, ...]


Stack = tuple[Rule | Substack, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One logical line: either ``@include`` (``kind`` empty) or a module line."""

    kind: str
    control: str
    target: str
    arguments: tuple[str, ...]
    number: int


_MODULE_LINE = re.compile(r"-?(\w+)\s+(\[[^\]]*\]|\S+)(?:\s+(\S+)(.*))?")
_ARGUMENT = re.compile(r"\[((?:[^\]\\]|\\.)*)\]|(\S+)")
_DEPTH = 16
_MOST_RULES = 1000


def stack(evidence: Evidence, service: str, kind: str) -> tuple[Document, Stack]:
    """The stack of ``service`` for ``kind`` (auth, password ...), with the file that it begins in.

    A service without a file falls back to ``other``, as libpam does.

    Raises:
        Unseen: a file of the stack was not seen, is not there, or holds what libpam would refuse.
    """
    document = _service_file(evidence, service) or _service_file(evidence, "other")
    if document is None:
        raise Unseen(Gap(GapReason.EMPTY, PAM_FILES.id, f"/etc/pam.d/{service}", "there is no PAM stack"))
    return document, tuple(_rules(evidence, document, kind, Walk(PAM_FILES), 0))


def has_service(evidence: Evidence, service: str) -> bool:
    """Whether the service has a file of its own."""
    return _service_file(evidence, service) is not None


def _service_file(evidence: Evidence, name: str) -> Document | None:
    for folder in FOLDERS:
        document = evidence.file(PAM_FILES, f"{folder}/{name}")
        if document is not None:
            return document
    return None


def _rules(
    evidence: Evidence, document: Document, kind: str, walk: Walk, depth: int
) -> Iterator[Rule | Substack]:
    walk.enter(document)
    if depth > _DEPTH:
        raise unparsable(PAM_FILES, document, 0, "includes within each other without end")
    for line in _lines(document):
        if line.kind not in {"", kind}:
            continue
        if line.kind and line.control not in {"include", "substack"}:
            controls = _controls(line)
            module = line.target.rpartition("/")[2].removesuffix(".so")
            yield Rule(module, line.arguments, controls, document.cite(line.number))
            continue
        included = _included(evidence, document, line)
        rules = _rules(evidence, included, kind, walk, depth + 1)
        if line.control == "substack":
            yield Substack(tuple(rules))
        else:
            yield from rules


def _included(evidence: Evidence, document: Document, line: _Line) -> Document:
    folder, _, name = line.target.rpartition("/")
    if folder and folder not in FOLDERS:
        raise Unseen(
            Gap(
                GapReason.NOT_COLLECTED,
                PAM_FILES.id,
                line.target,
                f"{document.cite(line.number).excerpt}: this file is not among those collected",
            )
        )
    found = evidence.file(PAM_FILES, line.target) if folder else _service_file(evidence, name)
    if found is None:
        raise unparsable(PAM_FILES, document, line.number, "the included file is not there")
    return found


def _lines(document: Document) -> Iterator[_Line]:
    """Logical lines: a comment ends a physical line, a backslash joins it with the next."""
    text, first = "", 0
    for number, raw in enumerate([*document.lines, ""], 1):
        first = first or number
        bare = raw.partition("#")[0].strip()
        text += " " + bare.removesuffix("\\")
        if bare.endswith("\\"):
            continue
        if text.strip():
            yield _line(document, first, text.strip())
        text, first = "", 0


def _line(document: Document, number: int, text: str) -> _Line:
    if text.startswith("@include"):
        words = text.split()
        if words[0] != "@include" or len(words) != 2:
            raise unparsable(PAM_FILES, document, number, "not @include of one file")
        return _Line("", "include", words[1], (), number)
    match = _MODULE_LINE.fullmatch(text)
    if match is None or match[1].lower() not in _TYPES:
        raise unparsable(PAM_FILES, document, number, "not type, control and module")
    arguments = tuple(a[1] if a[1] is not None else a[2] for a in _ARGUMENT.finditer(match[4] or ""))
    return _Line(match[1].lower(), match[2].lower(), match[3] or "", arguments, number)


_ALL_BAD: Mapping[str, str] = {"default": "bad"}
"""What libpam makes of a control that it does not understand: whatever the module says, it fails."""


def _controls(line: _Line) -> Mapping[str, str]:
    controls = dict(_written_controls(line.control))
    if not line.target:  # a line without a module always fails, in the way in which its control says so
        return {"default": controls.get("perm_denied", controls.get("default", "bad"))}
    return controls


def _written_controls(control: str) -> Mapping[str, str]:
    if not control.startswith("["):
        return _CONTROLS.get(control, _ALL_BAD)
    controls: dict[str, str] = {}
    for word in control.strip("[] ").split():
        value, _, action = word.partition("=")
        if value not in _VALUES or not (action in _ACTIONS or re.fullmatch(r"[1-9][0-9]?", action)):
            return _ALL_BAD
        controls[value] = action
    return controls


# --- running a stack -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Outcome of one run: whether the stack as a whole succeeds, and the rules that were called."""

    succeeds: bool
    called: tuple[Rule, ...]


class _Impression(StrEnum):
    UNDEFINED = "undefined"
    POSITIVE = "positive"
    SPOILT = "spoilt"  # good by the controls, but the status taken over is an error
    NEGATIVE = "negative"


_POSSIBLE = (Returned.SUCCESS, Returned.IGNORE, Returned.AUTH_ERR)
_MOST_UNKNOWN = 6
"""3 ** 6 runs at most; a stack with more modules of unknown behaviour is not judged."""


def flat(rules: Stack) -> Iterator[Rule]:
    """All rules of a stack, substacks opened."""
    for rule in rules:
        if isinstance(rule, Rule):
            yield rule
        else:
            yield from flat(rule.rules)


def runs(rules: Stack, returns: Callable[[Rule], Returned | None]) -> list[Run]:
    """All runs of a stack; ``returns`` gives a module's answer, None where it may give any.

    Raises:
        Unseen: too many modules, or too many whose answers are not known.
    """
    every = list(flat(rules))
    if len(every) > _MOST_RULES:
        detail = f"a stack of {len(every)} modules: no login takes more than {_MOST_RULES}"
        raise Unseen(Gap(GapReason.UNPARSABLE, PAM_FILES.id, detail=detail))
    known = {id(rule): returns(rule) for rule in every}
    unknown = [rule for rule in every if known[id(rule)] is None]
    if len(unknown) > _MOST_UNKNOWN:
        names = ", ".join(rule.module for rule in unknown)
        raise Unseen(
            Gap(GapReason.UNPARSABLE, PAM_FILES.id, detail=f"what these modules do is not known: {names}")
        )
    outcomes: list[Run] = []
    for answers in product(_POSSIBLE, repeat=len(unknown)):
        guessed = dict(zip(map(id, unknown), answers, strict=True))
        called: list[Rule] = []
        impression = _run(rules, {**known, **guessed}, _Impression.UNDEFINED, called)
        outcomes.append(Run(impression is _Impression.POSITIVE, tuple(called)))
    return outcomes


def _run(
    rules: Sequence[Rule | Substack],
    answers: Mapping[int, Returned | None],
    impression: _Impression,
    called: list[Rule],
) -> _Impression:
    """One level of libpam's dispatch: the first failure decides, ``done`` ends only a good impression."""
    i = 0
    while i < len(rules):
        rule = rules[i]
        i += 1
        if isinstance(rule, Substack):
            impression = _run(rule.rules, answers, impression, called)
            continue
        called.append(rule)
        answer = answers[id(rule)]
        assert answer is not None  # noqa: S101 - runs() has given every rule one
        action = rule.action(answer)
        if action.isdigit():
            i += int(action)
            if i > len(rules):
                return _Impression.NEGATIVE  # libpam: a jump beyond the end must fail
            continue
        impression = _after(action, answer, impression)
        if action == "die" or (action == "done" and impression in {_Impression.POSITIVE, _Impression.SPOILT}):
            return impression
    return impression


def _after(action: str, answer: Returned, impression: _Impression) -> _Impression:
    """What libpam thinks of the whole after one module."""
    if action in {"bad", "die"}:
        return _Impression.NEGATIVE
    if action == "reset":
        return _Impression.UNDEFINED
    if action == "ignore" or impression in {_Impression.NEGATIVE, _Impression.SPOILT}:
        return impression
    return _Impression.POSITIVE if answer is Returned.SUCCESS else _Impression.SPOILT
