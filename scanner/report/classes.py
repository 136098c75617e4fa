"""Classes of the standard (安全类) and extensions in figures: verdicts, and what is still to be seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Scope, Text
from scanner.questionnaire import questions
from scanner.report.answering import Awaited, awaited
from scanner.report.words import CLASSES, SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scanner.model import Assessment, Item, ItemResult, ItemStep, ObjectResult, StepResult, Verdict
    from scanner.questionnaire import Roles


@dataclass(frozen=True, slots=True)
class Figures:
    """Some items. ``waits`` counts steps that are unanswered on an object, by what would answer them."""

    name: Text
    items: int
    verdicts: Mapping[Verdict, int]
    failing: int  # items that can no longer conform
    waits: Mapping[Awaited, int]


def figures(a: Assessment) -> tuple[Figures, ...]:
    """The general items by class in the order of the standard, then those of each extension."""
    found: dict[str, tuple[Text, list[ItemResult]]] = {}
    for result in a.items:
        if result.item.scope is Scope.GENERAL:
            key, name = result.item.klass, class_name(result.item)
        else:
            key, name = result.item.scope.value, SCOPE[result.item.scope]
        found.setdefault(key, (name, []))[1].append(result)
    extensions = [scope.value for scope in Scope]
    order = sorted(found, key=lambda key: extensions.index(key) if key in extensions else 0)
    return tuple(_figures(*found[key]) for key in order)


def by_role(a: Assessment, roles: Roles) -> tuple[tuple[Text, int], ...]:
    """How many steps wait for people of each role, in the order of a questionnaire; none that has none."""
    counts = Counter(q.role for q in questions((a,), roles) if q.awaited is Awaited.PERSON)
    return tuple((name, counts[role]) for role, name in roles.names.items() if counts[role])


def class_name(item: Item) -> Text:
    """Name of the class that an item belongs to."""
    return Text(item.class_zh, CLASSES.get(item.klass, item.klass))


def waiting(results: Iterable[ItemResult]) -> Iterator[tuple[ItemResult, ObjectResult, ItemStep, StepResult]]:
    """Every step that is unanswered on an object."""
    for result in results:
        asked = {step.n: step for step in result.item.steps}
        for on in result.objects:
            for step in on.steps:
                if awaited(asked[step.n], step) is not None:
                    yield result, on, asked[step.n], step


def _figures(name: Text, results: list[ItemResult]) -> Figures:
    waits = Counter(awaited(asked, step) for _, _, asked, step in waiting(results))
    return Figures(
        name,
        len(results),
        Counter(result.verdict for result in results),
        sum(result.known_to_fail for result in results),
        {what: waits[what] for what in Awaited},
    )
