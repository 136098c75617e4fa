"""Modules of iptables that ask for fields of a packet: ports, flags, ICMP messages, states, ranges, sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers
from collectors.platforms.linux.filter_rules.ipset import matched
from collectors.platforms.linux.filter_rules.iptables_options import addresses, protocol
from scanner.facts.rules import (
    V6_SPANS,
    Either,
    Field,
    Flagged,
    InState,
    Opaque,
    State,
    Within,
    outside,
    united,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.platforms.linux.filter_rules.iptables_options import Around, Option, Read
    from scanner.facts.rules import Condition, Span, Spans

EVERY_PORT: Spans = ((0, 65535),)


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
            kind = numbers.number(option.value, 255)
            text, first = f"tcp-option {option.value}", numbers.first_option(kind)
            return [Opaque("tcp-option", text, negated=option.negated, steady=True, first=first)]
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
    if option.name in {"--state", "--ctstate"}:
        return _states(option)
    if option.name == "--ctdir":
        return [
            Opaque("direction", f"ctdir {option.value}", negated=option.negated, steady=True,
                   first=option.value.upper() == "ORIGINAL")
        ]  # fmt: skip
    if option.name == "--ctproto":
        return protocol(option)
    if option.name == "--ctstatus" and option.value:
        # Nobody has answered a first packet, or expected it.
        text = f"ctstatus {option.value}"
        return [Opaque("history", text, negated=option.negated, steady=True, first=False)]
    if option.name.startswith("--ctorig"):
        return _original(option, around)
    if option.name.startswith("--ct") and option.value:
        return [Opaque("conntrack", f"{option.name[2:]} {option.value}", negated=option.negated, steady=True)]
    return None


def _original(option: Option, around: Around) -> Read:
    """Ends of a connection as it began: those of its first packet, before translations."""
    match option.name:
        case "--ctorigsrc":
            told = addresses(option, Field.SOURCE, around)
        case "--ctorigdst":
            told = addresses(option, Field.DESTINATION, around)
        case "--ctorigsrcport":
            told = _span_condition(option, Field.SOURCE_PORT, [numbers.ports(option.value, ":")])
        case "--ctorigdstport":
            told = _span_condition(option, Field.PORT, [numbers.ports(option.value, ":")])
        case _:
            told = None
    if told is None:
        return None
    text = f"{option.name[2:]} {option.value}"
    return [Opaque("conntrack", text, negated=option.negated, steady=True, stands=tuple(told))]


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
    return None if field is None else addresses(option, field, around)


def _ipset(option: Option, around: Around) -> Read:
    if option.name not in {"--match-set", "--set"} or len(option.values) != 2:
        return [] if option.name == "--return-nomatch" else None
    name, directions = option.values
    options = None if f"set {name}" in around.filled else matched(around.sets, name, directions)
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


FIELDS: dict[str, Callable[[Option, Around], Read]] = {
    **dict.fromkeys(("tcp", "udp", "sctp", "dccp", "udplite"), _transport),
    "multiport": _multiport,
    "mport": _multiport,
    **dict.fromkeys(("icmp", "icmp6", "icmpv6"), _icmp),
    **dict.fromkeys(("state", "conntrack"), _state),
    "iprange": _iprange,
    "set": _ipset,
}
"""Modules of which every option stands for itself."""

OF_PROTOCOLS = frozenset(
    "--dport --destination-port --sport --source-port --syn --tcp-flags --tcp-option --icmp-type "
    "--icmpv6-type".split()
)
"""Options that a protocol's module brings along where the rule does not name it."""

PORT_MODULES = frozenset("tcp udp sctp dccp udplite multiport mport icmp icmp6 icmpv6".split())
