"""How items stand on objects, as far as scores ask: the common ground of an assessment and a file of results.

Where a sample is marked, an item counts over its objects in the sample (over all of them where none is in
it). A compensation has two results, with it and without, and so there are scores with and without it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner import decision
from scanner.model import Risk, Verdict
from scanner.score.judged import Judged, judged
from scanner.score.value import ScoredItem, Subject, require_verdicts, scored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FINE = frozenset({Verdict.CONFORM, Verdict.NOT_APPLICABLE})
_ENOUGH = 2
"""Two objects that may end alike leave an item the same values as any more of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An item on one object.

    Raises:
        ValueError: a set of verdicts that is none, or a risk where no problem is known.
    """

    possible: frozenset[Verdict]
    before: frozenset[Verdict] | None = None  # without its compensation; None: it has none
    risk: Risk | None = None  # that a person gave to the problem
    sampled: bool = True

    def __post_init__(self) -> None:
        require_verdicts(self.possible)
        if self.before is not None:
            require_verdicts(self.before)
        if self.risk is not None and not self.problem:
            raise ValueError("a risk belongs to a problem, and conform is still possible here")

    @property
    def problem(self) -> bool:
        """The item is known to fail here, whatever the unseen will show."""
        return not self.possible & _FINE

    def uncompensated(self) -> Standing:
        """Return the standing without its compensation; a risk was given to what the compensation left."""
        return self if self.before is None else Standing(self.before, sampled=self.sampled)


@dataclass(frozen=True, slots=True)
class Tally:
    """An item, and on how many objects it stands how."""

    subject: Subject
    standings: Mapping[Standing, int]

    def scored(self) -> ScoredItem | None:
        """Return the item as the scores see it; None where it does not apply."""
        return scored(self.subject, self._objects())

    def possible(self) -> frozenset[Verdict]:
        """Return the verdicts that are possible for the item over its objects."""
        return decision.over_objects(self._objects())

    def of_sample(self) -> Tally:
        """Leave out the objects that are not in the sample, unless none is in it."""
        chosen = {standing: count for standing, count in self.standings.items() if standing.sampled}
        return Tally(self.subject, chosen) if chosen and len(chosen) < len(self.standings) else self

    def uncompensated(self) -> Tally:
        """Return the item as it stands without compensations."""
        standings: Counter[Standing] = Counter()
        for standing, count in self.standings.items():
            standings[standing.uncompensated()] += count
        return Tally(self.subject, standings)

    def _objects(self) -> Iterator[frozenset[Verdict]]:
        """Possible verdicts on as many objects as make a difference."""
        for standing, count in self.standings.items():
            yield from [standing.possible] * min(count, _ENOUGH)


@dataclass(frozen=True, slots=True)
class Majors:
    """Major hidden dangers (重大风险隐患): how many are confirmed, and whether a known one still waits."""

    confirmed: int
    more: bool


def scored_items(tallies: Iterable[Tally]) -> Counter[ScoredItem]:
    """Return the applicable items, with how many there are of each."""
    return Counter(item for tally in tallies if (item := tally.scored()) is not None)


def judged_of(tallies: Iterable[Tally], majors: Majors | None) -> Judged:
    """Return what may be judged of the problems of these items.

    Args:
        tallies: the items that are scored.
        majors: None where nobody has said anything of them: then every problem of high risk may be one. A
            problem without a risk may always turn out to be one; one whose risk a person set to medium or
            low is none unless the person says so.
    """
    problems = {standing for tally in tallies for standing in tally.standings if standing.problem}
    risks = {standing.risk for standing in problems if standing.risk is not None}
    more = any(standing.risk is None for standing in problems)
    said = majors or Majors(0, more=Risk.HIGH in risks)
    return judged(risks, more=more, majors=said.confirmed, more_majors=more or said.more)
