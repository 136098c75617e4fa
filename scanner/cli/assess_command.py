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
    levels_option,
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
只凭证据文件 RUN 重新判定：不接触任何对象；可换级别、换时间，可加上人员的陈述和叠加文件。
给出多个级别则并排比较，并列出距上一级还差什么（先易后难）。

\b
例：
  mlps-posture assess today.run --level 2
  mlps-posture assess today.run --level 2 --level 3
  mlps-posture assess today.run --overlay bank.yaml
  mlps-posture assess today.run --attest interviews.csv --attest waivers.yaml
  mlps-posture assess today.run -f json > result.json""",
    en="""\
Judge again from the evidence file RUN alone: no object is touched; at another level, at another time,
with what people state beside it, with overlays. Several levels are put side by side, with what separates
the system from the next one, cheapest first.

\b
Examples:
  mlps-posture assess today.run --level 2
  mlps-posture assess today.run --level 2 --level 3
  mlps-posture assess today.run --overlay bank.yaml
  mlps-posture assess today.run --attest interviews.csv --attest waivers.yaml
  mlps-posture assess today.run -f json > result.json""",
)


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("assess", HELP, language)
    @click.argument("run", type=RUN_FILE)
    @levels_option(language)
    @at_option(language)
    @attest_option(language)
    @overlay_option(language)
    @fail_on_option(language)
    @format_option(language, "console", "json")
    @click.pass_context
    def assess(
        ctx: click.Context,
        run: Path,
        levels: Sequence[int],
        at: datetime | None,
        attest: Sequence[Path],
        overlay: Sequence[Path],
        fail_on: str,
        format_: str,
    ) -> int:
        from scanner.cli.comparing import compared, first_that_applies, show_compared
        from scanner.cli.judging import judge, levels_judged, profile_files, systems_at, understand
        from scanner.cli.outcome import exit_code, show
        from scanner.cli.overlaying import read_overlays, require_use
        from scanner.cli.stating import read_statements
        from scanner.locker import Locker

        overlays = read_overlays(overlay)
        with Locker.open(run, "read") as locker:
            sources = profile_files(locker.header, overlays)
            understood = understand(locker)
        asked: list[int | None] = [*sorted(set(levels))] or [None]
        systems = [system for level in asked for system in systems_at(understood.inventory, level)]
        require_use(overlays, levels_judged(systems))
        statements = read_statements(attest, sources)
        judged = [judge(understood, level, at, statements, sources) for level in asked]
        if len(judged) == 1:
            show(judged[0], format_, language_of(ctx))
        else:
            show_compared(compared(judged, sources), format_, language_of(ctx))
        return first_that_applies(exit_code(one, fail_on) for one in judged)

    return assess
