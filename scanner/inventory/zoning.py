"""What shall pass between zones: as it is written, as values, and what of it cannot be."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from scanner.model import Boundary, Flow, Passage, Zone, Zoning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "icmpv6": 58, "sctp": 132}
"""Names of protocols that may be written; others by their number."""

WITH_PORTS = frozenset({"tcp", "udp", "sctp"})
_PORT = r"[0-9]{1,5}(-[0-9]{1,5})?"

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Leg = Annotated[str, Field(pattern=r"^[^\s/]{1,32}$")]


def _network(text: str) -> str:
    return str(ipaddress.ip_network(text))


def _protocol(text: str) -> str:
    if text in PROTOCOLS or (text.isascii() and text.isdecimal() and int(text) <= 255):
        return text
    raise ValueError(f"one of {', '.join(PROTOCOLS)}, or a number up to 255")


def _ports(text: str) -> str:
    first, dash, last = text.partition("-")
    if not re.fullmatch(_PORT, text) or not int(first) <= int(last if dash else first) <= 65535:
        raise ValueError("a port, or a range such as 8000-8010, up to 65535")
    return text


Network = Annotated[str, AfterValidator(_network)]
Port = Annotated[
    str,
    AfterValidator(_ports),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 65535},
                {"type": "string", "pattern": f"^{_PORT}$"},
            ]
        }
    ),
]
Protocol = Annotated[
    str,
    AfterValidator(_protocol),
    WithJsonSchema({"anyOf": [{"enum": list(PROTOCOLS)}, {"type": "integer", "minimum": 0, "maximum": 255}]}),
]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ZoneEntry(_Entry):
    """A network zone. Where networks lie in one another, the narrower one decides whose an address is."""

    name: Name
    networks: list[Network] = []
    industrial: bool = Field(default=False, description="No active probe unless asked for")
    external: bool = Field(default=False, description="Others' network: the internet, a partner's")
    important: bool = Field(default=False, description="Important: to be isolated from other zones")
    management: bool = Field(default=False, description="Where devices and hosts are managed from")


class BoundaryEntry(_Entry):
    """An object that stands between zones; what it lets through is held against the policy."""

    object: Name
    zones: list[Name] = Field(default=[], description="Zones that it stands between, if legs do not tell")
    legs: dict[Leg, Name] = Field(
        default={}, description="Zone of each interface; default: the zone whose network its address lies in"
    )


class FlowEntry(_Entry):
    """Packets that shall pass; what is left out is not narrowed."""

    protocol: Protocol | None = None
    ports: list[Port] = Field(default=[], description="Of the destination; tcp, udp and sctp only")
    sources: list[Network] = Field(default=[], description="Within the networks of the zone they come from")
    destinations: list[Network] = Field(
        default=[], description="Within the networks of the zone they go to, as they arrive there"
    )


class PassageEntry(_Entry):
    """What shall pass from one zone to another, and nothing else; a pair without an entry is not declared."""

    source: Name = Field(alias="from")
    destination: Name = Field(alias="to")
    allow: Literal["nothing", "anything"] | list[FlowEntry] = Field(union_mode="left_to_right")
    reason: str = Field(default="", description="Why; needed for anything")

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


def zoning_of(
    zones: Sequence[ZoneEntry], boundaries: Sequence[BoundaryEntry], policy: Sequence[PassageEntry]
) -> Zoning:
    """Turn checked entries into values."""
    return Zoning(
        tuple(zone_of(entry) for entry in zones),
        tuple(
            Boundary(b.object, tuple(dict.fromkeys([*b.zones, *b.legs.values()])), b.legs) for b in boundaries
        ),
        tuple(_passage(entry) for entry in policy),
    )


def zone_of(entry: ZoneEntry) -> Zone:
    """Turn an entry into a zone."""
    return Zone(
        entry.name,
        tuple(entry.networks),
        entry.industrial,
        entry.external,
        entry.important,
        entry.management,
    )


def _passage(entry: PassageEntry) -> Passage:
    flows = () if isinstance(entry.allow, str) else tuple(_flow(flow) for flow in entry.allow)
    return Passage(entry.source, entry.destination, flows, entry.allow == "anything", entry.reason)


def _flow(entry: FlowEntry) -> Flow:
    protocols: tuple[int, ...] = ()
    if entry.protocol is not None:
        protocols = (PROTOCOLS.get(entry.protocol) or int(entry.protocol),)
    return Flow(
        protocols, tuple(_span(text) for text in entry.ports), tuple(entry.sources), tuple(entry.destinations)
    )


def _span(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


# --- what cannot be ---------------------------------------------------------------------------------

Where = tuple[str | int, ...]


def wrong_zoning(data: Any, zones: Collection[str], objects: Collection[str]) -> Iterator[tuple[Where, str]]:
    """Yield every contradiction of the plain data about zones, in the order of its sections."""
    told = data if isinstance(data, dict) else {}
    yield from _shared_networks(told.get("zones"))
    yield from _wrong_boundaries(told.get("boundaries"), zones, objects)
    networks = {
        str(entry.get("name")): [n for n in map(_net, _list(entry.get("networks"))) if n is not None]
        for _, entry in _entries(told.get("zones"))
    }
    seen: set[tuple[str, str]] = set()
    for i, entry in _entries(told.get("policy")):
        here: Where = ("policy", i)
        pair = (str(entry.get("from")), str(entry.get("to")))
        for key in ("from", "to"):
            if isinstance(entry.get(key), str) and entry[key] not in zones:
                yield (*here, key), f"no zone is called {entry[key]!r}"
        if pair in seen:
            yield here, f"what passes from {pair[0]} to {pair[1]} is said twice: one entry a pair"
        seen.add(pair)
        if pair[0] == pair[1]:
            yield (*here, "to"), "the same zone: no boundary lies inside a zone"
        if entry.get("allow") == "anything" and not str(entry.get("reason") or "").strip():
            yield (*here, "allow"), "anything needs a reason"
        for j, flow in enumerate(_list(entry.get("allow"))):
            if isinstance(flow, dict):
                yield from _wrong_flow((*here, "allow", j), flow, networks, pair)


def _shared_networks(told: Any) -> Iterator[tuple[Where, str]]:
    """The same network in two zones: whose an address is would be anybody's guess."""
    owner: dict[object, str] = {}
    for i, entry in _entries(told):
        for j, text in enumerate(_list(entry.get("networks"))):
            network = _net(text)
            name = str(entry.get("name"))
            if network is not None and owner.setdefault(network, name) != name:
                yield ("zones", i, "networks", j), f"{text} is a network of {owner[network]} already"


