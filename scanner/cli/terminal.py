"""What standard output is: how wide, and whether somebody sees colours there."""

from __future__ import annotations

import os
import shutil
import sys

_UNKNOWN = 100
"""Columns where standard output is no terminal and nobody says how wide it is."""


def columns() -> int:
    """Columns of the terminal, or as the environment says (COLUMNS)."""
    return max(40, shutil.get_terminal_size((_UNKNOWN, 24)).columns)


def colours() -> bool:
    """Whether colours are seen: at a terminal, unless the environment declines them (NO_COLOR)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
