"""Blocks of private keys in PEM and its relatives: every line between BEGIN and END is masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.redact.masks import MASK, mask_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SECRET = r"(?:[A-Za-z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|[A-Za-z ]{0,20}STATIC KEY[ A-Z0-9]{0,10})"  # noqa: S105
_BEGIN = re.compile(rf"-----BEGIN {_SECRET}-----", re.IGNORECASE)
_END = re.compile(rf"-----END {_SECRET}-----", re.IGNORECASE)
_MATERIAL = re.compile(
    r"[\s>|#;*\"']*(?:[A-Za-z0-9+/=\\]*|(?:Proc-Type|DEK-Info|Comment|Version|Hash): .*)[\s\"',]*"
)
KIND = "private-key"


def mask_blocks(lines: Iterable[str], key: bytes) -> Iterator[str]:
    """Yield ``lines``, one for one, with the material of private keys masked.

    A block without its END (a cut answer) ends at the first line that cannot be key material.
    """
    inside = False
    for line in lines:
        if _END.search(line) and not _BEGIN.search(line):
            inside = False
            yield line
        elif _BEGIN.search(line):
            inside = not _END.search(line)
            yield _masked_inside(line, key)
        elif inside and (MASK.search(line) or _MATERIAL.fullmatch(line)):
            yield _masked(line, key)
        else:
            inside = False
            yield line


def _masked_inside(line: str, key: bytes) -> str:
    """Mask what follows a BEGIN on its own line, up to the END or the line's end."""
    pieces: list[str] = []
    done = 0
    while (begin := _BEGIN.search(line, done)) is not None:
        end = _END.search(line, begin.end())
        stop = len(line) if end is None else end.start()
        pieces += [line[done : begin.end()], _masked(line[begin.end() : stop], key)]
        done = stop
    return "".join([*pieces, line[done:]])


def _masked(line: str, key: bytes) -> str:
    """Mask a line, keeping its indentation and its end."""
    body = line.strip()
    if not body or MASK.fullmatch(body):
        return line
    before, _, after = line.partition(body)
    return before + mask_secret(KIND, body, key) + after
