"""Fixture cases: a folder of raw answers, one folder a step, and what is to be understood of them.

A case is ``fixtures/<platform>/<Fact>/<case>/`` with

* ``<step-id>/stdout``, ``stderr``, ``status`` (default 0), ``truncated`` (a mark) for commands and snippets;
* ``<step-id>/files/etc/...`` for files; ``modes.yml`` beside it maps a path to any of ``mode`` (octal text),
  ``uid``, ``gid``, ``size``, ``mtime``, ``truncated`` (a path that ends in a slash is a folder);
  ``listings.yml`` maps a pattern to its status, where it could not be listed;
* ``<step-id>/tcp-443.jsonl`` for exchanges and ``<step-id>/tcp-1-1024.xml`` for sweeps of probes: the first
  dash of the name is the slash of the subject; ``truncated`` (a mark) holds for all of them;
* ``<step-id>/gap.yml``: one gap or a list (``reason``, ``subject``, ``detail``, ``needs``);
* ``expect.yml``: ``fact:`` (a projection, see ``project``; mappings may name only the keys that matter) or
  ``gap: reason``, with ``step:`` and ``subject:`` where they matter; ``like: usual`` takes step folders
  that are missing here from that case.

A step without a folder was not asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from collectors.base import Files, Probe
from collectors.evidence import Evidence
from scanner.facts import Value
from scanner.model import Capture, CaptureKind, Citation, FileMeta, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collectors.base import Platform, Reader, Step

FIXTURES = Path(__file__).parent / "fixtures"
OBJECT = "host"
TAKEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MTIME = 1_700_000_000

Record = Capture | Gap


@dataclass(frozen=True)
class Case:
    """One case of one reader."""

    platform: Platform
    reader: Reader
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.platform.name}-{self.reader.fact.__name__}-{self.folder.name}"

    @property
    def expected(self) -> Mapping[str, Any]:
        return _yaml(self.folder / "expect.yml") or {}

    def records(self) -> tuple[Record, ...]:
        """All captures and gaps of the case, in the order of the reader's steps."""
        like = self.expected.get("like")
        return tuple(
            record
            for step in dict.fromkeys(self.reader.steps)
            for record in _step_records(self._step_folder(step, like), self.platform, step)
        )

    def evidence(self) -> Evidence:
        return Evidence.of(OBJECT, self.platform, self.records())

    def _step_folder(self, step: Step, like: str | None) -> Path:
        own = self.folder / step.id
        return own if own.exists() or like is None else self.folder.parent / like / step.id


def cases(platforms: Sequence[Platform]) -> list[Case]:
    """All cases of all readers, by name."""
    found = [
        Case(platform, reader, folder)
        for platform in platforms
        for reader in platform.readers
        for folder in sorted((FIXTURES / platform.name / reader.fact.__name__).glob("*"))
        if folder.is_dir()
    ]
    return sorted(found, key=lambda case: case.name)


def case_of(platform: Platform, reader: Reader, name: str) -> Case:
    """One case by name."""
    return Case(platform, reader, FIXTURES / platform.name / reader.fact.__name__ / name)


def command_capture(
    platform: Platform,
    step: Step,
    content: bytes,
    *,
    errors: bytes = b"",
    status: int = 0,
    truncated: bool = False,
) -> Capture:
    """A command's answer."""
    return Capture(
        OBJECT,
        platform.name,
        step.id,
        "",
        CaptureKind.COMMAND,
        "test",
        status,
        content,
        errors,
        TAKEN,
        truncated,
    )


def file_captures(
    platform: Platform,
    step: Step,
    files: Mapping[str, bytes],
    modes: Mapping[str, Mapping[str, Any]] | None = None,
    listings: Mapping[str, int] | None = None,
) -> Iterator[Capture]:
    """A file step's answer: a listing for each pattern, then the files."""
    assert isinstance(step.form, Files)
    seen: set[str] = set()
    for pattern in step.form.patterns:
        paths = [path for path in sorted(files) if glob_match(pattern, path)]
        yield Capture(
            OBJECT, platform.name, step.id, pattern, CaptureKind.LISTING, "test",
            (listings or {}).get(pattern, 0), "".join(f"{p}\n" for p in paths).encode(), b"", TAKEN,
        )  # fmt: skip
        for path in paths:
            if path in seen:
                continue
            seen.add(path)
            told = (modes or {}).get(path, {})
            meta = FileMeta(
                int(str(told.get("mode", "644")), 8), int(told.get("uid", 0)), int(told.get("gid", 0)),
                int(told.get("size", len(files[path]))), int(told.get("mtime", MTIME)),
            )  # fmt: skip
            yield Capture(
                OBJECT, platform.name, step.id, path, CaptureKind.FILE, "test", None,
                b"" if step.form.metadata_only else files[path], b"", TAKEN,
                bool(told.get("truncated", False)), meta,
            )  # fmt: skip
    assert seen == set(files), f"{step.id}: no pattern reaches {sorted(set(files) - seen)}"


