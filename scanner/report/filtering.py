"""Rule files of packet filters with what was found in them, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.facts import Published
    from scanner.facts.rules import RuleFile
    from scanner.packetspace.analysis import Analysis
    from scanner.packetspace.difference import Compared
    from scanner.packetspace.reached import Reach


@dataclass(frozen=True, slots=True)
class JudgedRules:
    """One file, what is wrong with it, and what of it is reached; None: nobody asked.

    ``programs``: those that wrote chains of it by themselves; ``published``: ports that engines of
    containers, pods and guests among them send on.
    """

    file: str
    rules: RuleFile
    analysis: Analysis
    reach: Reach | None
    programs: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparedRules:
    """Two files and their differences. ``rules``: what was read of each."""

    before: str
    after: str
    compared: Compared
    rules: tuple[RuleFile, RuleFile]

    def placed_before(self, line: int) -> str:
        """Return where a line of the first stands."""
        return self.rules[0].place(line)

    def placed_after(self, line: int) -> str:
        """Return where a line of the second stands."""
        return self.rules[1].place(line)


def port_ranges(ports: list[int]) -> str:
    """Return ports as people write them: ``22, 80-90``."""
    spans: list[list[int]] = []
    for port in sorted(ports):
        if spans and port == spans[-1][1] + 1:
            spans[-1][1] = port
        else:
            spans.append([port, port])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in spans)
