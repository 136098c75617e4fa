"""Whether some packets that are asked about pass between two zones, and what of them is not allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.packetspace.cube import TooMany, all_meet, all_minus
from scanner.packetspace.policy import Trace, allowed, space

if TYPE_CHECKING:
    from scanner.packetspace.policy import Between, Pass, Witness
    from scanner.packetspace.ways import Arrived, Lay


@dataclass(frozen=True, slots=True)
class Opening:
    """What becomes of the packets asked about.

    ``passes``: True, some surely do; False, surely none does; None: some may. ``beyond``: the same of those
    that are not allowed. ``all_pass``: every one of them surely passes. ``example``: one that surely passes,
    one that is not allowed if there is such a one.
    """

    passes: bool | None
    beyond: bool | None
    all_pass: bool
    example: Witness | None


_NOT_KNOWN = Opening(None, None, all_pass=False, example=None)


def opening(
    lay: Lay,
    pair: tuple[str, str],
    arrived: Arrived,
    found: Between,
    asked: tuple[Pass, ...],
    allowance: tuple[Pass, ...],
    *,
    closed: bool = False,
) -> Opening:
    """Ask about some packets from one zone to another.

    Args:
        lay: gates and zones.
        pair: from which zone to which.
        arrived: where packets of the first come out.
        found: what passes between both, worked out before.
        asked: the packets.
        allowance: what is allowed; none of it where nobody allowed anything.
        closed: give an example of what does not pass, too, where nothing does.
    """
    whole = space(lay, *pair)
    try:
        wanted = allowed(asked, whole)
        sure, may = all_meet(found.sure, wanted), all_meet(found.may, wanted)
        named = allowed(allowance, whole)
        beyond, doubts = all_minus(sure, named), all_minus(may, named)
        every = bool(wanted) and not all_minus(wanted, sure)
    except TooMany:
        return _NOT_KNOWN
    if found.gave_up:
        return _NOT_KNOWN
    trace = Trace(lay, *pair, arrived.at.get(pair[1], {}))
    told = next((some[0] for some in (beyond, sure, wanted if closed and not may else []) if some), None)
    return Opening(
        True if sure else None if may else False,
        True if beyond else None if doubts else False,
        every,
        None if told is None else trace.one(told),
    )
