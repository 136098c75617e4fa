"""``profile``: prove profiles and overlays right, and tell how two of them differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.options import format_option
from scanner.cli.speaking import Misused, SpeakingGroup, speaking
from scanner.cli.words import language_of
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.model import Profile
    from scanner.overlay_files import OverlayFile

HELP = Text(
    zh="""\
检验和比较配置（各级别的条款、检查、阈值）与叠加文件。

\b
例：
  mlps-posture profile lint bank.yaml
  mlps-posture profile diff l2 l3""",
    en="""\
Prove and compare profiles (the items, checks and thresholds of a level) and overlays.

\b
Examples:
  mlps-posture profile lint bank.yaml
  mlps-posture profile diff l2 l3""",
)
_LINT = Text(zh="列出配置或叠加文件的全部错误", en="list every mistake of the profiles or of overlays")
_DIFF = Text(zh="两个配置有何不同", en="how two profiles differ")
LINT_HELP = Text(
    zh="""\
一次列出全部错误，每处都带文件、行、列；有错时退出码为 3。不给 FILE 时检验自带的四个级别。

每个叠加文件单独叠加在它所依据的级别上检验；--together 则依次叠加。

\b
例：
  mlps-posture profile lint
  mlps-posture profile lint bank.yaml branch.yaml --together""",
    en="""\
List all mistakes at once, each with file, line and column; with any, the exit code is 3. Without a FILE the
four levels that this product ships are read.

Each overlay is laid by itself over the levels it is based on; with --together one over the other.

\b
Examples:
  mlps-posture profile lint
  mlps-posture profile lint bank.yaml branch.yaml --together""",
)
DIFF_HELP = Text(
    zh="""\
BEFORE 和 AFTER 各为一个级别（l1 至 l4）或一个叠加文件（叠加在另一方的级别上）。列出新增、变化、
消失的条款，变化的阈值，以及由哪些检查判定。

\b
例：
  mlps-posture profile diff l2 l3
  mlps-posture profile diff l3 bank.yaml
  mlps-posture profile diff l2 l3 -f json""",
    en="""\
BEFORE and AFTER are each a level (l1 to l4) or an overlay (laid over the level of the other). Lists the
items that are new, changed or gone, the thresholds that change, and which checks answer what.

