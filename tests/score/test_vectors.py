"""Vectors computed elsewhere, through the pure functions."""

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scanner.model import Interval, Risk, Verdict
from scanner.score import Subject, Templates, final, score, scored
from tests.score.made_up import NEW, OLD, counted


def vectors(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["vectors"]
    return found


def fact_sheet() -> Path:
    """Vectors of the fact sheet, which stands beside the project and not in it."""
    folder = Path(os.environ.get("MLPS_FACTS", Path(__file__).parents[3] / "shared" / "facts"))
    path = folder / "scoring-vectors.json"
    if not path.exists():
        pytest.skip("scoring-vectors.json is not beside the project; MLPS_FACTS names its folder")
    return path


OWN = vectors(Path(__file__).with_name("vectors.json"))


def assert_vector(vector: dict[str, Any]) -> None:
    items = counted(
        scored(Subject(entry["side"], entry["weight"]), [[Verdict(v) for v in o] for o in entry["objects"]])
        for entry in vector["items"]
    )
    templates = Templates(replace(OLD, y=Fraction(vector["y"])), NEW)
    got = score(items, templates, final([Risk(r) for r in vector["risks"]], vector["majors"]))
    expect = vector["expect"]
    assert got.deduction is not None
    assert got.strict is not None
    assert got.half is not None
    assert rounded(got.deduction) == bounds(expect["2021"])
    assert rounded(got.strict) == bounds(expect["2025"]["strict"])
    assert rounded(got.half) == bounds(expect["2025"]["half"])
    assert sorted(got.grades) == sorted(expect["2021"]["conclusions"])
    assert sorted(got.conclusions) == sorted(expect["2025"]["conclusions"])
    assert got.coverage.decided == expect["coverage"]["decided"]
    assert got.coverage.applicable == expect["coverage"]["applicable"]


def rounded(interval: Interval) -> tuple[float, float]:
    return round(interval.low, 4), round(interval.high, 4)


def bounds(expected: dict[str, float]) -> tuple[float, float]:
    return expected["low"], expected["high"]


@pytest.mark.parametrize("vector", OWN, ids=lambda v: v["name"])
def test_our_vectors(vector: dict[str, Any]) -> None:
    assert_vector(vector)


def test_the_vectors_of_the_fact_sheet_to_four_decimals() -> None:
    found = vectors(fact_sheet())
    assert len(found) >= 10
    for vector in found:
        assert_vector(vector)
