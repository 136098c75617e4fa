"""Overlays: what a sector or a house asks beyond the profile of a level, laid over it. Data, validated.

An overlay names the levels that it is laid over, and may set thresholds, bind further checks to steps, take
bindings away and add items of its own (ids ``X-...``). Whatever asks less than before needs a reason beside
it, and is carried in the profile so that every report shows it:

- a threshold that is less strict;
- a binding taken away: its no would not condemn any more;
- a check that may acquit a step which only people acquitted before.

Several overlays are laid one over the other in order; "before" is what the one below left.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scanner import yamlmarks
from scanner.bindings import Askable, read_check
from scanner.catalogue import OF_AN_OVERLAY, Known, read_item
from scanner.entries import Fields
from scanner.model import Loosening, Overlay, Scope, Settles, Sight, Text
from scanner.profile_files import LEVELS
from scanner.threshold import changes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from scanner.checks.check import Check
    from scanner.errors import Mistake
    from scanner.model import Binding, Item, ItemStep, Level, Profile
    from scanner.yamlmarks import Document, Where

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_BASES = tuple(f"l{level}" for level in LEVELS)
_PARTS = ("parameters", "bindings", "items")


@dataclass(frozen=True, slots=True)
class Layer:
    """One level's items and thresholds as they stand, with what has been laid over them so far."""

    level: Level
    items: tuple[Item, ...]
    parameters: Mapping[str, object]  # by check id, complete
    overlays: tuple[Overlay, ...] = ()


@dataclass(frozen=True, slots=True)
class Nameable:
    """What an overlay may refer to. Without checks (None) thresholds and names of checks go unread."""

    checks: Mapping[str, Check] | None
    kinds: Collection[str]
    judgements: Collection[str]


def name_of(read: Document) -> str:
    """Return the name of an overlay; "" where the file has none."""
    given = read.data.get("name") if isinstance(read.data, dict) else None
    return given if isinstance(given, str) and NAME.fullmatch(given) else ""


def bases(read: Document) -> tuple[Level, ...]:
    """Return the levels that an overlay is laid over; none where the file does not say."""
    given = read.data.get("base") if isinstance(read.data, dict) else None
    names = given if isinstance(given, list) else [given]
    return tuple(level for level, base in zip(LEVELS, _BASES, strict=True) if base in names)


def lay_over(below: Layer, read: Document, nameable: Nameable, mistakes: list[Mistake]) -> Layer:
    """Lay one overlay over a level, adding to ``mistakes``; a level that is not its base stays as it is."""
    levels = bases(read)
    if levels and below.level not in levels:
        return below
    mistakes += read.mistakes
    if not isinstance(read.data, dict):
        mistakes += [] if read.mistakes else [read.mistake((), "an overlay must be a mapping")]
        return below
    fields = Fields(read, mistakes, read.data)
    name, title = fields.text("name", pattern=NAME), fields.words("title")
    _check_base(fields)
    laying = _Laying(read, below.level, levels, nameable, name)
    if not any(fields.has(part) for part in _PARTS):
        fields.wrong((), f"the overlay changes nothing: it has none of {', '.join(_PARTS)}")
    items, parameters = below.items, below.parameters
    if fields.has("items"):
        items += laying.added(fields.entries("items"), items)
    if fields.has("bindings"):
        items = laying.bound(fields.mapping("bindings"), items)
    if fields.has("parameters"):
        parameters = laying.thresholds(fields.mapping("parameters"), parameters, mistakes)
    fields.done()
    overlay = Overlay(name, title, read.digest, tuple(laying.loosened))
    return Layer(below.level, items, parameters, (*below.overlays, overlay))


def together(profiles: Iterable[Profile]) -> tuple[Overlay, ...]:
    """Return the overlays of several levels, each once with all that it loosens at any of them."""
    found: dict[tuple[str, str], Overlay] = {}
    for overlay in (overlay for profile in profiles for overlay in profile.overlays):
        known = found.setdefault((overlay.name, overlay.digest), replace(overlay, loosened=()))
        loosened = dict.fromkeys((*known.loosened, *overlay.loosened))
        found[overlay.name, overlay.digest] = replace(known, loosened=tuple(loosened))
    return tuple(found.values())


