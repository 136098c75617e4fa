from pathlib import Path

from scanner.checks import ALL
from scanner.checks.document import page

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


def test_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: python -m scanner.checks.document > docs/checks.md"
    )


def test_page_names_every_check_with_both_languages() -> None:
    text = page()
    for check in ALL:
        assert f"### {check.id}\n" in text
        for part in (check.question.zh, check.question.en, check.remedy.zh, check.remedy.en):
            assert part in text
