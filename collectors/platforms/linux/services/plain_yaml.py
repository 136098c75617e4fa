"""The part of YAML that settings of servers are written in: mappings in blocks, plain values, lists of such.

Whatever else YAML could say (anchors, tags, text over several lines, a key that comes twice) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.linux.host import unparsable

if TYPE_CHECKING:
    from collectors.base import Step
    from collectors.evidence import Document
    from scanner.model import Citation

Told = dict[str, tuple[str, "Citation"]]
"""Values by path (``net.tls.mode``), each with its line; of a list the first line, as it is written."""

_WORD = r"(?:[^\s#:]|(?<!\s)#|:(?=\S))+"
_VALUE = (
    r"(?P<value>\"[^\"\\]*\"|'[^']*'|\[[^\[\]{}]*\]"
    rf"|(?![-?:](?:\s|$))(?![{{\[\]}},&*!|>#%@`\"']){_WORD}(?:\s+{_WORD})*)"
)
_LINE = re.compile(rf"(?P<indent> *)(?P<key>[A-Za-z][\w.\-]*):(?:\s+{_VALUE})?\s*(?:\s#.*)?")
_ITEM = re.compile(rf"(?P<indent> *)-\s+{_VALUE}\s*(?:\s#.*)?")


@dataclass(slots=True)
class _Blocks:
    """The blocks around a line, outermost first: the indent of each, and the path above its keys."""

    levels: list[tuple[int, str]] = field(default_factory=list)
    opened: str | None = None  # path of a key without a value right above
    items: tuple[str, int] | None = None  # path and indent of a list right above

    def path(self, indent: int, key: str) -> str | None:
        """Path of a key; None where no block is indented so."""
        if self.opened is not None and indent > self.levels[-1][0]:
            self.levels.append((indent, f"{self.opened}."))
        elif not self.levels:
            self.levels.append((indent, ""))
        while self.levels[-1][0] > indent and len(self.levels) > 1:
            self.levels.pop()
        self.opened = self.items = None
        return self.levels[-1][1] + key if self.levels[-1][0] == indent else None

    def item(self, indent: int) -> str | None:
        """Path of the list that an item belongs to; None where it belongs to none."""
        if self.opened is not None and indent >= self.levels[-1][0]:
            self.items, self.opened = (self.opened, indent), None
        return self.items[0] if self.items is not None and self.items[1] == indent else None


def told(step: Step, document: Document) -> Told:
    """Values of a file by their path.

    Raises:
        Unseen: a line that is no plain setting, or a key that comes twice.
    """
    found: Told = {}
    seen: set[str] = set()
    blocks = _Blocks()
    for number, line in enumerate(document.lines, 1):
        text = line.rstrip()
        if not text.strip() or text.lstrip().startswith("#") or (number == 1 and text == "---"):
            continue
        item, match = _ITEM.fullmatch(text), _LINE.fullmatch(text)
        if item is not None:
            path = blocks.item(len(item["indent"]))
            if path is not None:
                found.setdefault(path, (item["value"].strip("\"'"), document.cite(number)))
                continue
        elif match is not None:
            path = blocks.path(len(match["indent"]), match["key"])
            if path is not None and path not in seen:
                seen.add(path)
                if match["value"] is None:
                    blocks.opened = path
                else:
                    found[path] = match["value"].strip("\"'"), document.cite(number)
                continue
        raise unparsable(step, document, number, "no plain setting, or one that comes twice")
    return found
