"""ACLs: basic and advanced ones of both families, by number and by name, in the order that they are asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors.platforms.huawei.acl_rule import ACTIONS, AclRule, read_rule
from collectors.platforms.huawei.words import number
from scanner.facts.rules import Action, Flaw

if TYPE_CHECKING:
    from collectors.platforms.huawei.notes import Notes
    from collectors.platforms.huawei.sections import Section
    from scanner.facts.rules import FilterRule

LAST_IP = 3999
"""Higher numbers ask for MAC addresses, bytes of the frame or users: their rules are not understood."""

STEP = 5
BESIDE = frozenset({"description", "step", "counter", "statistics"})


@dataclass(slots=True)
class Acl:
    """One ACL. ``names``: by which it is referred to; ``plain``: it asks for addresses and ports."""

    section: Section
    names: tuple[str, ...]
    six: bool
    auto: bool
    plain: bool
    step: int = STEP
    rules: dict[int, AclRule] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What reports call it."""
        return f"acl {'ipv6 ' if self.six else ''}{self.names[0]}"

    def ordered(self) -> list[FilterRule]:
        """Rules in the order that a packet is held against them."""
        found = sorted(self.rules.values(), key=lambda one: one.number)
        if self.auto:
            found.sort(key=lambda one: one.rank)
        return [one.rule for one in found]


@dataclass(slots=True)
class Acls:
    """All ACLs of a device by what they are called."""

    by_name: dict[tuple[bool, str], Acl] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def find(self, name: str, *, six: bool) -> Acl | None:
        """Return an ACL that something refers to, which is then used."""
        found = self.by_name.get((six, name))
        if found is not None:
            self.used.add(id(found))
        return found

    def every(self) -> list[Acl]:
        """All of them once."""
        return list({id(acl): acl for acl in self.by_name.values()}.values())


def read_acls(outer: list[Section], notes: Notes, open_section: Section | None) -> Acls:
    """Read all ACLs. ``open_section``: the one in which a cut file ends: its rules are all uncertain."""
    found = Acls()
    for section in outer:
        if section.starts("undo", "acl"):
            six = "ipv6" in section.words
            gone = found.by_name.get((six, section.words[-1]))
            found.by_name = {key: acl for key, acl in found.by_name.items() if acl is not gone}
        elif section.starts("acl"):
            acl = _opened(section, notes)
            if acl is not None:
                _fill(acl, notes, cut=section is open_section)
                found.by_name |= {(acl.six, name): acl for name in acl.names}
    return found


def _opened(section: Section, notes: Notes) -> Acl | None:
    """Read ``acl [ipv6] [number] N [name X]``, ``acl [ipv6] name X [kind] [number N]``, ``match-order O``."""
    words = section.words[1:]
    six = words[:1] == ["ipv6"]
    numbers = [word for word in words if number(word, 65535) is not None]
    named = [words[i + 1] for i, word in enumerate(words[:-1]) if word == "name"]
    names = tuple(dict.fromkeys([*numbers[:1], *named] if not named else [*named, *numbers[:1]]))
    order = [words[i + 1] for i, word in enumerate(words[:-1]) if word == "match-order"]
    if not names:
        if section.inner:
            notes.missed(section)
        return None
    notes.read(section)
    plain = all(2000 <= int(one) <= LAST_IP or int(one) >= 42768 for one in numbers[:1])
    plain = plain and not {"link", "user", "ucl", "mpls", "arp"} & set(words)
    return Acl(section, names, six, order == ["auto"], plain)


def _fill(acl: Acl, notes: Notes, *, cut: bool) -> None:
    for inner in acl.section.inner:
        words = inner.words
        if words[0] == "step" and len(words) > 1 and (step := number(words[1], 20)):
            notes.read(inner)
            acl.step = step
        elif words[0] in BESIDE:
            notes.read(inner)
        elif words[0] == "rule":
            _rule(acl, inner, notes, cut=cut)
        elif (
            words[:2] == ["undo", "rule"]
            and len(words) == 3
            and (at := number(words[2], 1 << 32)) is not None
        ):
            notes.read(inner)
            acl.rules.pop(at, None)
        else:
            notes.missed(inner)
            _doubt(acl, inner)


def _rule(acl: Acl, section: Section, notes: Notes, *, cut: bool) -> None:
    words = section.words[1:]
    told = number(words[0], (1 << 32) - 2) if words else None
    words = words if told is None else words[1:]
    at = told if told is not None else (max(acl.rules, default=-1) // acl.step + 1) * acl.step
    if words[:1] and words[0] in {"description", "remark"}:
        notes.read(section)
        return
    if not words or words[0] not in ACTIONS:
        notes.missed(section)
        _doubt(acl, section)
        return
    read = read_rule(section, words if acl.plain else [words[0]], at, six=acl.six)
    doubts = list(read.rule.unread)
    if not acl.plain:
        doubts.append(" ".join(words[1:]) or section.text)
    if doubts:
        notes.missed(section, "; ".join(doubts))
    else:
        notes.read(section)
    if at in acl.rules:
        doubts.append(f"rule {at} stands twice")
        notes.missed(section, doubts[-1])
    if cut:
        doubts.append("the file ends in this list")
    for inner in section.inner:
        doubts.append(inner.text)
        notes.missed(inner)
    acl.rules[at] = replace(read, rule=replace(read.rule, unread=tuple(doubts)))


def _doubt(acl: Acl, section: Section) -> None:
    """A line of the list that was not understood may be a rule that decides all."""
    at = max(acl.rules, default=0)
    read = read_rule(section, ["deny"], at, six=acl.six)
    rule = replace(read.rule, action=Action.ANYTHING, unread=(section.text,), logs=None)
    first = min(acl.rules, default=0) - 1 - len(acl.rules)
    acl.rules[first] = replace(read, number=first, rule=rule, rank=(-1,))


def unused_acls(acls: Acls, outer: list[Section], notes: Notes) -> None:
    """Tell of lists that no line of the file names where lists are named."""
    named = {
        word
        for section in outer
        if not section.starts("acl")
        for one in section.all()
        if _names_lists(one)
        for word in one.words
    }
    for acl in acls.every():
        if id(acl) not in acls.used and not named & set(acl.names):
            notes.flaw(Flaw.UNBOUND, acl.section, acl.label)


_NAMING = ("acl", "filter", "nat", "packet", "policy", "match", "access", "peer", "import", "export")


def _names_lists(section: Section) -> bool:
    return section.words[0] != "description" and any(word in section.text for word in _NAMING)
