"""The shipped judgements on high risk; the loader refuses what is inconsistent, each mistake at its place."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.checks import ALL
from scanner.errors import ProfileError
from scanner.judgement.file import load_judgements, load_major_rule, load_triggers
from scanner.model import APPLIES, Answer, Confidence, Judgement, MajorTrigger, May, Proof, Scope, Text
from scanner.profile import LEVELS, load_items, packaged

CHECKS = {check.id: check for check in ALL}
SOURCES = packaged()
JUDGEMENTS = load_judgements(SOURCES, CHECKS, ())
TRIGGERS = load_triggers(SOURCES)
BY_ID = {judgement.id: judgement for judgement in JUDGEMENTS}
BY_CODE = {trigger.code: trigger for trigger in TRIGGERS}
SINGLE = [trigger for trigger in TRIGGERS if not trigger.combined]


def texts(value: object) -> Iterator[Text]:
    """Every text inside a value."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from texts(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))


# --- what is shipped -------------------------------------------------------------------------------


def test_all_81_are_there() -> None:
    assert len(BY_ID) == len(JUDGEMENTS) == 81
    assert Counter(j.may for j in JUDGEMENTS) == {May.PROPOSE: 35, May.COLLECT: 13, May.NOTHING: 33}
    assert Counter(j.min_level for j in JUDGEMENTS) == {2: 35, 3: 42, 4: 4}
    assert Counter(j.applies for j in JUDGEMENTS) == {
        "": 58,
        "cloud_platform": 13,
        "high_continuity": 6,
        "cloud_tenant": 2,
        "cloud_platform_or_tenant": 1,
        "key_industry": 1,
    }
    assert sum(len(j.conditions) for j in JUDGEMENTS) == 167


def test_all_triggers_are_there() -> None:
    assert len(BY_CODE) == len(TRIGGERS) == 33
    assert Counter(t.scope for t in SINGLE) == {"general": 17, "cloud": 3, "ics": 5, "iot": 1}
    assert Counter(t.confidence for t in TRIGGERS) == {
        Confidence.MEDIUM_HIGH: 26,
        Confidence.MEDIUM: 6,
        Confidence.NONE: 1,
    }


@pytest.mark.parametrize("entry", [*JUDGEMENTS, *TRIGGERS, load_major_rule(SOURCES)], ids=str)
def test_everything_is_said_in_both_languages(entry: object) -> None:
    found = list(texts(entry))
    assert found
    for text in found:
        assert re.search(r"[\u4e00-\u9fff]", text.zh), text
        assert re.search(r"[A-Za-z]{2}", text.en), text
        assert text.zh != text.en
        assert "  " not in text.zh + text.en


def test_what_a_judgement_is_limited_to_is_explained_in_both_languages() -> None:
    assert {j.applies for j in JUDGEMENTS} == set(APPLIES)
    for text in APPLIES.values():
        assert text.zh
        assert text.en


@pytest.mark.parametrize("judgement", JUDGEMENTS, ids=lambda j: j.id)
def test_units_and_clauses_are_of_levels_that_the_judgement_is_for(judgement: Judgement) -> None:
    assert judgement.units
    assert judgement.clauses
    for unit in judgement.units:
        found = re.fullmatch(r"L([1-4])-[A-Z]{3}[1-5]-\d\d", unit)
        assert found
        assert int(found[1]) >= judgement.min_level
    chapters = {int(clause.partition(".")[0]) - 5 for clause in judgement.clauses}
    assert chapters == {int(unit[1]) for unit in judgement.units}, "a clause's chapter is its level"
    assert len(set(judgement.units)) == len(judgement.units)


def test_every_unit_is_an_item_that_names_the_judgement() -> None:
    items = {item.id: item for level in LEVELS for item in load_items(level)}
    assert load_judgements(SOURCES, CHECKS, items) == JUDGEMENTS
    of_unit: dict[str, set[str]] = {}
    for judgement in JUDGEMENTS:
        for unit in judgement.units:
            of_unit.setdefault(unit, set()).add(judgement.id)
    named = {name: set(item.high_risk) for name, item in items.items() if item.high_risk}
    assert of_unit == named


def test_a_judgement_and_its_single_trigger_name_each_other() -> None:
    assert {j.major: (j.id,) for j in JUDGEMENTS if j.major} == {t.code: t.judgements for t in SINGLE}
    for trigger in SINGLE:
        assert trigger.title == BY_ID[trigger.judgements[0]].title


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda t: t.code)
def test_a_trigger_says_by_whose_word_it_is_known(trigger: MajorTrigger) -> None:
    assert trigger.sources
    if trigger.confidence is Confidence.NONE:
        assert (trigger.judgements, trigger.situations, trigger.material) == ((), (), None)
        assert "content was not seen" in trigger.provenance.en
    else:
        assert "by a community transcription" in trigger.provenance.en
        assert "据社区转录" in trigger.provenance.zh


