"""From a run's file to assessments: the one place where readers, derivations, checks and profiles meet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collectors.evidence import Evidence
from collectors.platforms import PLATFORMS
from collectors.reading import read_sheet
from scanner.checks import ALL
from scanner.cli.target import GRADE_OF_LEVEL
from scanner.derive import derive
from scanner.derive.children import undeclared, with_services
from scanner.errors import LockerError
from scanner.evaluate import evaluate
from scanner.inventory import Inventory, read_normalised
from scanner.judgement import analyse
from scanner.judgement.file import load_judgements, load_triggers
from scanner.lint import lint_overlays
from scanner.model import Gap, GapReason, Grade
from scanner.overlay import together
from scanner.overlay_files import overlays_in, stored_with, with_given
from scanner.profile import load_profile, packaged
from scanner.profile_files import HIGH_RISK_FILE, MAJOR_TRIGGERS_FILE
from scanner.selection import MARKS, levels_of
from scanner.statements import apply_to_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from collectors.base import Platform
    from scanner.facts import FactSheet
    from scanner.locker import Header, Locker
    from scanner.model import (
        Assessment,
        Capture,
        Judgement,
        MajorTrigger,
        Notice,
        Profile,
        Statements,
        System,
    )
    from scanner.overlay_files import OverlayFile
    from scanner.profile_files import Sources

CHECKS = {check.id: check for check in ALL}
PLATFORM_BY_NAME: Mapping[str, Platform] = {platform.name: platform for platform in PLATFORMS}


@dataclass(frozen=True, slots=True)
class Judged:
    """A run, understood and judged at one time."""

    header: Header
    finished: datetime | None
    head: str  # of the run file's hash chain
    inventory: Inventory
    sheets: Mapping[str, FactSheet]
    records: Mapping[str, tuple[Capture | Gap, ...]]
    assessments: tuple[Assessment, ...]
    judgements: tuple[Judgement, ...]  # on high risk, that were weighed
    triggers: tuple[MajorTrigger, ...]  # of major dangers

    @property
    def bugs(self) -> tuple[Gap, ...]:
        """Our own mistakes that the run met: exit code 4."""
        found = [g for sheet in self.sheets.values() for g in sheet.entries.values() if isinstance(g, Gap)]
        found += [r for records in self.records.values() for r in records if isinstance(r, Gap)]
        return tuple(dict.fromkeys(g for g in found if g.reason is GapReason.BUG))


def stored_profile(overlays: Sequence[OverlayFile] = ()) -> dict[str, object]:
    """The profile files as a run keeps them, so that its file alone is enough to judge again."""
    return {name: content.decode() for name, content in stored_with(packaged(), overlays).items()}


def profile_files(header: Header, overlays: Sequence[OverlayFile] = ()) -> dict[str, bytes]:
    """The profile files that a run keeps, by name, with overlays laid over those that it keeps.

    Raises:
        ProfileError: the overlays are wrong, with every mistake.
    """
    stored = {name: str(content).encode() for name, content in header.profile.items()}
    if not overlays:
        return stored
    laid = with_given(overlays_in(stored), overlays)
    lint_overlays(laid, CHECKS, stored)
    return stored_with(stored, laid)


@dataclass(frozen=True, slots=True)
class Understood:
    """A run and what its captures say, before anything is judged."""

    header: Header
    finished: datetime | None
    head: str  # of the run file's hash chain
    inventory: Inventory
    records: Mapping[str, tuple[Capture | Gap, ...]]
    sheets: Mapping[str, FactSheet]


def understand(locker: Locker) -> Understood:
    """Read a run.

    Raises:
        LockerError: the run's inventory or evidence cannot be read.
    """
    inventory = _inventory(locker.header)
    records = {r.object: tuple(locker.records(r.object)) for r in inventory.reaches}
    sheets = {r.object: _sheet(r.object, r.platform, records[r.object]) for r in inventory.reaches}
    return Understood(locker.header, locker.finished, locker.head, inventory, records, sheets)


def judge(
    run: Locker | Understood,
    level: int | None = None,
    at: datetime | None = None,
    statements: Statements | None = None,
    sources: Sources | None = None,
) -> Judged:
    """Judge a run again from its file alone, and from what people give beside it.

    Args:
        run: the run, or what was understood of it.
        level: judge every system at this level instead of its own grade.
        at: time of judgement (approvals expire); default: when the run ended, else began.
        statements: what people state, for all systems of the run.
        sources: profile files to judge by; default: those that the run keeps (``profile_files``).

    Raises:
        LockerError: the run's inventory or evidence cannot be read.
        ProfileError: there is no such level.
    """
    read = run if isinstance(run, Understood) else understand(run)
    header, inventory, looks = read.header, read.inventory, read.inventory.looks
    at = at or read.finished or header.started
    systems = systems_at(inventory, level)
    sources = profile_files(header) if sources is None else sources
    profiles = {n: load_profile(n, CHECKS, sources, earlier=True) for n in sorted(levels_judged(systems))}
    objects = with_services(inventory.objects, read.sheets)
    known = derive(
        read.sheets,
        objects,
        systems,
        inventory.register,
        at,
        looks,
        inventory.vantages,
        inventory.scans,
        zoning=inventory.zoning,
    )
    untaken = {k.name: tuple(r for r in read.records[k.name] if isinstance(r, Gap)) for k in looks}
    assessments = tuple(
        _noticing(
            evaluate(s, _told(s, profiles), objects, known, CHECKS, at, looks, untaken),
            undeclared(s, inventory.objects, objects),
        )
        for s in systems
    )
    if statements is not None:
        assessments = apply_to_all(assessments, statements, at)
    judgements, triggers = _weighed_by(sources)
    assessments = analyse(assessments, judgements, triggers, at)
    return Judged(
        header, read.finished, read.head, inventory, known, read.records, assessments, judgements, triggers
    )


def _noticing(assessment: Assessment, more: tuple[Notice, ...]) -> Assessment:
    return replace(assessment, notices=(*assessment.notices, *more))


def _weighed_by(sources: Sources) -> tuple[tuple[Judgement, ...], tuple[MajorTrigger, ...]]:
    """Judgements on high risk and triggers of major dangers; none where a run does not keep their files."""
    if HIGH_RISK_FILE not in sources or MAJOR_TRIGGERS_FILE not in sources:
        return (), ()
    return load_judgements(sources, CHECKS, ()), load_triggers(sources)


def systems_at(inventory: Inventory, level: int | None) -> tuple[System, ...]:
    """The systems of an inventory, at a level instead of their own grades where one is given."""
    return tuple(_at_level(system, level) for system in inventory.systems)


def levels_judged(systems: Iterable[System]) -> frozenset[int]:
    """Levels whose profiles are needed to judge the systems."""
    return frozenset().union(*map(levels_of, systems))


def _told(system: System, profiles: Mapping[int, Profile]) -> dict[int, Profile]:
    """Let the profile that reports show name what overlays loosen at every level of the system's grade."""
    own = system.grade.level
    levels = sorted({system.grade.level_of(mark) for mark in MARKS})
    return {**profiles, own: replace(profiles[own], overlays=together(profiles[n] for n in levels))}


def _inventory(header: Header) -> Inventory:
    from pydantic import ValidationError

    try:
        return read_normalised(header.inventory)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise LockerError(f"the inventory in the run cannot be read: {place}: {first['msg']}") from wrong


def _sheet(name: str, platform: str, records: tuple[Capture | Gap, ...]) -> FactSheet:
    if platform not in PLATFORM_BY_NAME:
        raise LockerError(f"{name}: this version knows no platform {platform!r}")
    return read_sheet(Evidence.of(name, PLATFORM_BY_NAME[platform], records))


def _at_level(system: System, level: int | None) -> System:
    if level is None:
        return system
    if level not in GRADE_OF_LEVEL:
        return replace(system, grade=Grade(level, level))  # the profile loader says why there is none
    return replace(system, grade=Grade.parse(GRADE_OF_LEVEL[level]))
