"""Profiles: the items of a level, what answers their steps, the checks' parameters. Data, validated.

Everything is read from the YAML files of ``control_profiles`` (or from the same files stored in a run), and
refused as a whole where anything in them is wrong, with every mistake at its file, line and column.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner import yamlmarks
from scanner.bindings import Askable, bound, read_bindings
from scanner.catalogue import Catalogue, Known, count_by_scope, read_catalogue
from scanner.entries import Fields
from scanner.errors import Mistake, ProfileError
from scanner.model import Kind, Profile, Text
from scanner.overlay import Layer, Nameable, lay_over
from scanner.overlay_files import overlays_in
from scanner.profile_files import (
    CAPABILITIES_FILE,
    HIGH_RISK_FILE,
    KINDS_FILE,
    LEVELS,
    NO_LEVEL_5,
    document,
    ids_in,
    level_file,
    packaged,
    require_level,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from scanner.checks.check import Check
    from scanner.model import Item, Level, Overlay
    from scanner.profile_files import Sources
    from scanner.yamlmarks import Document

__all__ = ["LEVELS", "NO_LEVEL_5", "load_items", "load_profile", "object_kinds", "packaged"]

FAMILIES = ("technical", "design", "data", "physical", "document", "person")


def object_kinds(sources: Sources | None = None) -> dict[str, Kind]:
    """Return the kinds of assessment objects by id.

    Raises:
        ProfileError: the file is wrong.
    """
    mistakes: list[Mistake] = []
    kinds = _kinds(document(KINDS_FILE, packaged() if sources is None else sources), mistakes)
    _refuse(mistakes, "the kinds of assessment objects are wrong")
    return kinds


def load_items(level: Level, sources: Sources | None = None) -> tuple[Item, ...]:
    """Read the items of a level and what answers their steps, without asking whether those checks exist.

    Needs neither checks nor their parameters: the catalogue is shown in a fraction of a second.

    Raises:
        ProfileError: no such level (5 says why), or the files are wrong, with every mistake.
    """
    files = packaged() if sources is None else sources
    mistakes: list[Mistake] = []
    read = _Level.read(level, None, files, mistakes)
    _refuse(mistakes, f"the profile of level {level} is wrong")
    return _overlaid(read, {}, None, files, [overlay.read for overlay in overlays_in(files)]).items


def load_profile(
    level: Level,
    checks: Mapping[str, Check],
    sources: Sources | None = None,
    overlays: Sequence[Document] | None = None,
    *,
    earlier: bool = False,
) -> Profile:
    """Read the profile of a level, with the overlays that are laid over it.

    Args:
        level: 1 to 4.
        checks: all checks by id; what the profile binds must be among them, and each must get its parameters.
        sources: profile files, by default those that this product ships.
        overlays: in the order in which they are laid over; None: those among the profile files.
        earlier: the files may be of an earlier version: what checks that it did not know need is as shipped.

    Raises:
        ProfileError: no such level (5 says why), or the files are wrong, with every mistake.
    """
    files = packaged() if sources is None else sources
    mistakes: list[Mistake] = []
    read = _Level.read(level, checks, files, mistakes)
    lacking = [
        name
        for name, c in checks.items()
        if dataclasses.fields(c.parameters) and not read.parameters.has(name)
    ]
    spare = load_profile(level, checks).parameters if earlier and lacking else {}
    parameters = _parameters(read.head, read.parameters, checks, spare, mistakes)
    _refuse(mistakes, f"the profile of level {level} is wrong")
    laid = [overlay.read for overlay in overlays_in(files)] if overlays is None else overlays
    layer = _overlaid(read, parameters, checks, files, laid)
    return Profile(
        level,
        read.title,
        layer.items,
        layer.parameters,
        _digest(read.documents, layer.overlays),
        read.kinds,
        read.capabilities,
        layer.overlays,
    )


def _overlaid(
    read: _Level,
    parameters: Mapping[str, object],
    checks: Mapping[str, Check] | None,
    sources: Sources,
    overlays: Iterable[Document],
) -> Layer:
    """Lay overlays over a level that is right.

    Raises:
        ProfileError: with every mistake in the overlays.
    """
    mistakes: list[Mistake] = []
    nameable = Nameable(checks, read.kinds, ids_in(HIGH_RISK_FILE, sources))
    layer = Layer(read.level, read.items, parameters)
    for overlay in overlays:
        layer = lay_over(layer, overlay, nameable, mistakes)
    _refuse(mistakes, f"an overlay of level {read.level} is wrong")
    return layer


@dataclass(frozen=True, slots=True)
class _Level:
    """What the files of a level say, the parameters still as they are written."""

    level: Level
    title: Text
    items: tuple[Item, ...]
    kinds: Mapping[str, Kind]
    capabilities: Mapping[str, Text]
    head: Document
    parameters: Fields
    documents: tuple[Document, ...]

    @classmethod
    def read(
        cls, level: Level, checks: Collection[str] | None, sources: Sources, mistakes: list[Mistake]
    ) -> _Level:
        """Read the files, adding to ``mistakes``.

        Raises:
            ProfileError: no such level, or a file is not there.
        """
        require_level(level)
        shared = tuple(document(name, sources) for name in (KINDS_FILE, CAPABILITIES_FILE))
        kinds, capabilities = _kinds(shared[0], mistakes), _capabilities(shared[1], mistakes)
        catalogue = read_catalogue(level, Known.of(level, kinds, sources), sources, mistakes)
        head = document(level_file(level), sources)
        mistakes += head.mistakes
        fields = Fields(head, mistakes, head.data)
        if fields.number("level") not in {level, -1}:
            fields.wrong(("level",), f"this is the file of level {level}")
        _check_counts(fields.mapping("items"), catalogue)
        by_id = {item.id: item for item in catalogue.items}
        answering = read_bindings(fields.mapping("bindings"), Askable(by_id, checks, capabilities))
        items = tuple(bound(item, answering.get(item.id, {})) for item in catalogue.items)
        title, parameters = fields.words("title"), fields.mapping("parameters")
        fields.done()
        documents = (head, *catalogue.documents, *shared)
        return cls(level, title, items, kinds, capabilities, head, parameters, documents)


def _check_counts(fields: Fields, catalogue: Catalogue) -> None:
    """Hold the official numbers of items by scope, as the level's file states them, against what is there."""
    readable = not any(read.mistakes for read in catalogue.documents)
    for scope, carried in count_by_scope(catalogue.items).items():
        official = fields.number(scope.value)
        if readable and official not in {carried, -1}:
            said = f"officially {official} items of scope {scope}, but the files hold {carried}"
            fields.wrong((scope.value,), said)
    fields.done()


