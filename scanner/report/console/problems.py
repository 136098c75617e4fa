"""Every no: worst risk first, each question once, with its objects and the lines that decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text as Line

from scanner.model import Answer, Text
from scanner.report.console.words import RISK_STYLE, heading, shown
from scanner.report.words import RISK, RISK_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from scanner.model import Assessment, Citation, Finding
    from scanner.model.text import Language
    from scanner.report.content import Content

SHOWN = 4
"""Citations shown of a finding; ``facts`` and the JSON report have all."""

GROUPS = 4
"""Answers of one check shown with their evidence: objects that are told the same share one."""

_EXCERPT, _PLACE, _MESSAGE = 160, 240, 600
"""Characters shown of a cited line, of a name of an object or capture, and of a message."""

_TITLE = Text(zh="问题（最严重的在前）", en="Problems, worst first")
_NONE = Text(zh="{asked} 个问题都答“是”。", en="All {asked} questions were answered yes.")
_NONE_SEEN = Text(
    zh="没有问题答“否”，但 {asked} 个问题中有 {unseen} 个看不到答案：这不是通过。",
    en="No question was answered no, but {unseen} of {asked} could not be answered: that is no pass.",
)
_MORE = Text(zh="另有 {count} 处", en="and {count} more")
_ITEMS = Text(zh="影响：{items}", en="items: {items}")
_ALSO = Text(zh="另有 {count} 个：", en="and {count} more: ")
_WAIVED = Text(
    zh="告警已豁免：{names}，至 {until}（{approver}：{reason}）；仍为“否”",
    en="alerts waived: {names}, until {until} ({approver}: {reason}); still a no",
)
_REMEDY = Text(zh="整改：", en="remedy: ")


def problems(a: Assessment, content: Content, language: Language) -> Iterator[RenderableType]:
    """One block a check."""
    yield Line("")
    yield heading(_TITLE.say(language))
    groups: dict[str, list[Finding]] = {}
    for finding in a.findings:
        if finding.answer is Answer.NO:
            groups.setdefault(finding.check, []).append(finding)
    if not groups:
        yield _none(a, language)
    affected = _affected(a)
    for check, findings in sorted(groups.items(), key=lambda g: (RISK_ORDER.index(g[1][0].risk), g[0])):
        yield Line("")
        yield from _problem(check, findings, affected.get(check, []), a, content, language)


def _none(a: Assessment, language: Language) -> Line:
    """Say that nothing was found, and how much of that is not having seen."""
    unseen = sum(f.answer is Answer.UNSEEN for f in a.findings)
    words = (_NONE_SEEN if unseen or not a.findings else _NONE).format(asked=len(a.findings), unseen=unseen)
    return Line(words.say(language), style="yellow" if unseen or not a.findings else "green")


def _problem(
    check: str, findings: list[Finding], items: list[str], a: Assessment, content: Content, language: Language
) -> Iterator[RenderableType]:
    risk = findings[0].risk
    question = content.checks[check].question.say(language)
    yield Line.assemble((f"[{RISK[risk].say(language)}] ", RISK_STYLE[risk]), (question, "bold"))
    yield _indented(Line(check, style="dim"), 2)
    alike: dict[tuple[Text, tuple[Citation, ...]], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.message, finding.citations), []).append(finding)
    for (message, citations), same in list(alike.items())[:GROUPS]:
        names = shown(", ".join(dict.fromkeys(_name(finding) for finding in same)), "bold", _PLACE)
        yield _indented(
            Line.assemble(("✗ ", "red"), names, ": ", shown(message.say(language), limit=_MESSAGE)), 2
        )
        yield from _silenced(same, a, language)
        yield from _citations(citations, language)
    rest = [finding for same in list(alike.values())[GROUPS:] for finding in same]
    if rest:
        yield _others(rest, language)
        yield from _silenced(rest, a, language)
    if items:
        yield _indented(Line(_ITEMS.format(items=", ".join(items)).say(language), style="dim"), 2)
    remedy = content.checks[check].remedy.say(language)
    yield _indented(Line.assemble((_REMEDY.say(language), "green"), remedy), 2)


def _others(findings: list[Finding], language: Language) -> RenderableType:
    """Objects of which the check says no in words of their own, by name alone."""
    names = shown(", ".join(dict.fromkeys(_name(finding) for finding in findings)), "bold", _PLACE)
    return _indented(
        Line.assemble(("✗ ", "red"), (_ALSO.format(count=len(findings)).say(language), "dim"), names), 2
    )


def _silenced(findings: Iterable[Finding], a: Assessment, language: Language) -> Iterator[RenderableType]:
    """Waivers of these noes: a no stays one."""
    for waiver in dict.fromkeys(a.waived[f.id] for f in findings if f.id in a.waived):
        names = ", ".join(f.object for f in findings if a.waived.get(f.id) == waiver)
        words = _WAIVED.format(
            until=waiver.expires.isoformat(), approver=waiver.approver, reason=waiver.reason, names=names
        )
        yield _indented(shown(words.say(language), "yellow", _PLACE), 6)


def _name(finding: Finding) -> str:
    return f"{finding.object} {finding.subject}".rstrip()


def _affected(a: Assessment) -> dict[str, list[str]]:
    """Items whose steps a check said no to."""
    found: dict[str, list[str]] = {}
    for item in a.items:
        hit = {f.check for o in item.objects for s in o.steps for f in s.findings if f.answer is Answer.NO}
        for check in sorted(hit):
            found.setdefault(check, []).append(f"{item.item.id} ({item.item.clause})")
    return found


def _citations(citations: Sequence[Citation], language: Language) -> Iterator[RenderableType]:
    """The first citations, each capture named once with its lines under it."""
    captures: dict[str, list[Citation]] = {}
    for citation in citations[:SHOWN]:
        captures.setdefault(citation.capture, []).append(citation)
    for capture, lines in captures.items():
        if len(lines) == 1:
            yield _indented(_cited(lines[0], f"{capture}:{lines[0].line}" if lines[0].line else capture), 6)
            continue
        yield _indented(shown(capture, "dim", _PLACE), 6)
        for citation in lines:
            yield _indented(_cited(citation, f":{citation.line}" if citation.line else "-"), 8)
    if len(citations) > SHOWN:
        more = _MORE.format(count=len(citations) - SHOWN).say(language)
        yield _indented(Line(more, style="dim"), 6)


def _cited(citation: Citation, place: str) -> Line:
    where = shown(place, "dim", _PLACE)
    excerpt = citation.excerpt
    return Line.assemble(where, "  ", shown(excerpt, limit=_EXCERPT)) if excerpt else where


def _indented(line: Line, by: int) -> Padding:
    return Padding(line, (0, 0, 0, by))
