"""``report -f html``: from a run's file to the page, by the command."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from tests.cli.recorded import call, tree_run
from tests.report_html.pages import Parsed

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_as_a_page(tmp_path: Path) -> None:
    run, page = tree_run(tmp_path), tmp_path / "page.html"
    assert call("--lang", "zh", "report", run, "-f", "html", "-o", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>\n")
    parts = Parsed(text)
    assert parts.elements[0][1]["data-lang"] == "zh"
    assert {"object-tree", "map", "check-sshd.root-login-refused"} <= set(parts.all("id"))
    assert "PermitRootLogin yes" in parts.texts["mark"]
    assert call("--lang", "zh", "report", run, "-f", "html").out == text


def test_it_opens_in_the_asked_language(tmp_path: Path) -> None:
    english = call("--lang", "en", "report", tree_run(tmp_path), "-f", "html").out
    assert Parsed(english).elements[0][1]["data-lang"] == "en"


def test_what_people_state_by_the_command(tmp_path: Path) -> None:
    (tmp_path / "door.txt").write_text("shut", encoding="utf-8")
    digest = hashlib.sha256(b"shut").hexdigest()
    run, statements = tree_run(tmp_path), tmp_path / "people.yaml"
    system = json.loads(call("report", run).out)["systems"][0]["name"]
    statements.write_text(
        "version: 1\n"
        "attestations:\n"
        f"  - {{item: L3-PES1-03, objects: [{system}], answer: 'yes', method: examine, author: 王工,\n"
        f"     statement: 门禁 <b>ok</b>, date: 2026-03-01,\n"
        f"     evidence: [{{file: door.txt, sha256: {digest}}}]}}\n"
        "waivers:\n"
        "  - {check: sshd.root-login-refused, object: tree, reason: later, approver: 赵总,\n"
        "     expires: 2999-01-01T00:00:00+08:00}\n",
        encoding="utf-8",
    )
    done = call("--lang", "en", "report", run, "-f", "html", "--attest", statements)
    assert done.code == 0, done.err
    assert "门禁 &lt;b&gt;ok&lt;/b&gt;" in done.out
    assert f"sha256 {digest}" in done.out
    assert "alerts waived, still a no" in done.out
    assert "alerts waived: tree" in call("assess", run, "--attest", statements).out
