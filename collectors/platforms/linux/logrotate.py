"""How long logs stay, from logrotate's files: rotations kept times their period."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collectors.base import Files, Step, Unseen
from collectors.platforms.linux import journald
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from scanner.facts import Rotation
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document
    from scanner.model import Citation

MAIN = "/etc/logrotate.conf"
FOLDER = "/etc/logrotate.d"

LOGROTATE = Step(
    "logrotate-files",
    Files((MAIN, f"{FOLDER}/*"), privileged=True),
    Text(zh="日志轮转与保留周期", en="rotation of logs and how long they stay"),
)

PERIODS = {"hourly": 1 / 24, "daily": 1.0, "weekly": 7.0, "monthly": 30.0, "yearly": 365.0, "annually": 365.0}
"""Days that one kept rotation covers at least (months and years are never shorter by more than a leap)."""

SCRIPTS = frozenset("prerotate postrotate firstaction lastaction preremove".split())

OTHER_WORDS = frozenset(
    "compress nocompress delaycompress nodelaycompress compresscmd uncompresscmd compressext compressoptions "
    "copy nocopy copytruncate nocopytruncate create nocreate createolddir nocreateolddir renamecopy "
    "norenamecopy dateext nodateext dateformat dateyesterday datehourago extension addextension ifempty "
    "notifempty ignoreduplicates mail nomail mailfirst maillast minage missingok nomissingok olddir noolddir "
    "sharedscripts nosharedscripts shred noshred shredcycles start su taboopat allowhardlink "
    "noallowhardlink".split()
)
"""Directives that change nothing about how long records stay."""

TABOO = (
    ",v .bak .cfsaved .disabled .dpkg-bak .dpkg-del .dpkg-dist .dpkg-new .dpkg-old .dpkg-tmp .rhn-cfg-tmp-* "
    ".rpmnew .rpmorig .rpmsave .swp .ucf-dist .ucf-new .ucf-old ~".split()
)
"""Endings of files that logrotate passes over in an included folder."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """What holds at one place. ``count`` -1 keeps all; a period of None means rotation by size alone."""

    count: int = 0
    period: float | None = None
    max_age: int | None = None
    size: str = ""  # the size limit in force, with its directive


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    document: Document

    @property
    def at(self) -> Citation:
        return self.document.cite(self.number)

    def strange(self, why: str) -> Unseen:
        return unparsable(LOGROTATE, self.document, self.number, why)


def read_rotations(files: Mapping[str, Document]) -> tuple[Rotation, ...]:
    """Read all blocks, in the order in which logrotate reads its files.

    Raises:
        Unseen: an unknown directive, or an included file that was not collected.
    """
    main = files.get(MAIN)
    if main is None:
        raise Unseen(
            Gap(
                GapReason.NOT_COLLECTED,
                LOGROTATE.id,
                MAIN,
                "there is no such file: how logs rotate is unknown",
            )
        )
    return tuple(_Reading(files).read(main))


class _Reading:
    """One pass over the files: what stands outside of blocks holds for all blocks that follow."""

    def __init__(self, files: Mapping[str, Document]) -> None:
        self._files = files
        self._rules = _Rules()
        self._open: set[str] = set()
        self._walk = Walk(LOGROTATE)

    def read(self, document: Document) -> Iterator[Rotation]:
        if document.ref in self._open:
            raise Unseen(Gap(GapReason.UNPARSABLE, LOGROTATE.id, detail=f"{document.ref} includes itself"))
        self._walk.enter(document)
        self._open.add(document.ref)
        lines = iter(_lines(document))
        waiting: list[str] = []
        first: _Line | None = None
        for line in lines:
            if line.text.startswith(("/", '"', "'", "{", "~")) or line.text.endswith("{"):
                if first is None:
                    first = line
                head, brace, rest = line.text.partition("{")
                waiting += _words(line, head)
                if not brace:
                    continue
                if not waiting or rest.strip():
                    raise line.strange("a block that is not understood")
                rules = self._block(lines, line)
                yield from (_rotation(pattern, rules, first.at) for pattern in waiting)
                waiting, first = [], None
            elif waiting:
                raise line.strange("files without a block")
            elif (include := _directive(line))[0] == "include":
                yield from self._include(line, include[1])
            else:
                self._rules = self._after(self._rules, line, lines)
        if waiting and first is not None:
            raise first.strange("files without a block")
        self._open.discard(document.ref)

    def _block(self, lines: Iterator[_Line], start: _Line) -> _Rules:
        rules = self._rules
        for line in lines:
            if line.text == "}":
                return rules
            rules = self._after(rules, line, lines)
        raise start.strange("a block without its end")

    def _after(self, rules: _Rules, line: _Line, lines: Iterator[_Line]) -> _Rules:
        """The rules after one directive."""
        name, value = _directive(line)
        if name in SCRIPTS:
            if not any(inner.text == "endscript" for inner in lines):
                raise line.strange("a script without its end")
            return rules
        if name in PERIODS:
            size = "" if rules.size.startswith("size") else rules.size
            return replace(rules, period=PERIODS[name], size=size)
        if name in {"rotate", "maxage"}:
            if not re.fullmatch(r"-?\d{1,6}", value):
                raise line.strange("no number")
            return (
                replace(rules, count=int(value)) if name == "rotate" else replace(rules, max_age=int(value))
            )
        if name in {"size", "maxsize", "minsize"}:
            if not re.fullmatch(r"\d+[kKMG]?", value):
                raise line.strange("no size")
            if name == "minsize":
                return rules  # rotates later, never earlier
            return replace(rules, size=f"{name} {value}", period=None if name == "size" else rules.period)
        if name not in OTHER_WORDS and name != "tabooext":
            raise line.strange("unknown directive")
        return rules

    def _include(self, line: _Line, target: str) -> Iterator[Rotation]:
        target = target.rstrip("/")
        if target == FOLDER:
            for path in sorted(self._files):
                name = path.removeprefix(f"{FOLDER}/")
                if path != MAIN and not any(fnmatchcase(name, f"*{ending}") for ending in TABOO):
                    yield from self.read(self._files[path])
            return
        if target not in self._files:
            raise Unseen(
                Gap(
                    GapReason.NOT_COLLECTED,
                    LOGROTATE.id,
                    target,
                    f"included in line {line.number}, but not collected",
                )
            )
        yield from self.read(self._files[target])


def _lines(document: Document) -> Iterator[_Line]:
    """Lines without comments; what follows an opening brace or precedes a closing one stands by itself."""
    for number, raw in enumerate(document.lines, 1):
        text = re.sub(r"(?:^|\s)#.*$", "", raw).strip()
        if not text:
            continue
        if text.endswith("}") and text != "}" and "{" not in text:
            yield _Line(number, text[:-1].strip(), document)
            text = "}"
        yield _Line(number, text, document)


def _words(line: _Line, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise line.strange("quotes that do not end") from None


def _directive(line: _Line) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z]+)(?:\s*=\s*|\s+|$)(.*)", line.text)
    if match is None:
        raise line.strange("no directive")
    return match[1], match[2].strip()


def _rotation(pattern: str, rules: _Rules, at: Citation) -> Rotation:
    # By size alone no time ends a record's life, but its size may do so any day.
    days = None if rules.count < 0 or rules.period is None else rules.count * rules.period
    if rules.max_age is not None:
        days = float(rules.max_age) if days is None else min(days, float(rules.max_age))
    by_size = rules.size or ("size 1M" if rules.period is None else "")
    if rules.count < 0:
        return Rotation(pattern, days, "", at)
    most = journald.size(by_size.rpartition(" ")[2]) if by_size else None
    return Rotation(
        pattern, days, by_size, at, kept=rules.count, max_bytes=None if most is None else rules.count * most
    )
