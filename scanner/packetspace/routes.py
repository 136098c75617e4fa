"""Where a gate sends packets on, by its routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import V4_SPANS, V6_SPANS, outside, united
from scanner.packetspace.cube import DESTINATION, GOES, SOURCE, masked
from scanner.packetspace.entries import Guard
from scanner.packetspace.gate import Out, join, mapped, narrowed
from scanner.packetspace.spans import common

if TYPE_CHECKING:
    from scanner.facts import Leg, Route
    from scanner.facts.rules import Spans
    from scanner.packetspace.gate import Gate, Loads


def taken_up(gate: Gate, came: Leg, loads: Loads) -> Loads:
    """What the host forwards at all: by family, and where the way back of the source is asked for."""
    found: Loads = {}
    for called, guard in loads.items():
        for family in (V4_SPANS, V6_SPANS):
            part = narrowed(guard, DESTINATION, family)
            four = family is V4_SPANS
            forwards = came.forwards if four else gate.routing.forwards_six
            if not part.may or forwards is False:
                continue
            sure, may = (part.sure if forwards else []), part.may
            if four and came.reverse != 0:
                back, doubtful = _ways_back(gate, came, strict=came.reverse != 2)
                sure = narrowed(Guard(sure, sure), SOURCE, outside(doubtful, back)).sure
                if came.reverse is not None:
                    may = narrowed(Guard(may, may), SOURCE, united([*back, *doubtful])).may
            join(found, called, Guard(sure, may))
    return found


def _ways_back(gate: Gate, came: Leg, *, strict: bool) -> tuple[Spans, Spans]:
    """Sources whose way back leads out where they came in (or anywhere), and the unclear ones."""
    if not gate.routing.decides(4):
        return V4_SPANS, V4_SPANS
    back: list[tuple[int, int]] = []
    doubtful: list[tuple[int, int]] = []
    for spans, route in best(gate, V4_SPANS):
        if not route.clear:
            doubtful += spans
        elif route.device and (not strict or route.device == came.name):
            back += spans
    return united(back), united(doubtful)


def best(gate: Gate, family: Spans) -> list[tuple[Spans, Route]]:
    """Addresses with the route that holds for them: the narrowest, of those the one with the least metric."""
    left: Spans = family
    found = []
    routes = (route for route in gate.routing.routes if common((route.span,), family))
    for route in sorted(routes, key=lambda r: (r.span[1] - r.span[0], r.metric)):
        taken = common(left, (route.span,))
        if taken:
            found.append((taken, route))
            left = outside(taken, left)
    return found


def routed(gate: Gate, loads: Loads) -> list[Out]:
    """Sort packets by the way out that their destination has; those without a way are gone."""
    found: list[Out] = []
    for number, family in ((4, V4_SPANS), (6, V6_SPANS)):
        mine = _part(loads, family)
        if mine and not gate.routing.decides(number):
            found += _anywhere(gate, mine)
        elif mine:
            for spans, route in best(gate, family):
                found += _by(gate, route, _part(mine, spans))
    return found


def _part(loads: Loads, spans: Spans) -> Loads:
    parts = {called: narrowed(guard, DESTINATION, spans) for called, guard in loads.items()}
    return {called: guard for called, guard in parts.items() if guard.may}


def _by(gate: Gate, route: Route, loads: Loads) -> list[Out]:
    if not loads:
        return []
    if not route.clear:
        return _anywhere(gate, loads)
    leg = gate.routing.leg(route.device)
    if leg is None or not leg.up:
        return []
    return [Out(route.device, route.gateway, _going(gate, route.device, loads))]


def _anywhere(gate: Gate, loads: Loads) -> list[Out]:
    """They may leave by any leg, or not at all."""
    unsure = {called: Guard([], guard.may) for called, guard in loads.items()}
    legs = [leg for leg in gate.routing.legs if leg.up and leg.name != "lo"]
    return [Out(leg.name, None, _going(gate, leg.name, unsure), lost=True) for leg in legs]


def _going(gate: Gate, device: str, loads: Loads) -> Loads:
    mask = gate.interfaces.mask(device)
    return {called: mapped(guard, lambda cube: masked(cube, GOES, mask)) for called, guard in loads.items()}
