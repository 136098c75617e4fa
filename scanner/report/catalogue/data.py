"""Items as plain data: the contract that programs rely on (``schema_version`` 1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scanner.report.answering import answerer
from scanner.report.catalogue.judged_by import judged_by
from scanner.report.catalogue.listing import class_name, counts

if TYPE_CHECKING:
    from scanner.model import Item, ItemStep, Text
    from scanner.report.catalogue.listing import Count, Listing

SCHEMA_VERSION = 1


def as_json(listing: Listing) -> str:
    """Return a listing as JSON, one item a line: a thousand cost little. The same items, the same bytes."""
    head = {"schema_version": SCHEMA_VERSION, "grade": str(listing.grade) if listing.grade else None}
    parts = [f"{json.dumps(name)}: {_dumped(value)}" for name, value in head.items()]
    parts.append(f'"counts": [\n{_lines([_count(count) for count in counts(listing)])}]')
    parts.append(f'"items": [\n{_lines([item_data(item) for item in listing.items])}]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def item_data(item: Item) -> dict[str, Any]:
    """Return one item with its steps.

    ``settled_by`` of a step names its checks; ``checks`` says what each settles: both answers, or only a no.
    """
    return {
        "id": item.id,
        "level": item.level,
        "scope": item.scope.value,
        "clause": item.clause,
        "class": item.klass,
        "class_name": text(class_name(item)),
        "control_point": text(item.control_point),
        "mark": item.mark,
        "weight": item.weight,
        "side": item.side,
        "optional": item.optional,
        "themes": list(item.themes),
        "object_kinds": list(item.kinds),
        "summary": text(item.summary),
        "steps": [_step(step) for step in item.steps],
        "decision": item.decision,
        "partial": item.partial,
        "judged_by": judged_by(item).value,
        "high_risk": list(item.high_risk),
        "changed_from": item.changed_from or None,
        "overlay": item.overlay or None,
    }


def text(said: Text) -> dict[str, str]:
    """Both languages."""
    return {"zh": said.zh, "en": said.en}


def _step(step: ItemStep) -> dict[str, Any]:
    return {
        "n": step.n,
        "text": text(step.text),
        "method": step.method.value,
        "answered_by": answerer(step).value,
        "settled_by": [binding.check for binding in step.bindings],
        "checks": [{"check": b.check, "settles": b.settles.value} for b in step.bindings],
        "awaits": step.awaits or None,
        "evidence_only": text(step.evidence_only) if step.evidence_only else None,
    }


def _count(count: Count) -> dict[str, Any]:
    """Counts of a level; ``level`` null: of all that is listed."""
    return {
        "level": count.level or None,
        "items": count.items,
        "scopes": {scope.value: many for scope, many in count.scopes.items()},
        "not_listed": {scope.value: many for scope, many in count.elsewhere.items()},
        "marks": dict(count.marks),
        "judged_by": {who.value: many for who, many in count.judged_by.items()},
    }


def _lines(values: list[dict[str, Any]]) -> str:
    return "".join(f"{_dumped(value)}{',' if n < len(values) else ''}\n" for n, value in enumerate(values, 1))


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
