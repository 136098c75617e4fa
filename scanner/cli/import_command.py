"""``import``: what the collector's script printed on hosts, read into a run file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.speaking import speaking
from scanner.cli.words import is_quiet, language_of
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.inventory import Inventory
    from scanner.locker import Locker

HELP = Text(
    zh="""\
把采集脚本（collector-script）在各主机上的输出读入一个证据文件；不发任何包。之后用 assess 判定。

对象名默认为主机自报的名称；用 --object 指定。有清单时按其系统、等级和区域归属；清单中也可直接写
via: {transport: import, path: web1.mlps}，与其他对象一同 scan。

\b
例：
  mlps-posture import *.mlps -o site.run
  mlps-posture import --object web1=a.mlps --object db1=b.mlps --inventory inventory.yaml -o site.run
  mlps-posture assess site.run --level 3""",
    en="""\
Read what the collector's script (collector-script) printed on hosts into one run file; sends nothing. Judge
it with assess.

Objects are called what the hosts call themselves; --object names them. With an inventory they belong to its
systems, grades and zones; it may also say via: {transport: import, path: web1.mlps} itself, and is then
scanned together with all others.

\b
Examples:
  mlps-posture import *.mlps -o site.run
  mlps-posture import --object web1=a.mlps --object db1=b.mlps --inventory inventory.yaml -o site.run
  mlps-posture assess site.run --level 3""",
)
_RUN = Text(zh="证据文件（默认 posture-<时间>.run）。", en="Run file (default posture-<time>.run).")
_OBJECT = Text(zh="对象名=文件（可多次）。", en="An output and the name of its object (repeatable).")
_INVENTORY = Text(zh="这些对象所在的清单。", en="Inventory that the objects stand in.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LINE = Text(
    zh="{object}：{path}，答复 {answered}/{steps} 步，看不到 {gaps} 处",
    en="{object}: {path}: {answered} of {steps} steps answered, {gaps} gap(s)",
)
_REFUSED = Text(zh="{object}：{why}", en="{object}: {why}")
_EVIDENCE = Text(zh="证据文件：", en="Evidence: ")


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("import", HELP, language)
    @click.argument("paths", nargs=-1, type=_FILE)
    @click.option(
        "-o", "--output", "run_file", type=click.Path(dir_okay=False, path_type=Path), help=_RUN.say(language)
    )
    @click.option("--object", "named", multiple=True, metavar="NAME=PATH", help=_OBJECT.say(language))
    @click.option("--inventory", "inventory_", type=_FILE, help=_INVENTORY.say(language))
    @click.pass_context
    def import_(ctx: click.Context, /, **chosen: Any) -> int:
        return _import(ctx, **chosen)

    return import_


def _import(
    ctx: click.Context,
    *,
    paths: Sequence[Path],
    run_file: Path | None,
    named: Sequence[str],
    inventory_: Path | None,
) -> int:
    from scanner.cli import looking
    from scanner.cli.importing import inventory_with, outputs_by_object, unnamed_system
    from scanner.cli.interruption import interruptible

    language, quiet = language_of(ctx), is_quiet(ctx)
    outputs = outputs_by_object(paths, named)
    inventory = unnamed_system(outputs) if inventory_ is None else inventory_with(inventory_, outputs)
    path = run_file or Path(f"posture-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.run")
    with interruptible() as interruption, looking.run_file(path, inventory, resume=False) as locker:
        looking.look(locker, inventory, 1, interruption, language, quiet=True)
        complete = _tell(locker, inventory, language, quiet=quiet)
    if not quiet:
        click.echo(f"{_EVIDENCE.say(language)}{path}", err=True)
    return 0 if complete else 2


def _tell(locker: Locker, inventory: Inventory, language: Language, *, quiet: bool) -> bool:
    """Say what each output held; whether all of them answered every step."""
    from scanner.cli.judging import PLATFORM_BY_NAME
    from scanner.model import Capture, Gap
    from scanner.report.plain import plain

    complete = True
    for reach in inventory.reaches:
        records = locker.records(reach.object)
        answered = {r.step for r in records if isinstance(r, Capture)}
        gaps = [r for r in records if isinstance(r, Gap)]
        steps = len(PLATFORM_BY_NAME[reach.platform].steps)
        whole = next((gap for gap in gaps if not gap.step), None)
        complete = complete and whole is None and len(answered) == steps
        if whole is not None:
            line = _REFUSED.format(object=reach.object, why=whole.detail)
        else:
            line = _LINE.format(
                object=reach.object, path=reach.path, answered=len(answered), steps=steps, gaps=len(gaps)
            )
        if not quiet:
            click.echo(plain(line.say(language)))
    return complete
