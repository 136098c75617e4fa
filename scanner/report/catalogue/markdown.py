"""Items as Markdown: with their steps, to be read or put into another document."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from scanner.model import Scope, Text
from scanner.report.catalogue.judged_by import JUDGED_BY, judged_by
from scanner.report.catalogue.listing import shelves
from scanner.report.catalogue.terminal import WEIGHT
from scanner.report.names import METHOD, SCOPE
from scanner.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.model import Item
    from scanner.model.text import Language
    from scanner.report.catalogue.listing import Listing

_TITLE = Text(zh="测评单元", en="Items")
_LEVEL = Text(zh="第 {level} 级", en="Level {level}")
_NOTE = Text(
    zh="权重为本产品自定：未见官方权重。条目用语为本产品自己的表述。",
    en="Weights are ours: no official ones were found. Wording is ours.",
)
_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")


def as_markdown(listing: Listing, language: Language) -> str:
    """Return the items as Markdown."""
    return "".join(f"{line}\n" for line in _lines(listing, language))


def _lines(listing: Listing, language: Language) -> Iterator[str]:
    grade = f" {listing.grade}" if listing.grade else ""
    yield from (f"# {_TITLE.say(language)}{grade}", "", _NOTE.say(language))
    level = 0
    for (of_level, scope, _), section in groupby(shelves(listing), lambda shelf: shelf.section):
        if of_level != level:
            level = of_level
            yield from ("", f"## {_LEVEL.format(level=level).say(language)}")
        name = ""
        for shelf in section:
            if not name:
                name = f"{shelf.klass} {_escaped(shelf.class_name.say(language))}"
                of_scope = "" if scope is Scope.GENERAL else f" ({SCOPE[scope].say(language)})"
                yield from ("", f"### {name}{of_scope}")
            yield from ("", f"#### {_escaped(shelf.control_point.say(language))}", "")
            for item in shelf.items:
                yield from _item(item, language)


def _item(item: Item, language: Language) -> Iterator[str]:
    weight, who = WEIGHT[item.weight].say(language), JUDGED_BY[judged_by(item)].say(language)
    names = f"**{_escaped(item.id)}** {_escaped(item.clause)} · {item.mark} · {weight} · {who}"
    yield f"- {names}<br>{_escaped(item.summary.say(language))}"
    for step in item.steps:
        yield f"  {step.n}. {METHOD[step.method].say(language)}: {_escaped(step.text.say(language))}"


def _escaped(text: str) -> str:
    """Text as text: nothing of it is markup."""
    return _MARKUP.sub(r"\\\1", plain(text))
