"""Address and service objects of a firewall, and groups of them, which may hold groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from collectors.platforms.huawei.addresses import taken_after_mask
from collectors.platforms.huawei.words import (
    ICMP,
    ICMP6,
    SERVICES,
    UNVERIFIED_SERVICES,
    number,
    port,
    protocol,
)
from scanner.facts.rules import Field, Flaw, Within, united

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.platforms.huawei.notes import Notes
    from collectors.platforms.huawei.sections import Section
    from scanner.facts.rules import Condition, Spans

Option = tuple["Condition", ...]
T = TypeVar("T")
MOST_DEPTH = 64


@dataclass(slots=True)
class _Set(Generic[T]):
    """One object: what it holds itself, which others it holds, and whether all of it was understood."""

    section: Section
    own: list[T] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    exact: bool = True


@dataclass(slots=True)
class Objects:
    """All objects of a firewall."""

    notes: Notes
    addresses: dict[str, _Set[Spans]] = field(default_factory=dict)
    services: dict[str, _Set[Option]] = field(default_factory=dict)

    def address(self, name: str) -> Spans | None:
        """Return the addresses of an object; None where they are not all known."""
        found = _held(self.addresses, name, lambda _: None)
        return None if found is None else united([span for spans in found for span in spans])

    def service(self, name: str) -> list[Option] | None:
        """Return what a service may be; None where that is not known."""
        return _held(self.services, name, predefined)


def _held(sets: dict[str, _Set[T]], name: str, given: Callable[[str], list[T] | None]) -> list[T] | None:
    """Return all that an object holds; None: it holds itself, what is not defined, or nothing at all.

    ``given``: what a name stands for that the file does not define.
    """
    found: list[T] = []
    seen: set[str] = set()
    waiting = [(name, 0)]
    while waiting:
        one, depth = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if one not in sets:
            known = given(one)
            if known is None:
                return None
            found += known
            continue
        here = sets[one]
        if not here.exact or depth > MOST_DEPTH:
            return None
        found += here.own
        waiting += [(inner, depth + 1) for inner in here.groups]
    return None if not found or _cycle(sets, name) else found


def _cycle(sets: dict[str, _Set[T]], start: str) -> bool:
    """Whether an object holds itself, however deep."""
    waiting, seen = list(sets[start].groups) if start in sets else [], set[str]()
    while waiting:
        one = waiting.pop()
        if one == start:
            return True
        if one not in seen and one in sets:
            seen.add(one)
            waiting += sets[one].groups
    return False


def predefined(name: str) -> list[Option] | None:
    """Return what a service that the firewall brings along is; None where that was not verified."""
    known = SERVICES.get(name.lower())
    if known is None or name.lower() in UNVERIFIED_SERVICES:
        return None
    found: list[Option] = []
    for number_of, ports in known:
        one: list[Condition] = [Within(Field.PROTOCOL, ((number_of, number_of),))]
        if ports:
            one.append(Within(Field.PORT, ports))
        found.append(tuple(one))
    return found


def read_objects(outer: list[Section], notes: Notes, open_section: Section | None) -> Objects:
    """Read all objects; one in which a cut file ends is not whole."""
    found = Objects(notes)
    for section in outer:
        words = section.words
        if len(words) < 3 or words[0] not in {"ip", "ipv6"}:
            continue
        if words[1] == "address-set":
            found.addresses[words[2]] = _read(section, notes, _address, exact=section is not open_section)
        elif words[1] == "service-set":
            found.services[words[2]] = _read(section, notes, _service, exact=section is not open_section)
    for address in found.addresses:
        _flaws(found.addresses, address, notes, defined=lambda _: False)
    for service in found.services:
        _flaws(found.services, service, notes, defined=lambda name: name.lower() in SERVICES)
    return found


def _read(
    section: Section,
    notes: Notes,
    item: Callable[[list[str]], tuple[T | None, str]],
    *,
    exact: bool,
) -> _Set[T]:
    notes.read(section)
    found = _Set[T](section, exact=exact)
    for inner in section.inner:
        words = inner.words
        if words[0] == "description":
            notes.read(inner)
            continue
        own, group = item(words)
        if own is not None:
            found.own.append(own)
        elif group:
            found.groups.append(group)
        if own is None and not group:
            found.exact = False
            notes.missed(inner)
        else:
            notes.read(inner)
    return found


def _numbered(words: list[str], *heads: str) -> list[str]:
    """Return what follows ``address [N]`` or ``service [N]``, without a description behind it."""
    if words[:1] and words[0] in heads:
        words = words[1:]
        if len(words) > 1 and words[0].isdecimal():
            words = words[1:]
    return words[: words.index("description")] if "description" in words else words


def _address(words: list[str]) -> tuple[Spans | None, str]:
    left = _numbered(words, "address")
    if left[:1] == ["address-set"] and len(left) == 2:
        return None, left[1]
    if words[0] != "address":
        return None, ""
    spans, took = taken_after_mask(left)
    return (spans, "") if spans is not None and took == len(left) else (None, "")


def _service(words: list[str]) -> tuple[Option | None, str]:
    left = _numbered(words, "service")
    if left[:1] == ["service-set"] and len(left) == 2:
        return None, left[1]
    if words[0] != "service":
        return None, ""
    return service_words(left), ""


def service_words(words: list[str]) -> Option | None:
    """Read ``protocol P [source-port ...] [destination-port ...]``; None where it is not understood."""
    if words[:1] == ["protocol"]:
        words = words[1:]
    kind = protocol(words[0]) if words else None
    if kind is None:
        return None
    found: list[Condition] = [Within(Field.PROTOCOL, ((kind, kind),))]
    at = 1
    while at < len(words):
        word = words[at]
        end = next(
            (i for i in range(at + 1, len(words)) if words[i].endswith(("-port", "-type"))), len(words)
        )
        values = words[at + 1 : end]
        spans = None
        if word in {"source-port", "destination-port"} and kind in {6, 17, 132}:
            spans = _ports(values, kind)
        elif word in {"icmp-type", "icmpv6-type"} and kind in {1, 58}:
            spans = _messages(values, kind)
        if not spans:
            return None
        found.append(Within(Field.SOURCE_PORT if word == "source-port" else Field.PORT, spans))
        at = end
    return tuple(found)


def _ports(values: list[str], kind: int) -> Spans | None:
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(values):
        low = port(values[at], kind)
        high = low
        at += 1
        if at + 1 < len(values) and values[at] == "to":
            high = port(values[at + 1], kind)
            at += 2
        if low is None or high is None or low > high:
            return None
        found.append((low, high))
    return united(found) if found else None


def _messages(values: list[str], kind: int) -> Spans | None:
    names = ICMP if kind == 1 else ICMP6
    if len(values) == 1 and values[0] in names:
        low = names[values[0]][0] * 256 + names[values[0]][1]
        return ((low, low),)
    told = [number(value, 255) for value in values]
    if len(told) == 1 and told[0] is not None:
        return ((told[0] * 256, told[0] * 256 + 255),)
    if len(told) == 2 and told[0] is not None and told[1] is not None:
        return ((told[0] * 256 + told[1],) * 2,)
    return None


def _flaws(sets: dict[str, _Set[T]], name: str, notes: Notes, *, defined: Callable[[str], bool]) -> None:
    here = sets[name]
    for group in here.groups:
        if group not in sets and not defined(group):
            notes.flaw(Flaw.UNDEFINED, here.section, group)
    if _cycle(sets, name):
        notes.flaw(Flaw.CYCLE, here.section, name)