def _wrong_boundaries(
    told: Any, zones: Collection[str], objects: Collection[str]
) -> Iterator[tuple[Where, str]]:
    seen: set[str] = set()
    for i, entry in _entries(told):
        name = entry.get("object")
        if isinstance(name, str) and name not in objects:
            yield ("boundaries", i, "object"), f"no other object is called {name!r}"
        if isinstance(name, str) and name in seen:
            yield ("boundaries", i, "object"), f"{name!r} is named twice: one entry an object"
        seen.add(str(name))
        told_legs = entry.get("legs")
        legs: dict[str, Any] = told_legs if isinstance(told_legs, dict) else {}
        named: list[tuple[Where, Any]] = [
            (("zones", j), zone) for j, zone in enumerate(_list(entry.get("zones")))
        ]
        named += [(("legs", leg), zone) for leg, zone in legs.items()]
        for place, zone in named:
            if isinstance(zone, str) and zone not in zones:
                yield ("boundaries", i, *place), f"no zone is called {zone!r}"


def _wrong_flow(
    here: Where, flow: dict[str, Any], networks: dict[str, list[Any]], pair: tuple[str, str]
) -> Iterator[tuple[Where, str]]:
    if flow.get("ports") and flow.get("protocol") not in WITH_PORTS:
        yield (*here, "ports"), f"ports go with a protocol that has them: {', '.join(sorted(WITH_PORTS))}"
    for key, zone in (("sources", pair[0]), ("destinations", pair[1])):
        for j, text in enumerate(_list(flow.get(key))):
            inner = _net(text)
            own = networks.get(zone, [])
            if inner is not None and own and not any(_inside(inner, outer) for outer in own):
                yield (*here, key, j), f"{text} lies in no network of the zone {zone}"


def _inside(inner: Any, outer: Any) -> bool:
    return inner.version == outer.version and bool(inner.subnet_of(outer))


def _net(text: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(str(text))
    except ValueError:
        return None


def _entries(told: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for i, entry in enumerate(_list(told)):
        if isinstance(entry, dict):
            yield i, entry


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
