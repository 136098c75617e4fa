"""The page put together: what the templates get to see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from scanner.model import Answer, Capture, Text, Verdict
from scanner.report.html import facets
from scanner.report.html.anchors import anchor
from scanner.report.html.drawing import drawing
from scanner.report.html.evidence import Captures
from scanner.report.html.glossary import GLOSSARY
from scanner.report.html.items import Group, Row, groups, item_anchor
from scanner.report.html.numbers import Bar, Part, bar, stacked
from scanner.report.html.objects import shown_objects
from scanner.report.html.policy import content_policy, inert_json
from scanner.report.html.questions import Question, bearing_of, questions
from scanner.report.html.speech import Labels, drawn, harmless, say, spoken
from scanner.report.html.unseen import unseen
from scanner.report.words import RISK, RISK_ORDER, THEMES, VERDICT, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.model import Assessment
    from scanner.model.text import Language
    from scanner.report.content import Content
    from scanner.score import Scores

_FILES = resources.files("scanner.report.html").joinpath("templates")


@dataclass(frozen=True, slots=True)
class SystemPart:
    """One system: its numbers and its items."""

    assessment: Assessment
    scores: Scores
    strict: Bar | None
    half: Bar | None
    points: Bar | None
    themes: tuple[tuple[str, Bar | None], ...]
    verdicts: tuple[Part, ...]
    failing: int
    groups: tuple[Group, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All items."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def waiting(self) -> tuple[Row, ...]:
        """Items of which somebody has to answer a step."""
        return tuple(row for row in self.rows if row.waiting)


def page(content: Content, language: Language) -> str:
    """Return the whole page; ``language`` is the one it opens in."""
    style, script = _text("page.css"), _text("page.js")
    objects = shown_objects(content)
    named = {
        a.system.name: a.system.name if len(content.assessments) > 1 else "" for a in content.assessments
    }
    systems = tuple(_system(a, content, named[a.system.name]) for a in content.assessments)
    places = [(r, item_anchor(r, named[a.system.name])) for a in content.assessments for r in a.items]
    asked = questions(content, Captures(content.records), bearing_of(places))
    gaps = unseen(content)
    rows = [row for system in systems for row in system.rows]
    template = _environment(language).get_template("page.html.j2")
    return template.render(
        language=language,
        content=content,
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        policy=content_policy(style, script),
        data=inert_json({"entries": facets.entries(rows, asked, objects, gaps)}),
        filters=facets.choices(objects),
        systems=systems,
        problems=_answered(asked, Answer.NO),
        open_questions=_answered(asked, Answer.UNSEEN),
        settled=_answered(asked, Answer.YES, Answer.NA),
        noes=_noes(content),
        objects=objects,
        anchors={o.id: o.anchor for o in objects},
        drawing=drawing(objects, content.zones),
        gaps=gaps,
        vantages=_vantages(content),
        glossary=GLOSSARY,
    )


def _system(a: Assessment, content: Content, name: str) -> SystemPart:
    scores = content.scores[a.system.name]
    counts = Counter(item.verdict for item in a.items)
    order = (*VERDICT_ORDER[:3], Verdict.UNDETERMINED, Verdict.NOT_APPLICABLE)
    return SystemPart(
        assessment=a,
        scores=scores,
        strict=bar(scores.strict),
        half=bar(scores.half),
        points=bar(scores.deduction),
        themes=tuple((theme, bar(scores.themes.get(theme), 100)) for theme in THEMES),
        verdicts=stacked({verdict.value: counts[verdict] for verdict in order}),
        failing=sum(item.known_to_fail for item in a.items),
        groups=groups(a, name),
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
        drawn=drawn,
        drawn_say=lambda zh, en: drawn(Text(zh, en)),
        label=Labels(language),
        anchor=anchor,
        VERDICT={verdict.value: text for verdict, text in VERDICT.items()},
        RISK={risk.value: text for risk, text in RISK.items()},
        THEMES=THEMES,
    )
    return environment


def _text(name: str) -> str:
    return _FILES.joinpath(name).read_text(encoding="utf-8")
