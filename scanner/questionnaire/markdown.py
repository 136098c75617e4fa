"""A questionnaire as Markdown: to read, to print, to fill by hand."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from scanner.questionnaire import words
from scanner.report.answering import Awaited
from scanner.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scanner.model import Text
    from scanner.model.text import Language
    from scanner.questionnaire.questions import Question

_SPECIAL = re.compile(r"[\\`*\[\]<>#|~&]|(?<!\w)_|_(?!\w)")
"""What Markdown would take for more than a character; an underscore inside a word is one."""


def render(questions: Sequence[Question], roles: Mapping[str, Text], language: Language) -> str:
    """Return the questionnaire.

    Args:
        questions: in the order of ``questions()``.
        roles: names of roles.
        language: of all texts.
    """
    lines = [f"# {words.TITLE.say(language)}", ""]
    lines += [words.HOW.say(language) if questions else words.NOTHING.say(language), ""]
    for role, own in groupby(questions, key=lambda q: q.role):
        lines += _role(roles[role], tuple(own), language)
    return "\n".join(lines).rstrip() + "\n"


def _role(name: Text, questions: Sequence[Question], language: Language) -> Iterator[str]:
    items = len({question.item.id for question in questions})
    yield f"## {_text(name.say(language))}"
    yield ""
    yield words.COUNT.format(steps=len(questions), items=items).say(language)
    yield ""
    for blind, part in groupby(questions, key=lambda q: q.awaited is Awaited.LOOK):
        mark = f" · {words.BLIND.say(language)}" if blind else ""
        for _, own in groupby(part, key=lambda q: q.object.id):
            yield from _object(tuple(own), mark, language)


def _object(questions: Sequence[Question], mark: str, language: Language) -> Iterator[str]:
    first, asked = questions[0], questions[0].object
    kind = words.WHOLE_SYSTEM if first.stands_in else first.kinds[0]
    where = f" · {_text(asked.address)}" if asked.address else ""
    yield f"### {_text(asked.id)} · {_text(kind.say(language))}{where}{mark}"
    yield ""
    for _, own in groupby(questions, key=lambda q: q.item.id):
        yield from _item(tuple(own), language)


def _item(questions: Sequence[Question], language: Language) -> Iterator[str]:
    item = questions[0].item
    yield (f"#### {_text(item.clause)} · {_text(item.control_point.say(language))} · {_text(item.id)}")
    yield ""
    yield _text(item.summary.say(language))
    yield ""
    if questions[0].stands_in:
        yield f"> {_text(' / '.join(kind.say(language) for kind in questions[0].kinds))}"
        yield ""
    for question in questions:
        yield from _step(question, language)


def _step(q: Question, language: Language) -> Iterator[str]:
    method = words.METHODS[q.step.method].say(language)
    yield f"{q.step.n}. ({method}) {_text(q.step.text.say(language))}  "
    for hint in q.hints:
        yield f"   *{_text(hint.say(language))}*  "
    yield f"   {words.CHOICE.say(language)}  "
    yield f"   {words.SIGNED.say(language)}"
    yield ""


def _text(text: str) -> str:
    """Words that are only words, in a terminal and in Markdown."""
    return _SPECIAL.sub(r"\\\g<0>", plain(text))
