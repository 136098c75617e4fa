"""Levels side by side as plain data: a column a level, a row a requirement, the way to each next level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.compare import Effort
from scanner.report.json.numbers import coverage, overlay, scores
from scanner.report.json.plain_data import text, time, verdicts
from scanner.report.json.risks import major_candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.compare import Column, Comparison, Row, Stage, Way
    from scanner.model import ItemResult
    from scanner.report.content import Content

SCHEMA_VERSION = 1
OURS = "the order of ways by effort is an estimate of ours"


def document(comparisons: Sequence[Comparison], content: Content) -> dict[str, Any]:
    """Return comparisons of one run's systems; ``content`` is that of the highest level."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "mlps-posture", "version": content.tool},
        "indicative": True,
        "ours": OURS,
        "run": {"id": content.run, "started": time(content.started), "finished": time(content.finished)},
        "systems": [_system(comparison, content) for comparison in comparisons],
    }


def _system(comparison: Comparison, content: Content) -> dict[str, Any]:
    highest = comparison.columns[-1].assessment
    return {
        "name": highest.system.name,
        "title": highest.system.title,
        "judged_at": time(highest.at),
        "levels": [_column(column) for column in comparison.columns],
        "items": [_row(row) for row in comparison.rows],
        "ways": [
            _way(found, column, content)
            for found, column in zip(comparison.ways, comparison.columns[1:], strict=True)
        ],
    }


def _column(column: Column) -> dict[str, Any]:
    a = column.assessment
    return {
        "level": a.system.grade.level,
        "profile": a.profile.digest,
        "overlays": [overlay(laid) for laid in a.profile.overlays],
        "applicable": column.applicable,
        "items": {verdict.value: count for verdict, count in column.counts.items()},
        "known_to_fail": column.failing,
        "coverage": coverage(column.scores),
        "scores": scores(column.scores, major_candidates(a)),
    }


def _row(row: Row) -> dict[str, Any]:
    return {"changed": row.changed, "levels": [None if r is None else _result(r) for r in row.results]}


def _result(result: ItemResult) -> dict[str, Any]:
    return {
        "id": result.item.id,
        "clause": result.item.clause,
        "control_point": text(result.item.control_point),
        "verdict": result.verdict.value,
        "possible": verdicts(result.possible),
    }


def _way(found: Way, column: Column, content: Content) -> dict[str, Any]:
    return {
        "to": column.assessment.system.grade.level,
        "applicable": found.applicable,
        "open": list(found.open),
        "stages": [_stage(stage, content) for stage in found.stages],
    }


def _stage(stage: Stage, content: Content) -> dict[str, Any]:
    check = content.checks.get(stage.hurdle.key) if stage.hurdle.effort is Effort.SETTING else None
    return {
        "effort": stage.hurdle.effort.name.lower(),
        "key": stage.hurdle.key,
        "remedy": None if check is None else text(check.remedy),
        "objects": list(stage.objects),
        "items": list(stage.items),
        "open_below": stage.below,
        "met": stage.met,
    }
