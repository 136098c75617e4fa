"""Tunnel endpoints: what answered with what only it can say, what refused, and what kept silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Need, Reader, Unseen
from collectors.platforms.wire.icmp_message import PROTOCOL_UNREACHABLE, PROTOCOLS, read_unreachable
from collectors.platforms.wire.ike_message import read_answer
from collectors.platforms.wire.openvpn import answered
from collectors.platforms.wire.reading import exchanges, gently, something_seen, unseen_port
from collectors.platforms.wire.steps import IKE, IP_PROTOCOLS, OPENVPN, OPENVPN_TCP
from scanner.facts import Presence, UnseenPort, VpnAnswer, VpnEndpoints
from scanner.model import Citation, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.base import Step
    from collectors.evidence import Evidence
    from collectors.platforms.wire.exchange import Conversation, Exchange

_PORTS = {IKE: ("udp/500", "udp/4500"), OPENVPN: ("udp/1194",)}
_FAMILIES = {"gre": "gre", "ipip": "ipip", "esp": "ipsec"}
"""Families as the register names them, by the label of the conversation."""


def read_vpn(evidence: Evidence) -> VpnEndpoints:
    """Read every tunnel question; silence is ``unknown``, for a keyed tunnel is silent too."""
    answers: list[VpnAnswer] = []
    unseen: list[UnseenPort] = []
    seen: list[Citation] = []
    for step, judge in ((IKE, _ike), (OPENVPN, _openvpn)):
        asked = exchanges(evidence, step)
        if not asked:
            raise Unseen(Gap(GapReason.NOT_COLLECTED, step.id, detail="the step was not asked in this run"))
        for subject in _PORTS[step]:
            exchange = asked.get(subject)
            if exchange is None:
                exchange = Gap(GapReason.NOT_COLLECTED, step.id, subject, "this port was not asked")
            if isinstance(exchange, Gap):
                unseen.append(unseen_port(subject, exchange))
                continue
            seen.append(exchange.first_line)
            answers.append(judge(exchange))
        something_seen([a for a in answers if a.family == _family(step)], unseen)
    for subject, exchange in gently(evidence, OPENVPN_TCP).items():
        if isinstance(exchange, Gap):
            unseen.append(unseen_port(subject, exchange))
        else:
            seen.append(exchange.first_line)
            answers.append(_openvpn(exchange))
    for thing in _ip_protocols(evidence):
        if isinstance(thing, Gap):
            unseen.append(UnseenPort("ip", 0, thing))
        else:
            answers.append(thing)
    return VpnEndpoints(tuple(seen), tuple(answers), tuple(unseen))


def _family(step: Step) -> str:
    return "ipsec" if step is IKE else "openvpn"


def _ike(exchange: Exchange) -> VpnAnswer:
    port = int(exchange.subject.partition("/")[2])
    for conversation in exchange.conversations:
        starts = {_initiator(part.data, port) for part in conversation.parts if part.kind == "sent"}
        for datagram in conversation.datagrams:
            for initiator in starts:
                answer = read_answer(datagram.data, port, initiator)
                if answer is not None:
                    detail = f"IKEv{answer.major}: {answer.text}"
                    at = exchange.cite(conversation, detail)
                    return VpnAnswer("ipsec", "udp", port, Presence.PRESENT, detail, at)
    return _no_answer(exchange, "ipsec", "udp", port)


def _initiator(message: bytes, port: int) -> bytes:
    return message[4:12] if port == 4500 else message[:8]


def _openvpn(exchange: Exchange) -> VpnAnswer:
    protocol, _, number = exchange.subject.partition("/")
    if answered(exchange):
        detail = "a server's reset for our session"
        at = exchange.cite(exchange.conversations[0], detail)
        return VpnAnswer("openvpn", protocol, int(number), Presence.PRESENT, detail, at)
    return _no_answer(exchange, "openvpn", protocol, int(number))


def _no_answer(exchange: Exchange, family: str, protocol: str, port: int) -> VpnAnswer:
    """A refusal over UDP (ICMP port unreachable) is absence; everything else shows nothing."""
    over_udp = [c for c in exchange.conversations if protocol == "udp"]
    refused = next((c for c in over_udp if c.end == "refused"), None)
    if refused is not None and not any(c.datagrams for c in exchange.conversations):
        at = exchange.cite(refused)
        return VpnAnswer(family, protocol, port, Presence.ABSENT, "nobody listens there", at)
    last = exchange.conversations[-1]
    return VpnAnswer(family, protocol, port, Presence.UNKNOWN, last.end, exchange.cite(last))


def _ip_protocols(evidence: Evidence) -> Iterator[VpnAnswer | Gap]:
    try:
        asked = exchanges(evidence, IP_PROTOCOLS)
    except Unseen as unseen:
        yield unseen.gap
        return
    for exchange in asked.values():
        if isinstance(exchange, Gap):
            yield exchange
            continue
        for conversation in exchange.conversations:
            if conversation.label in _FAMILIES:
                yield _ip_protocol(exchange, conversation)


def _ip_protocol(exchange: Exchange, conversation: Conversation) -> VpnAnswer:
    """Only the object itself can say that it does not take a protocol; who else says so shows nothing."""
    family, at = _FAMILIES[conversation.label], exchange.cite(conversation)
    asked = next((part.data for part in conversation.parts if part.kind == "sent"), b"")
    for datagram in conversation.datagrams:
        told = read_unreachable(datagram.data)
        if (
            told is not None
            and told.code == PROTOCOL_UNREACHABLE
            and told.protocol == PROTOCOLS[conversation.label]
            and told.said_by == told.destination == asked[16:20]
        ):
            detail = "ICMP: protocol unreachable"
            at = exchange.cite(conversation, detail)
            return VpnAnswer(family, "ip", told.protocol, Presence.ABSENT, detail, at)
    number = PROTOCOLS[conversation.label]
    return VpnAnswer(family, "ip", number, Presence.UNKNOWN, conversation.end, at)


READERS = (
    Reader(VpnEndpoints, (Need((IKE,)), Need((OPENVPN,))), read_vpn, also=(OPENVPN_TCP, IP_PROTOCOLS)),
)
