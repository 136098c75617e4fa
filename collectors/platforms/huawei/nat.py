"""Address translation: servers that are offered outside, and policies that change destinations."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.huawei.addresses import address
from collectors.platforms.huawei.policy_rule import read_policy_rule, ruled
from collectors.platforms.huawei.words import number, port, protocol
from scanner.facts.rules import (
    V4_SPANS,
    V6_SPANS,
    Action,
    Base,
    Chain,
    Field,
    FilterRule,
    FilterTable,
    Kind,
    Published,
    Side,
    Stage,
    Translation,
    Within,
    on_axis,
)

if TYPE_CHECKING:
    from collectors.platforms.huawei.policy_rule import Vocabulary
    from collectors.platforms.huawei.sections import Section
    from scanner.facts.rules import Condition, Spans


@dataclass(slots=True)
class Translations:
    """Rules that change where packets go, and what they offer outside."""

    rules: list[FilterRule] = field(default_factory=list)
    published: list[Published] = field(default_factory=list)

    def table(self) -> FilterTable | None:
        """Return them as a table; None where there are none."""
        if not self.rules:
            return None
        chain = Chain("nat", self.rules[0].line, tuple(self.rules))
        base = Base("nat", Stage.PREROUTING, Action.ACCEPT, chain.line, kind=Kind.NAT)
        return FilterTable("nat", (V4_SPANS, V6_SPANS), (chain,), (base,))


def read_translations(outer: list[Section], known: Vocabulary, *, cut: bool) -> Translations:
    """Read ``nat server`` lines, everywhere and on interfaces, and the rules of ``nat-policy``."""
    found = Translations()
    for section in outer:
        lines = section.inner if section.starts("interface") else [section]
        for line in lines:
            if line.starts("nat", "server"):
                _server(line, known, found)
            elif line.starts("nat") and len(line.words) > 1 and line.words[1] in {"outbound", "static"}:
                known.notes.read(line)
        if section.text == "nat-policy":
            _policy(section, known, found, cut=cut)
    return found


ACTIONS = frozenset({"source-nat", "destination-nat", "no-nat", "nat", "no-pat"})

SKIPPED = frozenset({"no-reverse", "unr-route", "no-pat", "description"})
VALUED = frozenset({"vrrp", "vpn-instance", "acl"})


def _server(line: Section, known: Vocabulary, found: Translations) -> None:
    """Read ``nat server [NAME] [ID] [zone Z] [protocol P] global A [B] [PORT [PORT]] inside A [B] ...``."""
    words = line.words[2:]
    if "global" not in words or "inside" not in words or words.index("global") > words.index("inside"):
        known.notes.missed(line)
        found.rules.append(_unknown(line))
        return
    head = words[: words.index("global")]
    outside = words[words.index("global") + 1 : words.index("inside")]
    inside = _ended(words[words.index("inside") + 1 :])
    kind = protocol(head[head.index("protocol") + 1]) if "protocol" in head[:-1] else None
    to, within = _end(outside, kind), _end(inside, kind)
    if within is None or ("protocol" in head and kind is None):
        known.notes.missed(line)
        found.rules.append(_unknown(line))
        return
    known.notes.read(line)
    asked: list[Condition] = [Within(Field.PROTOCOL, ((kind, kind),))] if kind is not None else []
    becomes = {one.field: one.spans for one in within if isinstance(one, Within)}
    translation = Translation(
        Field.DESTINATION, becomes.get(Field.DESTINATION, ()), becomes.get(Field.PORT, ())
    )
    found.rules.append(
        FilterRule(
            line.line,
            line.text,
            (*asked, *(to or ())),
            Action.TRANSLATE,
            unread=() if to else (line.text,),
            translation=translation,
        )
    )
    zone = head[head.index("zone") + 1] if "zone" in head[:-1] else None
    came = None if zone is None else known.zones.through(Side.IN, [zone], line, known.notes)
    found.published.append(Published(line.line, line.text, (*asked, *within, *((came,) if came else ()))))


def _unknown(line: Section) -> FilterRule:
    return FilterRule(line.line, line.text, (), Action.TRANSLATE, unread=(line.text,))


def _ended(words: list[str]) -> list[str]:
    """Words up to the options that stand at the end."""
    end = next((i for i, word in enumerate(words) if word in SKIPPED | VALUED), len(words))
    return words[:end]


def _end(words: list[str], kind: int | None) -> tuple[Condition, ...] | None:
    """Read one or two addresses and one or two ports; None where it says them otherwise."""
    addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = []
    while words and len(addresses) < 2 and (one := address(words[0])) is not None:
        addresses.append(one)
        words = words[1:]
    if not addresses or addresses[0].version != addresses[-1].version:
        return None
    spans: Spans = ((on_axis(addresses[0]), on_axis(addresses[-1])),)
    if spans[0][0] > spans[0][1]:
        return None
    found: list[Condition] = [Within(Field.DESTINATION, spans)]
    if words and words[0] not in {"any", "0"}:
        ports = [port(word, kind) if kind else number(word, 65535) for word in words if word != "to"]
        low, high = ports[0], ports[-1]
        if low is None or high is None or low > high or len(ports) > 2:
            return None
        found.append(Within(Field.PORT, ((low, high),)))
    return tuple(found)


def _policy(section: Section, known: Vocabulary, found: Translations, *, cut: bool) -> None:
    """Source addresses change after the filter; destinations before, which is all that is told here."""
    known.notes.read(section)
    for inner in section.inner:
        for one in inner.all():
            known.notes.read(one)
        actions = [one for one in inner.inner if one.words[0] == "action"]
        for one in actions:
            if not ACTIONS & set(one.words[1:2]):
                known.notes.missed(one)
                found.rules.append(_unknown(one))
        if any("destination-nat" in one.words for one in actions):
            told = [one for one in inner.inner if one not in actions]
            read = read_policy_rule(type(inner)(inner.line, inner.text, told), known)
            if not read.disabled:
                rule = ruled(read, known, cut=cut)
                found.rules.append(
                    FilterRule(rule.line, rule.text, rule.conditions, Action.TRANSLATE, unread=rule.unread)
                )
