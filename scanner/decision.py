"""Decision rules (单元判定): from answers to steps to the verdicts that an item may still have.

A rule is ``all``, ``any`` or an expression of step numbers such as ``(1 and 3) or (2 and 3)``.

With every step answered:

- the rule holds: conform;
- it does not hold and no step is a yes: nonconform;
- it does not hold and some step is a yes: partial where the unit allows it, otherwise nonconform.

So an ``any`` item is never partial on its steps alone: one yes is enough to conform. Where its text allows
partial, that is left to a person who finds a single step half met.

A step that does not apply (n/a) drops out. Beside ``or`` it takes its whole alternative with it while another
alternative applies in full: what does not exist must not make the rest easier to meet. No step left: the
item does not apply.

An unseen step completes to yes or to no, never to n/a; the possible verdicts are those of all completions.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.model import Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from scanner.model import Item


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the rule."""

    n: int


@dataclass(frozen=True, slots=True)
class Every:
    """All parts must hold."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One part must hold."""

    parts: tuple[Rule, ...]


Rule = Step | Every | Either

MAX_WORDS = 100
MAX_OPEN = 12
"""Unseen steps of one expression whose completions are tried one by one."""


def parse(text: str, steps: Collection[int]) -> Rule:
    """Read a decision rule over the step numbers ``steps``.

    Raises:
        ValueError: not a rule, a step that does not exist, or a step that the rule never asks about.
    """
    if not steps:
        raise ValueError("an item without steps decides nothing")
    numbers = tuple(Step(n) for n in sorted(steps))
    if text == "all":
        return Every(numbers)
    if text == "any":
        return Either(numbers)
    words = re.findall(r"\d+|and\b|or\b|[()]|\S", text)
    if len(words) > MAX_WORDS:
        raise ValueError(f"longer than {MAX_WORDS} words")
    rule, rest = _either(words)
    if rest:
        raise ValueError(f"{text!r}: {rest[0]!r} is not expected")
    named = set(_steps_of(rule))
    if named != set(steps):
        odd = sorted(named ^ set(steps))
        raise ValueError(f"{text!r}: {'no' if odd[0] in named else 'never asks about'} step {odd[0]}")
    if len(named) > MAX_OPEN:
        raise ValueError(f"{text!r}: more than {MAX_OPEN} steps in one expression")
    return rule


def verdict(rule: Rule, answers: Mapping[int, Answer], *, partial: bool) -> Verdict:
    """Decide an item on an object of which every step is answered: yes, no or n/a."""
    left = _applicable(rule, answers)
    if left is None:
        return Verdict.NOT_APPLICABLE
    if _holds(left, answers):
        return Verdict.CONFORM
    some = any(answers[n] is Answer.YES for n in _steps_of(rule))
    return Verdict.PARTIAL if some and partial else Verdict.NONCONFORM


def possible(rule: Rule, answers: Mapping[int, Answer], *, partial: bool) -> frozenset[Verdict]:
    """Return the verdicts of all completions of the unseen steps."""
    return frozenset(verdict(rule, full, partial=partial) for full in _completions(rule, answers))


class Verdicts:
    """Possible verdicts of one item by the answers to its steps; many objects answer alike."""

    def __init__(self, item: Item) -> None:
        self._steps = [step.n for step in item.steps]
        self._rule = parse(item.decision, self._steps)
        self._partial = item.partial
        self._known: dict[tuple[Answer, ...], frozenset[Verdict]] = {}

    def of(self, answers: Iterable[Answer]) -> frozenset[Verdict]:
        """Return the verdicts that the answers to the steps, in their order, still allow on one object."""
        key = tuple(answers)
        if key not in self._known:
            numbered = dict(zip(self._steps, key, strict=True))
            self._known[key] = possible(self._rule, numbered, partial=self._partial)
        return self._known[key]


