"""Traffic policies: classifiers that ask lists, behaviours that permit or deny, in the order of trial."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.huawei.bindings import Step
from scanner.facts.rules import Flaw

if TYPE_CHECKING:
    from collectors.platforms.huawei.notes import Notes
    from collectors.platforms.huawei.sections import Section


@dataclass(slots=True)
class TrafficPolicies:
    """All traffic policies of a device, with what their parts are called."""

    notes: Notes
    classifiers: dict[str, list[Step]] = field(default_factory=dict)
    behaviours: dict[str, bool] = field(default_factory=dict)  # True: it denies
    policies: dict[str, Section] = field(default_factory=dict)

    def steps(self, name: str, line: Section) -> list[Step] | None:
        """Return the lists that a policy asks, in order; None where it is not defined or not understood.

        How a policy orders its classifiers where it does not say so depends on the hardware: where there are
        several that do not all do the same, each is uncertain.
        """
        policy = self.policies.get(name)
        if policy is None:
            self.notes.flaw(Flaw.UNDEFINED, line, f"traffic policy {name}")
            return None
        found: list[Step] = []
        for inner in policy.inner:
            words = inner.words
            if words[0] != "classifier" or len(words) < 4 or words[2] != "behavior":
                if words[0] not in {"description", "share-mode", "statistics"}:
                    return None
                continue
            steps, denies = self.classifiers.get(words[1]), self.behaviours.get(words[3])
            for part, known in ((f"classifier {words[1]}", steps), (f"behavior {words[3]}", denies)):
                if known is None:
                    self.notes.flaw(Flaw.UNDEFINED, inner, part)
            if steps is None or denies is None:
                return None
            found += [Step(one.name, one.six, denies, unsure=one.unsure) for one in steps]
        ordered = "config" in policy.words or len({one.drops for one in found}) < 2
        return found if ordered else [
            Step(one.name, one.six, one.drops, unsure=one.unsure or "order of classifiers") for one in found
        ]  # fmt: skip


def read_traffic_policies(outer: list[Section], notes: Notes) -> TrafficPolicies:
    """Read classifiers, behaviours and policies."""
    found = TrafficPolicies(notes)
    for section in outer:
        if not section.starts("traffic") or len(section.words) < 3:
            continue
        kind, name = section.words[1:3]
        if kind == "classifier":
            found.classifiers[name] = _classifier(section, notes)
        elif kind == "behavior":
            found.behaviours[name] = any(inner.text == "deny" for inner in section.inner)
        elif kind == "policy":
            found.policies[name] = section
        else:
            continue
        for one in section.all():
            notes.read(one)
    return found


def _classifier(section: Section, notes: Notes) -> list[Step]:
    asked = [inner for inner in section.inner if inner.words[0] == "if-match"]
    together = "and" in section.words and len(asked) > 1
    found: list[Step] = []
    for inner in asked:
        words = inner.words[1:]
        six = "ipv6" in words
        words = [word for word in words if word not in {"ipv6", "name"}]
        if words[:1] == ["acl"] and len(words) == 2:
            found.append(Step(words[1], six, unsure=section.text if together else ""))
        elif words == ["any"]:
            found += [Step(None, one, unsure=section.text if together else "") for one in (False, True)]
        else:
            notes.missed(inner)
            found += [Step(None, one, unsure=inner.text) for one in (False, True)]
    return found
