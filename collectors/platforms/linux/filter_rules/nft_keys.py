"""What a rule of nft can ask of a packet, and how values of each question are read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers
from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Field,
    Flagged,
    InState,
    Opaque,
    Side,
    State,
    Through,
    Within,
    outside,
    united,
)

if TYPE_CHECKING:
    from scanner.facts.rules import Condition, Span, Spans


class NotUnderstood(Exception):  # noqa: N818 - says where reading a rule ended
    """A word that was not understood."""


class Type(Enum):
    """How values are spelled."""

    ADDRESS = auto()
    PORT = auto()
    PROTOCOL = auto()
    ICMP = auto()
    ICMP6 = auto()
    NAME = auto()
    STATE = auto()
    FLAGS = auto()
    FAMILY = auto()
    OPAQUE = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """One question: its type, its field, and what it asks besides (TCP ports ask for TCP)."""

    text: str
    type: Type
    field: Field | None = None
    side: Side | None = None
    whole: Spans = ()
    implied: tuple[Condition, ...] = ()


EVERY_PORT: Spans = ((0, 65535),)
EVERY_PROTOCOL: Spans = ((0, 255),)


def _protocol(kind: int) -> Within:
    return Within(Field.PROTOCOL, ((kind, kind),))


IS_V4, IS_V6 = Within(Field.SOURCE, V4_SPANS), Within(Field.SOURCE, V6_SPANS)
_WITH_PORTS = {"tcp": 6, "udp": 17, "sctp": 132, "dccp": 33, "udplite": 136}


def _keys() -> dict[tuple[str, ...], Key]:
    keys = [
        Key("ip saddr", Type.ADDRESS, Field.SOURCE, whole=V4_SPANS),
        Key("ip daddr", Type.ADDRESS, Field.DESTINATION, whole=V4_SPANS),
        Key("ip6 saddr", Type.ADDRESS, Field.SOURCE, whole=V6_SPANS),
        Key("ip6 daddr", Type.ADDRESS, Field.DESTINATION, whole=V6_SPANS),
        Key("ip protocol", Type.PROTOCOL, Field.PROTOCOL, whole=EVERY_PROTOCOL, implied=(IS_V4,)),
        Key("meta l4proto", Type.PROTOCOL, Field.PROTOCOL, whole=EVERY_PROTOCOL),
        Key("meta nfproto", Type.FAMILY),
        Key("meta protocol", Type.FAMILY),
        Key("icmp type", Type.ICMP, Field.PORT, whole=EVERY_PORT, implied=(_protocol(1),)),
        Key("icmpv6 type", Type.ICMP6, Field.PORT, whole=EVERY_PORT, implied=(_protocol(58),)),
        Key("meta iifname", Type.NAME, side=Side.IN),
        Key("meta oifname", Type.NAME, side=Side.OUT),
        Key("meta iif", Type.NAME, side=Side.IN),
        Key("meta oif", Type.NAME, side=Side.OUT),
        Key("ct state", Type.STATE),
        Key("tcp flags", Type.FLAGS, implied=(_protocol(6),)),
        Key("th dport", Type.PORT, Field.PORT, whole=EVERY_PORT),
        Key("th sport", Type.PORT, Field.SOURCE_PORT, whole=EVERY_PORT),
    ]
    for name, kind in _WITH_PORTS.items():
        asks = (_protocol(kind),)
        keys.append(Key(f"{name} dport", Type.PORT, Field.PORT, whole=EVERY_PORT, implied=asks))
        keys.append(Key(f"{name} sport", Type.PORT, Field.SOURCE_PORT, whole=EVERY_PORT, implied=asks))
    found = {tuple(key.text.split()): key for key in keys}
    found |= {words[1:]: key for words, key in found.items() if words[0] == "meta"}
    return found


KEYS = _keys()
"""Questions about fields, by their words; ``meta`` may be left out."""

ORIGINAL = {
    "ct original ip saddr": ("ip", "saddr"),
    "ct original ip daddr": ("ip", "daddr"),
    "ct original ip6 saddr": ("ip6", "saddr"),
    "ct original ip6 daddr": ("ip6", "daddr"),
    "ct original protocol": ("meta", "l4proto"),
    "ct protocol": ("meta", "l4proto"),
    "ct original proto-src": ("th", "sport"),
    "ct original proto-dst": ("th", "dport"),
}
"""Ends of a connection as it began, and the fields of its first packet that they are."""

OPAQUE_WORDS = {
    "meta": frozenset(
        "mark pkttype length priority skuid skgid rtclassid cpu iifgroup oifgroup iiftype oiftype cgroup "
        "random time hour day ipsec secpath nftrace secmark iifkind oifkind sdif sdifname ibrname obrname "
        "ibrvproto ibrpvid".split()
    ),
    "ct": frozenset(
        "mark direction status expiration helper label zone bytes packets avgpkt event id original reply "
        "l3proto protocol proto-src proto-dst saddr daddr timeout expectation secmark".split()
    ),
    "ip": frozenset("version hdrlength dscp ecn length id frag-off ttl checksum option".split()),
    "ip6": frozenset("version dscp ecn flowlabel length nexthdr hoplimit".split()),
    "icmp": frozenset("code checksum id sequence gateway mtu".split()),
    "icmpv6": frozenset("code checksum parameter-problem packet-too-big id sequence max-delay".split()),
    "tcp": frozenset("sequence ackseq doff reserved window checksum urgptr option".split()),
    "udp": frozenset("length checksum".split()),
    "ether": frozenset("saddr daddr type".split()),
    "vlan": frozenset("id cfi pcp type dei".split()),
    "arp": frozenset("htype ptype hlen plen operation saddr daddr".split()),
    "rt": frozenset("classid nexthop mtu ipsec type hdrlength seg-left".split()),
    "socket": frozenset("transparent mark wildcard cgroupv2".split()),
    "frag": frozenset("nexthdr reserved frag-off more-fragments id".split()),
    "ah": frozenset("nexthdr hdrlength reserved spi sequence".split()),
    "esp": frozenset("spi sequence".split()),
    "comp": frozenset("nexthdr flags cpi".split()),
    "exthdr": frozenset("hbh rt frag dst mh".split()),
    "osf": frozenset("name ttl version".split()),
}
"""Questions that are known to only narrow, and of which no field tells the answer."""

BARE_META = frozenset(
    "mark pkttype skuid skgid cpu iiftype oiftype iifgroup oifgroup rtclassid cgroup".split()
)


NAMING = frozenset([*OPAQUE_WORDS, *BARE_META, "fib", *(words[0] for words in KEYS)])
"""Words that begin a question."""


def condition(key: Key, values: list[str], *, negated: bool = False) -> tuple[Condition, ...]:
    """Return what values ask of a packet, besides what the key asks anyway.

    Raises:
        NotUnderstood: a value that is none of the type.
    """
    if key.type is Type.NAME:
        if any(value.isdigit() for value in values):
            raise NotUnderstood("an interface by its number")
        return (Through(key.side or Side.IN, tuple(values), negated=negated),)
    if key.type is Type.STATE:
        states = {state for state in State if state.value in values}
        if len(states) < len(set(values)):
            raise NotUnderstood(" ".join(values))
        return (InState(frozenset(State) - states if negated else frozenset(states)),)
    if key.type is Type.FAMILY:
        return _family(values, negated=negated)
    if key.type is Type.FLAGS:
        bytes_ = [_flag_byte(value) for value in values]
        return (Flagged(sum(1 << b for b in range(256) if (b in bytes_) is not negated)),)
    spans = united([_span(key, value) for value in values])
    if key.field is None:
        raise NotUnderstood(key.text)
    return (Within(key.field, outside(spans, key.whole) if negated else spans),)


def compared(key: Key, sign: str, value: str) -> tuple[Condition, ...]:
    """Return what a comparison by size asks.

    Raises:
        NotUnderstood: no size, or no number.
    """
    if key.field is None or not key.whole:
        raise NotUnderstood(sign)
    low, high = _span(key, value)
    least, most = key.whole[0][0], key.whole[-1][1]
    start, end = {
        "<": (least, low - 1),
        "<=": (least, high),
        ">": (high + 1, most),
        ">=": (low, most),
    }[sign]
    return (Within(key.field, ((start, end),) if start <= end else ()),)


def _span(key: Key, value: str) -> Span:
    found: Span | None = None
    if key.type is Type.ADDRESS:
        found = numbers.address_span(value)
        if found is not None and outside(key.whole, (found,)):
            found = None
    elif key.type is Type.PORT:
        found = numbers.ports(value, "-")
    elif key.type is Type.PROTOCOL:
        found = _protocols(value)
    elif key.type in {Type.ICMP, Type.ICMP6}:
        names = numbers.ICMP if key.type is Type.ICMP else numbers.ICMP6
        found = None if "/" in value else numbers.icmp_span(names, value)
        if found is None and value.count("-") == 1:
            low, high = (numbers.icmp_span(names, part) for part in value.split("-"))
            found = (low[0], high[1]) if low and high and low <= high else None
    if found is None:
        raise NotUnderstood(value)
    return found


def _protocols(value: str) -> Span | None:
    one = numbers.protocol(value)
    if one is not None:
        return one, one
    low, dash, high = value.partition("-")
    first, last = numbers.number(low, 255), numbers.number(high, 255)
    return (first, last) if dash and first is not None and last is not None and first <= last else None


def _family(values: list[str], *, negated: bool) -> tuple[Condition, ...]:
    spans: list[Span] = []
    for value in values:
        if value in {"ipv4", "ip", "2", "0x0800"}:
            spans += V4_SPANS
        elif value in {"ipv6", "ip6", "10", "0x86dd"}:
            spans += V6_SPANS
        elif value not in {"arp", "vlan"}:
            raise NotUnderstood(value)
    both = united([*V4_SPANS, *V6_SPANS])
    told = united(spans)
    return (Within(Field.SOURCE, outside(told, both) if negated else told),)


def _flag_byte(value: str) -> int:
    known = numbers.number(value, 255)
    byte = known if known is not None else numbers.flag_byte(value.split("|"))
    if byte is None:
        raise NotUnderstood(value)
    return byte


def flags(values: list[str]) -> int:
    """Return the byte of flag names.

    Raises:
        NotUnderstood: one is no flag.
    """
    byte = 0
    for value in values:
        byte |= _flag_byte(value)
    return byte


def opaque(text: str, values: list[str], *, negated: bool, steady: bool = True) -> Opaque:
    """Return a question that no field answers, with the answer for a first packet where there is one."""
    kind, first = _first(text, values)
    spelled = f"{text} {','.join(sorted(values))}"
    return Opaque(kind, spelled, negated=negated, steady=steady, first=first)


def _first(text: str, values: list[str]) -> tuple[str, bool | None]:
    """The kind of a question and its answer for a first packet."""
    match text:
        case "meta mark" | "mark" | "ct mark":
            known = [numbers.number(value, 2**32 - 1) for value in values]
            return "mark", None if None in known else 0 in known
        case "ether saddr":
            return "mac", False
        case "fib daddr type" | "fib daddr . iif type":
            both = {"local", "unicast"} & set(values)
            if len(both) == 1:
                return ("to-local" if "local" in both else "to-other"), None
            return "to-kind", bool(both)
        case "ct status":
            return "translated", None if set(values) - {"dnat", "snat", "assured", "seen-reply"} else False
        case "ct helper":
            return "payload", False
        case _:
            sized = _sized(text, values)
            if sized is not None:
                return sized
            if text.startswith("fib ") and values in (["missing"], ["exists"], ["0"]):
                return "return-path", values == ["exists"]
            kind, wanted = _FIRST.get(text, (text, None))
            return kind, None if wanted is None else bool(wanted & set(values))


def _sized(text: str, values: list[str]) -> tuple[str, bool | None] | None:
    """The same for lengths, and options of TCP; None: it asks for none of these."""
    if len(values) != 1:
        return None
    if text == "tcp option maxseg size":
        return "segment-size", numbers.first_segment(numbers.ports(values[0], "-"))
    if text in {"meta length", "ip length"}:
        return "length", numbers.first_length(numbers.ports(values[0], "-"))
    if text.startswith("tcp option ") and values[0] in {"exists", "missing"}:
        carried = numbers.first_option(numbers.number(text.rpartition(" ")[2], 255))
        return "tcp-option", None if carried is None else carried is (values[0] == "exists")
    return None


_FIRST: dict[str, tuple[str, frozenset[str]]] = {
    "meta pkttype": ("cast", frozenset(["unicast", "host"])),
    "fib saddr type": ("from-kind", frozenset(["unicast"])),
    "ct direction": ("direction", frozenset(["original", "0"])),
    "meta ipsec": ("ipsec", frozenset(["missing"])),
    "meta secpath": ("ipsec", frozenset(["missing"])),
}
"""Kind of a question, and the values that a first packet has."""
