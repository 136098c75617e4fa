"""Profiles: the items of a level, the checks bound to their steps, the checks' parameters. Data, validated.

Everything is read from the YAML files of ``control_profiles`` (or from the same files stored in a run), and
refused as a whole where anything in them is wrong, with every mistake at its file, line and column.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scanner import decision, yamlmarks
from scanner.errors import Mistake, ProfileError
from scanner.model import Binding, Item, ItemStep, Kind, Method, Profile, Settles, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scanner.checks.check import Check
    from scanner.model import Level

    Sources = Mapping[str, bytes]
    """Contents of profile files by name inside the folder, e.g. ``items/l3.yaml``."""

LEVELS = (1, 2, 3, 4)
KINDS_FILE = "object-kinds.yaml"
TEMPLATES = ("2021", "2025")
TECHNICAL = frozenset({"PES", "CNS", "ABS", "CES", "SMC"})
MANAGEMENT = frozenset({"PSS", "ORS", "HRS", "CMS", "MMS"})

NO_LEVEL_5 = (
    "level 5 has no published requirements: GB/T 22239-2019 leaves them out, so there is no list of items to "
    "judge by. By the letter of 2025 such systems are evaluated on the requirements of level 4 together with "
    "GA/T 2182-2024; use level 4 and add those by hand"
)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Words(_Entry):
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def text(self) -> Text:
        return Text(self.zh, self.en)


class _StepEntry(_Entry):
    n: Annotated[int, Field(ge=1)]
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]
    method: Method
    scan: Literal["yes", "part", "no"]
    facts: str = ""


class _ItemEntry(_Entry):
    id: str
    clause: Annotated[str, Field(pattern=r"^\d+(\.\d+)+( [a-z]\))?$")]
    klass: Annotated[str, Field(alias="class")]
    class_zh: str
    control_point: _Words
    mark: Literal["S", "A", "G"]
    summary: _Words
    kinds: Annotated[list[str], Field(min_length=1)]
    themes: list[Literal["firewall", "encryption", "audit", "tunnels"]] = []
    optional: bool = False
    decision: str
    partial: bool
    steps: Annotated[list[_StepEntry], Field(min_length=1)]
    high_risk: list[str] = []


class _BindingEntry(_Entry):
    check: str
    settles: Settles


class _ProfileFile(_Entry):
    level: int
    title: _Words
    general_items: Annotated[int, Field(ge=0)] = 0
    bindings: dict[str, dict[int, list[_BindingEntry]]]
    parameters: dict[str, dict[str, Any]]


class _KindEntry(_Entry):
    zh: str
    en: str
    family: Literal["technical", "design", "data", "physical", "document", "person"]
    whole_asset: bool = False


class _KindsFile(_Entry):
    kinds: dict[str, _KindEntry]


def packaged() -> dict[str, bytes]:
    """Return the profile files that this product ships, by name.

    A run stores them, so that it can be judged again from its file alone.
    """
    folder = resources.files("control_profiles")
    names = [KINDS_FILE]
    names += [name for level in LEVELS for name in (f"l{level}.yaml", f"items/l{level}.yaml")]
    names += [f"templates/{template}.yaml" for template in TEMPLATES]
    return {name: folder.joinpath(name).read_bytes() for name in names}


def object_kinds(sources: Sources | None = None) -> dict[str, Kind]:
    """Return the kinds of assessment objects by id.

    Raises:
        ProfileError: the file is wrong.
    """
    document = _document(KINDS_FILE, packaged() if sources is None else sources)
    return _kinds(yamlmarks.validate(_KindsFile, document, ProfileError))


def load_profile(level: Level, checks: Mapping[str, Check], sources: Sources | None = None) -> Profile:
    """Read the profile of a level.

    Args:
        level: 1 to 4.
        checks: all checks by id; what the profile binds must be among them, and each must get its parameters.
        sources: profile files, by default those that this product ships.

    Raises:
        ProfileError: no such level (5 says why), or the files are wrong, with every mistake.
    """
    if level not in LEVELS:
        raise ProfileError(NO_LEVEL_5 if level == 5 else f"there is no level {level}; levels are 1 to 4")
    files = packaged() if sources is None else sources
    names = (f"l{level}.yaml", f"items/l{level}.yaml", KINDS_FILE)
    return _Loader(level, checks, *(_document(name, files) for name in names)).profile()


def _document(name: str, sources: Sources) -> yamlmarks.Document:
    """Read one of the files."""
    file = f"control_profiles/{name}"
    if name not in sources:
        raise ProfileError(f"{file} is missing")
    return yamlmarks.parse(sources[name], file)


def _kinds(file: _KindsFile) -> dict[str, Kind]:
    """Turn entries into kinds."""
    return {
        name: Kind(name, Text(entry.zh, entry.en), entry.family, entry.whole_asset)
        for name, entry in file.kinds.items()
    }


class _Loader:
    """Puts a profile together from its three files, gathering mistakes."""

    def __init__(
        self,
        level: Level,
        checks: Mapping[str, Check],
        profile: yamlmarks.Document,
        items: yamlmarks.Document,
        kinds: yamlmarks.Document,
    ) -> None:
        self._level = level
        self._checks = checks
        self._profile = profile
        self._items = items
        self._kinds = kinds
        self._mistakes: list[Mistake] = []

    def profile(self) -> Profile:
        """Return the profile, or raise with every mistake."""
        head = self._read(_ProfileFile, self._profile)
        entries = self._read(list[_ItemEntry], self._items)
        kinds_file = self._read(_KindsFile, self._kinds)
        kinds = _kinds(kinds_file) if kinds_file else {}
        if entries is not None and kinds_file is not None:
            self._mistakes += self._wrong_items(entries, kinds)
        parameters: dict[str, object] = {}
        if head is not None:
            self._mistakes += self._wrong_bindings(head, entries)
            parameters = self._parameters(head)
        if self._mistakes or head is None or entries is None:
            mistakes = sorted(dict.fromkeys(self._mistakes), key=lambda m: (m.file, m.line, m.column, m.text))
            raise ProfileError(f"the profile of level {self._level} is wrong", mistakes)
        items = tuple(_item(entry, self._level, head.bindings.get(entry.id, {})) for entry in entries)
        return Profile(
            self._level,
            head.title.text(),
            items,
            parameters,
            self._digest(),
            kinds,
            general_items=head.general_items,
        )

    def _read(self, kind: type[Any], document: yamlmarks.Document) -> Any:
        """Validate a file's shape; None where it is wrong."""
        value, mistakes = yamlmarks.check(kind, document)
        self._mistakes += mistakes
        return value

    def _digest(self) -> str:
        """SHA-256 over the names and contents of the files."""
        parts = [f"{d.file} {d.digest}\n" for d in (self._profile, self._items, self._kinds)]
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    def _wrong_items(self, entries: list[_ItemEntry], kinds: Mapping[str, Kind]) -> Iterator[Mistake]:
        """What the shape of an item does not show."""
        counts = Counter(entry.id for entry in entries)
        for i, entry in enumerate(entries):
            at = self._items.mistake
            if counts[entry.id] > 1:
                yield at((i, "id"), f"{entry.id} is there {counts[entry.id]} times")
            if not entry.id.startswith(f"L{self._level}-"):
                yield at((i, "id"), f"{entry.id} is no item of level {self._level}")
            if entry.klass not in TECHNICAL | MANAGEMENT:
                yield at((i, "class"), f"no class is called {entry.klass!r}")
            for j, kind in enumerate(entry.kinds):
                if kind not in kinds:
                    yield at((i, "kinds", j), f"no kind of assessment object is called {kind!r}")
            numbers = [step.n for step in entry.steps]
            if numbers != list(range(1, len(numbers) + 1)):
                yield at((i, "steps"), f"steps are numbered {numbers}, not 1, 2, 3 ...")
            try:
                decision.parse(entry.decision, numbers)
            except ValueError as error:
                yield at((i, "decision"), f"decision: {error}")

    def _wrong_bindings(self, head: _ProfileFile, entries: list[_ItemEntry] | None) -> Iterator[Mistake]:
        """What is wrong with the level, the items and steps that are bound, and the checks bound to them."""
        if head.level != self._level:
            yield self._profile.mistake(("level",), f"this is the file of level {self._level}")
        items = {entry.id: entry for entry in entries or ()}
        for name, steps in head.bindings.items():
            here = ("bindings", name)
            if entries is not None and name not in items:
                yield self._profile.mistake(here, f"no item of this level is called {name!r}")
            scans = {step.n: step.scan for step in items[name].steps} if name in items else None
            for n, bound in steps.items():
                yield from self._wrong_step((*here, str(n)), n, bound, scans)

    def _wrong_step(
        self, here: yamlmarks.Where, n: int, bound: list[_BindingEntry], scans: Mapping[int, str] | None
    ) -> Iterator[Mistake]:
        """What is wrong with the checks bound to one step."""
        at = self._profile.mistake
        if scans is not None and n not in scans:
            yield at(here, f"the item has no step {n}")
        scan = (scans or {}).get(n)
        counts = Counter(entry.check for entry in bound)
        for i, entry in enumerate(bound):
            where = (*here, i)
            if entry.check not in self._checks:
                yield at((*where, "check"), f"no check is called {entry.check!r}")
            if counts[entry.check] > 1:
                yield at((*where, "check"), f"{entry.check} is bound twice")
            if scan == "no":
                yield at(where, "no look answers this step (scan: no), so no check can")
            elif scan == "part" and entry.settles is Settles.BOTH:
                yield at((*where, "settles"), "a look answers only part of this step: settles must be no")

    def _parameters(self, head: _ProfileFile) -> dict[str, object]:
        """Build each check's parameters, noting what is unknown, missing or wrong."""
        built: dict[str, object] = {}
        at = self._profile.mistake
        for name in head.parameters:
            if name not in self._checks:
                self._mistakes.append(at(("parameters", name), f"no check is called {name!r}"))
        for name, check in self._checks.items():
            fields = {f.name for f in dataclasses.fields(check.parameters)}
            if name not in head.parameters:
                if fields:
                    said = f"parameters of {name} are missing: {', '.join(sorted(fields))}"
                    self._mistakes.append(at(("parameters",), said))
                else:
                    built[name] = check.parameters()
                continue
            where = ("parameters", name)
            self._mistakes += [
                at((*where, key), f"{name} has no parameter {key!r}")
                for key in head.parameters[name]
                if key not in fields
            ]
            built[name], mistakes = yamlmarks.check_part(check.parameters, self._profile, where)
            self._mistakes += mistakes
        return built


