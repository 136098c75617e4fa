"""Reading an inventory file: every mistake at its place, all at once; relative paths made absolute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner import yamlmarks
from scanner.errors import InventoryError
from scanner.inventory.contradictions import contradictions
from scanner.inventory.declarations import wrong_declarations
from scanner.inventory.file import InventoryFile
from scanner.inventory.values import Inventory, inventory_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from scanner.model import Item, Level


def load_inventory(
    path: Path,
    kinds: Collection[str],
    check_reference: Callable[[str], object],
    items: Callable[[Level], Iterable[Item]],
) -> Inventory:
    """Read and check an inventory.

    Args:
        path: the YAML file; relative paths in it start at its folder.
        kinds: known kinds of assessment objects.
        check_reference: raises ValueError for a credential reference that is none.
        items: those of a level; asked for only where a system declares items not to apply.

    Raises:
        InventoryError: with every mistake, each with file, line and column.
    """
    document = yamlmarks.load(path)
    file, mistakes = yamlmarks.check(InventoryFile, document)
    contradicting = (
        *contradictions(document.data, kinds, check_reference),
        *wrong_declarations(document.data, items),
    )
    found = [document.mistake(where, text) for where, text in contradicting]
    every = sorted({*mistakes, *found}, key=lambda mistake: (mistake.line, mistake.column, mistake.text))
    if file is None or every:
        count = "1 mistake" if len(every) == 1 else f"{len(every)} mistakes"
        raise InventoryError(f"{path}: {count}", every)
    return inventory_of(_resolved(file, path.parent))


def _resolved(file: InventoryFile, folder: Path) -> InventoryFile:
    """Make relative paths start at the inventory's folder, wherever the command was called."""

    def absolute(text: str) -> str:
        return str(folder / Path(text).expanduser())

    def reference(text: str) -> str:
        scheme, _, rest = text.partition(":")
        return f"{scheme}:{absolute(rest)}" if scheme in {"key", "file"} and rest else text

    def way(data: dict[str, Any]) -> dict[str, Any]:
        changed = dict(data)
        if "credential" in data:
            changed["credential"] = [reference(r) for r in data["credential"]]
        if "known_hosts" in data:
            changed["known_hosts"] = [absolute(p) for p in data["known_hosts"]]
        if "path" in data:
            changed["path"] = absolute(data["path"])
        return changed

    data = file.model_dump(exclude_none=True, by_alias=True)
    data["defaults"] = way(data["defaults"])
    for entry in data["objects"]:
        if "via" in entry:
            entry["via"] = way(entry["via"])
    for entry in data["scans"]:
        entry["path"] = absolute(entry["path"])
    return InventoryFile.model_validate(data)