\b
Examples:
  mlps-posture profile diff l2 l3
  mlps-posture profile diff l3 bank.yaml
  mlps-posture profile diff l2 l3 -f json""",
)
_TOGETHER = Text(zh="把各文件依次叠加后检验。", en="Lay the files one over the other in this order.")
_RIGHT = Text(
    zh="没有错误：{levels} 个级别，{items} 个条款，{checks} 个检查。",
    en="no mistakes: {levels} levels, {items} items, {checks} checks",
)
_FILE_RIGHT = Text(
    zh="{file}：没有错误，依据 {bases}，放宽 {count} 处",
    en="{file}: no mistakes, based on {bases}, {count} loosened",
)

_NO_SIDE = Text(
    zh="{name} 既不是级别（l1 至 l4），也不是文件", en="{name} is neither a level (l1 to l4) nor a file"
)
_WHICH_BASE = Text(
    zh="{file} 依据 {based}：请以其中之一为另一方",
    en="{file} is based on {based}: name one of them as the other side",
)


def build(language: Language) -> click.Command:
    """Build the commands with their help in ``language``."""
    group = SpeakingGroup("profile", HELP.say(language), {"lint": _LINT, "diff": _DIFF})
    group.add_command(_lint_command(language))
    group.add_command(_diff_command(language))
    return group


def _lint_command(language: Language) -> click.Command:
    @speaking("lint", LINT_HELP, language)
    @click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--together", is_flag=True, help=_TOGETHER.say(language))
    @click.pass_context
    def lint(ctx: click.Context, files: Sequence[Path], *, together: bool) -> int:
        from scanner.cli.overlaying import read_overlays

        overlays = read_overlays(files)
        if overlays:
            stacks = [overlays] if together else [(overlay,) for overlay in overlays]
            for text in _lint_files(stacks):
                click.echo(text.say(language_of(ctx)))
        else:
            click.echo(_lint_packaged().say(language_of(ctx)))
        return 0

    return lint


def _lint_packaged() -> Text:
    """Prove what this product ships."""
    from scanner.checks import ALL
    from scanner.lint import lint_judgements, lint_levels
    from scanner.profile_files import packaged

    checks, sources = {check.id: check for check in ALL}, packaged()
    profiles = lint_levels(checks, sources)
    lint_judgements(checks, profiles, sources)
    items = sum(len(profile.items) for profile in profiles)
    return _RIGHT.format(levels=len(profiles), items=items, checks=len(checks))


def _lint_files(stacks: Sequence[Sequence[OverlayFile]]) -> list[Text]:
    """Prove overlays, each stack by itself; returns a line a file.

    Raises:
        ProfileError: with every mistake of every file.
    """
    from scanner.checks import ALL
    from scanner.errors import Mistake, ProfileError
    from scanner.lint import lint_overlays
    from scanner.overlay import together
    from scanner.profile_files import packaged

    checks, sources = {check.id: check for check in ALL}, packaged()
    mistakes: list[Mistake] = []
    lines: list[Text] = []
    for stack in stacks:
        try:
            laid = together(lint_overlays(stack, checks, sources))
        except ProfileError as error:
            mistakes += error.mistakes
        else:
            loosened = {overlay.digest: len(overlay.loosened) for overlay in laid}
            lines += [_told(overlay, loosened[overlay.read.digest]) for overlay in stack]
    if mistakes:
        raise ProfileError("overlays are wrong", mistakes)
    return lines


def _told(overlay: OverlayFile, loosened: int) -> Text:
    """A line about an overlay that is right."""
    from scanner.overlay import bases
    from scanner.report.plain import plain

    names = ", ".join(f"l{level}" for level in bases(overlay.read))
    return _FILE_RIGHT.format(file=plain(overlay.read.file), bases=names, count=loosened)


def _diff_command(language: Language) -> click.Command:
    @speaking("diff", DIFF_HELP, language)
    @click.argument("before")
    @click.argument("after")
    @format_option(language, "console", "json")
    @click.pass_context
    def diff(ctx: click.Context, before: str, after: str, format_: str) -> int:
        from scanner.compare import differ, lineage
        from scanner.profile import load_items

        sides = _profiles(before, after)
        lowest, highest = sorted(profile.level for profile in sides)
        items = [item for level in range(lowest, highest + 1) for item in load_items(level)]
        items += [item for profile in sides for item in profile.items]
        found = differ(*sides, lineage(items))
        if format_ == "json":
            from scanner.cli.writing import write_out
            from scanner.report.json import dumped
            from scanner.report.json.profiles import document

            write_out(dumped(document(found)), None)
        else:
            from rich.console import Console

            from scanner.report.console.profiles import difference

            Console(soft_wrap=False).print(difference(found, language_of(ctx)))
        return 0

    return diff


def _profiles(before: str, after: str) -> tuple[Profile, Profile]:
    """Load both sides of a comparison.

    Raises:
        ProfileError: a side is wrong.
        Misused: a side is neither a level nor an overlay that goes with the other side.
    """
    sides = _side(before), _side(after)
    levels = [side for side in sides if isinstance(side, int)]
    first, second = (_loaded(side, levels) for side in sides)
    return first, second


def _side(name: str) -> int | OverlayFile:
    """Read one side: a level, or an overlay."""
    from scanner.overlay_files import OverlayFile

    if name[:1] == "l" and name[1:] in {"1", "2", "3", "4", "5"}:
        return int(name[1:])
    if not Path(name).is_file():
        raise Misused(_NO_SIDE.format(name=repr(name)))
    return OverlayFile.of(Path(name))


def _loaded(side: int | OverlayFile, levels: Sequence[int]) -> Profile:
    """Load a side; an overlay lies over the level of the other side, else over its only base."""
    from scanner.checks import ALL
    from scanner.lint import lint_overlays
    from scanner.overlay import bases
    from scanner.profile import load_profile
    from scanner.profile_files import packaged
    from scanner.report.plain import plain

    checks = {check.id: check for check in ALL}
    if isinstance(side, int):
        return load_profile(side, checks)
    profiles = {profile.level: profile for profile in lint_overlays([side], checks, packaged())}
    asked = levels or bases(side.read)
    if len(asked) != 1 or asked[0] not in profiles:
        based = ", ".join(f"l{level}" for level in profiles)
        raise Misused(_WHICH_BASE.format(file=plain(side.read.file), based=based))
    return profiles[asked[0]]
