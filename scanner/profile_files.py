"""The files of ``control_profiles``: which there are, what this product ships, how one of them is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import control_profiles
from scanner import yamlmarks
from scanner.errors import ProfileError
from scanner.model import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    Sources = Mapping[str, bytes]
    """Contents of profile files by name inside the folder, e.g. ``items/l3/cloud.yaml``."""

LEVELS = (1, 2, 3, 4)
KINDS_FILE = "object-kinds.yaml"
CAPABILITIES_FILE = "capabilities.yaml"
HIGH_RISK_FILE = "highrisk.yaml"
MAJOR_TRIGGERS_FILE = "major-triggers.yaml"
TEMPLATES = ("2021", "2025")

PARTS: Mapping[str, Scope] = {
    "technical": Scope.GENERAL,
    "management": Scope.GENERAL,
    "cloud": Scope.CLOUD,
    "mobile": Scope.MOBILE,
    "iot": Scope.IOT,
    "ics": Scope.ICS,
}
"""Files that the items of a level stand in, and the scope of each."""

NO_LEVEL_5 = (
    "level 5 has no published requirements: GB/T 22239-2019 leaves them out, so there is no list of items to "
    "judge by. By the letter of 2025 such systems are evaluated on the requirements of level 4 together with "
    "GA/T 2182-2024; use level 4 and add those by hand"
)
_OTHER_CATALOGUE = (
    "the profile files are those of an earlier version, whose catalogue held only a part of the items; judge "
    "this run with the version that made it, or scan again"
)


def level_file(level: int) -> str:
    """Name of the file with a level's bindings and thresholds."""
    return f"l{level}.yaml"


def items_file(level: int, part: str) -> str:
    """Name of one of the files with a level's items."""
    return f"items/l{level}/{part}.yaml"


def packaged() -> dict[str, bytes]:
    """Return the profile files that this product ships, by name.

    A run stores them, so that it can be judged again from its file alone.
    """
    folder = Path(control_profiles.__path__[0])
    names = [KINDS_FILE, CAPABILITIES_FILE, HIGH_RISK_FILE, MAJOR_TRIGGERS_FILE]
    for level in LEVELS:
        names += [level_file(level), *(items_file(level, part) for part in PARTS)]
    names += [f"templates/{template}.yaml" for template in TEMPLATES]
    return {name: (folder / name).read_bytes() for name in names}


def require_level(level: int) -> None:
    """Refuse a level that does not exist.

    Raises:
        ProfileError: no such level; 5 says why.
    """
    if level not in LEVELS:
        raise ProfileError(NO_LEVEL_5 if level == 5 else f"there is no level {level}; levels are 1 to 4")


def document(name: str, sources: Sources) -> yamlmarks.Document:
    """Read one of the files.

    Raises:
        ProfileError: it is not there.
    """
    if name in sources:
        return yamlmarks.parse(sources[name], _path(name))
    earlier = any(f"items/l{level}.yaml" in sources for level in LEVELS)
    raise ProfileError(_OTHER_CATALOGUE if earlier else f"{_path(name)} is missing")


def ids_in(name: str, sources: Sources) -> frozenset[str]:
    """Return the ids of a file's entries without reading it as YAML, which costs twenty times as much.

    Entries begin with a line ``- id: NAME`` in all files of the folder; one that is written otherwise is not
    found, so that what refers to it is refused.
    """
    found = _ID.findall(sources.get(name, b""))
    return frozenset(name.decode() for name in found)


_ID = re.compile(rb"^ *- id: ([0-9A-Za-z.-]+)$", re.MULTILINE)


def _path(name: str) -> str:
    return f"control_profiles/{name}"
