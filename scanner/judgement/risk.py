"""Problems that remain once people have spoken, and their risk (风险分析). Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.judgement import notices
from scanner.judgement.notices import named
from scanner.judgement.spoken import early, in_force, lost, strictest, told
from scanner.model import Answer, Problem, Risk, Stand, Text
from scanner.statements.notices import notice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from scanner.model import Assessment, ItemResult, Notice, ObjectResult, RiskSetting

_WORST_FIRST = (Risk.HIGH, Risk.MEDIUM, Risk.LOW)

_RISKS = {Risk.HIGH: Text("高", "high"), Risk.MEDIUM: Text("中", "medium"), Risk.LOW: Text("低", "low")}

_ASTRAY = (notices.NO_OBJECT, notices.NO_PROBLEM)


def problems(assessment: Assessment, at: datetime) -> tuple[Problem, ...]:
    """Return every item that is known to fail on an object, with the risk proposed and the one set.

    High is proposed only where a judgement on high risk that is proposed or confirmed on the object names the
    item. The risk of a check says how urgent its no is in general; of a problem it proposes medium at most.
    A compensation that makes a result conform leaves no problem.
    """
    settings = _settings(assessment, at)
    high = _high(assessment, {stand for stand in Stand if stand.speaks_for_high})
    return tuple(
        Problem(
            r.item.id,
            o.object,
            Risk.HIGH if (r.item.id, o.object) in high else _proposed(o),
            _setting(settings, r.item.id, o.object),
        )
        for r, o in _failing(assessment)
    )


def rate_all(assessments: Sequence[Assessment], at: datetime) -> tuple[Assessment, ...]:
    """Fill the problems of all systems of a run; a risk that is set for none of them becomes a notice.

    Args:
        assessments: with their candidates.
        at: time of judgement; what people say later is not applied.
    """
    common = tuple(lost([_astray(a, at) for a in assessments], _ASTRAY))
    return tuple(_rated(a, at, common) for a in assessments)


def _rated(assessment: Assessment, at: datetime, common: Sequence[Notice]) -> Assessment:
    rated = replace(assessment, problems=problems(assessment, at))
    spoken = assessment.statements.risks if assessment.statements else ()
    late = early(spoken, at)
    return replace(rated, notices=told(rated, late, common, _outvoted(rated, at), _below_confirmed(rated)))


def _failing(assessment: Assessment) -> Iterator[tuple[ItemResult, ObjectResult]]:
    for result in assessment.items:
        for o in result.objects:
            if o.known_to_fail:
                yield result, o


def _proposed(o: ObjectResult) -> Risk | None:
    """Worst risk of the checks that said no, medium at most; None where only people said no."""
    risks = {f.risk for step in o.steps for f in step.findings if f.answer is Answer.NO}
    worst = next((risk for risk in _WORST_FIRST if risk in risks), None)
    return Risk.MEDIUM if worst is Risk.HIGH else worst


def _high(assessment: Assessment, stands: Collection[Stand]) -> dict[tuple[str, str], list[str]]:
    """Judgements at one of ``stands``, by the items and objects that they are about."""
    found: dict[tuple[str, str], list[str]] = {}
    for candidate in (c for c in assessment.candidates if c.stand in stands):
        for item in candidate.items:
            found.setdefault((item, candidate.object), []).append(candidate.judgement)
    return found


def _settings(assessment: Assessment, at: datetime) -> Mapping[tuple[str, str], Sequence[RiskSetting]]:
    """Risks that people set, by item and object ("" = every object)."""
    found: dict[tuple[str, str], list[RiskSetting]] = {}
    for s in in_force(assessment.statements.risks if assessment.statements else (), at):
        found.setdefault((s.item, s.object), []).append(s)
    return found


def _setting(
    settings: Mapping[tuple[str, str], Sequence[RiskSetting]], item: str, name: str
) -> RiskSetting | None:
    """Return the setting that counts: one for the very object before one for all; then the stricter one."""
    own = settings.get((item, name)) or settings.get((item, ""), ())
    return strictest(own, lambda s: _WORST_FIRST.index(s.risk))


def _astray(assessment: Assessment, at: datetime) -> dict[RiskSetting, Text]:
    """Risks that are set for no problem of the system, and why."""
    places = {(r.item.id, o.object) for r, o in _failing(assessment)}
    items = {item for item, _ in places}
    names = {"", assessment.system.name, *(o.id for o in assessment.objects)}
    spoken = in_force(assessment.statements.risks if assessment.statements else (), at)
    return {
        s: notices.NO_PROBLEM if s.object in names else notices.NO_OBJECT
        for s in spoken
        if ((s.item, s.object) not in places if s.object else s.item not in items)
    }


def _outvoted(assessment: Assessment, at: datetime) -> Iterator[Notice]:
    """Tell of a risk that is set lower than somebody else sets it for the same."""
    for alike in _settings(assessment, at).values():
        counts = _setting({(s.item, s.object): alike for s in alike}, alike[0].item, alike[0].object)
        for s in alike:
            if counts is not None and s.risk is not counts.risk:
                values = {"said": _RISKS[s.risk], "other": counts.author, "stricter": _RISKS[counts.risk]}
                yield notice(notices.STRICTER, s.place, named(s), author=s.author, **values)


def _below_confirmed(assessment: Assessment) -> Iterator[Notice]:
    """Tell where a person sets less than high though a judgement on high risk is confirmed."""
    confirmed = _high(assessment, {Stand.CONFIRMED})
    for p in assessment.problems:
        s, judgements = p.setting, confirmed.get((p.item, p.object), [])
        if s is not None and s.risk is not Risk.HIGH and judgements:
            said = _RISKS[s.risk]
            yield notice(
                notices.BELOW_CONFIRMED, s.place, named(s), author=s.author, said=said, judgements=judgements
            )
