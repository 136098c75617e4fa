"""``service-manage``: which ways of management an interface of a firewall takes, before any policy is asked.

Where it is on, as it is unless undone, a permitted service needs no policy, and another is dropped whatever
the policy says. Read so where a file shows it at all: older firewalls have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import Action, Either, Field, FilterRule, Flaw, Side, Through, Within

if TYPE_CHECKING:
    from collectors.platforms.huawei.notes import Notes
    from collectors.platforms.huawei.sections import Section
    from collectors.platforms.huawei.zones import Zones
    from scanner.facts.rules import Condition

Option = tuple["Condition", ...]


def _tcp(*ports: int) -> tuple[Option, ...]:
    return ((Within(Field.PROTOCOL, ((6, 6),)), Within(Field.PORT, tuple((p, p) for p in ports))),)


SERVICES: dict[str, tuple[Option, ...]] = {
    "http": _tcp(80),
    "https": _tcp(443, 8443),
    "ssh": _tcp(22),
    "telnet": _tcp(23),
    "netconf": _tcp(830),
    "snmp": ((Within(Field.PROTOCOL, ((17, 17),)), Within(Field.PORT, ((161, 161),))),),
    "ping": (
        (Within(Field.PROTOCOL, ((1, 1),)), Within(Field.PORT, ((8 * 256, 8 * 256 + 255),))),
        (Within(Field.PROTOCOL, ((58, 58),)), Within(Field.PORT, ((128 * 256, 128 * 256 + 255),))),
    ),
}
"""HTTPS of the web pages is at either port, by release."""


def managed(outer: list[Section], notes: Notes) -> list[FilterRule]:
    """Return the rules for what comes to the device itself, to be asked before the policy; none: not told."""
    interfaces = [one for one in outer if one.starts("interface") and len(one.words) > 1]
    if not any(inner.starts("service-manage") for one in interfaces for inner in one.inner):
        return []
    rules: list[FilterRule] = []
    free: list[str] = []
    for section in interfaces:
        name = "".join(section.words[1:])
        for inner in section.inner:
            if inner.text == "undo service-manage enable":
                notes.read(inner)
                free.append(name)
            elif inner.starts("service-manage"):
                rules += _permits(inner, name, notes)
    every = tuple(option for options in SERVICES.values() for option in options)
    line = rules[0].line if rules else interfaces[0].line
    others: Option = (Through(Side.IN, tuple(free), negated=True),) if free else ()
    rest = FilterRule(line, "service-manage", (*others, Either(every)), Action.DROP, implied=True)
    return [*rules, rest]


LOW_TRUST = 50
"""Interfaces in zones below that priority face others."""


def open_management(outer: list[Section], zones: Zones, guarded: frozenset[str], notes: Notes) -> None:
    """Tell of management that an interface takes from everybody in a zone of low trust.

    ``guarded``: services that have a list of their own.
    """
    outside = {
        name
        for zone in zones.listed()
        if zone.priority is not None and zone.priority < LOW_TRUST
        for name in zone.interfaces
    }
    for section in outer:
        if section.starts("interface") and "".join(section.words[1:]) in outside:
            for inner in section.inner:
                words = inner.words
                taken = words[0] == "service-manage" and words[-1] == "permit" and len(words) == 3
                if taken and words[1] not in {"ping", *guarded}:
                    notes.flaw(Flaw.MANAGEMENT, inner, words[1], "".join(section.words[1:]))


def _permits(inner: Section, name: str, notes: Notes) -> list[FilterRule]:
    words = inner.words[1:]
    if words == ["enable"]:
        notes.read(inner)
        return []
    services = list(SERVICES) if words[:1] == ["all"] else words[:1]
    if len(words) != 2 or words[1] not in {"permit", "deny"} or not set(services) <= set(SERVICES):
        notes.missed(inner)
        return []
    notes.read(inner)
    action = Action.ACCEPT if words[1] == "permit" else Action.DROP
    return [
        FilterRule(inner.line, inner.text, (Through(Side.IN, (name,)), *asked), action)
        for service in services
        for asked in SERVICES[service]
    ]
