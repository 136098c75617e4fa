"""Writing a command's result to standard output or to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def write_out(text: str, output: Path | None) -> None:
    """Write ``text`` to ``output``, or to standard output: as UTF-8, whatever the terminal's encoding.

    Raises:
        InputError: the file cannot be written.
    """
    if output is None:
        click.echo(text.encode(), nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {output}: {error.strerror}") from error
