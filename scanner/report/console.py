"""The report at the terminal: numbers first, then worst first, why, where, and the remedy.

Everything that came from a host passes through ``plain`` before it is printed: no terminal escape survives.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.model import Answer, Risk, Text, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.model import Assessment, Citation, Finding, Gap, Interval, ItemResult
    from scanner.model.text import Language
    from scanner.report.content import Content
    from scanner.score import Scores

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Controls, escapes and marks that reorder or hide text: nothing of a hostile host acts on the terminal."""

_RANK = {Risk.HIGH: 0, Risk.MEDIUM: 1, Risk.LOW: 2}
_RISK_STYLE = {Risk.HIGH: "bold red", Risk.MEDIUM: "yellow", Risk.LOW: "cyan"}
_RISK = {
    Risk.HIGH: Text(zh="高", en="high"),
    Risk.MEDIUM: Text(zh="中", en="medium"),
    Risk.LOW: Text(zh="低", en="low"),
}
VERDICT_WORDS = {
    Verdict.CONFORM: Text(zh="符合", en="conform"),
    Verdict.PARTIAL: Text(zh="部分符合", en="partial"),
    Verdict.NONCONFORM: Text(zh="不符合", en="nonconform"),
    Verdict.NOT_APPLICABLE: Text(zh="不适用", en="not applicable"),
    Verdict.UNDETERMINED: Text(zh="未能核查", en="undetermined"),
}
_VERDICT_STYLE = {
    Verdict.CONFORM: "green",
    Verdict.PARTIAL: "yellow",
    Verdict.NONCONFORM: "red",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.UNDETERMINED: "magenta",
}
_VERDICT_ORDER = (Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM, Verdict.NOT_APPLICABLE)
_THEMES = {
    "firewall": Text(zh="防火墙与访问控制", en="firewalls and access control"),
    "encryption": Text(zh="加密", en="encryption"),
    "audit": Text(zh="访问日志与审计", en="access logging"),
    "tunnels": Text(zh="未授权隧道", en="unauthorized tunnels"),
}
_WORDS = {
    "indicative": Text(
        zh="参考结果：结论只能由有资质的测评机构出具。",
        en="Indicative: only a qualified agency issues a conclusion.",
    ),
    "level": Text(zh="第 {level} 级（{grade}）", en="level {level} ({grade})"),
    "coverage": Text(zh="核查覆盖", en="coverage"),
    "of_items": Text(zh="{decided}/{applicable} 项已定", en="{decided} of {applicable} items decided"),
    "rate": Text(zh="符合率 2025 *", en="rate 2025 *"),
    "half": Text(zh="  部分符合按半计 *", en="  partial counted half *"),
    "points": Text(zh="得分 2021 *", en="score 2021 *"),
    "ours": Text(
        zh="* 权重与符合率口径为本工具自定，非官方。", en="* weights and rate formula are ours, not official."
    ),
    "possible": Text(zh="可能结论：", en="possible: "),
    "problems": Text(zh="问题（最严重的在前）", en="Problems, worst first"),
    "none": Text(zh="没有发现“否”。", en="No check said no."),
    "where": Text(zh="证据", en="where"),
    "remedy": Text(zh="整改", en="remedy"),
    "items": Text(zh="影响", en="items"),
    "failing": Text(zh="已知不能符合的项", en="Items that can no longer conform"),
    "unseen": Text(zh="未能看到", en="Not seen"),
    "needs": Text(zh="需要", en="needs"),
    "person": Text(
        zh="另有 {count} 项等待人工核查（无自动检查或检查只能否定）。",
        en="{count} more items wait for a person (no check, or one that can only condemn).",
    ),
}


