"""Which items a system is judged by, from the inventory to the report, also at another level."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from scanner.cli import EXIT_INPUT
from scanner.locker import Locker
from tests.cli.recorded import call, made_up_tree, write_run

if TYPE_CHECKING:
    from pathlib import Path

INVENTORY = """\
version: 1
systems:
  - name: shop
    grade: S3A2
    uses: [ics, cloud]
    not_applicable:
      L3-CES1-05: nobody is granted rights
      L3-CES1-04: one person only
      L3-ABS5-05: no radio
objects:
  - {id: web1, kind: operating_system, systems: [shop], via: {transport: tree, path: tree}, sample: true}
  - {id: web2, kind: operating_system, systems: [shop]}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("selection")
    made_up_tree(folder / "tree")
    (folder / "inventory.yaml").write_text(INVENTORY, encoding="utf-8")
    call("-q", "scan", folder / "inventory.yaml", "-o", folder / "shop.run")
    return folder / "shop.run"


def report(run: Path, *options: str) -> dict[str, Any]:
    done = call("-q", "report", run, "-f", "json", *options)
    document: dict[str, Any] = json.loads(done.out)
    return document


def results(document: dict[str, Any]) -> dict[str, Any]:
    return {item["id"]: item for item in document["items"]}


def test_grade_and_extensions_choose_the_items(run: Path) -> None:
    found = results(report(run))
    assert len(found) == 211 - 6 + 4 + 46 + 21
    assert "L2-PES1-13" in found  # power, marked A: from level 2
    assert not {"L3-PES1-18", "L3-PES3-01"} & set(found)


def test_a_declaration_stands_or_is_refuted_in_the_report(run: Path) -> None:
    document = report(run)
    found = results(document)
    assert found["L3-CES1-04"]["objects"][0]["reason"] == "one person only"
    assert {found[name]["verdict"] for name in ("L3-CES1-04", "L3-ABS5-05")} == {"not-applicable"}
    # root may log in: what was found against the item is not declared away
    assert "nonconform" in found["L3-CES1-05"]["possible"]
    said = [notice["text"]["en"] for notice in document["notices"]]
    assert any("L3-CES1-05 is declared not to apply (nobody is granted rights)" in text for text in said)
    assert not any("L3-CES1-04" in text for text in said)


def test_a_declaration_follows_its_requirement_to_another_level(run: Path) -> None:
    found = results(report(run, "--level", "4"))
    assert len(found) == 228 + 49 + 22
    assert found["L4-CES1-04"]["verdict"] == "not-applicable"
    lower = results(report(run, "--level", "2"))
    excused = {name for name, item in lower.items() if item["verdict"] == "not-applicable"}
    assert excused == {"L2-ABS5-04"}  # two kinds of proof are asked for from level 3 up only
    assert len(lower) == 135 + 29 + 15


def test_a_small_sample_is_told(run: Path) -> None:
    said = [notice["text"]["en"] for notice in report(run)["notices"]]
    assert any("1 of 2 objects" in text for text in said)


def test_a_wrong_declaration_is_refused_at_its_line(tmp_path: Path) -> None:
    made_up_tree(tmp_path / "tree")
    wrong = INVENTORY.replace("L3-CES1-04", "L3-PES3-01").replace("uses: [ics, cloud]", "uses: [ics, clouds]")
    (tmp_path / "inventory.yaml").write_text(wrong, encoding="utf-8")
    done = call("-q", "scan", tmp_path / "inventory.yaml", "--plan")
    assert done.code == EXIT_INPUT
    assert "inventory.yaml:8:7: L3-PES3-01 is of the extension mobile" in done.err
    assert "inventory.yaml:5:" in done.err


def test_a_run_of_an_earlier_version_says_so(run: Path, tmp_path: Path) -> None:
    with Locker.open(run, "read") as locker:
        header = locker.header
    old = {name: text for name, text in header.profile.items() if not name.startswith("items/")}
    old |= {f"items/l{level}.yaml": "[]" for level in (1, 2, 3, 4)}
    done = call("assess", write_run(tmp_path / "old.run", replace(header, profile=old), {}))
    assert done.code == EXIT_INPUT
    assert "those of an earlier version" in done.err


def test_a_run_without_the_thresholds_of_newer_checks_is_judged_by_those_shipped(
    run: Path, tmp_path: Path
) -> None:
    with Locker.open(run, "read") as locker:
        header = locker.header
    added = re.compile(r"^  wire\.high-risk-ports-limited:.*\n", re.MULTILINE)
    old = {name: added.sub("", str(text)) for name, text in header.profile.items()}
    assert old != header.profile
    done = call("assess", write_run(tmp_path / "old.run", replace(header, profile=old), {}))
    assert "parameters" not in done.err
    assert done.code != EXIT_INPUT
