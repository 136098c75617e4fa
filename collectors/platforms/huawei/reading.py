"""A configuration of a Huawei device as filters in no vendor's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.platforms.huawei.access_management import managed, open_management
from collectors.platforms.huawei.acl import read_acls, unused_acls
from collectors.platforms.huawei.bindings import read_bindings, read_interfaces
from collectors.platforms.huawei.capture import captured
from collectors.platforms.huawei.lists import ListTable, bind
from collectors.platforms.huawei.management import guard, read_management, server_ports
from collectors.platforms.huawei.nat import read_translations
from collectors.platforms.huawei.notes import Notes
from collectors.platforms.huawei.objects import read_objects
from collectors.platforms.huawei.placing import misplaced
from collectors.platforms.huawei.policies import interzone_policy, security_policy, unknown_policy
from collectors.platforms.huawei.policy_rule import Vocabulary
from collectors.platforms.huawei.sections import sections
from collectors.platforms.huawei.traffic_policy import read_traffic_policies
from collectors.platforms.huawei.zones import read_zones
from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Action,
    Base,
    Chain,
    FilterTable,
    Flaw,
    Flawed,
    RuleFile,
    Stage,
)

if TYPE_CHECKING:
    from collectors.platforms.huawei.bindings import Interface
    from collectors.platforms.huawei.management import Guarded
    from collectors.platforms.huawei.sections import Section
    from collectors.platforms.huawei.zones import Zones

VRP, USG = "huawei-vrp", "huawei-usg"

_HEADS = re.compile(
    r"^\s*(?:sysname \S|acl (?:number |name |ipv6 |\d{4}\b)|firewall zone |security-policy\s*$|"
    r"user-interface |policy interzone |ip address-set |traffic (?:classifier|policy) |"
    r"interface (?:Gig|Vlanif|Eth|XGig|\d+GE|MEth|LoopBack|NULL))",
    re.MULTILINE,
)
_FRAME = re.compile(r"^(?:#|return)\s*$", re.MULTILINE)
_OTHERS = re.compile(
    r"^\s*(?:version \d+\.\d|hostname \S|security-zone name |user-role |interface Vlan-interface|line vty |"
    r"acl (?:basic|advanced) )|^\s*table \w+",
    re.MULTILINE,
)


def looks_like_huawei(text: str) -> bool:
    """Whether a text is a configuration of VRP or USG, and not one of H3C or Cisco, which look alike."""
    return bool(_HEADS.search(text) and _FRAME.search(text)) and not _OTHERS.search(text)


def read_huawei(lines: list[str]) -> RuleFile:
    """Read a configuration as ``display current-configuration`` prints it."""
    whole = captured(lines)
    notes = Notes()
    outer = _own_system(sections(whole.lines), notes)
    cut = not whole.complete or bool(notes.unread)
    open_section = outer[-1] if outer and cut else None
    interfaces = read_interfaces(outer)
    zones = read_zones(outer, notes)
    known = Vocabulary(zones, read_objects(outer, notes, open_section), notes)
    tables = _lists(outer, notes, interfaces, open_section, zones)
    places = {name for table in tables for base in table.bases for name in base.devices}
    policy = _policy(outer, known, cut=cut)
    translations = read_translations(outer, known, cut=cut)
    tables += [one for one in (policy, translations.table()) if one is not None]
    if cut:
        tables.append(_unseen(len(lines)))
    _overlooked(outer, notes)
    return RuleFile(
        VRP if policy is None else USG,
        len(lines),
        tuple(tables),
        tuple(sorted([*whole.unread, *notes.unread], key=lambda one: one.line)),
        both_families=not cut,
        interfaces=tuple(dict.fromkeys([*(one.name for one in interfaces), *sorted(places)])),
        zones=zones.listed(),
        flaws=_lasting(notes.flaws, lines, cut=not whole.complete) if cut else tuple(notes.flaws),
        published=tuple(translations.published),
        within=len(notes.within),
        forwards=True,
        cut=cut,
    )


def _policy(outer: list[Section], known: Vocabulary, *, cut: bool) -> FilterTable | None:
    """What passes between zones; None where there are none."""
    first = managed(outer, known.notes)
    found = security_policy(outer, known, first, cut=cut) or interzone_policy(outer, known, first, cut=cut)
    return found or (unknown_policy(known) if known.zones.by_name else None)


def _own_system(outer: list[Section], notes: Notes) -> list[Section]:
    """Return the sections of the device itself: those of virtual systems follow it and are not understood."""
    for i, section in enumerate(outer):
        if section.starts("switch", "vsys"):
            notes.missed(section)
            return outer[:i]
    return outer


_FILTERING = frozenset({"packet-filter", "traffic-filter", "traffic-secure"})


def _overlooked(outer: list[Section], notes: Notes) -> None:
    """Tell of lines that speak of filters and that nobody read."""
    for section in outer:
        for one in section.all():
            words = one.words
            speaks = bool(_FILTERING & set(words[:3])) or (one is section and words[0] in {"rule", "policy"})
            if speaks and one.line not in notes.within and words[-2:] != ["basic-protocol", "enable"]:
                notes.missed(one)


def _lasting(flaws: list[Flawed], lines: list[str], *, cut: bool) -> tuple[Flawed, ...]:
    """What is wrong whatever the missing part says, and that the end is missing if it is."""
    end = (Flawed(Flaw.CUT, len(lines), lines[-1] if lines else "", ()),) if cut else ()
    return (*(one for one in flaws if one.flaw is Flaw.CYCLE), *end)


def _lists(
    outer: list[Section],
    notes: Notes,
    interfaces: list[Interface],
    open_section: Section | None,
    zones: Zones,
) -> list[FilterTable]:
    """ACLs where they are used: on interfaces, and to guard management."""
    acls = read_acls(outer, notes, open_section)
    bindings = read_bindings(outer, read_traffic_policies(outer, notes), notes, _rest(outer))
    six = any(one.text == "ipv6" for one in outer) or any(one.six for one in interfaces)
    ways = read_management(outer, notes, six=six, zoned=bool(zones.by_name))
    open_management(outer, zones, _guarded(ways), notes)
    ports = server_ports(outer)
    found = []
    for family in (False, True):
        table = ListTable(acls, notes, family)
        bind(table, bindings, interfaces, open_section)
        guard(table, ways, ports)
        if table.bases:
            found.append(table.table())
    misplaced(bindings, interfaces, acls, notes)
    unused_acls(acls, outer, notes)
    return found


def _guarded(ways: list[Guarded]) -> frozenset[str]:
    return frozenset(service for one in ways if one.lists for service in one.services)


def _rest(outer: list[Section]) -> Action:
    """What old packet filters do with packets that no rule takes: only told where the file says it."""
    for section in outer:
        if section.text in {"firewall default deny", "firewall default permit"}:
            return Action.DROP if section.text.endswith("deny") else Action.ACCEPT
    return Action.ANYTHING


def _unseen(line: int) -> FilterTable:
    """What the missing end of a file may do to all that passes so far."""
    name = "the missing end"
    bases = tuple(
        Base(name, stage, Action.ANYTHING, line) for stage in (Stage.INPUT, Stage.FORWARD, Stage.OUTPUT)
    )
    return FilterTable(name, (V4_SPANS, V6_SPANS), (Chain(name, line, ()),), bases)
