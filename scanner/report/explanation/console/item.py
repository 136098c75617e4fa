"""An item at the terminal: what is asked, who answers, what decides, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text as Line

from scanner.model import Settles, Text
from scanner.report.answering import Answerer, answerer
from scanner.report.catalogue.judged_by import JUDGED_BY, judged_by
from scanner.report.catalogue.listing import class_name
from scanner.report.catalogue.terminal import JUDGED_STYLE, WEIGHT
from scanner.report.console.words import shown
from scanner.report.explanation.console.layout import remarks, rows, said, section, title
from scanner.report.explanation.words import MAY, OVER_OBJECTS, SETTLES, decision_rule, limits
from scanner.report.names import METHOD, SCOPE, THEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.model import Item, ItemStep
    from scanner.model.text import Language
    from scanner.report.explanation.console.layout import Cell
    from scanner.report.explanation.knowledge import Knowledge

_LEVEL = Text("第 {level} 级", "level {level}")
_MARK = Text("标记 {mark}", "marked {mark}")
_WEIGHT = Text("权重 {weight}（本产品自定）", "weight {weight} (ours)")
_OPTIONAL = Text("可选项", "optional")
_OVERLAY = Text("由 {name} 增加，不计入官方评分", "added by {name}, in no official score")

_STEPS = Text("测评实施", "Steps")
_DECISION = Text("单元判定", "Decision")
_LIMITS = Text("本级阈值", "Thresholds at this level")
_KINDS = Text("测评对象", "Looked at on")
_TO_COME = Text("待增能力（本产品尚缺）", "To come: what this product does not have yet")
_HIGH_RISK = Text("相关高风险判例", "Judgements on high risk that name it")
_LEVELS = Text("在各级别", "At each level")
_REMEDY = Text("整改", "Remedy")

_PERSON = Text("由人判定", "a person")
_PERSON_YES = Text("“是”由人判定", "a person says the yes")
_EVIDENCE = Text("由人判定，查看只提供证据：", "a person, on evidence that a look gathers: ")
_AWAITS = Text("待增能力：", "to come: ")
_NOT_ASKED = Text("无此要求", "not asked")
_THIS = Text("本项", "this one")
_ALIKE = Text("概述相同", "summed up alike")


def item_parts(item: Item, known: Knowledge, language: Language) -> Iterator[RenderableType]:
    """Everything that is known of an item."""
    yield title(item.id, item.clause, item.control_point.say(language))
    yield remarks(_remarks(item, language))
    yield Line(JUDGED_BY[judged_by(item)].say(language), style=JUDGED_STYLE[judged_by(item)])
    yield said(item.summary.say(language))
    steps = (row for step in item.steps for row in _step(step, language))
    yield from section(_STEPS, language, rows(steps, fixed=2))
    yield from section(
        _DECISION, language, (said(text.say(language)) for text in (decision_rule(item), OVER_OBJECTS))
    )
    yield from section(_LIMITS, language, rows(_limits(item, known)))
    yield from section(_HIGH_RISK, language, rows(_judgements(item, known, language)))
    yield from section(_LEVELS, language, rows(_levels(item, known, language), fixed=3))
    yield from section(_REMEDY, language, rows(_remedies(item, known, language)))
    yield from section(_KINDS, language, rows(_kinds(item, known, language)))
    yield from section(_TO_COME, language, rows(_to_come(item, known, language)))


def _remarks(item: Item, language: Language) -> Iterator[str]:
    yield _LEVEL.format(level=item.level).say(language)
    yield SCOPE[item.scope].say(language)
    yield f"{item.klass} {class_name(item).say(language)}"
    yield _MARK.format(mark=item.mark).say(language)
    yield _WEIGHT.format(weight=WEIGHT[item.weight].say(language)).say(language)
    yield from (THEMES[theme].say(language) for theme in item.themes)
    if item.optional:
        yield _OPTIONAL.say(language)
    if item.overlay:
        yield _OVERLAY.format(name=item.overlay).say(language)


def _step(step: ItemStep, language: Language) -> Iterator[tuple[Cell, Cell, Cell]]:
    """What is asked, then a line for each who answers."""
    method = Line(METHOD[step.method].say(language), style="dim")
    yield Line(str(step.n), style="bold"), method, step.text.say(language)
    yield from (("", "", line) for line in _answering(step, language))


def _answering(step: ItemStep, language: Language) -> Iterator[Line]:
    who = answerer(step)
    for binding in step.bindings:
        style = "green" if binding.settles is Settles.BOTH else "yellow"
        yield Line.assemble(
            "  ", shown(binding.check, style), (f"  {SETTLES[binding.settles].say(language)}", "dim")
        )
    if step.evidence_only is not None:
        yield Line.assemble(
            "  ", (_EVIDENCE.say(language), "magenta"), shown(step.evidence_only.say(language))
        )
    elif who is not Answerer.SCAN:
        words = _PERSON_YES if who is Answerer.CONDEMNS else _PERSON
        yield Line(f"  {words.say(language)}", style="magenta")
    if step.awaits:
        yield Line(f"  {_AWAITS.say(language)}{step.awaits}", style="dim")


def _limits(item: Item, known: Knowledge) -> Iterator[tuple[str, str]]:
    parameters = known.profiles[item.level].parameters
    for check in known.checks_of(item):
        found = ", ".join(str(limit) for limit in limits(parameters[check]))
        if found:
            yield check, found


def _kinds(item: Item, known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell]]:
    for kind in item.kinds:
        yield Line(kind, style="dim"), known.kinds[kind].text.say(language)


def _to_come(item: Item, known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell]]:
    for name in dict.fromkeys(step.awaits for step in item.steps if step.awaits):
        yield Line(name, style="dim"), known.capabilities[name].say(language)


def _judgements(item: Item, known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell]]:
    for judgement in known.judgements_on(item):
        may = Line(MAY[judgement.may].say(language), style="dim")
        yield judgement.id, Line("\n").join([shown(judgement.title.say(language)), may])


def _levels(item: Item, known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell, Cell, Cell]]:
    """The same requirement at each level, also where there is none."""
    kin = {other.level: other for other in known.kin[item.id]}
    for level in sorted(known.profiles):
        name = _LEVEL.format(level=level).say(language)
        other = kin.get(level)
        if other is None:
            yield name, "", "", Line(_NOT_ASKED.say(language), style="dim")
        elif other.id == item.id:
            yield name, shown(other.id, "bold"), other.clause, Line(_THIS.say(language), style="dim")
        else:
            yield name, other.id, other.clause, _beside(other, item, known, language)


def _beside(other: Item, item: Item, known: Knowledge, language: Language) -> Line:
    """What an item of another level asks, and its thresholds where they are others than here."""
    same = other.summary == item.summary
    line = Line(_ALIKE.say(language), style="dim") if same else shown(other.summary.say(language))
    here = dict(_limits(item, known))
    for check, found in _limits(other, known):
        if found != here.get(check):
            line.append("\n").append_text(shown(f"{check}: {found}", "yellow"))
    return line


def _remedies(item: Item, known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell]]:
    for check in known.checks_of(item):
        yield Line(check, style="green"), known.checks[check].remedy.say(language)
