"""What people state, in short: how many statements hold, and each that a reader has to know of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.model import Text
from scanner.report.console.words import VERDICT_STYLE, heading, joined, shown
from scanner.report.stated import Stated, attested, compensated, waived
from scanner.report.words import STATED, VERDICT, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from rich.console import RenderableType

    from scanner.model import Assessment, ItemResult, Notice, ObjectResult, Verdict
    from scanner.model.text import Language
    from scanner.report.stated import Waived

SHOWN = 8
"""Compensations, waivers and notices named each; the JSON and the HTML report have all."""

_WORDS = 160
"""Characters shown of a person's words."""

_TITLE = Text(zh="人工陈述", en="What people state")
_REMARKS = Text(zh="关于人工陈述与清单", en="Remarks on statements and inventory")
_ATTESTATIONS = Text(zh="证明", en="attestations")
_COMPENSATIONS = Text(zh="整体测评补偿", en="compensations")
_WAIVERS = Text(zh="告警豁免", en="waivers")
_NONE = Text(zh="无", en="none")
_SILENCES = Text(zh="静默 {count} 个“否”", en="silences {count} no(s)")
_UNTIL = Text(zh="至 {time}，{approver}", en="until {time}, {approver}")
_MORE = Text(zh="另有 {count} 条", en="and {count} more")
_CALM = frozenset({Stated.ACTIVE, Stated.EARLY})


def statements(a: Assessment, language: Language) -> Iterator[RenderableType]:
    """How many statements stand where; nothing where nobody stated anything."""
    if a.statements is None:
        return
    yield Line("")
    yield heading(_TITLE.say(language))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, found in (
        (_ATTESTATIONS, [s.stated for s in attested([a])]),
        (_COMPENSATIONS, [s.stated for s in compensated([a])]),
        (_WAIVERS, [s.stated for s in waived([a])]),
    ):
        table.add_row(name.say(language), _counted(found, language))
    yield Padding(table, (0, 0, 0, 2))


def remarks(a: Assessment, language: Language) -> Iterator[RenderableType]:
    """Compensations with both results, waivers with their ends, and what to know of the statements."""
    compensations, waivers = list(_compensations(a, language)), list(_waivers(waived([a]), language))
    notices = list(_notices(a.notices, language))
    if not (compensations or waivers or notices):
        return
    yield Line("")
    yield heading(_REMARKS.say(language))
    for lines in (compensations, waivers, notices):
        yield from (Padding(line, (0, 0, 0, 2)) for line in _first(lines, language))


def _counted(found: Iterable[Stated], language: Language) -> Line:
    counts = Counter(found)
    parts = [(f"{counts[s]} {STATED[s].say(language)}", s) for s in Stated if counts[s]]
    if not parts:
        return Line(_NONE.say(language), style="dim")
    return joined((Line(text, style="" if s in _CALM else "yellow") for text, s in parts), language)


def _compensations(a: Assessment, language: Language) -> Iterator[Line]:
    """Each with both results, its reason and its author."""
    for result in a.items:
        for on in result.objects:
            if on.compensation is not None:
                yield _compensation(result, on, language)


def _compensation(result: ItemResult, on: ObjectResult, language: Language) -> Line:
    said = on.compensation
    assert said is not None  # noqa: S101 - the caller looked
    return Line.assemble(
        ("± ", "cyan"),
        f"{result.item.id} ",
        shown(on.object, "bold"),
        ": ",
        _verdicts(on.before, language),
        " → ",
        _verdicts(on.possible, language),
        ("  ", "dim"),
        shown(f"{said.reason} ({said.author}, {said.made.isoformat()})", "dim", _WORDS),
    )


def _verdicts(possible: Collection[Verdict], language: Language) -> Line:
    return Line(" / ").join(
        Line(VERDICT[v].say(language), style=VERDICT_STYLE[v]) for v in VERDICT_ORDER if v in possible
    )


def _waivers(found: Iterable[Waived], language: Language) -> Iterator[Line]:
    for w in found:
        what = " ".join(part for part in (w.waiver.check, w.waiver.item, w.waiver.object) if part)
        until = _UNTIL.format(time=w.waiver.expires.isoformat(), approver=w.waiver.approver).say(language)
        silences = _SILENCES.format(count=len(w.findings)).say(language) if w.findings else ""
        state = f"[{STATED[w.stated].say(language)}] "
        yield Line.assemble(
            (state, "" if w.stated in _CALM else "yellow"),
            shown(what, "bold", _WORDS),
            "  ",
            shown("; ".join(part for part in (silences, until, w.waiver.reason) if part), "dim", _WORDS),
        )


def _notices(found: Iterable[Notice], language: Language) -> Iterator[Line]:
    for notice in found:
        place = f"{notice.place.file}:{notice.place.line}" if notice.place.line else notice.place.file
        yield Line.assemble(
            ("! ", "yellow"), shown(place, "dim", _WORDS), " ", shown(notice.text.say(language), "", _WORDS)
        )


def _first(lines: list[Line], language: Language) -> list[Line]:
    if len(lines) <= SHOWN:
        return lines
    return [*lines[:SHOWN], Line(_MORE.format(count=len(lines) - SHOWN).say(language), style="dim")]
