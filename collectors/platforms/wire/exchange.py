"""A timed exchange of bytes, as an EXCHANGE capture holds it: one JSON object a line.

A conversation is one connection, or the datagrams of one question::

    {"t": 0.0, "open": "tls1.2"}
    {"t": 0.0, "to": "another"}
    {"t": 0.001, "sent": "160301..."}
    {"t": 0.004, "got": "160303..."}
    {"t": 0.004, "end": "done"}

``t`` is seconds since the exchange began; bytes are hexadecimal, so that nothing the object said can act on
whoever looks. ``certificate`` (DER) is what a TLS library took out of bytes that are encrypted in the
exchange itself. ``to`` tells whether the connection led to another host or to the vantage ``itself``; what
was recorded before that was noted does not tell.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Unseen
from collectors.evidence import EXCERPT
from scanner.model import Citation, Gap, GapReason

if TYPE_CHECKING:
    from collectors.base import Step
    from collectors.evidence import Document

ENDS = {
    "done": GapReason.EMPTY,  # we left: the answer was whole
    "closed": GapReason.EMPTY,
    "reset": GapReason.EMPTY,
    "cap": GapReason.TRUNCATED,
    "timeout": GapReason.TIMED_OUT,
    "refused": GapReason.UNREACHABLE,
    "unreachable": GapReason.UNREACHABLE,
}
"""How a conversation ends, and what that means for a question that it left open."""

_LABEL = re.compile(r"[a-z0-9.-]{1,40}")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_KINDS = ("sent", "got", "certificate")
_WHOM = ("another", "itself")


@dataclass(frozen=True, slots=True)
class Said:
    """Some bytes and the line that they stand in."""

    kind: str  # sent, got or certificate
    data: bytes
    line: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """One connection, or the datagrams of one question."""

    label: str
    parts: tuple[Said, ...]
    end: str
    line: int
    end_line: int
    elsewhere: bool | None = None
    """Whether the vantage was another host than the object; None: not noted."""

    @property
    def got(self) -> bytes:
        """All that the object said."""
        return b"".join(part.data for part in self.parts if part.kind == "got")

    @property
    def datagrams(self) -> tuple[Said, ...]:
        """What the object said, piece by piece."""
        return tuple(part for part in self.parts if part.kind == "got")

    @property
    def sent(self) -> bytes:
        """All that we said."""
        return b"".join(part.data for part in self.parts if part.kind == "sent")

    @property
    def certificate(self) -> Said | None:
        """The certificate that a TLS library took out, where one did."""
        return next((part for part in self.parts if part.kind == "certificate"), None)


@dataclass(frozen=True, slots=True)
class Exchange:
    """All conversations of one step with one port."""

    step: str
    subject: str
    ref: str
    conversations: tuple[Conversation, ...]

    @property
    def first_line(self) -> Citation:
        """Cite the exchange as a whole."""
        return Citation(self.ref, 0, "")

    def cite(self, conversation: Conversation, words: str = "") -> Citation:
        """Cite what the object first said, readably or in ``words``; where it said nothing, how it ended."""
        said = next(iter(conversation.datagrams), None)
        if said is None:
            return Citation(self.ref, conversation.end_line, f"{conversation.label}: {conversation.end}")
        told = words or printable(said.data)
        return Citation(self.ref, said.line, f"{conversation.label}: {told}"[:EXCERPT])

    def gap(self, conversation: Conversation | None, detail: str = "") -> Gap:
        """Why a conversation left its question open."""
        if conversation is None:
            return Gap(GapReason.EMPTY, self.step, self.subject, detail or "nothing was asked")
        reason = ENDS[conversation.end]
        if detail and reason is GapReason.EMPTY:
            reason = GapReason.UNPARSABLE
        told = detail or "the answer says nothing that we know"
        return Gap(reason, self.step, self.subject, f"{told} ({conversation.label}: {conversation.end})")


def read_exchange(step: Step, subject: str, document: Document) -> Exchange:
    """Read a capture's lines strictly.

    Raises:
        Unseen: a line is not what our own prober writes, or the last conversation has no end.
    """
    conversations: list[Conversation] = []
    label, opened, parts, elsewhere = "", 0, list[Said](), None
    for number, line in enumerate(document.lines, 1):
        if not line.strip():
            continue
        entry = _entry(line)
        if entry is None:
            raise _unparsable(step, subject, number, "no line of an exchange")
        kind, text = entry
        if (kind == "open") == bool(opened):
            raise _unparsable(step, subject, number, "conversations overlap")
        if kind == "open":
            label, opened, parts, elsewhere = text, number, [], None
        elif kind == "to":
            elsewhere = text == "another"
        elif kind == "end":
            conversations.append(Conversation(label, tuple(parts), text, opened, number, elsewhere))
            opened = 0
        else:
            parts.append(Said(kind, bytes.fromhex(text), number))
    if opened or not conversations:
        raise Unseen(Gap(GapReason.TRUNCATED, step.id, subject, "the exchange has no end"))
    return Exchange(step.id, subject, document.ref, tuple(conversations))


def _entry(line: str) -> tuple[str, str] | None:
    """Kind and text of a line; None where it is none of ours."""
    try:
        thing = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(thing, dict) or len(thing) != 2 or not isinstance(thing.get("t"), (int, float)):
        return None
    kind = next(key for key in thing if key != "t")
    text = thing[kind]
    if not isinstance(text, str):
        return None
    good = {
        "open": _LABEL.fullmatch(text) is not None,
        "end": text in ENDS,
        "to": text in _WHOM,
    }.get(kind, kind in _KINDS and _HEX.fullmatch(text) is not None)
    return (kind, text) if good else None


def _unparsable(step: Step, subject: str, line: int, why: str) -> Unseen:
    return Unseen(Gap(GapReason.UNPARSABLE, step.id, subject, f"line {line}: {why}"))


def printable(data: bytes) -> str:
    r"""Bytes as printable ASCII, everything else escaped as in ``\x1b``; at most an excerpt of them."""
    return "".join(
        chr(b) if 0x20 <= b < 0x7F and b != 0x5C else {10: r"\n", 13: r"\r"}.get(b, f"\\x{b:02x}")
        for b in data[:EXCERPT]
    )[:EXCERPT]
