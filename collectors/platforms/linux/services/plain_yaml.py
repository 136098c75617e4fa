"""The part of YAML that settings of servers are written in: mappings in blocks, plain values, lists of such.

Whatever else YAML could say (anchors, tags, text over several lines, a key that comes twice) is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.platforms.linux.host import unparsable

if TYPE_CHECKING:
    from collectors.base import Step
    from collectors.evidence import Document
    from scanner.model import Citation

Told = dict[str, tuple[str, "Citation"]]
"""Values by path (``net.tls.mode``), each with its line; of a list the first line, as it is written."""

_LINE = re.compile(
    r"(?P<indent> *)(?P<key>[A-Za-z][\w.\-]*):"
    r"(?:\s+(?P<value>\"[^\"\\]*\"|'[^']*'|\[[^\[\]{}]*\]|[^\s{\[&*!|>#%@`\"'](?:[^#]|(?<!\s)#)*?))?\s*(?:\s#.*)?"
)
_ITEM = re.compile(r"(?P<indent> *)-\s+(?P<value>[^\s{\[&*!|>#%@`][^#]*?)\s*(?:\s#.*)?")


def told(step: Step, document: Document) -> Told:
    """Values of a file by their path.

    Raises:
        Unseen: a line that is no plain setting, or a key that comes twice.
    """
    found: Told = {}
    above: list[tuple[int, str]] = []
    for number, line in enumerate(document.lines, 1):
        text = line.rstrip()
        if not text.strip() or text.lstrip().startswith("#") or (number == 1 and text == "---"):
            continue
        item = _ITEM.fullmatch(text)
        if item is not None and above and len(item["indent"]) >= above[-1][0]:
            _put(
                step, document, number, found, (".".join(key for _, key in above), item["value"]), again=True
            )
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            raise unparsable(step, document, number, "no plain setting")
        indent = len(match["indent"])
        while above and above[-1][0] >= indent:
            above.pop()
        path = ".".join([*(key for _, key in above), match["key"]])
        if match["value"] is None:
            above.append((indent, match["key"]))
        else:
            _put(step, document, number, found, (path, match["value"].strip("\"'")))
    return found


def _put(
    step: Step, document: Document, number: int, found: Told, entry: tuple[str, str], *, again: bool = False
) -> None:
    path, value = entry
    if path not in found:
        found[path] = value, document.cite(number)
    elif not again:
        raise unparsable(step, document, number, "a key that comes twice")
