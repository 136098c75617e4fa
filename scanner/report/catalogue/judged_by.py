"""Who judges an item: the scan alone, the scan and people together, or people alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.model import Text
from scanner.report.answering import Answerer, answerer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import Item


class JudgedBy(StrEnum):
    """Who answers the steps of an item."""

    SCAN = "scan"  # a check may say yes and no to every step
    PARTLY = "partly"  # checks bear on some steps, or can only condemn
    PERSON = "person"  # no check bears on any step


JUDGED_BY: Mapping[JudgedBy, Text] = {
    JudgedBy.SCAN: Text(zh="由扫描判定", en="judged by the scan"),
    JudgedBy.PARTLY: Text(zh="部分由扫描判定", en="partly by the scan"),
    JudgedBy.PERSON: Text(zh="由人判定", en="waits for a person"),
}


def judged_by(item: Item) -> JudgedBy:
    """Who answers the steps of ``item`` at best; on some kinds of objects they may be left to people."""
    if all(answerer(step) is Answerer.SCAN for step in item.steps):
        return JudgedBy.SCAN
    return JudgedBy.PARTLY if any(step.bindings for step in item.steps) else JudgedBy.PERSON


def awaited_by(item: Item) -> tuple[str, ...]:
    """Capabilities to come that steps of the item await, each once."""
    return tuple(dict.fromkeys(step.awaits for step in item.steps if step.awaits))
