"""What firewalld's configuration says, whichever way it is written: each thing with the line it stands at."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanner.facts.rules import UnreadLine

PortOf = tuple[str, str]
"""Ports and their protocol, both as written: ``("8000-8010", "tcp")``."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a name stands for. ``destinations``: by ``ipv4`` or ``ipv6``; ``known``: all was understood."""

    ports: tuple[PortOf, ...] = ()
    source_ports: tuple[PortOf, ...] = ()
    protocols: tuple[str, ...] = ()
    destinations: tuple[tuple[str, str], ...] = ()
    includes: tuple[str, ...] = ()
    known: bool = True


@dataclass(frozen=True, slots=True)
class End:
    """A source or destination: an address, a hardware address, or ``ipset:NAME``."""

    word: str
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class RichRule:
    """A rich rule. ``element``: what it is about and its attributes; none: whole packets.

    ``limited``: the action, and only it, is bounded by a rate.
    """

    line: int
    text: str
    family: str = ""
    source: End | None = None
    destination: End | None = None
    element: tuple[str, dict[str, str]] | None = None
    action: tuple[str, dict[str, str]] | None = None
    limited: str = ""
    logged: bool = False
    priority: int = 0
    known: bool = True


@dataclass(slots=True)
class Ruleset:
    """A zone or a policy. ``target``: ``DEFAULT``, ``CONTINUE``, ``ACCEPT``, ``DROP`` or ``REJECT``."""

    name: str
    line: int
    is_policy: bool = False
    target: str = "DEFAULT"
    target_line: int = 0
    priority: int = -1
    services: list[tuple[str, int]] = field(default_factory=list)
    ports: list[tuple[PortOf, int]] = field(default_factory=list)
    source_ports: list[tuple[PortOf, int]] = field(default_factory=list)
    protocols: list[tuple[str, int]] = field(default_factory=list)
    icmp_blocks: list[tuple[str, int]] = field(default_factory=list)
    inverted: int = 0  # the line that inverts the blocks; 0: none
    masquerade: int = 0  # the line; 0: none
    forward: int = 0  # the line; 0: none
    forward_ports: list[tuple[dict[str, str], int]] = field(default_factory=list)
    rules: list[RichRule] = field(default_factory=list)
    interfaces: list[tuple[str, int]] = field(default_factory=list)
    sources: list[tuple[str, int]] = field(default_factory=list)
    ingress: list[str] = field(default_factory=list)
    egress: list[str] = field(default_factory=list)
    unread: list[UnreadLine] = field(default_factory=list)
    lines: dict[int, str] = field(default_factory=dict)

    def text(self, line: int) -> str:
        """Return what stands at a line."""
        return self.lines.get(line, "")
