"""``score`` from the command line: vectors, an exported run, settings, and files that are wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scanner.cli import EXIT_INPUT, EXIT_OK
from scanner.profile import packaged
from tests.cli.recorded import call, many_hosts, replaying, tree_run
from tests.score.test_vectors import OWN, fact_sheet, vectors

if TYPE_CHECKING:
    from pathlib import Path

Vector = dict[str, Any]


def rows(vector: Vector) -> list[dict[str, str]]:
    """The vector's items as rows: items that no catalogue knows."""
    return [
        {
            "item": f"V-{n}",
            "object": f"object{m}",
            "verdict": "|".join(verdicts),
            "side": entry["side"],
            "weight": entry["weight"],
        }
        for n, entry in enumerate(vector["items"], start=1)
        for m, verdicts in enumerate(entry["objects"])
    ]


def scored(*arguments: str | Path) -> dict[str, Any]:
    done = call("score", *arguments, "-f", "json")
    assert (done.code, done.err) == (EXIT_OK, "")
    got: dict[str, Any] = json.loads(done.out)
    return got


def assert_expected(got: dict[str, Any], vector: Vector) -> None:
    (system,) = got["systems"]
    scores, expect = system["scores"], vector["expect"]
    assert (scores["2021"]["low"], scores["2021"]["high"]) == (expect["2021"]["low"], expect["2021"]["high"])
    assert scores["2025"]["strict"] == expect["2025"]["strict"]
    assert scores["2025"]["half"] == expect["2025"]["half"]
    assert sorted(scores["2021"]["conclusions"]) == sorted(expect["2021"]["conclusions"])
    assert sorted(scores["2025"]["conclusions"]) == sorted(expect["2025"]["conclusions"])
    assert system["coverage"] == expect["coverage"]


def assert_scored(vector: Vector, folder: Path) -> None:
    """Through a table with options, and through JSON that carries all of it."""
    table = folder / "vector.csv"
    lines = [",".join(row.values()) for row in rows(vector)]
    table.write_text("\n".join(["item,object,verdict,side,weight", *lines, ""]), encoding="utf-8")
    risks = ",".join(vector["risks"]) or "none"
    options = ("--y", vector["y"], "--risks", risks, "--majors", str(vector["majors"]))
    assert_expected(scored(table, *options), vector)
    whole = folder / "vector.json"
    whole.write_text(
        json.dumps(
            {"y": vector["y"], "risks": vector["risks"], "majors": vector["majors"], "items": rows(vector)}
        ),
        encoding="utf-8",
    )
    assert_expected(scored(whole), vector)


@pytest.mark.parametrize("vector", OWN, ids=lambda v: v["name"])
def test_our_vectors(vector: Vector, tmp_path: Path) -> None:
    assert_scored(vector, tmp_path)


def test_the_vectors_of_the_fact_sheet_to_four_decimals(tmp_path: Path) -> None:
    for vector in vectors(fact_sheet()):
        assert_scored(vector, tmp_path)


def table(folder: Path, text: str, name: str = "results.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return table(
        tmp_path,
        "item,object,verdict,risk\nL3-CES1-01,web1,partial,medium\nL3-CES1-02,web1,符合,\n"
        "L3-MMS1-01,room,undetermined,\n",
    )


def test_console_says_what_is_ours_and_what_is_not(results: Path) -> None:
    done = call("score", results)
    assert done.code == EXIT_OK
    assert "Indicative: only a qualified agency issues a conclusion." in done.out
    flat = " ".join(done.out.split())
    assert "* ours, not official: y 1/2; rate formula strict; weights (general/important/key) 1/2/3" in flat
    assert "set by you" not in flat
    own = " ".join(call("score", results, "--y", "0.7", "--rate", "half").out.split())
    assert "* set by you: y 7/10; rate formula partial counted half" in own
    assert "* ours, not official: weights" in own


def test_the_chosen_template_stands_first(results: Path) -> None:
    new, old = call("score", results).out, call("score", results, "--template", "2021").out
    assert new.index("rate, strict") < new.index("score *")
    assert old.index("score *") < old.index("rate, strict")
    assert "Report template of 2021" in old
    assert scored(results, "--template", "2021")["template"] == "2021"


