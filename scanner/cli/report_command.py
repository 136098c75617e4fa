"""``report``: render a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.cli.options import (
    RUN_FILE,
    at_option,
    attest_option,
    format_option,
    level_option,
    output_option,
    overlay_option,
)
from scanner.cli.speaking import speaking
from scanner.cli.words import language_of
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

HELP = Text(
    zh="""\
把证据文件 RUN 渲染成报告。同样的证据得到逐字节相同的 JSON。HTML 是一个离线文件，可切换中英文。

\b
例：
  mlps-posture report today.run -o today.json
  mlps-posture report today.run -f html -o today.html
  mlps-posture report today.run -f csv -o today.csv      每行一个测评项与对象，可用 score 复算
  mlps-posture report today.run -f console --level 2""",
    en="""\
Render the evidence file RUN as a report. The same evidence gives the same JSON, byte by byte.
The HTML is one file that needs no network, in English and Chinese.

\b
Examples:
  mlps-posture report today.run -o today.json
  mlps-posture report today.run -f html -o today.html
  mlps-posture report today.run -f csv -o today.csv      a row for each item and object, for score
  mlps-posture report today.run -f console --level 2""",
)


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("report", HELP, language)
    @click.argument("run", type=RUN_FILE)
    @level_option(language)
    @at_option(language)
    @attest_option(language)
    @overlay_option(language)
    @format_option(language, "json", "console", "html", "csv")
    @output_option(language)
    @click.pass_context
    def report(
        ctx: click.Context,
        run: Path,
        level: int | None,
        at: datetime | None,
        attest: Sequence[Path],
        overlay: Sequence[Path],
        format_: str,
        output: Path | None,
    ) -> int:
        from scanner.cli.judging import judge, levels_judged, profile_files, systems_at, understand
        from scanner.cli.outcome import rendered
        from scanner.cli.overlaying import read_overlays, require_use
        from scanner.cli.stating import read_statements
        from scanner.cli.writing import write_out
        from scanner.locker import Locker

        overlays = read_overlays(overlay)
        with Locker.open(run, "read") as locker:
            sources = profile_files(locker.header, overlays)
            understood = understand(locker)
        require_use(overlays, levels_judged(systems_at(understood.inventory, level)))
        judged = judge(understood, level, at, read_statements(attest, sources), sources)
        write_out(rendered(judged, format_, language_of(ctx)), output)
        return 0

    return report
