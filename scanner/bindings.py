"""What answers the steps of a level's items: checks, a capability that is still awaited, or people for good.

In ``bindings: ITEM: STEP:`` of a level's file stands a list of entries, each one of:

- ``{check: ID, settles: both | no}``: a check that answers the step, or that can only condemn it;
- ``{awaits: CAPABILITY}``: what this product does not have yet (capabilities.yaml);
- ``{evidence_only: {zh: .., en: ..}}``: a look gathers evidence, no check will ever answer; and why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.model import Binding, Settles, Sight, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from scanner.entries import Fields
    from scanner.model import Item, ItemStep

_SETTLES = {settles.value: settles for settles in Settles}


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers one step."""

    checks: tuple[Binding, ...] = ()
    awaits: str = ""
    evidence_only: Text | None = None


@dataclass(frozen=True, slots=True)
class Askable:
    """What bindings may name: items by id, checks (None: whatever is written), capabilities."""

    items: Mapping[str, Item]
    checks: Collection[str] | None
    capabilities: Collection[str]


def read_bindings(fields: Fields, askable: Askable) -> dict[str, dict[int, Answering]]:
    """Read bindings by item and step; wrong ones become mistakes."""
    found: dict[str, dict[int, Answering]] = {}
    for name, steps in fields.each():
        item = askable.items.get(name)
        if item is None:
            fields.wrong((name,), f"no item of this level is called {name!r}")
        of_item = fields.inner(name, steps)
        known = {str(step.n): step for step in item.steps} if item else {}
        found[name] = {}
        for n, entries in of_item.each():
            step = known.get(n)
            if not (n.isascii() and n.isdecimal()):
                of_item.wrong((n,), f"{n}: must be a whole number")
            elif item is not None and step is None:
                of_item.wrong((n,), f"the item has no step {n}")
            answering = _answering(of_item, n, entries, step, askable)
            if step is not None:
                found[name][step.n] = answering
    return found


def bound(item: Item, answering: Mapping[int, Answering]) -> Item:
    """Return the item with its steps answered so."""
    if not answering:
        return item
    return replace(item, steps=tuple(_bound(step, answering.get(step.n)) for step in item.steps))


def _bound(step: ItemStep, answering: Answering | None) -> ItemStep:
    if answering is None:
        return step
    return replace(
        step,
        bindings=answering.checks,
        awaits=answering.awaits,
        evidence_only=answering.evidence_only,
    )


def _answering(
    of_item: Fields, n: str, entries: object, step: ItemStep | None, askable: Askable
) -> Answering:
    """Read what answers one step."""
    if not isinstance(entries, list):
        of_item.wrong((n,), f"{n}: must be a list")
        return Answering()
    checks: list[Binding] = []
    awaits: list[str] = []
    reasons: list[Text] = []
    for i, entry in enumerate(entries):
        fields = of_item.inner(n, entry, i)
        if step is not None and step.sight is Sight.NO:
            fields.wrong((), "no look answers this step (scan: no), so nothing can be bound to it")
        if fields.has("awaits"):
            awaits.append(_awaits(fields, askable))
        elif fields.has("evidence_only"):
            reasons.append(fields.words("evidence_only"))
        else:
            checks.append(read_check(fields, step, askable))
            if checks[-1].check in {binding.check for binding in checks[:-1]}:
                fields.wrong(("check",), f"{checks[-1].check} is bound twice")
        fields.done()
    for said in _contradictions(checks, awaits, reasons):
        of_item.wrong((n,), said)
    return Answering(tuple(checks), awaits[0] if awaits else "", reasons[0] if reasons else None)


def _awaits(fields: Fields, askable: Askable) -> str:
    name = fields.text("awaits")
    if name and name not in askable.capabilities:
        fields.wrong(("awaits",), f"no capability is called {name!r}")
    return name


def read_check(fields: Fields, step: ItemStep | None, askable: Askable) -> Binding:
    """Read an entry that binds a check."""
    name = fields.text("check")
    settles = _SETTLES.get(fields.choice("settles", _SETTLES), Settles.NO)
    if name and askable.checks is not None and name not in askable.checks:
        fields.wrong(("check",), f"no check is called {name!r}")
    if step is not None and step.sight is Sight.PART and settles is Settles.BOTH:
        fields.wrong(("settles",), "a look answers only part of this step: settles must be no")
    return Binding(name, settles)


def _contradictions(
    checks: Sequence[Binding], awaits: Sequence[str], reasons: Sequence[Text]
) -> Iterator[str]:
    """What the entries of one step cannot say together."""
    if len(awaits) > 1:
        yield "a step awaits one capability: the last that it needs"
    if len(reasons) > 1:
        yield "evidence_only is said twice"
    if awaits and reasons:
        yield "what awaits a capability is not evidence_only: a check will answer it"
    if reasons and any(binding.settles is Settles.BOTH for binding in checks):
        yield "a check answers this step both ways, so it is not evidence_only"
