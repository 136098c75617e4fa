"""What could not be seen: a block a reason with the objects that it holds for, and what would settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text as Line

from scanner.evaluate import REASON_WORDS
from scanner.model import GapReason, Text
from scanner.report.console.words import heading, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import RenderableType

    from scanner.model import Gap
    from scanner.model.text import Language

WHOLE = frozenset({GapReason.UNREACHABLE, GapReason.HOST_KEY, GapReason.AUTHENTICATION})
"""Reasons for which nothing of an object was seen: its steps need no listing."""

PLACES = 8
"""Objects listed of one block, and steps of one and the same reason and detail."""

_DETAIL, _NEEDS, _NAMES = 300, 600, 600
"""Characters shown of a gap's detail, of what it needs, and of the names of its objects."""

_TITLE = Text(zh="未能看到", en="Not seen")
_NEEDED = Text(zh="需要：", en="needs: ")
_MORE = Text(zh="等 {count} 处", en="and {count} more")


def unseen(gaps: Mapping[str, tuple[Gap, ...]], language: Language) -> Iterator[RenderableType]:
    """One block a reason and the objects that it holds for alike; nothing where all was seen."""
    if not any(gaps.values()):
        return
    yield Line("")
    yield heading(_TITLE.say(language))
    for reason, names, lines in _alike(gaps, language):
        who = shown(", ".join(names), "bold", _NAMES)
        head = Line.assemble(("? ", "magenta"), who, f": {REASON_WORDS[reason].say(language)}")
        yield Padding(head, (0, 0, 0, 2))
        yield from (Padding(line, (0, 0, 0, 6)) for line in lines)


def _alike(
    gaps: Mapping[str, tuple[Gap, ...]], language: Language
) -> Iterable[tuple[GapReason, list[str], list[Line]]]:
    """Reasons with the objects of which they say the very same."""
    found: dict[tuple[GapReason, tuple[str, ...]], tuple[GapReason, list[str], list[Line]]] = {}
    for name in sorted(gaps):
        reasons: dict[GapReason, list[Gap]] = {}
        for gap in gaps[name]:
            reasons.setdefault(gap.reason, []).append(gap)
        for reason, here in reasons.items():
            lines = list(_lines(reason, here, language))
            said = reason, tuple(line.plain for line in lines)
            found.setdefault(said, (reason, [], lines))[1].append(name)
    return found.values()


def _lines(reason: GapReason, gaps: list[Gap], language: Language) -> Iterator[Line]:
    """What was missed for one reason, and what would settle it."""
    by_needs: dict[str, list[Gap]] = {}
    for gap in gaps:
        by_needs.setdefault(gap.needs, []).append(gap)
    for needs, same in by_needs.items():
        yield from _details(reason, same, language)
        if needs:
            yield Line.assemble((_NEEDED.say(language), "dim"), shown(needs, limit=_NEEDS))


def _details(reason: GapReason, gaps: Iterable[Gap], language: Language) -> Iterator[Line]:
    """One line a detail, after the steps and subjects that it holds for."""
    by_detail: dict[str, list[str]] = {}
    for gap in gaps:
        by_detail.setdefault(_last_line(gap.detail), []).append(f"{gap.step} {gap.subject}".strip())
    for detail, places in by_detail.items():
        where = "" if reason in WHOLE else _listed([p for p in dict.fromkeys(places) if p], language)
        line = ": ".join(part for part in (where, detail) if part)
        if line:
            yield shown(line, limit=_DETAIL)


def _listed(places: list[str], language: Language) -> str:
    if len(places) <= PLACES:
        return ", ".join(places)
    more = _MORE.format(count=len(places) - PLACES).say(language)
    return f"{', '.join(places[:PLACES])} {more}"


def _last_line(text: str) -> str:
    """The line of a detail that says what happened: of a traceback, the last."""
    return text.strip().splitlines()[-1] if text.strip() else ""