def _item(entry: _ItemEntry, level: Level, bindings: Mapping[int, list[_BindingEntry]]) -> Item:
    """Turn an entry and its bindings into an item."""
    steps = tuple(
        ItemStep(
            step.n,
            Text(step.zh, step.en),
            step.method,
            tuple(Binding(b.check, b.settles) for b in bindings.get(step.n, ())),
        )
        for step in entry.steps
    )
    side = "technical" if entry.klass in TECHNICAL else "management"
    return Item(
        id=entry.id,
        level=level,
        clause=entry.clause,
        klass=entry.klass,
        class_zh=entry.class_zh,
        control_point=entry.control_point.text(),
        mark=entry.mark,
        summary=entry.summary.text(),
        kinds=tuple(entry.kinds),
        themes=tuple(entry.themes),
        steps=steps,
        decision=entry.decision,
        partial=entry.partial,
        optional=entry.optional,
        side=side,
        weight=_weight(side, entry.high_risk),
        high_risk=tuple(entry.high_risk),
    )


def _weight(side: str, high_risk: list[str]) -> str:
    """Weight of an item: OURS, since no official weights were found in any source.

    An item that a judgement on high risk names is key; other technical items are important; the rest general.
    """
    if high_risk:
        return "key"
    return "important" if side == "technical" else "general"
