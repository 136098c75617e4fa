"""Modules of iptables that ask for more than a packet's fields: kinds of address, marks, rates, clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers
from scanner.facts.rules import Opaque

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.platforms.linux.filter_rules.iptables_options import Around, Option, Read


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
    if option.name not in {"--mac-source", "--mac"} or not option.value:
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
    first = numbers.first_length(span)
    return [Opaque("length", f"length {option.value}", negated=option.negated, steady=True, first=first)]


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
    # The packet's own connection counts.
    first = ((most >= 1) is (told is upto)) is not told.negated
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


def _segment(name: str, options: tuple[Option, ...], around: Around) -> Read:
    """``-m tcpmss``."""
    del around
    if len(options) != 1 or options[0].name != "--mss":
        return None
    held = numbers.first_segment(numbers.ports(options[0].value, ":"))
    first = None if held is None else held is not options[0].negated
    return [Opaque("segment-size", _spoken(name, options), steady=True, first=first)]


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


STEADY = frozenset("ttl hl dscp tos ecn u32 bpf owner devgroup realm geoip ah esp frag rt hbh dst".split())


ALONE: dict[str, Callable[[Option, Around], Read]] = {
    "addrtype": _addrtype,
    "pkttype": _pkttype,
    "mac": _mac,
    "mark": _mark,
    "connmark": _connmark,
    "length": _length,
}
"""Modules of which every option stands for itself."""

WHOLE: dict[str, Callable[[str, tuple[Option, ...], Around], Read]] = {
    "limit": _limit,
    "hashlimit": _hashlimit,
    "dstlimit": _hashlimit,
    "connlimit": _connlimit,
    "recent": _recent,
    "policy": _policy,
    "tcpmss": _segment,
    "physdev": _physdev,
    "rpfilter": _rpfilter,
    "string": _no_payload,
    "helper": _no_payload,
    "quota": _limit,
    **dict.fromkeys(
        (
            "ttl hl dscp tos ecn u32 bpf owner devgroup realm geoip time statistic random nth socket "
            "cpu connbytes connlabel cgroup rateest ah esp frag rt hbh dst ipv6header osf cluster psd ipp2p"
        ).split(),
        _cannot_tell,
    ),
}
"""Modules of which all options together are one question."""
