"""What an object said (Capture), where to look it up (Citation), or why it said nothing (Gap)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

FORMAT_VERSION = 1
"""Version of what a capture's fields mean; stored with every capture."""


class CaptureKind(StrEnum):
    """What a capture's content is."""

    COMMAND = "command"  # standard output of a constant command or snippet
    FILE = "file"  # a file's bytes, with its metadata
    EXCHANGE = "exchange"  # bytes sent and received, timed: JSON lines {"t": seconds, "sent"|"got": hex}
    PORTS = "ports"  # nmap's XML
    LISTING = "listing"  # what a file pattern matched: subject = the pattern, content = one path a line


class GapReason(StrEnum):
    """Why a fact is not there. Not seeing is never passing."""

    UNREACHABLE = "unreachable"
    HOST_KEY = "host-key"
    AUTHENTICATION = "authentication"
    PERMISSION = "permission"
    COMMAND_MISSING = "command-missing"
    COMMAND_FAILED = "command-failed"
    TIMED_OUT = "timed-out"
    UNPARSABLE = "unparsable"
    TRUNCATED = "truncated"
    EMPTY = "empty"  # nothing came, or the step's positive control is missing
    NOT_COLLECTED = "not-collected"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Gap:
    """Why something could not be seen, and what would let us see it."""

    reason: GapReason
    step: str = ""
    subject: str = ""
    detail: str = ""
    needs: str = ""
    """The permission or act that would settle it, e.g. ``root, or sudo: /usr/sbin/sshd -T``."""


@dataclass(frozen=True, slots=True)
class FileMeta:
    """Metadata of a file as the object gave it: permission bits, owner ids, bytes, mtime (epoch seconds)."""

    mode: int
    uid: int
    gid: int
    size: int
    mtime: int


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer of one object to one step, whole, with secrets already masked."""

    object: str
    platform: str
    step: str
    subject: str  # "" for a command; the path for a file; the pattern for a listing; an instance later
    kind: CaptureKind
    vantage: str
    status: int | None  # exit status; None where there is none (a file)
    content: bytes
    errors: bytes  # standard error, for refusals
    taken: datetime  # UTC
    truncated: bool = False
    meta: FileMeta | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def ref(self) -> str:
        """Name of this capture inside its run, stable from run to run: ``object/step[:subject]``."""
        return f"{self.object}/{self.step}" + (f":{self.subject}" if self.subject else "")


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """Evidence of an answer: a capture and the 1-based line in it (0: the capture as a whole)."""

    capture: str
    line: int
    excerpt: str
