"""OpenVPN servers that answer without a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.wire.openvpn_reset import CLIENT_RESET, answers, unsized

if TYPE_CHECKING:
    from collectors.platforms.wire.exchange import Exchange


def answered(exchange: Exchange) -> bool:
    """Whether a server's reset acknowledges the session that we opened, over UDP or TCP."""
    stream = exchange.subject.startswith("tcp/")
    for conversation in exchange.conversations:
        sent = [part.data for part in conversation.parts if part.kind == "sent"]
        if stream:
            asked, said = [m for data in sent if (m := unsized(data))], [unsized(conversation.got)]
        else:
            asked, said = sent, [datagram.data for datagram in conversation.datagrams]
        for question in asked:
            if len(question) == 14 and question[0] == CLIENT_RESET:
                session = question[1:9]
                if any(message is not None and answers(message, session) for message in said):
                    return True
    return False
