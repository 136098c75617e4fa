"""What a host's loaded filters prove: sets of packets, not words, decide.

Answers are for the first packet of a new connection from another host. What translates or drops packets
before the filters makes "anywhere" uncertain; it never opens what the filters close.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.derive.boot import boot_changes
from scanner.derive.publications import published
from scanner.derive.statefulness import looks_at_state
from scanner.derive.way import MOST_CITED, SPANS, Way, spoken
from scanner.facts import (
    Default,
    Family,
    Hook,
    Listeners,
    PacketFilter,
    ProvenDefault,
    ProvenFilter,
    ProvenPort,
    Routing,
)
from scanner.facts.rules import Action, Stage, from_axis, united
from scanner.model import Gap, GapReason
from scanner.packetspace.cube import CAME, SOURCE, TooMany
from scanner.packetspace.decide import fate_of, filters_on_the_way
from scanner.packetspace.denies import nameless
from scanner.packetspace.first import outer
from scanner.packetspace.interfaces import interfaces_of
from scanner.packetspace.matching import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts import FactSheet, Listener, Rules
    from scanner.facts.rules import Spans
    from scanner.model import Citation
    from scanner.packetspace.cube import Cube
    from scanner.packetspace.decide import Fate

STAGES = {Hook.INPUT: Stage.INPUT, Hook.FORWARD: Stage.FORWARD}

MOST_WORK = 200_000
"""Rules times ports that are followed."""


def filter_proof(sheet: FactSheet) -> ProvenFilter | Gap:
    """Prove what the sheet's filter lets through; the gap of the filter where it was not seen."""
    filtering, listeners = sheet.get(PacketFilter), sheet.get(Listeners)
    if isinstance(filtering, Gap):
        return filtering
    if filtering.loaded is None:
        return Gap(
            GapReason.UNPARSABLE, detail="the loaded rules are too many to be proved, or were not kept"
        )
    way = Way.of(filtering.loaded)
    ports: tuple[ProvenPort, ...] | None = None
    unproved = 0
    if not isinstance(listeners, Gap):
        facing = sorted(
            {s for s in listeners.listeners if s.off_host}, key=lambda s: (s.port, s.protocol, s.address)
        )
        few = max(1, MOST_WORK // max(1, way.rules))
        ports = tuple(port for socket in facing[:few] for port in _port(way, socket))
        unproved = max(0, len(facing) - few)
    return ProvenFilter(
        seen=filtering.seen,
        defaults=tuple(_defaults(filtering.loaded)),
        ports=ports,
        published=tuple(published(way, _reached_at(sheet))),
        unproved=unproved,
        changes=None if filtering.at_boot is None else boot_changes(filtering.loaded, filtering.at_boot),
    )


def _reached_at(sheet: FactSheet) -> Spans:
    """Addresses that others reach the host at; none where its interfaces were not seen."""
    routing = sheet.get(Routing)
    places = () if isinstance(routing, Gap) else [at for leg in routing.legs for at, _ in leg.places]
    return united([(at, at) for at in places if not from_axis(at).is_loopback])


def _defaults(loaded: Rules) -> Iterator[ProvenDefault]:
    meaning = Meaning(interfaces_of(loaded.file))
    for hook, stage in STAGES.items():
        asked = nameless(loaded.file, stage, meaning)
        for family, spans in SPANS.items():
            cubes = [cube for cube in asked if spans[0][0] <= cube.fields[SOURCE][0][0] <= spans[0][1]]
            if not cubes:
                # A chain that hangs elsewhere on the way (ingress, before routing) may deny as well.
                on_the_way = [b for t, b in filters_on_the_way(loaded.file, stage) if spans in t.families]
                at = tuple(loaded.cite(base.line, spoken(base)) for base in on_the_way)
                if at:
                    yield ProvenDefault(hook, family, Default.UNKNOWN, at[:MOST_CITED])
                continue
            default, lines = _default(loaded, stage, cubes, meaning)
            bases = [base for _, base in filters_on_the_way(loaded.file, stage) if base.stage is stage]
            at = lines or tuple(loaded.cite(base.line, base.chain) for base in bases)
            state = looks_at_state(loaded, stage, family, cubes, meaning)
            yield ProvenDefault(hook, family, default, at, *state)


def _default(
    loaded: Rules, stage: Stage, cubes: list[Cube], meaning: Meaning
) -> tuple[Default, tuple[Citation, ...]]:
    try:
        fates = fate_of(loaded.file, stage, cubes, meaning)
    except TooMany:
        return Default.UNKNOWN, ()
    accept, doubt = fates[Action.ACCEPT], fates[Action.ANYTHING]

    def cited(*told: Fate) -> tuple[Citation, ...]:
        rules = [rule for fate in told for rule in fate.by]
        return tuple(dict.fromkeys(loaded.cite(r.line, spoken(r)) for r in rules))[:MOST_CITED]

    if not accept.may and not doubt.may:
        return Default.DENY, cited(fates[Action.DROP], fates[Action.REJECT])
    through = 0
    for cube in accept.sure:
        if not any(answer for _, answer in cube.others):
            through |= cube.masks[CAME]
    surely = not outer(meaning.interfaces) & ~through
    return (Default.ACCEPT, cited(accept)) if surely else (Default.UNKNOWN, cited(doubt, accept))


def _port(way: Way, socket: Listener) -> Iterator[ProvenPort]:
    for family in families_of(socket.address):
        told = way.ask(socket.protocol, family, socket.port, to=_bound(socket.address))
        yield ProvenPort(
            protocol=socket.protocol,
            address=socket.address,
            port=socket.port,
            family=family,
            sources=told.sources,
            networks=told.networks,
            processes=socket.processes,
            socket=socket.at,
            at=told.at,
        )


def families_of(address: str) -> tuple[Family, ...]:
    """Families by which a socket can be reached; one bound to :: may take IPv4 too."""
    if address in {"", "*", "::"}:
        return (Family.IPV4, Family.IPV6)
    return (Family.IPV6,) if ":" in address else (Family.IPV4,)


def _bound(address: str) -> str:
    return "" if address in {"", "*", "::", "0.0.0.0"} else address  # noqa: S104 - what a socket says
