"""Laws of decision rules, by exhaustion."""

import itertools
from collections.abc import Iterator

import pytest

from scanner import decision
from scanner.model import Answer, Verdict

YES, NO, UNSEEN, NA = Answer.YES, Answer.NO, Answer.UNSEEN, Answer.NA
C, P, N = Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM

RULES = [(text, n) for n in range(1, 7) for text in ("all", "any")]
RULES += [
    ("(1 and 3) or (2 and 3)", 3),
    ("1 or (2 and 3)", 3),
    ("1 or 2 and 3", 3),
    ("(1 or 2) and (3 or 4)", 4),
]


def meaning(text: str, met: dict[int, bool]) -> bool:
    """The rule's truth, evaluated a second way."""
    if text in {"all", "any"}:
        return all(met.values()) if text == "all" else any(met.values())
    return bool(eval(text.translate({ord(str(n)): f"met[{n}]" for n in met}), {"met": met}))  # noqa: S307


def grid(answers: tuple[Answer, ...], n: int) -> Iterator[dict[int, Answer]]:
    for values in itertools.product(answers, repeat=n):
        yield dict(enumerate(values, start=1))


@pytest.mark.parametrize(("text", "n"), RULES)
@pytest.mark.parametrize("partial", [True, False])
def test_decided_answers_give_the_official_verdict(text: str, n: int, partial: bool) -> None:
    rule = decision.parse(text, range(1, n + 1))
    for answers in grid((YES, NO), n):
        met = {k: a is YES for k, a in answers.items()}
        some = P if partial else N
        expected = C if meaning(text, met) else some if any(met.values()) else N
        assert decision.verdict(rule, answers, partial=partial) is expected
        assert decision.possible(rule, answers, partial=partial) == {expected}


@pytest.mark.parametrize(("text", "n"), RULES)
@pytest.mark.parametrize("partial", [True, False])
def test_possible_verdicts_are_those_of_all_completions(text: str, n: int, partial: bool) -> None:
    rule = decision.parse(text, range(1, n + 1))
    for answers in grid((YES, NO, UNSEEN), n):
        unseen = [k for k, a in answers.items() if a is UNSEEN]
        every = {
            decision.verdict(rule, {**answers, **dict(zip(unseen, c, strict=True))}, partial=partial)
            for c in itertools.product((YES, NO), repeat=len(unseen))
        }
        assert decision.possible(rule, answers, partial=partial) == every


@pytest.mark.parametrize(("text", "n"), RULES)
def test_unseen_steps_never_leave_conform_alone_unless_the_rest_suffices(text: str, n: int) -> None:
    rule = decision.parse(text, range(1, n + 1))
    for answers in grid((YES, NO, UNSEEN), n):
        worst = {k: NO if a is UNSEEN else a for k, a in answers.items()}
        if decision.possible(rule, answers, partial=True) == {C}:
            assert decision.verdict(rule, worst, partial=True) is C


@pytest.mark.parametrize(("text", "n"), RULES)
def test_seeing_one_more_step_narrows_the_set_and_a_yes_is_never_worse(text: str, n: int) -> None:
    rule = decision.parse(text, range(1, n + 1))
    rank = {N: 0, P: 1, C: 2}
    for answers in grid((YES, NO, UNSEEN), n):
        for k in (k for k, a in answers.items() if a is UNSEEN):
            before = decision.possible(rule, answers, partial=True)
            met = decision.possible(rule, {**answers, k: YES}, partial=True)
            failed = decision.possible(rule, {**answers, k: NO}, partial=True)
            assert met | failed == before
            assert min(rank[v] for v in failed) <= min(rank[v] for v in met)
            assert max(rank[v] for v in failed) <= max(rank[v] for v in met)


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("all", (YES, NA), {C}),
        ("all", (NO, NA), {N}),
        ("all", (NA, NA), {Verdict.NOT_APPLICABLE}),
        ("any", (NO, NA), {N}),
        ("any", (UNSEEN, NA), {C, N}),
        ("1 or (2 and 3)", (NA, YES, YES), {C}),
        ("1 or (2 and 3)", (NA, YES, NO), {P}),
        # The alternative goes as a whole: step 3 alone must not stand for "2 and 3".
        ("1 or (2 and 3)", (NO, NA, YES), {P}),
        ("(1 and 3) or (2 and 3)", (NA, NO, YES), {P}),
        ("(1 and 3) or (2 and 3)", (NA, YES, YES), {C}),
        ("(1 and 3) or (2 and 3)", (YES, NO, NA), {C}),
        ("(1 and 3) or (2 and 3)", (NO, NO, NA), {N}),
        ("(1 and 3) or (2 and 3)", (NA, NA, NA), {Verdict.NOT_APPLICABLE}),
    ],
)
def test_steps_that_do_not_apply(text: str, answers: tuple[Answer, ...], expected: set[Verdict]) -> None:
    numbered = dict(enumerate(answers, start=1))
    assert decision.possible(decision.parse(text, numbered), numbered, partial=True) == expected


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", [1]),
        ("all", []),
        ("1 and", [1]),
        ("1 and 4", [1, 2]),
        ("1", [1, 2]),
        ("(1 or 2", [1, 2]),
        ("1 or 2)", [1, 2]),
        ("1 xor 2", [1, 2]),
        ("1 2", [1, 2]),
        ("some", [1]),
        ("not 1", [1]),
        ("(" * 200 + "1" + ")" * 200, [1]),
        (" and ".join(map(str, range(1, 14))), list(range(1, 14))),
    ],
)
def test_what_is_no_rule_is_refused(text: str, steps: list[int]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decision.parse(text, steps)


SETS = [frozenset(s) for n in (1, 2, 3) for s in itertools.combinations((C, P, N), n)]
NOT = frozenset({Verdict.NOT_APPLICABLE})


def test_an_item_over_its_objects_by_exhaustion_up_to_three_objects() -> None:
    for count in (1, 2, 3):
        for objects in itertools.product([*SETS, NOT], repeat=count):
            every = set()
            for chosen in itertools.product(*objects):
                left = {v for v in chosen if v is not Verdict.NOT_APPLICABLE}
                every.add(Verdict.NOT_APPLICABLE if not left else next(iter(left)) if len(left) == 1 else P)
            assert decision.over_objects(objects) == every


def test_a_conform_and_an_unseen_object_are_never_nonconform() -> None:
    assert decision.over_objects([frozenset({C}), frozenset({C, P, N})]) == {C, P}
    assert decision.over_objects([frozenset({N}), frozenset({C, P, N})]) == {P, N}
