"""What passes between zones, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.report.zones import matrix_of

if TYPE_CHECKING:
    from scanner.facts import PacketSeen, ZoneCell
    from scanner.report.content import Content


def zones(content: Content) -> dict[str, Any] | None:
    """The matrix of zones; None where the inventory has no two zones with networks."""
    matrix = matrix_of(content)
    if matrix is None:
        return None
    return {
        "zones": list(matrix.zones),
        "important": list(matrix.important),
        "external": list(matrix.external),
        "gates": list(matrix.gates),
        "unseen": [
            {"object": name, "reason": gap.detail or gap.reason.value, "zones": list(joined)}
            for name, gap, joined in matrix.unseen
        ],
        "cells": [_cell(cell) for cell in matrix.cells],
    }


def _cell(cell: ZoneCell) -> dict[str, Any]:
    return {
        "from": cell.source,
        "to": cell.destination,
        "state": cell.state.value,
        "allowed": list(cell.allowed),
        "reason": cell.reason,
        "passes": list(cell.passes),
        "everything_passes": cell.whole,
        "something_may_pass": cell.possible,
        "beyond": [_packet(one) for one in cell.beyond],
        "blocked": [_packet(one) for one in cell.blocked],
        "doubts": [_packet(one) for one in cell.doubts],
    }


def _packet(one: PacketSeen) -> dict[str, Any]:
    citations = [{"capture": c.capture, "line": c.line, "excerpt": c.excerpt} for c in one.at]
    return {"packet": one.packet, "gates": list(one.gates), "citations": citations}
