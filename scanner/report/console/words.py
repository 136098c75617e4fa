"""Styles of the words at the terminal, and what makes text from anywhere harmless there."""

from __future__ import annotations

from rich.text import Text as Line

from scanner.model import Risk, Verdict
from scanner.report.plain import plain

RISK_STYLE = {Risk.HIGH: "bold red", Risk.MEDIUM: "yellow", Risk.LOW: "cyan"}
VERDICT_STYLE = {
    Verdict.CONFORM: "green",
    Verdict.PARTIAL: "yellow",
    Verdict.NONCONFORM: "red",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.UNDETERMINED: "magenta",
}


def shown(text: str, style: str = "", limit: int = 0) -> Line:
    """Text from anywhere as text and nothing else."""
    return Line(plain(text, limit), style=style)


def heading(text: str) -> Line:
    """Title of a part of the report."""
    return Line(text, style="bold underline")
