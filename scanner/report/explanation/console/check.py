"""A check at the terminal: its question, what it rests on, its thresholds, the items that it bears on."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text as Line

from scanner.derive.sources import DERIVED_FROM
from scanner.facts import DERIVED
from scanner.model import Risk, Text
from scanner.report.console.words import RISK_STYLE, shown
from scanner.report.explanation.console.layout import rows, said, section, title
from scanner.report.explanation.words import ANSWER, SETTLES, limits
from scanner.report.words import RISK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.checks.check import Check
    from scanner.facts import Fact
    from scanner.model.text import Language
    from scanner.report.explanation.console.layout import Cell
    from scanner.report.explanation.knowledge import Asked, Knowledge

_RISK = Text("其“否”的风险：", "risk of its no: ")
_ONLY_JUDGEMENTS = Text(
    "；对测评单元的问题，只有判例才建议高风险",
    "; for the problem of an item, only judgements propose a high one",
)
_FACTS = Text("依据的事实", "Facts that it rests on")
_NEEDED = Text("必需：看不到即未能核查", "needed: unseen without it")
_ALSO = Text("有则更准", "helps where it is there")
_FOLLOWS = Text("由清单和其他事实得出：", "follows from the inventory and ")
_INVENTORY = Text("由清单得出", "follows from the inventory")
_ASKED = Text("为此对对象做的只读操作", "Read-only steps that ask for them")
_LIMITS = Text("各级别的阈值", "Thresholds at each level")
_LEVEL = Text("第 {level} 级", "level {level}")
_ITEMS = Text("涉及的测评单元", "Items that it bears on")
_STEP = Text("步骤 {n}", "step {n}")
_NO_ITEM = Text("没有测评单元；只作为发现列出。", "None; it is told as a finding alone.")
_PROOFS = Text("可作证据的高风险判例条件", "Conditions of judgements on high risk that it evidences")
_CONDITION = Text("条件 {n}，答“{answer}”时", "condition {n}, by a {answer}")
_TOGETHER = Text("须与 {checks} 一起", "together with {checks}")
_REMEDY = Text("整改", "Remedy")


def check_parts(check: Check, known: Knowledge, language: Language) -> Iterator[RenderableType]:
    """Everything that is known of a check."""
    yield title(check.id)
    high = _ONLY_JUDGEMENTS.say(language) if check.risk is Risk.HIGH else ""
    risk = RISK[check.risk].say(language)
    yield Line.assemble((_RISK.say(language), "dim"), (risk, RISK_STYLE[check.risk]), (high, "dim"))
    yield said(check.question.say(language))
    yield from section(_FACTS, language, rows(_facts(check, language)))
    yield from section(_ASKED, language, rows(_asked(check, known, language), fixed=2))
    yield from section(_LIMITS, language, rows(_limits(check, known, language)))
    yield from section(_ITEMS, language, _items(check, known, language))
    yield from section(_PROOFS, language, rows(_proofs(check, known, language)))
    yield from section(_REMEDY, language, [said(check.remedy.say(language))])


def _facts(check: Check, language: Language) -> Iterator[tuple[Cell, Cell]]:
    for facts, role in ((check.needs, _NEEDED), (check.also, _ALSO)):
        for fact in facts:
            yield fact.__name__, Line(f"{role.say(language)}{_derived(fact, language)}", style="dim")


def _derived(fact: type[Fact], language: Language) -> str:
    """From what a derived fact follows."""
    if fact not in DERIVED:
        return ""
    names = ", ".join(other.__name__ for other in DERIVED_FROM[fact])
    said = f"{_FOLLOWS.say(language)}{names}" if names else _INVENTORY.say(language)
    return f"；{said}" if language == "zh" else f"; {said}"


def _asked(check: Check, known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell, Cell]]:
    """A line a step and why, then what is done literally."""
    for platform, steps in groupby(known.asked_for(check), lambda asked: asked.platform):
        name: Cell = Line(platform, style="bold")
        for asked in steps:
            yield name, asked.step, _why(asked, language)
            yield from (("", "", Line(act.say(language), style="cyan")) for act in asked.acts)
            name = ""


def _why(asked: Asked, language: Language) -> Line:
    rights = f"  [{asked.rights.say(language)}]" if asked.rights is not None else ""
    return Line.assemble(shown(asked.why.say(language)), (rights, "dim"))


def _limits(check: Check, known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell]]:
    for level, profile in sorted(known.profiles.items()):
        found = ", ".join(str(limit) for limit in limits(profile.parameters[check.id]))
        if found:
            yield _LEVEL.format(level=level).say(language), found


def _items(check: Check, known: Knowledge, language: Language) -> Iterator[RenderableType]:
    bound = list(known.bound_to(check.id))
    if not bound:
        yield said(_NO_ITEM.say(language), "dim")
    cells = (
        (
            item.id,
            item.clause,
            Line.assemble(
                shown(item.control_point.say(language)),
                (f" · {_STEP.format(n=step.n).say(language)} · ", "dim"),
                (SETTLES[binding.settles].say(language), "dim"),
            ),
        )
        for item, step, binding in bound
    )
    yield from rows(cells, fixed=2)


def _proofs(check: Check, known: Knowledge, language: Language) -> Iterator[tuple[Cell, Cell]]:
    for judgement, n, proof in known.proofs_by(check.id):
        words = _CONDITION.format(n=n, answer=ANSWER[proof.answer].say(language)).say(language)
        others = ", ".join(other for other in proof.checks if other != check.id)
        if others:
            words += f" · {_TOGETHER.format(checks=others).say(language)}"
        yield judgement.id, Line.assemble(shown(judgement.title.say(language)), (f" · {words}", "dim"))
