"""Cases of the topic boundary."""

from __future__ import annotations

from scanner.facts import (
    BoundaryRules,
    Crossing,
    Management,
    PacketSeen,
    RuleNote,
    ZoneCell,
    ZoneCrossings,
    ZoneMatrix,
)
from scanner.model import Gap, GapReason, Text
from tests.checks.build import SEEN, Case, at

NOTE = RuleNote(Text("规则", "a rule"), (at("rules", 7),))
PACKET = PacketSeen("tcp 10.0.1.9 -> 10.0.3.9 port 22", ("fw",), (at("rules", 7),))


def cell(
    state: Crossing, *, whole: bool = False, possible: bool = True, to: str = "core", beyond: bool = False
) -> ZoneCell:
    passes = ("tcp 443",) if possible and state is not Crossing.UNKNOWN else ()
    return ZoneCell("out", to, state, (), "", passes, whole, possible, (PACKET,) if beyond else (), (), ())


def matrix(*cells: ZoneCell, important: tuple[str, ...] = ("core",), hidden: bool = False) -> ZoneMatrix:
    unseen = (("gw", Gap(GapReason.UNREACHABLE), ()),) if hidden else ()
    return ZoneMatrix(SEEN, ("out", "core"), important, ("out",), ("fw",), cells, unseen)


def crossings(*cells: ZoneCell, management: tuple[Management, ...] | None = ()) -> ZoneCrossings:
    return ZoneCrossings(SEEN, ("out", "core"), cells, management)


def rules(
    *, wide: int = 0, useless: int = 0, vague: int = 0, named: int = 1, unproved: int = 0
) -> BoundaryRules:
    return BoundaryRules(SEEN, (NOTE,) * wide, (NOTE,) * useless, (NOTE,) * vague, named, (NOTE,) * unproved)


def managed(*, reached: bool | None) -> Management:
    return Management("out", "tcp", 22, reached, (at("sockets", 3),))


GOOD = cell(Crossing.AS_DECLARED)
DECLARED, SEPARATED = "boundary.crossings-declared", "boundary.zones-separated"
SPECIFIC, NEEDED = "boundary.rules-specific", "boundary.rules-needed"
CONFINED = "boundary.management-confined"

CASES = (
    Case(DECLARED, "as declared", "yes", (crossings(GOOD),)),
    Case(DECLARED, "one passes", "no", (crossings(GOOD, cell(Crossing.VIOLATED, beyond=True)),)),
    Case(DECLARED, "one nobody declared", "unseen", (crossings(GOOD, cell(Crossing.UNDECLARED)),)),
    Case(DECLARED, "one not proved", "unseen", (crossings(GOOD, cell(Crossing.UNKNOWN)),)),
    Case(DECLARED, "no pair at all", "unseen", (crossings(),)),
    Case(DECLARED, "gap", "unseen"),
    Case(SEPARATED, "filtered", "yes", (matrix(GOOD),)),
    Case(SEPARATED, "nothing passes", "yes", (matrix(cell(Crossing.AS_DECLARED, possible=False)),)),
    Case(SEPARATED, "all passes", "no", (matrix(cell(Crossing.UNDECLARED, whole=True)),)),
    Case(SEPARATED, "none declared important", "unseen", (matrix(GOOD, important=()),)),
    Case(SEPARATED, "another way not seen", "unseen", (matrix(GOOD, hidden=True),)),
    Case(SEPARATED, "not proved", "unseen", (matrix(cell(Crossing.UNKNOWN)),)),
    Case(
        SEPARATED, "into another zone", "unseen", (matrix(cell(Crossing.UNDECLARED, to="dmz", whole=True)),)
    ),
    Case(SEPARATED, "gap", "unseen"),
    Case(SPECIFIC, "all named", "yes", (rules(),)),
    Case(SPECIFIC, "too wide", "no", (rules(wide=1),)),
    Case(SPECIFIC, "a port left out", "unseen", (rules(vague=1),)),
    Case(SPECIFIC, "none for forwarded packets", "unseen", (rules(named=0),)),
    Case(SPECIFIC, "one not understood", "unseen", (rules(unproved=1),)),
    Case(SPECIFIC, "gap", "unseen"),
    Case(NEEDED, "all of use", "yes", (rules(),)),
    Case(NEEDED, "one shadowed", "no", (rules(useless=1, unproved=1),)),
    Case(NEEDED, "one not understood", "unseen", (rules(unproved=1),)),
    Case(NEEDED, "gap", "unseen"),
    Case(CONFINED, "nobody else", "yes", (crossings(GOOD),)),
    Case(CONFINED, "from outside", "no", (crossings(GOOD, management=(managed(reached=True),)),)),
    Case(CONFINED, "perhaps", "unseen", (crossings(GOOD, management=(managed(reached=None),)),)),
    Case(CONFINED, "no management zone", "unseen", (crossings(GOOD, management=None),)),
    Case(CONFINED, "gap", "unseen"),
)
