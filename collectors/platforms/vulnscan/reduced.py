"""What a run keeps of a file of results: without the prose, which holds secrets and answers nothing.

Outputs of plugins quote what hosts say, passwords included; masking them would cut the file's syntax in two.
"""

from __future__ import annotations

import json
import re
from typing import Any
from xml.parsers import expat

from collectors.platforms.vulnscan import gvm, nessus

_WANTED = nessus.WANTED | gvm.WANTED
_UTF_8_MARK = b"\xef\xbb\xbf"
_PROSE = frozenset(
    "Description Title References PrimaryURL CVSS VendorSeverity Layer DataSource PkgIdentifier Packages "
    "Misconfigurations Secrets Licenses Metadata "
    "summary title sourceLink references cweIDs optional exploits metasploits mitigations alertDict "
    "config packages SrcPackages runningKernel errors warnings platform".split()
)
"""Members of JSON that no reader asks for."""


def reduced(content: bytes) -> bytes:
    """``content`` without what no reader asks for; XML keeps its lines, JSON gets one line a value.

    What cannot be taken apart stays as it is: the reader says why.
    """
    body = content.removeprefix(_UTF_8_MARK)
    try:
        return _elements(body) if body.lstrip().startswith(b"<") else _members(body)
    except (expat.ExpatError, ValueError, RecursionError):
        return content


def _members(content: bytes) -> bytes:
    return json.dumps(_kept(json.loads(content)), ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _kept(inner) for name, inner in value.items() if name not in _PROSE}
    return [_kept(inner) for inner in value] if isinstance(value, list) else value


def _elements(content: bytes) -> bytes:
    """Empty every element below the root that nobody wants, but for the ends of its lines."""
    kept: list[bytes] = []
    parser = expat.ParserCreate("utf-8")
    depth = unwanted = done = 0

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal depth, unwanted, done
        depth += 1
        if unwanted or (depth > 1 and tag not in _WANTED):
            unwanted += 1
            if unwanted == 1:
                kept.append(content[done : parser.CurrentByteIndex])
                done = parser.CurrentByteIndex

    def end(tag: str) -> None:
        nonlocal depth, unwanted, done
        depth -= 1
        if unwanted:
            unwanted -= 1
            if not unwanted:
                over = _after(content, parser.CurrentByteIndex, tag)
                kept.append(b"\n" * content.count(b"\n", done, over))
                done = over

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _refuse
    parser.Parse(content, True)
    return b"".join((*kept, content[done:]))


def _refuse(*_: object) -> None:
    raise ValueError("a document type could declare entities")


def _after(content: bytes, place: int, tag: str) -> int:
    """End of the element ``tag`` whose end the parser sees at ``place``: past its end tag, if it has one."""
    match = re.compile(rb"</%s\s*>" % re.escape(tag.encode())).match(content, place)
    return place if match is None else match.end()
