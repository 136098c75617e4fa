"""``report -f html``: from a run's file to the page, by the command."""

from __future__ import annotations

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
