"""Candidates for a high risk: what is proposed or decided by name, what lacks evidence by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text as Line

from scanner.model import Stand, Text
from scanner.report.console.words import STAND_STYLE, heading, shown
from scanner.report.words import STAND, STAND_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from scanner.model import Assessment, Candidate, MajorCandidate
    from scanner.model.text import Language
    from scanner.report.content import Content

SHOWN = 12
"""Candidates named; the JSON and the HTML report have all."""

_WORDS = 160
"""Characters shown of a person's words, and of names."""

_TITLE = Text(zh="高风险判例候选（由人确认）", en="Candidates for a high risk; a person decides")
_ITEMS = Text(zh="影响：{items}", en="items: {items}")
_LOWERED_BY = Text(zh="可降低风险的情形：", en="may be lowered by: ")
_OPEN = Text(
    zh="另有 {count} 个对象上的判例只有部分条件有证据，不作为候选。",
    en="{count} more judgement(s) on an object have evidence of some conditions only: no candidates.",
)
_MAJOR = Text(zh="重大风险隐患触发项（据社区转录）", en="trigger of a major danger (community transcription)")
_UNDECIDED = Text(zh="待人判定", en="undecided")
_MEETS = Text(zh="构成", en="meets")
_MEETS_NOT = Text(zh="不构成", en="does not meet")
_MORE = Text(zh="另有 {count} 个", en="and {count} more")


def candidates(a: Assessment, content: Content, language: Language) -> Iterator[RenderableType]:
    """One block; nothing where no judgement has evidence and nobody speaks of a major danger."""
    if not a.candidates and not a.majors:
        return
    yield Line("")
    yield heading(_TITLE.say(language))
    alike: dict[tuple[Stand, str], list[Candidate]] = {}
    for candidate in a.candidates:
        alike.setdefault((candidate.stand, candidate.judgement), []).append(candidate)
    named = sorted((key for key in alike if key[0] is not Stand.OPEN), key=_order)
    for key in named[:SHOWN]:
        yield from (Padding(line, (0, 0, 0, 2)) for line in _judgement(alike[key], content, language))
    if len(named) > SHOWN:
        yield Padding(Line(_MORE.format(count=len(named) - SHOWN).say(language), style="dim"), (0, 0, 0, 2))
    open_ = sum(candidate.stand is Stand.OPEN for candidate in a.candidates)
    if open_:
        yield Padding(Line(_OPEN.format(count=open_).say(language), style="dim"), (0, 0, 0, 2))
    for major in a.majors[:SHOWN]:
        yield Padding(_major(major, content, language), (0, 0, 0, 2))
    if len(a.majors) > SHOWN:
        yield Padding(
            Line(_MORE.format(count=len(a.majors) - SHOWN).say(language), style="dim"), (0, 0, 0, 2)
        )


def _major(major: MajorCandidate, content: Content, language: Language) -> Line:
    """One trigger of a major danger on one object, and what a person says of it."""
    known, said = content.triggers.get(major.code), major.statement
    stands = _UNDECIDED if said is None else _MEETS if said.meets else _MEETS_NOT
    return Line.assemble(
        (f"[{stands.say(language)}] ", "bold red" if said is not None and said.meets else "magenta"),
        f"{_MAJOR.say(language)} {major.code}",
        f" {known.title.say(language)}: " if known else ": ",
        shown(major.object, "bold", _WORDS),
        shown(f"  {said.author}, {said.made.isoformat()}: {said.reason}" if said else "", "dim", _WORDS),
    )


def _order(key: tuple[Stand, str]) -> tuple[int, str]:
    return STAND_ORDER.index(key[0]), key[1]


def _judgement(alike: Sequence[Candidate], content: Content, language: Language) -> Iterator[Line]:
    """One judgement at one stand, with its objects."""
    first = alike[0]
    known = content.judgements.get(first.judgement)
    yield Line.assemble(
        (f"[{STAND[first.stand].say(language)}] ", STAND_STYLE[first.stand]),
        first.judgement,
        f" {known.title.say(language)}: " if known else ": ",
        shown(", ".join(c.object for c in alike), "bold", _WORDS),
    )
    items = ", ".join(dict.fromkeys(item for c in alike for item in c.items))
    yield Line(f"  {_ITEMS.format(items=items).say(language)}", style="dim")
    for candidate in alike:
        if candidate.decision is not None:
            said = candidate.decision
            words = f"  {said.author}, {said.made.isoformat()}: {said.reason}"
            yield shown(words, "dim", _WORDS)
    if first.stand is Stand.PROPOSED and known is not None and known.lowered_by is not None:
        yield Line.assemble("  ", (_LOWERED_BY.say(language), "green"), known.lowered_by.say(language))
