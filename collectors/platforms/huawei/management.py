"""Who may log in and ask by SNMP: lists on virtual terminals, SSH and Telnet servers, SNMP communities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.huawei.bindings import Step
from collectors.platforms.huawei.words import number
from scanner.facts.rules import Action, Base, Field, FilterRule, Flaw, Kind, Stage, Within

if TYPE_CHECKING:
    from collectors.platforms.huawei.lists import ListTable
    from collectors.platforms.huawei.notes import Notes
    from collectors.platforms.huawei.sections import Section
    from scanner.facts.rules import Condition

RESERVED_LINE = 16
"""Virtual terminals from here on are kept for network management systems and take no ordinary login.

So say guides of the S series; not held against a device: their lists are read, their lack is no finding.
"""

SSH, TELNET, SNMP = "ssh", "telnet", "snmp"
PORTS = {SSH: 22, TELNET: 23, SNMP: 161}


@dataclass(frozen=True, slots=True)
class Guarded:
    """A way in. ``lists``: inbound ones by family; ``sure``: they alone decide for ``services``."""

    section: Section
    label: str
    services: tuple[str, ...]
    lists: dict[bool, str]
    sure: bool


def read_management(outer: list[Section], notes: Notes, *, six: bool, zoned: bool) -> list[Guarded]:
    """Read all ways in. ``six``: the device speaks IPv6; ``zoned``: a policy for the device itself exists.

    Without a list every source is taken, which is told of devices that no zones guard.
    """
    servers = _servers(outer, notes)
    found = [one for section in outer if (one := _terminal(section, notes)) is not None]
    for one in found:
        first = re.search(r"\d+", one.section.text)
        if zoned or (first and int(first[0]) >= RESERVED_LINE) or not one.services:
            continue
        bare = [
            one.label + (" IPv6" if family else "")
            for family in ((False, True) if six else (False,))
            if family not in one.lists and not all((service, family) in servers for service in one.services)
        ]
        if bare:
            notes.flaw(Flaw.MANAGEMENT, one.section, *bare)
    ordinary = [one for one in found if not _reserved(one)]
    alike = len({tuple(sorted(one.lists.items())) for one in ordinary}) == 1 and not servers
    guarded = [
        Guarded(one.section, one.label, one.services, one.lists, alike and not _reserved(one))
        for one in found
    ]
    return [
        *(one for one in guarded if not (_reserved(one) and ordinary)),
        *servers.values(),
        *_snmp(outer, notes, zoned=zoned),
    ]


def _reserved(one: Guarded) -> bool:
    first = re.search(r"\d+", one.section.text)
    return first is not None and int(first[0]) >= RESERVED_LINE


def _terminal(section: Section, notes: Notes) -> Guarded | None:
    if not section.starts("user-interface", "vty"):
        return None
    notes.read(section)
    lists: dict[bool, str] = {}
    services: tuple[str, ...] = (SSH, TELNET)
    for inner in section.inner:
        words = inner.words
        if words[:2] == ["protocol", "inbound"] and len(words) == 3:
            services = {"all": (SSH, TELNET), SSH: (SSH,), TELNET: (TELNET,)}.get(words[2], ())
        elif words[0] == "acl" and words[-1] in {"inbound", "outbound"}:
            family = "ipv6" in words
            names = [word for word in words[1:-1] if word not in {"ipv6", "acl-name", "name"}]
            if len(names) != 1:
                notes.missed(inner)
            else:
                notes.read(inner)
                if words[-1] == "inbound":
                    lists[family] = names[0]
        elif "acl" in words:
            notes.missed(inner)
    return Guarded(section, section.text.removeprefix("user-interface "), services, lists, sure=True)


_SERVER = re.compile(
    r"(ssh|telnet)(?: (ipv6))? server acl (?:(ipv6) )?(\S+)$|(http) (?:secure-)?(?:server )?acl"
)


def _servers(outer: list[Section], notes: Notes) -> dict[tuple[str, bool], Guarded]:
    found: dict[tuple[str, bool], Guarded] = {}
    for section in outer:
        match = _SERVER.match(section.text)
        if match and match[1]:
            notes.read(section)
            six = bool(match[2] or match[3])
            found[match[1], six] = Guarded(section, section.text, (match[1],), {six: match[4]}, sure=False)
    return found


def _snmp(outer: list[Section], notes: Notes, *, zoned: bool) -> list[Guarded]:
    lines = [section for section in outer if section.starts("snmp-agent")]
    everywhere = next((one for one in lines if one.starts("snmp-agent", "acl") and len(one.words) == 3), None)
    communities = [one for one in lines if one.starts("snmp-agent", "community")]
    if everywhere is not None:
        notes.read(everywhere)
        return [Guarded(everywhere, "SNMP", (SNMP,), {False: everywhere.words[2]}, sure=True)]
    open_to_all = [one for one in communities if "acl" not in one.words]
    for one in open_to_all:
        if not zoned:
            # The line holds a secret, so that it is not shown.
            notes.flaw(Flaw.MANAGEMENT, one, "SNMP", text=" ".join([*one.words[:3], "***"]))
    limited = [one for one in lines if "acl" in one.words]
    return [
        Guarded(one, "SNMP", (SNMP,), {"ipv6" in one.words: _after_acl(one.words)}, sure=False)
        for one in limited
    ]


def _after_acl(words: list[str]) -> str:
    after = [word for word in words[words.index("acl") + 1 :] if word != "ipv6"]
    return after[0] if after else ""


def server_ports(outer: list[Section]) -> dict[str, int]:
    """Return the ports at which servers listen."""
    found = dict(PORTS)
    for section in outer:
        match = re.match(r"(ssh|telnet) server port (\d{1,5})$", section.text)
        if match and (told := number(match[2], 65535)):
            found[match[1]] = told
    return found


def _listening(one: Guarded) -> tuple[str, ...]:
    """A list of a terminal holds for whatever logs in there, also for what it does not take."""
    return (SSH, TELNET) if one.section.starts("user-interface") else one.services


def guard(table: ListTable, ways: list[Guarded], ports: dict[str, int]) -> None:
    """Add the lists of the table's family: what they do not permit does not get in.

    With an undefined or empty list nobody can tell: releases differ.
    """
    for one in ways:
        name = one.lists.get(table.six)
        if not name or not one.services:
            continue
        asked: tuple[Condition, ...] = (
            Within(Field.PROTOCOL, ((17, 17),) if one.services == (SNMP,) else ((6, 6),)),
            Within(
                Field.PORT, tuple((p, p) for p in sorted({ports[service] for service in _listening(one)}))
            ),
        )
        acl = table.acls.find(name, six=table.six)
        sure = one.sure and acl is not None and bool(acl.rules)
        step = Step(name, table.six, unsure="" if sure else one.label)
        shown = one.section.text if one.services != (SNMP,) else one.label
        rest = FilterRule(
            one.section.line,
            shown,
            asked,
            Action.DROP if sure else Action.ANYTHING,
            unread=() if sure else (one.label,),
            implied=True,
        )
        chain = f"{one.label} line {one.section.line}"
        base = Base(chain, Stage.INPUT, Action.ACCEPT, one.section.line, kind=Kind.PART)
        asks = table.asks(step, one.section, asked)
        table.add(chain, [FilterRule(asks.line, shown, asks.conditions, asks.action, asks.target, asks.unread,
                                     implied=True), rest], base)  # fmt: skip
