"""``facts``: what was understood, value by value, with capture and line."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from scanner.cli.options import RUN_FILE, format_option
from scanner.cli.speaking import speaking
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.report.fact_rows import Row

HELP = Text(
    zh="""\
列出从证据文件 RUN 理解到的每个值：写明的还是默认的，出自哪份证据的哪一行；看不到的写明原因。

\b
例：
  mlps-posture facts today.run --object web1
  mlps-posture facts today.run -f json""",
    en="""\
List every value understood from RUN: written down or default, from which capture and line; and why
something was not seen.

\b
Examples:
  mlps-posture facts today.run --object web1
  mlps-posture facts today.run -f json""",
)
_OBJECT = Text(zh="只列出该对象。", en="Only this object.")


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("facts", HELP, language)
    @click.argument("run", type=RUN_FILE)
    @click.option("--object", "object_", help=_OBJECT.say(language))
    @format_option(language, "text", "json")
    def facts(run: Path, object_: str | None, format_: str) -> int:
        from scanner.cli.judging import judge
        from scanner.cli.writing import write_out
        from scanner.errors import InputError
        from scanner.locker import Locker
        from scanner.report.fact_rows import rows
        from scanner.report.json import dumped

        with Locker.open(run, "read") as locker:
            sheets = judge(locker).sheets
        if object_ is not None and object_ not in sheets:
            raise InputError(f"the run has no object {object_!r}; it has: {', '.join(sorted(sheets))}")
        chosen = [name for name in sorted(sheets) if object_ in {None, name}]
        found = [row for name in chosen for row in rows(sheets[name])]
        if format_ == "json":
            write_out(dumped([asdict(row) for row in found]), None)
        else:
            for row in found:
                click.echo(_line(row))
        return 0

    return facts


def _line(row: Row) -> str:
    from scanner.report.plain import plain

    name = f"{row.fact}.{row.name}" if row.name else row.fact
    origin = f" ({row.origin})" if row.origin else ""
    cited = row.citation
    where = f"  <- {cited.capture}{f':{cited.line}' if cited.line else ''}" if cited is not None else ""
    return plain(f"{row.object}  {name} = {row.value}{origin}{where}")
