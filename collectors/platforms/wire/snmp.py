"""SNMP agents, from their answer to the discovery of their engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.wire.snmp_message import engine_of, number_of

if TYPE_CHECKING:
    from collectors.platforms.wire.exchange import Exchange


def agent(exchange: Exchange) -> bytes | None:
    """Engine id of the agent that answered our own message; None: none did."""
    for conversation in exchange.conversations:
        asked = {number_of(part.data) for part in conversation.parts if part.kind == "sent"} - {None}
        for datagram in conversation.datagrams:
            engine = engine_of(datagram.data)
            if engine is not None and number_of(datagram.data) in asked:
                return engine
    return None
