"""What a rule of a firewall's policy asks, line by line: security policies and older interzone ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.huawei.addresses import taken_after_mask
from collectors.platforms.huawei.objects import service_words
from scanner.facts.rules import Action, Either, Field, FilterRule, Flaw, Opaque, Side, Within, united

if TYPE_CHECKING:
    from collectors.platforms.huawei.notes import Notes
    from collectors.platforms.huawei.objects import Objects, Option
    from collectors.platforms.huawei.sections import Section
    from collectors.platforms.huawei.zones import Zones
    from scanner.facts.rules import Condition, Spans

ACTIONS = {"permit": Action.ACCEPT, "deny": Action.DROP}
BESIDE = frozenset(
    {"description", "profile", "session", "long-link", "label", "parent-group", "enable", "name", "traffic",
     "tag", "undo-disable", "ips", "aging-time"}
)  # fmt: skip
"""Words that do not change which packets a rule takes, nor what it does with them at first."""

BEYOND = frozenset(
    {"user", "application", "url", "time-range", "access-authentication", "device-classification", "vlan-id",
     "mac-address", "terminal", "dscp", "tag-group"}
)  # fmt: skip
"""Words that narrow a rule by what no field of a packet shows."""


@dataclass(slots=True)
class PolicyRule:
    """A rule as it is put together. Values of one kind are alternatives, kinds hold together."""

    section: Section
    zones: dict[Side, list[str]] = field(default_factory=dict)
    addresses: dict[Field, list[Spans]] = field(default_factory=dict)
    services: list[Option] = field(default_factory=list)
    beyond: list[Condition] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    action: Action | None = None
    logs: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the lines of a rule refer to."""

    zones: Zones
    objects: Objects
    notes: Notes


def read_policy_rule(section: Section, known: Vocabulary) -> PolicyRule:
    """Read all lines of a rule."""
    found = PolicyRule(section)
    known.notes.read(section)
    for inner in section.inner:
        words = inner.words
        if words[0] == "policy" and len(words) > 1:
            words = [_OLD.get(words[1], words[1]), *words[2:]]
        _line(found, inner, words, known)
        for below in inner.inner:
            found.unread.append(below.text)
            known.notes.missed(below)
    return found


_OLD = {"source": "source-address", "destination": "destination-address"}
_ADDRESSES = {"source-address": Field.SOURCE, "destination-address": Field.DESTINATION}
_ZONES = {"source-zone": Side.IN, "destination-zone": Side.OUT}


def _line(found: PolicyRule, inner: Section, words: list[str], known: Vocabulary) -> None:
    head, left = words[0], words[1:]
    known.notes.read(inner)
    if head in _ADDRESSES:
        _address(found, _ADDRESSES[head], inner, left, known)
    elif head in _ZONES and left:
        found.zones.setdefault(_ZONES[head], []).extend(left)
        if not all(known.zones.knows(name) for name in left):
            known.notes.missed(inner)
    elif head == "service":
        _service(found, inner, left, known)
    elif head == "action" and left and left[0] in ACTIONS and len(left) == 1:
        found.action = ACTIONS[left[0]]
    elif words in (["disable"], ["undo", "disable"]):
        found.disabled = head == "disable"
    elif head == "logging" or (head == "session" and left == ["logging"]) or words == ["traffic", "logging"]:
        found.logs = True
    elif head in BEYOND:
        asked = Opaque(head, inner.text, steady=head != "time-range")
        found.beyond += [] if left[:1] == ["any"] else [asked]
    elif head not in BESIDE:
        known.notes.missed(inner)
        found.unread.append(inner.text)


def _address(found: PolicyRule, where: Field, inner: Section, left: list[str], known: Vocabulary) -> None:
    spans: Spans | None
    if left == ["any"]:
        found.open.add(where)
        return
    if left[:1] == ["address-set"] and len(left) > 1:
        for name in left[1:]:
            if name not in known.objects.addresses:
                known.notes.flaw(Flaw.UNDEFINED, inner, name)
            spans = known.objects.address(name)
            if spans is None:
                known.notes.missed(inner)
                found.unread.append(f"address-set {name}")
                found.open.add(where)
            else:
                found.addresses.setdefault(where, []).append(spans)
        return
    spans, took = taken_after_mask(left)
    if spans is None or took != len(left):
        known.notes.missed(inner)
        found.unread.append(inner.text)
        found.open.add(where)
    else:
        found.addresses.setdefault(where, []).append(spans)


def _service(found: PolicyRule, inner: Section, left: list[str], known: Vocabulary) -> None:
    if left == ["any"]:
        found.open.add("service")
        return
    if left[:1] == ["service-set"]:
        left = left[1:]
    if left[:1] == ["protocol"]:
        one = service_words(left)
        options = None if one is None else [one]
        if one is None:
            known.notes.missed(inner)
    else:
        told = [known.objects.service(name) for name in left]
        options = [option for some in told for option in some or ()]
        if not left or any(some is None for some in told):
            options = None
            known.notes.missed(inner)
    if options is None:
        found.unread.append(inner.text)
        found.open.add("service")
    else:
        found.services += options


def ruled(
    found: PolicyRule, known: Vocabulary, *, cut: bool, where: tuple[Condition, ...] = ()
) -> FilterRule:
    """Return the rule in no vendor's words. ``cut``: the file ends, so that nothing of it is certain."""
    conditions: list[Condition] = [*where]
    unread = list(found.unread)
    for side, names in found.zones.items():
        if "any" in names:
            continue
        through = known.zones.through(side, names, found.section, known.notes)
        if through is None:
            unread.append(f"zone {' '.join(names)}")
        else:
            conditions.append(through)
    for field_of, spans in found.addresses.items():
        if field_of not in found.open:
            conditions.append(Within(field_of, united([one for some in spans for one in some])))
    if found.services and "service" not in found.open:
        options = tuple(dict.fromkeys(found.services))
        conditions += options[0] if len(options) == 1 else (Either(options),)
    if found.action is None:
        unread.append("no action")
    if cut:
        unread.append("the file ends before its end")
    return FilterRule(
        found.section.line,
        found.section.text,
        (*conditions, *found.beyond),
        found.action or Action.ANYTHING,
        unread=tuple(unread),
        logs=found.logs,
    )
