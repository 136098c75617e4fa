"""Walking first-match rule lists with one unremarkable new packet, in three-valued logic.

The packet is a TCP or UDP packet that opens a connection, comes from outside (not ``lo``), from an
address and to a port that no narrow rule names. A condition on it holds, does not hold, or may hold.
Every verdict that may be met is collected; only when all agree is a default known. That is no proof
over all packets: it says what happens to those that no narrowing rule claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts import Default, Family, Hook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import Citation

NARROW_PORTS = 1024
"""A rule on more ports than this is no narrow rule: an unremarkable port may be among them."""

NARROW_SHARE = 1 / 16
"""Prefixes that hold more of all addresses than this are no narrow rule."""

ALL_PORTS = frozenset({(0, 65535), (1, 65535)})

ANY = "any"
"""All sources."""


class Holds(StrEnum):
    """Whether a condition holds for the packet."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"

    def inverted(self) -> Holds:
        """The same for the negated condition."""
        return {Holds.YES: Holds.NO, Holds.NO: Holds.YES, Holds.MAYBE: Holds.MAYBE}[self]


@dataclass(frozen=True, slots=True)
class Packet:
    """A new connection's first packet; ``port`` None means a port that no narrow rule names."""

    family: Family
    protocol: str  # tcp or udp
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule. ``kind`` says how ``names``, ``ports`` and ``prefixes`` are read.

    Kinds: ``family``, ``protocol``, ``ports`` (destination), ``state``; for ``source`` and ``fixed`` the
    answer does not depend on the packet and stands in ``answer`` (always, never, or not understood).
    """

    kind: str
    names: frozenset[str] = frozenset()
    ports: tuple[tuple[int, int], ...] = ()
    prefixes: tuple[str, ...] = ()  # networks in CIDR notation
    negated: bool = False
    answer: Holds = Holds.MAYBE

    def holds(self, packet: Packet) -> Holds:
        """Whether it holds for ``packet``."""
        plain = self._plain(packet)
        return plain.inverted() if self.negated else plain

    def _plain(self, packet: Packet) -> Holds:
        if self.kind == "family":
            return _known(packet.family.value in self.names)
        if self.kind == "protocol":
            return _known(packet.protocol in self.names)
        if self.kind == "state":
            return _known("new" in self.names)
        if self.kind == "ports":
            return _port_holds(self.ports, packet.port)
        return self.answer


def _known(answer: bool) -> Holds:
    return Holds.YES if answer else Holds.NO


def _port_holds(ports: tuple[tuple[int, int], ...], port: int | None) -> Holds:
    if port is not None:
        return _known(any(low <= port <= high for low, high in ports))
    if ALL_PORTS & set(ports):
        return Holds.YES
    return Holds.NO if sum(high - low + 1 for low, high in ports) <= NARROW_PORTS else Holds.MAYBE


def _source_holds(prefixes: tuple[str, ...]) -> Holds:
    lengths = [int(prefix.rpartition("/")[2]) for prefix in prefixes]
    if 0 in lengths:
        return Holds.YES
    return Holds.NO if sum(2.0**-length for length in lengths) <= NARROW_SHARE else Holds.MAYBE


def from_sources(prefixes: tuple[str, ...], *, negated: bool = False) -> Condition:
    """A condition on the source address: networks in CIDR notation."""
    return Condition("source", prefixes=prefixes, negated=negated, answer=_source_holds(prefixes))


def to_destinations(prefixes: tuple[str, ...], *, negated: bool = False) -> Condition:
    """A condition on the destination. Which addresses lie behind or on the host is not known here."""
    lengths = {prefix.rpartition("/")[2] for prefix in prefixes}
    if "0" in lengths:
        answer = Holds.YES
    else:
        outside = all(prefix.lower().startswith(NOT_UNICAST) for prefix in prefixes)
        answer = Holds.NO if outside else Holds.MAYBE
    return Condition("fixed", answer=answer, negated=negated)


NOT_UNICAST = (*(f"{first}." for first in range(224, 240)), "255.255.255.255", "127.", "ff", "::1/")
"""Beginnings of addresses that no unicast packet from outside goes to."""


def by_interface(names: frozenset[str], *, negated: bool = False) -> Condition:
    """A condition on an interface: ``lo`` never holds; which others the packet uses is not known."""
    answer = Holds.YES if names & {"*", "+"} else Holds.NO if names <= {"lo"} else Holds.MAYBE
    return Condition("fixed", answer=answer, negated=negated)


def by_flags(mask: frozenset[str], wanted: frozenset[str], *, negated: bool = False) -> Condition:
    """A condition on TCP flags: the packet carries SYN alone."""
    return Condition("fixed", answer=_known(mask & {"syn"} == wanted), negated=negated)


ALWAYS = Condition("fixed", answer=Holds.YES)
NEVER = Condition("fixed", answer=Holds.NO)
NOT_UNDERSTOOD = Condition("fixed", answer=Holds.MAYBE)


class Act(StrEnum):
    """What a rule does with a packet that meets its conditions."""

    ACCEPT = "accept"
    DENY = "deny"
    RETURN = "return"
    JUMP = "jump"
    GOTO = "goto"
    NOTHING = "nothing"  # logs, counts, marks
    ANYTHING = "anything"  # not understood: may accept, deny or go on


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions that must all hold, and an act; ``target`` names the chain of a jump or goto."""

    conditions: tuple[Condition, ...]
    act: Act
    at: Citation
    target: str = ""

    def holds(self, packet: Packet) -> Holds:
        """Whether all conditions hold."""
        answers = {condition.holds(packet) for condition in self.conditions}
        if Holds.NO in answers:
            return Holds.NO
        return Holds.MAYBE if Holds.MAYBE in answers else Holds.YES

    @property
    def sources(self) -> tuple[str, ...] | None:
        """Sources it is limited to; None: it is not."""
        limits = [c.prefixes for c in self.conditions if c.kind == "source" and not c.negated]
        narrow = [limit for limit in limits if _source_holds(limit) is not Holds.YES]
        return min(narrow, key=len) if narrow else None


