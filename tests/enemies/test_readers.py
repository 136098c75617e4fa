"""Readers of a host's words: no text makes one of them crash, or think for longer than its length is worth.

A reader that needs minutes would stop the judging of every other host as well.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from collectors.base import Files
from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.reading import read_fact
from scanner.model import Capture, Gap, GapReason
from tests.enemies.forging import LISTING, STEPS, Told, blank
from tests.enemies.lies import LIES

LENGTH = 60_000
SECONDS = 6.0
"""Processor time of one reader: some thirty times what the slowest needs for one of these."""

PIECES = (
    *(
        "{",
        "(",
        "[",
        "$(",
        "${",
        "$((",
        "x=(",
        '"',
        "'",
        "`",
        "\\\n",
        "\n",
        " ",
        "a",
        "!",
        "%",
        "é",
        "\t",
        "<",
    ),
    *("A b\n", "a:b:c:", '{"a":', "[[", "if true; then\n", "case x in x) ", "/*", "a{\n", "a {\n", "}\n"),
    *("Match all\n", "Include x\n", 'if $a == "b" then {\n', "&", "@include common-auth\n"),
    *(
        "auth required pam_unix.so\n",
        "auth [success=1 default=ignore] pam_unix.so\n",
        "auth substack login\n",
    ),
    *("-A INPUT -j X\n", ":X - [0:0]\n-A X -j X\n", "tcp LISTEN 0 0 *:22 *:*\n", "u:x:0:0::/:/bin/sh\n"),
    *("TMOUT=1\n", "f() { f; }\n", ". /etc/profile\n", "server { listen 443 ssl;\n", "*.* /x\n", "/a {\n"),
    *("-w /x -p wa -k y\n", "1: a: <UP>\n", "$ModLoad x\n", "include /etc/nginx/nginx.conf;\n"),
)


def matching(pattern: str) -> str:
    """A path that a pattern matches."""
    return re.sub(r"\[(.)[^]]*\]", r"\1", pattern).replace("*", "a")


def of_one_text(content: bytes) -> Told:
    """A host whose every file and every answer is this text."""
    told = Told({})
    paths: dict[str, None] = {}  # several steps ask for some
    for step in STEPS:
        if isinstance(step.form, Files):
            paths |= dict.fromkeys(map(matching, step.form.patterns))
        else:
            told = told.command(step.id, content)
    for path in paths:
        told = told.file(path, content)
    return told


def evidence(told: Told) -> Evidence:
    """What all steps brought; nothing is missing."""
    captures = dict(told.captures)
    for step in STEPS:
        for pattern in step.form.patterns if isinstance(step.form, Files) else ():
            empty = replace(blank(step.id), kind=LISTING, subject=pattern)
            captures.setdefault((step.id, pattern, LISTING), empty)
    records: list[Capture | Gap] = [replace(c, object="web1", platform="linux") for c in captures.values()]
    return Evidence.of("web1", PLATFORM, records)


def endure(seen: Evidence) -> None:
    for reader in PLATFORM.readers:
        began = time.process_time()
        fact = read_fact(reader, seen)
        name = reader.fact.__name__
        assert time.process_time() - began < SECONDS, name
        assert not (isinstance(fact, Gap) and fact.reason is GapReason.BUG), fact.detail


@pytest.mark.parametrize("piece", PIECES)
def test_a_piece_without_end(piece: str) -> None:
    content = (piece * (LENGTH // len(piece))).encode()
    endure(evidence(of_one_text(content)))


@pytest.mark.parametrize("name", LIES)
def test_a_lie(name: str) -> None:
    endure(evidence(LIES[name](Told({}))))


def test_readers_get_far_enough_to_be_tried() -> None:
    """Else each might have refused at its first line, and nothing would have been shown."""
    told = of_one_text(b"").file("/etc/passwd", b"root:x:0:0:root:/root:/bin/bash\n" * 3)
    facts = [read_fact(reader, evidence(told)) for reader in PLATFORM.readers]
    assert sum(not isinstance(fact, Gap) for fact in facts) > 5