@pytest.mark.parametrize(
    ("risks", "grades"),
    [("none", "优"), ("无", "优"), ("medium", "良"), ("低，中", "良"), ("high,low", "差")],
)
def test_risks_are_given_as_whole(tmp_path: Path, risks: str, grades: str) -> None:
    rows = "".join(f"V-{n},a,conform,technical,general\n" for n in range(19))
    path = table(tmp_path, f"item,object,verdict,side,weight\n{rows}V-x,a,nonconform,technical,general\n")
    (system,) = scored(path, "--risks", risks)["systems"]
    assert system["scores"]["2021"]["conclusions"] == [grades]


def test_a_sample_hides_nothing_that_fails_beside_it(tmp_path: Path) -> None:
    rows = "L3-CES1-01,web1,conform,yes\nL3-CES1-01,web2,nonconform,no\n"
    path = table(tmp_path, f"item,object,verdict,sampled\n{rows}")
    (system,) = scored(path)["systems"]
    assert system["scores"]["2025"]["strict"] == {"low": 100.0, "high": 100.0}
    assert system["scores"]["posture"]["2025"]["strict"] == {"low": 0.0, "high": 0.0}
    (whole,) = system["classes"]
    assert (whole["verdict"], whole["items"]["conform"]) == ("partial", 0)
    assert "classes, items and problems those of all objects" in " ".join(call("score", path).out.split())


def test_what_is_given_as_whole_is_told(tmp_path: Path) -> None:
    path = table(tmp_path, "item,object,verdict\nL3-CES1-01,web1,nonconform\n")
    told = " ".join(call("score", path, "--risks", "low,medium", "--majors", "0").out.split())
    assert "* set by you: risks of all problems medium, low; major hidden dangers in all 0" in told
    assert "全部问题的风险 无" in call("--lang", "zh", "score", path, "--risks", "无").out
    assert scored(path, "--majors", "2")["yours"] == ["major hidden dangers in all"]
    assert scored(path)["yours"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--risks", "low"], [":3:0: L3-CES1-02 is stated to be of risk high"]),
        (
            ["--risks", "none", "--majors", "1"],
            [":3:0: L3-CES1-02 is stated to be", ":2:0: majors: 2 stated"],
        ),
        (["--majors", "0"], [":2:0: majors: 2 stated, but 0 given as whole"]),
        (["--majors", "2", "--risks", "high"], []),
    ],
)
def test_what_is_given_as_whole_leaves_nothing_out(
    tmp_path: Path, arguments: list[str], said: list[str]
) -> None:
    rows = "L3-CES1-01,web1,conform,,2+\nL3-CES1-02,web1,nonconform,high,2+\n"
    path = table(tmp_path, f"item,object,verdict,risk,majors\n{rows}")
    done = call("score", path, *arguments)
    assert done.code == (EXIT_INPUT if said else EXIT_OK)
    assert all(f"{path}{words}" in done.err for words in said), done.err


def test_in_chinese(results: Path) -> None:
    done = call("--lang", "zh", "score", results)
    assert "参考结果：结论只能由有资质的测评机构出具。" in done.out
    assert "* 本工具自定，非官方：" in done.out
    assert "安全计算环境" in done.out


def test_classes_and_control_points_of_what_the_catalogue_knows(results: Path) -> None:
    (system,) = scored(results)["systems"]
    classes = {c["class"]: c for c in system["classes"]}
    assert classes["CES"]["items"]["partial"] == classes["CES"]["items"]["conform"] == 1
    assert [p["possible"] for p in classes["CES"]["control_points"]] == [["partial"]]
    assert classes["MMS"]["verdict"] == "undetermined"


def test_a_grade_makes_the_file_answer_for_all_its_items(results: Path) -> None:
    (system,) = scored(results, "--grade", "S3A3")["systems"]
    assert (system["items"], system["silent"]) == (211, 208)
    assert system["coverage"] == {"decided": 2, "applicable": 211}
    done = call("score", results, "--grade", "S2A2")
    assert done.code == EXIT_INPUT
    assert f"{results}:2:0: L3-CES1-01 is no item of S2A2" in done.err


