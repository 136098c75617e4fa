"""The way to a level at the terminal: what would clear each hurdle, cheapest first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.compare import Effort
from scanner.evaluate import REASON_WORDS
from scanner.model import GapReason, Text
from scanner.report.console.words import heading, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from scanner.compare import Column, Stage, Way
    from scanner.model import Assessment, Item
    from scanner.model.text import Language
    from scanner.report.content import Content

SHOWN = 12
"""Hurdles shown of each kind; the JSON has all."""

_NAMES = 3
"""Objects named; the rest are counted."""

_TITLE = Text(
    zh="距第 {level} 级还差什么（先易后难；难易次序为本工具估计，非官方）",
    en="What level {level} still takes, cheapest first (the order is our estimate)",
)
_OPEN = Text(
    zh="{applicable} 项适用，{open} 项尚不能确定符合。“至此符合”：做完本行及以上，最多有多少项符合。",
    en="{open} of {applicable} items do not conform for sure yet. The last column tells how many do at best "
    "once a line and all above it is done.",
)
_DONE = Text(zh="全部 {applicable} 项都符合。", en="All {applicable} items conform.")
_EFFORT = {
    Effort.LOOK: Text(zh="补权限或重新查看即可见分晓", en="A right or another look settles it"),
    Effort.SETTING: Text(zh="修改设置", en="A setting has to change"),
    Effort.STATEMENT: Text(zh="须由人核查并陈述", en="Somebody has to look and state it"),
    Effort.CAPABILITY: Text(
        zh="本工具将来可查，眼下须由人陈述", en="A look that is to come; until then somebody's statement"
    ),
    Effort.MEASURE: Text(zh="由人查明缺失的措施", en="A measure that people found missing"),
}
_MORE = Text(zh="另有 {count} 处，见 JSON", en="and {count} more, see the JSON")
_OTHERS = Text(zh="，另 {count} 个", en=" and {count} more")
_COLUMNS = (
    Text(zh="在", en="on"),
    Text(zh="项", en="items"),
    Text(zh="下级亦未定", en="open below"),
    Text(zh="至此符合", en="conform"),
)


def way_lines(found: Way, column: Column, content: Content, language: Language) -> Iterator[RenderableType]:
    """The stages of a way to the level of ``column``."""
    level = column.assessment.system.grade.level
    yield heading(_TITLE.format(level=level).say(language))
    words = _OPEN if found.open else _DONE
    told = words.format(applicable=found.applicable, open=len(found.open)).say(language)
    yield Padding(Line(told), (0, 0, 0, 1))
    namer = _Namer(column.assessment, content, language)
    for effort, stages in groupby(found.stages, key=lambda stage: stage.hurdle.effort):
        title = f"{int(effort)}. {_EFFORT[effort].say(language)}"
        yield Padding(Line(title, style="bold"), (0, 0, 0, 1))
        yield Padding(_stages(list(stages), found.applicable, namer), (0, 0, 0, 4))


def _stages(stages: Sequence[Stage], applicable: int, namer: _Namer) -> Table:
    """A row a hurdle: what it is, where, before how many items, and how far one is once it is cleared."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    on, items, below, met = namer.columns()
    table.add_column("", overflow="fold", ratio=3)
    table.add_column(on, overflow="fold", ratio=1)
    for name in (items, below, met):
        table.add_column(name, no_wrap=True, justify="right")
    for stage in stages[:SHOWN]:
        reached = Line(f"{stage.met}/{applicable}", style="bold")
        counts = str(len(stage.items)), str(stage.below)
        table.add_row(namer.act(stage), namer.objects(stage), *counts, reached)
    if len(stages) > SHOWN:
        reached = Line(f"{stages[-1].met}/{applicable}", style="bold")
        table.add_row(namer.more(len(stages) - SHOWN), "", "", "", reached)
    return table


@dataclass(frozen=True, slots=True)
class _Namer:
    """Says hurdles in words."""

    assessment: Assessment
    content: Content
    language: Language

    def act(self, stage: Stage) -> Line:
        """What one act would clear."""
        effort, key = stage.hurdle.effort, stage.hurdle.key
        if effort is Effort.LOOK:
            reason = GapReason(key) if key in set(GapReason) else None
            return shown(key if reason is None else self._say(REASON_WORDS[reason]))
        if effort is Effort.SETTING:
            check = self.content.checks[key]
            return Line.assemble(self._say(check.question), "\n", (self._say(check.remedy), "dim"))
        if effort is Effort.CAPABILITY:
            words = self.assessment.profile.capabilities.get(key)
            return shown(key if words is None else self._say(words))
        item = self._item(stage.items[0])
        if effort is Effort.STATEMENT:
            return Line.assemble((f"{item.klass} ", "dim"), shown(self._say(item.control_point)))
        return Line.assemble((f"{item.id} ", "dim"), shown(self._say(item.summary)))

    def objects(self, stage: Stage) -> Line:
        """The first objects by name, the others counted."""
        names, more = ", ".join(stage.objects[:_NAMES]), len(stage.objects) - _NAMES
        return shown(names + (self._say(_OTHERS.format(count=more)) if more > 0 else ""), "dim")

    def columns(self) -> list[str]:
        """Titles of the columns after the first."""
        return [self._say(text) for text in _COLUMNS]

    def more(self, count: int) -> Line:
        """Hurdles that are not shown."""
        return Line(self._say(_MORE.format(count=count)), style="dim")

    def _item(self, name: str) -> Item:
        return next(result.item for result in self.assessment.items if result.item.id == name)

    def _say(self, text: Text) -> str:
        return text.say(self.language)