def test_a_person_decides_by_three_principles() -> None:
    rule = load_major_rule(SOURCES)
    assert [p.title.zh for p in rule.principles] == ["相关性", "严重性", "高发性"]
    assert len(rule.sources) == 4


def test_only_what_may_be_proposed_or_collected_has_conditions() -> None:
    for judgement in JUDGEMENTS:
        assert bool(judgement.conditions) is (judgement.may is not May.NOTHING), judgement.id


BY_A_PERSON = (
    "6.2.1.1:14 6.2.1.2:14 6.2.1.3:124 6.2.2.1:14 6.3.1.1:14 6.3.1.2:1 6.3.2.1:12 6.3.3.1:1 6.3.3.2:1 "
    "6.4.1.3:4 6.4.2.2:3 6.4.3.1:3 6.4.3.2:1 6.4.5.1:2 6.4.5.2:13 6.4.6.1:2 6.4.6.2:123 6.5.1.2:2 "
    "6.9.1.1:12 7.1.1.1:12 7.2.1.2:12 7.2.1.3:12 7.3.1.1:13 7.3.2.1:12 7.4.1.1:1 7.4.2.1:123 "
    "7.4.3.1:13 7.5.1.1:13 7.7.1.1:123 8.2.1.1:12 8.2.2.1:3 8.2.3.3:1 9.2.1.1:1 9.3.1.1:3 9.3.2.1:1 "
    "10.2.1.1:1 10.2.1.2:1 10.2.2.1:1 10.3.1.1:12 10.3.2.1:12 10.4.1.1:1"
)
"""Conditions that a person can confirm: the judgement, then the numbers (each below 10)."""


def test_what_a_person_can_confirm() -> None:
    """A flag too many lets somebody sign for what has to be seen; each is weighed against the guide."""
    expected = dict(entry.split(":") for entry in BY_A_PERSON.split())
    found = {j.id: "".join(str(c.n) for c in j.conditions if c.person) for j in JUDGEMENTS}
    assert {name: numbers for name, numbers in found.items() if numbers} == expected


def test_what_is_proven_by_checks() -> None:
    """Each binding claims that the answer evidences the whole condition: a new one is weighed here too."""
    bound = {(j.id, c.n): c.proofs for j in JUDGEMENTS for c in j.conditions if c.proofs}
    empty, in_clear = (Proof(("accounts.empty-logins-refused",)),), (Proof(("wire.logins-encrypted",)),)
    apart = (Proof(("boundary.zones-separated",)),)
    guarded, reached = (
        (Proof((check,)),) for check in ("boundary.important-guarded", "wire.high-risk-ports-unreached")
    )
    assert bound == {
        **{("6.2.1.2", n): apart for n in (1, 2, 3, 5)},
        ("6.2.2.1", 1): in_clear,
        **{("6.3.2.1", n): guarded for n in (1, 2)},
        ("6.3.2.1", 3): (Proof(("filter.in-force",)), *guarded),
        ("6.3.2.1", 5): (Proof(("boundary.crossings-declared",)),),
        **{("6.4.1.1", n): empty for n in (1, 2, 3, 4)},
        **{("6.4.1.2", n): in_clear for n in (1, 2, 3, 4)},
        ("6.4.3.1", 1): (Proof(("wire.management-encrypted",)), *reached),
        ("6.4.3.1", 2): (*in_clear, *reached),
        ("6.4.3.1", 4): reached,
        ("6.4.3.1", 5): (Proof(("wire.high-risk-ports-limited",)),),
    }


def test_what_is_proposed_has_every_condition_in_sight() -> None:
    """The head of the file names them; whoever opens the last condition of another one changes both."""
    open_ = [
        j.id for j in JUDGEMENTS if j.may is May.PROPOSE and all(c.person or c.proofs for c in j.conditions)
    ]
    assert open_ == ["6.2.1.2", "6.4.1.1", "6.4.3.1"]


# --- mistakes --------------------------------------------------------------------------------------

