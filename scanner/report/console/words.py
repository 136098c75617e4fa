"""Styles of the words at the terminal, and what makes text from anywhere harmless there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text as Line

from scanner.model import Risk, Stand, Verdict
from scanner.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.model.text import Language

RISK_STYLE = {Risk.HIGH: "bold red", Risk.MEDIUM: "yellow", Risk.LOW: "cyan"}
VERDICT_STYLE = {
    Verdict.CONFORM: "green",
    Verdict.PARTIAL: "yellow",
    Verdict.NONCONFORM: "red",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.UNDETERMINED: "magenta",
}
STAND_STYLE = {
    Stand.CONFIRMED: "bold red",
    Stand.PROPOSED: "red",
    Stand.LOWERED: "yellow",
    Stand.REJECTED: "dim",
    Stand.OPEN: "magenta",
}


def shown(text: str, style: str = "", limit: int = 0) -> Line:
    """Text from anywhere as text and nothing else."""
    return Line(plain(text, limit), style=style)


def joined(parts: Iterable[Line | str], language: Language) -> Line:
    """Parts of an enumeration with the comma of the language between them."""
    return Line("，" if language == "zh" else ", ").join(
        part if isinstance(part, Line) else Line(part) for part in parts
    )


def heading(text: str) -> Line:
    """Title of a part of the report."""
    return Line(text, style="bold underline")
