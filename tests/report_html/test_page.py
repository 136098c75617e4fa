"""The page as text: its structure, its policy, its links, its languages, its colours."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model import Grade, System
from scanner.report.html import render
from scanner.report.html.anchors import anchor
from scanner.report.html.policy import inert_json
from tests.report.made_up import ASSESSMENT, content
from tests.report.made_up_statements import STATED, found, stated
from tests.report.test_hostile import acting
from tests.report_html.pages import ATTACKS, Parsed, everything, full, hostile

PAGE = render(everything(), "en")
PARTS = Parsed(PAGE)


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_same_twice() -> None:
    assert render(everything(), "en") == PAGE


def test_every_part_is_there() -> None:
    ids = PARTS.all("id")
    assert [c for c, n in Counter(ids).items() if n > 1] == []
    parts = (
        "overview risks problems map classes items waiting statements gaps objects answers run glossary"
    ).split()
    assert [name for name in ids if name in parts] == parts
    bare = Parsed(render(full(), "en")).all("id")
    assert [name for name in parts if name not in bare] == ["risks", "statements"]
    for name in (
        "check-door.closed",
        "item-L3-CES1-05",
        "object-web1",
        f"finding-{ASSESSMENT.findings[0].id}",
    ):
        assert name in ids


def test_links_lead_somewhere_inside() -> None:
    ids = set(PARTS.all("id"))
    links = [a["href"] or "" for tag, a in PARTS.elements if tag == "a"]
    assert len(links) > 30
    assert [link for link in links if not link.startswith("#") or unquote(link[1:]) not in ids] == []
    labels = " ".join(PARTS.all("aria-labelledby") + PARTS.all("aria-controls")).split()
    assert set(labels) <= ids


def test_the_policy_names_what_is_there() -> None:
    policy = next(a["content"] for t, a in PARTS.elements if t == "meta" and "http-equiv" in a)
    (style,) = PARTS.texts["style"]
    script = PARTS.texts["script"][-1]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert f"style-src {digest(style)};" in policy
    assert f"script-src {digest(script)};" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_attack_changes_the_structure(attack: str) -> None:
    text = render(hostile(attack), "zh")
    text.encode("utf-8")
    assert not acting(text)
    assert len(text) < 1_500_000
    parts = Parsed(text)
    names = Counter(tag for tag, _ in parts.elements)
    assert names["script"] == 2
    assert names["style"] == 1
    assert not names.keys() & {"img", "iframe", "object", "embed", "base", "form", "set", "use", "animate"}
    attributes = {name for _, attrs in parts.elements for name in attrs}
    assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert all(link.startswith(("#", "data:image/svg+xml,")) for link in parts.all("href"))
    json.loads(parts.texts["script"][0])


def test_what_people_state_stands_where_it_counts() -> None:
    assert PAGE.count("看过门，关着 / looked at the door: shut") == 5, (
        "two at their steps, three that fall flat"
    )
    assert PAGE.count("sha256 " + "5f" * 32) == 5
    for words in (
        "5f5f",
        "前面还有一道门",
        "等更换 / to be replaced",
        "影响面大 / wide",
        "statements.yaml:24",
    ):
        assert words in PAGE
    door = PAGE[PAGE.index('id="item-L3-CES1-05"') : PAGE.index('id="item-L3-CES1-12"')]
    for words in (
        "disputed-mark",
        "compensated-mark",
        "v-nonconform",
        "set by a person",
        "statements.yaml:45",
    ):
        assert words in door
    question = PAGE[PAGE.index('id="check-door.closed"') :]
    assert "alerts waived, still a no" in question
    assert question.index("a-no") < question.index("alerts waived, still a no")


def test_a_judgement_says_what_is_evidenced_and_what_is_missing() -> None:
    judgement = PAGE[PAGE.index('id="judgement-6.3.1.1"') : PAGE.index('id="problems"')]
    assert judgement.count(">evidenced<") == 3
    assert judgement.count(">no evidence<") == 1
    assert "a person can confirm it" in judgement
    assert f'href="#finding-{found("tunnel.none", "shop").id}"' in judgement


def test_who_answers_each_step_is_said() -> None:
    room = PAGE[PAGE.index('id="item-L3-PES1-03"') : PAGE.index('id="item-L3-CES1-05"')]
    assert "No look shows who read the records" in room
    assert "w-text-person" in room
    waiting = PAGE[PAGE.index('id="item-L3-CES1-24"') :]
    assert "network and security devices" in waiting


def test_ports_that_answered_stand_on_the_map_and_quiet_ones_say_nothing() -> None:
    drawing = PAGE[PAGE.index('id="map"') : PAGE.index('id="classes"')]
    assert "from inside P2: 22, 443, 9999" in drawing
    assert drawing.count(">from ") == 1, "the one host that answered"
    web2 = PAGE[PAGE.index('id="object-web2"') : PAGE.index('id="object-web3"')]
    assert "no open port" in web2
    assert web2.count("evidence of nothing") == 1


def test_who_gets_to_which_port_stands_with_the_object() -> None:
    page = render(full(), "en")
    assert "named networks only" in page
    assert "仅指定网段" in page
    assert "around the filter of incoming packets" in page


def test_text_of_hosts_is_there_to_read() -> None:
    attack = ATTACKS["script"]
    assert attack not in render(hostile(attack), "en")
    assert any(attack in text for text in Parsed(render(hostile(attack), "en")).texts["mark"])


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
)
def test_the_data_block_holds_anything(data: object) -> None:
    text = str(inert_json(data))
    assert json.loads(text) == data
    assert text.isascii()
    assert not set("<>&") & set(text)


@given(st.text(), st.text())
def test_anchors_are_plain_and_different(one: str, other: str) -> None:
    assert re.fullmatch(r"x-[A-Za-z0-9._/~-]*", anchor("x", one))
    assert (anchor("x", one) == anchor("x", other)) == (one == other)


def test_both_languages_everywhere() -> None:
    assert PAGE.count('class="zh"') == PAGE.count('class="en"') > 200
    chinese = Parsed(render(everything(), "zh"))
    assert chinese.elements[0][1]["lang"] == "zh-CN"
    assert PARTS.elements[0][1]["lang"] == "en"
    assert "搜索" in chinese.all("aria-label")
    assert "Search" in PARTS.all("aria-label")


def test_the_evidence_stands_in_its_lines() -> None:
    assert '<li value="13">line 13</li>' in PAGE
    assert '<li value="14"><mark>root  812  digger --deep</mark></li>' in PAGE
    assert '<li value="3"><mark>front: ajar</mark></li>' in PAGE


def test_several_systems_have_their_own_items() -> None:
    other = replace(ASSESSMENT, system=System("bank", "银行", Grade(2, 3)))
    ids = Parsed(render(content(ASSESSMENT, other), "en")).all("id")
    assert {"item-shop/L3-CES1-05", "item-bank/L3-CES1-05", "overview", "overview-bank"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_several_systems_with_statements_have_their_own_judgements() -> None:
    other = replace(STATED, system=replace(STATED.system, name="bank"))
    parts = Parsed(render(stated(STATED, other), "en"))
    ids = parts.all("id")
    assert {"judgement-shop/6.3.1.1", "judgement-bank/6.3.1.1"} <= set(ids)
    assert len(ids) == len(set(ids))
    links = [a["href"] or "" for tag, a in parts.elements if tag == "a"]
    assert [link for link in links if unquote(link[1:]) not in ids] == []


def test_nothing_seen_is_a_page_too() -> None:
    nothing = replace(ASSESSMENT, items=(), findings=(), gaps={}, objects=())
    parts = Parsed(render(content(nothing), "en"))
    assert "map" not in parts.all("id")
    assert "calm" in parts.all("class")


def colours(scheme: str) -> dict[str, str]:
    (style,) = PARTS.texts["style"]
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light.split("}")[0]))
    if scheme == "dark":
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark.split("}")[0]))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in ("ground", "surface", "sunk")),
    *((tone, "surface") for tone in ("conform", "partial", "nonconform", "undetermined", "na")),
    *(
        (tone, f"{tone}-tint")
        for tone in ("conform", "partial", "nonconform", "undetermined", "na", "accent")
    ),
    ("on-accent", "accent"),
    ("surface", "nonconform"),
    ("ink", "partial-tint"),
    ("soft", "partial-tint"),
    ("ink", "mark"),
    ("soft", "na-tint"),
    ("ink", "accent-tint"),
    ("ink", "conform-tint"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_contrast(scheme: str, front: str, back: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3) wherever text stands on a colour."""
    palette = colours(scheme)
    bright, dim = sorted((luminance(palette[front]), luminance(palette[back])), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= 4.5
