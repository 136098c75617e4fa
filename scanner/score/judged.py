"""What people have said of risks, and what they may still say: the half of a conclusion that is no number.

A completion of what was not seen may bring problems that nobody knows yet, whose risks nobody can have given.
So completions fall into two groups, those without such a further problem and those with one, and each group
has its own prospects.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.model import Risk

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Prospects:
    """Every set of confirmed risks, and whether there is a major hidden danger, that one may end with."""

    risks: frozenset[frozenset[Risk]]
    major: frozenset[bool]


@dataclass(frozen=True, slots=True)
class Judged:
    """Prospects of the completions with known problems only, and of those with a further problem."""

    known: Prospects
    further: Prospects

    def with_risks(self, risks: Collection[Risk]) -> Judged:
        """Take ``risks`` as whole: nothing unseen and nobody adds to them."""
        whole = frozenset({frozenset(risks)})
        return Judged(replace(self.known, risks=whole), replace(self.further, risks=whole))

    def with_majors(self, majors: int) -> Judged:
        """Take the number of major hidden dangers as whole."""
        whole = frozenset({majors > 0})
        return Judged(replace(self.known, major=whole), replace(self.further, major=whole))


def judged(risks: Collection[Risk], *, more: bool, majors: int, more_majors: bool) -> Judged:
    """Build from what people have said so far.

    Args:
        risks: those given to known problems.
        more: a known problem still waits for its risk.
        majors: confirmed major hidden dangers (重大风险隐患).
        more_majors: a known problem may still be confirmed as one.
    """
    given = frozenset(risks)
    return Judged(
        Prospects(_with_more(given) if more else frozenset({given}), _major(majors, more=more_majors)),
        Prospects(_with_more(given), _major(majors, more=True)),
    )


def final(risks: Collection[Risk], majors: int) -> Judged:
    """Build from what will not change any more, whatever the unseen shows."""
    return judged((), more=False, majors=0, more_majors=False).with_risks(risks).with_majors(majors)


def _with_more(given: frozenset[Risk]) -> frozenset[frozenset[Risk]]:
    """Every set of risks that problems without one may end in: each of them gets one."""
    sizes = range(1, len(Risk) + 1)
    return frozenset(given | set(some) for size in sizes for some in itertools.combinations(Risk, size))


def _major(majors: int, *, more: bool) -> frozenset[bool]:
    return frozenset({True}) if majors else frozenset({False, more})
