"""What a run shows of an item, a check or a judgement on high risk, at the terminal.

Everything that came from a host passes through ``shown``: no terminal escape survives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text as Line

from scanner.model import Answer, Text
from scanner.report.answering import Awaited, awaited
from scanner.report.console.words import STAND_STYLE, VERDICT_STYLE, heading, shown
from scanner.report.explanation.in_run import alike, of_check, of_item, of_judgement
from scanner.report.explanation.words import ANSWER
from scanner.report.names import SCOPE
from scanner.report.words import STAND, VERDICT, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from scanner.checks.check import Check
    from scanner.model import (
        Candidate,
        Citation,
        Finding,
        Item,
        Judgement,
        ObjectResult,
        System,
        Verdict,
    )
    from scanner.model.text import Language
    from scanner.report.explanation.in_run import ItemShown, Judgings
    from scanner.report.explanation.knowledge import Knowledge

SHOWN = 12
"""Groups of objects, or findings, shown of one system; the JSON has all."""

CITED = 3
"""Citations shown of a finding; the JSON has all."""

ANSWER_STYLE = {Answer.YES: "green", Answer.NO: "red", Answer.UNSEEN: "magenta", Answer.NA: "dim"}

_EXCERPT, _PLACE, _MESSAGE = 160, 240, 600
"""Characters shown of a cited line, of names, and of a message."""

_TITLE = Text("{run} 所示（判定时间 {at}）", "What {run} shows, judged at {at}")
_NOT_JUDGED = Text("该系统（{grade}）不含此项。", "This system ({grade}) is not judged by it.")
_INSTEAD = Text("按同一要求在该级的 {item} 判定", "judged by the same requirement at its level, {item}")
_NOT_ASKED = Text("没有对任何对象问过。", "It was asked of no object.")
_MORE = Text("另有 {count} 组，见 -f json", "and {count} more; -f json has all")
_CITATIONS = Text("另有 {count} 处", "and {count} more")
_NO_EVIDENCE = Text("没有对象具备其任何条件的证据。", "No object has evidence of any of its conditions.")
_EVIDENCED = Text("有证据的条件：{numbers}", "conditions evidenced: {numbers}")
_LACKING = Text("尚缺：{numbers}", "not: {numbers}")
_POSSIBLE = Text("仍可能：", "still possible: ")
_NEEDS = Text("需要：", "needs: ")
_WAITS = {
    Awaited.LOOK: Text("待再次查看", "waits for another look"),
    Awaited.PERSON: Text("待人工回答", "waits for a person"),
}


def item_in_run(
    item: Item, judged: Judgings, known: Knowledge, language: Language
) -> Iterator[RenderableType]:
    """The verdict in each system, then what was answered on which objects."""
    yield from _heading(judged, language)
    for shown_ in of_item(item, judged, known):
        yield Padding(_system(shown_, item, language), (0, 0, 0, 2))
        if shown_.result is None:
            continue
        groups = sorted(alike(shown_.result), key=_worst)
        for group in groups[:SHOWN]:
            yield from (Padding(line, (0, 0, 0, by)) for by, line in _group(group, shown_, language))
        yield from _rest(len(groups), language)


def check_in_run(check: Check, judged: Judgings, language: Language) -> Iterator[RenderableType]:
    """Every finding with what it rests on, the worst first."""
    yield from _heading(judged, language)
    systems = {assessment.system.name: assessment.system for assessment in judged.assessments}
    for name, findings in of_check(check, judged).items():
        yield Padding(_name(systems[name], language), (0, 0, 0, 2))
        if not findings:
            yield Padding(Line(_NOT_ASKED.say(language), style="dim"), (0, 0, 0, 4))
        for finding in findings[:SHOWN]:
            place = shown(f"{finding.object} {finding.subject}".rstrip(), "bold", _PLACE)
            yield Padding(Line.assemble(place, "  ", *_answer(finding, language)), (0, 0, 0, 4))
            yield from (Padding(line, (0, 0, 0, 6)) for line in _evidence(finding, language))
        yield from _rest(len(findings), language)


def judgement_in_run(judgement: Judgement, judged: Judgings, language: Language) -> Iterator[RenderableType]:
    """How far it has come on which objects."""
    yield from _heading(judged, language)
    systems = {assessment.system.name: assessment.system for assessment in judged.assessments}
    for name, candidates in of_judgement(judgement, judged).items():
        yield Padding(_name(systems[name], language), (0, 0, 0, 2))
        if not candidates:
            yield Padding(Line(_NO_EVIDENCE.say(language), style="dim"), (0, 0, 0, 4))
        for candidate in candidates[:SHOWN]:
            yield Padding(_candidate(candidate, language), (0, 0, 0, 4))
        yield from _rest(len(candidates), language)


def _candidate(candidate: Candidate, language: Language) -> Line:
    evidenced = ", ".join(str(state.n) for state in candidate.conditions if state.evidenced)
    lacking = ", ".join(str(state.n) for state in candidate.conditions if not state.evidenced)
    words = [_EVIDENCED.format(numbers=evidenced)] if evidenced else []
    words += [_LACKING.format(numbers=lacking)] if lacking else []
    return Line.assemble(
        shown(candidate.object, "bold", _PLACE),
        "  ",
        (STAND[candidate.stand].say(language), STAND_STYLE[candidate.stand]),
        *((f" · {text.say(language)}", "dim") for text in words),
    )


def _heading(judged: Judgings, language: Language) -> Iterator[RenderableType]:
    yield Line("")
    at = judged.at.isoformat(timespec="seconds")
    yield heading(shown(_TITLE.format(run=judged.name, at=at).say(language)).plain)


def _name(system: System, language: Language) -> Line:
    """Name, grade and extensions of a system."""
    uses = "".join(f" + {SCOPE[scope].say(language)}" for scope in system.uses)
    return Line.assemble(shown(system.name, "bold", _PLACE), (f" · {system.grade}{uses}", "dim"))


def _system(shown_: ItemShown, item: Item, language: Language) -> Line:
    """A system, its verdict, and by which item where it is another one."""
    line = _name(shown_.system, language)
    if shown_.result is None:
        return line.append(f"  {_NOT_JUDGED.format(grade=shown_.system.grade).say(language)}", "dim")
    line.append("  ").append_text(_verdict(shown_.result.possible, language))
    if shown_.result.item.id != item.id:
        line.append(f" · {_INSTEAD.format(item=shown_.result.item.id).say(language)}", "dim")
    return line


def _verdict(possible: Collection[Verdict], language: Language) -> Line:
    """The verdicts that are still possible; one is the verdict."""
    words = [(VERDICT[v].say(language), VERDICT_STYLE[v]) for v in VERDICT_ORDER if v in possible]
    several = Line(_POSSIBLE.say(language) if len(words) > 1 else "", style="dim")
    return several.append_text(Line(" / ").join(Line(word, style=style) for word, style in words))


def _worst(group: Sequence[ObjectResult]) -> tuple[int, str]:
    """Order of a group of objects: a no first, then what is unseen."""
    answers = {step.answer for step in group[0].steps}
    order = (Answer.NO, Answer.UNSEEN, Answer.YES)
    return next((n for n, answer in enumerate(order) if answer in answers), len(order)), group[0].object


def _group(
    group: Sequence[ObjectResult], shown_: ItemShown, language: Language
) -> Iterator[tuple[int, Line]]:
    """Objects that were answered alike; evidence is cited of the first. Yields lines with their indents."""
    first = group[0]
    names = shown(", ".join(on.object for on in group), "bold", _PLACE)
    yield 4, Line.assemble(names, "  ", _verdict(first.possible, language), shown(f"  {first.reason}", "dim"))
    asked = {step.n: step for step in shown_.result.item.steps} if shown_.result else {}
    for step in first.steps:
        line = Line.assemble((f"{step.n} ", "bold"), _said(step.answer, language))
        waits = awaited(asked[step.n], step)
        if waits is not None:
            line.append(f"  {_WAITS[waits].say(language)}", "dim")
        yield 6, line
        for finding in step.findings:
            yield 8, Line.assemble(shown(finding.check, "dim"), "  ", *_answer(finding, language))
            yield from ((10, line) for line in _evidence(finding, language))


def _said(answer: Answer, language: Language) -> Line:
    return Line(ANSWER[answer].say(language), style=ANSWER_STYLE[answer])


def _answer(finding: Finding, language: Language) -> Iterator[Line | str]:
    yield _said(finding.answer, language)
    yield "  "
    yield shown(finding.message.say(language), limit=_MESSAGE)


def _evidence(finding: Finding, language: Language) -> Iterator[Line]:
    """The lines that a finding rests on, and what would let us see more."""
    yield from map(_cited, finding.citations[:CITED])
    if len(finding.citations) > CITED:
        yield Line(_CITATIONS.format(count=len(finding.citations) - CITED).say(language), style="dim")
    if finding.gap is not None and finding.gap.needs:
        yield Line.assemble((_NEEDS.say(language), "dim"), shown(finding.gap.needs, limit=_MESSAGE))


def _cited(citation: Citation) -> Line:
    place = f"{citation.capture}:{citation.line}" if citation.line else citation.capture
    where = shown(place, "dim", _PLACE)
    return Line.assemble(where, "  ", shown(citation.excerpt, limit=_EXCERPT)) if citation.excerpt else where


def _rest(count: int, language: Language) -> Iterable[RenderableType]:
    if count > SHOWN:
        yield Padding(Line(_MORE.format(count=count - SHOWN).say(language), style="dim"), (0, 0, 0, 4))
