"""Retention arithmetic: what holds for every rotation, whatever its figures."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scanner.checks.log_retention import Kept, kept
from scanner.facts import LogFile, Rotation, SystemAge
from scanner.model import Gap, GapReason
from tests.checks.build import at, sized, sizes, used_for

AUTH = "/var/log/auth.log"
GAP = Gap(GapReason.NOT_COLLECTED)
DAYS = st.floats(0, 2000)
ROTATIONS = st.builds(
    Rotation,
    st.just(AUTH),
    DAYS | st.none(),
    st.sampled_from(["", "maxsize 1M"]),
    st.just(at("logrotate")),
    st.integers(1, 6) | st.none(),
    st.integers(1, 10**7) | st.none(),
)


@st.composite
def files(draw: st.DrawFn) -> list[LogFile]:
    ages = sorted(draw(st.lists(DAYS, max_size=7)))
    old = [sized(f"{AUTH}.{n}", draw(st.integers(0, 10**6)), age) for n, age in enumerate(ages, 1)]
    return [sized(AUTH, draw(st.integers(0, 10**6)), 0), *old]


AGES = DAYS.map(used_for) | st.just(GAP)


@given(ROTATIONS, files(), AGES, DAYS)
def test_a_policy_shorter_than_asked_is_short(
    rotation: Rotation, f: list[LogFile], age: SystemAge | Gap, m: float
) -> None:
    state, _ = kept(rotation, sizes(*f), age, m)
    if rotation.days is not None and rotation.days < m:
        assert state is Kept.SHORT
    elif not rotation.cut_short_by:
        assert state is Kept.LONG


@given(ROTATIONS, files(), AGES, DAYS, DAYS)
def test_who_keeps_long_keeps_shorter_too(
    rotation: Rotation, f: list[LogFile], age: SystemAge | Gap, one: float, other: float
) -> None:
    """Asking for fewer days never turns long into short where the policy alone decides."""
    less, more = sorted((one, other))
    uncut = replace(rotation, cut_short_by="")
    if kept(uncut, sizes(*f), age, more)[0] is Kept.LONG:
        assert kept(uncut, sizes(*f), age, less)[0] is Kept.LONG


@given(ROTATIONS, DAYS)
def test_a_limit_of_size_is_never_long_without_evidence(rotation: Rotation, m: float) -> None:
    cut = replace(rotation, cut_short_by="maxsize 1M", days=None)
    assert kept(cut, GAP, GAP, m)[0] is Kept.OPEN
    assert kept(cut, sizes(), GAP, m)[0] is Kept.OPEN


@given(ROTATIONS, files(), st.floats(1, 2000))
def test_a_limit_of_size_is_long_only_by_an_old_record(
    rotation: Rotation, f: list[LogFile], m: float
) -> None:
    cut = replace(rotation, cut_short_by="maxsize 1M", days=None)
    oldest = max((1767225600 - x.meta.mtime) / 86400 for x in f)
    if kept(cut, sizes(*f), GAP, m)[0] is Kept.LONG:
        assert len(f) > 1
        assert oldest >= m - 0.001


@given(st.integers(1, 400), st.sampled_from([1, 7, 30]), st.integers(1, 400))
def test_rotations_times_period(count: int, period: int, m: int) -> None:
    rotation = Rotation(AUTH, float(count * period), "", at("logrotate"), count)
    assert (kept(rotation, GAP, GAP, m)[0] is Kept.LONG) is (count * period >= m)
