"""Fingerprints of the standards' sentences, so that a test can see that none of ours is one of them.

The standards' text is not ours to keep: ``standard-fingerprints.txt`` holds a part of the SHA-256 of each
clause only. It covers about 900 clauses, not the whole: requirements of levels 3 and 4 of GB/T 22239-2019,
many of them written down from memory (one that was remembered wrongly matches nothing), and steps of level 3
of GB/T 28448-2019 that were read. It was made by

    python -m tests.profile.fingerprints TEXT... > tests/profile/standard-fingerprints.txt

and may be made from more of them: whoever holds a text adds its file to the call, together with a copy of the
old list, which is taken over line by line.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST = 10
"""Han characters that a clause must have at least, fillers left out: shorter ones are names and phrases."""

LENGTH = 12
"""Hexadecimal digits that are kept: enough to tell millions of clauses apart."""

_ENDS = re.compile(r"[。；！？\n]")
_PARTS = re.compile(r"[，,：:]")
_FILLERS = re.compile(r"应(核查|访谈|测试验证|测试)?|须|是否|能够|可以|进行|等|并|且|号")
_NOT_HAN = re.compile(r"[^一-鿿]")
_FINGERPRINT = re.compile(rf"[0-9a-f]{{{LENGTH}}}")


def clauses(text: str) -> Iterator[str]:
    """Yield sentences and their parts between commas, only Han characters, without words that say nothing.

    What a standard orders ("应核查是否 ...") and what we state are alike then where the rest is.
    """
    for sentence in _ENDS.split(text):
        for part in {sentence, *_PARTS.split(sentence)}:
            bare = _FILLERS.sub("", _NOT_HAN.sub("", part))
            if len(bare) >= SHORTEST:
                yield bare


def fingerprint(clause: str) -> str:
    """Return the part of a clause's SHA-256 that is kept."""
    return hashlib.sha256(clause.encode()).hexdigest()[:LENGTH]


def listed(text: str) -> Iterator[str]:
    """Yield fingerprints of a text; those of an older list as they are."""
    lines = text.split()
    if all(_FINGERPRINT.fullmatch(line) for line in lines):
        yield from lines
    else:
        yield from map(fingerprint, clauses(text))


if __name__ == "__main__":
    found = {one for name in sys.argv[1:] for one in listed(Path(name).read_text(encoding="utf-8"))}
    sys.stdout.writelines(f"{one}\n" for one in sorted(found))
