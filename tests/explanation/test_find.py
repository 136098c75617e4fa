"""Finding by names and words, whatever somebody writes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.checks import ALL
from scanner.judgement.file import load_judgements, load_triggers
from scanner.profile import LEVELS, load_profile, packaged
from scanner.report.explanation.find import Found, find, nearest
from scanner.report.explanation.knowledge import Knowledge

SOURCES = packaged()
CHECKS = {check.id: check for check in ALL}
PROFILES = {level: load_profile(level, CHECKS, SOURCES) for level in LEVELS}
ITEMS = [item.id for profile in PROFILES.values() for item in profile.items]
KNOWN = Knowledge.of(
    PROFILES, CHECKS, load_judgements(SOURCES, CHECKS, ITEMS), load_triggers(SOURCES), asked={}
)


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=40))
def test_anything_may_be_asked(query: str) -> None:
    found = find(query, KNOWN)
    assert found == find(f"  {query.upper().lower()} ", KNOWN) or not query.isascii()
    assert len(nearest(query, KNOWN)) <= 5


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([*ITEMS, *CHECKS, *KNOWN.triggers]), st.data())
def test_a_name_with_one_slip_is_suggested(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(name) - 2))
    slipped = name[:place] + "~" + name[place + 1 :]
    assert find(slipped, KNOWN) == Found()
    assert len(name) < 6 or nearest(slipped, KNOWN)


@pytest.mark.parametrize("query", ["", "  ", "\u3000", "\n"])
def test_nothing_means_nothing(query: str) -> None:
    assert find(query, KNOWN) == Found()


def test_a_clause_of_a_house_is_found_by_its_name() -> None:
    base = PROFILES[3].items[0]
    house = replace(base, id="X-BANK-01", clause="内部规定 3.2（甲）", overlay="bank", changed_from="")
    profile = replace(PROFILES[3], items=(*PROFILES[3].items, house))
    known = Knowledge.of({**PROFILES, 3: profile}, CHECKS, (), (), asked={})
    for query in ("内部规定 3.2（甲）", "内部规定  3.2(甲)", "x-bank-01"):
        assert find(query, known).items == (house,)


def test_a_requirement_is_followed_through_the_levels() -> None:
    kin = [item.id for item in KNOWN.kin["L3-CES1-05"]]
    assert kin == ["L1-CES1-03", "L2-CES1-04", "L3-CES1-05", "L4-CES1-05"]
    for name, own in KNOWN.kin.items():
        assert name in [item.id for item in own]
        assert [item.level for item in own] == sorted({item.level for item in own})
        assert all(KNOWN.kin[item.id] == own for item in own)


def test_every_judgement_on_an_item_is_found_from_both_sides() -> None:
    for judgement in KNOWN.judgements.values():
        for unit in judgement.units:
            assert judgement in KNOWN.judgements_on(KNOWN.items[unit])
