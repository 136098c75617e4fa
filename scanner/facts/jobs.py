"""Facts about jobs that keep data safe: backups, and tools that find files changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class ScheduledTool:
    """A known program that a schedule runs; ``remote`` where its line names another host."""

    tool: str
    path: str
    remote: bool
    at: Citation


@dataclass(frozen=True, slots=True)
class UnitRun:
    """The last end of a unit since the host was started; ``age_days`` counts from when it was looked at."""

    unit: str
    succeeded: bool
    age_days: int
    at: Citation


@dataclass(frozen=True, slots=True)
class AgedFile:
    """A file and how old it was when it was looked at."""

    path: str
    age_days: int
    at: Citation


@dataclass(frozen=True, slots=True)
class Backups(Fact):
    """Known backup programs that schedules run, ends of backup units, the newest file of each usual folder.

    ``unread`` are schedules that were not seen. A product that is not known shows in none of these.
    """

    jobs: tuple[ScheduledTool, ...]
    runs: tuple[UnitRun, ...]
    newest: tuple[AgedFile, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IntegrityTool:
    """A known tool that finds files changed: its settings, its database, its newest record of a run."""

    product: str
    at: Citation
    database: AgedFile | None
    run: AgedFile | None


@dataclass(frozen=True, slots=True)
class IntegrityTools(Fact):
    """Known integrity tools by their files, and which of them schedules run."""

    tools: tuple[IntegrityTool, ...]
    jobs: tuple[ScheduledTool, ...]
