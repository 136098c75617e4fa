"""``scan``: look at objects, keep the evidence, judge it, show the result."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.options import (
    at_option,
    attest_option,
    fail_on_option,
    format_option,
    level_option,
    overlay_option,
)
from scanner.cli.speaking import Misused, speaking
from scanner.cli.words import is_quiet, language_of
from scanner.errors import InputError
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.cli.judging import Judged
    from scanner.inventory import Inventory

HELP = Text(
    zh="""\
查看对象、判定、评分并显示结果。TARGET 是清单文件、localhost 或 ssh://user@host[:port]。

全部证据写入一个文件（-o），之后可用 assess、facts、report、verify 离线使用；中断后用 --resume 继续。

\b
例：
  mlps-posture scan localhost --level 3
  mlps-posture scan ssh://audit@10.0.0.5 --credential key:~/.ssh/id_ed25519
  mlps-posture scan inventory.yaml --plan
  mlps-posture scan inventory.yaml -o today.run --fail-on medium""",
    en="""\
Look at objects, judge, score and show the result. TARGET is an inventory file, localhost, or
ssh://user@host[:port].

All evidence goes into one file (-o), from which assess, facts, report and verify work later and elsewhere.
After an interruption, --resume goes on.

\b
Examples:
  mlps-posture scan localhost --level 3
  mlps-posture scan ssh://audit@10.0.0.5 --credential key:~/.ssh/id_ed25519
  mlps-posture scan inventory.yaml --plan
  mlps-posture scan inventory.yaml -o today.run --fail-on medium""",
)
_TREE = Text(zh="查看一个解包的文件系统。", en="Look at an unpacked file system.")
_PLAN = Text(zh="只列出将做什么；不发任何包。", en="Show what would be done; send no packet.")
_RESUME = Text(zh="继续 -o 指定的中断了的扫描。", en="Go on with the interrupted run given by -o.")
_RUN = Text(zh="证据文件（默认 posture-<时间>.run）。", en="Evidence file (default posture-<time>.run).")
_WORKERS = Text(zh="同时查看的对象数。", en="Objects looked at at a time.")
_CREDENTIAL = Text(
    zh="ssh:// 用的凭据引用（可多次）：agent: / key:PATH / env:NAME / file:PATH / prompt:",
    en="Credential reference for ssh:// (repeatable): agent:, key:PATH, env:NAME, file:PATH, prompt:.",
)
_KNOWN_HOSTS = Text(zh="ssh:// 用的 known_hosts 文件。", en="known_hosts file for ssh://.")
_ACCEPT_NEW = Text(
    zh="ssh://：记录未知的主机密钥（变更的、吊销的仍拒绝）。",
    en="ssh://: record an unknown host key (changed and revoked ones are still refused).",
)
_EVIDENCE = Text(zh="证据文件：", en="Evidence: ")
_RESUME_WITH = Text(
    zh="已中断；已看到的都在 {run}。继续：{command}",
    en="Interrupted; what was seen is in {run}. Go on with: {command}",
)
DEFAULT_LEVEL = 3
"""Level of a scan without an inventory and without --level."""

_RESUME_NEEDS = Text(
    zh="--resume 接着写由 -o RUN 给出的证据文件", en="--resume goes on with the run file given by -o RUN"
)
_ONE_TARGET = Text(
    zh="给出一个 TARGET（清单文件、localhost、ssh://user@host）或 --tree DIR",
    en="give one TARGET (inventory file, localhost, ssh://user@host) or --tree DIR",
)
_OVER_SSH = Text(
    zh="--credential、--known-hosts、--accept-new 只用于 ssh:// 目标",
    en="--credential, --known-hosts and --accept-new go with ssh:// targets",
)


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("scan", HELP, language)
    @click.argument("target", required=False)
    @click.option(
        "--tree",
        "tree_",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help=_TREE.say(language),
    )
    @click.option("--plan", "plan_", is_flag=True, help=_PLAN.say(language))
    @click.option(
        "-o", "--output", "run_file", type=click.Path(dir_okay=False, path_type=Path), help=_RUN.say(language)
    )
    @click.option("--resume", is_flag=True, help=_RESUME.say(language))
    @click.option(
        "--workers", type=click.IntRange(1, 64), default=8, show_default=True, help=_WORKERS.say(language)
    )
    @level_option(language)
    @at_option(language)
    @attest_option(language)
    @overlay_option(language)
    @fail_on_option(language)
    @format_option(language, "console", "json")
    @click.option("--credential", "credentials", multiple=True, help=_CREDENTIAL.say(language))
    @click.option("--known-hosts", multiple=True, help=_KNOWN_HOSTS.say(language))
    @click.option("--accept-new", is_flag=True, help=_ACCEPT_NEW.say(language))
    @click.pass_context
    def scan(ctx: click.Context, /, **chosen: Any) -> int:
        return _scan(ctx, **chosen)

    return scan


def _scan(
    ctx: click.Context,
    *,
    target: str | None,
    tree_: Path | None,
    plan_: bool,
    run_file: Path | None,
    resume: bool,
    workers: int,
    level: int | None,
    at: datetime | None,
    attest: Sequence[Path],
    overlay: Sequence[Path],
    fail_on: str,
    format_: str,
    credentials: Sequence[str],
    known_hosts: Sequence[str],
    accept_new: bool,
) -> int:
    from scanner.cli import looking
    from scanner.cli.interruption import interruptible
    from scanner.cli.judging import CHECKS, PLATFORM_BY_NAME, judge, levels_judged, profile_files, systems_at
    from scanner.cli.outcome import exit_code, show
    from scanner.cli.overlaying import read_overlays, require_use
    from scanner.cli.stating import read_statements
    from scanner.lint import lint_overlays
    from scanner.overlay_files import stored_with
    from scanner.profile import load_profile, packaged

    language, quiet = language_of(ctx), is_quiet(ctx)
    # What is wrong with a level, a profile, an overlay or a statement is said before anything is sent.
    load_profile(level or DEFAULT_LEVEL, CHECKS)
    overlays = read_overlays(overlay)
    lint_overlays(overlays, CHECKS, packaged())
    statements = read_statements(attest, stored_with(packaged(), overlays))
    inventory = _inventory(target, tree_, level or DEFAULT_LEVEL, credentials, known_hosts, accept_new)
    require_use(overlays, levels_judged(systems_at(inventory, level)))
    _require_platforms(inventory)
    if plan_:
        from scanner.cli.plan_text import plan

        for line in plan(inventory, PLATFORM_BY_NAME, workers, language):
            click.echo(line)
        return 0
    if resume and run_file is None:
        raise Misused(_RESUME_NEEDS)
    path = run_file or Path(f"posture-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.run")
    with (
        interruptible() as interruption,
        looking.run_file(path, inventory, overlays, resume=resume) as locker,
    ):
        try:
            if locker.finished is None:
                if not quiet:
                    from scanner.cli.plan_text import impact_notice

                    click.echo(
                        impact_notice(inventory.reaches, PLATFORM_BY_NAME, workers, language), err=True
                    )
                looking.look(locker, inventory, workers, interruption, language, quiet=quiet)
            judged: Judged = judge(locker, level, at, statements, profile_files(locker.header, overlays))
        except KeyboardInterrupt:
            command = _to_resume(ctx, path)
            click.echo(_RESUME_WITH.format(run=path, command=command).say(language), err=True)
            raise
    show(judged, format_, language)
    if not quiet:
        click.echo(f"{_EVIDENCE.say(language)}{path}", err=True)
    return exit_code(judged, fail_on)


def _to_resume(ctx: click.Context, path: Path) -> str:
    """The command that goes on with this scan: the same inventory needs the same target and options."""
    words = ["mlps-posture", "scan"]
    if ctx.params["target"] is not None:
        words.append(ctx.params["target"])
    for name in ("tree_", "level", "attest", "overlay", "credentials", "known_hosts"):
        option = next(p for p in ctx.command.params if p.name == name).opts[-1]
        value = ctx.params[name]
        several = value if isinstance(value, tuple) else () if value is None else (value,)
        words += [word for one in several for word in (option, str(one))]
    if ctx.params["accept_new"]:
        words.append("--accept-new")
    return shlex.join([*words, "--resume", "-o", str(path)])


def _inventory(
    target: str | None,
    tree_: Path | None,
    level: int,
    credentials: Sequence[str],
    known_hosts: Sequence[str],
    accept_new: bool,
) -> Inventory:
    """What is to be looked at."""
    from collectors.credentials import CredentialReference
    from scanner.cli import target as targets

    if (target is None) == (tree_ is None):
        raise Misused(_ONE_TARGET)
    if tree_ is not None:
        return targets.tree(tree_, level)
    assert target is not None  # noqa: S101 - exactly one of both
    over_ssh = target.startswith("ssh://")
    if not over_ssh and (credentials or known_hosts or accept_new):
        raise Misused(_OVER_SSH)
    if target == "localhost":
        return targets.this_machine(level)
    if not over_ssh:
        return targets.read_inventory(Path(target), CredentialReference.parse)
    for reference in credentials:
        try:
            CredentialReference.parse(reference)
        except ValueError as error:
            raise InputError(f"--credential: {error}") from error
    return targets.ssh_host(target, level, _user(), credentials, known_hosts, accept_new)


def _user() -> str:
    import getpass

    return getpass.getuser()


def _require_platforms(inventory: Inventory) -> None:
    from scanner.cli.judging import PLATFORM_BY_NAME

    unknown = sorted({r.platform for r in inventory.reaches} - set(PLATFORM_BY_NAME))
    if unknown:
        known = ", ".join(sorted(PLATFORM_BY_NAME))
        raise InputError(f"no platform is called {', '.join(unknown)}; there is: {known}")
