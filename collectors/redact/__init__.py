"""Secrets are masked before anything is stored: line by line, with as many lines as there were.

What judgement needs stays: policies, switches, empty and locked password fields, schemes of hashes. What
is masked keeps its kind and how good it was (see ``masks``).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import overload

from collectors.redact.accounts import holds_accounts, mask_comment, mask_line
from collectors.redact.forms import mask_forms
from collectors.redact.keys import mask_blocks
from scanner.model import Capture, CaptureKind, Gap

_MARKS = (b"\xff\xfe", b"\xfe\xff")


@overload
def redact(record: Capture, key: bytes) -> Capture: ...
@overload
def redact(record: Gap, key: bytes) -> Gap: ...
def redact(record: Capture | Gap, key: bytes) -> Capture | Gap:
    """Mask the secrets of a capture's content and standard error, or of a gap's detail.

    Doing it again, with whatever key, changes nothing (but in an answer beyond ``forms.SEARCHED``).
    Listings stay: they are paths, and have to name the same files as the captures do.
    """
    if isinstance(record, Gap):
        return replace(record, detail=_masked(record.detail, "", key))
    if record.kind is CaptureKind.LISTING:
        return record
    name = PurePosixPath(record.subject).name if record.kind is CaptureKind.FILE else ""
    content = redact_bytes(record.content, name, key)
    errors = redact_bytes(record.errors, "", key)
    return replace(record, content=content, errors=errors)


def redact_bytes(content: bytes, name: str, key: bytes) -> bytes:
    """Mask the secrets in ``content`` of the file ``name`` (base name; "" for anything else)."""
    encoding = _encoding(content)
    return _masked(content.decode(encoding), name, key).encode(encoding)


def _masked(text: str, name: str, key: bytes) -> str:
    lines = [mask_line(line, name, key) for line in text.split("\n")]
    if holds_accounts(name):
        return "\n".join(mask_comment(line, name, key) for line in lines)
    return "\n".join(mask_forms(mask_blocks(lines, key), name, key))


def _encoding(content: bytes) -> str:
    """Latin-1 holds any bytes and shows ASCII as it is; two bytes a character need their own encoding."""
    zeros = content.count(0)
    if not content.startswith(_MARKS) and (not zeros or zeros * 4 < len(content)):
        return "latin-1"
    big = content[0::2].count(0) > content[1::2].count(0)
    encoding = {_MARKS[0]: "utf-16-le", _MARKS[1]: "utf-16-be"}.get(
        content[:2], "utf-16-be" if big else "utf-16-le"
    )
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return "latin-1"
    return encoding