def glob_match(pattern: str, path: str) -> bool:
    """Whether a shell pattern matches: a star crosses no slash and no leading dot."""
    parts, names = pattern.split("/"), path.split("/")
    return len(parts) == len(names) and all(
        fnmatchcase(name, part) and (not name.startswith(".") or part.startswith("."))
        for part, name in zip(parts, names, strict=True)
    )


def _step_records(folder: Path, platform: Platform, step: Step) -> Iterator[Record]:
    gaps = _yaml(folder / "gap.yml") or []
    for gap in gaps if isinstance(gaps, list) else [gaps]:
        yield Gap(
            GapReason(gap["reason"]),
            step.id,
            gap.get("subject", ""),
            gap.get("detail", ""),
            gap.get("needs", ""),
        )
    root = folder / "files"
    if isinstance(step.form, Probe):
        yield from probe_captures(platform, step, folder)
    elif root.is_dir():
        files = {
            f"/{p.relative_to(root)}": p.read_bytes()
            for p in root.rglob("*")
            if p.is_file() and p.name != ".gitkeep"  # a mark: the step was asked, no file exists
        }
        modes = _yaml(folder / "modes.yml") or {}
        files |= {path: b"" for path in modes if path.endswith("/")}  # folders of a step of metadata
        yield from file_captures(platform, step, files, modes, _yaml(folder / "listings.yml"))
    elif (folder / "stdout").exists() or (folder / "stderr").exists():
        yield command_capture(
            platform,
            step,
            _bytes(folder / "stdout"),
            errors=_bytes(folder / "stderr"),
            status=int(_bytes(folder / "status") or b"0"),
            truncated=(folder / "truncated").exists(),
        )


def probe_captures(platform: Platform, step: Step, folder: Path) -> Iterator[Capture]:
    """A probe's answers: one capture a port, or a part of a sweep."""
    kinds = {".jsonl": CaptureKind.EXCHANGE, ".xml": CaptureKind.PORTS}
    for path in sorted(folder.glob("*")):
        if path.suffix in kinds:
            yield Capture(
                OBJECT, platform.name, step.id, path.stem.replace("-", "/", 1), kinds[path.suffix], "test",
                None, path.read_bytes(), b"", TAKEN, (folder / "truncated").exists(),
            )  # fmt: skip


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None


def project(thing: Any) -> Any:
    """A fact as plain data to write down.

    A Value is ``[value, origin, place]``; a Citation is its place ``step:subject:line`` (no line when it
    cites the whole); an enumeration is its text.
    """
    match thing:
        case Value():
            return [project(thing.value), thing.origin.value, project(thing.at)]
        case Citation():
            place = thing.capture.removeprefix(f"{OBJECT}/")
            return f"{place}:{thing.line}" if thing.line else place
        case Enum():
            return thing.value
        case tuple() | list():
            return [project(item) for item in thing]
        case frozenset() | set():
            return sorted(project(item) for item in thing)
        case _ if is_dataclass(thing) and not isinstance(thing, type):
            return {field.name: project(getattr(thing, field.name)) for field in fields(thing)}
        case Mapping():
            return {str(project(key)): project(value) for key, value in thing.items()}
        case _:
            return thing


def differences(expected: Any, seen: Any, place: str = "") -> list[str]:
    """Where ``seen`` is not as expected; mappings may hold more than expected, lists may not."""
    if isinstance(expected, dict) and isinstance(seen, dict):
        return [
            line
            for key, value in expected.items()
            for line in (
                differences(value, seen[key], f"{place}.{key}")
                if key in seen
                else [f"{place}.{key}: missing"]
            )
        ]
    if isinstance(expected, list) and isinstance(seen, list) and len(expected) == len(seen):
        return [
            line
            for i, (e, s) in enumerate(zip(expected, seen, strict=True))
            for line in differences(e, s, f"{place}[{i}]")
        ]
    return [] if expected == seen else [f"{place}: expected {expected!r}, got {seen!r}"]


# --- not seeing ------------------------------------------------------------------------------------

