"""What single fields of statements cannot show: ids nobody has, places stated twice, no author, odd exhibits.

Works on the plain data, so that these mistakes are named together with those of single fields. What has not
the expected shape is passed over here: the field's own check names it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from scanner.errors import Mistake
    from scanner.statements.exhibits import Exhibits
    from scanner.statements.known import Known
    from scanner.yamlmarks import Document, Where

Contradiction = tuple["Where", str]
"""The way to the value, and what is wrong with it."""

_AUTHORED = ("attestations", "compensations", "risks", "judgements", "majors")
_OF_ITEMS = ("attestations", "compensations", "waivers", "risks")
_ONCE = ("compensations", "risks")
"""Sections where one statement of an item on an object is the only one."""
_HEXADECIMAL = 64
"""Digits of a SHA-256; a digest of another length is a mistake of its own."""

MAX_SUGGESTIONS = 20
"""Unknown names for which a near one is looked for: a long table of other items must not stall."""


@dataclass(frozen=True, slots=True)
class _Ids:
    """Ids of one sort, and what the sort is called."""

    name: str
    ids: Collection[str]


def contradictions(data: Any, known: Known, exhibits: Exhibits) -> Iterator[Contradiction]:
    """Yield every contradiction of one file's plain data."""
    yield from _unknown(data, _OF_ITEMS, "item", _Ids("item", known.items))
    yield from _unknown(data, ("waivers",), "check", _Ids("check", known.checks))
    yield from _unknown(data, ("judgements",), "judgement", _Ids("judgement on high risk", known.judgements))
    yield from _unknown(data, ("majors",), "code", _Ids("trigger of a major danger", known.triggers))
    yield from _conditions(data, known)
    yield from _unsigned(data)
    yield from _evidence(data, exhibits)


def repeated(documents: Iterable[Document]) -> Iterator[Mistake]:
    """Yield places of all files together that a second statement speaks of where only one can count."""
    seen: dict[tuple[str, str, str], Mistake] = {}
    for document in documents:
        for section in _ONCE:
            for where, entry in entries(document.data, section):
                for name in _words(entry.get("objects")) or [""]:
                    here = document.mistake(where, "")
                    first = seen.setdefault((section, str(entry.get("item")).strip(), name), here)
                    if first is not here:
                        place = f"{first.file}:{first.line}"
                        said = f"{entry.get('item')} {name}".strip()
                        yield document.mistake(where, f"{section}: {said} is stated twice; first at {place}")


def entries(data: Any, section: str) -> Iterator[tuple[Where, dict[str, Any]]]:
    """Yield the entries of a section that are mappings, each with the way to it."""
    found = data.get(section) if isinstance(data, dict) else None
    for number, entry in enumerate(found if isinstance(found, list) else ()):
        if isinstance(entry, dict):
            yield (section, number), entry


def _unknown(data: Any, sections: Sequence[str], key: str, what: _Ids) -> Iterator[Contradiction]:
    suggested: dict[str, str] = {}
    for section in sections:
        for where, entry in entries(data, section):
            name = entry.get(key)
            if not isinstance(name, str) or name.strip() in what.ids:
                continue
            if name not in suggested and len(suggested) < MAX_SUGGESTIONS:
                near = difflib.get_close_matches(name.strip(), what.ids, n=1, cutoff=0.8)
                suggested[name] = f"; did you mean {near[0]!r}?" if near else ""
            yield (*where, key), f"no {what.name} is called {name!r}{suggested.get(name, '')}"


def _conditions(data: Any, known: Known) -> Iterator[Contradiction]:
    for where, entry in entries(data, "judgements"):
        conditions = known.judgements.get(str(entry.get("judgement")).strip())
        if conditions is None:
            continue
        numbers = {str(n) for n in conditions}
        for i, written in enumerate(_words(entry.get("conditions"))):
            if written not in numbers:
                yield (*where, "conditions", i), f"the judgement has no condition {written!r}"


def _unsigned(data: Any) -> Iterator[Contradiction]:
    if isinstance(data, dict) and data.get("author"):
        return
    for section in _AUTHORED:
        for where, entry in entries(data, section):
            if not entry.get("author"):
                yield where, "nobody signs it: write an author here, or one for the whole file at its top"


def _evidence(data: Any, exhibits: Exhibits) -> Iterator[Contradiction]:
    for where, entry in entries(data, "attestations"):
        for here, shown in entries(entry, "evidence"):
            name, digest = shown.get("file"), shown.get("sha256")
            whole = digest is None or (isinstance(digest, str) and len(digest.strip()) == _HEXADECIMAL)
            if isinstance(name, str) and name.strip() and whole:
                said = exhibits.wrong(name.strip(), digest)
                if said:
                    yield (*where, *here), said


def _words(value: Any) -> list[str]:
    return [word.strip() for word in value if isinstance(word, str)] if isinstance(value, list) else []
