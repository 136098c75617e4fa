"""Loaded rules, to be proved: nft's, iptables' own words for tables that it manages, and the old ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.nft_json import read_nft_json
from collectors.platforms.linux.filter_rules.nft_text import read_nft
from collectors.platforms.linux.nft_files import pieces_of
from collectors.platforms.linux.publishers import RUNNING, maker_of, published_by
from scanner.facts import Family, Maker, Part, Rules
from scanner.facts.rules import RuleFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document
    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import FilterTable

_SETS = re.compile(r"--match-set (\S+)")

MOST_RULES = 5_000
"""More rules are not proved: memory and time."""


@dataclass(slots=True)
class Gathering:
    """Tables of several documents, lines counted on from one to the next."""

    tables: list[FilterTable] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    lines: int = 0
    most: int = MOST_RULES

    def add(self, document: Document, tables: tuple[FilterTable, ...]) -> None:
        """Take tables that were read from a document."""
        self.parts.append(Part(document.ref, self.lines))
        self.tables += [_moved(table, self.lines) for table in tables]
        self.lines += max(1, len(document.lines))

    def add_files(self, files: Mapping[str, Document]) -> bool:
        """Take what nft's files load, those they include as well; False: that is not certain."""
        pieces = pieces_of(files)
        if pieces is None:
            return False
        read = read_nft([line for piece in pieces for line in piece.lines], complete=True)
        if read.unread:
            return False
        self.tables += [_moved(table, self.lines) for table in read.tables]
        for piece in pieces:
            self.parts.append(Part(piece.document.ref, self.lines, piece.skipped))
            self.lines += len(piece.lines)
        return True

    def rules(self, dialect: str = "loaded") -> Rules | None:
        """All of them as one; None where they are too many."""
        if sum(len(chain.rules) for table in self.tables for chain in table.chains) > self.most:
            return None
        file = RuleFile(dialect, self.lines, tuple(self.tables), (), both_families=True)
        return Rules(file, tuple(self.parts), tuple(_makers(file)), frozenset(_passing(file)))


def rules_of_file(file: RuleFile) -> Rules:
    """A file as rules that may be loaded: what programs wrote of it is known by the chains they make."""
    return Rules(file, (Part("", 0),), tuple(_makers(file)), frozenset(_passing(file)))


def programs_of(file: RuleFile) -> tuple[str, ...]:
    """Programs whose chains or tables a file has, in its order."""
    named = [(table.name, chain.name) for table in file.tables for chain in table.chains]
    return tuple(dict.fromkeys(program for table, chain in named if (program := maker_of(table, chain))))


def nft_tables(document: Document) -> tuple[FilterTable, ...]:
    """Tables of ``nft -j list ruleset``."""
    return read_nft_json(list(document.lines), complete=True).tables


def iptables_tables(
    document: Document, family: Family, sets: Mapping[str, IpSet] | None = None
) -> tuple[FilterTable, ...]:
    """Tables of a dump of iptables; ``sets``: those that its rules may name."""
    six = family is Family.IPV6
    return read_iptables(list(document.lines), six=six, sets=sets, complete=True).tables


NFT_FAMILIES = {Family.IPV4: "ip", Family.IPV6: "ip6"}


def without(
    tables: tuple[FilterTable, ...], family: Family, managed: tuple[FilterTable, ...]
) -> tuple[FilterTable, ...]:
    """Leave out nft's view of tables that iptables showed in its own words (``managed``)."""
    shown = {f"{NFT_FAMILIES[family]} {table.name}" for table in managed}
    return tuple(table for table in tables if table.name not in shown)


def _moved(table: FilterTable, by: int) -> FilterTable:
    if not by:
        return table
    chains = tuple(
        replace(
            chain,
            line=chain.line + by,
            rules=tuple(replace(rule, line=rule.line + by) for rule in chain.rules),
        )
        for chain in table.chains
    )
    return replace(
        table, chains=chains, bases=tuple(replace(base, line=base.line + by) for base in table.bases)
    )


def _passing(file: RuleFile) -> Iterator[tuple[int, str]]:
    """Base chains in tables of programs, and rules that lead into their chains."""
    for table in file.tables:
        if maker_of(table.name, "") in RUNNING:
            yield from ((base.line, base.chain) for base in table.bases)
        for chain in table.chains:
            for rule in chain.rules:
                if any(maker_of("", name) in RUNNING for name in (rule.target, *_SETS.findall(rule.text))):
                    yield rule.line, rule.text


def _makers(file: RuleFile) -> Iterator[Maker]:
    for table in file.tables:
        for chain in table.chains:
            for rule in chain.rules:
                if rule.translation is not None and (
                    program := published_by(table.name, chain.name, rule.text)
                ):
                    yield Maker(rule.line, rule.text, program)
