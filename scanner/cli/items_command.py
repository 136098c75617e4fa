"""``items``: the catalogue of items (测评单元) of a level or of a grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.cli.options import format_option
from scanner.cli.speaking import speaking
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.report.catalogue.listing import Listing, Wish

HELP = Text(
    zh="""\
列出测评单元：按级别或等级、要求范围、安全类、主题筛选，也可按词查找（中英文均可，须全部出现）。
不给级别即四级全列；不给 --scope 只列安全通用要求。

\b
例：
  mlps-posture items --level 3
  mlps-posture items --grade S3A2 --scope all -f csv > items.csv
  mlps-posture items --level 3 --class CES --judged-by person
  mlps-posture items --scope all 口令""",
    en="""\
List items of the catalogue: by level or grade, scope, class, theme, or by words (of either language; all of
them must occur). Without a level: all four. Without --scope: the general requirements.

\b
Examples:
  mlps-posture items --level 3
  mlps-posture items --grade S3A2 --scope all -f csv > items.csv
  mlps-posture items --level 3 --class CES --judged-by person
  mlps-posture items --scope all password""",
)
_LEVEL = Text(zh="只列该级别（1-4）。", en="Items of this level only (1-4).")
_GRADE = Text(
    zh="等级，如 S3A2：S 类取自 3 级，A 类取自 2 级，G 类取自较高者。",
    en="A grade such as S3A2: items marked S from level 3, A from level 2, G from the higher.",
)
_SCOPE = Text(
    zh="要求范围，可多次给出；最后一项为通用要求与全部扩展。",
    en="Scope, repeatable; all: the general requirements and every extension.",
)
_CLASS = Text(zh="安全类。", en="Class of items.")
_THEME = Text(zh="主题。", en="Theme.")
_JUDGED_BY = Text(
    zh="由谁判定：扫描、部分由扫描、人。", en="Who judges them: the scan, the scan in part, or a person."
)

SCOPES = ("general", "cloud", "mobile", "iot", "ics", "all")
CLASSES = ("PES", "CNS", "ABS", "CES", "SMC", "PSS", "ORS", "HRS", "CMS", "MMS")
THEMES = ("firewall", "encryption", "audit", "tunnels")
JUDGES = ("scan", "partly", "person")


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("items", HELP, language)
    @click.argument("words", nargs=-1)
    @click.option("--level", type=click.IntRange(1, 5), help=_LEVEL.say(language))
    @click.option("--grade", metavar="GRADE", help=_GRADE.say(language))
    @click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help=_SCOPE.say(language))
    @click.option(
        "--class",
        "klass",
        type=click.Choice(CLASSES, case_sensitive=False),
        metavar=f"[{'|'.join(CLASSES)}]",
        help=_CLASS.say(language),
    )
    @click.option("--theme", type=click.Choice(THEMES), help=_THEME.say(language))
    @click.option("--judged-by", type=click.Choice(JUDGES), help=_JUDGED_BY.say(language))
    @format_option(language, "console", "json", "csv", "md")
    def items(
        words: tuple[str, ...],
        level: int | None,
        grade: str | None,
        scopes: Sequence[str],
        klass: str | None,
        theme: str | None,
        judged_by: str | None,
        format_: str,
    ) -> int:
        from scanner.model import Scope
        from scanner.report.catalogue.judged_by import JudgedBy
        from scanner.report.catalogue.listing import Wish

        wish = Wish(
            scopes=frozenset(Scope) if "all" in scopes else frozenset(map(Scope, scopes or ("general",))),
            klass=klass or "",
            theme=theme or "",
            judged_by=JudgedBy(judged_by) if judged_by else None,
            words=words,
        )
        _show(_listing(wish, level, grade), format_, language)
        return 0

    return items


def _listing(wish: Wish, level: int | None, grade: str | None) -> Listing:
    """Read the items of the levels that are needed, and pick.

    Raises:
        InputError: no such level or grade, or both are given.
    """
    from scanner.errors import InputError
    from scanner.model import Grade, Scope, System
    from scanner.profile import LEVELS, load_items, packaged
    from scanner.report.catalogue.listing import Listing
    from scanner.selection import levels_of, selected

    sources = packaged()
    if grade is None:
        levels = LEVELS if level is None else (level,)
        return Listing.of((item for n in levels for item in load_items(n, sources)), wish)
    if level is not None:
        raise InputError("give a level or a grade, not both: a grade names the level of each mark")
    try:
        graded = Grade.parse(grade.upper())
    except ValueError as error:
        raise InputError(f"--grade {grade}: {error}") from error
    system = System("", "", graded, uses=tuple(Scope))
    known = {n: load_items(n, sources) for n in sorted(levels_of(system))}
    return Listing.of(selected(system, known), wish, graded)


def _show(listing: Listing, format_: str, language: Language) -> None:
    """Print a listing."""
    from scanner.cli.writing import write_out

    if format_ == "json":
        from scanner.report.catalogue.data import as_json

        write_out(as_json(listing), None)
    elif format_ == "csv":
        from scanner.report.catalogue.table import as_csv

        write_out(as_csv(listing), None)
    elif format_ == "md":
        from scanner.report.catalogue.markdown import as_markdown

        write_out(as_markdown(listing, language), None)
    else:
        from scanner.cli.terminal import colours, columns
        from scanner.report.catalogue.terminal import render

        click.echo(render(listing, language, columns(), colour=colours()), nl=False, color=True)
