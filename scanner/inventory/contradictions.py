"""What single fields of an inventory cannot show: names used twice, names nobody has, ways that lack a part.

Works on the plain data, so that these mistakes are named together with those of single fields. What has
not the expected shape is passed over here: the field's own check names it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from scanner.inventory.probing import target
from scanner.inventory.zoning import wrong_zoning
from scanner.model import TransportKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

Where = tuple[str | int, ...]
Contradiction = tuple[Where, str]
"""The way to the entry, and what is wrong with it."""

_KIND, _SYSTEM, _ZONE, _OBJECT = "kind of assessment object", "system", "zone", "other object"
_VANTAGE = "vantage"
_YES = frozenset("true yes on 1 t y".split())
"""How a true may be written, as the file's model reads it."""


def contradictions(
    data: Any, kinds: Collection[str], check_reference: Callable[[str], object]
) -> Iterator[Contradiction]:
    """Yield every contradiction of the file's plain data, in the order of its sections."""
    names = {section: _names(data, section, key) for section, key in _NAMED.items()}
    for section, key in _NAMED.items():
        yield from _repeated(section, key, names[section])
    for i, system in _entries(data, "systems"):
        yield from (
            _unknown(("systems", i, "absent", kind), _KIND, kind)
            for kind in _mapping(system.get("absent"))
            if kind not in kinds
        )
    for i, vantage in _entries(data, "vantages"):
        yield from _named(("vantages", i, "zone"), _ZONE, vantage.get("zone"), names["zones"])
    for j, name in enumerate(_list(_mapping(_mapping(data).get("probes")).get("vantages"))):
        yield from _named(("probes", "vantages", j), _VANTAGE, name, names["vantages"])
    for i, entry in _entries(data, "objects"):
        yield from _object(("objects", i), entry, names, kinds)
        yield from _way(("objects", i), entry, _mapping(_mapping(data).get("defaults")), names["objects"])
    for i, name in enumerate(names["objects"]):
        if name and name in names["systems"]:
            yield ("objects", i, "id"), f"{name!r} is the name of a system; results could not tell them apart"
    for i, tunnel in _entries(data, "tunnels"):
        yield from _named(("tunnels", i, "object"), _OBJECT, tunnel.get("object"), names["objects"])
    for i, scan in _entries(data, "scans"):
        yield from _named(("scans", i, "object"), _OBJECT, scan.get("object"), names["objects"])
    yield from wrong_zoning(data, names["zones"], names["objects"])
    yield from _references(data, check_reference)


_NAMED = {"systems": "name", "zones": "name", "vantages": "name", "objects": "id", "scans": "name"}
"""Sections whose entries have a name that others use."""


def _object(
    here: Where, entry: dict[str, Any], names: dict[str, list[str]], kinds: Collection[str]
) -> Iterator[Contradiction]:
    others = set(names["objects"]) - {entry.get("id")}
    for j, name in enumerate(_list(entry.get("systems"))):
        yield from _named((*here, "systems", j), _SYSTEM, name, names["systems"])
    yield from _named((*here, "zone"), _ZONE, entry.get("zone"), names["zones"])
    yield from _named((*here, "parent"), _OBJECT, entry.get("parent"), others)
    yield from _named((*here, "kind"), _KIND, entry.get("kind"), kinds)
    for j, role in enumerate(_list(entry.get("roles"))):
        yield from _named((*here, "roles", j), _KIND, role, kinds)
    if str(entry.get("probe")).lower() in _YES and not target(str(entry.get("address") or "")):
        yield (*here, "probe"), "probes go to a numeric address only; the object has none"


def _way(
    here: Where, entry: dict[str, Any], defaults: dict[str, Any], objects: Collection[str]
) -> Iterator[Contradiction]:
    """What the way to an object lacks, defaults filled in."""
    if not isinstance(entry.get("via"), dict):
        return
    way = {**defaults, **entry["via"]}
    kind = way.get("transport") or TransportKind.SSH
    if kind == TransportKind.PROBE:
        yield (*here, "via"), "probes are sent from vantages; name those instead (vantages:)"
    others = set(objects) - {entry.get("id")}
    if kind == TransportKind.GIVEN:
        yield (*here, "via"), "results of scanners stand under scans:; they are no way to an object"
    for j, name in enumerate(_list(entry["via"].get("jump"))):
        yield from _named((*here, "via", "jump", j), _OBJECT, name, others)
    if kind == TransportKind.SSH and not entry.get("address"):
        yield (*here, "via"), "an object reached by ssh needs an address"
    if kind == TransportKind.SSH and not way.get("user"):
        yield (*here, "via"), "ssh needs a user (here or in defaults)"
    if kind == TransportKind.COMMAND and not way.get("prefix"):
        yield (*here, "via"), "the command transport needs a prefix, e.g. [docker, exec, -i, NAME]"
    if kind in {TransportKind.TREE, TransportKind.IMPORT, TransportKind.REPLAY} and not way.get("path"):
        yield (*here, "via"), f"the {kind} transport needs a path"


def _references(data: Any, check: Callable[[str], object]) -> Iterator[Contradiction]:
    """Every credential must be a reference; what is none might be a secret, so it is not repeated."""
    own = [(("objects", i, "via"), _mapping(entry.get("via"))) for i, entry in _entries(data, "objects")]
    ways: list[tuple[Where, dict[str, Any]]] = [
        (("defaults",), _mapping(_mapping(data).get("defaults"))),
        *own,
    ]
    for here, way in ways:
        written = way.get("credential")
        for reference in _list(written) or ([written] if written else []):
            if isinstance(reference, str):
                try:
                    check(reference)
                except ValueError as error:
                    yield (*here, "credential"), f"credential: {error}"


def _repeated(section: str, key: str, names: list[str]) -> Iterator[Contradiction]:
    counts = Counter(names)
    for i, name in enumerate(names):
        if name and counts[name] > 1 and names.index(name) != i:
            yield (section, i, key), f"{name!r} is already used"


def _named(where: Where, what: str, name: Any, known: Collection[str]) -> Iterator[Contradiction]:
    if isinstance(name, str) and name not in known:
        yield _unknown(where, what, name)


def _unknown(where: Where, what: str, name: str) -> Contradiction:
    return where, f"no {what} is called {name!r}"


def _names(data: Any, section: str, key: str) -> list[str]:
    """Names of a section's entries, by position; an entry without one counts as nameless."""
    return [str(_mapping(entry).get(key) or "") for entry in _list(_mapping(data).get(section))]


def _entries(data: Any, section: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for i, entry in enumerate(_list(_mapping(data).get(section))):
        if isinstance(entry, dict):
            yield i, entry


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
