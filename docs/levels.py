"""Pages of the levels: which items each has, and who answers their steps; and what each check bears on."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from itertools import groupby
from typing import TYPE_CHECKING

from scanner.checks import ALL as CHECKS
from scanner.model import Scope
from scanner.report.answering import Answerer, answerer, answerers
from scanner.report.words import CLASSES, SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.checks.check import Check
    from scanner.model import Item, Profile

_HEAD = """\
# Levels

Written by `make docs`; a test holds it current.

Numbers of items (general requirements and extensions) and of their steps, by who answers them:

{counts}

- *scan*: checks answer the step, yes or no, where the object is of a kind that they look at
- *no only*: checks can condemn the step, never acquit it; the yes is a person's
- *awaits*: a capability that is still to come will answer it
- *person*: people, papers, places, intrusive tests; or a look gathers evidence that only a person can weigh

Below stands what each check bears on at each level: its thresholds, and the steps of items that it answers.
*both*: with the other checks of the step it can acquit and condemn; *no*: it can condemn, never acquit. What
the checks ask stands in [checks.md](checks.md).

各级别的测评单元见上表所链接的页面。下文为每个检查项在各级别的阈值及其回答的测评实施步骤。
both：与该步骤的其他检查一起可判“是”或“否”；no：只能判“否”，不能判“是”。没有检查回答的步骤等待人工核查。
"""

_PAGE_HEAD = """\
# {title}

Written by `make docs`; a test holds it current. What the columns mean stands in [levels.md](../levels.md).

{items} items. Unit numbers follow GB/T 28448-2019, clauses GB/T 22239-2019; the wording is ours.
单元编号依 GB/T 28448-2019，条款依 GB/T 22239-2019，表述为本工具自拟。
"""

_NAMES = {
    Answerer.SCAN: "scan",
    Answerer.CONDEMNS: "no only",
    Answerer.AWAITS: "awaits",
    Answerer.PERSON: "person",
}


def overview(profiles: Sequence[Profile]) -> str:
    """The page that leads to the levels and lists thresholds."""
    return "".join(_overview(profiles))


def catalogue(profile: Profile) -> str:
    """The page with the items of a level."""
    return "".join(_catalogue(profile))


def _overview(profiles: Sequence[Profile]) -> Iterator[str]:
    yield _HEAD.format(counts="\n".join(_counts(profiles)))
    for check in CHECKS:
        yield f"\n## {check.id}\n\n| level | thresholds | steps |\n|---|---|---|\n"
        for profile in profiles:
            yield f"| {profile.level} | {_thresholds(check, profile)} | {_steps(check, profile) or '-'} |\n"


def _counts(profiles: Sequence[Profile]) -> Iterator[str]:
    yield f"| level | {' | '.join(SCOPE[scope].en for scope in Scope)} | {' | '.join(_NAMES.values())} |"
    yield "|---" * (1 + len(Scope) + len(Answerer)) + "|"
    for profile in profiles:
        scopes = Counter(item.scope for item in profile.items)
        who = answerers(profile.items)
        cells = [*(scopes[scope] for scope in Scope), *(who[name] for name in Answerer)]
        link = f"[{profile.title.en} {profile.title.zh}](levels/l{profile.level}.md)"
        yield f"| {link} | {' | '.join(map(str, cells))} |"


def _thresholds(check: Check, profile: Profile) -> str:
    values = profile.parameters[check.id]
    return ", ".join(f"{f.name} {_value(getattr(values, f.name))}" for f in fields(check.parameters)) or "-"


def _value(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, (tuple, list, frozenset)) else str(value)


def _steps(check: Check, profile: Profile) -> str:
    return ", ".join(
        f"{item.id} step {step.n} ({binding.settles})"
        for item in profile.items
        for step in item.steps
        for binding in step.bindings
        if binding.check == check.id
    )


def _catalogue(profile: Profile) -> Iterator[str]:
    yield _PAGE_HEAD.format(title=f"{profile.title.en} {profile.title.zh}", items=len(profile.items))
    for (scope, klass), group in groupby(profile.items, key=lambda item: (item.scope, item.klass)):
        items = list(group)
        where, name = SCOPE[scope], CLASSES.get(klass, klass)
        yield f"\n## {where.zh} · {items[0].class_zh} ({where.en}: {name.lower()})\n\n"
        yield "| item | clause | mark | requirement | answered by |\n|---|---|---|---|---|\n"
        yield from (f"| {' | '.join(_row(item))} |\n" for item in items)


def _row(item: Item) -> Iterator[str]:
    yield item.id
    yield item.clause
    yield item.mark
    point, summary = item.control_point, item.summary
    yield f"**{point.zh}** {summary.zh}<br>**{point.en}** {summary.en}".replace("|", "\\|")
    found: dict[str, list[str]] = {}
    for step in item.steps:
        who = answerer(step)
        name = f"{_NAMES[who]} {step.awaits}" if who is Answerer.AWAITS else _NAMES[who]
        found.setdefault(name, []).append(str(step.n))
    yield "; ".join(f"{who}: {' '.join(steps)}" for who, steps in found.items())
