"""What speaks on a port, from its own words: what it says first, or answers to a harmless request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.wire import telnet
from scanner.facts import Strength

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from collectors.platforms.wire.exchange import Conversation

GREETING = "greeting"
"""Label of the conversation that begins by listening and asks what ``next_question`` says."""

HTTP = "http"
"""Label of the conversation that asks ``HEAD /``."""

REQUESTS: dict[int, tuple[str, bytes]] = {
    # X.224 connection request with RDP negotiation: TLS or CredSSP ([MS-RDPBCGR] 2.2.1.1)
    3389: ("rdp", bytes.fromhex("030000130ee000000000000100080003000000")),
    5432: ("postgresql", bytes.fromhex("0000000804d2162f")),  # SSLRequest
    6379: ("redis", b"PING\r\n"),
}
"""Requests of protocols in which the client speaks first, by the port that they usually have."""

HEAD = b"HEAD / HTTP/1.0\r\n\r\n"
FEAT = b"FEAT\r\n"
EHLO = b"EHLO probe.invalid\r\n"
USER = b"USER probe\r\n"
"""A name that is nobody's. A server that logs users in by passwords in clear asks for one; none is sent."""

_TELNET_ROUNDS = 3
"""Times that a Telnet server's wishes are refused at most; GNU's asks who we are after the second."""

_SSH = re.compile(rb"(?:\A|\n)SSH-(?P<version>[0-9]\.[0-9]{1,2})-")
_CLIENT_SSL = 0x0800


@dataclass(frozen=True, slots=True)
class Identified:
    """A protocol family, how well that holds, and whether it serves in clear (None: not known).

    ``login``: it asked in clear for a user's name or password.
    """

    family: str
    strength: Strength
    cleartext: bool | None
    login: bool = False


def _proof(family: str, cleartext: bool | None, *, login: bool = False) -> Identified:
    return Identified(family, Strength.PROOF, cleartext, login)


def _hint(family: str, cleartext: bool | None) -> Identified:
    return Identified(family, Strength.HINT, cleartext)


def identify(conversations: Iterable[Conversation]) -> tuple[Identified, Conversation] | None:
    """Take the first conversation that names its protocol, proofs before hints; None: none does."""
    found = [(named, c) for c in conversations if (named := _identify(c)) is not None]
    proofs = [pair for pair in found if pair[0].strength is Strength.PROOF]
    return next(iter(proofs or found), None)


def _identify(conversation: Conversation) -> Identified | None:
    if conversation.label in _ANSWERS:
        answered = _ANSWERS[conversation.label](conversation.got)
        if answered is not None:
            return answered
    if telnet.negotiates(conversation.got):
        return _of_telnet(conversation.got)
    first, rest = _before_and_after(conversation)
    return _of_greeting(first or conversation.got, rest)


def _of_telnet(said: bytes) -> Identified:
    """In clear if it asks who we are though we refused everything, or knows no way to encrypt."""
    asks = telnet.asks_who(said)
    return _proof(
        "telnet", True if asks or not telnet.options(said) & telnet.ENCRYPTING else None, login=asks
    )


def _before_and_after(conversation: Conversation) -> tuple[bytes, bytes]:
    """What came before we said anything, and what came afterwards."""
    before, after, spoken = bytearray(), bytearray(), False
    for part in conversation.parts:
        if part.kind == "sent":
            spoken = True
        elif part.kind == "got":
            (after if spoken else before).extend(part.data)
    return bytes(before), bytes(after)


def next_question(said: bytes, asked: Sequence[bytes]) -> bytes | None:
    """Return the harmless request that tells more of who greets us; None: nothing (more) to ask.

    Args:
        said: all that came so far, the greeting first.
        asked: what we said so far.
    """
    if telnet.negotiates(said):
        return _refusal(said, asked)
    if not re.match(rb"220[ -]", said):
        return None
    if not asked:
        return EHLO if re.search(rb"\bE?SMTP\b", said, re.IGNORECASE) else FEAT
    # Only what is FTP for certain is asked on.
    return USER if tuple(asked) == (FEAT,) and re.search(rb"^211 ", said, re.MULTILINE) else None


def _refusal(said: bytes, asked: Sequence[bytes]) -> bytes | None:
    """Refuse what has not been refused yet; whoever asks who we are need not be asked on."""
    if len(asked) >= _TELNET_ROUNDS or telnet.asks_who(said):
        return None
    return telnet.refusals(said).removeprefix(b"".join(asked)) or None


def _of_greeting(said: bytes, answer: bytes) -> Identified | None:
    if _SSH.search(said[:8192]):
        return _proof("ssh", cleartext=False)
    if re.match(rb"220[ -]", said):
        return _of_220(said, answer)
    for pattern, identified in _GREETINGS:
        if re.search(pattern, said, re.IGNORECASE):
            return identified
    return _mysql(said)