def _kinds(read: Document, mistakes: list[Mistake]) -> dict[str, Kind]:
    """Read the kinds of assessment objects."""
    mistakes += read.mistakes
    file = Fields(read, mistakes, read.data)
    entries = file.mapping("kinds")
    file.done()
    kinds = {}
    for name, value in entries.each():
        entry = entries.inner(name, value)
        kinds[name] = Kind(
            name,
            Text(entry.text("zh"), entry.text("en")),
            entry.choice("family", FAMILIES),
            entry.flag("whole_asset", "false"),
        )
        entry.done()
    return kinds


def _capabilities(read: Document, mistakes: list[Mistake]) -> dict[str, Text]:
    """Read the capabilities that steps may await."""
    mistakes += read.mistakes
    file = Fields(read, mistakes, read.data)
    return {name: file.inner(name, value).both() for name, value in file.each()}


def _parameters(
    head: Document,
    written: Fields,
    checks: Mapping[str, Check],
    spare: Mapping[str, object],
    mistakes: list[Mistake],
) -> dict[str, object]:
    """Build each check's parameters, noting what is unknown, missing (and not spare) or wrong."""
    built: dict[str, object] = {}
    for name, _ in written.each():
        if name not in checks:
            written.wrong((name,), f"no check is called {name!r}")
    for name, check in checks.items():
        fields = {f.name for f in dataclasses.fields(check.parameters)}
        if not written.has(name):
            if name in spare:
                built[name] = spare[name]
            elif fields:
                said = f"parameters of {name} are missing: {', '.join(sorted(fields))}"
                written.wrong((), said)
            else:
                built[name] = check.parameters()
            continue
        given = written.inner(name, written.given[name]).given
        for key in given.keys() - fields:
            written.wrong((name, key), f"{name} has no parameter {key!r}")
        built[name], found = yamlmarks.check_part(check.parameters, head, ("parameters", name))
        mistakes += found
    return built


def _digest(documents: Iterable[Document], overlays: Iterable[Overlay]) -> str:
    """SHA-256 over the names and contents of the files, and of what is laid over them."""
    parts = [f"{d.file} {d.digest}\n" for d in documents]
    parts += [f"overlay {overlay.name} {overlay.digest}\n" for overlay in overlays]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _refuse(mistakes: list[Mistake], text: str) -> None:
    """Raise where there are mistakes, each once and in the order of files and lines."""
    if mistakes:
        found = sorted(dict.fromkeys(mistakes), key=lambda m: (m.file, m.line, m.column, m.text))
        raise ProfileError(text, found)
