"""OpenVPN's first two messages without keys: a client's reset and the server's answer that names it."""

from __future__ import annotations

CLIENT_RESET = 0x38  # P_CONTROL_HARD_RESET_CLIENT_V2, key 0
SERVER_RESET = 0x40  # P_CONTROL_HARD_RESET_SERVER_V2, key 0


def reset(session: bytes) -> bytes:
    """Build the client's reset for a session id of 8 bytes: no acknowledgements, packet 0."""
    return bytes([CLIENT_RESET]) + session + b"\0" + b"\0\0\0\0"


def answers(said: bytes, session: bytes) -> bool:
    """Whether ``said`` is a server's reset that acknowledges just this session."""
    return (
        len(said) >= 22
        and said[0] == SERVER_RESET
        and 1 <= said[9] <= 8
        and said[10 + 4 * said[9] : 18 + 4 * said[9]] == session
    )


def sized(message: bytes) -> bytes:
    """Frame a message for TCP: two bytes of length before it."""
    return len(message).to_bytes(2, "big") + message


def unsized(said: bytes) -> bytes | None:
    """Take the first message out of a TCP stream; None: not there as a whole."""
    length = int.from_bytes(said[:2], "big")
    return said[2 : 2 + length] if len(said) >= 2 + length > 2 else None
