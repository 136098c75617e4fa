"""Where a service's records go when they are handed to a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scanner.facts import LogDestination, LogSink, Rotation

if TYPE_CHECKING:
    from scanner.model import Citation

_WRITERS = frozenset({"rotatelogs", "rotatelogs2", "cronolog"})
"""Programs that write what they are given to the first file among their arguments."""

_WITH_VALUE = frozenset({"-L", "-n", "-p", "-S", "-z", "-H"})


def of_program(command: str, at: Citation) -> LogDestination:
    """A known program's file or facility, else the program itself."""
    words = command.replace('"', "").replace("'", "").split()
    name = words[0].rpartition("/")[2] if words else ""
    plain = not set(command) & set(";|&<>`$")
    if name in _WRITERS and plain and (path := _file(words[1:])):
        return LogDestination(LogSink.FILE, path, at, _kept(words[1:], path, at))
    if name == "logger" and plain:
        return LogDestination(LogSink.SYSLOG, _facility(words[1:]), at)
    return LogDestination(LogSink.PROGRAM, command, at)


def _kept(words: list[str], path: str, at: Citation) -> Rotation | None:
    """What ``rotatelogs -n`` keeps: so many files in turn, each for some seconds or up to some size."""
    text = " ".join(words)
    count = re.search(r"(?:^| )-n ?(\d{1,6})(?: |$)", text)
    if count is None:
        return None
    seconds = re.search(r" (\d{1,9})(?: |$)", text.partition(path)[2])
    if seconds is None:
        return Rotation(path, None, text, at)
    return Rotation(path, int(count[1]) * int(seconds[1]) / 86400, "", at)


def _file(words: list[str]) -> str:
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in _WITH_VALUE and rest:
            rest.pop(0)
        elif word.startswith("/"):
            return word
    return ""


def _facility(words: list[str]) -> str:
    """Facility and severity that logger is told; its own default otherwise."""
    for before, word in zip(["", *words], words, strict=False):
        if before in {"-p", "--priority"}:
            return word
        if word.startswith("--priority="):
            return word.partition("=")[2]
        if word.startswith("-p") and len(word) > 2:
            return word[2:]
    return "user.notice"
