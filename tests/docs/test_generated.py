"""The generated pages are current and leave nothing out."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from collectors.base import Command, Files, Probe, Snippet
from collectors.platforms import PLATFORMS
from docs.generate import FOLDER, pages
from scanner.checks import ALL
from scanner.derive.sources import DERIVED_FROM
from scanner.facts import DERIVED
from scanner.inventory import schema
from scanner.profile import LEVELS, load_items

if TYPE_CHECKING:
    from collectors.base import Step

PAGES = pages()
STEPS = [pytest.param(step, id=f"{p.name}:{step.id}") for p in PLATFORMS for step in p.steps]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_current(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name], "run: make docs"


@pytest.mark.parametrize("step", STEPS)
def test_every_step_stands_there_literally(step: Step) -> None:
    section = PAGES["commands.md"].partition(f"\n### {step.id}\n")[2].partition("\n##")[0]
    form = step.form
    if isinstance(form, Command):
        asked = [shlex.join(form.argv)]
    elif isinstance(form, Snippet):
        asked = form.text.strip().splitlines()
    elif isinstance(form, Probe):
        asked = [f"probe {form.kind}:", f"{form.packets} packets", f"{form.connections} connections"]
    else:
        assert isinstance(form, Files)
        asked = list(form.patterns)
    for text in (step.why.zh, step.why.en, f"{step.seconds} s", *asked):
        assert text in section
    privileged = isinstance(form, (Command, Files)) and form.privileged
    assert ("- With sudo: " in section) == privileged


def test_every_check_has_its_row_at_every_level() -> None:
    text = PAGES["levels.md"]
    for check in ALL:
        section = text.partition(f"\n## {check.id}\n")[2].partition("\n## ")[0]
        assert [line[:4] for line in section.splitlines() if line.startswith("| ")][1:] == [
            f"| {level} "[:4] for level in (1, 2, 3, 4)
        ]


@pytest.mark.parametrize("level", LEVELS)
def test_every_item_has_its_row_on_the_page_of_its_level(level: int) -> None:
    rows = [line.split(" | ")[:2] for line in PAGES[f"levels/l{level}.md"].splitlines() if line[:3] == "| L"]
    assert rows == [[f"| {item.id}", item.clause] for item in load_items(level)]


def test_every_derived_fact_says_where_it_comes_from() -> None:
    assert set(DERIVED_FROM) == set(DERIVED)


def test_the_schema_is_that_of_the_command() -> None:
    assert json.loads(PAGES["inventory.schema.json"]) == schema()


def test_decisions_are_numbered_once_and_by_their_names() -> None:
    found = sorted((FOLDER / "adr").iterdir())
    assert [page.name[:5] for page in found] == [f"{number:04}-" for number in range(1, len(found) + 1)]
    for number, page in enumerate(found, 1):
        assert page.read_text(encoding="utf-8").startswith(f"# {number}. "), page.name
