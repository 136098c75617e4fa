"""Cases of the topic boundary."""

from __future__ import annotations

from dataclasses import replace

from scanner.facts import (
    BoundaryRules,
    Crossing,
    Management,
    Opened,
    PacketSeen,
    RuleNote,
    Unguarded,
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


def ways(**passes: bool | None) -> tuple[Opened, ...]:
    """Services by whether they pass; ``allowed`` and ``undeclared`` as prefixes of a name say more."""
    return tuple(
        Opened(
            "core",
            "out",
            name,
            passes_,
            False if passes_ is False or name.startswith("allowed") else passes_,
            not name.startswith("undeclared"),
            PACKET if passes_ else None,
        )
        for name, passes_ in passes.items()
    )


def out(**passes: bool | None) -> ZoneCrossings:
    return replace(crossings(GOOD), ways_out=ways(**passes))


def plant(**passes: bool | None) -> ZoneCrossings:
    return replace(crossings(GOOD), plant=ways(**passes))


def guarding(*whole: bool | None) -> ZoneCrossings:
    told = tuple(Unguarded("out", "core", one, None if one is None else PACKET) for one in whole)
    return replace(crossings(GOOD), guarded=told)


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
WAYS, GUARDED = "boundary.tunnel-ways-closed", "boundary.important-guarded"
INSIDE, PLANT = "boundary.important-not-at-edge", "boundary.plant-services-blocked"

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
    Case(WAYS, "all closed", "yes", (out(gre=False, tls=False),)),
    Case(WAYS, "one allowed", "yes", (out(gre=False, allowed_tls=True),)),
    Case(WAYS, "one open beyond the policy", "no", (out(gre=True, tls=None),)),
    Case(WAYS, "one open, and nobody declared anything", "no", (out(undeclared_tls=True),)),
    Case(WAYS, "one perhaps", "unseen", (out(gre=False, tls=None),)),
    Case(WAYS, "one perhaps, and nobody declared anything", "unseen", (out(undeclared_tls=None),)),
    Case(WAYS, "none asked", "unseen", (out(),)),
    Case(WAYS, "leads nowhere out", "n/a", (crossings(GOOD),)),
    Case(WAYS, "gap", "unseen"),
    Case(GUARDED, "filters", "yes", (guarding(False, False),)),
    Case(GUARDED, "lets everything through", "no", (guarding(False, True, None),)),
    Case(GUARDED, "perhaps", "unseen", (guarding(False, None),)),
    Case(GUARDED, "anything is allowed", "n/a", (guarding(),)),
    Case(GUARDED, "no important zone beside it", "n/a", (crossings(GOOD),)),
    Case(GUARDED, "gap", "unseen"),
    Case(INSIDE, "filtered", "yes", (matrix(GOOD),)),
    Case(INSIDE, "open to the outside", "no", (matrix(cell(Crossing.VIOLATED, whole=True)),)),
    Case(
        INSIDE,
        "another zone is open",
        "yes",
        (matrix(GOOD, cell(Crossing.VIOLATED, to="dmz", whole=True)),),
    ),
    Case(INSIDE, "none declared important", "unseen", (matrix(GOOD, important=()),)),
    Case(INSIDE, "another way not seen", "unseen", (matrix(GOOD, hidden=True),)),
    Case(INSIDE, "not proved", "unseen", (matrix(cell(Crossing.UNKNOWN)),)),
    Case(INSIDE, "gap", "unseen"),
    Case(PLANT, "none crosses", "yes", (plant(web=False, ftp=False),)),
    Case(PLANT, "one crosses, allowed or not", "no", (plant(allowed_web=True, ftp=None),)),
    Case(PLANT, "one perhaps", "unseen", (plant(web=None),)),
    Case(PLANT, "none asked", "unseen", (plant(),)),
    Case(PLANT, "at no such edge", "n/a", (crossings(GOOD),)),
    Case(PLANT, "gap", "unseen"),
)
