"""What the page's filters know of every entry: verdicts, themes, risks, objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Answer, Text, Verdict
from scanner.report.html.anchors import anchor
from scanner.report.words import RISK, RISK_ORDER, THEMES, VERDICT, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scanner.report.html.items import Row
    from scanner.report.html.objects import Shown
    from scanner.report.html.questions import Question
    from scanner.report.html.unseen import Unseen

FAILS = "fails"
"""Value of the filter by verdict for items that can no longer conform, whatever the unseen will show."""

Facets = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    facet: str
    value: str
    text: Text


def choices(objects: Sequence[Shown]) -> tuple[tuple[Text, tuple[Choice, ...]], ...]:
    """All filters with their values."""
    verdicts = [Choice("verdict", v.value, VERDICT[v]) for v in (*VERDICT_ORDER, Verdict.UNDETERMINED)]
    verdicts.append(Choice("verdict", FAILS, Text(zh="已知不能符合", en="can no longer conform")))
    return (
        (Text(zh="结果", en="Verdict"), tuple(verdicts)),
        (Text(zh="主题", en="Theme"), tuple(Choice("theme", t, THEMES[t]) for t in THEMES)),
        (Text(zh="风险", en="Risk"), tuple(Choice("risk", r.value, RISK[r]) for r in RISK_ORDER)),
        (
            Text(zh="对象", en="Object"),
            tuple(Choice("object", o.id, Text(o.id, o.id)) for o in objects if not o.parent),
        ),
    )


def entries(
    rows: Iterable[Row],
    questions: Iterable[Question],
    objects: Sequence[Shown],
    gaps: Iterable[Unseen],
) -> dict[str, Facets]:
    """Facets by the entry's place in the page."""
    whole = {o.id: o.parent for o in objects if o.parent}
    found: dict[str, Facets] = {}
    by_item: dict[str, Facets] = {}
    for row in rows:
        by_item[row.anchor] = _item(row, whole)
        found[row.anchor] = by_item[row.anchor]
        found[f"todo-{row.anchor}"] = by_item[row.anchor]
    for question in questions:
        found[question.anchor] = _question(question, by_item, whole)
    for o in objects:
        found[o.anchor] = _facets(objects=_whole((o.id,), whole), risks=[risk.value for risk, _ in o.noes])
    for gap in gaps:
        found[anchor("unseen", gap.title)] = _facets(objects=_whole(gap.objects, whole))
    return found


def _item(row: Row, whole: Mapping[str, str]) -> Facets:
    verdicts = [row.verdict.value, *([FAILS] if row.fails else [])]
    objects = _whole((o.object for o in row.objects), whole)
    return _facets(verdicts, row.item.themes, [risk.value for risk in row.risks], objects)


def _question(question: Question, by_item: Mapping[str, Facets], whole: Mapping[str, str]) -> Facets:
    touched = [by_item[t.anchor] for t in question.items]
    verdicts = sorted({v for facets in touched for v in facets["verdict"]})
    themes = sorted({t for facets in touched for t in facets["theme"]})
    risks = [question.risk.value] if question.answer is Answer.NO else []
    return _facets(verdicts, themes, risks, _whole((o for s in question.said for o in s.objects), whole))


def _facets(
    verdicts: Iterable[str] = (),
    themes: Iterable[str] = (),
    risks: Iterable[str] = (),
    objects: Iterable[str] = (),
) -> Facets:
    return {"verdict": list(verdicts), "theme": list(themes), "risk": list(risks), "object": list(objects)}


def _whole(names: Iterable[str], whole: Mapping[str, str]) -> list[str]:
    """Objects, and those that they are a part or role of."""
    return sorted({n for name in names for n in (name, whole.get(name, name))})
