"""What the options of an iptables rule ask of a packet, module by module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers
from collectors.platforms.linux.filter_rules.ipset import IpSet, matched
from scanner.facts.rules import (
    V6_SPANS,
    Either,
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
    from collections.abc import Callable, Mapping

    from scanner.facts.rules import Condition, Span, Spans

EVERY_PORT: Spans = ((0, 65535),)
EVERY_PROTOCOL: Spans = ((0, 255),)


@dataclass(frozen=True, slots=True)
class Option:
    """An option with its values; ``negated``: an exclamation mark stands before it or its value."""

    name: str
    values: tuple[str, ...]
    negated: bool

    @property
    def value(self) -> str:
        """The only value, or nothing."""
        return self.values[0] if len(self.values) == 1 else ""


@dataclass(frozen=True, slots=True)
class Around:
    """What a rule stands in: the family of its table, sets known from elsewhere, lists that rules fill."""

    family: Spans
    sets: Mapping[str, IpSet]
    filled: frozenset[str]  # lists that a rule puts the source into before others ask


Read = list["Condition"] | None
"""None: not understood."""


def general(option: Option, around: Around) -> Read:
    """Read an option that belongs to no module: addresses, interfaces, protocol, fragments."""
    match option.name:
        case "-s" | "--source" | "--src":
            return _addresses(option, Field.SOURCE, around)
        case "-d" | "--destination" | "--dst":
            return _addresses(option, Field.DESTINATION, around)
        case "-i" | "--in-interface":
            return _interface(option, Side.IN)
        case "-o" | "--out-interface":
            return _interface(option, Side.OUT)
        case "-p" | "--protocol" | "--proto":
            return _protocol(option)
        case "-f" | "--fragment" if not option.values:
            # Connections are looked at whole: fragments are put together before.
            return [] if option.negated else [Opaque("fragment", "-f", first=False, steady=True)]
        case _:
            return None


GENERAL = frozenset(
    "-s --source --src -d --destination --dst -i --in-interface -o --out-interface -p --protocol --proto -f "
    "--fragment".split()
)


def _addresses(option: Option, field: Field, around: Around) -> Read:
    spans = numbers.address_spans(option.value.split(","))
    if not option.value or spans is None or outside(around.family, spans):
        return None
    return [Within(field, outside(spans, around.family) if option.negated else spans)]


def _interface(option: Option, side: Side) -> Read:
    if not option.value:
        return None
    name = option.value[:-1] + "*" if option.value.endswith("+") else option.value
    return [Through(side, (name,), negated=option.negated)]


def _protocol(option: Option) -> Read:
    if option.value in {"all", "0"}:
        return [Within(Field.PROTOCOL, ())] if option.negated else []
    kind = numbers.protocol(option.value)
    if kind is None:
        return None
    spans: Spans = ((kind, kind),)
    return [Within(Field.PROTOCOL, outside(spans, EVERY_PROTOCOL) if option.negated else spans)]


def module(name: str, options: tuple[Option, ...], around: Around) -> Read:
    """Read all options of one use of a module."""
    if name in SILENT:
        return []
    if name in EACH:
        found: list[Condition] = []
        for option in options:
            told = EACH[name](option, around)
            if told is None:
                return None
            found += told
        return found
    whole = WHOLE.get(name)
    return None if whole is None else whole(name, options, around)


SILENT = frozenset(["comment", "nfacct"])
"""Modules that hold for every packet."""


def _span_condition(option: Option, field: Field, spans: list[Span | None]) -> Read:
    known = [span for span in spans if span is not None]
    if len(known) < len(spans) or not known:
        return None
    united_ = united(known)
    return [Within(field, outside(united_, EVERY_PORT) if option.negated else united_)]


def _transport(option: Option, around: Around) -> Read:
    """Ports and flags of tcp, udp, sctp, dccp, udplite."""
    del around
    match option.name:
        case "--dport" | "--destination-port":
            return _span_condition(option, Field.PORT, [numbers.ports(option.value, ":")])
        case "--sport" | "--source-port":
            return _span_condition(option, Field.SOURCE_PORT, [numbers.ports(option.value, ":")])
        case "--syn" if not option.values:
            return [Flagged(numbers.flag_values(23, 2, negated=option.negated))]
        case "--tcp-flags" if len(option.values) == 2:
            mask, wanted = (numbers.flag_byte(value.split(",")) for value in option.values)
            if mask is None or wanted is None:
                return None
            return [Flagged(numbers.flag_values(mask, wanted, negated=option.negated))]
        case "--tcp-option" if option.value:
            return [Opaque("tcp-option", f"tcp-option {option.value}", negated=option.negated, steady=True)]
        case _:
            return None


def _multiport(option: Option, around: Around) -> Read:
    del around
    spans = [numbers.ports(part, ":") for part in option.value.split(",")]
    match option.name:
        case "--dports" | "--destination-ports" | "--dport":
            return _span_condition(option, Field.PORT, spans)
        case "--sports" | "--source-ports" | "--sport":
            return _span_condition(option, Field.SOURCE_PORT, spans)
        case "--ports" | "--port":
            source = _span_condition(option, Field.SOURCE_PORT, spans)
            destination = _span_condition(option, Field.PORT, spans)
            if source is None or destination is None:
                return None
            if option.negated:
                return [*source, *destination]
            return [Either((tuple(source), tuple(destination)))]
        case _:
            return None


def _icmp(option: Option, around: Around) -> Read:
    v6 = around.family is V6_SPANS
    if option.name != ("--icmpv6-type" if v6 else "--icmp-type"):
        return None
    if option.value in {"any", "255/255", "255"} and not v6:
        return [Within(Field.PORT, ())] if option.negated else []
    return _span_condition(
        option, Field.PORT, [numbers.icmp_span(numbers.ICMP6 if v6 else numbers.ICMP, option.value)]
    )


def _state(option: Option, around: Around) -> Read:
    """``-m state`` and the states and tuples of ``-m conntrack``."""
    del around
    if option.name in {"--state", "--ctstate"}:
        return _states(option)
    if option.name == "--ctdir":
        return [
            Opaque("direction", f"ctdir {option.value}", negated=option.negated, steady=True,
                   first=option.value.upper() == "ORIGINAL")
        ]  # fmt: skip
    if option.name == "--ctproto":
        return _protocol(option)
    if option.name.startswith("--ct") and option.value:
        return [Opaque("conntrack", f"{option.name[2:]} {option.value}", negated=option.negated, steady=True)]
    return None


def _states(option: Option) -> Read:
    names = {name.lower() for name in option.value.split(",")}
    known = {state for state in State if state.value in names}
    others = names - {state.value for state in known}
    if not option.value or not others <= {"dnat", "snat"}:
        return None
    if others and not known:
        text = f"ctstate {','.join(sorted(others))}"
        return [Opaque("translated", text, negated=option.negated, steady=True, first=False)]
    if others:
        told = Opaque("translated", f"ctstate {','.join(sorted(others))}", steady=True, first=False)
        if option.negated:
            return [InState(frozenset(State) - known), Opaque(told.kind, told.text, True, True, False)]
        return [Either(((InState(frozenset(known)),), (told,)))]
    return [InState(frozenset(State) - known if option.negated else frozenset(known))]


def _iprange(option: Option, around: Around) -> Read:
    field = {"--src-range": Field.SOURCE, "--dst-range": Field.DESTINATION}.get(option.name)
    return None if field is None else _addresses(option, field, around)


def _addrtype(option: Option, around: Around) -> Read:
    del around
    kinds = frozenset(option.value.upper().split(","))
    text = f"{option.name[2:]} {','.join(sorted(kinds))}"
    cast = {"BROADCAST", "MULTICAST", "ANYCAST"}
    if option.name == "--src-type" and kinds <= {"LOCAL", "UNICAST", "UNSPEC", *cast}:
        told = Opaque("from-kind", text, steady=True, first="UNICAST" in kinds, negated=option.negated)
        return [told]
    if option.name == "--dst-type" and kinds <= {"LOCAL", "UNICAST", *cast}:
        both = {"LOCAL", "UNICAST"} & kinds
        kind = "to-kind" if len(both) != 1 else "to-local" if "LOCAL" in both else "to-other"
        first = len(both) == 2 if len(both) != 1 else None
        return [Opaque(kind, text, steady=True, first=first, negated=option.negated)]
    if option.name in {"--src-type", "--dst-type", "--limit-iface-in", "--limit-iface-out"}:
        return [Opaque("address-kind", text, steady=True, negated=option.negated)]
    return None


def _pkttype(option: Option, around: Around) -> Read:
    del around
    if option.name != "--pkt-type" or not option.value:
        return None
    first = option.value in {"unicast", "host"}
    return [Opaque("cast", f"pkttype {option.value}", negated=option.negated, steady=True, first=first)]


def _mac(option: Option, around: Around) -> Read:
    del around
    if option.name != "--mac-source" or not option.value:
        return None
    return [Opaque("mac", f"mac {option.value.lower()}", negated=option.negated, steady=True, first=False)]


def _mark(option: Option, around: Around) -> Read:
    del around
    value, slash, mask = option.value.partition("/")
    wanted, bits = numbers.number(value, 2**32 - 1), numbers.number(mask, 2**32 - 1) if slash else 2**32 - 1
    if option.name != "--mark" or wanted is None or bits is None:
        return None
    return [
        Opaque("mark", f"mark {wanted:#x}/{bits:#x}", negated=option.negated, steady=True, first=wanted == 0)
    ]


def _connmark(option: Option, around: Around) -> Read:
    told = _mark(option, around)
    if told is None or not isinstance(told[0], Opaque):
        return None
    return [Opaque("mark", f"conn{told[0].text}", told[0].negated, steady=True, first=told[0].first)]


def _length(option: Option, around: Around) -> Read:
    del around
    span = numbers.ports(option.value, ":")
    if option.name != "--length" or span is None:
        return None
    # The first packet of TCP is its two headers with their options.
    first = True if span[0] <= 40 and span[1] >= 120 else False if span[1] < 40 or span[0] > 120 else None
    return [Opaque("length", f"length {option.value}", negated=option.negated, steady=True, first=first)]


def _ipset(option: Option, around: Around) -> Read:
    if option.name not in {"--match-set", "--set"} or len(option.values) != 2:
        return [] if option.name == "--return-nomatch" else None
    name, directions = option.values
    options = matched(around.sets, name, directions)
    if options is None or (option.negated and not _one_field(options)):
        return [Opaque("set", f"set {name} {directions}", negated=option.negated, steady=True)]
    if not option.negated:
        return [Either(options)]
    ((condition,),) = options
    assert isinstance(condition, Within)  # noqa: S101 - _one_field saw it
    return [Within(condition.field, outside(condition.spans, around.family))]


def _one_field(options: tuple[tuple[Condition, ...], ...]) -> bool:
    """Whether a set is one field's spans, so that its complement is, too."""
    if len(options) != 1 or len(options[0]) != 1:
        return False
    told = options[0][0]
    return isinstance(told, Within) and told.field in {Field.SOURCE, Field.DESTINATION}


