"""``score``: score a file of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.options import format_option
from scanner.cli.speaking import speaking
from scanner.cli.words import language_of
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from scanner.report.scored import ScoredFile

HELP = Text(
    zh="""\
按 2025、2021 两版模板给 FILE 中的结果评分：每行是一个测评项在一个测评对象上的结果。

\b
CSV（UTF-8 或 GB18030，首行为列名）：
  item,object,verdict            必填
  verdict                        conform partial nonconform not-applicable undetermined
                                 （或 符合 部分符合 不符合 不适用 未能核查），
                                 或仍可能的几种：partial|nonconform
  side,weight                    目录以外的项必填：technical management；general important key
  themes,optional,risk           firewall|encryption|audit|tunnels 或 none；yes no；high medium low
  system,possible,before,sampled,majors,counted
                                 系统名；未定时仍可能的结果；不计补偿的结果；是否抽中 yes no；
                                 系统已确认的重大风险隐患数（0，或 0+ 表示可能还有）；no 表示不计分
JSON：{"items": [{"item": "L3-CES1-01", "object": "web1", "verdict": "partial"}, ...],
       "risks": ["medium"], "majors": 0, "y": "1/2"}
       items 的字段同上；risks、majors、y 可省略，给出即视为全部，未看到的也不再改变它们。

\b
例：
  mlps-posture score results.csv
  mlps-posture score results.csv --grade S3A2 --template 2021
  mlps-posture score results.json -f json""",
    en="""\
Score the results in FILE by the templates of 2025 and 2021: each row is one item on one object.

\b
CSV (UTF-8 or GB18030, the first row names the columns):
  item,object,verdict            needed
  verdict                        conform partial nonconform not-applicable undetermined
                                 (or the standard's own words in Chinese),
                                 or those still possible: partial|nonconform
  side,weight                    needed for items that are not in the catalogue:
                                 technical management; general important key
  themes,optional,risk           firewall|encryption|audit|tunnels, or none; yes no; high medium low
  system,possible,before,sampled,majors,counted
                                 its name; what undetermined leaves open; the result without a
                                 compensation; in the sample, yes no; major hidden dangers confirmed
                                 in the system (0, or 0+ where there may be more); no: do not count it
JSON: {"items": [{"item": "L3-CES1-01", "object": "web1", "verdict": "partial"}, ...],
       "risks": ["medium"], "majors": 0, "y": "1/2"}
       Fields of items as above. risks, majors and y may be left out; where they are given they are
       whole: nothing that was not seen adds to them.

\b
Examples:
  mlps-posture score results.csv
  mlps-posture score results.csv --grade S3A2 --template 2021
  mlps-posture score results.json -f json""",
)
_TEMPLATE = Text(
    zh="结论所依据的模板：2025、2021，或自定模板文件（YAML）。",
    en="Template whose conclusion stands first: 2025, 2021, or a template file of your own (YAML).",
)
_GRADE = Text(
    zh="系统等级，如 S3A2：文件未提及的该等级测评项按未核查计。",
    en="Grade of the system, such as S3A2: its items that the file does not name count as unseen.",
)
_Y = Text(
    zh="关注系数 y（技术一侧所占份额），如 1/2。", en="y, the share of the technical side, such as 1/2."
)
_RATE = Text(zh="符合率口径。", en="How a partial item counts in the rate of conformity.")
_RISKS = Text(
    zh="全部遗留问题的风险，如“中,低”；“无”表示没有。",
    en="Risks of all remaining problems, such as medium,low; none: there are none.",
)
_MAJORS = Text(zh="已确认的重大风险隐患总数。", en="Major hidden dangers confirmed in all.")


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("score", HELP, language)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--template", default="2025", show_default=True, help=_TEMPLATE.say(language))
    @click.option("--grade", help=_GRADE.say(language))
    @click.option("--y", "y", help=_Y.say(language))
    @click.option("--rate", type=click.Choice(["strict", "half"]), help=_RATE.say(language))
    @click.option("--risks", help=_RISKS.say(language))
    @click.option("--majors", type=click.IntRange(0, 9999), help=_MAJORS.say(language))
    @format_option(language, "console", "json")
    @click.pass_context
    def score(
        ctx: click.Context,
        *,
        file: Path,
        template: str,
        grade: str | None,
        y: str | None,
        rate: str | None,
        risks: str | None,
        majors: int | None,
        format_: str,
    ) -> int:
        from scanner.cli.scoring import Wanted, risks_of, scored_file, share_of
        from scanner.score.document import Given

        given = Given(risks_of(risks), majors, share_of(y))
        scored = scored_file(file, Wanted(template, grade, rate, given))
        _show(scored, format_, language_of(ctx))
        return 0

    return score


def _show(scored: ScoredFile, format_: str, language: Language) -> None:
    if format_ == "json":
        from scanner.cli.writing import write_out
        from scanner.report.json.scored import render_scored as as_json

        write_out(as_json(scored), None)
        return
    from rich.console import Console

    from scanner.report.console.scored import render_scored

    Console(soft_wrap=False, highlight=False).print(render_scored(scored, language))
