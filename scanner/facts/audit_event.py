"""What a list of audit rules makes of one event: recorded, not recorded, or not certain.

As the kernel decides it: of the rules of the exit list the first that fits decides; ``never`` for tasks and
the exclude list take away whatever the exit list says. A condition that is not understood, or that asks for
something the event leaves open, neither fits nor does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

UNSET = 4294967295
"""The login uid of what nobody logged in for: -1 in 32 bits."""

PERSON: Mapping[str, int] = {"auid": 1000, "uid": 1000, "euid": 1000, "gid": 1000, "egid": 1000}
"""Fields of what a person does: 1000 is the first uid that distributions give to people."""

SUCCEEDED: Mapping[str, int] = {"success": 1, "exit": 0}

ERRORS: Mapping[str, int] = {"EPERM": 1, "ENOENT": 2, "EACCES": 13}
"""Error numbers by name, as far as rules name them for refusals."""

_PARTICULAR = re.compile(r"exe|inode|dev(major|minor)|p?pid|pers|sessionid|saddr_fam|(subj|obj)_\w+")
"""Fields by which a rule picks one program, process or file: an event in general is none of that one."""

_SYSCALL_RECORD = 1300
"""Number of the record type that says who did what."""

_ARCHES = {
    **dict.fromkeys("b64 x86_64 aarch64 ppc64le s390x riscv64 loongarch64".split(), "b64"),
    **dict.fromkeys("b32 i386 i486 i586 i686 arm armv7l ppc s390".split(), "b32"),
}


@dataclass(frozen=True, slots=True)
class AuditCondition:
    """One ``-F name sign value``, or with ``between`` a ``-C``: the value names another field."""

    name: str
    sign: str  # =, !=, <, <=, >, >=, & (any bit), &= (all bits)
    value: str
    between: bool = False


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something that happens: a system call, the file it touches and how, and what else is known of it."""

    syscall: str
    arch: str = "b64"  # b64 or b32
    path: str = ""  # "": any file, or none
    access: str = ""  # r, w, x, a: how the file is touched
    known: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRuleParts:
    """A rule by its parts. Without ``syscalls`` it looks at all of them."""

    always: bool
    filter: str  # exit, task, exclude, user, filesystem, io_uring
    syscalls: tuple[str, ...] = ()
    conditions: tuple[AuditCondition, ...] = ()
    places: tuple[str, ...] = ()  # a watch: this file, or this folder and all below

    def fits(self, event: AuditEvent) -> bool | None:
        """Whether the event fits the rule; None where that is not certain."""
        return _all(
            (
                self._calls(event),
                not self.places or any(_below(event.path, place) for place in self.places),
                *(self._holds(condition, event) for condition in self.conditions),
            )
        )

    @property
    def arch(self) -> str:
        """The architecture it is for; "" where it names none."""
        named = [_ARCHES.get(c.value, "") for c in self.conditions if c.name == "arch" and c.sign == "="]
        return named[0] if named else ""

    def _calls(self, event: AuditEvent) -> bool | None:
        if not self.syscalls or "all" in self.syscalls:
            return True
        if not self.arch and event.arch == "b32":
            return False  # names are looked up for the machine's own architecture; numbers differ
        if event.syscall in self.syscalls:
            return True
        return None if any(name.isdigit() for name in self.syscalls) else False

    def _holds(self, condition: AuditCondition, event: AuditEvent) -> bool | None:
        name, value = condition.name, condition.value
        if condition.between:
            return _compared(event.known.get(name), condition.sign, event.known.get(value))
        match name:
            case "key":
                return True
            case "arch":
                return _equal(condition.sign, _ARCHES.get(value), event.arch)
            case "path":
                return _equal(condition.sign, value.rstrip("/") or "/", event.path)
            case "dir":
                return _below(event.path, value)
            case "perm":
                return event.access in value if event.access else None
            case "msgtype" if value.isdigit():
                return _compared(_SYSCALL_RECORD, condition.sign, int(value))
            case "msgtype":
                return _equal(condition.sign, value, "SYSCALL")
            case _ if name not in event.known and _PARTICULAR.fullmatch(name):
                return False if condition.sign == "=" else None
            case _:
                return _compared(event.known.get(name), condition.sign, number(value))


def records(rules: Iterable[AuditRuleParts], event: AuditEvent) -> bool | None:
    """Whether the rules together record the event; None where that is not certain."""
    listed = tuple(rules)
    decided = _first(listed, event)
    if decided is False:
        return False
    taken = [_takes_away(rule, event) for rule in listed]
    if True in taken:
        return False
    return None if None in taken else decided


def _first(rules: Iterable[AuditRuleParts], event: AuditEvent) -> bool | None:
    """What the exit list says: the first rule that fits decides, unless an uncertain one may come first."""
    possible: set[bool] = set()
    for rule in rules:
        if rule.filter != "exit":
            continue
        fits = rule.fits(event)
        if fits is not False:
            possible.add(rule.always)
        if fits:
            break
    else:
        possible.add(False)
    return possible.pop() if len(possible) == 1 else None


def _takes_away(rule: AuditRuleParts, event: AuditEvent) -> bool | None:
    """Whether a rule outside of the exit list drops what that recorded."""
    if (rule.filter == "task" and not rule.always) or rule.filter == "exclude":
        return rule.fits(event)
    if rule.filter == "filesystem" and not rule.always:
        # debugfs and tracefs, the ones that rules name, hold none of the files that matter.
        return False if {c.value for c in rule.conditions} <= {"debugfs", "tracefs", "0x64626720"} else None
    return False


def number(text: str) -> int | None:
    """A condition's value as a number; None where it is a name that is not known here."""
    if text in {"unset", "-1"}:
        return UNSET
    if text in {"root", "no"}:
        return 0
    if text == "yes":
        return 1
    if re.fullmatch(r"-E[A-Z0-9]+", text):
        found = ERRORS.get(text[1:])
        return None if found is None else -found
    if re.fullmatch(r"0x[0-9A-Fa-f]{1,16}", text):
        return int(text, 16)
    if re.fullmatch(r"0[0-7]{1,20}", text):
        return int(text, 8)
    return int(text) if re.fullmatch(r"-?\d{1,19}", text) else None


_SIGNS: Mapping[str, Callable[[int, int], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "&": lambda a, b: bool(a & b),
    "&=": lambda a, b: a & b == b,
}


def _compared(known: int | None, sign: str, wanted: int | None) -> bool | None:
    return None if known is None or wanted is None or sign not in _SIGNS else _SIGNS[sign](known, wanted)


def _equal(sign: str, wanted: str | None, known: str) -> bool | None:
    if wanted is None or sign not in {"=", "!="}:
        return None
    return (wanted == known) is (sign == "=")


def _below(path: str, place: str) -> bool:
    folder = place.rstrip("/")
    return path == (folder or "/") or path.startswith(f"{folder}/")


def _all(answers: Iterable[bool | None]) -> bool | None:
    """False where one is, else None where one is, else True."""
    uncertain = False
    for answer in answers:
        if answer is False:
            return False
        uncertain = uncertain or answer is None
    return None if uncertain else True
