"""The loader refuses whatever is inconsistent, all at once, each mistake at its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pytest

from scanner.checks.check import Check
from scanner.errors import ProfileError
from scanner.facts import HostIdentity
from scanner.model import Outcome, Profile, Risk, Settles, Text
from scanner.profile import load_profile, object_kinds, packaged

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
bindings:
  L2-CES1-01:
    1:
      - {check: a.limited, settles: both}
      - {check: a.plain, settles: no}
    2:
      - {check: a.plain, settles: no}
parameters:
  a.limited: {max_seconds: 60, words: [on, off]}
"""
ITEMS = """\
- id: L2-CES1-01
  clause: 7.1.4.1 a)
  class: CES
  class_zh: 安全计算环境
  control_point: {zh: 身份鉴别, en: Identity authentication}
  mark: S
  summary: {zh: 甲, en: a}
  kinds: [operating_system]
  themes: [audit]
  decision: 1 or (2 and 3)
  partial: true
  steps:
  - {n: 1, zh: 甲, en: a, method: examine, scan: yes}
  - {n: 2, zh: 乙, en: b, method: test, scan: part, facts: 'sshd'}
  - {n: 3, zh: 丙, en: c, method: interview, scan: no}
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
KINDS = """\
kinds:
  operating_system: {zh: 甲, en: a, family: technical, whole_asset: true}
  person: {zh: 乙, en: b, family: person}
"""
GOOD = {"l2.yaml": PROFILE, "items/l2.yaml": ITEMS, "object-kinds.yaml": KINDS}


def load(files: Mapping[str, str] = GOOD, checks: Iterable[str] = CHECKS) -> Profile:
    chosen = {name: CHECKS[name] for name in checks}
    return load_profile(2, chosen, {name: text.encode() for name, text in files.items()})


def broken(file: str, old: str, new: str, count: int = 1) -> dict[str, str]:
    assert old in GOOD[file], old
    return {**GOOD, file: GOOD[file].replace(old, new, count)}


def test_a_good_profile() -> None:
    profile = load()
    first, second = profile.items
    assert (first.level, first.side, first.weight) == (2, "technical", "important")
    assert (second.side, second.weight, second.steps[0].bindings) == ("management", "general", ())
    assert [(b.check, b.settles) for b in first.steps[0].bindings] == [
        ("a.limited", Settles.BOTH),
        ("a.plain", Settles.NO),
    ]
    assert first.steps[2].bindings == ()
    assert profile.parameters == {
        "a.limited": Limits(60, ("on", "off")),
        "a.plain": CHECKS["a.plain"].parameters(),
    }
    assert profile.kinds["operating_system"].whole_asset
    assert not profile.kinds["person"].whole_asset


def test_an_item_that_a_high_risk_judgement_names_is_key() -> None:
    assert (
        load(broken("items/l2.yaml", "partial: true", "partial: true\n  high_risk: ['6.4.1.1']"))
        .items[0]
        .weight
        == "key"
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "said"),
    [
        ("l2.yaml", "level: 2", "level: 3", "1:1", "this is the file of level 2"),
        ("l2.yaml", "parameters:", "parametres:", "10:1", "did you mean 'parameters'"),
        ("l2.yaml", "L2-CES1-01", "L2-CES1-99", "4:3", "no item of this level is called 'L2-CES1-99'"),
        ("l2.yaml", "    2:", "    7:", "8:5", "the item has no step 7"),
        ("l2.yaml", "    2:", "    3:", "9:9", "no look answers this step"),
        ("l2.yaml", "2:\n      - {check: a.plain, settles: no", "2:\n      - {check: a.plain, settles: both",
         "9:26", "settles must be no"),
        ("l2.yaml", "{check: a.plain,", "{check: a.plane,", "7:10", "no check is called 'a.plane'"),
        ("l2.yaml", "{check: a.plain,", "{check: a.limited,", "6:10", "a.limited is bound twice"),
        ("l2.yaml", "settles: both", "settles: yes", "6:28", "settles: must be 'both' or 'no', not 'yes'"),
        ("l2.yaml", "settles: both", "settles: both, weight: 3", "6:43", "unknown key 'weight'"),
        ("l2.yaml", "    1:", "    one:", "5:5", "must be a whole number"),
        ("l2.yaml", "max_seconds: 60", "max_seconds: an hour", "11:15", "whole number, not 'an hour'"),
        ("l2.yaml", "max_seconds: 60", "max_second: 60", "11:15", "a.limited has no parameter 'max_second'"),
        ("l2.yaml", "max_seconds: 60, ", "", "11:3", "'max_seconds' is missing"),
        ("l2.yaml", "  a.limited: {max", "  b.limited: {max", "11:3", "no check is called 'b.limited'"),
        ("l2.yaml", "  a.limited: {max_seconds: 60, words: [on, off]}", "  a.plain: {}", "10:1",
         "parameters of a.limited are missing: max_seconds, words"),
        ("l2.yaml", "  a.limited: {max", "  a.plain: {max_seconds: 1}\n  a.limited: {max", "11:13",
         "a.plain has no parameter 'max_seconds'"),
        ("l2.yaml", "level: 2", "level: 2\nlevel: 2", "2:1", "'level' is written twice"),
        ("items/l2.yaml", "1 or (2 and 3)", "1 or 2", "10:3", "never asks about step 3"),
        ("items/l2.yaml", "1 or (2 and 3)", "most", "10:3", "where a step number is expected"),
        ("items/l2.yaml", "[operating_system]", "[person, toaster]", "8:19", "'toaster'"),
        ("items/l2.yaml", "L2-MMS1-02", "L2-CES1-01", "1:3", "L2-CES1-01 is there 2 times"),
        ("items/l2.yaml", "L2-MMS1-02", "L3-MMS1-02", "16:3", "L3-MMS1-02 is no item of level 2"),
        ("items/l2.yaml", "class: MMS", "class: XYZ", "18:3", "no class is called 'XYZ'"),
        ("items/l2.yaml", "{n: 3", "{n: 4", "12:3", "steps are numbered [1, 2, 4]"),
        ("items/l2.yaml", "mark: S", "mark: X", "6:3", "mark: must be 'S', 'A' or 'G', not 'X'"),
        ("items/l2.yaml", "themes: [audit]", "themes: [audits]", "9:12", "not 'audits'"),
        ("items/l2.yaml", "7.1.4.1 a)", "7.1.4.1a", "2:3", "must match"),
        ("object-kinds.yaml", "family: person", "family: folk", "3:26", "not 'folk'"),
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
        "l2.yaml": PROFILE.replace("a.plain", "a.plane").replace("60", "x"),
        "items/l2.yaml": ITEMS.replace("decision: all", "decision: none").replace("[person]", "[toaster]"),
        "object-kinds.yaml": KINDS,
    }
    with pytest.raises(ProfileError) as caught:
        load(files)
    assert [(m.file[17:], m.line) for m in caught.value.mistakes] == [
        ("items/l2.yaml", 23),
        ("items/l2.yaml", 24),
        ("l2.yaml", 7),
        ("l2.yaml", 9),
        ("l2.yaml", 11),
    ]


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
    with pytest.raises(ProfileError, match=r"items/l2\.yaml is missing"):
        load({"l2.yaml": PROFILE, "object-kinds.yaml": KINDS})


def test_kinds_of_the_shipped_files() -> None:
    kinds = object_kinds()
    assert kinds == object_kinds(packaged())
    assert kinds["operating_system"].whole_asset
    assert not kinds["database"].whole_asset
    assert all(kind.text.zh and kind.text.en for kind in kinds.values())
