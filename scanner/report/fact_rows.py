"""Facts as rows: every understood value with where it was read, for ``facts`` and for people who doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from scanner.facts import ALL, Fact, FactSheet, Value
from scanner.facts.rules import RuleFile
from scanner.model import Citation, Gap

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Row:
    """One value of one fact; ``origin``: written down (explicit) or a default, "" where unsaid."""

    object: str
    fact: str
    name: str
    value: str
    origin: str
    citation: Citation | None


def rows(sheet: FactSheet) -> Iterator[Row]:
    """All values of a sheet in a fixed order; a gap is one row that says why nothing is there."""
    for kind in ALL:
        entry = sheet.entries.get(kind)
        if isinstance(entry, Gap):
            needs = f"; needs {entry.needs}" if entry.needs else ""
            place = " ".join(part for part in (entry.step, entry.subject) if part)
            asked = f" [{place}]" if place else ""
            text = f"unseen ({entry.reason}): {entry.detail}{asked}{needs}"
            yield Row(sheet.object, kind.__name__, "", text, "", None)
        elif isinstance(entry, Fact):
            found = list(_values(entry, "", entry.seen[0] if entry.seen else None))
            for name, value, origin, citation in found:
                yield Row(sheet.object, kind.__name__, name, value, origin, citation)
            if not found:
                yield Row(sheet.object, kind.__name__, "", "none", "", entry.seen[0] if entry.seen else None)


Found = tuple[str, str, str, Citation | None]
"""Name, value, origin, citation."""


def _values(thing: Any, name: str, near: Citation | None) -> Iterator[Found]:
    """Walk into dataclasses, mappings and tuples; a citation inside a thing holds for its plain values."""
    if isinstance(thing, Value):
        for inner, value, _, _ in _values(thing.value, name, thing.at):
            yield inner, value, thing.origin.value, thing.at
    elif isinstance(thing, RuleFile):
        count = sum(len(chain.rules) for table in thing.tables for chain in table.chains)
        yield name, f"{count} rules", "", near  # what they say is told as what they prove
    elif is_dataclass(thing):
        yield from _parts(thing, name, near)
    elif isinstance(thing, Mapping):
        for key in sorted(thing):
            yield from _values(thing[key], _join(name, str(key)), near)
    elif isinstance(thing, tuple):
        yield from _entries(thing, name, near)
    else:
        yield name, str(_plain(thing)), "", near


def _parts(thing: Any, name: str, near: Citation | None) -> Iterator[Found]:
    if isinstance(thing, Citation):
        return
    own = getattr(thing, "at", None)
    here = own if isinstance(own, Citation) else near
    for field in fields(thing):
        if field.name != "seen":
            yield from _values(getattr(thing, field.name), _join(name, field.name), here)


def _entries(entries: tuple[Any, ...], name: str, near: Citation | None) -> Iterator[Found]:
    if all(isinstance(entry, (str, int)) for entry in entries):
        yield name, " ".join(str(_plain(entry)) for entry in entries) or "none", "", near
        return
    for index, entry in enumerate(entries):
        yield from _values(entry, f"{name}[{index}]", near)


def _plain(thing: Any) -> Any:
    if thing is None:
        return "none"
    if isinstance(thing, bool):
        return "yes" if thing else "no"
    return thing.value if isinstance(thing, Enum) else thing


def _join(name: str, part: str) -> str:
    return f"{name}.{part}" if name else part
