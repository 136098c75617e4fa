"""Telnet (RFC 854): what a server negotiates, how to refuse it, whether it asks who we are in clear."""

from __future__ import annotations

import re

ENCRYPTING = frozenset({37, 38, 46})
"""Options by which a session may come to be encrypted: AUTHENTICATION (RFC 2941), ENCRYPT (RFC 2946) and
START_TLS (its number is registered, its text stayed a draft)."""

MOST = 64
"""Options that are refused at most: there are not many more."""

_NEGOTIATION = re.compile(rb"\A\xff(?:[\xfb-\xfe][\x00-\x31\xff]|\xfa)")
_COMMAND = re.compile(rb"\xff(?:\xfa.*?\xff\xf0|(?P<verb>[\xfb-\xfe])(?P<option>.)|[^\xff])", re.DOTALL)
_PROMPT = re.compile(
    rb"(?:\A|[\r\n])[ -~]{0,60}\b(?:login|username|user name|user|password)[ \t]?:[ \t]?\Z", re.IGNORECASE
)
_WILL, _WONT, _DO, _DONT = range(0xFB, 0xFF)
_REFUSAL = {_WILL: _DONT, _DO: _WONT}


def negotiates(said: bytes) -> bool:
    """Whether a server's first words are those of Telnet."""
    return _NEGOTIATION.match(said) is not None


def options(said: bytes) -> frozenset[int]:
    """Options that the server speaks of."""
    return frozenset(option for _, option in _wishes(said))


def refusals(said: bytes) -> bytes:
    """Refuse everything that the server offers or asks for, each wish once: what is left is clear text."""
    wishes = dict.fromkeys((verb, option) for verb, option in _wishes(said) if verb in _REFUSAL)
    return b"".join(bytes((0xFF, _REFUSAL[verb], option)) for verb, option in list(wishes)[:MOST])


def asks_who(said: bytes) -> bool:
    """Whether the server's words, less its negotiation, end in asking for a name or a password."""
    return _PROMPT.search(_COMMAND.sub(b"", said).replace(b"\0", b"")) is not None


def _wishes(said: bytes) -> list[tuple[int, int]]:
    return [(m["verb"][0], m["option"][0]) for m in _COMMAND.finditer(said) if m["verb"]]
