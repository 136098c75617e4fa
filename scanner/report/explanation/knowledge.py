"""Everything that the catalogue, the checks and the judgements say, by name, and how it hangs together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.compare import lineage
from scanner.derive.sources import DERIVED_FROM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scanner.checks.check import Check
    from scanner.facts import Fact
    from scanner.model import (
        Binding,
        Item,
        ItemStep,
        Judgement,
        Kind,
        Level,
        MajorTrigger,
        Profile,
        Proof,
        Text,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One constant, read-only thing that a platform asks an object."""

    platform: str
    step: str
    why: Text
    acts: tuple[Text, ...]  # commands, files or probes, literally
    rights: Text | None  # that it needs beyond those of any login; None: none


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that can be explained."""

    profiles: Mapping[Level, Profile]
    checks: Mapping[str, Check]
    judgements: Mapping[str, Judgement]
    triggers: Mapping[str, MajorTrigger]
    asked: Mapping[type[Fact], Sequence[Asked]]
    """By observed fact: what every platform asks to read it."""
    items: Mapping[str, Item]
    kin: Mapping[str, tuple[Item, ...]]
    """By id of an item: the same requirement at each level that has it, the lowest first."""

    @classmethod
    def of(
        cls,
        profiles: Mapping[Level, Profile],
        checks: Mapping[str, Check],
        judgements: Iterable[Judgement],
        triggers: Iterable[MajorTrigger],
        asked: Mapping[type[Fact], Sequence[Asked]],
    ) -> Knowledge:
        """Put together what was read."""
        every = [item for level in sorted(profiles) for item in profiles[level].items]
        origins = lineage(every)
        items: dict[str, Item] = {}
        grown: dict[str, list[Item]] = {}
        for item in every:
            if items.setdefault(item.id, item) is item:
                grown.setdefault(origins[item.id], []).append(item)
        return cls(
            profiles,
            checks,
            {judgement.id: judgement for judgement in judgements},
            {trigger.code: trigger for trigger in triggers},
            asked,
            items,
            {name: tuple(grown[origins[name]]) for name in items},
        )

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """Kinds of assessment objects by id; they are the same at every level."""
        return next(iter(self.profiles.values())).kinds

    @property
    def capabilities(self) -> Mapping[str, Text]:
        """What this product does not have yet, by id."""
        return next(iter(self.profiles.values())).capabilities

    def checks_of(self, item: Item) -> tuple[str, ...]:
        """Ids of the checks that bear on an item, each once."""
        return tuple(dict.fromkeys(binding.check for step in item.steps for binding in step.bindings))

    def bound_to(self, check: str) -> Iterator[tuple[Item, ItemStep, Binding]]:
        """Yield the steps that a check answers, at every level."""
        for item in self.items.values():
            for step in item.steps:
                for binding in step.bindings:
                    if binding.check == check:
                        yield item, step, binding

    def judgements_on(self, item: Item) -> tuple[Judgement, ...]:
        """Judgements on high risk that name an item."""
        return tuple(j for j in self.judgements.values() if j.id in item.high_risk or item.id in j.units)

    def proofs_by(self, check: str) -> Iterator[tuple[Judgement, int, Proof]]:
        """Yield the conditions, by number, that an answer of a check evidences, alone or with others."""
        for judgement in self.judgements.values():
            for condition in judgement.conditions:
                for proof in condition.proofs:
                    if check in proof.checks:
                        yield judgement, condition.n, proof

    def observed_for(self, check: Check) -> tuple[type[Fact], ...]:
        """Facts read from objects that a check rests on, also by way of derived ones."""
        asked = (*check.needs, *check.also)
        found = (observed for fact in asked for observed in DERIVED_FROM.get(fact, (fact,)))
        return tuple(dict.fromkeys(found))

    def asked_for(self, check: Check) -> tuple[Asked, ...]:
        """What is asked of objects to answer a check, each once."""
        steps = (step for fact in self.observed_for(check) for step in self.asked.get(fact, ()))
        return tuple(dict.fromkeys(steps))
