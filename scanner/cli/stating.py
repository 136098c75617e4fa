"""Statements of people, read against what the profile files of a run know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.checks import ALL
from scanner.judgement.file import load_judgements, load_triggers
from scanner.overlay_files import ids_added
from scanner.profile_files import LEVELS, PARTS, ids_in, items_file
from scanner.statements import Known, load_statements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scanner.model import Statements
    from scanner.profile_files import Sources


def read_statements(paths: Sequence[Path], sources: Sources) -> Statements | None:
    """Read what people state from files; None where none is given.

    Args:
        paths: files of statements.
        sources: the profile files that are judged by.

    Raises:
        InputError: with every mistake of all files.
    """
    return load_statements(paths, known_by(sources)) if paths else None


def known_by(sources: Sources) -> Known:
    """Ids that exist at any level, so that one file may serve systems of several grades."""
    items = frozenset[str]().union(
        ids_added(sources), *(ids_in(items_file(level, part), sources) for level in LEVELS for part in PARTS)
    )
    checks = frozenset(check.id for check in ALL)
    judgements = {j.id: tuple(c.n for c in j.conditions) for j in load_judgements(sources, checks, items)}
    return Known(items, checks, judgements, frozenset(t.code for t in load_triggers(sources)))
