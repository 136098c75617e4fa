"""``verify``: prove that a run's evidence is whole and unaltered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.cli.options import RUN_FILE
from scanner.cli.speaking import speaking
from scanner.cli.words import is_quiet, language_of
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from pathlib import Path

HELP = Text(
    zh="""\
检验证据文件 RUN：每份证据的摘要、日志的哈希链、文件结构。有问题时逐条指出，退出码 1；完好但扫描尚未结束为 2。

\b
例：
  mlps-posture verify today.run""",
    en="""\
Check the evidence file RUN: every capture's digest, the journal's hash chain, the file's structure. Problems
are named one by one, exit code 1; whole but of an unfinished run: 2.

\b
Example:
  mlps-posture verify today.run""",
)
_WHOLE = Text(zh="完好：{path}", en="whole: {path}")
_HEAD = Text(zh="链头 {head}", en="head of the chain {head}")
_UNFINISHED = Text(zh="尚未结束的扫描", en="the run is not finished")


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("verify", HELP, language)
    @click.argument("run", type=RUN_FILE)
    @click.pass_context
    def verify(ctx: click.Context, run: Path) -> int:
        from scanner.cli import EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_OK
        from scanner.locker import Locker

        words = language_of(ctx)
        with Locker.open(run, "read") as locker:
            problems = locker.verify()
            for problem in problems:
                click.echo(f"{run}: {problem}")
            if problems:
                return EXIT_FINDINGS
            if not is_quiet(ctx):
                click.echo(_WHOLE.format(path=run).say(words))
                click.echo(_HEAD.format(head=locker.head).say(words))
            if locker.finished is None:
                click.echo(_UNFINISHED.say(words))
                return EXIT_INCOMPLETE
        return EXIT_OK

    return verify
