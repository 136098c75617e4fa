"""What passes between zones, in every report: marked, linked to its evidence, harmless."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from scanner.facts import Crossing, FactSheet, ZoneMatrix
from scanner.model import Gap, GapReason
from scanner.report.console.zones import between_zones
from scanner.report.html import render
from scanner.report.html.zones import zone_picture
from scanner.report.json import render as render_json
from tests.derive.test_zones import passage, tcp, told
from tests.report_html.pages import ATTACKS, full

if TYPE_CHECKING:
    from scanner.report.content import Content

MATRIX = told(passage("core", "out"), passage("dmz", "core", tcp(5432)), passage("out", "core")).matrix


def content(matrix: ZoneMatrix = MATRIX) -> Content:
    made = full()
    return replace(made, sheets={**made.sheets, "shop": FactSheet("shop", {ZoneMatrix: matrix})})


def test_every_arrow_and_mark_leads_to_the_lines() -> None:
    page = render(content(), "en")
    targets = set(re.findall(r'href="#(crossing-[^"]+)"', page))
    assert targets
    for target in targets:
        assert f'id="{target}"' in page
    assert "fw2/rules" in page
    violated = MATRIX.cell("core", "out")
    assert violated is not None
    assert violated.beyond[0].packet.replace(">", "&gt;") in page


def test_the_drawing_shows_what_may_pass_and_nothing_else() -> None:
    picture = zone_picture(MATRIX)
    assert picture is not None
    assert len(picture.boxes) == 4
    assert {a.target for a in picture.arrows} == {p.anchor for p in picture.pairs if p.cell.possible}
    assert picture.arrows[-1].state == "bad", "what is wrong lies on top"
    for box in picture.boxes:
        assert 0 <= box.x <= picture.wide - 138
        assert 0 <= box.y <= picture.high - 46


def test_json_holds_every_cell_with_its_evidence() -> None:
    zones = json.loads(render_json(content()))["zones"]
    assert len(zones["cells"]) == 12
    (bad,) = [c for c in zones["cells"] if c["state"] == "violated"]
    assert (bad["from"], bad["to"]) == ("core", "out")
    assert bad["beyond"][0]["citations"]
    assert json.loads(render_json(full()))["zones"] is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_terminal_tells_the_violation_and_its_lines(language: str) -> None:
    out = io.StringIO()
    console = Console(file=out, width=140)
    for part in between_zones(content(), "zh" if language == "zh" else "en"):
        console.print(part)
    said = out.getvalue()
    assert "✗" in said
    assert "fw2/rules:" in said


@pytest.mark.parametrize("attack", list(ATTACKS.values())[:3])
def test_hostile_names_do_nothing(attack: str) -> None:
    cells = tuple(
        replace(
            cell,
            source=attack,
            reason=attack,
            passes=(attack,),
            beyond=tuple(replace(one, packet=attack, gates=(attack,)) for one in cell.beyond),
        )
        for cell in MATRIX.cells
    )
    names = (attack, *MATRIX.zones[1:])
    bad = replace(
        MATRIX, zones=names, cells=cells, unseen=((attack, Gap(GapReason.UNREACHABLE, detail=attack), ()),)
    )
    page = render(content(bad), "en")
    assert "<script>alert" not in page
    assert page.count("<script") == render(full(), "en").count("<script")
    assert "\x1b" not in page


def test_many_zones_are_a_table_only() -> None:
    names = tuple(f"zone{i}" for i in range(13))
    picture = zone_picture(replace(MATRIX, zones=names, cells=()))
    assert picture is not None
    assert not picture.boxes
    assert not picture.arrows
    assert len(picture.rows) == 13


def test_words_and_marks_exist_for_every_state() -> None:
    for state in Crossing:
        picture = zone_picture(replace(MATRIX, cells=tuple(replace(c, state=state) for c in MATRIX.cells)))
        assert picture is not None
        assert {pair.cell.state for pair in picture.pairs} == {state}