def over_objects(results: Iterable[frozenset[Verdict]]) -> frozenset[Verdict]:
    """Combine the possible verdicts of an item on each object into those of the item.

    All conform: conform; all nonconform: nonconform; anything else: partial. Objects to which the item does
    not apply are left out; none left: not applicable.
    """
    states: set[Verdict] = {Verdict.NOT_APPLICABLE}
    for possible in results:
        states = {_join(state, verdict) for state in states for verdict in possible}
    return frozenset(states)


def _join(state: Verdict, verdict: Verdict) -> Verdict:
    """Add one more object's verdict."""
    if verdict is Verdict.NOT_APPLICABLE:
        return state
    if state in {Verdict.NOT_APPLICABLE, verdict}:
        return verdict
    return Verdict.PARTIAL


def _completions(rule: Rule, answers: Mapping[int, Answer]) -> Iterator[Mapping[int, Answer]]:
    """Yield completions of the unseen steps: every one that can make a difference."""
    unseen = sorted(n for n in _steps_of(rule) if answers[n] is Answer.UNSEEN)
    unseen = list(dict.fromkeys(unseen))
    if isinstance(rule, Step) or all(isinstance(part, Step) for part in rule.parts):
        # Steps count alike: only how many of the unseen are met makes a difference.
        tries: Iterator[tuple[Answer, ...]] = (
            (Answer.YES,) * met + (Answer.NO,) * (len(unseen) - met) for met in range(len(unseen) + 1)
        )
    else:
        tries = itertools.product((Answer.YES, Answer.NO), repeat=len(unseen))
    for values in tries:
        yield {**answers, **dict(zip(unseen, values, strict=True))}


def _steps_of(rule: Rule) -> Iterator[int]:
    """Yield the step numbers of a rule, as often as it names them."""
    if isinstance(rule, Step):
        yield rule.n
    else:
        for part in rule.parts:
            yield from _steps_of(part)


def _applicable(rule: Rule, answers: Mapping[int, Answer]) -> Rule | None:
    """Return the rule without what does not apply; None where nothing is left."""
    if isinstance(rule, Step):
        return None if answers[rule.n] is Answer.NA else rule
    parts = rule.parts
    if isinstance(rule, Either):
        whole = tuple(p for p in parts if all(answers[n] is not Answer.NA for n in _steps_of(p)))
        parts = whole or parts
    left = tuple(part for part in (_applicable(p, answers) for p in parts) if part is not None)
    return type(rule)(left) if left else None


def _holds(rule: Rule, answers: Mapping[int, Answer]) -> bool:
    """Whether the rule holds; every step in it is a yes or a no."""
    if isinstance(rule, Step):
        return answers[rule.n] is Answer.YES
    if isinstance(rule, Every):
        return all(_holds(part, answers) for part in rule.parts)
    return any(_holds(part, answers) for part in rule.parts)


def _either(words: list[str]) -> tuple[Rule, list[str]]:
    """Read ``every or every ...``."""
    first, words = _every(words)
    parts = [first]
    while words and words[0] == "or":
        part, words = _every(words[1:])
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Either(tuple(parts))), words


def _every(words: list[str]) -> tuple[Rule, list[str]]:
    """Read ``term and term ...``."""
    first, words = _term(words)
    parts = [first]
    while words and words[0] == "and":
        part, words = _term(words[1:])
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Every(tuple(parts))), words


def _term(words: list[str]) -> tuple[Rule, list[str]]:
    """Read a step number or an expression in parentheses."""
    if not words:
        raise ValueError("the rule ends where a step number is expected")
    if words[0].isdecimal() and words[0].isascii():
        return Step(int(words[0])), words[1:]
    if words[0] != "(":
        raise ValueError(f"{words[0]!r} where a step number is expected")
    rule, rest = _either(words[1:])
    if not rest or rest[0] != ")":
        raise ValueError("a parenthesis is not closed")
    return rule, rest[1:]
