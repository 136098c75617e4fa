"""What the kernel does with real packets is what the proof says, for random rule sets of nft and iptables."""

from __future__ import annotations

import ipaddress
import os
import shutil
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.nft_json import read_nft_json
from collectors.platforms.linux.filter_rules.nft_text import read_nft
from scanner.facts.rules import Stage, on_axis
from scanner.packetspace.cube import ALL, CAME, FLAGS, GOES, STATE, STATES, Cube, fielded, masked
from scanner.packetspace.decide import fate_of
from scanner.packetspace.interfaces import Interfaces, interfaces_of
from scanner.packetspace.matching import Meaning
from tests.packetspace.generated import Iptables, Nft, Numbers, state
from tests.packetspace.wires import BEYOND, CABLES, ICMP, OUT, Host, Packet, host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import RuleFile

pytestmark = pytest.mark.wire

PACKETS = 40
DEEP = settings.get_profile("default").max_examples < settings().max_examples
SETS = int(os.environ.get("KERNEL_RULE_SETS", "3400" if DEEP else "100"))
"""Rule sets of each dialect."""


@pytest.fixture(scope="module")
def wired() -> Iterator[Host]:
    with host() as found:
        yield found


def cube(packet: Packet, interfaces: Interfaces) -> tuple[Cube, Stage]:
    """The one packet, where it meets the filter."""
    stage = Stage.FORWARD if packet.destination in BEYOND else Stage.INPUT
    made = masked(ALL, CAME, interfaces.mask(packet.cable))
    made = masked(made, GOES, interfaces.mask(OUT if stage is Stage.FORWARD else ""))
    made = masked(made, STATE, 1 << STATES.index(state(packet)))
    made = masked(made, FLAGS, 1 << packet.flags)
    at = [on_axis(ipaddress.ip_address(one)) for one in (packet.source, packet.destination)]
    values = (packet.protocol, *at, packet.source_port, packet.port)
    for place, value in enumerate(values):
        made = fielded(made, place, ((value, value),))
    return made, stage


def told(file: RuleFile, packet: Packet, meaning: Meaning) -> str:
    made, stage = cube(packet, meaning.interfaces)
    fates = fate_of(file, stage, [made], meaning)
    possible = [action.value for action, fate in fates.items() if fate.may]
    return possible[0] if len(possible) == 1 else f"one of {possible}"


def measured(packet: Packet, passed: set[int], answered: set[int]) -> str:
    if packet.number in passed:
        return "accept"
    return "reject" if packet.number in answered else "drop"


def disagreements(files: dict[str, RuleFile], packets: list[Packet], wired: Host) -> list[str]:
    passed, answered = wired.throw(packets)
    found = []
    for name, file in files.items():
        assert not file.unread, (name, file.unread)
        meaning = Meaning(interfaces_of(file, *CABLES, OUT))
        for packet in packets:
            said, seen = told(file, packet, meaning), measured(packet, passed, answered)
            # Nobody answers to what is broken or an answer itself: a reject looks like a drop there.
            silent = said == "reject" and seen == "drop" and not may_be_answered(packet)
            if said != seen and not silent:
                found.append(f"{name}: {packet}: we say {said}, the kernel {seen}")
    return found


def may_be_answered(packet: Packet) -> bool:
    """Whether the kernel answers a rejected packet: no reset to a reset, no error to broken or ICMP ones."""
    return packet.protocol != ICMP and state(packet).value == "new" and packet.cable == CABLES[0]


def test_nft_rule_sets(wired: Host) -> None:
    numbers, bad = Numbers(), []
    for seed in range(SETS):
        random = Random(seed)  # noqa: S311 - repeatable cases, no secret
        text = Nft(random).text()
        wired.clear()
        loaded = wired.run("nft", "-f", "-", text=text, check=False)
        assert not loaded.returncode, (seed, text, loaded.stderr)
        listed = "\n".join(
            wired.run("nft", "list", "table", *line.split()[1:3]).stdout
            for line in text.splitlines()
            if line.startswith("table")
        )
        printed = wired.run("nft", "-j", "list", "ruleset").stdout
        files = {
            "written": read_nft(text.splitlines()),
            "listed": read_nft(listed.splitlines()),
            "json": without_ours(read_nft_json(printed.splitlines())),
        }
        packets = [numbers.packet(random) for _ in range(PACKETS)]
        bad += [f"seed {seed}: {one}\n{listed}" for one in disagreements(files, packets, wired)]
        if bad:
            break
    assert not bad, bad[0]


@pytest.mark.parametrize("flavour", ["", "-legacy"])
def test_iptables_rule_sets(wired: Host, flavour: str) -> None:
    if not shutil.which(f"iptables{flavour}-restore"):
        pytest.skip(f"no iptables{flavour}-restore")
    numbers, bad = Numbers(), []
    for seed in range(SETS):
        random = Random(seed)  # noqa: S311 - repeatable cases, no secret
        wired.clear()
        read: dict[str, list[RuleFile]] = {"written": [], "saved": []}
        for six, program in ((False, "iptables"), (True, "ip6tables")):
            text = Iptables(random, six).text()
            done = wired.run(f"{program}{flavour}-restore", text=text, check=False)
            assert not done.returncode, (seed, text, done.stderr)
            saved = wired.run(f"{program}{flavour}-save", "-t", "filter").stdout
            read["written"].append(read_iptables(text.splitlines(), six=six))
            read["saved"].append(read_iptables(saved.splitlines(), six=six))
        packets = [numbers.packet(random) for _ in range(PACKETS)]
        bad += [f"seed {seed}: {one}" for one in disagreements(joined(read), packets, wired)]
        if bad:
            break
    if flavour:
        for program in ("iptables", "ip6tables"):
            wired.run(f"{program}{flavour}-restore", text="*filter\nCOMMIT\n", check=False)
    assert not bad, bad[0]


def without_ours(file: RuleFile) -> RuleFile:
    return replace(file, tables=tuple(t for t in file.tables if not t.name.endswith(" seen")))


def joined(read: dict[str, list[RuleFile]]) -> dict[str, RuleFile]:
    """Both families as one file: each packet meets its own."""
    found = {}
    for name, (four, six) in read.items():
        tables = (*four.tables, *six.tables)
        found[name] = type(four)(four.dialect, four.lines, tables, (*four.unread, *six.unread))
    return found