@dataclass(frozen=True, slots=True)
class Base:
    """A chain that the kernel calls, before it is judged. ``policy`` True accepts."""

    framework: str
    table: str
    chain: str
    families: tuple[Family, ...]
    hook: Hook
    accepts: bool
    at: Citation


Chains = dict[str, tuple[Rule, ...]]
"""Rules of every chain of one table, by chain name."""


@dataclass(frozen=True, slots=True)
class _Ends:
    """Verdicts a packet may meet, each with the place that gives it first; ``falls``: it may go on."""

    places: Mapping[Act, Citation]
    falls: bool


MAX_DEPTH = 64
"""Nested jumps followed; the kernel allows 16."""


class Walk:
    """One packet's way through the chains of one table; what a chain does is worked out once."""

    def __init__(self, chains: Chains, packet: Packet) -> None:
        self._chains = chains
        self._packet = packet
        self._known: dict[str, _Ends] = {}
        self._path: list[str] = []  # chains being worked out: a jump to one of them would be a loop

    def ends(self, name: str) -> _Ends:
        """What may become of the packet in the chain ``name``."""
        if name not in self._known:
            self._path.append(name)
            self._known[name] = self._work_out(self._chains.get(name, ()))
            self._path.pop()
        return self._known[name]

    def _work_out(self, rules: tuple[Rule, ...]) -> _Ends:
        places: dict[Act, Citation] = {}
        falls = True
        for rule in rules:
            holds = rule.holds(self._packet)
            if holds is Holds.NO or rule.act is Act.NOTHING:
                continue
            met, goes_on = self._verdicts(rule)
            for act, place in met.items():
                places.setdefault(act, place)
            if holds is Holds.YES and not goes_on:
                falls = False
                break
        returned = places.pop(Act.RETURN, None) is not None
        return _Ends(places, falls or returned)

    def _verdicts(self, rule: Rule) -> tuple[Mapping[Act, Citation], bool]:
        """Verdicts that a rule whose conditions hold may give, and whether the next rule may be reached."""
        if rule.act in {Act.JUMP, Act.GOTO} and self._followed(rule.target):
            inner = self.ends(rule.target)
            if rule.act is Act.JUMP:
                return inner.places, inner.falls
            # What comes back from a goto goes on where this chain was called.
            return {**inner.places, **({Act.RETURN: rule.at} if inner.falls else {})}, False
        if rule.act in {Act.JUMP, Act.GOTO, Act.ANYTHING}:
            return {Act.ACCEPT: rule.at, Act.DENY: rule.at}, True
        return {rule.act: rule.at}, False

    def _followed(self, target: str) -> bool:
        """A chain that was not shown, a loop or too deep a nesting is not followed: anything may happen."""
        return target in self._chains and target not in self._path and len(self._path) < MAX_DEPTH


def _outcome(base: Base, chains: Chains, packet: Packet) -> Mapping[Act, Citation]:
    """Every final verdict that the packet may meet, with its place."""
    ends = Walk(chains, packet).ends(base.chain)
    places = dict(ends.places)
    if ends.falls:
        places.setdefault(Act.ACCEPT if base.accepts else Act.DENY, base.at)
    return places


def default_of(base: Base, chains: Chains, family: Family) -> tuple[Default, Citation]:
    """What happens to a packet that no narrowing rule claims, and the line that decides it."""
    outcomes = [_outcome(base, chains, Packet(family, protocol)) for protocol in ("tcp", "udp")]
    for outcome in outcomes:
        if set(outcome) == {Act.ACCEPT}:
            return Default.ACCEPT, outcome[Act.ACCEPT]
    for outcome in outcomes:
        if Act.ACCEPT in outcome:
            return Default.UNKNOWN, outcome[Act.ACCEPT]
    return Default.DENY, outcomes[0][Act.DENY]
