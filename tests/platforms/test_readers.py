"""Laws that hold for every reader of every platform, and all fixture cases."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.base import Command, Files, Need, Platform, Probe, Reader
from collectors.evidence import Evidence
from collectors.platforms import PLATFORMS
from collectors.reading import read_fact
from scanner.model import Capture, CaptureKind, Gap, GapReason
from tests.platforms.fixture import (
    DAMAGES,
    OBJECT,
    Case,
    Damage,
    case_of,
    cases,
    differences,
    project,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.platforms.fixture import Record

CASES = cases(PLATFORMS)
READERS = [(platform, reader) for platform in PLATFORMS for reader in platform.readers]
NAMES = [f"{platform.name}-{reader.fact.__name__}" for platform, reader in READERS]


@pytest.mark.parametrize(("platform", "reader"), READERS, ids=NAMES)
@pytest.mark.parametrize("required", ["usual", "refused", "empty", "truncated"])
def test_every_reader_has_the_required_cases(platform: Platform, reader: Reader, required: str) -> None:
    case = case_of(platform, reader, required)
    assert case.folder.is_dir(), f"write {case.folder}"
    assert ("fact" in case.expected) != ("gap" in case.expected), "expect.yml says a fact or a gap"
    if required in {"refused", "truncated"}:
        assert "gap" in case.expected, "what is refused or cut off is never a fact"
    if required == "usual":
        assert "fact" in case.expected


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case_is_understood_as_expected(case: Case) -> None:
    seen = read_fact(case.reader, case.evidence())
    expected = case.expected
    if "gap" in expected:
        assert isinstance(seen, Gap), f"expected a gap, got {project(seen)}"
        told = {"gap": seen.reason.value, "step": seen.step, "subject": seen.subject, "detail": seen.detail}
        wanted = {key: expected[key] for key in ("gap", "step", "subject") if key in expected}
        assert not differences(wanted, told), told
    else:
        assert not isinstance(seen, Gap), seen
        assert seen.seen, "a fact cites what it was read from"
        assert not differences(expected["fact"], project(seen)), project(seen)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: p.name)
def test_steps_are_named_once_and_hold_what_readers_need(platform: Platform) -> None:
    ids = [step.id for step in platform.steps]
    assert len(ids) == len(set(ids))
    facts = [reader.fact for reader in platform.readers]
    assert len(facts) == len(set(facts))
    for reader in platform.readers:
        assert reader.needs
        assert set(reader.steps) <= set(platform.steps), reader.fact.__name__
    for step in platform.steps:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", step.id)
        re.compile(step.control.encode())
        assert step.why.zh
        assert step.why.en
        match step.form:
            case Files(patterns=patterns):
                assert all(re.fullmatch(r"/[A-Za-z0-9/._*?\[\]+@-]+", pattern) for pattern in patterns)
            case Command(argv=argv):
                assert argv
            case Probe(packets=packets):
                assert packets > 0


# --- not seeing is never passing -------------------------------------------------------------------


DAMAGED = [
    pytest.param(platform, reader, need, damage, id=f"{name}-{need.steps[0].id}-{damage.name}")
    for name, (platform, reader) in zip(NAMES, READERS, strict=True)
    for need in reader.needs
    for damage in DAMAGES
    if any(damage.happens_to(step) for step in need.steps)
]


@pytest.mark.parametrize(("platform", "reader", "need", "damage"), DAMAGED)
def test_a_damaged_need_gives_a_gap(platform: Platform, reader: Reader, need: Need, damage: Damage) -> None:
    """Every alternative of one need is damaged; where one cannot suffer it, it is not there at all."""
    records: Sequence[Record] = case_of(platform, reader, "usual").records()
    for step in need.steps:
        if damage.happens_to(step):
            records = damage.apply(platform, step, records)
        else:
            records = [record for record in records if record.step != step.id]
    seen = read_fact(reader, Evidence.of(OBJECT, platform, records))
    assert isinstance(seen, Gap), project(seen)
    assert seen.reason is not GapReason.BUG, seen.detail


@pytest.mark.parametrize(("platform", "reader"), READERS, ids=NAMES)
def test_one_file_that_cannot_be_trusted_changes_no_fact_but_into_a_gap(
    platform: Platform, reader: Reader
) -> None:
    """Whichever file is cut off, refused or garbage: the fact stays what it was, or becomes a gap."""
    records = case_of(platform, reader, "usual").records()
    usual = project(read_fact(reader, Evidence.of(OBJECT, platform, records)))
    named_only = {s.id for s in reader.steps if isinstance(s.form, Files) and s.form.metadata_only}
    for victim in records:
        if not isinstance(victim, Capture) or victim.kind is not CaptureKind.FILE:
            continue
        refused = Gap(GapReason.PERMISSION, victim.step, victim.subject, "damaged by the test")
        cut, garbage = with_content(victim, b"", truncated=True), with_content(victim, b"\0\xff")
        for instead in (refused,) if victim.step in named_only else (refused, cut, garbage):
            after = [instead if r is victim else r for r in records]
            seen = read_fact(reader, Evidence.of(OBJECT, platform, after))
            if isinstance(seen, Gap):
                assert seen.reason is not GapReason.BUG, seen.detail
            else:
                assert project(seen) == usual, f"{victim.subject} was not seen, and yet the fact changed"


def with_content(capture: Capture, content: bytes, *, truncated: bool = False) -> Capture:
    meta = None if capture.meta is None else replace(capture.meta, size=len(content))
    return replace(capture, content=content, truncated=truncated, meta=meta)


# --- anything may come -----------------------------------------------------------------------------


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with some of its lines or bytes dropped, repeated, swapped or replaced."""
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from("bytes drop repeat swap cut anything printable".split()))
        lines = content.split(b"\n")
        i = draw(st.integers(0, len(lines) - 1))
        j = draw(st.integers(0, len(lines) - 1))
        at = draw(st.integers(0, len(content)))
        if kind == "bytes":
            content = content[:at] + draw(st.binary(max_size=6)) + content[at + draw(st.integers(0, 6)) :]
        elif kind == "printable":
            content = content[:at] + draw(st.text(max_size=8)).encode() + content[at:]
        elif kind == "cut":
            content = content[:at]
        elif kind == "anything":
            content = draw(st.binary(max_size=60))
        else:
            changed = {
                "drop": lines[:i] + lines[i + 1 :],
                "repeat": [*lines[:i], lines[j], *lines[i:]],
                "swap": [*lines[:i], lines[j], *lines[i + 1 :]],
            }[kind]
            content = b"\n".join(changed)
    return content


@pytest.mark.parametrize(("platform", "reader"), READERS, ids=NAMES)
@settings(max_examples=40, deadline=5000, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_comes_is_a_fact_or_a_gap_but_no_crash(
    platform: Platform, reader: Reader, data: st.DataObject
) -> None:
    records = list(case_of(platform, reader, "usual").records())
    captures = [i for i, r in enumerate(records) if isinstance(r, Capture)]
    for i in data.draw(st.sets(st.sampled_from(captures), min_size=1, max_size=3)):
        victim = records[i]
        assert isinstance(victim, Capture)
        records[i] = with_content(victim, data.draw(mutations(victim.content)))
    seen = read_fact(reader, Evidence.of(OBJECT, platform, records))
    assert not (isinstance(seen, Gap) and seen.reason is GapReason.BUG), seen
