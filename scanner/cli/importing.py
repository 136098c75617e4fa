"""From outputs of the collector's script to an inventory: which object each of them is of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scanner.cli.target import GRADE_OF_LEVEL, read_inventory
from scanner.errors import InputError
from scanner.inventory import Way, operating_systems, read_normalised
from scanner.model import TransportKind
from scanner.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from collectors.saved import Head
    from scanner.inventory import Inventory

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HEAD_BYTES = 256 * 1024
_LEVEL = 3
"""Level of a run without an inventory; ``assess --level`` takes another."""


def outputs_by_object(paths: Sequence[Path], named: Sequence[str]) -> dict[str, Path]:
    """Outputs by object: named as ``NAME=PATH`` says, else as the hosts call themselves.

    Raises:
        InputError: with everything that is wrong: no output, no name, a name or an output twice.
    """
    from pathlib import Path

    mistakes: list[str] = []
    found: list[tuple[str, Path]] = []
    for entry in named:
        name, equals, written = entry.partition("=")
        if not equals or not _NAME.fullmatch(name):
            mistakes.append(
                f"--object {plain(entry)!r}: write NAME=PATH, the name of letters, digits and ._-"
            )
        elif not Path(written).is_file():
            mistakes.append(f"--object {name}: no file {plain(written)!r}")
        else:
            found.append((name, Path(written)))
    for path in paths:
        head = _head(path)
        if isinstance(head, str):
            mistakes.append(f"{path}: {head}")
        elif not _NAME.fullmatch(head.host):
            mistakes.append(
                f"{path}: its host calls itself {plain(head.host, 80)!r}; name it: --object NAME={path}"
            )
        else:
            found.append((head.host, path))
    mistakes += [*_twice(found), *_same(found)]
    if mistakes:
        raise InputError("\n".join(mistakes))
    return dict(found)


def unnamed_system(outputs: Mapping[str, Path]) -> Inventory:
    """Inventory of these operating systems, without a file.

    Raises:
        InputError: there are none.
    """
    if not outputs:
        raise InputError(
            "give outputs of a collector script (PATH, or --object NAME=PATH), or an --inventory"
        )
    return operating_systems({name: _way(path) for name, path in outputs.items()}, GRADE_OF_LEVEL[_LEVEL])


def inventory_with(path: Path, outputs: Mapping[str, Path]) -> Inventory:
    """The inventory of a file, its objects looked at in ``outputs`` and nowhere else.

    Objects that the file itself says are imported stay so; all others are not looked at, nor is the wire.

    Raises:
        InputError: the file is wrong, it has no object of a given name, or nothing is to be imported.
    """
    from collectors.credentials import CredentialReference

    inventory = read_inventory(path, CredentialReference.parse)
    own = {r.object: r.path for r in inventory.reaches if r.transport is TransportKind.IMPORT}
    places = {**own, **{name: str(output.resolve()) for name, output in outputs.items()}}
    entries = [dict(entry) for entry in inventory.normalised["objects"]]
    unknown = sorted(set(outputs) - {entry["id"] for entry in entries})
    if unknown:
        raise InputError(f"{path}: no object is called {', '.join(unknown)}; name them: --object NAME=PATH")
    if not places:
        raise InputError(f"{path}: no object is imported; give outputs of a collector script")
    for entry in entries:
        entry.pop("via", None)
        if entry["id"] in places:
            entry["via"] = {"transport": str(TransportKind.IMPORT), "path": places[entry["id"]]}
    kept = {k: v for k, v in inventory.normalised.items() if k not in {"vantages", "probes"}}
    return read_normalised({**kept, "objects": entries})


def _way(path: Path) -> Way:
    return Way(transport=TransportKind.IMPORT, path=str(path.resolve()))


def _head(path: Path) -> Head | str:
    """What an output says of itself, or why it is none."""
    from collectors.saved import NoOutputError, read_head

    try:
        with path.open("rb") as file:
            return read_head(file.read(_HEAD_BYTES))[0]
    except NoOutputError as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _twice(found: Sequence[tuple[str, Path]]) -> Iterator[str]:
    """Names of several outputs: two hosts may call themselves the same, one object has one output."""
    names = [name for name, _ in found]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        paths = ", ".join(str(path) for other, path in found if other == name)
        yield f"several outputs are of {name!r}: {paths}; name them: --object NAME=PATH"


def _same(found: Sequence[tuple[str, Path]]) -> Iterator[str]:
    """The same output under two names: one host would be judged as two."""
    first: dict[str, str] = {}
    for name, path in found:
        head = _head(path)
        if isinstance(head, str):
            continue  # named by hand: its gap says what is wrong with it
        other = first.setdefault(head.marker, name)
        if other != name:
            yield f"{path}: {name!r} and {other!r} would be the same output"