ONE = """\
judgements:
  - id: 6.4.1.1
    min_level: 2
    title: {zh: 甲, en: a}
    problem: {zh: 乙, en: b}
    lowered_by: {zh: 丙, en: c}
    clauses: [8.1.4.1 a), 9.1.4.5]
    units: [L3-CES1-01]
    may: propose
    major: A-18
    conditions:
      - {n: 1, zh: 丁, en: d, person: true}
      - {n: 2, zh: 戊, en: e, proofs: [{checks: [a.first, a.second]}, {checks: [a.third], answer: yes}]}
      - {n: 3, zh: 己, en: f}
  - id: 6.6.1.1
    min_level: 3
    applies: key_industry
    title: {zh: 庚, en: g}
    problem: {zh: 辛, en: h}
    clauses: [8.1.6.2 a)]
    units: [L3-PSS1-02]
    may: nothing
"""
TWO = """\
rule:
  text: {zh: 甲, en: a}
  effect: {zh: 甲, en: a}
  known: {zh: 甲, en: a}
  principles:
    - {title: {zh: 甲, en: a}, meaning: {zh: 乙, en: b}}
  sources: [letter]
provenances:
  told: {zh: 据说, en: told}
sources:
  letter: {zh: 函, en: a letter}
triggers:
  - code: A-18
    title: {zh: 甲, en: a}
    judgements: [6.4.1.1]
    scope: general
    confidence: medium-high
    provenance: told
    sources: [letter]
  - code: A-27
    title: {zh: 乙, en: b}
    combined: true
    judgements: [6.4.1.1, 6.6.1.1]
    confidence: medium
    provenance: told
    sources: [letter]
    situations:
      - {zh: 丙, en: c}
    material: {zh: 丁, en: d}
"""
HIGH, MAJOR = "highrisk.yaml", "major-triggers.yaml"
GOOD = {HIGH: ONE, MAJOR: TWO}
KNOWN = ("a.first", "a.second", "a.third")


def load(files: dict[str, str], items: Collection[str] = ()) -> tuple[Judgement, ...]:
    return load_judgements({name: text.encode() for name, text in files.items()}, KNOWN, items)


def load_majors(files: dict[str, str]) -> tuple[MajorTrigger, ...]:
    return load_triggers({name: text.encode() for name, text in files.items()})


def broken(file: str, old: str, new: str) -> dict[str, str]:
    assert old in GOOD[file], old
    return {**GOOD, file: GOOD[file].replace(old, new, 1)}


def test_good_files() -> None:
    first, second = load(GOOD)
    assert (first.min_level, first.applies, first.may, first.major) == (2, "", May.PROPOSE, "A-18")
    assert first.lowered_by == Text("丙", "c")
    assert [c.person for c in first.conditions] == [True, False, False]
    assert first.conditions[1].proofs == (
        Proof(("a.first", "a.second"), Answer.NO),
        Proof(("a.third",), Answer.YES),
    )
    assert (second.applies, second.major, second.conditions) == ("key_industry", "", ())
    assert second.lowered_by is None
    single, combined = load_majors(GOOD)
    assert (single.scope, single.combined, single.judgements) == (Scope.GENERAL, False, ("6.4.1.1",))
    assert single.provenance == Text("据说", "told")
    assert single.sources == (Text("函", "a letter"),)
    assert (combined.scope, combined.combined, combined.material) == (None, True, Text("丁", "d"))
    assert combined.situations == (Text("丙", "c"),)


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("[a.first, a.second]", "[a.first, a.secnd]", "13:58", "no check is called 'a.secnd'"),
        ("checks: [a.third]", "checks: []", "13:71", "at least 1"),
        ("answer: yes", "answer: unseen", "13:90", "'no' or 'yes'"),
        ("[L3-CES1-01]", "[L3-CES-01]", "8:13", "L[1-4]"),
        ("[L3-CES1-01]", "[L3-CES1-99]", "8:13", "no item is called 'L3-CES1-99'"),
        ("8.1.4.1 a)", "8.1.4.1 z", "7:15", "must match"),
        ("id: 6.6.1.1", "id: 6.4.1.1", "15:5", "6.4.1.1 is there 2 times"),
        ("id: 6.4.1.1", "id: '6.4'", "2:5", "must match"),
        ("title: {zh: 甲, en: a}", "title: {zh: 甲}", "4:5", "en"),
        ("problem: {zh: 乙, en: b}", "problem: {zh: '', en: b}", "5:15", "at least 1"),
        ("{n: 3, zh: 己, en: f}", "{n: 3, en: f}", "14:9", "zh"),
        ("lowered_by: {zh: 丙, en: c}", "lowered_by: {zh: 丙, en: c, fr: d}", "6:32", "fr"),
        ("min_level: 2", "min_level: 5", "3:5", "4"),
        ("applies: key_industry", "applies: bank", "17:5", "nothing is called 'bank'; known are high_"),
        ("may: propose", "may: maybe", "9:5", "'propose'"),
        ("may: nothing", "may: propose", "22:5", "it would be proposed of everything"),
        ("major: A-18", "major: A-99", "10:5", "no trigger is called 'A-99'"),
        ("major: A-18", "major: A-27", "10:5", "A-27 is combined"),
        ("may: nothing", "may: nothing\n    major: A-18", "10:5", "A-18 is there 2 times"),
        ("n: 3", "n: 4", "11:5", "conditions are numbered [1, 2, 4]"),
        ("person: true", "person: perhaps", "12:30", "true or false"),
        ("min_level: 2", "min_level: 2\n    weight: 3", "4:5", "weight"),
    ],
)
def test_a_mistake_in_the_judgements_is_told_at_its_place(old: str, new: str, place: str, said: str) -> None:
    with pytest.raises(ProfileError) as refused:
        load(broken(HIGH, old, new), items=["L3-CES1-01", "L3-CES1-02"])
    assert f"control_profiles/highrisk.yaml:{place}: " in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("judgements: [6.4.1.1]", "judgements: [6.4.1.9]", "15:18", "no judgement is called '6.4.1.9'"),
        ("judgements: [6.4.1.1]", "judgements: [6.6.1.1]", "15:18", "6.6.1.1 names no trigger, not A-18"),
        ("judgements: [6.4.1.1]", "judgements: []", "15:5", "stands for one judgement"),
        ("[6.4.1.1, 6.6.1.1]", "[6.4.1.1, 6.6.1.2]", "23:27", "no judgement is called '6.6.1.2'"),
        ("code: A-27", "code: A-18", "20:5", "A-18 is there 2 times"),
        ("code: A-27", "code: B-27", "20:5", "must match"),
        ("provenance: told", "provenance: heard", "18:5", "no provenance is called 'heard'"),
        ("scope: general\n", "scope: general\n    colour: red\n", "17:5", "colour"),
        ("scope: general", "scope: space", "16:5", "'general'"),
        ("confidence: medium-high", "confidence: sure", "17:5", "'medium-high'"),
        ("title: {zh: 乙, en: b}", "title: {en: b}", "21:5", "zh"),
    ],
)
def test_a_mistake_in_the_triggers_is_told_at_its_place(old: str, new: str, place: str, said: str) -> None:
    with pytest.raises(ProfileError) as refused:
        load_majors(broken(MAJOR, old, new))
    assert f"control_profiles/major-triggers.yaml:{place}: " in str(refused.value)
    assert said in str(refused.value)


