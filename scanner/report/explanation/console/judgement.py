"""A judgement on high risk, or a trigger of a major danger, at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text as Line

from scanner.model import APPLIES, May, Text
from scanner.report.console.words import shown
from scanner.report.explanation.console.layout import remarks, rows, said, section, title
from scanner.report.explanation.words import ANSWER, CONFIDENCE, MAY
from scanner.report.names import SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from scanner.model import Condition, Judgement, MajorTrigger, Proof
    from scanner.model.text import Language
    from scanner.report.explanation.console.layout import Cell
    from scanner.report.explanation.knowledge import Knowledge

_JUDGEMENT = Text("高风险判例", "judgement on high risk")
_FROM = Text("第 {level} 级起适用", "from level {level} up")
_CONDITIONS = Text("须同时具备的条件", "Conditions, all of them needed")
_BY_CHECKS = Text("证据：{checks} 均答“{answer}”", "evidence: {checks} all answer {answer}")
_BY_CHECK = Text("证据：{checks} 答“{answer}”", "evidence: {checks} answers {answer}")
_BY_PERSON = Text("证据：由人确认", "evidence: a person's confirmation")
_BY_NOBODY = Text("目前没有任何证据来源", "nothing can evidence it yet")
_OUT_OF_REACH = Text(
    "条件 {numbers} 目前没有任何证据来源，因此不会列为候选。",
    "It is no candidate today: nothing can evidence condition {numbers} yet.",
)
_LOWERED = Text("可由人据此降低风险", "What lets a person lower the risk")
_NOTHING_LOWERS = Text("指南未列。", "The guide names nothing.")
_UNITS = Text("涉及的测评单元", "Items")
_MAJOR = Text("重大风险隐患触发项", "Trigger of a major danger")
_COMBINED = Text("组合项：不对应单个测评单元", "combined: it belongs to no single item")
_SINGLE = Text("对应一个判例", "stands for one judgement")
_CONFIDENCE = Text("可信度：{confidence}", "confidence: {confidence}")
_JUDGEMENTS = Text("判例", "Judgements")
_HINTS = Text("判例（本产品的提示，清单未列）", "Judgements (hints of ours, the list names none)")
_SITUATIONS = Text("所举情形（清单是开放的）", "Situations that it names; the list is open")
_MATERIAL = Text("扫描能提供的材料", "What a scan can bring")
_SOURCES = Text("来源", "Sources")
_PERSON_DECIDES = Text("是否构成重大风险隐患由人判断。", "A person decides whether it is a major danger.")


def judgement_parts(judgement: Judgement, known: Knowledge, language: Language) -> Iterator[RenderableType]:
    """Everything that is known of a judgement on high risk."""
    yield title(judgement.id, judgement.title.say(language))
    yield remarks(
        (
            _JUDGEMENT.say(language),
            _FROM.format(level=judgement.min_level).say(language),
            APPLIES[judgement.applies].say(language) if judgement.applies else "",
        )
    )
    yield said(MAY[judgement.may].say(language), "magenta")
    yield from _out_of_reach(judgement, language)
    yield said(judgement.problem.say(language))
    conditions = (row for condition in judgement.conditions for row in _condition(condition, language))
    yield from section(_CONDITIONS, language, rows(conditions))
    lowered = judgement.lowered_by or _NOTHING_LOWERS
    yield from section(_LOWERED, language, [said(lowered.say(language))])
    yield from section(_UNITS, language, rows(_units(judgement, known, language), fixed=2))
    yield from section(_MAJOR, language, rows(_triggers([judgement.major], known, language)))


def trigger_parts(trigger: MajorTrigger, known: Knowledge, language: Language) -> Iterator[RenderableType]:
    """Everything that is known of a trigger of a major danger."""
    yield title(trigger.code, trigger.title.say(language))
    yield remarks(
        (
            _MAJOR.say(language),
            (_COMBINED if trigger.combined else _SINGLE).say(language),
            SCOPE[trigger.scope].say(language) if trigger.scope is not None else "",
            _CONFIDENCE.format(confidence=CONFIDENCE[trigger.confidence].say(language)).say(language),
            trigger.provenance.say(language),
        )
    )
    yield said(_PERSON_DECIDES.say(language), "magenta")
    judgements = (
        (known.judgements[name].id, known.judgements[name].title.say(language)) for name in trigger.judgements
    )
    yield from section(_HINTS if trigger.combined else _JUDGEMENTS, language, rows(judgements))
    yield from section(_SITUATIONS, language, _bullets(trigger.situations, language))
    material = [said(trigger.material.say(language))] if trigger.material is not None else []
    yield from section(_MATERIAL, language, material)
    yield from section(_SOURCES, language, _bullets(trigger.sources, language))


def _out_of_reach(judgement: Judgement, language: Language) -> Iterator[RenderableType]:
    """Say why a judgement that may be proposed is not proposed of anything yet."""
    lacking = [str(c.n) for c in judgement.conditions if not c.person and not c.proofs]
    if judgement.may is May.PROPOSE and lacking:
        yield said(_OUT_OF_REACH.format(numbers=", ".join(lacking)).say(language), "dim")


def _condition(condition: Condition, language: Language) -> Iterator[tuple[Cell, Cell]]:
    """What has to be so, then a line for each that evidences it."""
    yield Line(str(condition.n), style="bold"), condition.text.say(language)
    for proof in condition.proofs:
        yield "", Line(f"  {_proof(proof, language)}", style="green")
    if condition.person:
        yield "", Line(f"  {_BY_PERSON.say(language)}", style="magenta")
    if not condition.person and not condition.proofs:
        yield "", Line(f"  {_BY_NOBODY.say(language)}", style="dim")


def _proof(proof: Proof, language: Language) -> str:
    words = _BY_CHECK if len(proof.checks) == 1 else _BY_CHECKS
    checks, answer = ", ".join(proof.checks), ANSWER[proof.answer].say(language)
    return words.format(checks=checks, answer=answer).say(language)


def _units(judgement: Judgement, known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell, Cell]]:
    for name in judgement.units:
        item = known.items.get(name)
        if item is not None:
            control_point, summary = item.control_point.say(language), item.summary.say(language)
            yield name, item.clause, Line.assemble((f"{control_point} · ", "dim"), shown(summary))


def _triggers(codes: Sequence[str], known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell]]:
    for trigger in (known.triggers[code] for code in codes if code):
        provenance = Line(f" · {trigger.provenance.say(language)}", style="dim")
        yield trigger.code, Line.assemble(shown(trigger.title.say(language)), provenance)


def _bullets(texts: Sequence[Text], language: Language) -> Iterator[RenderableType]:
    return iter(tuple(rows(("-", text.say(language)) for text in texts)))
