"""Laws of reading: no text breaks it, a cut file never contradicts the whole one, no word is ignored."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.platforms.dialects import decoded, read_rules
from collectors.platforms.huawei.reading import read_huawei
from scanner.facts.rules import Stage
from scanner.packetspace.analysis import analyse
from scanner.packetspace.reach import TCP, Answer, Question
from scanner.packetspace.reached import reached

if TYPE_CHECKING:
    from scanner.facts.rules import RuleFile

FOLDER = Path(__file__).parent / "configurations"
TEXTS = {path.stem: decoded(path.read_bytes()) for path in sorted(FOLDER.glob("*.cfg"))}
PORTS = (22, 23, 80, 443, 445, 3389, 8443)
WORDS = sorted({word for text in TEXTS.values() for word in text.split()})


def judged(file: RuleFile) -> None:
    analyse(file)
    for stage in (Stage.FORWARD, Stage.INPUT):
        reached(file, PORTS, Question(TCP, stage))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_rules_or_gaps(data: bytes) -> None:
    judged(read_huawei(decoded(data).split("\n")))


LINES = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.sampled_from(WORDS), min_size=1, max_size=7)), max_size=25
)


@settings(max_examples=150, deadline=None)
@given(LINES)
def test_any_words_in_any_order_give_rules_or_gaps(lines: list[tuple[int, list[str]]]) -> None:
    judged(read_huawei([" " * indent + " ".join(words) for indent, words in lines]))


def asked_of(file: RuleFile) -> list[Question]:
    names = [*(zone.name for zone in file.zones), *file.interfaces][:4]
    to = ipaddress.ip_address("10.2.0.10")
    forward = [Question(TCP, Stage.FORWARD, name, destination=to) for name in names]
    return [*forward, *(Question(TCP, Stage.INPUT, name) for name in names)]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_cut_file_says_nothing_that_the_whole_one_denies(name: str) -> None:
    lines = TEXTS[name].removesuffix("\n").split("\n")
    if name == "vrp_cut":
        return
    whole = read_huawei(lines)
    questions = asked_of(whole)
    answers = [reached(whole, PORTS, one).answers for one in questions]
    kinds = {(one.kind, one.line) for one in analyse(whole).findings}
    end = max(i for i, line in enumerate(lines) if line.startswith("return") or i == 0)
    for at in range(1, end, max(1, end // 12)):
        for last in (lines[at], lines[at][: len(lines[at]) // 2]):
            part = read_huawei([*lines[:at], last])
            assert part.cut
            found = analyse(part)
            assert not found.denies
            assert {(one.kind, one.line) for one in found.findings if one.kind.value != "cut"} <= kinds
            for question, known in zip(questions, answers, strict=True):
                for port, one in reached(part, PORTS, question).answers.items():
                    assert one.answer in {Answer.UNKNOWN, known[port].answer}, (at, question, port)


RULE = (
    "rule ",
    "policy service",
    "policy source",
    "source-",
    "destination-",
    "service ",
    "action ",
    "address ",
    "if-match ",
    "traffic-filter ",
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(set(TEXTS) - {"vrp_cut"})), st.data())
def test_an_unknown_word_inside_a_rule_is_told_at_its_line(name: str, data: st.DataObject) -> None:
    lines = TEXTS[name].removesuffix("\n").split("\n")
    at = data.draw(
        st.sampled_from([i for i, line in enumerate(lines) if line.strip().startswith(RULE)] or [0])
    )
    words = lines[at].split()
    if "nat-policy" in lines[:at]:  # what changes sources does so after the filter
        return
    if "description" in words or words[:2] == ["rule", "name"] or not lines[at].startswith(" "):
        return
    lines[at] = f"{lines[at]} sesame"
    file = read_rules("\n".join([*lines, ""]), name, {})
    assert file is not None
    assert at + 1 in {one.line for one in file.unread}
