"""What a command says at the end: the report in a format, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.cli import EXIT_BUG, EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_OK
from scanner.cli.judging import CHECKS, Judged
from scanner.cli.writing import write_out
from scanner.model import Answer, Risk
from scanner.profile import object_kinds, packaged
from scanner.questionnaire import load_roles
from scanner.report.content import Content
from scanner.score import score_assessment
from scanner.score.template_file import load_templates

if TYPE_CHECKING:
    from scanner.model.text import Language

_AT_LEAST = {
    "high": {Risk.HIGH},
    "medium": {Risk.HIGH, Risk.MEDIUM},
    "low": {Risk.HIGH, Risk.MEDIUM, Risk.LOW},
}


def content_of(judged: Judged) -> Content:
    """Score what was judged and hand it to a report."""
    templates = load_templates(packaged())
    return Content(
        tool=judged.header.tool,
        run=judged.header.run,
        started=judged.header.started,
        finished=judged.finished,
        assessments=judged.assessments,
        scores={a.system.name: score_assessment(a, templates) for a in judged.assessments},
        checks=CHECKS,
        sheets=judged.sheets,
        zones=judged.inventory.zones,
        vantages=judged.inventory.vantages,
        records=judged.records,
        head=judged.head,
        judgements={judgement.id: judgement for judgement in judged.judgements},
        triggers={trigger.code: trigger for trigger in judged.triggers},
        roles=load_roles(object_kinds()),
    )


def rendered(judged: Judged, format_: str, language: Language, *, width: int = 120) -> str:
    """The report as text in one of the formats (``console`` without colours)."""
    if format_ == "json":
        from scanner.report.json import render

        return render(content_of(judged))
    if format_ == "csv":
        from scanner.report.csv import render as render_csv

        return render_csv(content_of(judged))
    if format_ == "html":
        from scanner.report.html import render as render_html

        return render_html(content_of(judged), language)
    import io

    from rich.console import Console

    from scanner.report.console import render as render_console

    text = io.StringIO()
    console = Console(file=text, width=width, color_system=None)
    console.print(render_console(content_of(judged), language))
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def show(judged: Judged, format_: str, language: Language) -> None:
    """Print the report to standard output; in colour at a terminal."""
    if format_ == "json":
        write_out(rendered(judged, format_, language), None)
        return
    from rich.console import Console

    from scanner.report.console import render as render_console

    Console(soft_wrap=False).print(render_console(content_of(judged), language))


def exit_code(judged: Judged, fail_on: str) -> int:
    """First that applies: 4 a bug; 1 a no of at least ``fail_on``; 2 incomplete or nothing checked; 0.

    A waived no raises no alarm. What was not seen stays incomplete, whatever anybody waives or states.
    """
    findings = [f for a in judged.assessments for f in a.findings]
    alarming = [f for a in judged.assessments for f in a.findings if f.id not in a.waived]
    if judged.bugs:
        return EXIT_BUG
    if any(f.answer is Answer.NO and f.risk in _AT_LEAST[fail_on] for f in alarming):
        return EXIT_FINDINGS
    decided = [f for f in findings if f.answer in {Answer.YES, Answer.NO}]
    if not decided or any(f.answer is Answer.UNSEEN for f in findings) or judged.finished is None:
        return EXIT_INCOMPLETE
    return EXIT_OK
