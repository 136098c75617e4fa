"""What firewalld's words ask of a packet; None: not understood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers
from collectors.platforms.linux.filter_rules.ipset import matched
from scanner.facts.rules import V4_SPANS, V6_SPANS, Either, Field, Opaque, Side, Through, Within, outside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.firewalld.objects import End, PortOf
    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import Condition, Spans

Conditions = tuple["Condition", ...]

FAMILIES: dict[str, Spans] = {"ipv4": V4_SPANS, "ipv6": V6_SPANS}

_MORE = {
    "host-redirect": (5, 1), "network-redirect": (5, 0), "tos-host-redirect": (5, 3),
    "tos-network-redirect": (5, 2), "tos-host-unreachable": (3, 12), "tos-network-unreachable": (3, 11),
}  # fmt: skip
_MORE6 = {"failed-policy": (1, 5), "reject-route": (1, 6), "neighbour-solicitation": (135, None)}
_ONLY_ELSEWHERE = frozenset("pong ping any ttl-exceeded".split())


def family(word: str) -> Conditions:
    """Packets of ``ipv4`` or ``ipv6``."""
    return (Within(Field.SOURCE, FAMILIES[word]),)


def ports(told: PortOf, field: Field) -> Conditions | None:
    """Ports of a protocol that has some."""
    word, name = told
    kind = numbers.protocol(name)
    span = numbers.ports(word, "-")
    if kind not in {6, 17, 33, 132} or span is None:
        return None
    return Within(Field.PROTOCOL, ((kind, kind),)), Within(field, (span,))


def protocol(name: str) -> Conditions | None:
    """A protocol by its name or number."""
    kind = numbers.protocol(name)
    return None if kind is None else (Within(Field.PROTOCOL, ((kind, kind),)),)


def icmp(
    name: str, families: tuple[str, ...] = ("ipv4", "ipv6"), *, apart: bool = False
) -> list[Conditions] | None:
    """Messages of ICMP by firewalld's name, one option a family that has them.

    ``apart``: iptables asks each family's packets alone; nftables asks for the protocol only.
    """
    found: list[Conditions] = []
    for one, kind, names in (
        ("ipv4", 1, {**numbers.ICMP, **_MORE} | ({} if apart else {"ip-header-bad": (12, 1)})),
        ("ipv6", 58, {**numbers.ICMP6, **_MORE6}),
    ):
        told = None if name in _ONLY_ELSEWHERE or name not in names else numbers.icmp_span(names, name)
        if told is not None and one in families:
            asked = (Within(Field.PROTOCOL, ((kind, kind),)), Within(Field.PORT, (told,)))
            found.append((*asked, *family(one)) if apart else asked)
    return found or None


def interface(name: str, side: Side) -> Conditions:
    """An interface; a name that ends in a plus stands for all that begin so."""
    return (Through(side, (name[:-1] + "*" if name.endswith("+") else name,)),)


def family_of(word: str) -> str:
    """The family of an address; "" of what has none."""
    span = numbers.address_span(word)
    return "" if span is None else "ipv4" if span[1] <= V4_SPANS[0][1] else "ipv6"


def end(told: End, field: Field, sets: Mapping[str, IpSet]) -> Conditions | None:
    """A source or a destination."""
    if told.word.startswith("ipset:"):
        return _of_set(told, field, sets)
    if re.fullmatch(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", told.word):
        if field is not Field.SOURCE:
            return None
        text = f"mac {told.word.lower()}"
        return (Opaque("mac", text, negated=told.inverted, steady=True, first=False),)
    span = numbers.address_span(told.word)
    if span is None or "-" in told.word:
        return None
    spans: Spans = (span,)
    return (Within(field, outside(spans, FAMILIES[family_of(told.word)]) if told.inverted else spans),)


def _of_set(told: End, field: Field, sets: Mapping[str, IpSet]) -> Conditions | None:
    name = told.word.removeprefix("ipset:")
    if name not in sets:
        return None
    side = "src" if field is Field.SOURCE else "dst"
    parts = sets[name].parts
    options = matched(sets, name, ",".join([side] * len(parts))) if parts in {("ip",), ("net",)} else None
    if options is None:
        text = f"set {name} {side}"
        return (Opaque("set", text, negated=told.inverted, steady=True),)
    spans = [
        span
        for option in options
        for condition in option
        if isinstance(condition, Within)
        for span in condition.spans
    ]
    whole = FAMILIES["ipv6" if any(low > V4_SPANS[0][1] for low, _ in spans) else "ipv4"]
    if not told.inverted:
        return (Either(options),)
    return (Within(field, outside(tuple(sorted(spans)), whole)),) if spans else None


def rate(text: str) -> Opaque:
    """A bounded rate."""
    return Opaque("rate", f"limit {text}", first=True)
