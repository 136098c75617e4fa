"""One ``rule`` of an ACL: what it asks, what it does, and how narrow it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.huawei.addresses import taken_after_wildcard
from collectors.platforms.huawei.words import FLAGS, ICMP, ICMP6, number, port, protocol
from scanner.facts.rules import Action, Field, FilterRule, Flagged, Opaque, Within, outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.platforms.huawei.sections import Section
    from scanner.facts.rules import Condition, Spans

ACTIONS = {"permit": Action.ACCEPT, "deny": Action.DROP}
EVERY_PORT: Spans = ((0, 65535),)

STEADY_WITH_VALUE = frozenset(
    {"dscp", "tos", "precedence", "ttl", "vlan-id", "fragment-type", "packet-length", "source-mac"}
)
"""Words that ask, with the one word after them, for what no field of ours holds."""

SILENT = frozenset({"logging"})


@dataclass(slots=True)
class AclRule:
    """A rule with its number. ``rank``: of the depth-first order, the lowest first."""

    number: int
    rule: FilterRule
    rank: tuple[int, ...]


@dataclass(slots=True)
class _Parts:
    words: list[str]
    six: bool
    at: int = 0
    conditions: list[Condition] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    protocol: int | None = None
    source: int = 1 << 128
    destination: int = 1 << 128
    ports: int = 1 << 32
    vpn: bool = False
    logs: bool = False

    def left(self) -> list[str]:
        """Words not yet read."""
        return self.words[self.at :]


def read_rule(section: Section, words: list[str], at: int, *, six: bool) -> AclRule:
    """Read what follows ``rule [N]``, that is ``permit`` or ``deny`` and what is asked.

    ``at``: the rule's number. A word that is not understood leaves the rest unread, and the rule uncertain.
    """
    parts = _Parts(words[1:], six)
    kind = protocol(parts.words[0]) if parts.words else None
    if parts.words and (parts.words[0] in {"ip", "ipv6"} or kind is not None):
        parts.at = 1
        if kind is not None:
            parts.protocol = kind
            parts.conditions.append(Within(Field.PROTOCOL, ((kind, kind),)))
    while parts.at < len(parts.words) and not parts.unread:
        word = parts.words[parts.at]
        parts.at += 1
        _OPTIONS.get(word, _other)(parts, word)
    rule = FilterRule(
        section.line,
        section.text,
        tuple(parts.conditions),
        ACTIONS[words[0]],
        unread=tuple(parts.unread),
        logs=parts.logs,
    )
    return AclRule(at, rule, _rank(parts))


def _rank(parts: _Parts) -> tuple[int, ...]:
    """Narrower before wider, asked in the order of the command reference of ``acl ... match-order auto``."""
    return (not parts.vpn, parts.protocol is None, parts.source, parts.destination, parts.ports)


def _size(spans: Spans) -> int:
    return sum(high - low + 1 for low, high in spans)


def _address(parts: _Parts, word: str) -> None:
    spans, took = taken_after_wildcard(parts.left())
    if spans is None:
        parts.unread.append(" ".join([word, *parts.left()]))
        return
    any_of_it = parts.words[parts.at] == "any"
    parts.at += took
    if any_of_it:
        return
    if word == "source":
        parts.conditions.append(Within(Field.SOURCE, spans))
        parts.source = _size(spans)
    else:
        parts.conditions.append(Within(Field.DESTINATION, spans))
        parts.destination = _size(spans)


def _port(parts: _Parts, word: str) -> None:
    left = parts.left()
    spans, took = _port_spans(left, parts.protocol)
    if spans is None:
        parts.unread.append(" ".join([word, *left]))
        return
    parts.at += took
    parts.ports = min(parts.ports, _size(spans))
    parts.conditions.append(Within(Field.SOURCE_PORT if word == "source-port" else Field.PORT, spans))


def _port_spans(left: list[str], of_protocol: int | None) -> tuple[Spans | None, int]:
    ports = [port(word, of_protocol) for word in left[1:3]]
    first = ports[0] if ports else None
    if first is None or of_protocol not in {6, 17, 132}:
        return None, 0
    if left[0] == "range":
        last = ports[1] if len(ports) > 1 else None
        return (((first, last),), 3) if last is not None and first <= last else (None, 0)
    one: Spans = ((first, first),)
    found = {
        "eq": one,
        "neq": outside(one, EVERY_PORT),
        "gt": ((first + 1, 65535),) if first < 65535 else (),
        "lt": ((0, first - 1),) if first else (),
    }.get(left[0])
    return found, 2


def _icmp(parts: _Parts, word: str) -> None:
    left = parts.left()
    names = ICMP6 if parts.six else ICMP
    if left and left[0] in names:
        kind, code = names[left[0]]
        low = high = kind * 256 + code
        took = 1
    else:
        numbers = [number(one, 255) for one in left[:2]]
        if not numbers or numbers[0] is None:
            parts.unread.append(" ".join([word, *left]))
            return
        code_told = numbers[1] if len(numbers) > 1 else None
        low = numbers[0] * 256 + (code_told or 0)
        high = numbers[0] * 256 + (255 if code_told is None else code_told)
        took = 1 if code_told is None else 2
    parts.at += took
    parts.conditions.append(Within(Field.PORT, ((low, high),)))


def _flags(parts: _Parts, word: str) -> None:
    """One flag must be set; how several combine differs between releases, so that they stay unread."""
    named: list[str] = []
    while parts.left() and parts.left()[0] in {*FLAGS, "established"}:
        named.append(parts.left()[0])
        parts.at += 1
    if named == ["established"]:
        _established(parts, word)
    elif len(named) == 1:
        bit = FLAGS[named[0]]
        parts.conditions.append(Flagged(sum(1 << byte for byte in range(256) if byte & bit)))
    else:
        parts.unread.append(" ".join([word, *named, *parts.left()]))


def _established(parts: _Parts, _: str) -> None:
    bits = FLAGS["ack"] | FLAGS["rst"]
    parts.conditions.append(Flagged(sum(1 << byte for byte in range(256) if byte & bits)))


def _fragment(parts: _Parts, word: str) -> None:
    parts.conditions.append(Opaque("fragment", word, steady=True, first=False))


def _time(parts: _Parts, word: str) -> None:
    if not parts.left():
        parts.unread.append(word)
        return
    parts.conditions.append(Opaque("time", f"{word} {parts.left()[0]}"))
    parts.at += 1


def _vpn(parts: _Parts, word: str) -> None:
    if not parts.left():
        parts.unread.append(word)
        return
    parts.vpn = True
    parts.conditions.append(Opaque("vpn-instance", f"{word} {parts.left()[0]}", steady=True))
    parts.at += 1


def _logging(parts: _Parts, _: str) -> None:
    parts.logs = True


def _other(parts: _Parts, word: str) -> None:
    if word in STEADY_WITH_VALUE and parts.left():
        parts.conditions.append(Opaque(word, f"{word} {parts.left()[0]}", steady=True))
        parts.at += 1
    else:
        parts.unread.append(" ".join([word, *parts.left()]))


_OPTIONS: dict[str, Callable[[_Parts, str], None]] = {
    "source": _address,
    "destination": _address,
    "source-port": _port,
    "destination-port": _port,
    "icmp-type": _icmp,
    "icmp6-type": _icmp,
    "tcp-flag": _flags,
    "established": _established,
    "fragment": _fragment,
    "time-range": _time,
    "vpn-instance": _vpn,
    "logging": _logging,
    "log": _logging,
}
