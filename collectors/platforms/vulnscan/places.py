"""Where in a JSON document an identifier stands first: its reader tells no lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collectors.evidence import Document

_STRING = re.compile(r'"([A-Za-z][A-Za-z0-9:._-]{2,80})"')


def lines_of(document: Document) -> dict[str, int]:
    """First line, counted from 1, of every short string that stands in the document."""
    found: dict[str, int] = {}
    for number, line in enumerate(document.lines, 1):
        for match in _STRING.finditer(line):
            found.setdefault(match[1], number)
    return found
