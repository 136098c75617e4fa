"""Progress of a scan on standard error: a bar at a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from scanner.model import Captured, Event, Finished, Missed, Started, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.model.text import Language

_LOOKING = Text(zh="正在查看", en="looking")
_DONE = Text(zh="{name}：{captures} 份证据，{gaps} 处未见", en="{name}: {captures} captures, {gaps} gaps")


class Watcher(Protocol):
    """Is told every event, in order."""

    def see(self, event: Event) -> None:
        """Take notice of ``event``."""
        ...


class _Silent:
    def see(self, event: Event) -> None:
        pass


class _Counter:
    """Counts per object and says one line when it is done."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._counts: dict[str, list[int]] = {}

    def line(self, event: Event) -> str | None:
        """The line to say after ``event``, if it ends an object."""
        if isinstance(event, Started):
            self._counts[event.object] = [0, 0]
        elif isinstance(event, Captured):
            self._counts[event.capture.object][0] += 1
        elif isinstance(event, Missed):
            self._counts[event.object][1] += 1
        elif isinstance(event, Finished):
            captures, gaps = self._counts[event.object]
            return _DONE.format(name=event.object, captures=captures, gaps=gaps).say(self._language)
        return None


class _Lines(_Counter):
    def see(self, event: Event) -> None:
        import click

        if line := self.line(event):
            click.echo(line, err=True)


@contextmanager
def watching(total: int, language: Language, *, quiet: bool) -> Iterator[Watcher]:
    """Show how a scan of ``total`` objects goes on, for as long as the context lasts."""
    import sys

    if quiet:
        yield _Silent()
        return
    if not sys.stderr.isatty():
        yield _Lines(language)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_LOOKING.say(language), total=total)
        under_way: list[str] = []

        class Bar(_Counter):
            def see(self, event: Event) -> None:
                if isinstance(event, Started):
                    under_way.append(event.object)
                if line := self.line(event):
                    bar.console.print(line, markup=False, highlight=False)
                    bar.advance(task)
                if isinstance(event, Finished):
                    under_way.remove(event.object)
                shown = ", ".join(under_way[:4])
                bar.update(task, description=f"{_LOOKING.say(language)} {shown}")

        yield Bar(language)
