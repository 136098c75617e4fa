"""What waits for somebody, in numbers: people by their questionnaire, looks by the rights that they lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text as Line

from scanner.model import Text
from scanner.report.answering import Awaited, awaited
from scanner.report.classes import by_role, waiting
from scanner.report.console.words import heading, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.model import Assessment
    from scanner.model.text import Language
    from scanner.questionnaire import Roles

_TITLE = Text(zh="等待处理", en="What waits")
_PERSON = Text(
    zh="由人回答的步骤：{steps}，涉及 {items} 个测评单元（见 mlps-posture questionnaire）",
    en="steps for people: {steps}, of {items} items (listed by mlps-posture questionnaire)",
)
_AWAITS = Text(zh="其中将由后续能力回答：{steps}", en="of these, a capability to come will answer: {steps}")
_LOOK = Text(
    zh="待再次查看的步骤：{steps}，涉及 {items} 个测评单元（所缺见“未能看到”）",
    en="steps for another look: {steps}, of {items} items (what it lacks: see Not seen)",
)


def waits(a: Assessment, roles: Roles | None, language: Language) -> Iterator[RenderableType]:
    """A line each; nothing where all is answered."""
    found = [(result, asked, awaited(asked, step)) for result, _, asked, step in waiting(a.items)]
    if not found:
        return
    yield Line("")
    yield heading(_TITLE.say(language))
    for what, words in ((Awaited.PERSON, _PERSON), (Awaited.LOOK, _LOOK)):
        here = [(result, asked) for result, asked, waits_for in found if waits_for is what]
        items = len({result.item.id for result, _ in here})
        if here:
            text = words.format(items=items, steps=len(here))
            yield Padding(Line(text.say(language)), (0, 0, 0, 2))
        if here and roles is not None and what is Awaited.PERSON:
            parts = (f"{name.say(language)} {count}" for name, count in by_role(a, roles))
            yield Padding(joined(parts, language), (0, 0, 0, 4))
        capable = sum(bool(asked.awaits) for _, asked in here)
        if capable and what is Awaited.PERSON:
            yield Padding(Line(_AWAITS.format(steps=capable).say(language), style="dim"), (0, 0, 0, 4))
