"""Who answers a step, and what an unanswered one waits for."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.model import Answer, Settles, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.model import Item, ItemStep, StepResult


class Answerer(StrEnum):
    """Who answers a step, wherever it is asked."""

    SCAN = "scan"  # a check may say yes and no
    CONDEMNS = "condemns"  # checks may find a no; a person says the yes
    AWAITS = "awaits"  # no check yet: a capability that this product is still to get will answer it
    PERSON = "person"  # no check ever: a person, perhaps on evidence that a look gathers


class Awaited(StrEnum):
    """What would answer a step that is unanswered on an object."""

    LOOK = "look"  # a check was asked and could not see: a right, or another look
    PERSON = "person"


ANSWERER: Mapping[Answerer, Text] = {
    Answerer.SCAN: Text(zh="扫描可判定", en="answered by the scan"),
    Answerer.CONDEMNS: Text(zh="扫描只能判否", en="the scan can only condemn"),
    Answerer.AWAITS: Text(zh="等待后续能力", en="await a capability to come"),
    Answerer.PERSON: Text(zh="由人判定", en="a person's"),
}


def answerer(step: ItemStep) -> Answerer:
    """Who answers ``step`` at best; on some kinds of objects it may still be left to a person."""
    if any(binding.settles is Settles.BOTH for binding in step.bindings):
        return Answerer.SCAN
    if step.bindings:
        return Answerer.CONDEMNS
    return Answerer.AWAITS if step.awaits else Answerer.PERSON


def answerers(items: Iterable[Item]) -> Mapping[Answerer, int]:
    """How many steps of the items each answers, all of them named."""
    counts = Counter(answerer(step) for item in items for step in item.steps)
    return {who: counts[who] for who in Answerer}


def awaited(step: ItemStep, result: StepResult) -> Awaited | None:
    """What would answer a step on one object; None where it is answered.

    Another look settles it only where every check that may acquit was asked and one of them could not see:
    what only condemns leaves the yes to a person.
    """
    if result.answer is not Answer.UNSEEN:
        return None
    acquitting = {binding.check for binding in step.bindings if binding.settles is Settles.BOTH}
    asked = {finding.check: finding.answer for finding in result.findings if finding.check in acquitting}
    blind = Answer.UNSEEN in asked.values()
    return Awaited.LOOK if blind and asked.keys() == acquitting else Awaited.PERSON
