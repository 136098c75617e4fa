"""One system at several levels: requirements are followed by what they took the place of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.compare import Comparison, compare, lineage
from scanner.model import Verdict
from scanner.profile import packaged
from scanner.score import score_assessment
from scanner.score.template_file import load_templates
from tests.levels.made_up import NA, NO, UNSEEN, YES, assessment, item, raised, simple, step

if TYPE_CHECKING:
    from scanner.model import Assessment

SOURCES = packaged()
TEMPLATES = load_templates(SOURCES)

OLD = item("L2-CES1-01")
GROWN = raised(OLD, "L3-CES1-03")
GROWN_MORE = raised(GROWN, "L4-CES1-04")
GONE = item("L2-MMS1-16")
NEW = item("L3-CES1-25", step(1), step(2))


def compared(*judged: Assessment) -> Comparison:
    items = [r.item for a in judged for r in a.items]
    return compare([(a, score_assessment(a, TEMPLATES)) for a in judged], lineage(items))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((OLD, GROWN, GROWN_MORE), {"L2-CES1-01"}),
        ((GROWN, GROWN_MORE), {"L2-CES1-01"}),
        ((OLD, GROWN_MORE), {"L2-CES1-01", "L3-CES1-03"}),  # a level left out breaks the chain
        ((OLD, NEW), {"L2-CES1-01", "L3-CES1-25"}),
    ],
)
def test_a_requirement_goes_back_to_its_origin(items: tuple, expected: set[str]) -> None:  # type: ignore[type-arg]
    assert set(lineage(items).values()) == expected


def test_a_chain_that_bites_its_tail_ends() -> None:
    one, other = item("L2-CES1-01", changed_from="L3-CES1-01"), item("L3-CES1-01", changed_from="L2-CES1-01")
    assert set(lineage([one, other])) == {one.id, other.id}


def test_columns_count_items_by_verdict() -> None:
    level2 = assessment(2, simple(OLD, YES), simple(GONE, NA))
    level3 = assessment(3, simple(GROWN, NO), simple(NEW, NO, UNSEEN))
    low, high = compared(level2, level3).columns
    assert (low.counts[Verdict.CONFORM], low.counts[Verdict.NOT_APPLICABLE], low.applicable) == (1, 1, 1)
    assert (high.counts[Verdict.NONCONFORM], high.counts[Verdict.UNDETERMINED], high.applicable) == (1, 1, 2)
    assert (low.failing, high.failing) == (0, 2)
    assert high.scores.coverage.applicable == 2


def test_rows_stand_in_the_order_of_the_highest_level_and_say_what_changed() -> None:
    level2 = assessment(2, simple(OLD, YES), simple(GONE, YES))
    level3 = assessment(3, simple(NEW, YES, YES), simple(GROWN, YES))
    rows = compared(level2, level3).rows
    assert [[r.item.id if r else None for r in row.results] for row in rows] == [
        [None, "L3-CES1-25"],
        ["L2-CES1-01", "L3-CES1-03"],
        ["L2-MMS1-16", None],
    ]
    assert [row.changed for row in rows] == [True, False, True]


def test_a_row_changes_with_what_is_possible() -> None:
    for answer, changed in ((YES, False), (NO, True), (UNSEEN, True), (NA, True)):
        (row,) = compared(assessment(2, simple(OLD, YES)), assessment(3, simple(GROWN, answer))).rows
        assert row.changed is changed, answer


def test_three_levels_have_two_ways() -> None:
    made = compared(
        assessment(2, simple(OLD, YES)),
        assessment(3, simple(GROWN, UNSEEN)),
        assessment(4, simple(GROWN_MORE, UNSEEN)),
    )
    assert len(made.rows) == 1
    to_3, to_4 = made.ways
    assert (to_3.open, to_3.stages[0].below) == (("L3-CES1-03",), 0)
    assert (to_4.open, to_4.stages[0].below) == (("L4-CES1-04",), 1)
