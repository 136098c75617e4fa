"""Options that several commands share, each said once in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.words import language_of
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Callable


RUN_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_LEVEL = Text(
    zh="按该级别（1-4）判定，代替系统自己的等级。",
    en="Judge at this level (1-4) instead of the system's own grade.",
)
_LEVELS = Text(
    zh="按该级别（1-4）判定，代替系统自己的等级；给出多个则并排比较。",
    en="Judge at this level (1-4) instead of the system's own grade; several are put side by side.",
)
_AT = Text(
    zh="判定所依据的时间（ISO 8601，须带时区）；默认为扫描结束时。",
    en="Time of judgement (ISO 8601 with zone); default: when the run ended.",
)
_NO_TIME = Text(zh="{value} 不是 ISO 8601 时间", en="{value} is no ISO 8601 time")
_NO_ZONE = Text(
    zh="{value} 须带时区，如 2026-12-31T23:59:59+08:00",
    en="{value} needs its time zone, e.g. 2026-12-31T23:59:59+08:00",
)
_FAIL_ON = Text(
    zh="有达到此风险的“否”时退出码为 1。", en="Exit with 1 if there is a no of at least this risk."
)
_FORMAT = Text(zh="输出格式。", en="Output format.")
_ATTEST = Text(
    zh="人员陈述文件（YAML 或 CSV，可多次）：核查记录、补偿、豁免、风险、判例确认。",
    en="File of what people state (YAML or CSV, repeatable): attestations, compensations, waivers, risks.",
)
_OVERLAY = Text(
    zh="行业或单位的叠加文件（可多次，依次叠加）；放宽之处须附理由。",
    en="Overlay of a sector or house (repeatable, in order); what it loosens needs a reason.",
)
_OUTPUT = Text(zh="写入文件而不是标准输出。", en="Write to a file instead of standard output.")


def level_option(language: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--level N``; 5 is let through so that its answer can say why there is none."""
    return click.option("--level", type=click.IntRange(1, 5), help=_LEVEL.say(language))


def levels_option(language: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--level N``, repeatable; the parameter is ``levels``."""
    return click.option(
        "--level", "levels", type=click.IntRange(1, 5), multiple=True, help=_LEVELS.say(language)
    )


def at_option(language: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--at TIME``."""
    return click.option("--at", type=Instant(), help=_AT.say(language))


def attest_option(language: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--attest FILE``, repeatable; the parameter is ``attest``."""
    return click.option(
        "--attest",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=_ATTEST.say(language),
    )


def overlay_option(language: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--overlay FILE``, repeatable; the parameter is ``overlay``."""
    return click.option(
        "--overlay",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=_OVERLAY.say(language),
    )


def fail_on_option(language: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--fail-on RISK``."""
    choice = click.Choice(["high", "medium", "low"])
    return click.option(
        "--fail-on", type=choice, default="high", show_default=True, help=_FAIL_ON.say(language)
    )


def format_option(language: Language, *formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``-f/--format`` with the first format as default."""
    return click.option(
        "-f",
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help=_FORMAT.say(language),
    )


def output_option(language: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``-o FILE``."""
    return click.option("-o", "--output", type=click.Path(path_type=Path), help=_OUTPUT.say(language))


class Instant(click.ParamType[datetime]):
    """A point in time with its zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read ISO 8601; without a zone it would mean another time on another machine."""
        if isinstance(value, datetime):
            return value
        language = language_of(ctx) if ctx is not None else "en"
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(_NO_TIME.format(value=repr(value)).say(language), param, ctx)
        if moment.tzinfo is None:
            self.fail(_NO_ZONE.format(value=repr(value)).say(language), param, ctx)
        return moment.astimezone(UTC)
