"""The loader refuses whatever is inconsistent, all at once, each mistake at its place."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.checks.check import Check
from scanner.errors import ProfileError
from scanner.facts import HostIdentity
from scanner.model import Outcome, Profile, Risk, Scope, Settles, Sight, Text
from scanner.profile import load_items, load_profile, object_kinds, packaged
from scanner.yamlmarks import parse

WORDS = Text("甲", "a")


@dataclass(frozen=True, slots=True)
class Limits:
    max_seconds: int
    words: tuple[str, ...]


def never(*_: object) -> Outcome:
    raise AssertionError


CHECKS = {
    "a.limited": Check("a.limited", WORDS, (HostIdentity,), never, Risk.LOW, WORDS, parameters=Limits),
    "a.plain": Check("a.plain", WORDS, (HostIdentity,), never, Risk.LOW, WORDS),
}

PROFILE = """\
level: 2
title: {zh: 第二级, en: Level 2}
items: {general: 2, cloud: 1, mobile: 0, iot: 0, ics: 0}
bindings:
  L2-CES1-01:
    1:
      - {check: a.limited, settles: both}
      - {check: a.plain, settles: no}
      - {awaits: wings}
    2:
      - {check: a.plain, settles: no}
      - {evidence_only: {zh: 问人, en: people know}}
parameters:
  a.limited: {max_seconds: 60, words: [on, off]}
"""
TECHNICAL = """\
- id: L2-CES1-01
  clause: 7.1.4.1 a)
  class: CES
  class_zh: 安全计算环境
  control_point: {zh: 身份鉴别, en: Identity authentication}
  mark: S
  changed_from: L1-CES1-01
  summary: {zh: 甲, en: a}
  kinds: [operating_system]
  themes: [audit]
  decision: 1 or (2 and 3)
  partial: true
  steps:
  - {n: 1, zh: 甲, en: a, method: examine, scan: yes}
  - {n: 2, zh: 乙, en: b, method: test, scan: part, facts: 'sshd'}
  - {n: 3, zh: 丙, en: c, method: interview, scan: no}
"""
MANAGEMENT = """\
- id: L2-MMS1-02
  clause: 7.1.10.6
  class: MMS
  class_zh: 安全运维管理
  control_point: {zh: 丁, en: d}
  mark: G
  summary: {zh: 甲, en: a}
  kinds: [person]
  decision: all
  partial: false
  steps:
  - {n: 1, zh: 甲, en: a, method: interview, scan: no}
"""
CLOUD = MANAGEMENT.replace("MMS1-02", "MMS2-01").replace("7.1.10.6", "7.2.7.1")
KINDS = """\
kinds:
  operating_system: {zh: 甲, en: a, family: technical, whole_asset: true}
  person: {zh: 乙, en: b, family: person}
