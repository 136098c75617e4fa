"""IKE messages (RFC 2408, RFC 7296) as far as presence needs them: questions, and answers that name us."""

from __future__ import annotations

from dataclasses import dataclass

HEADER = 28
_NON_ESP = b"\0\0\0\0"
NATT_PORT = 4500
"""On this port IKE stands behind four zero bytes (RFC 3948)."""

_NOTIFIES = {5: "INVALID_MAJOR_VERSION", 7: "INVALID_SYNTAX", 14: "NO_PROPOSAL_CHOSEN"}


def version_question(initiator: bytes, noise: bytes) -> bytes:
    """Build an SA_INIT of IKE version 3, which nobody speaks: a peer says so and keeps no state.

    ``initiator``: our 8 bytes; ``noise``: 32 bytes for the key exchange and the nonce.
    """
    transforms = (
        b"\x03\0\0\x0c\x01\0\0\x0c\x80\x0e\x01\0"  # AES-CBC, 256 bits
        b"\x03\0\0\x08\x02\0\0\x05"  # PRF HMAC-SHA2-256
        b"\x03\0\0\x08\x03\0\0\x0c"  # HMAC-SHA2-256-128
        b"\0\0\0\x08\x04\0\0\x0e"  # group 14
    )
    proposal = b"\0\0" + (8 + len(transforms)).to_bytes(2, "big") + b"\x01\x01\0\x04" + transforms
    body = _payload(34, proposal) + _payload(40, b"\0\x0e\0\0" + noise * 8) + _payload(0, noise)
    return _header(initiator, 33, 0x30, 34, 0x08, len(body)) + body


def main_mode_question(initiator: bytes) -> bytes:
    """Build IKEv1's first message of main mode with a few common proposals."""
    kinds = (
        (b"\x80\x01\0\x07\x80\x0e\x01\0", 4, 14),  # AES-256, SHA2-256, group 14
        (b"\x80\x01\0\x07\x80\x0e\0\x80", 2, 2),  # AES-128, SHA-1, group 2
        (b"\x80\x01\0\x05", 2, 2),  # 3DES, SHA-1, group 2
    )
    transforms = b""
    for number, (cipher, digest, group) in enumerate(kinds, 1):
        attributes = (
            cipher + b"\x80\x02\0" + bytes([digest]) + b"\x80\x03\0\x01\x80\x04\0" + bytes([group])
            + b"\x80\x0b\0\x01\0\x0c\0\x04\0\0\x70\x80"
        )  # fmt: skip
        following = 3 if number < len(kinds) else 0
        size = (8 + len(attributes)).to_bytes(2, "big")
        transforms += bytes([following, 0]) + size + bytes([number, 1, 0, 0]) + attributes
    proposal = b"\0\0" + (8 + len(transforms)).to_bytes(2, "big") + bytes([1, 1, 0, len(kinds)]) + transforms
    body = _payload(0, b"\0\0\0\x01\0\0\0\x01" + proposal)
    return _header(initiator, 1, 0x10, 2, 0, len(body)) + body


def for_port(port: int, message: bytes) -> bytes:
    """Put a message as ``port`` expects it."""
    return _NON_ESP + message if port == NATT_PORT else message


@dataclass(frozen=True, slots=True)
class Answer:
    """A peer's answer: its major version, and in words what it said."""

    major: int
    text: str


def read_answer(said: bytes, port: int, initiator: bytes) -> Answer | None:
    """Understand a datagram; None: no answer to the message with our ``initiator``."""
    message = said.removeprefix(_NON_ESP) if port == NATT_PORT else said
    if (
        len(message) < HEADER
        or message[:8] != initiator
        or int.from_bytes(message[24:28], "big") != len(message)
    ):
        return None
    major, exchange, flags = message[17] >> 4, message[18], message[19]
    if major == 2 and exchange == 34 and flags & 0x20:
        notify = int.from_bytes(message[34:36], "big") if message[16] == 41 and len(message) >= 36 else 0
        return Answer(2, _NOTIFIES.get(notify, f"notify {notify}") if notify else "IKE_SA_INIT")
    if major == 1 and (exchange == 5 or (exchange == 2 and any(message[8:16]))):  # else our own, echoed
        return Answer(1, "main mode" if exchange == 2 else "informational")
    return None


def _header(initiator: bytes, following: int, version: int, exchange: int, flags: int, body: int) -> bytes:
    start = initiator + bytes(8) + bytes([following, version, exchange, flags])
    return start + bytes(4) + (HEADER + body).to_bytes(4, "big")


def _payload(following: int, body: bytes) -> bytes:
    return bytes([following, 0]) + (4 + len(body)).to_bytes(2, "big") + body
