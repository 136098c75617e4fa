"""A printed configuration as its lines, without pager, prompts and banners, and whether it is whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.facts.rules import UnreadLine

_MORE = re.compile(
    r"[ \t]*-{2,} ?More ?-{2,}[ \t]*(?P<erased>(?:\x1b?\[\d+D *\x1b?\[\d+D|\x08+ *\x08*|\r *\r)+)?",
    re.IGNORECASE,
)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PROMPT = re.compile(r"\s*(?:<[^<>\s]{1,64}>|\[[*~]?[^\[\]\s]{1,64}\])\s*(?P<command>.*)$")
_LOOKING = re.compile(r"(?:dis|scr|sys|qui|ret|save|more|ter)[a-z-]*\b|$")
_HEADER = re.compile(r"\s*header (?:login|shell|motd) (?:information|file)?\s*(?P<rest>.*)$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the configuration proper. ``number``: 1-based in the file; ``indent``: in columns."""

    number: int
    indent: int
    text: str


@dataclass(frozen=True, slots=True)
class Captured:
    """All lines. ``complete``: the configuration's own end was seen; ``unread``: what the pager spoilt."""

    lines: tuple[Line, ...]
    complete: bool
    unread: tuple[UnreadLine, ...]


def decoded_lines(data: bytes) -> str:
    """Return the text of bytes in which each line is UTF-8 or GB18030; what is neither is replaced."""
    found = []
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        try:
            found.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            found.append(line.decode("gb18030", "replace"))
    return "\n".join(found)


def captured(lines: list[str]) -> Captured:
    """Return the lines of a configuration, up to and without its closing ``return``.

    In a configuration that has none the last line is not trusted: it may be cut itself.
    """
    found: list[Line] = []
    unread: list[UnreadLine] = []
    quote = ""
    for number, raw in enumerate(lines, 1):
        text, spoilt = _without_pager(raw)
        if quote:
            quote = "" if quote in text else quote
            continue
        if spoilt:
            unread.append(UnreadLine(number, text.strip()))
        elif text.strip() == "return" and not text.startswith(" "):
            return Captured(tuple(found), complete=True, unread=tuple(unread))
        elif header := _HEADER.match(text):
            quote = _left_open(header["rest"])
        elif prompt := _PROMPT.match(text):
            if not _LOOKING.match(prompt["command"]):
                unread.append(UnreadLine(number, text.strip()))
        elif text.strip():
            bare = text.lstrip(" \t")
            found.append(Line(number, len(text) - len(bare), bare.rstrip()))
    if found:
        last = found.pop()
        unread.append(UnreadLine(last.number, last.text))
    return Captured(tuple(found), complete=False, unread=tuple(unread))


def _without_pager(raw: str) -> tuple[str, bool]:
    """Return a line as it stood on the screen at the end; True: how far it was indented cannot be told."""
    text = raw.rstrip("\r")
    spoilt = False
    while match := _MORE.search(text):
        rest = text[match.end() :]
        spoilt = spoilt or (match["erased"] is None and bool(rest.strip()))
        text = text[: match.start()] + rest
    return _ESCAPES.sub("", text).replace("\x08", "").replace("\r", ""), spoilt


def _left_open(rest: str) -> str:
    """Return the delimiter that a banner's text still waits for."""
    quote = rest[:1]
    return quote if quote and quote not in rest[1:] else ""
