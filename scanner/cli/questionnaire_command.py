"""``questionnaire``: all that waits for people, by role; filled in, it is a file of attestations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.options import (
    RUN_FILE,
    at_option,
    attest_option,
    format_option,
    level_option,
    output_option,
    overlay_option,
)
from scanner.cli.speaking import Misused, speaking
from scanner.cli.words import language_of
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scanner.cli.judging import Judged, Understood
    from scanner.overlay_files import OverlayFile
    from scanner.questionnaire import Roles

HELP = Text(
    zh="""\
列出等待人员回答的所有步骤，按角色分组。SOURCE 是证据文件，或尚未扫描的清单文件。

CSV 就是核查记录表：填好后用 --attest 交回；已交回的不再列出。

\b
例：
  mlps-posture questionnaire today.run -o questions.md
  mlps-posture questionnaire today.run --role machine-room -f csv -o room.csv
  mlps-posture questionnaire inventory.yaml --level 3
  mlps-posture assess today.run --attest room.csv""",
    en="""\
List every step that waits for people, by role. SOURCE is a run file, or an inventory file of which nothing
was scanned yet.

The CSV is a table of attestations: filled in, --attest takes it back; what was given back is listed no more.

\b
Examples:
  mlps-posture questionnaire today.run -o questions.md
  mlps-posture questionnaire today.run --role machine-room -f csv -o room.csv
  mlps-posture questionnaire inventory.yaml --level 3
  mlps-posture assess today.run --attest room.csv""",
)
_ROLE = Text(
    zh="只列出该角色的问题（可多次）；名称写错时会列出全部角色。",
    en="Only questions of this role (repeatable): administrator, security-officer, machine-room, ...",
)
_NO_ROLE = Text(zh="没有角色 {unknown}；可选：{known}", en="no role is called {unknown}; there are: {known}")
_SQLITE = b"SQLite format 3\0"
"""How every run file begins, and no inventory does."""


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("questionnaire", HELP, language)
    @click.argument("source", type=RUN_FILE)
    @level_option(language)
    @at_option(language)
    @attest_option(language)
    @overlay_option(language)
    @click.option("--role", "chosen", multiple=True, help=_ROLE.say(language))
    @format_option(language, "md", "csv")
    @output_option(language)
    @click.pass_context
    def questionnaire(ctx: click.Context, /, **given: Any) -> int:
        return _ask(ctx, **given)

    return questionnaire


def _ask(
    ctx: click.Context,
    *,
    source: Path,
    level: int | None,
    at: datetime | None,
    attest: Sequence[Path],
    overlay: Sequence[Path],
    chosen: Sequence[str],
    format_: str,
    output: Path | None,
) -> int:
    from scanner.cli.writing import write_out
    from scanner.profile import object_kinds
    from scanner.questionnaire import load_roles, markdown, questions, table

    language = language_of(ctx)
    roles = load_roles(object_kinds())
    _require(roles, chosen)
    judged = _judged(source, level, at, attest, overlay)
    asked = [q for q in questions(judged.assessments, roles) if not chosen or q.role in chosen]
    if format_ == "csv":
        write_out(table.render(asked, language), output)
    else:
        write_out(markdown.render(asked, roles.names, language), output)
    return 0


def _require(roles: Roles, chosen: Sequence[str]) -> None:
    """Refuse roles that nobody has."""
    unknown = [name for name in chosen if name not in roles.names]
    if unknown:
        raise Misused(_NO_ROLE.format(unknown=", ".join(unknown), known=", ".join(roles.names)))


def _judged(
    source: Path,
    level: int | None,
    at: datetime | None,
    attest: Sequence[Path],
    overlay: Sequence[Path],
) -> Judged:
    """Judge what the questions are about, with what was answered already."""
    from scanner.cli.judging import judge, profile_files
    from scanner.cli.overlaying import read_overlays
    from scanner.cli.stating import read_statements

    overlays = read_overlays(overlay)
    read = _understood(source, at, overlays)
    sources = profile_files(read.header, overlays)
    return judge(read, level, at, read_statements(attest, sources), sources)


def _understood(source: Path, at: datetime | None, overlays: Sequence[OverlayFile]) -> Understood:
    """Read a run, or an inventory as if nothing of it had been looked at."""
    from collectors.credentials import CredentialReference
    from scanner.cli.judging import understand
    from scanner.cli.target import read_inventory
    from scanner.cli.unlooked import unlooked
    from scanner.locker import Locker

    with source.open("rb") as stream:
        is_run = stream.read(len(_SQLITE)) == _SQLITE
    if is_run:
        with Locker.open(source, "read") as locker:
            return understand(locker)
    inventory = read_inventory(source, CredentialReference.parse)
    return unlooked(inventory, at or datetime.now(UTC), overlays)
