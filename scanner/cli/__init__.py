"""The command line: one module a command, loaded only when it runs.

Exit codes, first that applies: 3 usage or input error; 4 a bug of ours; 1 a no of at least the
``--fail-on`` risk; 2 incomplete (a gap in what a check needed, or nothing checked); 0. Interrupted: 130.
"""

from __future__ import annotations

import sys
from importlib import import_module, util
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner import __version__
from scanner.cli.speaking import Speaking, complaint
from scanner.cli.words import OPTION_WORDS, language_in, language_of, words

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_OK, EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_INPUT, EXIT_BUG, EXIT_INTERRUPTED = 0, 1, 2, 3, 4, 130

COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("scan", "查看对象、判定、评分并显示结果", "look at objects, judge, score and show the result"),
    ("assess", "用证据文件重新判定（可换级别）", "judge again from a run's evidence, also at another level"),
    ("facts", "逐值列出理解到的事实及其出处", "what was understood, value by value, with its evidence"),
    ("report", "把证据文件渲染成报告", "render a run as a report"),
    ("score", "给一份结果表（CSV 或 JSON）评分", "score a table of results, CSV or JSON"),
    ("questionnaire", "按角色列出等待人员回答的问题", "list what waits for people, by role"),
    (
        "items",
        "列出测评单元：按级别、等级、范围或词",
        "the catalogue of items: by level, grade, scope or words",
    ),
    (
        "explain",
        "说明一个测评单元、检查或高风险判例",
        "an item, a check or a judgement on high risk in full",
    ),
    ("firewall", "证明防火墙规则文件放行什么", "prove what rule files of packet filters let through"),
    ("profile", "检验和比较配置与叠加文件", "prove and compare profiles and overlays"),
    ("verify", "检验证据文件是否完整、未被改动", "prove that a run's evidence is whole and unaltered"),
    (
        "sudoers",
        "打印扫描账户可用的最小 sudo 权限",
        "print the least sudo rights that a scan account can use",
    ),
    (
        "collector-script",
        "打印只读采集脚本，供无法登录的主机手工运行",
        "print the read-only collector for hosts that nobody may log in to",
    ),
    ("import", "把采集脚本的输出读入证据文件", "read what the collector's script printed into a run"),
    ("schema", "打印清单文件的 JSON Schema", "print the JSON Schema of the inventory file"),
)
"""Name and one line of help of every command; ``scanner.cli.<name>_command`` builds it when it runs."""


class LazyGroup(Speaking, click.Group):
    """Knows its commands by the table above and imports one only to run it or to show its own help."""

    option_words = OPTION_WORDS

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the table's order, which is the order of work."""
        del ctx  # the same in every context
        return [name for name, _, _ in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Build one command in the chosen language."""
        if all(name != cmd_name for name, _, _ in COMMANDS):
            return None
        build = import_module(f"scanner.cli.{cmd_name.replace('-', '_')}_command").build
        command: click.Command = build(language_of(ctx))
        return command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        chinese = language_of(ctx) == "zh"
        with formatter.section("命令" if chinese else "Commands"):
            formatter.write_dl([(name, zh if chinese else en) for name, zh, en in COMMANDS])

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the product is, how to begin, and what exit codes mean."""
        formatter.write_paragraph()
        for line in words("about", language_of(ctx)).splitlines():
            if line and not line.startswith(" "):
                formatter.write_text(line)
            else:
                formatter.write(f"{line}\n")


def _set_language(ctx: click.Context, _: click.Parameter, value: str | None) -> str | None:
    ctx.ensure_object(dict)["language"] = value
    return value


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=False,
)
@click.version_option(__version__, prog_name="mlps-posture")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    is_eager=True,
    expose_value=False,
    callback=_set_language,
)
@click.option("-q", "--quiet", is_flag=True)
@click.pass_context
def group(ctx: click.Context, quiet: bool) -> None:
    """Run one of the commands."""
    ctx.ensure_object(dict)["quiet"] = quiet


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of ``mlps-posture``: run, then leave with an exit code that scripts can trust."""
    from scanner.cli.streams import patient_streams
    from scanner.errors import InputError

    try:
        with patient_streams():
            code = run(arguments)
    except InputError as error:
        click.echo(f"mlps-posture: {error}", err=True)
        code = EXIT_INPUT
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; every expected error is one clear text on stderr."""
    from scanner.errors import InputError

    chosen: dict[str, object] = {}
    try:
        _require_one_home()
        result = group.main(args=arguments, prog_name="mlps-posture", standalone_mode=False, obj=chosen)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.UsageError as error:
        click.echo(complaint(error, language_in(chosen)), err=True)
        return EXIT_INPUT
    except (InputError, click.ClickException) as error:
        text = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"mlps-posture: {text}", err=True)
        return EXIT_INPUT
    except (KeyboardInterrupt, click.Abort):
        click.echo("mlps-posture: interrupted", err=True)
        return EXIT_INTERRUPTED
    return result if isinstance(result, int) else EXIT_OK


def _require_one_home() -> None:
    """All three import packages come from one folder: a stray ``scanner`` elsewhere must not judge."""
    from scanner.errors import InputError

    homes = set()
    for name in ("scanner", "collectors", "control_profiles"):
        spec = util.find_spec(name)
        if spec is None or spec.origin is None:
            raise InputError(f"the package {name!r} of mlps-posture is not installed")
        homes.add(Path(spec.origin).resolve().parent.parent)
    if len(homes) > 1:
        raise InputError(
            f"parts of mlps-posture come from different folders: {', '.join(map(str, sorted(homes)))}"
        )
