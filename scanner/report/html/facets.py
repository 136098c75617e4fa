"""What the page's filters know of every entry: verdicts, states, scopes, themes, risks, objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Answer, Scope, Text, Verdict
from scanner.report.answering import Awaited
from scanner.report.html.anchors import anchor
from scanner.report.html.items import ATTESTED, CAPABILITY, COMPENSATED, DISPUTED
from scanner.report.words import RISK, RISK_ORDER, SCOPE, THEMES, VERDICT, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scanner.report.html.items import Row
    from scanner.report.html.objects import Shown
    from scanner.report.html.questions import Question
    from scanner.report.html.risks import Weighed
    from scanner.report.html.unseen import Unseen

FAILS = "fails"
"""Value of the filter by verdict for items that can no longer conform, whatever the unseen will show."""

WAIVED = "waived"
"""Value of the filter by state for questions whose alerts are silenced somewhere."""

STATES = {
    Awaited.PERSON.value: Text(zh="等待人工", en="waits for a person"),
    Awaited.LOOK.value: Text(zh="等待再次查看", en="waits for another look"),
    CAPABILITY: Text(zh="将由后续能力回答", en="awaits a capability"),
    ATTESTED: Text(zh="有人工证明", en="attested"),
    DISPUTED: Text(zh="有争议", en="disputed"),
    COMPENSATED: Text(zh="经补偿", en="compensated"),
    WAIVED: Text(zh="告警已豁免", en="alerts waived"),
}
MARKS = ("S", "A", "G")

Facets = dict[str, list[str]]
"""Values by facet; what is not named has none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    facet: str
    value: str
    text: Text


def choices(objects: Sequence[Shown], found: Iterable[Facets]) -> tuple[tuple[Text, tuple[Choice, ...]], ...]:
    """All filters that leave a choice; of scopes, marks and states the values that some entry has."""
    there = {(facet, value) for facets in found for facet, values in facets.items() for value in values}
    verdicts = [Choice("verdict", v.value, VERDICT[v]) for v in (*VERDICT_ORDER, Verdict.UNDETERMINED)]
    verdicts.append(Choice("verdict", FAILS, Text(zh="已知不能符合", en="can no longer conform")))
    states = [Choice("state", value, text) for value, text in STATES.items()]
    scopes = [Choice("scope", scope.value, SCOPE[scope]) for scope in Scope]
    marks = [Choice("mark", mark, Text(mark, mark)) for mark in MARKS]
    filters = (
        (Text(zh="结果", en="Verdict"), tuple(verdicts)),
        (Text(zh="状态", en="State"), tuple(c for c in states if (c.facet, c.value) in there)),
        (Text(zh="范围", en="Scope"), tuple(c for c in scopes if (c.facet, c.value) in there)),
        (Text(zh="标记", en="Mark"), tuple(c for c in marks if (c.facet, c.value) in there)),
        (Text(zh="主题", en="Theme"), tuple(Choice("theme", t, THEMES[t]) for t in THEMES)),
        (Text(zh="风险", en="Risk"), tuple(Choice("risk", r.value, RISK[r]) for r in RISK_ORDER)),
        (
            Text(zh="对象", en="Object"),
            tuple(Choice("object", o.id, Text(o.id, o.id)) for o in objects if not o.parent),
        ),
    )
    return tuple((name, values) for name, values in filters if values and _narrows(values))


def _narrows(values: Sequence[Choice]) -> bool:
    """Whether to choose makes a difference: an only scope is that of every item, an only state is not."""
    return len(values) > 1 or values[0].facet == "state"


def entries(
    rows: Iterable[Row],
    questions: Iterable[Question],
    judgements: Iterable[Weighed],
    objects: Sequence[Shown],
    gaps: Iterable[Unseen],
) -> dict[str, Facets]:
    """Facets by the entry's place in the page."""
    whole = {o.id: o.parent for o in objects if o.parent}
    found = {row.anchor: _item(row, whole) for row in rows}
    by_item = dict(found)
    for question in questions:
        found[question.anchor] = _question(question, by_item, whole)
    for judgement in judgements:
        names = _whole((on.object for on in judgement.on), whole)
        found[judgement.anchor] = _facets(risk=["high"], object=names)
    for o in objects:
        found[o.anchor] = _facets(risk=[risk.value for risk, _ in o.noes], object=_whole((o.id,), whole))
    for gap in gaps:
        found[anchor("unseen", gap.title)] = _facets(object=_whole(gap.objects, whole))
    return found


def _item(row: Row, whole: Mapping[str, str]) -> Facets:
    return _facets(
        verdict=[row.verdict.value, *([FAILS] if row.fails else [])],
        state=row.states,
        scope=[row.item.scope.value],
        mark=[row.item.mark],
        theme=row.item.themes,
        risk=[risk.value for risk in row.risks],
        object=_whole(row.objects, whole),
    )


def _question(question: Question, by_item: Mapping[str, Facets], whole: Mapping[str, str]) -> Facets:
    touched = [by_item[t.anchor] for t in question.items]

    def of_items(facet: str) -> list[str]:
        return sorted({value for facets in touched for value in facets.get(facet, ())})

    return _facets(
        verdict=of_items("verdict"),
        state=[WAIVED] if question.waived else [],
        scope=of_items("scope"),
        mark=of_items("mark"),
        theme=of_items("theme"),
        risk=[question.risk.value] if question.answer is Answer.NO else [],
        object=_whole((o for s in question.said for o in s.objects), whole),
    )


def _facets(**values: Iterable[str]) -> Facets:
    return {facet: some for facet, given in values.items() if (some := list(given))}


def _whole(names: Iterable[str], whole: Mapping[str, str]) -> list[str]:
    """Objects, and those that they are a part or role of."""
    return sorted({n for name in names for n in (name, whole.get(name, name))})
