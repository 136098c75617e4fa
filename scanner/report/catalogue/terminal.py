"""The list of items at the terminal: by class and control point, with the counts at the end."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from scanner.model import Scope, Text
from scanner.report.catalogue.judged_by import JUDGED_BY, JudgedBy, awaited_by, judged_by
from scanner.report.catalogue.listing import MARKS, counts, shelves
from scanner.report.catalogue.typeset import Span, aligned, columns, padded, painted, wrapped
from scanner.report.names import SCOPE
from scanner.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.model import Item
    from scanner.model.text import Language
    from scanner.report.catalogue.listing import Count, Listing, Shelf

Line = tuple[Span, ...]

JUDGED_STYLE = {JudgedBy.SCAN: "green", JudgedBy.PARTLY: "yellow", JudgedBy.PERSON: "magenta"}
WEIGHT = {
    "key": Text(zh="关键", en="key"),
    "important": Text(zh="重要", en="important"),
    "general": Text(zh="一般", en="general"),
}
WEIGHT_STYLE = {"key": "bold", "important": "", "general": "dim"}

_ID, _CLAUSE, _WEIGHT = 11, 12, 9
"""Columns of the names of an item; those of an overlay may be longer."""

_LEVEL = Text(zh="第 {level} 级", en="Level {level}")
_GRADE = Text(zh="等级 {grade} 的系统", en="A system graded {grade}")
_NONE = Text(zh="没有这样的测评单元。", en="No item is like that.")
_TO_COME = Text(zh="待增能力：", en="to come: ")
_ALL = Text(zh="合计", en="all")
_SHORT_SCOPE = {
    Scope.GENERAL: Text(zh="通用", en="general"),
    Scope.CLOUD: Text(zh="云", en="cloud"),
    Scope.MOBILE: Text(zh="移动", en="mobile"),
    Scope.IOT: Text(zh="物联网", en="IoT"),
    Scope.ICS: Text(zh="工控", en="ICS"),
}
_SHORT_JUDGED = {
    JudgedBy.SCAN: Text(zh="扫描", en="scan"),
    JudgedBy.PARTLY: Text(zh="部分", en="partly"),
    JudgedBy.PERSON: Text(zh="由人", en="person"),
}
_ELSEWHERE = Text(
    zh="括号内：未列出的扩展要求，用 --scope 列出（--scope all 为全部）。",
    en="In brackets: not listed here; --scope lists an extension, --scope all everything.",
)
_AWAITED = Text(
    zh="待增能力：本产品尚缺、以后用来回答步骤的能力。",
    en="To come: what this product does not have yet and what will answer steps then.",
)
_NOTES = (
    Text(
        zh="由扫描判定：指扫描能查看的对象；其他类型的对象仍由人判定。",
        en="Judged by the scan: on objects of the kinds that it looks at; on others a person judges.",
    ),
    Text(
        zh="权重（关键、重要、一般）为本产品自定：未见官方权重。",
        en="Weights (key, important, general) are ours: no official ones were found.",
    ),
    Text(
        zh="测评实施、判定规则、阈值与整改：mlps-posture explain 编号",
        en="Steps, rules, thresholds and remedies: mlps-posture explain ID",
    ),
)


def render(listing: Listing, language: Language, width: int, *, colour: bool) -> str:
    """Return the list as text for a terminal of ``width`` columns."""
    return painted(_lines(listing, language, width), colour=colour)


def _lines(listing: Listing, language: Language, width: int) -> Iterator[Line]:
    title = ""
    for _, own in groupby(shelves(listing), lambda shelf: shelf.section):
        section = tuple(own)
        if title != (title := _title(section[0], listing, language)):
            yield (Span(title, "bold cyan"),)
        yield ()
        yield from _section(section, language, width)
    if not listing.items:
        yield (Span(_NONE.say(language)),)
    if listing.items or listing.elsewhere:
        yield ()
        yield from _counts(listing, language)
    for note in _notes(listing):
        yield from ((Span(line, "dim"),) for line in wrapped(note.say(language), width))


def _notes(listing: Listing) -> Iterator[Text]:
    """What has to be said of the words and figures above."""
    if listing.elsewhere:
        yield _ELSEWHERE
    if any(map(awaited_by, listing.items)):
        yield _AWAITED
    if listing.items:
        yield from _NOTES


def _title(shelf: Shelf, listing: Listing, language: Language) -> str:
    if listing.grade:
        return _GRADE.format(grade=listing.grade).say(language)
    return _LEVEL.format(level=shelf.level).say(language)


def _section(section: Sequence[Shelf], language: Language, width: int) -> Iterator[Line]:
    """One class of one scope."""
    first = section[0]
    scope = "" if first.scope is Scope.GENERAL else f" · {SCOPE[first.scope].say(language)}"
    many = sum(len(shelf.items) for shelf in section)
    name = f"{first.klass} {first.class_name.say(language)}"
    yield Span(name, "bold"), Span(f"{scope}  {many}", "dim")
    for shelf in section:
        yield (Span(f" {shelf.control_point.say(language)}", "cyan"),)
        for item in shelf.items:
            yield from _item(item, language, width)


def _item(item: Item, language: Language, width: int) -> Iterator[Line]:
    """Its names and who judges it; what it asks; what is to come where the first line has no room for it."""
    who = judged_by(item)
    names = (
        Span(f"  {padded(item.id, _ID)} ", "bold" if item.weight == "key" else ""),
        Span(f"{padded(item.clause, _CLAUSE)} {item.mark}  ", "dim"),
        Span(f"{padded(WEIGHT[item.weight].say(language), _WEIGHT)}  ", WEIGHT_STYLE[item.weight]),
        Span(JUDGED_BY[who].say(language), JUDGED_STYLE[who]),
    )
    awaited = awaited_by(item)
    to_come = Span(f"{_TO_COME.say(language)}{', '.join(awaited)}" if awaited else "", "dim")
    apart = Span(" · " if awaited else "", "dim")
    room = sum(columns(span.text) for span in (*names, apart, to_come)) <= width
    yield (*names, apart, to_come) if room else names
    yield from ((Span(f"    {line}"),) for line in wrapped(plain(item.summary.say(language)), width - 4))
    if not room:
        yield Span("    "), to_come


def _counts(listing: Listing, language: Language) -> Iterator[Line]:
    """A table: levels down, sorts of items across."""
    rows = counts(listing)
    heads = [
        *(_SHORT_SCOPE[scope].say(language) for scope in Scope),
        *MARKS,
        *(_SHORT_JUDGED[who].say(language) for who in JudgedBy),
        _ALL.say(language),
    ]
    cells = [_cells(row) for row in rows]
    wide = [max(columns(text) for text in column) for column in zip(heads, *cells, strict=True)]
    names = [_row_name(row, listing, language) for row in rows]
    margin = max(map(columns, names))
    yield Span(" " * margin), *_across(heads, wide, "dim")
    for name, row in zip(names, cells, strict=True):
        yield Span(padded(name, margin), "bold"), *_across(row, wide, "")


def _row_name(row: Count, listing: Listing, language: Language) -> str:
    if row.level:
        return _LEVEL.format(level=row.level).say(language)
    return str(listing.grade) if listing.grade else _ALL.say(language)


def _cells(row: Count) -> list[str]:
    scopes = [
        str(row.scopes[scope])
        if row.scopes[scope] or not row.elsewhere[scope]
        else f"({row.elsewhere[scope]})"
        for scope in Scope
    ]
    rest = (*row.marks.values(), *row.judged_by.values(), row.items)
    return [*scopes, *map(str, rest)]


def _across(cells: Sequence[str], wide: Sequence[int], style: str) -> Iterator[Span]:
    """Cells of one row, each to the right of its column; the sorts stand a little apart."""
    apart = {len(Scope), len(Scope) + len(MARKS), len(cells) - 1}
    for n, (cell, width) in enumerate(zip(cells, wide, strict=True)):
        quiet = "dim" if cell.startswith("(") else style
        yield Span(("   " if n in apart else " ") + aligned(cell, width), quiet)