BINARY = bytes(range(256)) * 4
PRINTABLE = b"%% <<<< (this is) not [what 'was asked !!\n~~ }} \"((\n"


@dataclass(frozen=True)
class Damage:
    """One way in which a step's answer does not come as it should."""

    name: str

    def happens_to(self, step: Step) -> bool:
        """Whether a step of this form can suffer it."""
        if self.name in WHOLE or self.name in GAPS:
            return True
        if isinstance(step.form, Probe):
            return self.name in (*CONTENT, "missing control")
        if not isinstance(step.form, Files):
            return self.name in COMMAND and (self.name != "missing control" or bool(step.control))
        return self.name in (LISTED if step.form.metadata_only else READ)

    def apply(self, platform: Platform, step: Step, records: Sequence[Record]) -> list[Record]:
        """The records after the damage to ``step``."""
        rest = [r for r in records if r.step != step.id]
        mine = [r for r in records if isinstance(r, Capture) and r.step == step.id]
        if self.name in WHOLE:
            return [*rest, Gap(GapReason(self.name), detail="damaged by the test")]
        if self.name in GAPS:
            return [*rest, Gap(GapReason(self.name), step.id, detail="damaged by the test")]
        if isinstance(step.form, Files):
            return [*rest, *_damage_files(self.name, mine)]
        if isinstance(step.form, Probe):
            return [*rest, *(_damage_probe(self.name, step, capture) for capture in mine)]
        return [*rest, _damage_command(self.name, platform, step, b"".join(r.content for r in mine))]


WHOLE = ("unreachable", "host-key", "authentication")
GAPS = ("permission", "command-missing", "timed-out", "command-failed")
CONTENT = ("empty", "binary garbage", "printable garbage", "cut off")
COMMAND = (*CONTENT, "refusal in text", "no such command", "killed", "missing control")
LISTED = ("folders not to be listed", "no listing")
READ = (*CONTENT, *LISTED, "files not to be read")
DAMAGES = tuple(Damage(name) for name in dict.fromkeys((*WHOLE, *GAPS, *COMMAND, *READ)))


def _damage_command(name: str, platform: Platform, step: Step, whole: bytes) -> Capture:
    without = b"\n".join(
        line for line in whole.split(b"\n") if not step.control or not re.search(step.control.encode(), line)
    )
    half = whole[: len(whole) // 2]
    return {
        "refusal in text": command_capture(platform, step, b"", errors=b"x: Permission denied\n", status=1),
        "no such command": command_capture(platform, step, b"", errors=b"sh: 1: x: not found\n", status=127),
        "killed": command_capture(platform, step, half, status=124),
        "empty": command_capture(platform, step, b""),
        "missing control": command_capture(platform, step, without),
        "binary garbage": command_capture(platform, step, BINARY),
        "printable garbage": command_capture(platform, step, PRINTABLE),
        "cut off": command_capture(platform, step, half, truncated=True),
    }[name]


def _damage_probe(name: str, step: Step, capture: Capture) -> Capture:
    half = capture.content[: len(capture.content) // 2]
    lines = capture.content.split(b"\n")
    content = {
        "empty": b"",
        "binary garbage": BINARY,
        "printable garbage": PRINTABLE,
        "cut off": half,
        "missing control": b"\n".join(line for line in lines if not re.search(step.control.encode(), line)),
    }[name]
    return replace(capture, content=content, truncated=name == "cut off")


def _damage_files(name: str, mine: Sequence[Capture]) -> list[Record]:
    listings = [r for r in mine if r.kind is CaptureKind.LISTING]
    files = [r for r in mine if r.kind is CaptureKind.FILE]
    if name == "no listing":  # nothing shows that anybody ever looked
        return []
    if name == "folders not to be listed":
        return [replace(r, status=2, content=b"") for r in listings]
    if name == "files not to be read":
        return [
            *listings,
            *(Gap(GapReason.PERMISSION, r.step, r.subject, "damaged by the test") for r in files),
        ]
    content = {"empty": b"", "binary garbage": BINARY, "printable garbage": PRINTABLE}
    return [
        *listings,
        *(
            _changed(r, content.get(name, r.content[: len(r.content) // 2]), cut=name == "cut off")
            for r in files
        ),
    ]


def _changed(capture: Capture, content: bytes, *, cut: bool) -> Capture:
    """The same file with other bytes; its size still tells that it holds some."""
    meta = capture.meta
    if meta is not None and meta.size == 0:
        meta = replace(meta, size=1)
    return replace(capture, content=content, truncated=cut, meta=meta)
