"""Items that can no longer conform, with the objects that they fail on and the risks that people set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.model import Text
from scanner.report.console.words import RISK_STYLE, VERDICT_STYLE, heading, shown
from scanner.report.words import RISK, RISK_ORDER, VERDICT, VERDICT_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.model import Assessment, ItemResult, Risk
    from scanner.model.text import Language

SHOWN = 24
"""Items named; the JSON and the HTML report have all."""

OBJECTS = 2
"""Objects named of an item."""

_NAMES = 120
"""Characters shown of the names of objects."""

_TITLE = Text(zh="已知不能符合的项", en="Items that can no longer conform")
_MORE = Text(zh="另有 {count} 项", en="and {count} more")
_SET = Text(zh="人定", en="set")


def failing(a: Assessment, language: Language) -> Iterator[RenderableType]:
    """A line an item, in the order of the standard; nothing where none is known to fail."""
    found = [result for result in a.items if result.known_to_fail]
    if not found:
        return
    yield Line("")
    yield heading(_TITLE.say(language))
    risks = _risks(a)
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(no_wrap=True)
    for result in found[:SHOWN]:
        objects = [o.object for o in result.objects if o.known_to_fail]
        table.add_row(
            result.item.id,
            result.item.clause,
            result.item.control_point.say(language),
            _verdict(result, language),
            _risk(risks.get(result.item.id, {}), language),
            shown(_few(objects), "dim", _NAMES),
        )
    yield Padding(table, (0, 0, 0, 2))
    if len(found) > SHOWN:
        yield Padding(Line(_MORE.format(count=len(found) - SHOWN).say(language), style="dim"), (0, 0, 0, 2))


def _few(names: list[str]) -> str:
    more = len(names) - OBJECTS
    return ", ".join(names[:OBJECTS]) + (f" +{more}" if more > 0 else "")


def _verdict(result: ItemResult, language: Language) -> Line:
    words = [VERDICT[v].say(language) for v in VERDICT_ORDER if v in result.possible]
    return Line(" / ".join(words), style=VERDICT_STYLE[result.verdict])


def _risks(a: Assessment) -> dict[str, dict[Risk, bool]]:
    """By item: the risks of its problems; whether a person set them."""
    found: dict[str, dict[Risk, bool]] = {}
    for problem in a.problems:
        risk = problem.setting.risk if problem.setting is not None else problem.proposed
        if risk is not None:
            own = found.setdefault(problem.item, {})
            own[risk] = own.get(risk, False) or problem.setting is not None
    return found


def _risk(risks: dict[Risk, bool], language: Language) -> Line:
    """The worst risk of an item's problems."""
    worst = next((risk for risk in RISK_ORDER if risk in risks), None)
    if worst is None:
        return Line("")
    set_ = f" ({_SET.say(language)})" if risks[worst] else ""
    return Line(f"{RISK[worst].say(language)}{set_}", style=RISK_STYLE[worst])
