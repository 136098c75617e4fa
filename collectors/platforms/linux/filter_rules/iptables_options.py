"""Options of an iptables rule that belong to no module, and what all options have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers
from scanner.facts.rules import Field, Opaque, Side, Through, Within, outside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import Condition, Spans

EVERY_PROTOCOL: Spans = ((0, 255),)


@dataclass(frozen=True, slots=True)
class Option:
    """An option with its values; ``negated``: an exclamation mark stands before it or its value."""

    name: str
    values: tuple[str, ...]
    negated: bool

    @property
    def value(self) -> str:
        """The only value, or nothing."""
        return self.values[0] if len(self.values) == 1 else ""


@dataclass(frozen=True, slots=True)
class Around:
    """What a rule stands in: the family of its table, sets known from elsewhere, lists that rules fill."""

    family: Spans
    sets: Mapping[str, IpSet]
    filled: frozenset[str]  # lists that a rule puts the source into before others ask


Read = list["Condition"] | None
"""None: not understood."""


def general(option: Option, around: Around) -> Read:
    """Read an option that belongs to no module: addresses, interfaces, protocol, fragments."""
    match option.name:
        case "-s" | "--source" | "--src":
            return addresses(option, Field.SOURCE, around)
        case "-d" | "--destination" | "--dst":
            return addresses(option, Field.DESTINATION, around)
        case "-i" | "--in-interface":
            return _interface(option, Side.IN)
        case "-o" | "--out-interface":
            return _interface(option, Side.OUT)
        case "-p" | "--protocol" | "--proto":
            return protocol(option)
        case "-f" | "--fragment" if not option.values:
            # Connections are looked at whole: fragments are put together before.
            return [] if option.negated else [Opaque("fragment", "-f", first=False, steady=True)]
        case _:
            return None


GENERAL = frozenset(
    "-s --source --src -d --destination --dst -i --in-interface -o --out-interface -p --protocol --proto -f "
    "--fragment".split()
)


def addresses(option: Option, field: Field, around: Around) -> Read:
    """Read addresses, networks or ranges of the table's family."""
    spans = numbers.address_spans(option.value.split(","))
    if not option.value or spans is None or outside(around.family, spans):
        return None
    return [Within(field, outside(spans, around.family) if option.negated else spans)]


def _interface(option: Option, side: Side) -> Read:
    if not option.value:
        return None
    name = option.value[:-1] + "*" if option.value.endswith("+") else option.value
    return [Through(side, (name,), negated=option.negated)]


def protocol(option: Option) -> Read:
    """Read a protocol's name or number."""
    if option.value in {"all", "0"}:
        return [Within(Field.PROTOCOL, ())] if option.negated else []
    kind = numbers.protocol(option.value)
    if kind is None:
        return None
    spans: Spans = ((kind, kind),)
    return [Within(Field.PROTOCOL, outside(spans, EVERY_PROTOCOL) if option.negated else spans)]
