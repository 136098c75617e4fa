"""Scores of a file of results as JSON, in the words of the report of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.report.json import dumped
from scanner.report.json.numbers import class_summary, coverage, scores

if TYPE_CHECKING:
    from scanner.report.scored import ScoredFile, ScoredSystem
    from scanner.score import Template

SCHEMA_VERSION = 1


def render_scored(scored: ScoredFile) -> str:
    """Return the scores as JSON text with a final newline."""
    settings = scored.settings()
    return dumped(
        {
            "schema_version": SCHEMA_VERSION,
            "indicative": True,
            "file": scored.file,
            "template": scored.template.name,
            "grade": None if scored.grade is None else str(scored.grade),
            "settings": [_template(t) for t in (scored.templates.deductions, scored.templates.rate)],
            "ours": [setting.name.en for setting in settings if setting.ours],
            "yours": [setting.name.en for setting in settings if not setting.ours],
            "systems": [_system(system) for system in scored.systems],
        }
    )


def _template(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "formula": template.formula.value,
        "y": str(template.y),
        "rate": template.reading.value,
        "weights": dict(template.weights),
        "count_optional": template.count_optional,
        "notes": [
            {"about": n.about, "source": n.source, "zh": n.text.zh, "en": n.text.en} for n in template.notes
        ],
    }


def _system(system: ScoredSystem) -> dict[str, Any]:
    return {
        "name": system.name,
        "items": system.items,
        "silent": system.silent,
        "coverage": coverage(system.scores),
        "scores": scores(system.scores, ()),
        "classes": [class_summary(summary) for summary in system.classes],
    }
