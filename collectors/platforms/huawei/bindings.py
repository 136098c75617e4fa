"""Where lists hang: on interfaces, VLANs or everywhere, by traffic-filter, -policy or packet-filter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.huawei.addresses import address, taken_after_mask
from collectors.platforms.huawei.words import number
from scanner.facts.rules import Action

if TYPE_CHECKING:
    from collectors.platforms.huawei.notes import Notes
    from collectors.platforms.huawei.sections import Section
    from collectors.platforms.huawei.traffic_policy import TrafficPolicies
    from scanner.facts.rules import Spans

WAYS = {"inbound": True, "outbound": False}
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Step:
    """One list that is asked. ``drops``: whatever it matches is dropped, though it permits it.

    ``only``: one rule of it alone; ``name`` None: all packets; ``unsure``: what else it asks.
    """

    name: str | None
    six: bool
    drops: bool = False
    only: int | None = None
    unsure: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """Lists at a place: the name of an interface, ``Vlan N``, or ``*``. ``rest``: of what none matches."""

    section: Section
    place: str
    inbound: bool
    steps: tuple[Step, ...]
    rest: Action = Action.ACCEPT


@dataclass(slots=True)
class Interface:
    """An interface. ``networks``: addresses that lie directly behind it, of IPv4."""

    section: Section
    name: str
    shut: bool = False
    networks: list[Spans] = field(default_factory=list)
    six: bool = False
    routed: bool = False


def read_interfaces(outer: list[Section]) -> list[Interface]:
    """Read the interfaces."""
    found = []
    for section in outer:
        if section.starts("interface") and len(section.words) > 1:
            one = Interface(section, "".join(section.words[1:]))
            for inner in section.inner:
                _property(one, inner.words)
            found.append(one)
    return found


def _property(one: Interface, words: list[str]) -> None:
    if words == ["shutdown"]:
        one.shut = True
    elif words == ["undo", "shutdown"]:
        one.shut = False
    elif words[:2] == ["ip", "address"]:
        one.routed = True
        if len(words) > 3 and address(words[2]) is not None:
            spans, _ = taken_after_mask([words[2], "mask", words[3]])
            one.networks += [spans] if spans else []
    elif words[:1] == ["ipv6"]:
        one.six = one.six or words[1:2] in (["enable"], ["address"])
        one.routed = True


def read_bindings(
    outer: list[Section], policies: TrafficPolicies, notes: Notes, rest: Action
) -> list[Binding]:
    """Read all places where lists filter. ``rest``: what old packet filters do with what no rule matches."""
    found: list[Binding] = []
    for section in outer:
        if section.starts("interface") and len(section.words) > 1:
            found += _at(section, section.inner, "".join(section.words[1:]), policies, notes, rest)
        elif section.starts("vlan") and len(section.words) == 2 and number(section.words[1], 4094):
            found += _at(section, section.inner, f"Vlan{section.words[1]}", policies, notes, rest)
        else:
            found += _at(section, [section], EVERYWHERE, policies, notes, rest)
    return found


FILTERING = frozenset({"traffic-filter", "traffic-secure", "traffic-policy", "packet-filter"})


def _at(
    above: Section,
    lines: list[Section],
    place: str,
    policies: TrafficPolicies,
    notes: Notes,
    rest: Action,
) -> list[Binding]:
    found: list[Binding] = []
    for line in lines:
        words = line.words
        undone = words[0] == "undo"
        words = words[1:] if undone else words
        old = words[:2] == ["firewall", "packet-filter"]
        words = words[1:] if old else words
        if not words or words[0] not in FILTERING or (line is above and not _binds(words)):
            continue
        if undone:
            notes.read(line)
            found = [one for one in found if one.section.words[0] != words[0]]
            continue
        read = _binding(line, words, place, policies, rest)
        if read is None:
            notes.missed(line)
            found += [Binding(line, place, way, (Step(None, six, unsure=line.text),)) for way in (True, False)
                      for six in (False, True)]  # fmt: skip
        else:
            notes.read(line)
            found += read
    return found


def _binds(words: list[str]) -> bool:
    """Whether a line of the outermost level applies a filter: USG has sections that begin so."""
    return len(words) > 1 and bool({"inbound", "outbound"} & set(words)) and words[0] != "packet-filter"


def _binding(
    line: Section, words: list[str], place: str, policies: TrafficPolicies, rest: Action
) -> list[Binding] | None:
    ways = [WAYS[word] for word in words if word in WAYS]
    left = [word for word in words[1:] if word not in WAYS]
    if left[:1] == ["global"]:
        left = left[1:]
    if left[:1] == ["vlan"] and len(left) > 1 and number(left[1], 4094):
        place, left = f"Vlan{left[1]}", left[2:]
    if len(ways) != 1 or not left:
        return None
    if words[0] == "traffic-policy":
        steps = policies.steps(left[0], line)
        if left[1:] not in ([], ["global"]):
            return None
        if steps is None:
            policies.notes.missed(line)
            steps = [Step(None, six, unsure=line.text) for six in (False, True)]
        families = sorted({step.six for step in steps})
        return [
            Binding(line, place, ways[0], tuple(step for step in steps if step.six is six))
            for six in families
        ]
    step = _list_named(left)
    if step is None:
        return None
    return [Binding(line, place, ways[0], (step,), rest if words[0] == "packet-filter" else Action.ACCEPT)]


def _list_named(left: list[str]) -> Step | None:
    """Read ``[ipv6] [acl] [ipv6] [name] X [rule N]`` and ``ip-group X``."""
    six = "ipv6" in left[:2]
    words = [word for i, word in enumerate(left) if not (word == "ipv6" and i < 2)]
    if words[:1] in (["acl"], ["ip-group"]):
        words = words[1:]
    if words[:1] == ["name"]:
        words = words[1:]
    if len(words) == 3 and words[1] == "rule" and (only := number(words[2], 1 << 32)) is not None:
        return Step(words[0], six, only=only)
    return Step(words[0], six) if len(words) == 1 else None
