"""The page put together: what the templates get to see."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from importlib import resources
from typing import TYPE_CHECKING, TypeVar

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from scanner.evaluate import REASON_WORDS
from scanner.model import Answer, Capture, Text
from scanner.report.answering import ANSWERER
from scanner.report.html import facets
from scanner.report.html.anchors import anchor
from scanner.report.html.drawing import drawing
from scanner.report.html.evidence import Captures
from scanner.report.html.glossary import GLOSSARY
from scanner.report.html.items import item_anchor, ordered
from scanner.report.html.objects import REACH_WORDS, shown_objects
from scanner.report.html.policy import content_policy, inert_json
from scanner.report.html.questions import Question, bearing_of, questions
from scanner.report.html.risks import weighed
from scanner.report.html.speech import Labels, drawn, harmless, say, spoken
from scanner.report.html.statements import statements
from scanner.report.html.systems import system
from scanner.report.html.unseen import unseen
from scanner.report.html.zones import zone_picture
from scanner.report.words import METHOD, OF_SAMPLE, RISK, RISK_ORDER, SCOPE, STAND, STATED, THEMES, VERDICT
from scanner.report.zones import matrix_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.model.text import Language
    from scanner.report.content import Content

E = TypeVar("E", bound=StrEnum)

_FILES = resources.files("scanner.report.html").joinpath("templates")


def page(content: Content, language: Language) -> str:
    """Return the whole page; ``language`` is the one it opens in."""
    style, script = _text("page.css"), _text("page.js")
    several = len(content.assessments) > 1
    named = [(a, a.system.name if several else "") for a in content.assessments]
    objects = shown_objects(content)
    systems = tuple(system(a, content.scores[a.system.name], content.roles, name) for a, name in named)
    places = [(result, item_anchor(result, name)) for a, name in named for result in a.items]
    asked = questions(content, Captures(content.records), bearing_of(places))
    judgements = weighed(content, named)
    gaps = unseen(content)
    entries = facets.entries([row for s in systems for row in s.rows], asked, judgements, objects, gaps)
    template = _environment(language).get_template("page.html.j2")
    return template.render(
        language=language,
        content=content,
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        policy=content_policy(style, script),
        data=inert_json({"entries": entries}),
        filters=facets.choices(objects, entries.values()),
        systems=systems,
        judgements=judgements,
        statements=statements(content.assessments),
        item_places=frozenset(place for _, place in places),
        problems=_answered(asked, Answer.NO),
        open_questions=_answered(asked, Answer.UNSEEN),
        settled=_answered(asked, Answer.YES, Answer.NA),
        noes=_noes(content),
        objects=objects,
        anchors={o.id: o.anchor for o in objects},
        drawing=drawing(objects, content.zones),
        zones=zone_picture(matrix_of(content)),
        gaps=gaps,
        vantages=_vantages(content),
        glossary=GLOSSARY,
    )


def _answered(asked: Iterable[Question], *answers: Answer) -> tuple[Question, ...]:
    return tuple(q for q in asked if q.answer in answers)


def _noes(content: Content) -> tuple[tuple[str, int], ...]:
    """How many noes of each risk."""
    found = dict.fromkeys(f for a in content.assessments for f in a.findings if f.answer is Answer.NO)
    counts = Counter(f.risk for f in found)
    return tuple((risk.value, counts[risk]) for risk in RISK_ORDER)


def _vantages(content: Content) -> tuple[str, ...]:
    records = (r for some in content.records.values() for r in some)
    return tuple(sorted({r.vantage for r in records if isinstance(r, Capture)}))


def _environment(language: Language) -> Environment:
    """Templates whose every value is escaped, and freed of characters that act, before it is printed."""
    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=harmless,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        say=say,
        spoken=spoken,
        reach_words=REACH_WORDS,
        drawn=drawn,
        drawn_say=lambda zh, en: drawn(Text(zh, en)),
        label=Labels(language),
        anchor=anchor,
        ordered=ordered,
        THEMES=THEMES,
        OF_SAMPLE=OF_SAMPLE,
        VERDICT=_by_value(VERDICT),
        RISK=_by_value(RISK),
        SCOPE=_by_value(SCOPE),
        METHOD=_by_value(METHOD),
        STAND=_by_value(STAND),
        STATED=_by_value(STATED),
        ANSWERER=_by_value(ANSWERER),
        REASON=_by_value(REASON_WORDS),
    )
    return environment


def _by_value(words: Mapping[E, Text]) -> dict[str, Text]:
    return {name.value: text for name, text in words.items()}


def _text(name: str) -> str:
    return _FILES.joinpath(name).read_text(encoding="utf-8")