_GREETINGS: tuple[tuple[bytes, Identified], ...] = (
    (rb"\ARFB 00\d\.\d{3}\n", _proof("vnc", cleartext=None)),
    (rb"\A@RSYNCD: \d", _proof("rsync", cleartext=True)),
    (rb"\AVTUN server ver ", _proof("vtun", cleartext=None)),
    (rb"\A\+OK[ \r]", _hint("pop3", cleartext=None)),
    (rb"\A\* (?:OK|PREAUTH) .*IMAP", _proof("imap", cleartext=None)),
    (rb"\A(?:421|554)[ -].*(?:SMTP|mail)", _hint("smtp", cleartext=None)),
    (rb"\A(?:421|530)[ -].*FTP", _hint("ftp", cleartext=None)),
    (rb"(?:\A|\n|\r)[ -~]{0,40}(?:login|username|user name|password): ?\Z", _hint("telnet", cleartext=True)),
)


def _of_220(said: bytes, answer: bytes) -> Identified:
    """FTP and SMTP greet alike; FEAT and EHLO tell them apart, and whether they can switch to TLS."""
    if re.search(rb"^211[ -]", answer, re.MULTILINE):
        return _of_ftp(answer)
    if re.search(rb"\bE?SMTP\b", said, re.IGNORECASE):
        offers = re.search(rb"^250[ -]STARTTLS", answer, re.MULTILINE | re.IGNORECASE) is not None
        whole = re.search(rb"^250 ", answer, re.MULTILINE) is not None
        return _proof("smtp", cleartext=True if whole and not offers else None)
    if re.search(rb"FTP", said, re.IGNORECASE):
        unknown = re.match(rb"50[02][ -]", answer) is not None  # no FEAT, so no AUTH (RFC 4217)
        return _hint("ftp", cleartext=True if unknown else None)
    return _hint("ftp-or-smtp", cleartext=None)


def _of_ftp(answer: bytes) -> Identified:
    """Clear if the server asks for a user's password (331) before any TLS, or cannot switch to TLS."""
    asks = re.search(rb"^331[ -]", answer, re.MULTILINE) is not None
    whole = re.search(rb"^211 ", answer, re.MULTILINE) is not None
    switch = re.search(rb"^\s*AUTH\b", answer, re.MULTILINE | re.IGNORECASE) is not None
    return _proof("ftp", cleartext=True if asks or (whole and not switch) else None, login=asks)


def _mysql(said: bytes) -> Identified | None:
    """Server greeting of protocol 10, or its refusal of a host."""
    if len(said) < 8 or said[3] != 0 or int.from_bytes(said[:3], "little") > len(said) - 4:
        return None
    body = said[4 : 4 + int.from_bytes(said[:3], "little")]
    if body[:1] == b"\xff" and int.from_bytes(body[1:3], "little") in {1040, 1129, 1130}:
        return _proof("mysql", cleartext=None)
    end = body.find(b"\0", 1)
    if body[:1] != b"\x0a" or end < 2 or len(body) < end + 16:
        return None
    capabilities = int.from_bytes(body[end + 14 : end + 16], "little")  # thread id, 8 bytes of salt, filler
    return _proof("mysql", cleartext=None if capabilities & _CLIENT_SSL else True)


def _of_http(said: bytes) -> Identified | None:
    if not re.match(rb"HTTP/1\.[01] [1-5]\d\d\b", said):
        return None
    # A TLS port that says in clear that it wants TLS is no service in clear.
    wants_tls = re.search(rb"plain HTTP request was sent to HTTPS|speaking plain HTTP to an SSL", said)
    head = said.partition(b"\r\n\r\n")[0]
    basic = re.match(rb"HTTP/1\.[01] 401\b", said) and re.search(
        rb"^WWW-Authenticate:[ \t]*Basic\b", head, re.MULTILINE | re.IGNORECASE
    )
    return _hint("tls", cleartext=None) if wants_tls else _proof("http", cleartext=True, login=bool(basic))


def _of_redis(said: bytes) -> Identified | None:
    if re.match(
        rb"\+PONG\r\n|-NOAUTH |-DENIED Redis|-ERR unknown command|-ERR operation not permitted", said
    ):
        return _proof("redis", cleartext=True)
    return None


def _of_postgresql(said: bytes) -> Identified | None:
    if said not in {b"S", b"N"}:
        return None
    return _proof("postgresql", cleartext=None if said == b"S" else True)


def _of_rdp(said: bytes) -> Identified | None:
    """X.224 connection confirm, with the protocol that the server chose where it negotiates."""
    if not re.match(rb"\x03\x00\x00[\x0b-\xff].\xd0", said, re.DOTALL):
        return None
    chosen = said[15] if len(said) >= 19 and said[11] == 2 else 0
    return _proof("rdp", cleartext=False if chosen else None)


_ANSWERS: dict[str, Callable[[bytes], Identified | None]] = {
    HTTP: _of_http,
    "redis": _of_redis,
    "postgresql": _of_postgresql,
    "rdp": _of_rdp,
}