"""
GOOD = {
    "l2.yaml": PROFILE,
    "items/l2/technical.yaml": TECHNICAL,
    "items/l2/management.yaml": MANAGEMENT,
    "items/l2/cloud.yaml": CLOUD,
    **{f"items/l2/{scope}.yaml": "[]" for scope in ("mobile", "iot", "ics")},
    "items/l1/technical.yaml": "- id: L1-CES1-01\n",
    "object-kinds.yaml": KINDS,
    "capabilities.yaml": "wings: {zh: 飞, en: to fly}\n",
    "highrisk.yaml": "judgements:\n  - id: 6.4.1.1\n",
}


def load(files: Mapping[str, str] = GOOD, checks: Iterable[str] = CHECKS) -> Profile:
    chosen = {name: CHECKS[name] for name in checks}
    return load_profile(2, chosen, {name: text.encode() for name, text in files.items()})


def broken(file: str, old: str, new: str, count: int = 1) -> dict[str, str]:
    assert old in GOOD[file], old
    return {**GOOD, file: GOOD[file].replace(old, new, count)}


def test_a_good_profile() -> None:
    profile = load()
    first, second, third = profile.items
    assert (first.level, first.side, first.weight) == (2, "technical", "important")
    assert (first.scope, first.changed_from, first.optional) == (Scope.GENERAL, "L1-CES1-01", False)
    assert (second.side, second.weight, second.steps[0].bindings) == ("management", "general", ())
    assert (third.scope, third.changed_from) == (Scope.CLOUD, "")
    assert [(b.check, b.settles) for b in first.steps[0].bindings] == [
        ("a.limited", Settles.BOTH),
        ("a.plain", Settles.NO),
    ]
    assert [step.sight for step in first.steps] == [Sight.YES, Sight.PART, Sight.NO]
    assert [step.awaits for step in first.steps] == ["wings", "", ""]
    assert [step.evidence_only for step in first.steps] == [None, Text("问人", "people know"), None]
    assert first.steps[2].bindings == ()
    assert profile.parameters == {
        "a.limited": Limits(60, ("on", "off")),
        "a.plain": CHECKS["a.plain"].parameters(),
    }
    assert profile.kinds["operating_system"].whole_asset
    assert not profile.kinds["person"].whole_asset
    assert profile.capabilities == {"wings": Text("飞", "to fly")}


def test_items_are_read_without_checks_as_with_them() -> None:
    sources = {name: text.encode() for name, text in GOOD.items()}
    assert load_items(2, sources) == load().items


def test_an_item_that_a_high_risk_judgement_names_is_key() -> None:
    key = broken("items/l2/technical.yaml", "partial: true", "partial: true\n  high_risk: [6.4.1.1]")
    assert load(key).items[0].weight == "key"


_T, _M = "items/l2/technical.yaml", "items/l2/management.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "said"),
    [
        ("l2.yaml", "level: 2", "level: 3", "1:1", "this is the file of level 2"),
        ("l2.yaml", "level: 2", "level: two", "1:1", "level: must be a whole number, not 'two'"),
        ("l2.yaml", "parameters:", "parametres:", "13:1", "did you mean 'parameters'"),
        ("l2.yaml", "title: {zh: 第二级, en: Level 2}", "title: {zh: 第二级}", "2:1", "'en' is missing"),
        ("l2.yaml", "general: 2", "general: 3", "3:9", "officially 3 items of scope general, but"),
        ("l2.yaml", "general: 2, ", "", "3:1", "'general' is missing"),
        ("l2.yaml", "cloud: 1", "clouds: 1", "3:21", "unknown key 'clouds'; did you mean 'cloud'"),
        ("l2.yaml", "L2-CES1-01", "L2-CES1-99", "5:3", "no item of this level is called 'L2-CES1-99'"),
        ("l2.yaml", "    2:", "    7:", "10:5", "the item has no step 7"),
        ("l2.yaml", "    2:", "    3:", "11:9", "no look answers this step"),
        ("l2.yaml", "    2:", "    3:", "12:9", "no look answers this step"),
        ("l2.yaml", "2:\n      - {check: a.plain, settles: no", "2:\n      - {check: a.plain, settles: both",
         "11:26", "settles must be no"),
        ("l2.yaml", "{check: a.plain,", "{check: a.plane,", "8:10", "no check is called 'a.plane'"),
        ("l2.yaml", "{check: a.plain,", "{check: a.limited,", "8:10", "a.limited is bound twice"),
        ("l2.yaml", "settles: both", "settles: yes", "7:28", "settles: must be 'both' or 'no', not 'yes'"),
        ("l2.yaml", "settles: both", "settles: both, weight: 3", "7:43", "unknown key 'weight'"),
        ("l2.yaml", "{awaits: wings}", "{awaits: fins}", "9:10", "no capability is called 'fins'"),
        ("l2.yaml", "{awaits: wings}", "{awaits: wings}\n      - {awaits: wings}", "6:5",
         "awaits one capability"),
        ("l2.yaml", "{awaits: wings}", "{awaits: wings, check: a.plain}", "9:25", "unknown key 'check'"),
        ("l2.yaml", "{awaits: wings}", "{evidence_only: {zh: 甲, en: a}}", "6:5",
         "answers this step both ways"),
        ("l2.yaml", "{zh: 问人, en: people know}}", "{zh: 问人}}", "12:10", "'en' is missing"),
        ("l2.yaml", "{zh: 问人, en: people know}}", "{zh: 问人, en: }}", "12:34",
         "en: must be text; nothing is written"),
        ("l2.yaml", "      - {evidence_only", "      - {awaits: wings}\n      - {evidence_only", "10:5",
         "not evidence_only"),
        ("l2.yaml", "    2:\n", "    2: {a: b}\n    9:\n", "10:5", "2: must be a list"),
        ("l2.yaml", "    1:", "    one:", "6:5", "must be a whole number"),
        ("l2.yaml", "max_seconds: 60", "max_seconds: an hour", "14:15", "whole number, not 'an hour'"),
        ("l2.yaml", "max_seconds: 60", "max_second: 60", "14:15", "a.limited has no parameter 'max_second'"),
        ("l2.yaml", "max_seconds: 60, ", "", "14:3", "'max_seconds' is missing"),
        ("l2.yaml", "  a.limited: {max", "  b.limited: {max", "14:3", "no check is called 'b.limited'"),
        ("l2.yaml", "  a.limited: {max_seconds: 60, words: [on, off]}", "  a.plain: {}", "13:1",
         "parameters of a.limited are missing: max_seconds, words"),
        ("l2.yaml", "  a.limited: {max", "  a.plain: {max_seconds: 1}\n  a.limited: {max", "14:13",
         "a.plain has no parameter 'max_seconds'"),
        ("l2.yaml", "level: 2", "level: 2\nlevel: 2", "2:1", "'level' is written twice"),
        (_T, "1 or (2 and 3)", "1 or 2", "11:3", "never asks about step 3"),
        (_T, "1 or (2 and 3)", "most", "11:3", "where a step number is expected"),
        (_T, "[operating_system]", "[person, toaster]", "9:19", "'toaster'"),
        (_T, "[operating_system]", "[]", "9:3", "kinds: must be a list of words"),
        (_T, "L1-CES1-01", "L1-CES1-02", "7:3", "level 1 has no item 'L1-CES1-02'"),
        (_T, "{n: 3", "{n: 4", "13:3", "steps are numbered [1, 2, 4]"),
        (_T, "{n: 3", "{n: x", "16:6", "n: must be a whole number, not 'x'"),
        (_T, "method: test", "method: guess", "15:26",
         "method: must be 'interview', 'examine' or 'test', not 'guess'"),
        (_T, "scan: part", "scan: partly", "15:40", "scan: must be 'yes', 'part' or 'no', not 'partly'"),
        (_T, "mark: S", "mark: X", "6:3", "mark: must be 'S', 'A' or 'G', not 'X'"),
        (_T, "themes: [audit]", "themes: [audits]", "10:12", "not 'audits'"),
        (_T, "themes: [audit]", "topics: [audit]", "10:3", "unknown key 'topics'"),
        (_T, "partial: true", "partial: maybe", "12:3", "partial: must be true or false, not 'maybe'"),
        (_T, "partial: true", "partial: true\n  high_risk: [6.4.1.9]", "13:15",
         "no judgement on high risk is called '6.4.1.9'"),
        (_T, "summary: {zh: 甲, en: a}", "summary: a", "8:3", "summary: must be a mapping, not 'a'"),
        (_T, "7.1.4.1 a)", "7.1.4.1a", "2:3", "must match"),
        (_T, "7.1.4.1 a)", "8.1.4.1 a)", "2:3", "begin with 7.1, not 8.1.4.1 a)"),
        (_T, "7.1.4.1 a)", "7.2.4.1 a)", "2:3", "begin with 7.1, not 7.2.4.1 a)"),
        (_T, "class: CES", "class: XYZ", "3:3", "class: must be 'PES', "),
        (_T, "class: CES", "class: MMS", "3:3", "class MMS does not belong to technical.yaml"),
        (_T, "- id: L2-CES1-01", "- id: L2-ABS1-01", "1:3",
         "L2-ABS1-01 is no item of level 2, scope general, class CES"),
        (_T, "- id: L2-CES1-01", "- id: L2-CES2-01", "1:3", "is no item of level 2, scope general"),
        (_T, "- id: L2-CES1-01", "- id: L3-CES1-01", "1:3", "L3-CES1-01 is no item of level 2"),
        (_M, "L2-MMS1-02", "L2-CES1-01", "1:3", "L2-CES1-01 is there 2 times"),
        (_M, "  mark: G", "  mark: G\n  changed_from: L1-CES1-01", "7:3",
         "2 items take the place of L1-CES1-01"),
        ("items/l2/iot.yaml", "[]", "{}", "1:1", "must be a list of items"),
        ("items/l2/iot.yaml", "[]", "[a]", "1:2", "must be a mapping, not 'a'"),
        ("object-kinds.yaml", "family: person", "family: folk", "3:26", "not 'folk'"),
        ("object-kinds.yaml", "kinds:", "kind:", "1:1", "did you mean 'kinds'"),
        ("capabilities.yaml", ", en: to fly", "", "1:1", "'en' is missing"),
    ],
)  # fmt: skip
def test_each_inconsistency_is_a_mistake_at_its_place(
    file: str, old: str, new: str, place: str, said: str
) -> None:
    with pytest.raises(ProfileError) as caught:
        load(broken(file, old, new))
    texts = [str(m) for m in caught.value.mistakes]
    assert any(t.startswith(f"control_profiles/{file}:{place}:") and said in t for t in texts), texts


def test_mistakes_of_all_files_come_together() -> None:
    files = {
        **GOOD,
        "l2.yaml": PROFILE.replace("a.plain", "a.plane").replace("60", "x"),
        _T: TECHNICAL.replace("1 or (2 and 3)", "none").replace("[operating_system]", "[toaster]"),
        _M: MANAGEMENT.replace("mark: G", "mark: g"),
    }
    with pytest.raises(ProfileError) as caught:
        load(files)
    assert [(m.file[17:], m.line) for m in caught.value.mistakes] == [
        (_M, 6),
        (_T, 9),
        (_T, 11),
        ("l2.yaml", 8),
        ("l2.yaml", 11),
        ("l2.yaml", 14),
    ]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(GOOD)))
def test_any_damage_is_refused_or_leaves_a_profile(data: st.DataObject, name: str) -> None:
    text = GOOD[name]
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 30))
    junk = data.draw(st.sampled_from(["", "[]", "{}", "[a, b]", "{a: b}", ": ", "\n", "~", "- ", "  ", "x"]))
    with suppress(ProfileError):
        assert load({**GOOD, name: text[:start] + junk + text[start + length :]}).items


def shapes(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of plain data: what holds it, and its key or position there."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(pairs):
        yield data, key
        yield from shapes(value)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(set(GOOD) - {"highrisk.yaml", "items/l1/technical.yaml"})))
def test_any_value_in_the_wrong_shape_is_refused_or_leaves_a_profile(data: st.DataObject, name: str) -> None:
    plain = parse(GOOD[name].encode(), name).data
    places = list(shapes(plain)) or [({"": plain}, "")]
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(
        st.sampled_from([None, "", "x", "1", [], {}, ["x"], {"x": "y"}, [[]], [{}], [None]])
    )
    with suppress(ProfileError):
        assert load({**GOOD, name: json.dumps(plain, ensure_ascii=False)}).items


def test_a_check_that_does_not_exist_any_more_is_a_mistake() -> None:
    with pytest.raises(ProfileError, match=r"no check is called 'a\.limited'"):
        load(checks=["a.plain"])


def test_the_digest_follows_the_files() -> None:
    digest = load().digest
    assert load().digest == digest
    assert load(broken("object-kinds.yaml", "zh: 甲", "zh: 乙")).digest != digest
    assert load(broken("l2.yaml", "60", "61")).digest != digest


@pytest.mark.parametrize(
    ("level", "said"), [(5, "no published requirements.*level 4"), (0, "1 to 4"), (6, "1 to 4")]
)
def test_levels_that_do_not_exist(level: int, said: str) -> None:
    with pytest.raises(ProfileError, match=said):
        load_profile(level, CHECKS)


def test_a_missing_file_says_so() -> None:
    with pytest.raises(ProfileError, match=r"items/l2/iot\.yaml is missing"):
        load({name: text for name, text in GOOD.items() if name != "items/l2/iot.yaml"})


def test_files_of_an_earlier_version_are_told_from_lost_ones() -> None:
    earlier = {
        "l2.yaml": PROFILE,
        "items/l2.yaml": TECHNICAL,
        "object-kinds.yaml": KINDS,
        "capabilities.yaml": "{}",
    }
    with pytest.raises(ProfileError, match="those of an earlier version"):
        load(earlier)


def test_kinds_of_the_shipped_files() -> None:
    kinds = object_kinds()
    assert kinds == object_kinds(packaged())
    assert kinds["operating_system"].whole_asset
    assert not kinds["database"].whole_asset
    assert all(kind.text.zh and kind.text.en for kind in kinds.values())
