"""Numbers and what they rest on, as plain data: scores, results of classes and control points, overlays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.report.json.plain_data import interval, text, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.model import Loosening, Overlay
    from scanner.score import Scores
    from scanner.score.units import ClassSummary, Unit

OURS = ["weights", "rate formula", "y"]
"""What no official source gives and numbers rest on."""


def coverage(of: Scores) -> dict[str, int]:
    """Items that are decided, out of the applicable ones."""
    return {"decided": of.coverage.decided, "applicable": of.coverage.applicable}


def scores(of: Scores, major_candidates: Sequence[str]) -> dict[str, Any]:
    """Numbers of one system: of its sample, where one is marked, with compensations, where there are any.

    ``posture`` holds those over all objects, ``before`` those without compensations; null where they are
    the same by nature.
    """
    return {
        **_numbers(of),
        "2025": {**_numbers(of)["2025"], "major_candidates": list(major_candidates)},
        "posture": _of_others(of.posture),
        "before": _of_others(of.before),
        "ours": OURS,
    }


def _of_others(of: Scores | None) -> dict[str, Any] | None:
    return None if of is None else {"coverage": coverage(of), **_numbers(of)}


def _numbers(of: Scores) -> dict[str, Any]:
    return {
        "2021": {**interval(of.deduction), "conclusions": list(of.grades)},
        "2025": {
            "strict": interval(of.strict),
            "half": interval(of.half),
            "conclusions": list(of.conclusions),
        },
        "themes": {theme: interval(between) for theme, between in of.themes.items()},
    }


def class_summary(summary: ClassSummary) -> dict[str, Any]:
    """Result of a class with those of its control points."""
    return {
        "scope": summary.scope.value,
        "class": summary.klass,
        "side": summary.side,
        **_unit(summary.unit),
        "control_points": [{"title": text(p.title), **_unit(p.unit)} for p in summary.points],
    }


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "verdict": unit.verdict.value,
        "possible": verdicts(unit.possible),
        "items": {verdict.value: count for verdict, count in unit.counts.items()},
    }


def overlay(laid: Overlay) -> dict[str, Any]:
    """What was laid over the profile, and what it asks less of."""
    return {
        "name": laid.name,
        "title": text(laid.title),
        "digest": laid.digest,
        "loosened": [_loosening(one) for one in laid.loosened],
    }


def _loosening(one: Loosening) -> dict[str, Any]:
    return {
        "level": one.level,
        "check": one.check,
        "parameter": one.parameter or None,
        "item": one.item or None,
        "step": one.step or None,
        "before": one.before,
        "after": one.after,
        "reason": text(one.reason),
    }