def _named(options: tuple[Option, ...]) -> dict[str, Option]:
    return {option.name: option for option in options}


def _spoken(name: str, options: tuple[Option, ...]) -> str:
    return " ".join([name, *(f"{'! ' * o.negated}{o.name} {' '.join(o.values)}".strip() for o in options)])


def _limit(name: str, options: tuple[Option, ...], around: Around) -> Read:
    del around
    negated = any(option.negated for option in options)
    return [Opaque("rate", _spoken(name, options), first=True, negated=negated)]


def _hashlimit(name: str, options: tuple[Option, ...], around: Around) -> Read:
    del around
    above = any(option.name == "--hashlimit-above" for option in options)
    negated = any(option.negated for option in options)
    return [Opaque("rate", _spoken(name, options), first=above is negated)]


def _connlimit(name: str, options: tuple[Option, ...], around: Around) -> Read:
    del around
    named = _named(options)
    above, upto = named.get("--connlimit-above"), named.get("--connlimit-upto")
    told = above or upto
    most = numbers.number(told.value, 2**32) if told else None
    if told is None or most is None:
        return None
    first = None if most < 1 else ((told is upto) is not told.negated)
    return [Opaque("connections", _spoken(name, options), first=first)]


def _recent(name: str, options: tuple[Option, ...], around: Around) -> Read:
    named = _named(options)
    negated = any(option.negated for option in options)
    text = _spoken(name, options)
    if "--set" in named:
        return [Opaque("history", text, first=not negated)]
    if not {"--rcheck", "--update", "--remove"} & set(named):
        return None
    hits = numbers.number(named["--hitcount"].value, 2**32) if "--hitcount" in named else 1
    listed = named["--name"].value if "--name" in named else "DEFAULT"
    unknown = listed in around.filled and (hits is None or hits < 2)
    return [Opaque("history", text, first=None if unknown else negated)]


