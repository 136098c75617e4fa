"""Facts about packet filters as read from the host; what their rules prove is in ``filter_proof``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.value import Fact
from scanner.model.capture import Citation

if TYPE_CHECKING:
    from scanner.facts.rules import RuleFile


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
    """

    framework: str  # nftables, iptables, iptables-legacy
    table: str
    chain: str
    family: Family
    hook: Hook
    default: Default
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
class Part:
    """A capture among several that are read as one: ``before`` lines of others come first.

    ``skipped``: lines of the capture that stand elsewhere: a file that includes another has two parts.
    """

    capture: str
    before: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Maker:
    """A translating rule, by line and text, and the program that runs containers or guests and wrote it."""

    line: int
    text: str
    program: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of several captures as one file whose lines count on, and where each line stands."""

    file: RuleFile
    parts: tuple[Part, ...]
    makers: tuple[Maker, ...] = ()
    passing: frozenset[tuple[int, str]] = frozenset()
    """Lines and texts of rules, or names of base chains, that a running program keeps by itself."""

    def cite(self, line: int, text: str) -> Citation:
        """Cite a rule or chain by the line that it has here."""
        part = [part for part in self.parts if part.before < line][-1]
        return Citation(part.capture, line - part.before + part.skipped, text.strip()[:200])


@dataclass(frozen=True, slots=True)
class PacketFilter(Fact):
    """Packet filters loaded in the kernel, and what would restore them at boot.

    No chains: nothing filters (and the look had the right to see that).
    ``loaded``: the rules themselves; None where they are too many to be proved. ``at_boot``: those that the
    files of what starts at boot would load; None where that is not certain.
    """

    chains: tuple[BaseChain, ...]
    persistence: tuple[Persistence, ...]
    frontends: tuple[str, ...]  # firewalld, ufw: active ones
    written: tuple[WrittenFilter, ...] = ()  # asked for only where there are no chains
    loaded: Rules | None = None
    at_boot: Rules | None = None
