"""Translations before filters: what the kernel does with real packets is among what is answered and told."""

from __future__ import annotations

import ipaddress
import os
import shutil
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.nft_text import read_nft
from scanner.facts.rules import Stage
from scanner.packetspace.reach import Answer, Question
from scanner.packetspace.reached import reached
from scanner.packetspace.spans import holds
from tests.packetspace.test_kernel import joined, without_ours
from tests.packetspace.translated import FirstPackets, filters_of_iptables, nat_of_iptables, of_nft
from tests.packetspace.wires import BEYOND, OUT, Host, Packet, host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import RuleFile

pytestmark = pytest.mark.wire

PACKETS = 24
DEEP = settings.get_profile("default").max_examples < settings().max_examples
SETS = int(os.environ.get("TRANSLATED_RULE_SETS", "1000" if DEEP else "22"))
"""Rule sets of each dialect."""


@pytest.fixture(scope="module")
def wired() -> Iterator[Host]:
    with host() as found:
        yield found


def wrong(file: RuleFile, packet: Packet, seen: Answer) -> str:
    """What is wrong with the answer about a packet, nothing where it is right.

    A certain answer is what happened. One that is not names a rule beside the filters that may touch the
    packet; and what the filters alone say, or what is told of where it is sent, is what happened.
    """
    stage = Stage.FORWARD if packet.destination in BEYOND else Stage.INPUT
    source, destination = (ipaddress.ip_address(one) for one in (packet.source, packet.destination))
    goes = OUT if stage is Stage.FORWARD else None
    question = Question(packet.protocol, stage, packet.cable, source, destination, goes)
    told = reached(file, (packet.port,), question)
    answer = told.answers[packet.port].answer
    if answer is not Answer.UNKNOWN:
        return "" if answer is seen else f"we say {answer.value}"
    beside = [one for one in told.beside if holds(one.ports, packet.port)]
    followed = [one for one in told.followed if holds(one.ports, packet.port)]
    if not beside:
        return "unknown, and nothing beside the filters is told"
    possible = {end for one in followed for _, end in one.answers}
    if not all(one.answers for one in followed):
        return "a translation is not followed"
    alone = reached(plain(file), (packet.port,), question).answers[packet.port].answer
    ends = possible | {alone}
    return "" if seen in ends or Answer.UNKNOWN in ends else f"we tell of {sorted(ends)}"


def plain(file: RuleFile) -> RuleFile:
    """The same without its translations."""
    tables = tuple(
        table for table in file.tables if not any(base.kind.value == "nat" for base in table.bases)
    )
    return type(file)(file.dialect, file.lines, tables, file.unread, both_families=True)


def measured(packets: list[Packet], wired: Host) -> dict[Packet, Answer]:
    passed, answered = wired.throw(packets)
    return {
        packet: Answer.OPEN
        if packet.number in passed
        else Answer.REJECTED
        if packet.number in answered
        else Answer.DROPPED
        for packet in packets
    }


def compared(files: dict[str, RuleFile], packets: list[Packet], wired: Host) -> Iterator[str]:
    for packet, seen in measured(packets, wired).items():
        for name, file in files.items():
            assert not file.unread, (name, file.unread)
            if bad := wrong(file, packet, seen):
                yield f"{name}: {packet}: {bad}, the kernel {seen.value}"


def test_translations_of_nft(wired: Host) -> None:
    numbers = FirstPackets()
    for seed in range(SETS):
        random = Random(seed)  # noqa: S311 - repeatable cases, no secret
        text = of_nft(random)
        wired.clear()
        loaded = wired.run("nft", "-f", "-", text=text, check=False)
        assert not loaded.returncode, (seed, text, loaded.stderr)
        listed = wired.run("nft", "list", "ruleset").stdout
        files = {
            "written": read_nft(text.splitlines()),
            "listed": without_ours(read_nft(listed.splitlines())),
        }
        packets = [numbers.packet(random) for _ in range(PACKETS)]
        bad = list(compared(files, packets, wired))
        assert not bad, (seed, bad[0], text)


@pytest.mark.parametrize("flavour", ["", "-legacy"])
def test_translations_of_iptables(wired: Host, flavour: str) -> None:
    if not shutil.which(f"iptables{flavour}-restore"):
        pytest.skip(f"no iptables{flavour}-restore")
    numbers = FirstPackets()
    for seed in range(SETS):
        random = Random(seed)  # noqa: S311 - repeatable cases, no secret
        wired.clear()
        read: dict[str, list[RuleFile]] = {"written": [], "saved": []}
        for six, program in ((False, "iptables"), (True, "ip6tables")):
            text = nat_of_iptables(random, six=six) + filters_of_iptables(random, six=six)
            done = wired.run(f"{program}{flavour}-restore", text=text, check=False)
            assert not done.returncode, (seed, text, done.stderr)
            saved = wired.run(f"{program}{flavour}-save").stdout
            read["written"].append(read_iptables(text.splitlines(), six=six))
            read["saved"].append(read_iptables(saved.splitlines(), six=six))
        packets = [numbers.packet(random) for _ in range(PACKETS)]
        bad = list(compared(joined(read), packets, wired))
        assert not bad, (seed, bad[0], read)
    if flavour:
        for program in ("iptables", "ip6tables"):
            wired.run(f"{program}{flavour}-restore", text="*filter\nCOMMIT\n*nat\nCOMMIT\n", check=False)