def test_a_source_that_is_not_listed() -> None:
    files = {HIGH: ONE, MAJOR: TWO.replace("sources: [letter]", "sources: [rumour]")}
    with pytest.raises(ProfileError, match=r"19:15: no source is called 'rumour'"):
        load_majors(files)
    with pytest.raises(ProfileError, match="7:13: no source is called 'rumour'"):
        load_major_rule({name: text.encode() for name, text in files.items()})


def test_all_mistakes_at_once() -> None:
    wrong = ONE.replace("a.first", "a.furst").replace("A-18", "A-99").replace("key_industry", "bank")
    with pytest.raises(ProfileError) as refused:
        load({HIGH: wrong, MAJOR: TWO})
    assert [m.line for m in refused.value.mistakes] == [10, 13, 17]


def test_mistakes_of_the_other_file_are_left_to_its_own_loading() -> None:
    assert load(broken(MAJOR, "confidence: medium-high", "confidence: sure"))
    assert load_majors(broken(HIGH, "may: propose", "may: maybe"))


@pytest.mark.parametrize("missing", [HIGH, MAJOR])
def test_a_file_that_is_not_there(missing: str) -> None:
    rest = {name: text for name, text in GOOD.items() if name != missing}
    for loading in (load, load_majors):
        with pytest.raises(ProfileError, match=f"control_profiles/{missing} is missing"):
            loading(rest)


def test_units_of_classes_that_are_not_loaded_are_held_against_their_form_only() -> None:
    assert load(GOOD, items=["L2-CES1-07", "L3-CES2-07"])
    with pytest.raises(ProfileError, match="no item is called 'L3-CES1-01'"):
        load(GOOD, items=["L3-CES1-07"])


@settings(deadline=None, max_examples=50)
@given(st.sets(st.sampled_from(sorted({u for j in JUDGEMENTS for u in j.units}))))
def test_no_catalogue_refuses_a_unit_that_it_has(extra: set[str]) -> None:
    """Law: more known items of a unit's own class never hide the unit that is among them."""
    assert load(GOOD, items={*extra, "L3-CES1-01", "L3-PSS1-02"})


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused_or_read_never_a_crash(content: bytes) -> None:
    for sources in ({HIGH: content, MAJOR: TWO.encode()}, {HIGH: ONE.encode(), MAJOR: content}):
        for loading in (lambda s: load_judgements(s, KNOWN, ()), load_triggers, load_major_rule):
            with suppress(ProfileError):
                loading(sources)