def plain(text: str) -> Line:
    """Text from anywhere as text and nothing else."""
    return Line(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\t", " ")))


def render(content: Content, language: Language) -> RenderableType:
    """Return the whole report."""
    return Group(*(part for a in content.assessments for part in _assessment(a, content, language)))


def _assessment(a: Assessment, content: Content, language: Language) -> Iterator[RenderableType]:
    level = _WORDS["level"].format(level=a.system.grade.level, grade=a.system.grade).say(language)
    yield Line.assemble(
        (f"{a.system.title}", "bold"), f"  {level}  ", (a.at.isoformat(timespec="seconds"), "dim")
    )
    yield Line(_WORDS["indicative"].say(language), style="dim")
    yield Padding(_numbers(content.scores[a.system.name], language), (1, 0, 0, 1))
    yield Padding(Line(_WORDS["ours"].say(language), style="dim"), (0, 0, 0, 1))
    yield from _problems(a, content, language)
    yield from _failing(a, language)
    yield from _unseen(a, language)
    waiting = sum(_waits(item) for item in a.items)
    yield Line("")
    yield Line(_WORDS["person"].format(count=waiting).say(language), style="dim")


def _numbers(scores: Scores, language: Language) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    coverage = _WORDS["of_items"].format(
        decided=scores.coverage.decided, applicable=scores.coverage.applicable
    )
    possible = _WORDS["possible"].say(language)
    table.add_row(_WORDS["coverage"].say(language), Line(coverage.say(language), style="bold"))
    table.add_row(
        _WORDS["rate"].say(language), _span(scores.strict, "%"), _conclusions(possible, scores.conclusions)
    )
    table.add_row(_WORDS["half"].say(language), _span(scores.half, "%"))
    table.add_row(
        _WORDS["points"].say(language), _span(scores.deduction, ""), _conclusions(possible, scores.grades)
    )
    for theme, interval in scores.themes.items():
        if interval is not None:
            table.add_row(f"  {_THEMES[theme].say(language)}", _span(interval, "%", 100), _bar(interval))
    return table


def _conclusions(possible: str, names: tuple[str, ...]) -> str:
    return possible + " / ".join(names)


def _span(interval: Interval | None, unit: str, factor: float = 1) -> Line:
    if interval is None:
        return Line("-")
    low, high = interval.low * factor, interval.high * factor
    text = f"{low:.1f}{unit}" if low == high else f"{low:.1f} - {high:.1f}{unit}"
    return Line(text, style="bold")


def _bar(interval: Interval, width: int = 20) -> Line:
    """What is sure (full), still open (shaded), lost (dots)."""
    low, high = round(interval.low * width), round(interval.high * width)
    return Line.assemble(("█" * low, "green"), ("▒" * (high - low), "magenta"), ("·" * (width - high), "red"))


def _problems(a: Assessment, content: Content, language: Language) -> Iterator[RenderableType]:
    """One block a check, worst risk first, with every object and the lines that decide."""
    yield Line("")
    yield Line(_WORDS["problems"].say(language), style="bold underline")
    groups: dict[str, list[Finding]] = {}
    for finding in a.findings:
        if finding.answer is Answer.NO:
            groups.setdefault(finding.check, []).append(finding)
    if not groups:
        yield Line(_WORDS["none"].say(language), style="green")
    affected = _affected(a)
    for check, findings in sorted(groups.items(), key=lambda g: (_RANK[g[1][0].risk], g[0])):
        risk = findings[0].risk
        yield Line("")
        yield Line.assemble(
            (f"[{_RISK[risk].say(language)}] ", _RISK_STYLE[risk]),
            (content.checks[check].question.say(language), "bold"),
            (f"  {check}", "dim"),
        )
        for finding in findings:
            yield _indented(
                Line.assemble(
                    ("✗ ", "red"), (f"{finding.object}: ", "bold"), plain(finding.message.say(language))
                ),
                2,
            )
            yield from (_indented(_citation(c), 6) for c in finding.citations[:3])
        items = affected.get(check, [])
        if items:
            yield _indented(Line(f"{_WORDS['items'].say(language)}: {', '.join(items)}", style="dim"), 2)
        remedy = content.checks[check].remedy.say(language)
        yield _indented(Line.assemble((f"{_WORDS['remedy'].say(language)}: ", "green"), remedy), 2)


def _affected(a: Assessment) -> dict[str, list[str]]:
    """Items whose steps a check said no to."""
    found: dict[str, list[str]] = {}
    for item in a.items:
        hit = {f.check for o in item.objects for s in o.steps for f in s.findings if f.answer is Answer.NO}
        for check in sorted(hit):
            found.setdefault(check, []).append(f"{item.item.id} ({item.item.clause})")
    return found


def _citation(citation: Citation) -> Line:
    line = f":{citation.line}" if citation.line else ""
    where = plain(f"{citation.capture}{line}")
    where.stylize("dim")
    return Line.assemble(where, "  ", plain(citation.excerpt)) if citation.excerpt else where


def _failing(a: Assessment, language: Language) -> Iterator[RenderableType]:
    failing = [item for item in a.items if item.known_to_fail]
    if not failing:
        return
    yield Line("")
    yield Line(_WORDS["failing"].say(language), style="bold underline")
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(no_wrap=True)
    for item in failing:
        table.add_row(
            item.item.id,
            item.item.clause,
            item.item.control_point.say(language),
            _verdict(item, language),
            Line(", ".join(o.object for o in item.objects if Verdict.CONFORM not in o.possible), style="dim"),
        )
    yield Padding(table, (0, 0, 0, 2))


def _verdict(item: ItemResult, language: Language) -> Line:
    words = [VERDICT_WORDS[v].say(language) for v in _VERDICT_ORDER if v in item.possible]
    return Line(" / ".join(words), style=_VERDICT_STYLE[item.verdict])


def _unseen(a: Assessment, language: Language) -> Iterator[RenderableType]:
    """What could not be seen, once a reason, with the permission that would settle it."""
    merged: dict[str, dict[tuple[str, str, str], Gap]] = {}
    for name, gaps in a.gaps.items():
        for gap in gaps:
            merged.setdefault(name, {}).setdefault((gap.reason, gap.step, gap.subject), gap)
    if not merged:
        return
    yield Line("")
    yield Line(_WORDS["unseen"].say(language), style="bold underline")
    for name in sorted(merged):
        for gap in merged[name].values():
            subject = f" {gap.subject}" if gap.subject else ""
            text = plain(f"{name}: {gap.step}{subject} ({gap.reason}): {_first_line(gap.detail)}")
            yield _indented(Line.assemble(("? ", "magenta"), text), 2)
            if gap.needs:
                yield _indented(
                    Line.assemble((f"{_WORDS['needs'].say(language)}: ", "dim"), plain(gap.needs)), 6
                )


def _waits(item: ItemResult) -> bool:
    """Whether nothing was found against the item and somebody has to look at a step that no check answers."""
    if item.verdict is not Verdict.UNDETERMINED or item.known_to_fail:
        return False
    return any(s.answer is Answer.UNSEEN and not s.findings for o in item.objects for s in o.steps)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else ""


def _indented(line: Line, by: int) -> Padding:
    return Padding(line, (0, 0, 0, by))
