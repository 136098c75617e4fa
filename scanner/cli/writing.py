"""Writing a command's result to standard output or to a file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from scanner.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def write_out(text: str, output: Path | None) -> None:
    """Write ``text`` to ``output``, or to standard output: as UTF-8, whatever the terminal's encoding.

    A new file that could not be written whole does not stay: half a report reads like a whole one.

    Raises:
        InputError: the file cannot be written.
    """
    if output is None:
        click.echo(text.encode(), nl=False)
        return
    is_new = not output.exists()
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        if is_new:
            with suppress(OSError):
                output.unlink(missing_ok=True)
        raise InputError(f"cannot write {output}: {error.strerror}") from error
