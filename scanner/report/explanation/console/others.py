"""Kinds of objects and capabilities at the terminal, and lists where a name means several things."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text as Line

from scanner.model import Text
from scanner.report.catalogue.judged_by import JUDGED_BY, judged_by
from scanner.report.catalogue.terminal import JUDGED_STYLE
from scanner.report.console.words import shown
from scanner.report.explanation.console.layout import remarks, rows, section, title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from scanner.model import Item, Kind
    from scanner.model.text import Language
    from scanner.report.explanation.console.layout import Cell
    from scanner.report.explanation.knowledge import Knowledge

_KIND = Text("测评对象类型", "kind of assessment object")
_FAMILIES = {
    "technical": Text("技术", "technical"),
    "design": Text("设计", "design"),
    "data": Text("数据", "data"),
    "physical": Text("物理", "physical"),
    "document": Text("文档", "document"),
    "person": Text("人员", "person"),
}
_WHOLE = Text(
    "即整台设备：操作系统所示即其自身", "the machine itself: what its operating system shows is true of it"
)
_PART = Text(
    "不是整台设备：主机的事实不能代它回答", "not the machine: facts of its host do not answer for it"
)
_CAPABILITY = Text("待增能力：本产品尚缺，以后用来回答步骤", "to come: what this product does not have yet")
_LEVEL = Text("第 {level} 级 · {count}", "Level {level} · {count}")
_MORE = Text("逐个说明：mlps-posture explain 编号", "Each in full: mlps-posture explain ID")


def kind_parts(kind: Kind, known: Knowledge, language: Language) -> Iterator[RenderableType]:
    """A kind of assessment objects, and the items that are looked at on it."""
    yield title(kind.id, kind.text.say(language))
    whole = _WHOLE if kind.whole_asset else _PART
    machine = whole.say(language) if kind.family == "technical" else ""
    yield remarks((_KIND.say(language), _FAMILIES[kind.family].say(language), machine))
    yield from items_by_level((i for i in known.items.values() if kind.id in i.kinds), language)


def capability_parts(name: str, known: Knowledge, language: Language) -> Iterator[RenderableType]:
    """A capability to come, and the items with steps that await it."""
    yield title(name)
    yield remarks((_CAPABILITY.say(language),))
    yield Line(known.capabilities[name].say(language))
    awaiting = (i for i in known.items.values() if any(step.awaits == name for step in i.steps))
    yield from items_by_level(awaiting, language)


def items_by_level(items: Iterable[Item], language: Language) -> Iterator[RenderableType]:
    """A line an item, under its level."""
    levels: dict[int, list[Item]] = {}
    for item in items:
        levels.setdefault(item.level, []).append(item)
    for level, own in sorted(levels.items()):
        title_ = _LEVEL.format(level=level, count=len(own))
        yield from section(title_, language, rows(_rows(own, language), fixed=2))


def more(language: Language) -> Line:
    """How to read on."""
    return Line(_MORE.say(language), style="dim")


def _rows(items: Sequence[Item], language: Language) -> Iterator[tuple[Cell, Cell, Cell]]:
    """A row an item, after one that names its control point."""
    for control_point, own in groupby(items, lambda item: item.control_point):
        yield "", "", Line(control_point.say(language), style="cyan")
        for item in own:
            who = judged_by(item)
            judged = (f"  {JUDGED_BY[who].say(language)}", JUDGED_STYLE[who])
            yield item.id, item.clause, Line.assemble(shown(item.summary.say(language)), judged)
