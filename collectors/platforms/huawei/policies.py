"""What passes between zones: the security policy, and the interzone policies of older firewalls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.platforms.huawei.policy_rule import ACTIONS, read_policy_rule, ruled
from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Action,
    Base,
    Chain,
    Either,
    Field,
    FilterRule,
    FilterTable,
    Kind,
    Opaque,
    Side,
    Stage,
    Through,
    Within,
)

if TYPE_CHECKING:
    from collectors.platforms.huawei.policy_rule import Vocabulary
    from collectors.platforms.huawei.sections import Section
    from scanner.facts.rules import Condition

STAGES = (Stage.FORWARD, Stage.INPUT, Stage.OUTPUT)
FAMILIES = (V4_SPANS, V6_SPANS)


def security_policy(
    outer: list[Section], known: Vocabulary, managed: list[FilterRule], *, cut: bool
) -> FilterTable | None:
    """Return the security policy; None where the file has none. ``managed``: what the device asks first.

    Rules are asked as they stand. What none takes is denied between zones unless the default action permits;
    within a zone releases differ, so that it is uncertain unless the default is made to hold there too.
    """
    sections = [one for one in outer if one.text == "security-policy"]
    if not sections:
        return None
    section = sections[0]
    known.notes.read(section)
    for other in sections[1:]:
        known.notes.missed(other)
        cut = True
    rules: dict[str, FilterRule] = {}
    default, line = Action.DROP, section.line
    for inner in section.inner:
        words = inner.words
        if words[:2] == ["rule", "name"]:
            read = read_policy_rule(inner, known)
            rules.pop(inner.text, None)
            if not read.disabled:
                rules[inner.text] = ruled(read, known, cut=cut)
        elif words[:3] == ["undo", "rule", "name"]:
            known.notes.read(inner)
            rules.pop(inner.text.removeprefix("undo "), None)
        elif words[:2] == ["default", "action"] and len(words) == 3 and words[2] in ACTIONS:
            known.notes.read(inner)
            default, line = ACTIONS[words[2]], inner.line
        elif words[0] in {"default", "group", "description"}:
            known.notes.read(inner)
        else:
            known.notes.missed(inner)
            rules[inner.text] = FilterRule(inner.line, inner.text, (), Action.ANYTHING, unread=(inner.text,))
    inside = any(one.text == "default packet-filter intrazone enable" for one in outer)
    told = list(rules.values())
    if not inside:
        told += _within_zones(known, section)
    chain = Chain(section.text, section.line, tuple(told))
    rest = Action.ANYTHING if cut else default
    return _table(section.text, [chain], managed, rest, line)


ITSELF = "the device itself"


def _table(name: str, chains: list[Chain], managed: list[FilterRule], rest: Action, line: int) -> FilterTable:
    """Return the table whose first chain all packets meet, those to the device after ``managed``."""
    entry = dict.fromkeys(STAGES, chains[0].name)
    if managed:
        jump = FilterRule(line, name, (), Action.JUMP, chains[0].name, implied=True)
        chains = [*chains, Chain(ITSELF, managed[0].line, (*managed, jump))]
        entry[Stage.INPUT] = ITSELF
    bases = tuple(Base(entry[stage], stage, rest, line) for stage in STAGES)
    return FilterTable(name, FAMILIES, tuple(chains), bases)


def _within_zones(known: Vocabulary, section: Section) -> list[FilterRule]:
    """What goes from a zone to the same zone, where only the release tells."""
    doubt = Opaque("same-zone", "whether packets within a zone pass by default", steady=True)
    return [
        FilterRule(
            section.line,
            section.text,
            (Through(Side.IN, (name,)), Through(Side.OUT, (name,)), doubt),
            Action.ANYTHING,
            unread=(doubt.text,),
            implied=True,
        )
        for name in known.zones.by_name
    ]


_INTERZONE = re.compile(r"policy interzone (\S+) (\S+) (inbound|outbound)$")
_DEFAULT = re.compile(
    r"firewall packet-filter default (permit|deny) "
    r"(?:(all)|interzone (\S+) (\S+)(?: direction (inbound|outbound))?)$"
)


def interzone_policy(
    outer: list[Section], known: Vocabulary, managed: list[FilterRule], *, cut: bool
) -> FilterTable | None:
    """Return the interzone policies and defaults; None where the file has none.

    Outbound is what goes from the zone of higher priority to that of lower. Without a default of its own a
    pair of zones denies, but for pairs with the device itself, of which releases differ.
    """
    chains: list[Chain] = []
    asked: list[FilterRule] = []
    defaults: list[FilterRule] = []
    for section in outer:
        if match := _INTERZONE.match(section.text):
            known.notes.read(section)
            where = _pair(section, match[1], match[2], match[3], known)
            chains.append(Chain(section.text, section.line, tuple(_policies(section, known, cut=cut))))
            unread = () if where else (section.text,)
            asked.append(
                FilterRule(
                    section.line, section.text, where or (), Action.JUMP, section.text, unread, implied=True
                )
            )
        elif match := _DEFAULT.match(section.text):
            known.notes.read(section)
            defaults += _defaults(section, match, known, cut=cut)
    if not chains and not defaults:
        return None
    first = asked[0] if asked else defaults[0]
    own = [(Through(Side.IN, ("",)),), (Through(Side.OUT, ("",)),)]
    doubts = [*_within_zones(known, outer[0]), _unsaid(first, Either(tuple(own)))]
    name = "interzone"
    chain = Chain(name, first.line, (*asked, *defaults, *doubts))
    return _table(name, [chain, *chains], managed, Action.ANYTHING if cut else Action.DROP, first.line)


def _unsaid(first: FilterRule, where: Condition) -> FilterRule:
    doubt = Opaque("local-default", "what passes to and from the device itself by default", steady=True)
    return FilterRule(
        first.line, first.text, (where, doubt), Action.ANYTHING, unread=(doubt.text,), implied=True
    )


def _pair(section: Section, a: str, b: str, way: str, known: Vocabulary) -> tuple[Condition, ...]:
    """Return the conditions of packets that go that way between two zones; none where it cannot be told."""
    priorities = known.zones.priority(a), known.zones.priority(b)
    if priorities[0] is None or priorities[1] is None or priorities[0] == priorities[1]:
        return ()
    high, low = (a, b) if priorities[0] > priorities[1] else (b, a)
    start, end = (high, low) if way == "outbound" else (low, high)
    came = known.zones.through(Side.IN, [start], section, known.notes)
    goes = known.zones.through(Side.OUT, [end], section, known.notes)
    return (came, goes) if came is not None and goes is not None else ()


def _policies(section: Section, known: Vocabulary, *, cut: bool) -> list[FilterRule]:
    found = []
    for inner in section.inner:
        if inner.starts("policy") and len(inner.words) == 2:
            read = read_policy_rule(inner, known)
            if not read.disabled:
                found.append(ruled(read, known, cut=cut))
        elif inner.words[0] == "description":
            known.notes.read(inner)
        else:
            known.notes.missed(inner)
            found.append(FilterRule(inner.line, inner.text, (), Action.ANYTHING, unread=(inner.text,)))
    return found


def _defaults(section: Section, match: re.Match[str], known: Vocabulary, *, cut: bool) -> list[FilterRule]:
    action = ACTIONS[match[1]]
    unread = ("the file ends before its end",) if cut else ()
    if match[2]:
        return [FilterRule(section.line, section.text, (), action, unread=unread)]
    ways = [match[5]] if match[5] else ["inbound", "outbound"]
    found = []
    for way in ways:
        where = _pair(section, match[3], match[4], way, known)
        doubts = unread if where else (*unread, section.text)
        found.append(FilterRule(section.line, section.text, where, action, unread=doubts))
    return found


def unknown_policy(known: Vocabulary) -> FilterTable:
    """Return the policy of a firewall with zones whose file shows none: anything may happen."""
    name = "no policy"
    line = min((zone.line for zone in known.zones.listed()), default=1)
    every = FilterRule(
        line, name, (Within(Field.PROTOCOL, ((0, 255),)),), Action.ANYTHING, unread=(name,), implied=True
    )
    bases = tuple(Base(name, stage, Action.ANYTHING, line, kind=Kind.PART) for stage in STAGES)
    return FilterTable(name, FAMILIES, (Chain(name, line, (every,)),), bases)
