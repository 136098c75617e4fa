"""A questionnaire as CSV: the table of attestations, its answers empty, with columns to read beside them.

Filled in and saved, it is a file of attestations (``--attest``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner import spreadsheet
from scanner.questionnaire.words import METHODS
from scanner.report.plain import plain
from scanner.statements.table import COLUMNS, TO_READ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.model.text import Language
    from scanner.questionnaire.questions import Question


def render(questions: Sequence[Question], language: Language) -> str:
    """Return the table: one row a question, in the order of the questions."""
    return spreadsheet.written([(*COLUMNS, *TO_READ), *(_row(question, language) for question in questions)])


def _row(q: Question, language: Language) -> list[str]:
    item, step = q.item, q.step
    cells = {
        "item": item.id,
        "step": str(step.n),
        "object": q.object.id,
        "method": METHODS[step.method].say(language),
        "role": q.role,
        "clause": item.clause,
        "question_zh": f"{item.control_point.zh}：{step.text.zh}",
        "question_en": f"{item.control_point.en}: {step.text.en}",
        "hint_zh": "；".join(hint.zh for hint in q.hints),
        "hint_en": "; ".join(hint.en for hint in q.hints),
    }
    return [plain(cells.get(name, "")) for name in (*COLUMNS, *TO_READ)]
