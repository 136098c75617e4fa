"""A packet filter as written: tables, chains and rules in no vendor's words, each at its line.

Addresses of both families lie on one axis: IPv4 is 0 to 2**32 - 1, IPv6 follows at ``V6``. What a packet must
be is said positively (a negation is the complement within its family), so that nobody negates twice.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

V6 = 1 << 32
"""Where the addresses of IPv6 begin on the axis."""

Span = tuple[int, int]
Spans = tuple[Span, ...]
"""Sorted, disjoint, not adjacent; both ends count."""

V4_SPANS: Spans = ((0, V6 - 1),)
V6_SPANS: Spans = ((V6, V6 + (1 << 128) - 1),)


class Field(StrEnum):
    """Dimensions of a packet that are whole numbers."""

    PROTOCOL = "protocol"  # 0-255
    SOURCE = "source"  # on the axis of both families
    DESTINATION = "destination"
    SOURCE_PORT = "source_port"
    PORT = "port"  # of the destination; of ICMP: type * 256 + code


class State(StrEnum):
    """Of the connection that a packet belongs to."""

    NEW = "new"
    ESTABLISHED = "established"
    RELATED = "related"
    INVALID = "invalid"
    UNTRACKED = "untracked"


class Side(StrEnum):
    """Interfaces that a packet has: where it came in and where it goes out; either may be none."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Within:
    """A field lies in one of the spans; none: never."""

    field: Field
    spans: Spans


@dataclass(frozen=True, slots=True)
class Through:
    """An interface has one of the names; a name that ends in ``*`` stands for all that begin so."""

    side: Side
    names: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InState:
    """The connection is in one of the states."""

    states: frozenset[State]


@dataclass(frozen=True, slots=True)
class Flagged:
    """TCP flags are one of these: bit n of ``values`` stands for a flag byte of n."""

    values: int


@dataclass(frozen=True, slots=True)
class Opaque:
    """What rules ask beyond the fields: a rate, a clock, a list that lives in the kernel, a hardware address.

    ``steady``: the same packet always gets the same answer, so that two rules with the same ``text`` agree.
    ``first``: the answer for the first packet of a first connection, unicast, in the clear, unmarked and not
    bridged, from a station that no rule names by its hardware address; None where even that does not tell.
    ``stands``: what it asks of that packet's own fields (a negation is in it) while nothing translated it.
    """

    kind: str
    text: str
    negated: bool = False
    steady: bool = False
    first: bool | None = None
    stands: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """All conditions of at least one of the options hold."""

    options: tuple[tuple[Condition, ...], ...]


Condition = Within | Through | InState | Flagged | Opaque | Either


class Action(StrEnum):
    """What a rule does with what it matches."""

    ACCEPT = "accept"
    DROP = "drop"
    REJECT = "reject"
    CONTINUE = "continue"  # logs, counts, marks: decides nothing
    JUMP = "jump"
    GOTO = "goto"
    RETURN = "return"
    TRANSLATE = "translate"  # addresses or ports change
    ANYTHING = "anything"  # not understood


DECIDING = frozenset({Action.ACCEPT, Action.DROP, Action.REJECT})


class Stage(StrEnum):
    """Where on its way a packet meets a chain."""

    INGRESS = "ingress"
    INBOUND = "inbound"  # the list of an interface of a device for what comes in by it
    PREROUTING = "prerouting"
    INPUT = "input"
    FORWARD = "forward"
    OUTPUT = "output"
    POSTROUTING = "postrouting"
    OUTBOUND = "outbound"  # the same for what goes out by it through the device


class Kind(StrEnum):
    """What a base chain is for."""

    FILTER = "filter"
    PART = "part"  # decides for some packets only, such as those to one service of the device itself
    BESIDE = "beside"  # raw, mangle, security: they prepare, and may drop
    NAT = "nat"


