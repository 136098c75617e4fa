"""Names of interfaces as bits: those that a rule set names, those that its patterns stand for, all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import Either, Through

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scanner.facts.rules import Condition, RuleFile

NONE, LOOPBACK, OTHER = "", "lo", "*"


class Interfaces:
    """Bits of interfaces.

    A pattern stands for the named interfaces that begin so and for those that nobody named; the longest
    pattern that fits one of the latter is its bit. A zone stands for its members and has a bit of its own,
    for those of its interfaces that nobody named.
    """

    def __init__(self, names: Iterable[str], zones: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.zones = dict(zones or {})
        members = {name for some in self.zones.values() for name in some}
        mentioned = (set(names) | members) - {NONE, LOOPBACK, OTHER} - set(self.zones)
        self.names = (NONE, LOOPBACK, *sorted(self.zones), *sorted(mentioned), OTHER)
        self._bit = {name: 1 << i for i, name in enumerate(self.names)}
        self.every = (1 << len(self.names)) - 1

    def mask(self, name: str) -> int:
        """Return the bits of a name or pattern."""
        if name == OTHER:
            return self.every
        if name in self.zones:
            return self._bit[name] | sum(self._bit[member] for member in set(self.zones[name]))
        if not name.endswith("*"):
            return self._bit.get(name) or self._nearest(name)
        start = name[:-1]
        return sum(
            bit for known, bit in self._bit.items() if known not in {NONE, OTHER} and known.startswith(start)
        )

    def _nearest(self, name: str) -> int:
        """The bit that an unnamed interface shares with others of its kind."""
        patterns = [known for known in self.names if known.endswith("*") and name.startswith(known[:-1])]
        return self._bit[max(patterns, key=len)]

    def of(self, condition: Through) -> int:
        """Return the bits that a condition lets through."""
        mask = 0
        for name in condition.names:
            mask |= self.mask(name)
        return self.every & ~mask if condition.negated else mask

    def some(self, mask: int) -> str:
        """Return the name of one of the bits, an ordinary interface if there is one."""
        mask &= self.every
        ordinary = mask & ~(self._bit[NONE] | self._bit[LOOPBACK])
        return self.names[((ordinary or mask) & -(ordinary or mask)).bit_length() - 1]


def interfaces_of(file: RuleFile, *more: str) -> Interfaces:
    """Return the interfaces that a rule set tells apart, and ``more``."""
    rules = (rule for table in file.tables for chain in table.chains for rule in chain.rules)
    named = {name for rule in rules for name in _named(rule.conditions)}
    devices = {name for table in file.tables for base in table.bases for name in base.devices}
    return Interfaces(named | devices | set(more), {zone.name: zone.interfaces for zone in file.zones})


def _named(conditions: tuple[Condition, ...]) -> Iterator[str]:
    for condition in conditions:
        if isinstance(condition, Through):
            yield from condition.names
        elif isinstance(condition, Either):
            for option in condition.options:
                yield from _named(option)
