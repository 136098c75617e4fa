"""The official sample: floors by level and kind, and what a marked sample leaves open."""

from dataclasses import replace

import pytest

from scanner.model import Assessment, AssessmentObject, Kind, Level, Text
from scanner.sample import floor, holes
from tests.evaluate.test_evaluate import KINDS, UID, host, item, judge


@pytest.mark.parametrize(
    ("kind", "floors"),
    [
        ("operating_system", [1, 2, 2, 3]),
        ("boundary_device", [1, 2, 2, 3]),
        ("network_device", [1, 2, 2, 3]),
        ("security_device", [1, 2, 2, 3]),
        ("ids_ips", [1, 2, 2, 3]),
        ("terminal", [0, 0, 2, 3]),
        ("backup_system", [0, 0, 2, 3]),
        ("database", [0, 0, 0, 0]),
        ("application", [0, 0, 0, 0]),
        ("policy_document", [0, 0, 0, 0]),
        ("no such kind", [0, 0, 0, 0]),
    ],
)
def test_floors(kind: str, floors: list[Level]) -> None:
    assert [floor(level, kind) for level in (1, 2, 3, 4)] == floors


def assessed(*objects: AssessmentObject) -> Assessment:
    return judge(item((UID,)), objects=objects, sheets={})


def sampled(kind: str, inside: int, outside: int = 0) -> list[AssessmentObject]:
    made = [host(f"{kind}{n}", kind=kind) for n in range(inside + outside)]
    return [replace(o, sampled=n < inside) for n, o in enumerate(made)]


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ([], []),
        (sampled("operating_system", 0, 5), []),  # none is marked: all are the sample
        (sampled("operating_system", 2, 5), []),
        (sampled("operating_system", 1), []),  # fewer than the floor: all of them will do
        (sampled("operating_system", 1, 1), ["too small: 1 of 2 objects of kind a; level 3 asks for 2"]),
        ([*sampled("database", 1), *sampled("operating_system", 0, 9)],
         ["too small: 0 of 9 objects of kind a; level 3 asks for 2"]),
        ([*sampled("operating_system", 2), *sampled("database", 0, 3)],
         ["no object of kind a is in the sample (3 exist)"]),
        ([*sampled("operating_system", 2), *sampled("boundary_device", 2, 2)],
         ["border devices are not in the sample: boundary_device2, boundary_device3"]),
        ([*sampled("operating_system", 2), *sampled("boundary_device", 0, 1)],
         ["too small: 0 of 1 objects of kind a; level 3 asks for 1",
          "border devices are not in the sample: boundary_device0"]),
    ],
)  # fmt: skip
def test_holes(objects: list[AssessmentObject], said: list[str]) -> None:
    found = holes(assessed(*objects))
    assert len(found) == len(said)
    assert all(part in text.en for part, text in zip(said, found, strict=True)), found


def test_holes_are_told_with_the_results_and_name_kinds_in_both_languages() -> None:
    (notice,) = assessed(*sampled("operating_system", 1, 1)).notices
    assert "“甲”共 2 个，样本中 1 个，第 3 级至少应取 2 个" in notice.text.zh


def test_objects_of_unknown_kinds_are_passed_over() -> None:
    odd = replace(host("odd", kind="gadget"), sampled=True)
    assert holes(assessed(odd)) == ()
    kinds = {**KINDS, "gadget": Kind("gadget", Text("器", "gadget"), "technical", whole_asset=False)}
    known = assessed(odd, *sampled("database", 0, 1))
    known = replace(known, profile=replace(known.profile, kinds=kinds))
    assert [text.en[:31] for text in holes(known)] == ["no object of kind a is in the sa"[:31]]
