"""The drawing: zones with their hosts, and the lines between them - where logs go and what tunnels reach.

Zones stand side by side, hosts below one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Text, Zone
from scanner.report.html.cards import WIDE, Card, card
from scanner.report.html.lines import GUTTER, TRACK, Edge, End, Link, Track, path, tracks
from scanner.report.html.measure import fitted
from scanner.report.html.objects import State
from scanner.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.report.html.objects import Shown

CARDS = 24
"""Hosts drawn in one zone; the list of objects has all."""

MARGIN, TOP, BETWEEN, INSET = 16, 58, 16, 14
AWAY_WIDE, AWAY_HIGH = 178, 46


@dataclass(frozen=True, slots=True)
class Placed:
    """A card at its place."""

    x: float
    y: float
    card: Card


@dataclass(frozen=True, slots=True)
class Area:
    """A zone's frame. ``name`` "": objects whose zone nobody stated."""

    x: float
    y: float
    wide: float
    high: float
    name: str
    networks: str
    industrial: bool
    cards: tuple[Placed, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Away:
    """Something outside the inventory that a line ends at."""

    x: float
    y: float
    title: Text
    detail: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn, in units of one pixel."""

    wide: float
    high: float
    areas: tuple[Area, ...]
    outside: tuple[Away, ...]
    edges: tuple[Edge, ...]


def drawing(objects: Sequence[Shown], zones: Sequence[Zone]) -> Drawing | None:
    """Draw the objects that stand for themselves; None where there are none."""
    hosts = [o for o in objects if not o.parent and (o.looked_at or o.address)]
    if not hosts:
        return None
    columns = _columns(hosts, zones)
    places = {p.card.object: (n, p) for n, column in enumerate(columns) for p in column.cards}
    outside, links = _links(places, {o.id: o for o in hosts}, len(columns))
    return _composed(columns, outside, links)


@dataclass(frozen=True, slots=True)
class _Column:
    zone: Zone
    cards: tuple[Placed, ...]  # x still relative to the column
    high: float
    more: int


def _columns(hosts: Sequence[Shown], zones: Sequence[Zone]) -> tuple[_Column, ...]:
    known = {zone.name: zone for zone in zones}
    names = [*known, *sorted({o.zone for o in hosts} - known.keys())]
    return tuple(
        _column(known.get(name) or Zone(name, ()), [o for o in hosts if o.zone == name])
        for name in names
        if any(o.zone == name for o in hosts)
    )


def _column(zone: Zone, hosts: Sequence[Shown]) -> _Column:
    placed, y = [], float(TOP)
    for o in hosts[:CARDS]:
        laid = card(o)
        placed.append(Placed(INSET, y, laid))
        y += laid.high + BETWEEN
    more = max(0, len(hosts) - CARDS)
    return _Column(zone, tuple(placed), y + (24 if more else 0), more)


Places = dict[str, tuple[int, Placed]]


def _links(places: Places, hosts: dict[str, Shown], last: int) -> tuple[list[Away], list[Link]]:
    """Lines between cards, and to what is outside; the outside stands in column ``last``."""
    addresses = {o.address: o.id for o in hosts.values() if o.address}
    addresses |= {name: name for name in hosts}
    outside: dict[tuple[str, str], Away] = {}
    links = []
    for name in sorted(places):
        column, placed = places[name]
        for nth, passage in enumerate(placed.card.tunnels):
            start = End(column, placed.y + placed.card.row("tunnel", nth))
            far = passage.tunnel.remote
            end = _far_end(far, addresses, places) or _away(outside, "tunnel", name, far, last)
            state = _state(declared=passage.declared)
            links.append(Link("tunnel", state, _tunnel_text(name, passage.tunnel.name, far), start, end))
        for host, clear in _log_targets(placed.card):
            start = End(column, placed.y + placed.card.row("logs"))
            if addresses.get(host) == name:
                continue
            end = _far_end(host, addresses, places) or _away(outside, "log", name, host, last)
            text = Text(f"{name} 的日志发往 {plain(host)}", f"logs of {name} go to {plain(host)}")
            links.append(Link("log", State.MIXED if clear else State.GOOD, text, start, end))
    return list(outside.values()), links


def _log_targets(laid: Card) -> list[tuple[str, bool]]:
    if laid.logs is None:
        return []
    targets: dict[str, bool] = {}
    for target in laid.logs.targets:
        targets[target.host] = targets.get(target.host, False) or not target.tls
    return list(targets.items())


def _state(*, declared: bool | None) -> State:
    if declared is None:
        return State.UNSEEN
    return State.GOOD if declared else State.BAD


def _tunnel_text(name: str, tunnel: str, far: str) -> Text:
    end = plain(far)
    return Text(
        f"{name} 的隧道 {plain(tunnel)}，对端{end or '未看到'}",
        f"tunnel {plain(tunnel)} of {name}, far end {end or 'not seen'}",
    )


def _far_end(host: str, addresses: dict[str, str], places: Places) -> End | None:
    found = addresses.get(host)
    if found is None or found not in places:
        return None
    column, placed = places[found]
    return End(column, placed.y + 30)


def _away(outside: dict[tuple[str, str], Away], kind: str, name: str, host: str, column: int) -> End:
    """Place what is outside; a far end that was not seen stands for itself, once an object."""
    key = kind, host or name
    if key not in outside:
        titles = {
            "tunnel": Text(zh="隧道对端", en="far end of a tunnel"),
            "log": Text(zh="清单外的日志目标", en="log target, not in the inventory"),
        }
        y = TOP + len(outside) * (AWAY_HIGH + BETWEEN)
        detail = fitted(plain(host), AWAY_WIDE - 24, 12, mono=True)
        outside[key] = Away(0, y, titles[kind], detail)
    return End(column, outside[key].y + AWAY_HIGH / 2)


def _composed(columns: Sequence[_Column], outside: Sequence[Away], links: Sequence[Link]) -> Drawing:
    """Give every column its place, gutters wide enough for the lines between, and every line its path."""
    laid = tracks(links, len(columns))
    high = max(column.high for column in columns)
    high = max(high, *(a.y + AWAY_HIGH + BETWEEN for a in outside), 0)
    sheet = _Sheet.of(laid.gutters, MARGIN + high + 12)
    areas = tuple(_area(column, x, high) for column, x in zip(columns, sheet.columns, strict=True))
    edges = tuple(sheet.edge(link, track) for link, track in zip(links, laid.of, strict=True))
    away = tuple(Away(sheet.end, a.y + MARGIN, a.title, a.detail) for a in outside)
    wide = sheet.end + (AWAY_WIDE if outside else 0) + MARGIN
    return Drawing(wide, sheet.lane + TRACK * laid.lanes + (MARGIN if laid.lanes else 0), areas, away, edges)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where columns, gutters and the lane below stand; ``end``: where the outside begins."""

    columns: tuple[float, ...]
    gutters: tuple[float, ...]
    end: float
    lane: float

    @classmethod
    def of(cls, counts: Sequence[int], lane: float) -> _Sheet:
        """Place columns and gutters in turn, beginning with a gutter; the first may be empty."""
        columns: list[float] = []
        gutters: list[float] = []
        x = float(MARGIN)
        for n, count in enumerate(counts):
            gutters.append(x + GUTTER / 2)
            x += GUTTER + TRACK * count if n or count else 0
            if n < len(counts) - 1:
                columns.append(x)
                x += WIDE + 2 * INSET
        return cls(tuple(columns), tuple(gutters), x, lane)

    def edge(self, link: Link, track: Track) -> Edge:
        """Path of a line: out of its card, along its tracks, into its end."""
        one = self.gutters[track.first] + track.one * TRACK
        two = self.gutters[track.second] + track.two * TRACK
        left = self.columns[link.start.column] + INSET
        forward = link.end.column >= link.start.column
        points = [(left + WIDE if forward else left, link.start.y + MARGIN), (one, link.start.y + MARGIN)]
        if track.lane is not None:
            below = self.lane + TRACK * track.lane
            points += [(one, below), (two, below)]
        points += [(two, link.end.y + MARGIN), (self._end_of(link), link.end.y + MARGIN)]
        return Edge(link.kind, link.state, path(points), link.text)

    def _end_of(self, link: Link) -> float:
        if link.end.column == len(self.columns):
            return self.end
        left = self.columns[link.end.column] + INSET
        return left if link.end.column > link.start.column else left + WIDE


def _area(column: _Column, x: float, high: float) -> Area:
    return Area(
        x=x,
        y=MARGIN,
        wide=WIDE + 2 * INSET,
        high=high,
        name=column.zone.name,
        networks=fitted(", ".join(column.zone.networks), WIDE, 11, mono=True),
        industrial=column.zone.industrial,
        cards=tuple(Placed(x + INSET, p.y + MARGIN, p.card) for p in column.cards),
        more=column.more,
    )