def test_a_template_of_ones_own(results: Path, tmp_path: Path) -> None:
    text = packaged()["templates/2021.yaml"].decode()
    own = table(tmp_path, text.replace("name: '2021'", "name: house").replace("key: 3", "key: 9"), "own.yaml")
    got = scored(results, "--template", own)
    assert got["template"] == "house"
    assert got["settings"][0]["weights"]["key"] == 9
    assert "weights (general/important/key)" in got["yours"]
    assert "weights in themes" in got["ours"]
    wrong = table(tmp_path, text.replace("min: 90", "min: many").replace("key: 3", "key: 0"), "wrong.yaml")
    done = call("score", results, "--template", wrong)
    assert done.code == EXIT_INPUT
    assert done.err.count(f"{wrong}:") >= 3  # the heading and both mistakes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--template", "2019"], "no report template is called '2019': give 2021, 2025 or a file"),
        (["--grade", "S5A5"], "must be a grade SxAy"),
        (["--y", "2"], "--y: '2' must be a number from 0 to 1"),
        (["--y", "1e99999999"], "must be a number from 0 to 1 such as"),
        (["--risks", "grave"], "give high, medium and low, or none"),
        (["--majors", "-1"], "majors"),
        (["--rate", "kind"], "rate"),
    ],
)
def test_wrong_arguments(results: Path, arguments: list[str], said: str) -> None:
    done = call("score", results, *arguments)
    assert done.code == EXIT_INPUT
    assert said in done.err


def test_a_file_that_is_wrong_names_every_mistake_and_is_harmless(tmp_path: Path) -> None:
    path = table(tmp_path, "item,object,verdict\nX\x1b]0;owned\x07,web1,conform\nL3-CES1-01,web1,maybe\n")
    done = call("score", path)
    assert done.code == EXIT_INPUT
    assert f"{path}:2:0:" in done.err
    assert f"{path}:3:0:" in done.err
    assert "\x1b" not in done.err
    assert call("score", tmp_path / "nothing.csv").code == EXIT_INPUT


def test_names_from_a_file_are_harmless(tmp_path: Path) -> None:
    path = table(tmp_path, "system,item,object,verdict\n\x1b[31mshop\u202e,L3-CES1-01,web1,conform\n")
    done = call("score", path)
    assert done.code == EXIT_OK
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    lone = table(
        tmp_path, '[{"system": "\\ud800", "item": "L3-CES1-01", "object": "a", "verdict": "符合"}]', "r.json"
    )
    assert call("score", lone).code == EXIT_OK
    assert scored(lone)["systems"][0]["name"] == "\ufffd"


STATED = """\
version: 1
author: Li Lei
attestations:
  - {item: L3-PES1-02, objects: [shop], answer: yes, method: interview, statement: seen, date: 2026-03-01}
compensations:
  - {item: L3-CES1-05, objects: [web1, web3], to: partial, reason: a bastion stands before, date: 2026-03-01}
risks:
  - {item: L3-CES1-05, objects: [web1], risk: medium, reason: r, date: 2026-03-01}
"""


def graded(folder: Path, marks: dict[str, bool]) -> Path:
    """An inventory of hosts that replay a recorded run, some of them in the sample."""
    recorded = many_hosts(tree_run(folder), folder / "many.run", sorted(marks))
    path = replaying(folder / "inventory.yaml", recorded, sorted(marks))
    text = path.read_text(encoding="utf-8")
    for name, sampled in marks.items():
        if sampled:
            text = text.replace(f"id: {name},", f"id: {name}, sample: true,")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "marks", [{"web1": True, "web2": True, "web3": False}, {"web1": False, "web3": False}]
)
def test_the_exported_table_of_a_run_scores_the_same_as_its_report(
    tmp_path: Path, marks: dict[str, bool]
) -> None:
    run, said = tmp_path / "many2.run", table(tmp_path, STATED, "said.yaml")
    call("-q", "scan", graded(tmp_path, marks), "-o", run)
    at = ("--at", "2026-03-02T09:00:00+08:00", "--attest", said)
    exported = tmp_path / "results.csv"
    assert call("report", run, *at, "-f", "csv", "-o", exported).code == EXIT_OK
    report = json.loads(call("report", run, *at, "-f", "json").out)
    (system,) = scored(exported)["systems"]
    for key in ("2021", "themes", "posture", "before"):
        assert system["scores"][key] == report["scores"][key]
    for key in ("strict", "half", "conclusions"):
        assert system["scores"]["2025"][key] == report["scores"]["2025"][key]
    assert system["coverage"] == report["coverage"]
    assert (report["scores"]["posture"] is not None) == any(marks.values())
    assert report["scores"]["before"] is not None
    again = tmp_path / "again.csv"
    call("report", run, *at, "-f", "csv", "-o", again)
    assert again.read_bytes() == exported.read_bytes()
    assert exported.read_bytes().startswith(b"\xef\xbb\xbfsystem,item,")
