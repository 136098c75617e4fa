"""What people state, through the command line on a recorded run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_INPUT, EXIT_OK
from tests.cli.recorded import call, made_up_tree, tree_run

AT = "2026-03-02T09:00:00+08:00"
ROOT_LOGIN = "sshd.root-login-refused"
"""The made-up host lets root in: its only no."""
ITEM = "L3-CES1-05"
"""Item that this no condemns."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree_run(tmp_path_factory.mktemp("run"))


def stating(folder: Path, text: str, name: str = "said.yaml") -> Path:
    path = folder / name
    path.write_text(f"version: 1\nauthor: Li Lei\n{text}", encoding="utf-8")
    return path


def assessed(run: Path, *files: Path) -> dict[str, Any]:
    options = [word for file in files for word in ("--attest", file)]
    done = call("assess", run, "-f", "json", "--at", AT, *options)
    assert done.code == EXIT_INCOMPLETE, done.err
    got: dict[str, Any] = json.loads(done.out)
    return got


def item(report: dict[str, Any], id_: str) -> dict[str, Any]:
    return next(i for i in report["items"] if i["id"] == id_)


def test_an_attestation_decides_an_item(run: Path, tmp_path: Path) -> None:
    photo = tmp_path / "door.jpg"
    photo.write_bytes(b"a photo")
    digest = hashlib.sha256(b"a photo").hexdigest()
    said = stating(
        tmp_path,
        "attestations:\n  - {item: L3-PES1-01, objects: [unnamed], answer: 符合, method: 访谈,\n"
        "     statement: asked and seen, date: 2026-03-01,\n"
        f"     evidence: [{{file: door.jpg, sha256: {digest}}}]}}\n",
    )
    before, after = assessed(run), assessed(run, said)
    assert len(item(before, "L3-PES1-01")["possible"]) > 1
    assert item(after, "L3-PES1-01")["possible"] == ["conform"]
    assert all(s["attested"] for s in item(after, "L3-PES1-01")["objects"][0]["steps"])
    assert after["coverage"]["decided"] == before["coverage"]["decided"] + 1
    photo.write_bytes(b"another photo")
    done = call("assess", run, "--attest", said)
    assert done.code == EXIT_INPUT
    assert f"{said}:6:" in done.err
    assert "not the one whose digest" in done.err


def test_a_person_cannot_talk_a_no_away(run: Path, tmp_path: Path) -> None:
    said = stating(
        tmp_path,
        f"attestations:\n  - {{item: {ITEM}, objects: [tree], answer: yes, method: test, statement: fine,"
        " date: 2026-03-01}\n",
    )
    after = assessed(run, said)
    assert "conform" not in item(after, ITEM)["possible"]
    assert any("the no counts" in n["text"]["en"] for n in after["notices"])


def test_a_compensation_stands_beside_the_result(run: Path, tmp_path: Path) -> None:
    said = stating(
        tmp_path,
        f"compensations:\n  - {{item: {ITEM}, objects: [tree], to: conform, reason: r, date: 2026-03-01}}\n",
    )
    before, after = assessed(run), assessed(run, said)
    assert item(after, ITEM)["possible"] == ["conform", "partial"], "another step was not seen"
    assert "conform" not in item(after, ITEM)["before"]
    assert before["findings"] == after["findings"]
    other = stating(
        tmp_path,
        "compensations:\n"
        "  - {item: L3-PES1-01, objects: [unnamed], to: conform, reason: r, date: 2026-03-01}\n",
        "other.yaml",
    )
    assert any("not known to fail" in n["text"]["en"] for n in assessed(run, other)["notices"])


@pytest.mark.parametrize(
    ("named", "expires", "code"),
    [
        (f"check: {ROOT_LOGIN}", "2030-01-01T00:00:00+08:00", EXIT_INCOMPLETE),
        (f"check: {ROOT_LOGIN}, object: tree", "2030-01-01T00:00:00+08:00", EXIT_INCOMPLETE),
        (f"item: {ITEM}", "2030-01-01T00:00:00+08:00", EXIT_INCOMPLETE),
        ("object: tree", "2030-01-01T00:00:00+08:00", EXIT_INCOMPLETE),
        # expired, or of something else
        (f"check: {ROOT_LOGIN}", "2026-03-02T09:00:00+08:00", EXIT_FINDINGS),
        (f"check: {ROOT_LOGIN}, object: web9", "2030-01-01T00:00:00+08:00", EXIT_FINDINGS),
        ("item: L3-PES1-01", "2030-01-01T00:00:00+08:00", EXIT_FINDINGS),
    ],
)
def test_a_waiver_silences_the_alarm_alone(
    run: Path, tmp_path: Path, named: str, expires: str, code: int
) -> None:
    said = stating(
        tmp_path, f"waivers:\n  - {{{named}, reason: ordered, approver: Wei, expires: {expires}}}\n"
    )
    assert call("assess", run, "--at", AT, "--fail-on", "low").code == EXIT_FINDINGS
    done = call("assess", run, "--at", AT, "--fail-on", "low", "--attest", said, "-f", "json")
    assert done.code == code
    report = json.loads(done.out)
    plain = json.loads(call("assess", run, "--at", AT, "-f", "json").out)
    for key in ("scores", "coverage"):
        assert report[key] == plain[key]
    assert [i["possible"] for i in report["items"]] == [i["possible"] for i in plain["items"]]
    assert bool(report["notices"]) is (code == EXIT_FINDINGS)


def test_every_mistake_comes_before_anything_is_looked_at(tmp_path: Path) -> None:
    said = stating(tmp_path, "attestations: [{item: L3-PES1-1}]\nwaivers: [{check: sshd.rot}]\n")
    tree = made_up_tree(tmp_path / "tree")
    done = call("scan", "--tree", tree, "-o", tmp_path / "x.run", "--attest", said)
    assert done.code == EXIT_INPUT
    assert f"{said}:3:" in done.err
    assert f"{said}:4:" in done.err
    assert "did you mean 'L3-PES1-" in done.err
    assert not (tmp_path / "x.run").exists()


def test_a_scan_and_a_report_take_statements_too(run: Path, tmp_path: Path) -> None:
    said = stating(
        tmp_path,
        "attestations:\n  - {item: L3-PES1-01, objects: [unnamed], answer: no, method: test, statement: s,"
        " date: 2026-03-01}\n",
    )
    report = tmp_path / "report.json"
    assert call("report", run, "--attest", said, "-o", report).code == EXIT_OK
    tree = made_up_tree(tmp_path / "tree")
    done = call("-q", "scan", "--tree", tree, "-o", tmp_path / "x.run", "--attest", said, "-f", "json")
    for text in (report.read_text("utf-8"), done.out):
        assert item(json.loads(text), "L3-PES1-01")["possible"] == ["nonconform"]


def test_hostile_words_do_not_act_on_the_terminal(run: Path, tmp_path: Path) -> None:
    said = stating(
        tmp_path,
        f'attestations:\n  - {{item: {ITEM}, objects: [tree], answer: yes, method: test, statement: "\\e[2J",'
        ' author: "\\e]0;owned\\a[red]x", date: 2026-03-01}\n',
    )
    done = call("assess", run, "--attest", said)
    assert done.code == EXIT_INCOMPLETE
    assert "\x1b" not in done.out
    assert "\x07" not in done.out
