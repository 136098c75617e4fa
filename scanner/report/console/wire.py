"""What each vantage saw on the wire, in short: a line an object; the rest stands in ``facts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.evaluate import REASON_WORDS
from scanner.model import Gap, Text
from scanner.report.console.words import heading, shown
from scanner.report.reached import open_ports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from scanner.facts import FactSheet
    from scanner.model import Assessment, Vantage
    from scanner.model.text import Language
    from scanner.report.content import Content
    from scanner.report.reached import OpenPort

PORTS = 16
"""Open ports named of one object."""

_TITLE = Text(zh="网络上所见", en="Seen on the wire")
_FROM = Text(zh="从 {name} 看（{place}）", en="from {name} ({place})")
_CLOSED = Text(zh="没有开放端口", en="no open port")
_MORE = Text(zh="等 {count} 个", en="and {count} more")
_UNKNOWN = Text(zh="未识别", en="not identified")


def on_the_wire(a: Assessment, content: Content, language: Language) -> Iterator[RenderableType]:
    """One block a vantage; nothing where nothing was probed."""
    looks = {
        vantage: {o.id: sheet for o in a.objects if (sheet := content.sheets.get(f"{o.id}@{vantage.name}"))}
        for vantage in content.vantages
    }
    if not any(looks.values()):
        return
    yield Line("")
    yield heading(_TITLE.say(language))
    for vantage, sheets in looks.items():
        if sheets:
            yield from _vantage(vantage, sheets, language)


def _vantage(
    vantage: Vantage, sheets: Mapping[str, FactSheet], language: Language
) -> Iterator[RenderableType]:
    place = f"{vantage.access_point} {vantage.zone}".strip()
    yield Padding(Line(_FROM.format(name=vantage.name, place=place).say(language)), (0, 0, 0, 2))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    quiet: dict[str, list[str]] = {}
    for name, sheet in sheets.items():
        ports = open_ports(sheet)
        if isinstance(ports, Gap):
            quiet.setdefault(REASON_WORDS[ports.reason].say(language), []).append(name)
        else:
            table.add_row(shown(name, "bold"), shown(_ports(ports, language)))
    for reason, names in quiet.items():
        table.add_row(Line(f"? {reason}", style="magenta"), shown(", ".join(names)))
    yield Padding(table, (0, 0, 0, 4))


def _ports(found: Sequence[OpenPort], language: Language) -> str:
    named = [f"{p.number}/{p.protocol} {p.family or _UNKNOWN.say(language)}" for p in found[:PORTS]]
    if len(found) > PORTS:
        named.append(_MORE.format(count=len(found) - PORTS).say(language))
    return ", ".join(named) or _CLOSED.say(language)
