"""Where the program begins: an interruption while it is still loading is one too."""

from __future__ import annotations

import sys

_INTERRUPTED = 130
"""What ``scanner.cli`` leaves with, which is not loaded yet."""


def main() -> None:
    """Load the command line and run it."""
    try:
        from scanner.cli import main as run  # noqa: PLC0415 - loading is what may be interrupted

        run()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("mlps-posture: interrupted\n")
        sys.exit(_INTERRUPTED)
