"""The matrix of zones as every report tells it: its words, and where it is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scanner.facts import Crossing, ZoneMatrix
from scanner.model import Text

if TYPE_CHECKING:
    from scanner.facts import ZoneCell
    from scanner.report.content import Content

STATE: Mapping[Crossing, Text] = {
    Crossing.AS_DECLARED: Text("与声明一致", "as declared"),
    Crossing.VIOLATED: Text("违反策略", "violated"),
    Crossing.UNKNOWN: Text("未能证明", "not proved"),
    Crossing.UNDECLARED: Text("未声明", "not declared"),
}

MARK: Mapping[Crossing, str] = {
    Crossing.AS_DECLARED: "✓",
    Crossing.VIOLATED: "✗",
    Crossing.UNKNOWN: "?",
    Crossing.UNDECLARED: "·",
}


def matrix_of(content: Content) -> ZoneMatrix | None:
    """The matrix of a run: it is the inventory's, so every system holds the same."""
    for a in content.assessments:
        sheet = content.sheets.get(a.system.name)
        found = sheet.get(ZoneMatrix) if sheet is not None else None
        if isinstance(found, ZoneMatrix):
            return found
    return None


def telling(cell: ZoneCell) -> bool:
    """Whether there is more to tell of a pair than that nothing passes, as declared."""
    return cell.possible or cell.state is not Crossing.AS_DECLARED or bool(cell.blocked)
