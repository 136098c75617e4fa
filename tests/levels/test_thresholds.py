"""Thresholds say which way they are stricter, mean it, and never loosen from one level to the next."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from scanner.checks import ALL, Check
from scanner.model import Answer, Gap, GapReason
from scanner.profile import LEVELS, load_profile
from scanner.threshold import Change, Stricter, at_least, at_most, changes, directions, naming
from tests.checks.build import CHECKS, Case
from tests.checks.test_judges import CASES

if TYPE_CHECKING:
    from scanner.model import Outcome, Profile

LIMITED = [check for check in ALL if fields(check.parameters)]
LIMITED_CASES = [case for case in CASES if fields(CHECKS[case.check].parameters)]


@pytest.fixture(scope="module")
def profiles() -> list[Profile]:
    return [load_profile(level, CHECKS) for level in LEVELS]


@dataclass(frozen=True, slots=True)
class Limits:
    longest: int = field(metadata=at_most())
    least: int = field(metadata=at_least(most=4))
    words: tuple[str, ...]
    named: tuple[int, ...] = field(default=(1, 2), metadata=naming())


@pytest.mark.parametrize("check", LIMITED, ids=lambda check: check.id)
def test_every_parameter_says_which_way_is_stricter(check: Check) -> None:
    assert Stricter.UNSAID not in directions(check.parameters).values()


def test_no_check_is_looser_at_a_higher_level(profiles: list[Profile]) -> None:
    looser = [
        (higher.level, check.id, change)
        for lower, higher in pairwise(profiles)
        for check in LIMITED
        for change in changes(lower.parameters[check.id], higher.parameters[check.id])
        if change.looser
    ]
    assert looser == []


def test_levels_do_differ_in_their_thresholds(profiles: list[Profile]) -> None:
    """The law above holds of something."""
    differ = [
        (check.id, change.parameter)
        for check in LIMITED
        for change in changes(profiles[0].parameters[check.id], profiles[2].parameters[check.id])
    ]
    assert len(differ) >= 5


OLD = Limits(10, 2, ("a",))
CHANGES = (
    ("the same", OLD, ()),
    ("lower of a most", Limits(9, 2, ("a",)), (Change("longest", 10, 9, looser=False),)),
    ("higher of a most", Limits(11, 2, ("a",)), (Change("longest", 10, 11, looser=True),)),
    ("lower of a least", Limits(10, 1, ("a",)), (Change("least", 2, 1, looser=True),)),
    ("higher of a least", Limits(10, 3, ("a",)), (Change("least", 2, 3, looser=False),)),
    ("direction not said", Limits(10, 2, ("a", "b")), (Change("words", ("a",), ("a", "b"), looser=True),)),
    ("more named", replace(OLD, named=(3, 2, 1)), (Change("named", (1, 2), (3, 2, 1), looser=False),)),
    ("less named", replace(OLD, named=(2,)), (Change("named", (1, 2), (2,), looser=True),)),
    ("others named", replace(OLD, named=(1, 3)), (Change("named", (1, 2), (1, 3), looser=True),)),
    ("both ways", Limits(9, 1, ("a",)), (Change("longest", 10, 9, False), Change("least", 2, 1, True))),
)


@pytest.mark.parametrize(("new", "expected"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_changes_say_what_is_looser(new: Limits, expected: tuple[Change, ...]) -> None:
    assert changes(OLD, new) == expected


@pytest.mark.parametrize(
    ("longest", "least", "good"), [(1, 0, True), (0, 0, False), (1, 5, False), (1, 4, True)]
)
def test_a_limit_that_nobody_can_meet_is_refused(longest: int, least: int, *, good: bool) -> None:
    values = {"longest": str(longest), "least": str(least), "words": ()}
    if good:
        assert TypeAdapter(Limits).validate_python(values).least == least
    else:
        with pytest.raises(ValidationError):
            TypeAdapter(Limits).validate_python(values)


def asked(case: Case, parameters: Any) -> Outcome | None:
    """What the judge says with these parameters; None where a need is missing and it is never asked."""
    check = CHECKS[case.check]
    there = {type(fact): fact for fact in case.facts}
    if not all(kind in there for kind in check.needs):
        return None
    also = [there.get(kind, Gap(GapReason.NOT_COLLECTED)) for kind in check.also]
    return check.judge(*(there[kind] for kind in check.needs), *also, parameters)


VALUES = (1, 2, 3, 4, 5, 6, 8, 12, 30, 89, 90, 91, 119, 120, 179, 180, 256, 300, 599, 600, 900, 2048, 10**6)


NAMED = ((), (23,), (23, 69), (23, 69, 111, 445), tuple(range(1, 6010)))

_LOOSEST_FIRST: Mapping[Stricter, Sequence[object]] = {
    Stricter.HIGHER: VALUES,
    Stricter.LOWER: VALUES[::-1],
    Stricter.MORE: NAMED,
}
_SOME: Mapping[Stricter, Sequence[object]] = {
    Stricter.HIGHER: (1, 5, 200, 2048),
    Stricter.LOWER: (1, 5, 200, 2048),
    Stricter.MORE: NAMED[::2],
}


@pytest.mark.parametrize("case", LIMITED_CASES, ids=lambda case: f"{case.check}: {case.name}")
def test_a_stricter_threshold_never_lets_more_pass(case: Case) -> None:
    """The direction that a parameter declares is the one that its judge follows, whatever the others are."""
    kind = CHECKS[case.check].parameters
    ways = directions(kind)
    for name, stricter in ways.items():
        loosest_first = _LOOSEST_FIRST[stricter]
        rest = [other for other in ways if other != name]
        for others in itertools.product(*(_SOME[ways[other]] for other in rest)):
            fixed: dict[str, Any] = dict(zip(rest, others, strict=True))
            outcomes = [asked(case, kind(**fixed, **{name: value})) for value in loosest_first]
            answers = [outcome.answer for outcome in outcomes if outcome is not None]
            assert sorted(answers, key=_STRICTEST_LAST.index) == answers, (name, fixed)


_STRICTEST_LAST = (Answer.YES, Answer.NA, Answer.UNSEEN, Answer.NO)
