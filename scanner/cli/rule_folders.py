"""Reading the folders that hold a rule set, bounded, and only the files that are understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import RuleFile

MOST_FILES = 5_000
MOST_BYTES = 16 * 1024 * 1024
"""Of one file of a folder."""


def folders_of(
    paths: Sequence[Path], sets: Mapping[str, IpSet], wrong: list[str]
) -> list[tuple[Path, RuleFile]]:
    """Read rule sets of folders; what firewalld brings along serves all others and is none by itself."""
    from collectors.platforms.folders import FOLDERS, is_library, read_folder

    told = [(path, *_files(path, wrong)) for path in paths]
    library: dict[str, str] = {}
    for _, files, _ in told:
        if is_library(frozenset(files)):
            library |= {f"lib/{name}": text for name, text in files.items()}
    found: list[tuple[Path, RuleFile]] = []
    for path, files, programs in told:
        if is_library(frozenset(files)) and len(told) > 1:
            continue
        rules = read_folder(files, sets, programs)
        if rules is None and library and not files:
            continue
        if rules is None:
            wrong.append(f"{path}:1:1: no folder as {FOLDERS}")
            continue
        if rules.dialect == "firewalld" and library:
            rules = read_folder(library | files, sets, programs) or rules
        found.append((path, rules))
    return found


def _files(folder: Path, wrong: list[str]) -> tuple[dict[str, str], frozenset[str]]:
    """Texts by their names in the folder, and which of the files may be run."""
    files: dict[str, str] = {}
    programs: set[str] = set()
    for number, (name, path) in enumerate(_wanted(folder)):
        if number >= MOST_FILES:
            wrong.append(f"{folder}: more than {MOST_FILES} files")
            break
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            if path.stat().st_mode & 0o111:
                programs.add(name)
        except OSError as error:
            wrong.append(f"{path}: {error.strerror}")
            continue
        if len(data) > MOST_BYTES:
            wrong.append(f"{path}: larger than {MOST_BYTES} bytes")
        files[name] = data.decode("utf-8-sig", "replace")
    return files, frozenset(programs)


def _wanted(folder: Path) -> Iterator[tuple[str, Path]]:
    from collectors.platforms.folders import BESIDE, wanted

    for path in sorted([*folder.glob("*"), *folder.glob("*/*.xml")]):
        name = path.relative_to(folder).as_posix()
        if wanted(name) and path.is_file():
            yield name, path
    for begins, name in BESIDE.items():
        beside = folder.resolve().parent / name
        if (folder / f"{begins}.conf").is_file() and beside.is_file():
            yield name, beside