def _check_base(fields: Fields) -> None:
    """Note what is no level among the bases."""
    if isinstance(fields.given.get("base"), list):
        fields.names("base", _BASES)
    else:
        fields.choice("base", _BASES)


@dataclass(slots=True)
class _Laying:
    """Lays one overlay over one level; what it loosens is gathered on the way."""

    read: Document
    level: Level
    levels: tuple[Level, ...]
    nameable: Nameable
    name: str
    own: set[str] = field(default_factory=set)  # items that the overlay adds, at this level or a higher one
    loosened: list[Loosening] = field(default_factory=list)

    def added(self, entries: list[Fields], below: tuple[Item, ...]) -> tuple[Item, ...]:
        """Read the items that the overlay adds at this level."""
        known = Known(self.nameable.kinds, self.nameable.judgements, frozenset())
        there = {item.id for item in below}
        found = []
        for entry in entries:
            least = entry.number("min_level") if entry.has("min_level") else self.level
            item = replace(
                read_item(entry, self.level, Scope.GENERAL, known, OF_AN_OVERLAY), overlay=self.name
            )
            if entry.has("min_level") and least > max(self.levels, default=max(LEVELS)):
                entry.wrong(("min_level",), f"no base of the overlay is of level {least} or higher")
            if item.id in there or item.id in self.own:
                entry.wrong(("id",), f"{item.id} is there already")
            self.own.add(item.id)
            if least <= self.level:
                found.append(item)
        return tuple(found)

    def thresholds(
        self, written: Fields, below: Mapping[str, object], mistakes: list[Mistake]
    ) -> dict[str, object]:
        """Read thresholds; those that are not named stay as they are."""
        above = dict(below)
        for name, value in written.each():
            if self.nameable.checks is None:
                continue
            if name not in self.nameable.checks:
                written.wrong((name,), f"no check is called {name!r}")
                continue
            entry = written.inner(name, value)
            if self._names_right(entry, name, self.nameable.checks[name].parameters):
                above[name] = self._threshold(entry, name, below[name], mistakes)
        return above

    def _names_right(self, entry: Fields, check: str, kind: type[Any]) -> bool:
        """Whether an entry names parameters of the check, and nothing else but a reason."""
        names = {f.name for f in dataclasses.fields(kind)}
        unknown = entry.given.keys() - names - {"reason"}
        for key in unknown:
            entry.wrong((key,), f"{check} has no parameter {key!r}")
        named = entry.given.keys() & names
        if not named and not unknown and entry.given:
            entry.wrong((), f"{check}: no parameter is named")
        return bool(named)

    def _threshold(self, entry: Fields, check: str, before: Any, mistakes: list[Mistake]) -> object:
        """Read the parameters of one check, over those that stand."""
        reason = _reason(entry)
        whole = {name: entry.given.get(name, value) for name, value in dataclasses.asdict(before).items()}
        read = replace(self.read, data={"parameters": {check: whole}})
        after, wrong = yamlmarks.check_part(type(before), read, ("parameters", check))
        mistakes += wrong
        if wrong:
            return before
        for change in changes(before, after):
            if change.looser:
                values = str(change.before), str(change.after)
                said = f"{check} asks for less than level {self.level} does: {change.parameter} {values[1]}"
                said = f"{said} instead of {values[0]}"
                loosening = Loosening(self.level, check, *values, reason or _UNSAID, change.parameter)
                self._loosen(entry, (change.parameter,), said, loosening)
        return after

    def bound(self, written: Fields, below: tuple[Item, ...]) -> tuple[Item, ...]:
        """Read bindings to items of this level, its own among them; those of other bases are passed over."""
        items = {item.id: item for item in below}
        for name, steps in written.each():
            if name in items:
                items[name] = self._bound_item(written.inner(name, steps), items[name])
            elif name not in self.own and not self._elsewhere(name):
                written.wrong((name,), f"no item of level {self.level} is called {name!r}")
        return tuple(items.values())

    def _elsewhere(self, name: str) -> bool:
        """Whether an item's name is one of another base."""
        return any(name.startswith(f"L{level}-") for level in self.levels if level != self.level)

    def _bound_item(self, written: Fields, item: Item) -> Item:
        """Read bindings to the steps of one item."""
        steps = {str(step.n): step for step in item.steps}
        for n, entries in written.each():
            if n not in steps:
                written.wrong((n,), f"the item has no step {n}")
            elif not isinstance(entries, list) or not entries:
                written.wrong((n,), f"{n}: must be a list")
            else:
                several = [written.inner(n, entry, i) for i, entry in enumerate(entries)]
                steps[n] = self._bound_step(several, item, steps[n])
        return replace(item, steps=tuple(steps.values()))

    def _bound_step(self, entries: list[Fields], item: Item, step: ItemStep) -> ItemStep:
        """Add checks to a step, and take some away."""
        bindings = {binding.check: binding for binding in step.bindings}
        acquitted = any(binding.settles is Settles.BOTH for binding in step.bindings)
        for entry in entries:
            if entry.has("remove"):
                self._remove(entry, item, step, bindings)
            else:
                self._add(entry, item, step, bindings, acquitted=acquitted)
            entry.done()
        return replace(step, bindings=tuple(bindings.values()))

    def _remove(self, entry: Fields, item: Item, step: ItemStep, bindings: dict[str, Binding]) -> None:
        """Take a check away: its no does not condemn the step any more."""
        check, reason = entry.text("remove"), _reason(entry)
        taken = bindings.pop(check, None)
        if taken is None:
            if check:
                entry.wrong(("remove",), f"{check!r} is not bound to step {step.n} of {item.id}")
            return
        said = f"{check} would not condemn step {step.n} of {item.id} any more"
        loosening = Loosening(
            self.level, check, taken.settles, "", reason or _UNSAID, item=item.id, step=step.n
        )
        self._loosen(entry, ("remove",), said, loosening)

    def _add(
        self, entry: Fields, item: Item, step: ItemStep, bindings: dict[str, Binding], *, acquitted: bool
    ) -> None:
        """Add a check. Where none acquitted the step before, one that may is a loosening."""
        checks = self.nameable.checks
        binding, reason = read_check(entry, step, Askable({}, checks, ())), _reason(entry)
        if step.sight is Sight.NO:
            entry.wrong((), "no look answers this step (scan: no), so nothing can be bound to it")
        if binding.check in bindings:
            entry.wrong(("check",), f"{binding.check} is bound to this step already")
            return
        bindings[binding.check] = binding
        if binding.settles is Settles.NO:
            return
        if step.evidence_only is not None:
            entry.wrong(("settles",), "no check may acquit this step: it is evidence-only")
        elif not acquitted and item.overlay != self.name:
            said = f"{binding.check} may acquit step {step.n} of {item.id}, which no check acquits so far"
            loosening = Loosening(
                self.level, binding.check, "", binding.settles, reason or _UNSAID, item=item.id, step=step.n
            )
            self._loosen(entry, ("settles",), said, loosening)

    def _loosen(self, entry: Fields, where: Where, said: str, loosening: Loosening) -> None:
        """Take a loosening in, if its reason stands beside it."""
        if loosening.reason is _UNSAID:
            entry.wrong(where, f"{said}: that needs a reason {{zh: .., en: ..}} beside it")
        else:
            self.loosened.append(loosening)


_UNSAID = Text("", "")


def _reason(entry: Fields) -> Text | None:
    """Read the reason of an entry, where it has one."""
    return entry.words("reason") if entry.has("reason") else None
