"""Rights that sudo grants: the sudoers files in their order, includes followed, aliases resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import absence, unparsable
from collectors.platforms.linux.inclusion import Walk
from collectors.platforms.linux.sudoers_syntax import (
    Alias,
    Grant,
    Include,
    RefusedError,
    Setting,
    logical_lines,
    statements,
)
from scanner.facts import SudoDefault, SudoInclude, SudoRule, SudoRules
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

SUDOERS = "/etc/sudoers"
VENDOR_SUDOERS = "/usr/etc/sudoers"
FOLDER = "/etc/sudoers.d"

SUDOERS_FILES = Step(
    "sudoers-files",
    Files((SUDOERS, f"{FOLDER}/*", VENDOR_SUDOERS), privileged=True),
    Text(zh="sudo 授权规则", en="rules by which sudo grants rights"),
)

_DEPTH = 128
"""sudo's own limit of includes within each other."""


@dataclass(slots=True)
class _Files:
    """One walk through the files."""

    documents: Mapping[str, Document]
    read: Walk = field(default_factory=lambda: Walk(SUDOERS_FILES))
    seen: dict[str, Citation] = field(default_factory=dict)
    refused: list[Citation] = field(default_factory=list)

    def statements(
        self, path: str, depth: int = 0
    ) -> Iterator[tuple[Alias | Grant | Setting | Include, Citation]]:
        document = self.documents[path]
        self.read.enter(document)
        if depth > _DEPTH:
            raise unparsable(SUDOERS_FILES, document, 0, "includes within each other without end")
        self.seen[path] = document.whole
        for number, text in logical_lines(document.lines):
            here = document.cite(number)
            try:
                found = statements(text)
            except RefusedError:
                self.refused.append(here)
                continue
            for statement in found:
                yield statement, here
                if isinstance(statement, Include):
                    for included in self.included(statement, here):
                        yield from self.statements(included, depth + 1)

    def included(self, include: Include, at: Citation) -> list[str]:
        """Files that an include reads.

        Raises:
            Unseen: they are not among those collected.
        """
        path = include.path if include.path.startswith("/") else f"/etc/{include.path}"
        if include.folder and path.rstrip("/") == FOLDER:
            # Names with a dot or a tilde at their end are left to editors and package managers.
            inside = (p for p in self.documents if p.startswith(f"{FOLDER}/"))
            return sorted(p for p in inside if "." not in p.rpartition("/")[2] and not p.endswith("~"))
        if not include.folder and path in self.documents:
            return [path]
        if not include.folder and re.fullmatch(re.escape(FOLDER) + r"/[^/.%][^/%]*", path):
            return []  # it would have been collected: it is not there, and sudo goes on without it
        detail = f"line {at.line}: {at.excerpt}: this is not among the files collected"
        raise Unseen(Gap(GapReason.NOT_COLLECTED, SUDOERS_FILES.id, path, detail))


def read_sudo_rules(evidence: Evidence) -> SudoRules:
    """Read all rules and settings; without any sudoers file sudo grants nothing.

    Raises:
        Unseen: a file was not seen, includes what was not collected, or holds nothing that sudo takes.
    """
    documents = evidence.files(SUDOERS_FILES)
    start = next((path for path in (SUDOERS, VENDOR_SUDOERS) if path in documents), None)
    if start is None:
        return SudoRules((absence(evidence, SUDOERS_FILES, SUDOERS),), (), (), (), ())
    files = _Files(documents)
    found = list(files.statements(start))
    if files.refused and not found:
        raise unparsable(SUDOERS_FILES, documents[start], files.refused[0].line, "sudo takes no line of it")
    aliases = {(s.kind, s.name): s.members for s, _ in found if isinstance(s, Alias)}
    rules = tuple(rule for s, at in found if isinstance(s, Grant) for rule in _rules(s, aliases, at))
    defaults = tuple(
        SudoDefault(s.scope, s.name, s.on, s.value, at) for s, at in found if isinstance(s, Setting)
    )
    includes = tuple(SudoInclude(s.path, s.folder, at) for s, at in found if isinstance(s, Include))
    return SudoRules(tuple(files.seen.values()), rules, defaults, includes, tuple(files.refused))


_Aliases = dict[tuple[str, str], tuple[str, ...]]


def _rules(grant: Grant, aliases: _Aliases, at: Citation) -> Iterator[SudoRule]:
    """One rule for each command that the grant's stands for."""
    tag = next((tag for tag in grant.tags if tag in {"PASSWD", "NOPASSWD"}), None)
    for command in _resolved("command", (grant.command,), aliases):
        yield SudoRule(
            users=_resolved("user", grant.users, aliases),
            hosts=_resolved("host", grant.hosts, aliases),
            run_as=_resolved("user", grant.run_as, aliases),
            run_as_groups=_resolved("user", grant.run_as_groups, aliases),
            asks_password=None if tag is None else tag == "PASSWD",
            tags=grant.tags,
            command=command.removeprefix("!"),
            negated=grant.negated != command.startswith("!"),
            at=at,
        )


def _resolved(
    kind: str, members: tuple[str, ...], aliases: _Aliases, within: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Members with aliases replaced by what they stand for; ``!`` turns each of these round."""
    found: list[str] = []
    for member in members:
        name = member.removeprefix("!")
        inner = aliases.get((kind, name)) if name not in within else None
        if inner is None:
            found.append(member)
            continue
        resolved = _resolved(kind, inner, aliases, within | {name})
        found += [_turned(m) for m in resolved] if member.startswith("!") else resolved
    return tuple(found)


def _turned(member: str) -> str:
    return member.removeprefix("!") if member.startswith("!") else f"!{member}"


STEPS = (SUDOERS_FILES,)

READERS = (Reader(SudoRules, (Need((SUDOERS_FILES,)),), read_sudo_rules),)
