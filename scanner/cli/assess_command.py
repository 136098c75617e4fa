"""``assess``: judge a run's evidence again, on another day, at another level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.cli.options import (
    RUN_FILE,
    at_option,
    attest_option,
    fail_on_option,
    format_option,
    level_option,
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
只凭证据文件 RUN 重新判定：不接触任何对象；可换级别、换时间，可加上人员的陈述。

\b
例：
  mlps-posture assess today.run --level 2
  mlps-posture assess today.run --attest interviews.csv --attest waivers.yaml
  mlps-posture assess today.run -f json > result.json""",
    en="""\
Judge again from the evidence file RUN alone: no object is touched; at another level, at another time,
with what people state beside it.

\b
Examples:
  mlps-posture assess today.run --level 2
  mlps-posture assess today.run --attest interviews.csv --attest waivers.yaml
  mlps-posture assess today.run -f json > result.json""",
)


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("assess", HELP, language)
    @click.argument("run", type=RUN_FILE)
    @level_option(language)
    @at_option(language)
    @attest_option(language)
    @fail_on_option(language)
    @format_option(language, "console", "json")
    @click.pass_context
    def assess(
        ctx: click.Context,
        run: Path,
        level: int | None,
        at: datetime | None,
        attest: Sequence[Path],
        fail_on: str,
        format_: str,
    ) -> int:
        from scanner.cli.judging import judge, profile_files
        from scanner.cli.outcome import exit_code, show
        from scanner.cli.stating import read_statements
        from scanner.locker import Locker

        with Locker.open(run, "read") as locker:
            statements = read_statements(attest, profile_files(locker.header))
            judged = judge(locker, level, at, statements)
        show(judged, format_, language_of(ctx))
        return exit_code(judged, fail_on)

    return assess
