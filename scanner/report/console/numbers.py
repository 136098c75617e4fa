"""Coverage, scores, candidates and themes, with who answers the steps that they rest on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.model import Text
from scanner.report.answering import answerers
from scanner.report.console.words import RISK_STYLE, STAND_STYLE, joined
from scanner.report.ends import ends
from scanner.report.words import OF_SAMPLE, RISK, RISK_ORDER, STAND, STAND_ORDER, THEMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from scanner.model import Assessment, Candidate, Interval, MajorCandidate, Problem
    from scanner.model.text import Language
    from scanner.score import Scores

_COVERAGE = Text(zh="核查覆盖", en="coverage")
_DECIDED = Text(zh="项已定", en="items decided")
_RATE = Text(zh="符合率 2025 *", en="rate 2025 *")
_SAMPLE = Text(zh="符合率 2025（抽样）*", en="rate 2025, sample *")
_BEFORE = Text(zh="  不计补偿 *", en="  without compensations *")
_POSTURE = Text(zh="  全部对象（态势）*", en="  all objects: posture *")
_HALF = Text(zh="  部分符合按半计 *", en="  partial counted half *")
_POINTS = Text(zh="得分 2021 *", en="score 2021 *")
_POINTS_SAMPLE = Text(zh="得分 2021（抽样）*", en="score 2021, sample *")
_POSSIBLE = Text(zh="可能结论：{names}", en="possible: {names}")
_HIGH = Text(zh="高风险判例", en="high-risk candidates")
_MAJORS = Text(zh="重大隐患触发项", en="major dangers to weigh")
_MET = Text(zh="其中 {met} 个由人判定构成", en="{met} met, by a person's word")
_PROBLEMS = Text(zh="遗留问题", en="remaining problems")
_NO_RISK = Text(zh="{count} 未定级", en="{count} without a risk")
_BY_PERSON = Text(zh="{count} 个由人定级", en="{count} set by a person")
_UNSEEN = Text(zh="未能看到", en="not seen")
_ON = Text(zh="在 {count} 个对象上", en="on {count} object(s)")
_STEPS = Text(
    zh="步骤：扫描可判定 {scan}，只能判否 {condemns}，等待后续能力 {awaits}，由人判定 {person}。",
    en="Steps: {scan} answered by the scan, {condemns} only condemned by it, {awaits} await a capability, "
    "{person} are a person's.",
)
_OURS = Text(
    zh="* 权重、y 与符合率口径为本工具自定，非官方。",
    en="* weights, y and rate formula are ours, not official.",
)


def numbers(a: Assessment, scores: Scores, language: Language) -> Iterator[RenderableType]:
    """The table of numbers, and who answers the steps that they rest on."""
    yield Padding(_table(a, scores, language), (0, 0, 0, 1))
    if scores.posture is not None:
        yield Padding(Line(OF_SAMPLE.say(language), style="yellow"), (0, 0, 0, 1))
    who = {answerer.value: count for answerer, count in answerers(r.item for r in a.items).items()}
    yield Padding(Line(_STEPS.format(**who).say(language)), (0, 0, 0, 1))
    yield Padding(Line(_OURS.say(language), style="dim"), (0, 0, 0, 1))


def _table(a: Assessment, scores: Scores, language: Language) -> Table:
    """Three columns; the last holds the longest list of conclusions at 80 characters without a break."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    decided = f"{scores.coverage.decided}/{scores.coverage.applicable}"
    table.add_row(_COVERAGE.say(language), Line(decided, style="bold"), _DECIDED.say(language))
    strict, points = possible(scores.conclusions, language), possible(scores.grades, language)
    rate = _RATE if scores.posture is None else _SAMPLE
    table.add_row(rate.say(language), span(scores.strict, "%"), strict)
    table.add_row(_HALF.say(language), span(scores.half, "%"))
    for name, other in ((_BEFORE, scores.before), (_POSTURE, scores.posture)):
        if other is not None:
            table.add_row(name.say(language), span(other.strict, "%"), possible(other.conclusions, language))
    high = sum(c.stand.speaks_for_high for c in a.candidates)
    table.add_row(_HIGH.say(language), _number(high), _stands(a.candidates, language))
    if a.majors:
        table.add_row(_MAJORS.say(language), _number(len(a.majors)), _decided(a.majors, language))
    table.add_row(_PROBLEMS.say(language), _number(len(a.problems)), _risks(a.problems, language))
    missing = {name: len(gaps) for name, gaps in a.gaps.items() if gaps}
    objects = {name.partition("@")[0] for name in missing}  # a look is named object@vantage
    on = _ON.format(count=len(objects)).say(language) if missing else ""
    table.add_row(_UNSEEN.say(language), _number(sum(missing.values())), on)
    points_of = _POINTS if scores.posture is None else _POINTS_SAMPLE
    table.add_row(points_of.say(language), span(scores.deduction, ""), points)
    if (all_ := scores.posture) is not None:
        table.add_row(_POSTURE.say(language), span(all_.deduction, ""), possible(all_.grades, language))
    for theme, interval in scores.themes.items():
        if interval is not None:
            table.add_row(f"  {THEMES[theme].say(language)} *", span(interval, "%", 100), bar(interval))
    return table


def _stands(candidates: Sequence[Candidate], language: Language) -> Line:
    """How many judgements on an object stand where; open ones lack evidence of some condition."""
    counts = Counter(c.stand for c in candidates)
    found = (s for s in STAND_ORDER if counts[s])
    return joined((Line(f"{counts[s]} {STAND[s].say(language)}", STAND_STYLE[s]) for s in found), language)


def _decided(majors: Sequence[MajorCandidate], language: Language) -> str:
    """How many triggers a person has found met; nobody else does."""
    met = sum(m.statement is not None and m.statement.meets for m in majors)
    return _MET.format(met=met).say(language)


def _risks(problems: Sequence[Problem], language: Language) -> Line:
    """How many problems have which risk; a person's word for it stands before what is proposed."""
    counts = Counter(p.setting.risk if p.setting is not None else p.proposed for p in problems)
    parts = [Line(f"{counts[r]} {RISK[r].say(language)}", RISK_STYLE[r]) for r in RISK_ORDER if counts[r]]
    if counts[None]:
        parts.append(Line(_NO_RISK.format(count=counts[None]).say(language)))
    if given := sum(p.setting is not None for p in problems):
        parts.append(Line(_BY_PERSON.format(count=given).say(language), style="dim"))
    return joined(parts, language)


def _number(count: int) -> Line:
    return Line(str(count), style="bold" if count else "dim")


def possible(names: tuple[str, ...], language: Language) -> str:
    """Conclusions that are still possible, as a line."""
    return _POSSIBLE.format(names=" / ".join(names)).say(language) if names else ""


def span(interval: Interval | None, unit: str, factor: float = 1) -> Line:
    """Both ends of an interval, or the one number that it is."""
    if interval is None:
        return Line("-")
    return Line(f"{' - '.join(ends(interval, factor))}{unit}", style="bold")


def bar(interval: Interval, width: int = 20) -> Line:
    """What is sure (full), still open (shaded), lost (dots)."""
    low, high = int(interval.low * width), int(interval.high * width)
    return Line.assemble(("█" * low, "green"), ("▒" * (high - low), "magenta"), ("·" * (width - high), "red"))
