"""``explain``: an item, a check or a judgement in full: why, how, what answers, what remedies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.options import RUN_FILE, format_option
from scanner.cli.speaking import speaking
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from scanner.report.explanation.find import Found
    from scanner.report.explanation.in_run import Judgings
    from scanner.report.explanation.knowledge import Knowledge

HELP = Text(
    zh="""\
说明一个测评单元、检查或高风险判例：问什么、怎么问、谁来回答、阈值、判定规则、各级别的差别、整改。
也可给条款号、触发项、测评对象类型，或控制点的词；不分大小写。加 --run 再显示该次扫描的结果与证据。

\b
例：
  mlps-posture explain L3-CES1-01
  mlps-posture explain 8.1.4.1 a\\)
  mlps-posture explain sshd.root-login-refused --run today.run
  mlps-posture explain 6.4.3.1
  mlps-posture explain 身份鉴别""",
    en="""\
Explain an item, a check or a judgement on high risk: what is asked and how, who answers, thresholds, the rule
of decision, how other levels differ, the remedy. A number of a clause will do, a trigger, a kind of object,
or words of a control point; case does not matter. With --run: also what that run shows, with its evidence.

\b
Examples:
  mlps-posture explain L3-CES1-01
  mlps-posture explain 8.1.4.1 a\\)
  mlps-posture explain sshd.root-login-refused --run today.run
  mlps-posture explain 6.4.3.1
  mlps-posture explain identity authentication""",
)
_RUN = Text(
    zh="再显示该证据文件所示：答案、发现和证据。", en="Also what this run shows: answers, findings, evidence."
)


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("explain", HELP, language)
    @click.argument("name", nargs=-1, required=True)
    @click.option("--run", "run", type=RUN_FILE, help=_RUN.say(language))
    @format_option(language, "console", "json")
    def explain(name: tuple[str, ...], run: Path | None, format_: str) -> int:
        from scanner.cli.explaining import judged_run, knowledge
        from scanner.errors import InputError
        from scanner.profile import packaged
        from scanner.report.explanation.find import find, nearest

        judged, sources = judged_run(run) if run is not None else (None, packaged())
        known = knowledge(sources)
        query = " ".join(name)
        found = find(query, known)
        if not found.count:
            near = ", ".join(nearest(query, known))
            hint = f"; nearest: {near}" if near else "; mlps-posture items WORDS searches all texts"
            raise InputError(f"nothing is called {query!r}{hint}")
        _show(found, known, judged, format_, language)
        return 0

    return explain


def _show(found: Found, known: Knowledge, judged: Judgings | None, format_: str, language: Language) -> None:
    """Print what was found."""
    if format_ == "json":
        from scanner.cli.writing import write_out
        from scanner.report.explanation.data import as_json

        write_out(as_json(found, known, judged), None)
        return
    from rich.console import Console

    from scanner.cli.terminal import colours, columns
    from scanner.report.explanation.console import render

    console = Console(width=columns(), color_system="standard" if colours() else None)
    with console.capture() as captured:
        console.print(render(found, known, judged, language))
    text = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    click.echo(text, nl=False, color=True)