def _policy(name: str, options: tuple[Option, ...], around: Around) -> Read:
    del around
    told = _named(options).get("--pol")
    if told is None or told.value not in {"none", "ipsec"}:
        return None
    first = (told.value == "none") is not told.negated
    return [Opaque("ipsec", _spoken(name, options), steady=True, first=first)]


def _physdev(name: str, options: tuple[Option, ...], around: Around) -> Read:
    del around
    # A packet that crossed no bridge matches only where every question is negated.
    first = bool(options) and all(option.negated for option in options)
    return [Opaque("bridged", _spoken(name, options), steady=True, first=first)]


def _rpfilter(name: str, options: tuple[Option, ...], around: Around) -> Read:
    del around
    first = "--invert" not in _named(options)
    return [Opaque("return-path", _spoken(name, options), steady=True, first=first)]


def _no_payload(name: str, options: tuple[Option, ...], around: Around) -> Read:
    """``-m string``, ``-m helper``: nothing of it is in the first packet of a connection."""
    del around
    negated = any(option.negated for option in options)
    return [Opaque("payload", _spoken(name, options), steady=True, first=negated)]


def _cannot_tell(name: str, options: tuple[Option, ...], around: Around) -> Read:
    """Known to only narrow; what it asks is not seen in any field."""
    del around
    return [Opaque(name, _spoken(name, options), steady=name in STEADY)]


