"""Commands whose help speaks the chosen language throughout: what click itself would say is said here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import click

from scanner.cli.words import language_of
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_USAGE = Text(zh="用法：", en="Usage: ")
_OPTIONS = Text(zh="选项", en="Options")
_COMMANDS = Text(zh="命令", en="Commands")
_SHOW_HELP = Text(zh="显示此帮助后退出。", en="Show this message and exit.")
_CLICK_SAYS = (("[default: ", "[默认："), ("[required]", "[必填]"))
"""What click adds to an option's help, and how it is said in Chinese."""

_TRY_HELP = Text(zh="用法详见：{command} --help", en="Try '{command} --help' for help.")
_ERROR = Text(zh="错误：{said}", en="Error: {said}")
_CLICK_COMPLAINS = tuple(
    (re.compile(english, re.DOTALL), chinese)
    for english, chinese in (
        (r"No such option '?(?P<name>[^' ]+)'?\.", r"没有 \g<name> 这一选项。"),
        (r"No such command '(?P<name>.*?)'\.", r"没有 \g<name> 这一命令。"),
        (r" ?Did you mean (?:one of: )?(?P<near>[^?]*)\?", r"您是指 \g<near> 吗？"),
        (r" ?\(?Possible options: (?P<near>[^)]*)\)", r"相近的选项：\g<near>。"),
        (r"Missing command\.", "缺少命令。"),
        (r"Missing argument '(?P<name>[^']*)'\.", r"缺少参数 \g<name>。"),
        (r"Missing option '(?P<name>[^']*)'\.", r"缺少选项 \g<name>。"),
        (r"Option '(?P<name>[^']*)' requires an argument\.", r"选项 \g<name> 须带一个值。"),
        (r"Option '(?P<name>[^']*)' does not take a value\.", r"选项 \g<name> 不带值。"),
        (r"Got unexpected extra arguments? \((?P<more>.*)\)", r"多出参数：\g<more>"),
        (r"Invalid value for (?P<name>'[^']*'(?: / '[^']*')*): ", r"\g<name> 的值有误："),
        (r"(?:File|Path|Directory) (?P<path>'.*') does not exist\.", r"\g<path> 不存在。"),
        (r"(?:File|Path|Directory) (?P<path>'.*') is a directory\.", r"\g<path> 是目录。"),
        (r"(?:File|Path|Directory) (?P<path>'.*') is a file\.", r"\g<path> 是文件。"),
        (r"(?:File|Path|Directory) (?P<path>'.*') is not readable\.", r"\g<path> 不可读。"),
        (r"(?P<value>\S+) is not in the range (?P<range>\S+)\.", r"\g<value> 不在范围 \g<range> 内。"),
        (r"(?P<value>'.*') is not a valid (?:integer|integer range)\.", r"\g<value> 不是整数。"),
        (r"(?P<value>'.*') is not one of (?P<some>[^\n]*)\.$", r"\g<value> 不在可选值之中：\g<some>。"),
    )
)
"""What click complains of, and how it is said in Chinese; what is not among these stays as it is."""


class Misused(click.UsageError):
    """A command that was called wrongly, said in both languages."""

    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.said = said


def complaint(error: click.UsageError, language: Language) -> str:
    """Say in ``language`` how a command was called wrongly, beneath how it is called."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    said = error.said.say(language) if isinstance(error, Misused) else error.format_message()
    if language == "zh":
        for english, chinese in _CLICK_COMPLAINS:
            said = english.sub(chinese, said)
    lines = [_ERROR.format(said=said).say(language)]
    if error.ctx is not None:
        hint = _TRY_HELP.format(command=error.ctx.command_path).say(language)
        lines = [error.ctx.get_usage(), hint, "", *lines]
    return "\n".join(lines)


class Speaking(click.Command):
    """A command that writes its usage and options in the language of the invocation."""

    option_words: ClassVar[Mapping[str, Text]] = {}
    """Help of options that are declared before the language is known, by parameter name."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=_USAGE.say(language_of(ctx)))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        language = language_of(ctx)
        with formatter.section(_OPTIONS.say(language)):
            formatter.write_dl(list(self._option_rows(ctx, language)))

    def _option_rows(self, ctx: click.Context, language: Language) -> Iterator[tuple[str, str]]:
        help_option = self.get_help_option(ctx)
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is None:
                continue
            spelled, said = record
            if param is help_option:
                said = _SHOW_HELP.say(language)
            elif param.name in self.option_words:
                said = self.option_words[param.name].say(language)
            elif language == "zh":
                for english, chinese in _CLICK_SAYS:
                    said = said.replace(english, chinese)
            yield spelled, said


class SpeakingGroup(Speaking, click.Group):
    """A command of several commands, with one line of help for each in both languages."""

    def __init__(self, name: str, help_: str, lines: Mapping[str, Text]) -> None:
        super().__init__(name, help=help_)
        self._lines = lines

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands."""
        language = language_of(ctx)
        with formatter.section(_COMMANDS.say(language)):
            formatter.write_dl([(name, text.say(language)) for name, text in self._lines.items()])


def speaking(name: str, help_: Text, language: Language) -> Callable[[Callable[..., Any]], click.Command]:
    """Decorator: make a function the command ``name`` with its help in ``language``."""
    return click.command(name, cls=Speaking, help=help_.say(language))
