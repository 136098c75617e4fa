"""How two profiles differ, at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.compare import Aspect, Fate
from scanner.model import Scope, Settles, Text
from scanner.report.console.words import heading, shown
from scanner.report.words import SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.compare import Answering, ItemDifference, ProfileDifference
    from scanner.model import Item, Profile
    from scanner.model.text import Language

FATE = {
    Fate.NEW: Text(zh="新增", en="new"),
    Fate.CHANGED: Text(zh="变化", en="changed"),
    Fate.UNCHANGED: Text(zh="不变", en="unchanged"),
    Fate.GONE: Text(zh="消失", en="gone"),
}
_STYLE = {Fate.NEW: "cyan", Fate.CHANGED: "yellow", Fate.UNCHANGED: "dim", Fate.GONE: "red"}
ASPECT = {
    Aspect.SUMMARY: Text(zh="要求", en="requirement"),
    Aspect.STEPS: Text(zh="测评步骤", en="steps"),
    Aspect.KINDS: Text(zh="测评对象", en="kinds of objects"),
    Aspect.DECISION: Text(zh="判定规则", en="decision rule"),
    Aspect.PARTIAL: Text(zh="能否部分符合", en="whether partial is possible"),
    Aspect.OPTIONAL: Text(zh="是否可选", en="whether it is optional"),
    Aspect.MARK: Text(zh="S/A/G 标记", en="S, A or G"),
    Aspect.CONTROL_POINT: Text(zh="控制点", en="control point"),
    Aspect.THEMES: Text(zh="主题", en="themes"),
    Aspect.HIGH_RISK: Text(zh="高风险判例", en="judgements on high risk"),
}
SETTLES = {
    Settles.BOTH: Text(zh="判是或否", en="answers"),
    Settles.NO: Text(zh="只能判否", en="only condemns"),
}
_THRESHOLDS = Text(zh="阈值", en="Thresholds")
_NONE = Text(zh="没有变化。", en="None changes.")
_LOOSER, _STRICTER = Text(zh="放宽", en="looser"), Text(zh="收紧", en="stricter")
_CHANGES = Text(zh="变化：{aspects}", en="changes: {aspects}")
_ANSWERED = Text(zh="仅判定方式变化", en="Answered otherwise, the same requirement")
_STEP = Text(zh="步骤 {n}", en="step {n}")
_SEPARATOR = Text(zh="、", en=", ")


def difference(found: ProfileDifference, language: Language) -> RenderableType:
    """Return all that differs; requirements that do not are counted."""
    return Group(*_parts(found, language))


def _parts(found: ProfileDifference, language: Language) -> Iterator[RenderableType]:
    yield Line.assemble(_name(found.before, language), "  →  ", _name(found.after, language), style="bold")
    yield Padding(_counts(found, language), (0, 0, 0, 1))
    yield Line("")
    yield heading(_THRESHOLDS.say(language))
    yield from _thresholds(found, language)
    for fate in (Fate.NEW, Fate.CHANGED, Fate.GONE):
        if items := found.of_fate(fate):
            yield Line("")
            yield heading(f"{FATE[fate].say(language)} ({len(items)})")
            yield from (part for item in items for part in _item(item, language))
    answered = [item for item in found.of_fate(Fate.UNCHANGED) if item.lost or item.gained]
    if answered:
        yield Line("")
        yield heading(f"{_ANSWERED.say(language)} ({len(answered)})")
        yield from (part for item in answered for part in _item(item, language))


def _name(profile: Profile, language: Language) -> Line:
    """A profile by its title and its overlays."""
    names = [profile.title, *(overlay.title for overlay in profile.overlays)]
    return Line(" + ").join(shown(name.say(language)) for name in names)


def _counts(found: ProfileDifference, language: Language) -> Table:
    """Items by fate, a row a scope."""
    table = Table.grid(padding=(0, 2))
    table.add_column()
    for _ in Fate:
        table.add_column(justify="right", no_wrap=True)
    table.add_row("", *(Line(FATE[fate].say(language), style=_STYLE[fate]) for fate in Fate))
    for scope in Scope:
        counts = [sum(_scope(item) is scope for item in found.of_fate(fate)) for fate in Fate]
        if any(counts):
            table.add_row(SCOPE[scope].say(language), *(str(n) if n else "" for n in counts))
    return table


def _scope(item: ItemDifference) -> Scope:
    return _shown_item(item).scope


def _shown_item(difference: ItemDifference) -> Item:
    """The item as it is, or as it was where it is gone."""
    item = difference.after or difference.before
    assert item is not None  # noqa: S101 - a difference has one of both
    return item


def _thresholds(found: ProfileDifference, language: Language) -> Iterator[RenderableType]:
    if not found.parameters:
        yield Padding(Line(_NONE.say(language)), (0, 0, 0, 1))
        return
    table = Table.grid(padding=(0, 2))
    for one in found.parameters:
        change = one.change
        word, style = (_LOOSER, "red") if change.looser else (_STRICTER, "green")
        values = f"{change.parameter} {change.before} → {change.after}"
        table.add_row(one.check, values, Line(word.say(language), style=style))
    yield Padding(table, (0, 0, 0, 1))


def _item(found: ItemDifference, language: Language) -> Iterator[RenderableType]:
    """One requirement: which, what of it changes, and what answers it newly or no more."""
    item = _shown_item(found)
    name = item.id if found.before in {None, item} else f"{found.before.id} → {item.id}"
    point = shown(item.control_point.say(language))
    yield Padding(Line.assemble((name, "bold"), "  ", shown(item.clause, "dim"), "  ", point), (0, 0, 0, 1))
    if Aspect.SUMMARY in found.aspects and found.before is not None:
        table = Table.grid(padding=(0, 1))
        table.add_row(Line("-", style="red"), shown(found.before.summary.say(language)))
        table.add_row(Line("+", style="green"), shown(item.summary.say(language)))
        yield Padding(table, (0, 0, 0, 3))
    else:
        yield Padding(shown(item.summary.say(language)), (0, 0, 0, 3))
    if found.aspects:
        names = _SEPARATOR.say(language).join(ASPECT[aspect].say(language) for aspect in found.aspects)
        yield Padding(Line(_CHANGES.format(aspects=names).say(language), style="dim"), (0, 0, 0, 3))
    for sign, style, answering in (("-", "red", found.lost), ("+", "green", found.gained)):
        yield from (_answering(sign, style, one, language) for one in answering)


def _answering(sign: str, style: str, one: Answering, language: Language) -> RenderableType:
    step = f"  {_STEP.format(n=one.n).say(language)}" if one.n else ""
    settles = SETTLES[one.binding.settles].say(language)
    return Padding(
        Line.assemble((f"{sign} ", style), one.binding.check, (f"  {settles}{step}", "dim")), (0, 0, 0, 3)
    )
