"""Facts about packet filters, as far as part of a rule can be read without proof (the proof comes later)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation


class Hook(StrEnum):
    """Where a base chain hangs."""

    INPUT = "input"
    FORWARD = "forward"
    OUTPUT = "output"


class Family(StrEnum):
    """Packets that a chain sees."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"


class Default(StrEnum):
    """What happens to a packet that no narrowing rule of the chain claims."""

    DENY = "deny"
    ACCEPT = "accept"
    UNKNOWN = "unknown"  # a rule could not be read well enough to say


@dataclass(frozen=True, slots=True)
class BaseChain:
    """One loaded base chain, for one family.

    ``default``: DENY only if every accept before the end narrows by something that was understood.
    ``stateful``: some accepting rule asks for established connections.
    ``sources_of_port``: for a TCP port that the chain opens, the sources it is opened to; "any" means all.
    Rather too many sources than too few: every accept that may let a new connection to the port in counts,
    also one that names no port. Port 22 and all ports that rules name are asked, so that 22 is closed where
    it is missing; another port that is missing was not asked.
    """

    framework: str  # nftables, iptables, iptables-legacy
    table: str
    chain: str
    family: Family
    hook: Hook
    default: Default
    stateful: bool
    sources_of_port: tuple[tuple[int, tuple[str, ...]], ...]
    at: Citation  # the line that declares it
    default_at: Citation  # the line that decides the default


@dataclass(frozen=True, slots=True)
class Persistence:
    """Something that restores a filter at boot: a unit or front end, and whether it is enabled."""

    name: str
    enabled: bool
    at: Citation


@dataclass(frozen=True, slots=True)
class WrittenFilter:
    """A filter in the files of a unit that starts at boot, though nothing is loaded now."""

    unit: str
    at: Citation  # the line of the file that declares a chain or switches the filter on


@dataclass(frozen=True, slots=True)
class PacketFilter(Fact):
    """Packet filters loaded in the kernel, and what would restore them at boot.

    No chains: nothing filters (and the look had the right to see that).
    """

    chains: tuple[BaseChain, ...]
    persistence: tuple[Persistence, ...]
    frontends: tuple[str, ...]  # firewalld, ufw: active ones
    written: tuple[WrittenFilter, ...] = ()  # asked for only where there are no chains
