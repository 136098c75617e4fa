"""Commands whose help speaks the chosen language throughout: what click itself would say is said here."""

from __future__ import annotations

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
