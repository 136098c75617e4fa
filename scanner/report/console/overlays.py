"""What was laid over the profile, and everything that it asks less of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text as Line

from scanner.model import Text
from scanner.report.console.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.model import Assessment, Loosening
    from scanner.model.text import Language

_WORDS = 200
"""Characters shown of a reason and of a name."""

_OVERLAY = Text(zh="叠加规则：", en="overlay: ")
_LOOSENED = Text(zh="放宽", en="loosened")
_NOTHING = Text(zh="没有放宽", en="loosens nothing")


def overlays(a: Assessment, language: Language) -> Iterator[RenderableType]:
    """A line an overlay, and one each thing that it loosens: none is left out."""
    if not a.profile.overlays:
        return
    for laid in a.profile.overlays:
        title = shown(f"{laid.title.say(language)} ({laid.name})", "bold", _WORDS)
        nothing = "" if laid.loosened else f"  {_NOTHING.say(language)}"
        yield Line.assemble(_OVERLAY.say(language), title, (nothing, "dim"))
        yield from (Padding(_loosening(one, language), (0, 0, 0, 2)) for one in laid.loosened)
    yield Line("")


def _loosening(one: Loosening, language: Language) -> Line:
    what = one.parameter or f"{one.item}:{one.step}"
    change = f" {what}: {one.before or '-'} → {one.after or '-'}  "
    return Line.assemble(
        (f"{_LOOSENED.say(language)} ", "yellow"),
        shown(one.check, "bold", _WORDS),
        shown(change, limit=_WORDS),
        shown(one.reason.say(language), "dim", _WORDS),
    )
