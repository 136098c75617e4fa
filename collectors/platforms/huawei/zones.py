"""Security zones: their interfaces and how much they are trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.huawei.words import number
from scanner.facts.rules import Flaw, Side, Through, Zone

if TYPE_CHECKING:
    from collectors.platforms.huawei.notes import Notes
    from collectors.platforms.huawei.sections import Section

LOCAL = "local"
GIVEN = {LOCAL: 100, "trust": 85, "dmz": 50, "untrust": 5}
"""Zones that every firewall has, with their priorities."""

BESIDE = frozenset({"description", "detect", "undo", "statistic", "import"})


@dataclass(slots=True)
class Zones:
    """Zones by name. ``local``, the device itself, is none of those in which interfaces lie."""

    by_name: dict[str, Zone] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        """Whether a word in the place of a zone is one."""
        return name in self.by_name or name in GIVEN or name == "any"

    def through(self, side: Side, names: list[str], line: Section, notes: Notes) -> Through | None:
        """Return the condition that packets pass one of the zones; None where one is not defined."""
        found: list[str] = []
        for name in names:
            if name == LOCAL:
                found.append("")
            elif name in self.by_name or name in GIVEN:
                self.by_name.setdefault(name, Zone(name, line.line, (), GIVEN.get(name)))
                found.append(name)
            else:
                notes.flaw(Flaw.UNDEFINED, line, f"zone {name}")
                return None
        return Through(side, tuple(found))

    def priority(self, name: str) -> int | None:
        """How much a zone is trusted."""
        zone = self.by_name.get(name)
        return GIVEN.get(name) if zone is None or zone.priority is None else zone.priority

    def listed(self) -> tuple[Zone, ...]:
        """All of them, in the order of the file."""
        return tuple(self.by_name.values())


def read_zones(outer: list[Section], notes: Notes) -> Zones:
    """Read the zones."""
    found = Zones()
    for section in outer:
        if not section.starts("firewall", "zone") or len(section.words) < 3:
            continue
        notes.read(section)
        words = section.words[2:]
        name = words[1] if words[0] == "name" and len(words) > 1 else words[0]
        interfaces: list[str] = []
        priority = GIVEN.get(name)
        for inner in section.inner:
            if inner.starts("add", "interface") and len(inner.words) > 2:
                notes.read(inner)
                interfaces.append("".join(inner.words[2:]))
            elif inner.starts("set", "priority") and len(inner.words) == 3:
                notes.read(inner)
                priority = number(inner.words[2], 100)
            elif inner.words[0] in BESIDE:
                notes.read(inner)
            else:
                notes.missed(inner)
        if name != LOCAL:
            found.by_name[name] = Zone(name, section.line, tuple(interfaces), priority)
    return found
