"""Composing ``firewall``: files are read by the platform's readers and judged as sets of packets."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.errors import InputError
from scanner.facts.rules import Action, Stage
from scanner.packetspace.analysis import analyse
from scanner.packetspace.difference import compare
from scanner.packetspace.reach import TCP, UDP, Question
from scanner.packetspace.reached import reached
from scanner.packetspace.silent import ACCEPTED, DENIED
from scanner.report.filtering import ComparedRules, JudgedRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts import Published
    from scanner.facts.rules import RuleFile

LOGGED = {"": frozenset[Action](), "denied": DENIED, "accepted": ACCEPTED, "all": DENIED | ACCEPTED}
"""Decisions by the words of ``--logged``."""

MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """Ports, and where their packets come from and go. ``stage``: None where nobody told which."""

    ports: tuple[int, ...]
    question: Question
    stage: Stage | None

    @classmethod
    def read(cls, ports: str, told: Mapping[str, str | None]) -> Asked:
        """Read the options.

        Raises:
            InputError: no ports, or no addresses; all of it at once.
        """
        wrong: list[str] = []
        numbers = _ports(ports, wrong)
        source = _address("--from", told.get("source"), wrong)
        destination = _address("--to", told.get("destination"), wrong)
        if source and destination and source.version != destination.version:
            wrong.append("--from and --to are of different families")
        if wrong:
            raise InputError("\n".join(wrong))
        hook = told.get("hook")
        stage = None if hook is None else Stage(hook)
        protocol = UDP if told.get("proto") == "udp" else TCP
        question = Question(
            protocol, stage or Stage.INPUT, told.get("came"), source, destination, told.get("goes")
        )
        return cls(numbers, question, stage)

    def of(self, rules: RuleFile) -> Question:
        """Return the question to a file: about packets through it, where that is what it is there for."""
        if self.stage is None and (rules.forwards or self.question.goes is not None):
            return replace(self.question, stage=Stage.FORWARD)
        return self.question

    def unknown_to(self, rules: RuleFile) -> Iterator[str]:
        """Tell which of the interfaces asked about the file does not have, where it shows all it has."""
        known = {*rules.interfaces, *(zone.name for zone in rules.zones)}
        for option, name in (("--in", self.question.came), ("--out", self.question.goes)):
            if known and name is not None and name not in known:
                yield f"{option}: {name!r} is none of {', '.join(sorted(known))}"


def _ports(text: str, wrong: list[str]) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,5})(?:-([0-9]{1,5}))?\s*", part)
        low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if low > high or high > 65535:
            wrong.append(f"--reach: {part!r} is no port and no range of ports")
        else:
            found.update(range(low, high + 1))
    return tuple(sorted(found))


def _address(
    option: str, text: str | None, wrong: list[str]
) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if text is None:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        wrong.append(f"{option}: {text!r} is no address")
        return None


def judged(
    paths: Sequence[Path], asked: Asked | None, logged: frozenset[Action] = frozenset()
) -> list[JudgedRules]:
    """Read and judge files. ``logged``: decisions that are asked to leave a trace in a log.

    Raises:
        InputError: files that cannot be read or hold no rules in words that are known; all of them at once.
    """
    read = _read(paths)
    if asked and (wrong := [f"{path}:1:1: {one}" for path, rules in read for one in asked.unknown_to(rules)]):
        raise InputError("\n".join(wrong))
    return [
        JudgedRules(
            str(path),
            rules,
            analyse(rules, logged),
            reached(rules, asked.ports, asked.of(rules)) if asked else None,
            *_programs(rules),
        )
        for path, rules in read
    ]


def _programs(rules: RuleFile) -> tuple[tuple[str, ...], tuple[Published, ...]]:
    """Programs that wrote rules of a host's file, and what the engines among them publish."""
    from collectors.platforms.linux.loaded_rules import programs_of, rules_of_file
    from scanner.derive.publications import published
    from scanner.derive.way import Way

    told = programs_of(rules)
    if not told or rules.forwards:
        return (), ()
    return told, tuple(one for one in published(Way.of(rules_of_file(rules))) if one.by)


def compared(before: Path, after: Path) -> ComparedRules:
    """Compare two files.

    Raises:
        InputError: as :func:`judged`.
    """
    found = _read([before, after])
    if len(found) != 2:
        raise InputError("--diff compares two files of rules")
    one, two = found[0][1], found[1][1]
    return ComparedRules(str(before), str(after), compare(one, two), (one, two))


def _read(paths: Sequence[Path]) -> list[tuple[Path, RuleFile]]:
    from collectors.platforms.dialects import DIALECTS, looks_like_ipsets, read_rules
    from collectors.platforms.linux.filter_rules.ipset import read_ipsets
    from scanner.cli.rule_folders import folders_of

    wrong: list[str] = []
    texts = [(path, _text(path, wrong)) for path in paths if not path.is_dir()]
    sets: dict[str, IpSet] = {}
    for path, text in texts:
        if looks_like_ipsets(text):
            found, unread = read_ipsets(text.split("\n"))
            sets |= found
            wrong += [f"{path}:{one.line}:1: no line of ipset save" for one in unread]
    read = folders_of([path for path in paths if path.is_dir()], sets, wrong)
    for path, text in texts:
        if looks_like_ipsets(text):
            continue
        rules = read_rules(text, path.name, sets)
        if rules is None:
            wrong.append(f"{path}:1:1: no rules of {DIALECTS}")
        else:
            read.append((path, rules))
    if wrong:
        raise InputError("\n".join(wrong))
    return read


def _text(path: Path, wrong: list[str]) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        wrong.append(f"{path}: {error.strerror}")
        return ""
    if len(data) > MOST_BYTES:
        wrong.append(f"{path}: larger than {MOST_BYTES} bytes")
        return ""
    from collectors.platforms.dialects import decoded

    return decoded(data)
