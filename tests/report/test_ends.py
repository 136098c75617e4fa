"""Numbers with one decimal: never better than they are, and true where they are exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Interval
from scanner.report.console.numbers import bar
from scanner.report.ends import ends
from scanner.report.html.numbers import bar as html_bar


@pytest.mark.parametrize(
    ("low", "high", "factor", "expect"),
    [
        (0, 0, 1, ("0.0",)),
        (100, 100, 1, ("100.0",)),
        (99.97, 99.97, 1, ("99.9",)),
        (59.97, 90.01, 1, ("59.9", "90.1")),
        (29.3, 29.3, 1, ("29.3",)),
        (0.07, 0.29, 100, ("7.0", "29.0")),
        (205 / 211 * 100, 205 / 211 * 100, 1, ("97.1",)),
        (99.96, 99.99, 1, ("99.9", "100.0")),
    ],
)
def test_ends(low: float, high: float, factor: float, expect: tuple[str, ...]) -> None:
    assert ends(Interval(low, high), factor) == expect


@given(st.integers(0, 1000))
def test_exact_tenths_are_shown_as_they_are(tenths: int) -> None:
    for number in (tenths / 10, tenths * 0.1):
        assert ends(Interval(number, number)) == (f"{tenths / 10:.1f}",)
    share = tenths / 1000
    assert ends(Interval(share, share), 100) == (f"{tenths / 10:.1f}",)


@given(st.integers(1, 5000), st.data())
def test_only_all_of_them_are_a_hundred(count: int, data: st.DataObject) -> None:
    met = data.draw(st.integers(0, count))
    rate = 100 * met / count
    (shown,) = ends(Interval(rate, rate))
    assert (shown == "100.0") is (met == count)
    assert float(shown) <= rate + 1e-6


def test_what_is_lost_is_seen() -> None:
    assert bar(Interval(0.99, 0.99)).plain == "█" * 19 + "·"
    shown = html_bar(Interval(99.97, 99.97))
    assert shown is not None
    assert shown.text == "99.9"
