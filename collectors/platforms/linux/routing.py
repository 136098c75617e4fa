"""Where a host stands: addresses, routes, and whether it sends on what is not its own."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import TYPE_CHECKING, Any

from collectors.base import Need, Reader, Snippet, Step, Unseen
from scanner.facts import Leg, Route, Routing
from scanner.facts.rules import V4_SPANS, V6, V6_SPANS, on_axis
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Evidence
    from scanner.facts.rules import Span

Json = Any
"""What json gives; every use looks at the shape first."""

ROUTING = Step(
    "routing",
    # Each answer is one line behind its name; a family that the kernel does not have gives an empty one.
    Snippet(
        "printf 'addr %s\\n' \"$(ip -j addr 2>/dev/null)\"; for f in 4 6; do"
        " printf 'rule%s %s\\n' $f \"$(ip -j -$f rule 2>/dev/null)\";"
        " printf 'route%s %s\\n' $f \"$(ip -j -$f route 2>/dev/null)\"; done;"
        " (cd /proc/sys && grep -sH '' net/ipv4/conf/*/forwarding net/ipv4/conf/*/rp_filter"
        " net/ipv6/conf/all/forwarding); echo end"
    ),
    Text(
        zh="接口地址、路由、策略路由以及是否转发他人的数据包",
        en="addresses of interfaces, routes, rules that choose routes, whether packets of others are sent on",
    ),
    control=r'^addr \[.*"ifname": ?"lo"',
    max_bytes=4 * 1024 * 1024,
)

_PLAIN_RULES = frozenset({(0, "local"), (32766, "main"), (32767, "default")})
_SETTING = re.compile(r"net/(ipv[46])/conf/(.+)/(forwarding|rp_filter):(\d+)")


def read_routing(evidence: Evidence) -> Routing:
    """Read legs and routes.

    Raises:
        Unseen: a line is missing or none of the answer's, or is no list of what it should be.
    """
    document = evidence.command(ROUTING)
    lines = [line for line in document.lines if line]
    if not lines or lines[-1] != "end":
        raise _broken("the answer has no end")
    told: dict[str, str] = {}
    settings: dict[tuple[str, str, str], int] = {}
    for line in lines[:-1]:
        if setting := _SETTING.fullmatch(line):
            settings[setting[1], setting[2], setting[3]] = int(setting[4])
        elif (named := re.match(r"(addr|rule[46]|route[46]) ?", line)) and named[1] not in told:
            told[named[1]] = line[named.end() :]
        else:
            raise _broken(f"not understood: {line[:80]}")
    legs = tuple(_legs(_listed(told, "addr"), settings))
    routes: list[Route] = []
    plain: list[tuple[int, bool]] = []
    for family in (4, 6):
        if told.get(f"rule{family}") and told.get(f"route{family}"):
            routes += (_route(one, family) for one in _listed(told, f"route{family}"))
            rules = {(r.get("priority"), r.get("table")) for r in _listed(told, f"rule{family}")}
            plain.append(
                (family, (0, "local") in rules and rules <= _PLAIN_RULES and (32766, "main") in rules)
            )
    six = settings.get(("ipv6", "all", "forwarding"))
    return Routing((document.whole,), legs, tuple(routes), tuple(plain), None if six is None else six != 0)


def _broken(why: str) -> Unseen:
    return Unseen(Gap(GapReason.UNPARSABLE, ROUTING.id, detail=why))


def _listed(told: Mapping[str, str], name: str) -> list[dict[str, Json]]:
    try:
        found = json.loads(told.get(name, ""))
    except (ValueError, RecursionError):
        raise _broken(f"{name}: no JSON") from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _broken(f"{name}: no list")
    return [one for one in found if one]


def _legs(told: list[dict[str, Json]], settings: Mapping[tuple[str, str, str], int]) -> Iterator[Leg]:
    for one in told:
        name, flags, places = one.get("ifname"), one.get("flags"), []
        if not isinstance(name, str) or not isinstance(flags, list):
            raise _broken("addr: an interface without name or flags")
        for info in one.get("addr_info") or []:
            try:
                inside = ipaddress.ip_interface(f"{info['local']}/{info['prefixlen']}")
            except (KeyError, TypeError, ValueError):
                raise _broken(f"addr: an address of {name[:40]}") from None
            places.append((on_axis(inside.ip), _span(inside.network)))
        forwards = settings.get(("ipv4", name, "forwarding"))
        own, every = (settings.get(("ipv4", which, "rp_filter")) for which in (name, "all"))
        reverse = None if own is None or every is None else max(own, every)
        yield Leg(name, "UP" in flags, tuple(places), None if forwards is None else forwards != 0, reverse)


def _span(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Span:
    return on_axis(network.network_address), on_axis(network.broadcast_address)


_NOWHERE = frozenset({"unreachable", "blackhole", "prohibit"})
_BY_MORE = frozenset({"nexthops", "nhid", "tos", "via", "encap", "src", "from"})
"""What makes the kernel's choice follow from more than the destination and one gateway."""


def _route(told: dict[str, Json], family: int) -> Route:
    text = json.dumps(told, sort_keys=True)[:200]
    kind, metric = told.get("type", "unicast"), told.get("metric", 0)
    flags = told.get("flags") or []
    gateway = told.get("gateway")
    try:
        span = _destination(str(told["dst"]), family)
        through = None if gateway is None else on_axis(ipaddress.ip_address(gateway))
    except (KeyError, ValueError):
        raise _broken(f"route{family}: {text}") from None
    nowhere = kind in _NOWHERE
    device = "" if nowhere else str(told.get("dev", ""))
    clear = (
        (nowhere or (kind == "unicast" and bool(device)))
        and not _BY_MORE & told.keys()
        and not {"dead", "linkdown"} & set(map(str, flags))
        and isinstance(metric, int)
    )
    return Route(span, device, through, metric if isinstance(metric, int) else 0, clear, text)


def _destination(text: str, family: int) -> Span:
    if text == "default":
        return V4_SPANS[0] if family == 4 else V6_SPANS[0]
    span = _span(ipaddress.ip_network(text))
    if (span[0] < V6) is not (family == 4):
        raise ValueError(text)
    return span


STEPS = (ROUTING,)

READERS = (Reader(Routing, (Need((ROUTING,)),), read_routing),)