FILTERING = frozenset({Kind.FILTER, Kind.PART})
"""Kinds of chains that decide what passes."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What a rule that translates makes of a packet.

    ``side``: SOURCE or DESTINATION, the end that changes. ``addresses`` and ``ports``: what the end becomes,
    one of them; none: it stays. ``own``: the address becomes one of the host's own, whichever that is.
    """

    side: Field
    addresses: Spans = ()
    ports: Spans = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class FilterRule:
    """One rule. ``unread``: words that were not understood; ``marks``: it sets a mark on the packet.

    ``line``: 1-based. Several rules may stand for one line (a map of verdicts). ``translation``: of
    TRANSLATE, None where its target was not understood. ``untracks``: the connection of the packet is not
    looked for. ``counted``: packets that came to the rule, None where nobody counted; ``logs``: whether it
    writes of the packet to a log, None where that is no property of a rule. ``implied``: it is not written,
    the device works so, and nothing is said against it.
    """

    line: int
    text: str
    conditions: tuple[Condition, ...]
    action: Action
    target: str = ""
    unread: tuple[str, ...] = ()
    marks: bool = False
    translation: Translation | None = None
    untracks: bool = False
    counted: int | None = None
    logs: bool | None = None
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """Rules of one name, in order."""

    name: str
    line: int
    rules: tuple[FilterRule, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """A chain that packets enter by themselves, and what becomes of those that no rule decided.

    ``counted``: how many these were, None where nobody counted.
    """

    chain: str
    stage: Stage
    policy: Action
    line: int
    priority: int = 0
    kind: Kind = Kind.FILTER
    devices: tuple[str, ...] = ()  # of ingress, inbound, outbound: the interfaces it hangs on
    counted: int | None = None


@dataclass(frozen=True, slots=True)
class FilterTable:
    """Chains that can call each other, and the packets that they see (``families``: spans of addresses)."""

    name: str
    families: tuple[Spans, ...]
    chains: tuple[Chain, ...]
    bases: tuple[Base, ...]


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """A line, or words of one, that was not understood."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Zone:
    """Interfaces under one name. ``priority``: 0-100, the higher the more trusted; None where not told."""

    name: str
    line: int
    interfaces: tuple[str, ...]
    priority: int | None = None


class Flaw(StrEnum):
    """What a file shows to be wrong whatever packets come."""

    UNBOUND = "unbound"  # a list that nothing uses
    ON_SHUT = "bound-to-shut"  # a list on an interface that is shut down
    WRONG_DIRECTION = "wrong-direction"  # a list that asks for sources which lie on the other side
    CYCLE = "object-cycle"  # a group that holds itself
    UNDEFINED = "undefined"  # a name that the file does not define
    MANAGEMENT = "management-open"  # logins or SNMP that take every source
    FAMILY = "family-unfiltered"  # an interface that filters one family and speaks both
    CUT = "cut"  # the file ends before its end


@dataclass(frozen=True, slots=True)
class Flawed:
    """One flaw at its line. ``names``: what it concerns: lists, interfaces, objects, services."""

    flaw: Flaw
    line: int
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A service inside that a translation offers outside; ``inside``: its packets as the filter sees them."""

    line: int
    text: str
    inside: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class FilePart:
    """One of several files that make a rule set: its lines follow ``before`` others."""

    name: str
    before: int


@dataclass(frozen=True, slots=True)
class RuleFile:
    """All that one file says. ``both_families``: it would show filters of IPv4 and of IPv6 if there were.

    ``files``: of several that make one rule set; their lines count on from one to the next.

    Of devices: ``interfaces``, all that the file shows; ``zones``; ``flaws``; ``published``; ``within``: how
    many of the lines stand inside filters; ``forwards``: packets through it are what it is there for, so that
    a question is about them if it does not say; ``cut``: the end is missing, so that nothing is known of what
    follows.
    """

    dialect: str
    lines: int
    tables: tuple[FilterTable, ...]
    unread: tuple[UnreadLine, ...]
    both_families: bool = False
    interfaces: tuple[str, ...] = ()
    zones: tuple[Zone, ...] = ()
    flaws: tuple[Flawed, ...] = ()
    published: tuple[Published, ...] = ()
    within: int | None = None
    forwards: bool = False
    cut: bool = False
    files: tuple[FilePart, ...] = ()

    def place(self, line: int) -> str:
        """Return where a line stands, as people read it: ``12``, or of several files ``user.rules:12``."""
        parts = [part for part in self.files if part.before < line]
        return f"{parts[-1].name}:{line - parts[-1].before}" if parts else str(line)


def on_axis(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
    """Return the place of an address on the axis of both families."""
    return int(address) if address.version == 4 else int(address) + V6


def from_axis(place: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address at a place of the axis."""
    return ipaddress.IPv4Address(place) if place < V6 else ipaddress.IPv6Address(place - V6)


def united(spans: Spans | list[Span]) -> Spans:
    """Return the spans sorted, without overlaps, neighbours as one."""
    found: list[Span] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def outside(spans: Spans, whole: Spans) -> Spans:
    """Return what of ``whole`` is in none of the spans."""
    found: list[Span] = []
    for start, end in whole:
        at = start
        for low, high in spans:
            if high < at or low > end:
                continue
            if low > at:
                found.append((at, low - 1))
            at = high + 1
        if at <= end:
            found.append((at, end))
    return tuple(found)