STEADY = frozenset(
    "ttl hl dscp tos ecn tcpmss u32 bpf owner devgroup realm geoip ah esp frag rt hbh dst".split()
)

EACH: dict[str, Callable[[Option, Around], Read]] = {
    **dict.fromkeys(("tcp", "udp", "sctp", "dccp", "udplite"), _transport),
    "multiport": _multiport,
    "mport": _multiport,
    **dict.fromkeys(("icmp", "icmp6", "icmpv6"), _icmp),
    **dict.fromkeys(("state", "conntrack"), _state),
    "iprange": _iprange,
    "addrtype": _addrtype,
    "pkttype": _pkttype,
    "mac": _mac,
    "mark": _mark,
    "connmark": _connmark,
    "length": _length,
    "set": _ipset,
}
"""Modules of which every option stands for itself."""

OF_PROTOCOLS = frozenset(
    "--dport --destination-port --sport --source-port --syn --tcp-flags --tcp-option --icmp-type "
    "--icmpv6-type".split()
)
"""Options that a protocol's module brings along where the rule does not name it."""

PORT_MODULES = frozenset("tcp udp sctp dccp udplite multiport mport icmp icmp6 icmpv6".split())

WHOLE: dict[str, Callable[[str, tuple[Option, ...], Around], Read]] = {
    "limit": _limit,
    "hashlimit": _hashlimit,
    "dstlimit": _hashlimit,
    "connlimit": _connlimit,
    "recent": _recent,
    "policy": _policy,
    "physdev": _physdev,
    "rpfilter": _rpfilter,
    "string": _no_payload,
    "helper": _no_payload,
    "quota": _limit,
    **dict.fromkeys(
        (
            "ttl hl dscp tos ecn tcpmss u32 bpf owner devgroup realm geoip time statistic random nth socket "
            "cpu connbytes connlabel cgroup rateest ah esp frag rt hbh dst ipv6header osf cluster psd ipp2p"
        ).split(),
        _cannot_tell,
    ),
}
"""Modules of which all options together are one question."""
