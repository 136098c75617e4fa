"""What stands in a journal row: the header and the events as JSON, and back.

A capture's row holds its fields and, for its two byte strings, where they lie (``Stored``). Decoding is
strict: what does not have exactly the written shape raises ``ValueError``, never becomes a guess.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar, cast

from scanner.model import (
    Capture,
    CaptureKind,
    FileMeta,
    Finished,
    Gap,
    GapReason,
    Missed,
    Started,
)
from scanner.model.capture import FORMAT_VERSION

T = TypeVar("T")
Fields = Mapping[str, object]

HEADER = "header"
STARTED = "started"
CAPTURED = "captured"
MISSED = "missed"
FINISHED = "finished"
RUN_FINISHED = "run-finished"
KINDS = (HEADER, STARTED, CAPTURED, MISSED, FINISHED, RUN_FINISHED)
"""Kinds of journal rows; their meaning never changes."""

LARGEST = 1 << 30
"""Bytes that one stored byte string may claim to have; more is a forged file."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a run was asked to do. The inventory and profile are JSON values: the file is enough to judge."""

    tool: str  # version of the tool that wrote the file
    run: str  # id of the run
    started: datetime  # UTC
    inventory: Mapping[str, object]
    profile: Mapping[str, object]
    format: int = FORMAT_VERSION


@dataclass(frozen=True, slots=True)
class Stored:
    """A byte string in the file: SHA-256 of the content, its size, SHA-256 of the compressed bytes.

    The third covers what decompression would not notice, e.g. the padding bits of a deflate stream.
    """

    sha256: str
    size: int
    packed: str


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A capture's row: everything but the bytes."""

    capture: Capture  # with empty content and errors
    content: Stored
    errors: Stored


Entry = Header | Started | CaptureRow | Missed | Finished | datetime
"""Decoded row; a datetime is the end of the run."""


def header_fields(header: Header) -> Fields:
    """Payload of the first row."""
    return {
        "tool": header.tool,
        "run": header.run,
        "started": instant(header.started),
        "inventory": dict(header.inventory),
        "profile": dict(header.profile),
        "format": header.format,
    }


def event_fields(event: Started | Missed | Finished) -> tuple[str, Fields]:
    """Kind and payload of an event that brings no bytes."""
    if isinstance(event, Missed):
        gap = event.gap
        return MISSED, {
            "object": event.object,
            "at": instant(event.at),
            "reason": gap.reason.value,
            "step": gap.step,
            "subject": gap.subject,
            "detail": gap.detail,
            "needs": gap.needs,
        }
    kind = STARTED if isinstance(event, Started) else FINISHED
    return kind, {"object": event.object, "at": instant(event.at)}


def capture_fields(capture: Capture, content: Stored, errors: Stored) -> Fields:
    """Payload of a capture's row."""
    meta = capture.meta
    return {
        "object": capture.object,
        "platform": capture.platform,
        "step": capture.step,
        "subject": capture.subject,
        "kind": capture.kind.value,
        "vantage": capture.vantage,
        "status": capture.status,
        "taken": instant(capture.taken),
        "truncated": capture.truncated,
        "meta": None
        if meta is None
        else {"mode": meta.mode, "uid": meta.uid, "gid": meta.gid, "size": meta.size, "mtime": meta.mtime},
        "content": _stored_fields(content),
        "errors": _stored_fields(errors),
        "format": FORMAT_VERSION,
    }


def decode(kind: str, payload: str) -> Entry:
    """Read a row's payload back.

    Raises:
        ValueError: it has not the shape that its kind is written in.
    """
    try:
        fields = _mapping(json.loads(payload))
        return _decoded(kind, fields)
    except (KeyError, TypeError, RecursionError) as wrong:
        raise ValueError(f"a row of kind {kind!r} has not its shape: {wrong!r}") from wrong


def object_of(entry: Entry) -> str:
    """Object that a row speaks about; empty for the header and the end of the run."""
    if isinstance(entry, Header | datetime):
        return ""
    return entry.capture.object if isinstance(entry, CaptureRow) else entry.object


def instant(at: datetime) -> str:
    """Spell a point in time as ISO 8601 in UTC.

    Raises:
        ValueError: it has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a point in time without its zone cannot be recorded")
    return at.astimezone(UTC).isoformat()


def _decoded(kind: str, fields: Fields) -> Entry:
    if kind == HEADER:
        return _header(fields)
    if kind == CAPTURED:
        return _capture_row(fields)
    at = _time(fields["at"])
    if kind == RUN_FINISHED:
        return at
    name = _one(fields["object"], str)
    if kind == STARTED:
        return Started(name, at)
    if kind == FINISHED:
        return Finished(name, at)
    if kind == MISSED:
        return Missed(name, _gap(fields), at)
    raise ValueError(f"no row is of the kind {kind!r}")


def _header(fields: Fields) -> Header:
    return Header(
        tool=_one(fields["tool"], str),
        run=_one(fields["run"], str),
        started=_time(fields["started"]),
        inventory=_mapping(fields["inventory"]),
        profile=_mapping(fields["profile"]),
        format=_one(fields["format"], int),
    )


def _gap(fields: Fields) -> Gap:
    return Gap(
        GapReason(_one(fields["reason"], str)),
        _one(fields["step"], str),
        _one(fields["subject"], str),
        _one(fields["detail"], str),
        _one(fields["needs"], str),
    )


def _capture_row(fields: Fields) -> CaptureRow:
    if _one(fields["format"], int) > FORMAT_VERSION:
        raise ValueError("the capture was written by a newer version")
    status = fields["status"]
    capture = Capture(
        object=_one(fields["object"], str),
        platform=_one(fields["platform"], str),
        step=_one(fields["step"], str),
        subject=_one(fields["subject"], str),
        kind=CaptureKind(_one(fields["kind"], str)),
        vantage=_one(fields["vantage"], str),
        status=None if status is None else _one(status, int),
        content=b"",
        errors=b"",
        taken=_time(fields["taken"]),
        truncated=_one(fields["truncated"], bool),
        meta=_meta(fields["meta"]),
    )
    return CaptureRow(capture, _stored(fields["content"]), _stored(fields["errors"]))


def _meta(value: object) -> FileMeta | None:
    if value is None:
        return None
    fields = _mapping(value)
    numbers = [_one(fields[name], int) for name in ("mode", "uid", "gid", "size", "mtime")]
    return FileMeta(*numbers)


def _stored_fields(stored: Stored) -> Fields:
    return {"sha256": stored.sha256, "size": stored.size, "packed": stored.packed}


def _stored(value: object) -> Stored:
    fields = _mapping(value)
    size = _one(fields["size"], int)
    if not 0 <= size <= LARGEST:
        raise ValueError(f"{size} bytes are more than a capture can have")
    return Stored(_one(fields["sha256"], str), size, _one(fields["packed"], str))


def _mapping(value: object) -> Fields:
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__} where a mapping belongs")
    return cast("Fields", value)


def _one(value: object, kind: type[T]) -> T:
    """``value`` if it is just of ``kind``: a truth value is no number here."""
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} where {kind.__name__} belongs")
    return value


def _time(value: object) -> datetime:
    at = datetime.fromisoformat(_one(value, str))
    if at.tzinfo is None:
        raise ValueError("a point in time without its zone")
    return at
