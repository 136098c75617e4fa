"""Forms in which secrets stand in configurations, outputs and arguments, and what only looks like one.

Two ways find them: assignments (``name = value``, ``name: value``) by the words in the name, and a table of
forms of particular programs. A value that is already a mask is one character while a line is worked on, so
that no form can see inside it; forms are tried until none changes the line, so that a second time changes
nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.redact.assignments import assigned
from collectors.redact.masks import MASK, mask_hash, mask_secret
from collectors.redact.table import FORMS, HASHES, THIRD_FIELD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Span = tuple[int, int, str]
"""Place of a secret in a line (begin, end) and its kind."""

HASH = "hash"
"""Kind of a secret whose mask tells its scheme."""

_MASKED = "\ud800"
"""Stands for a mask; no decoded text holds a lone surrogate of this half."""

_WORTH = re.compile(
    r"pass|pwd|secret|token|communit|psk|key|auth|\$|://|com2sec|sink|createuser|usmuser|snmp|mysql|mariadb|curl|securityname|priv|"
    r"eyJ|ident|grub|\*[0-9A-F]{40}|\{s|: ?(?:eap|ntlm|rsa|ecdsa|p12)|=\t"
    r"|^\s*user\s.*\s[><#]",
    re.IGNORECASE,
)
_ROUNDS = 6

LONGEST = 64 * 1024
"""Characters of a line that is still searched. A longer one that may hold a secret is masked as a whole."""

SEARCHED = 4 * 1024 * 1024
"""Characters of lines that may hold secrets (each line counts as some more), searched in one answer.

Lines behind them are masked as a whole if they may hold a secret. No configuration comes near.
"""

_LINE_COST = 20


def mask_forms(lines: Iterable[str], name: str, key: bytes) -> Iterator[str]:
    """Yield ``lines``, one for one, with every secret masked that stands in them in a known form.

    ``name`` is the base name of their file, "" for anything else. What would take too long to search is
    masked as a whole: a host can say no more than it takes us a few seconds to read.
    """
    left = SEARCHED
    for line in lines:
        text = _rewritten(line, _third_field, key) if name in THIRD_FIELD else line
        if not _WORTH.search(text):
            yield text
            continue
        left -= len(text) + _LINE_COST
        yield _searched(text, key) if left >= 0 and len(text) <= LONGEST else _whole(text, key)


def _whole(line: str, key: bytes) -> str:
    body = line.rstrip()
    return line if MASK.fullmatch(body) else mask_secret("line", body, key) + line[len(body) :]


def _searched(line: str, key: bytes) -> str:
    for _ in range(_ROUNDS):
        before = line
        line = _rewritten(line, _hashes, key)
        line = _rewritten(line, _forms, key)
        line = _rewritten(line, assigned, key)
        if line == before:
            return line
    return _whole(line, key)  # more secrets than rounds: what is left unfound must not be kept


def _rewritten(line: str, find: Callable[[str], Iterable[Span]], key: bytes) -> str:
    """Replace what ``find`` finds by masks; masks that stand there already are out of its sight."""
    flat, count = MASK.subn(_MASKED, line)
    found = sorted(find(flat))
    if not found:
        return line
    masks = iter(MASK.findall(line)) if count else iter(())

    def whole(piece: str) -> str:
        return re.sub(_MASKED, lambda _: next(masks), piece) if count else piece

    pieces: list[str] = []
    done = 0
    for begin, end, kind in found:
        value = flat[begin:end]
        if begin < done or not value.strip(_MASKED + " \t"):
            continue
        pieces.append(whole(flat[done:begin]))
        secret = whole(value)
        pieces.append(mask_hash(secret, key) if kind == HASH else mask_secret(kind, secret, key))
        done = end
    pieces.append(whole(flat[done:]))
    return "".join(pieces)


def _hashes(line: str) -> Iterator[Span]:
    for match in HASHES.finditer(line):
        yield *match.span(), HASH


def _forms(line: str) -> Iterator[Span]:
    lower = line.lower()
    for word, forms in FORMS.items():
        if word not in lower:
            continue
        for kind, pattern in forms:
            for match in pattern.finditer(line):
                begin, end = match.span("v")
                if end - begin > 1 and line[begin] in "\"'" and line[end - 1] == line[begin]:
                    begin, end = begin + 1, end - 1
                if begin < end:
                    yield begin, end, kind


def _third_field(line: str) -> Iterator[Span]:
    """``client server secret addresses`` of pppd."""
    match = re.match(r"\s*(?!#)(?:\"[^\"]*\"|\S+)\s+(?:\"[^\"]*\"|\S+)\s+(?P<v>\"[^\"]*\"|\S+)", line)
    if match is not None:
        begin, end = match.span("v")
        quoted = line[begin] == '"' and end - begin > 1
        yield (begin + 1, end - 1, "secret") if quoted else (begin, end, "secret")
