"""What somebody means by a name, a number of a clause, or words."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.checks.check import Check
    from scanner.model import Item, Judgement, Kind, MajorTrigger
    from scanner.report.explanation.knowledge import Knowledge

NEAREST = 5
"""Names that are suggested."""

_CLAUSE = re.compile(r"(\d+(?:\.\d+)+)\.?(?: ?\(?([a-z])\)?)?")


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that is meant; kinds and capabilities by their ids."""

    items: tuple[Item, ...] = ()
    checks: tuple[Check, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    triggers: tuple[MajorTrigger, ...] = ()
    kinds: tuple[Kind, ...] = ()
    capabilities: tuple[str, ...] = ()
    literal: bool = False
    """Whether the name or number of each was given, not words that it is called by."""

    @property
    def count(self) -> int:
        """How many things."""
        sorts = (self.items, self.checks, self.judgements, self.triggers, self.kinds, self.capabilities)
        return sum(map(len, sorts))


def find(query: str, known: Knowledge) -> Found:
    """Return what is meant by ``query``, whatever its case, width or blanks.

    A name means what is called exactly so. A number means the clauses under it and the judgements under it,
    which are numbered alike. Anything else means what it begins the name of, and what is called by all its
    words; as a last resort the items that say them all.
    """
    name = _plainly(query)
    if not name:
        return Found()
    clause = _CLAUSE.fullmatch(name)
    if clause is not None:
        return _numbered(clause[1], clause[2] or "", known)
    named = _named(name, known)
    if named.count:
        return named
    called = _called(name, known)
    return called if called.count else Found(items=tuple(_saying(name.split(), known)))


def nearest(query: str, known: Knowledge) -> list[str]:
    """Return the names that look most like ``query``, the likest first."""
    names = {_plainly(name): name for name in _names(known)}
    return [names[like] for like in difflib.get_close_matches(_plainly(query), names, NEAREST, 0.6)]


def _plainly(text: str) -> str:
    """A text without case, and with the usual width of its characters and blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _names(known: Knowledge) -> Iterator[str]:
    """Everything that ``find`` takes literally."""
    for table in (known.items, known.checks, known.judgements, known.triggers):
        yield from table
    yield from (item.clause for item in known.items.values())
    yield from (*known.kinds, *known.capabilities)


def _numbered(number: str, letter: str, known: Knowledge) -> Found:
    """Clauses and judgements under a number; with a letter that clause alone."""

    def under(other: str) -> bool:
        return other == number or other.startswith((f"{number}.", f"{number} "))

    if letter:
        wanted = f"{number} {letter})"
        exact = tuple(item for item in known.items.values() if item.clause == wanted)
        return Found(items=exact, literal=True)
    return Found(
        items=tuple(item for item in known.items.values() if under(item.clause)),
        judgements=tuple(judgement for judgement in known.judgements.values() if under(judgement.id)),
        literal=True,
    )


def _named(name: str, known: Knowledge) -> Found:
    """What is called exactly so; clauses of overlays are named, not numbered."""
    return Found(
        items=tuple(i for i in known.items.values() if name in {i.id.casefold(), _plainly(i.clause)}),
        checks=tuple(check for id_, check in known.checks.items() if id_.casefold() == name),
        triggers=tuple(trigger for code, trigger in known.triggers.items() if code.casefold() == name),
        kinds=tuple(kind for id_, kind in known.kinds.items() if id_.casefold() == name),
        capabilities=tuple(id_ for id_ in known.capabilities if id_.casefold() == name),
        literal=True,
    )


def _called(name: str, known: Knowledge) -> Found:
    """What the name begins, and what is called by all its words."""
    words = name.split()

    def says(*texts: str) -> bool:
        said = _plainly("\n".join(texts))
        return all(word in said for word in words)

    return Found(
        items=tuple(
            item
            for id_, item in known.items.items()
            if id_.casefold().startswith(f"{name}-") or says(item.control_point.zh, item.control_point.en)
        ),
        checks=tuple(c for id_, c in known.checks.items() if says(id_, c.question.zh, c.question.en)),
        judgements=tuple(j for j in known.judgements.values() if says(j.title.zh, j.title.en)),
        triggers=tuple(t for t in known.triggers.values() if says(t.title.zh, t.title.en)),
        kinds=tuple(k for id_, k in known.kinds.items() if says(id_, k.text.zh, k.text.en)),
    )


def _saying(words: list[str], known: Knowledge) -> Iterator[Item]:
    """Items whose texts hold all the words."""
    for item in known.items.values():
        texts = (item.summary, *(step.text for step in item.steps))
        said = _plainly("\n".join(f"{text.zh}\n{text.en}" for text in texts))
        if all(word in said for word in words):
            yield item
