"""Files written otherwise mean the same: spaces, comments, case and quotes change no fact.

Every rewrite is one that the program itself takes for the same; each is done to the fixtures of all readers
that read such files, several at once and in any order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.reading import read_fact
from scanner.facts import Value
from scanner.model import Capture, CaptureKind, Citation, Gap
from tests.platforms.fixture import OBJECT, case_of

if TYPE_CHECKING:
    from collectors.base import Reader
    from tests.platforms.fixture import Record

Line = Callable[[str], str]

SSHD = r"/etc/ssh/sshd_config(\.d/.*\.conf)?"
PAM = r"/etc/pam\.d/.*"
PWQUALITY = r"/etc/security/(pwquality\.conf(\.d/.*)?|faillock\.conf)"
DEFS = r"/etc/login\.defs"
AUDITD = r"/etc/audit/auditd\.conf"
RULES = r"/etc/audit/(audit\.rules|rules\.d/.*\.rules)"
RSYSLOG = r"/etc/rsyslog\.(conf|d/.*\.conf)"
UNITS = r"/etc/systemd/\w+\.conf(\.d/.*)?"
SUDOERS = r"/etc/sudoers(\.d/.*)?"
CHRONY = r"/etc/chrony(/.*|\.conf)"
SHELL = r"/etc/(profile|bash\.bashrc|bashrc|profile\.d/.*\.sh)"
SPACED = f"{SSHD}|{PAM}|{PWQUALITY}|{DEFS}|{RULES}|{UNITS}|{CHRONY}"
EVERY = f"{SPACED}|{AUDITD}|{RSYSLOG}|{SUDOERS}|{SHELL}"
_KEYWORD = re.compile(r"^(\s*)(\w+)")


@dataclass(frozen=True)
class Rewrite:
    """One way to write the same: what becomes of each line that says something, in which files."""

    files: str
    line: Line


def _not_nested(line: str, change: Line) -> str:
    """Lines whose argument is a pattern, a path or a command stay as they are."""
    return line if re.match(r"\s*(match|include|subsystem|banner)\b", line, re.IGNORECASE) else change(line)


REWRITES: Mapping[str, Rewrite] = {
    "comment before": Rewrite(EVERY, lambda line: f"# of nothing\n{line}"),
    "blank line before": Rewrite(EVERY, lambda line: f"\n{line}"),
    "space behind": Rewrite(f"{SPACED}|{AUDITD}|{SHELL}", lambda line: f"{line} \t"),
    "space before": Rewrite(SPACED, lambda line: f"  {line}"),
    "tabs": Rewrite(f"{SSHD}|{PAM}|{DEFS}", lambda line: re.sub(r"[ \t]+", "\t\t", line.strip())),
    "comment behind": Rewrite(f"{PAM}|{PWQUALITY}", lambda line: f"{line} # why"),
    "said twice": Rewrite(f"{PWQUALITY}|{DEFS}", lambda line: f"{line}\n{line}"),
    "capitals": Rewrite(SSHD, lambda line: _KEYWORD.sub(lambda m: m[1] + m[2].upper(), line)),
    "quotes": Rewrite(
        SSHD,
        lambda line: _not_nested(line, lambda x: re.sub(r"^(\s*\w+[ \t]+)([^\s\"#,=]+)\s*$", r'\1"\2"', x)),
    ),
    "equals sign": Rewrite(
        SSHD, lambda line: _not_nested(line, lambda x: re.sub(r"^(\s*\w+)[ \t]+(?=[^=\s])", r"\1 = ", x))
    ),
    "line ends of DOS": Rewrite(SSHD, lambda line: f"{line}\r"),
    "controls in capitals": Rewrite(
        PAM, lambda line: re.sub(r"^(\s*-?)(\w+)(\s+)(\w+)(?=\s)", lambda m: m[0].upper(), line)
    ),
    "modules by path": Rewrite(
        PAM, lambda line: re.sub(r"(?<![\w/])(pam_\w+\.so)", r"/usr/lib/x86_64-linux-gnu/security/\1", line)
    ),
    "no space": Rewrite(PWQUALITY, lambda line: re.sub(r"\s*=\s*", "=", line)),
    "space for equals": Rewrite(PWQUALITY, lambda line: re.sub(r"\s*=\s*", "  ", line)),
    "quoted value": Rewrite(DEFS, lambda line: re.sub(r'^(\w+\s+)([^"\s]+)\s*$', r'\1"\2"', line)),
    "audit in capitals": Rewrite(AUDITD, lambda line: _KEYWORD.sub(lambda m: m[1] + m[2].upper(), line)),
    "exit first": Rewrite(RULES, lambda line: line.replace("always,exit", "exit,always")),
    "calls apart": Rewrite(
        RULES,
        lambda line: re.sub(r"-S +([\w,]+)", lambda m: " ".join(f"-S {c}" for c in m[1].split(",")), line),
    ),
    "wide equals": Rewrite(UNITS, lambda line: re.sub(r"\s*=\s*", "  =  ", line)),
    "continued": Rewrite(
        SUDOERS,
        lambda line: line if '"' in line or line[0] in "@#" else re.sub(r"[ \t]+", " \\\n   ", line, count=1),
    ),
    "wide selector": Rewrite(RSYSLOG, lambda line: re.sub(r"^([\w*]\S*\.\S+)[ \t]+", r"\1\t\t ", line)),
    "case of chrony": Rewrite(CHRONY, lambda line: _KEYWORD.sub(lambda m: m[1] + m[2].upper(), line)),
}


def rewritten(path: str, text: str, names: list[str]) -> str:
    """The text with each of the rewrites done to every line that says something and is not continued."""
    for name in names:
        rewrite = REWRITES[name]
        if not re.fullmatch(rewrite.files, path):
            continue
        done: list[str] = []
        for line in text.split("\n"):
            inside = bool(done) and done[-1].rstrip("\r").endswith("\\")
            silent = not line.strip() or line.lstrip().startswith(("#", ";", "%", "!")) or line.endswith("\\")
            done.append(line if inside or silent else rewrite.line(line))
        text = "\n".join(done)
    return text


_AS_WRITTEN = frozenset({"text"})
"""Fields that quote a line; what it means stands beside them."""


def bare(thing: Any) -> Any:
    """A fact without the places and the words that it was read from."""
    match thing:
        case Value():
            return (bare(thing.value), thing.origin.value)
        case Citation():
            return None
        case Enum():
            return thing.value
        case Gap():
            return ("gap", thing.reason, thing.step)
        case tuple() | list():
            return [bare(item) for item in thing if not isinstance(item, Citation)]
        case frozenset() | set():
            return sorted(map(str, map(bare, thing)))
        case Mapping():
            return {str(bare(key)): bare(value) for key, value in thing.items()}
        case _ if is_dataclass(thing) and not isinstance(thing, type):
            return {f.name: bare(getattr(thing, f.name)) for f in fields(thing) if f.name not in _AS_WRITTEN}
        case _:
            return thing


def touched(record: Record) -> bool:
    return (
        isinstance(record, Capture)
        and record.kind is CaptureKind.FILE
        and re.fullmatch(EVERY, record.subject) is not None
        and bool(record.content)
    )


READERS = [
    reader for reader in PLATFORM.readers if any(map(touched, case_of(PLATFORM, reader, "usual").records()))
]


def test_files_of_many_readers_are_rewritten() -> None:
    assert len(READERS) >= 12


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.fact.__name__)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(st.sampled_from(sorted(REWRITES)), min_size=1, max_size=4, unique=True), end=st.booleans()
)
def test_the_same_written_otherwise_is_the_same_fact(reader: Reader, names: list[str], end: bool) -> None:
    records = case_of(PLATFORM, reader, "usual").records()
    before = read_fact(reader, Evidence.of(OBJECT, PLATFORM, records))
    after: list[Record] = []
    for record in records:
        if isinstance(record, Capture) and touched(record):
            text = rewritten(record.subject, record.content.decode(), names)
            content = (text if end else text.rstrip("\n")).encode()
            record = replace(record, content=content)  # noqa: PLW2901 - the same, written otherwise
        after.append(record)
    assert bare(read_fact(reader, Evidence.of(OBJECT, PLATFORM, after))) == bare(before)
