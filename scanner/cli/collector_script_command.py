"""``collector-script``: the read-only program as one file, for hosts that nobody may log in to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.cli.options import output_option
from scanner.cli.speaking import speaking
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from pathlib import Path

HELP = Text(
    zh="""\
打印只读采集脚本（POSIX sh，一个文件），供无法登录的主机手工运行；内容与 SSH 扫描所发送的相同。

输出含口令散列等敏感内容：脚本头部说明如何保管。导入时先遮蔽再保存。

\b
例：
  mlps-posture collector-script -o mlps-collect.sh
  (umask 077; sh mlps-collect.sh > host1.mlps)      # 在那台主机上
  mlps-posture import host1.mlps -o site.run""",
    en="""\
Print the read-only collector as one POSIX sh file, to be run by hand on a host that nobody may log in to. It
asks what a scan over SSH asks.

Its output holds secrets such as password hashes: the head of the script says how to keep it. Importing masks
them before anything is stored.

\b
Example:
  mlps-posture collector-script -o mlps-collect.sh
  (umask 077; sh mlps-collect.sh > host1.mlps)      # on that host
  mlps-posture import host1.mlps -o site.run""",
)


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("collector-script", HELP, language)
    @output_option(language)
    def collector_script(output: Path | None) -> int:
        from collectors.script import script
        from scanner import __version__
        from scanner.cli.judging import PLATFORM_BY_NAME
        from scanner.cli.target import OFFLINE_PLATFORM
        from scanner.cli.writing import write_out

        write_out(script(PLATFORM_BY_NAME[OFFLINE_PLATFORM].steps, __version__), output)
        return 0

    return collector_script
