"""What the hosts show on the wire, where that contradicts them, what it costs, and whom no probe reaches."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from lab.compare import both_sides
from tests.lab import variants
from tests.probes.counting import counting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lab.conftest import Lab, Scanned

LEFT_ALONE = "plc1"
RECEIVED = (("Tcp:", "InSegs"), ("Udp:", "InDatagrams"), ("Udp:", "NoPorts"), ("Icmp:", "InMsgs"))
"""What a kernel counts of packets to itself, whether anything listens or not."""

CONTRADICTIONS = {
    "legacy": ("telnet", "legacy/inetd-files:/etc/inetd.conf", "legacy@inside/banner:tcp/23"),
    "web3": ("TLSv1", "web3/nginx-files:", "web3@inside/tls:tcp/443"),
    "app1": ("nftables", "app1/filter-files:/etc/nftables.conf", "app1/nft-ruleset"),
}
"""By host: a word of the message, where the host's own words begin, and where what shows otherwise begins."""


@pytest.mark.parametrize(("host", "planted"), CONTRADICTIONS.items())
def test_a_contradiction_is_shown_with_both_pieces_of_evidence(
    looked: Scanned, host: str, planted: tuple[str, str, str]
) -> None:
    word, said, shown = planted
    finding = looked.findings[host, "wire.agrees-with-host", ""]
    assert finding["answer"] == "no"
    assert word in finding["message"]["en"]
    assert word in finding["message"]["zh"]
    captures = [citation["capture"] for citation in finding["citations"]]
    assert [c for c in captures if c.startswith(said)], captures
    assert [c for c in captures if c.startswith(shown)], captures


def test_nobody_else_contradicts_itself(looked: Scanned) -> None:
    accused = {k[0] for k, a in looked.answers.items() if k[1] == "wire.agrees-with-host" and a == "no"}
    assert accused == set(CONTRADICTIONS)


ONE_SIDED = {
    "wire.high-risk-ports-limited": "nobody outside reaches a telnet of the lab: fw is in front of them all",
    "wire.open-ports-answer": "nothing between the lab's hosts keeps packets but what is looked at",
}


def test_every_question_of_the_wire_has_a_yes_and_a_no(looked: Scanned) -> None:
    asked = {check for _, check, _ in looked.answers if check.startswith("wire.")}
    both = set(both_sides({key[:2]: answer for key, answer in looked.answers.items()}))
    assert asked - both == set(ONE_SIDED)


def test_what_a_login_shows_is_the_same_beside_probes(audited: Scanned, looked: Scanned) -> None:
    of_logins = {key: answer for key, answer in looked.answers.items() if not key[1].startswith("wire.")}
    assert of_logins == audited.answers


def test_no_packet_reaches_the_industrial_zone(lab: Lab, looked: Scanned) -> None:
    """Counted by the controller's own kernel since its boot; that of another host shows that it counts."""
    assert _packets_to(lab, "db2") > 0
    assert _packets_to(lab, LEFT_ALONE) == 0
    assert lab.run(LEFT_ALONE, "test", "-e", "/var/log/modbus-connections").returncode == 1
    assert not [key for key in looked.answers if key[0] == LEFT_ALONE and key[1].startswith("wire.")]


def _packets_to(lab: Lab, host: str) -> int:
    """TCP, UDP and ICMP packets that the host's kernel took since its boot."""
    lines = [line.split() for line in lab.ask(host, "cat", "/proc/net/snmp").splitlines()]
    counted = {
        (names[0], name): int(count)
        for names, counts in zip(lines[::2], lines[1::2], strict=True)
        for name, count in zip(names[1:], counts[1:], strict=True)
    }
    return sum(counted[key] for key in RECEIVED)


LEFT_ALONE_ADDRESS = "10.60.4.10"
_TARGET = re.compile(r"^ +(?P<look>\S+@(?P<vantage>\S+)) -> (?P<address>\S+)$", re.MULTILINE)
_PROBE = re.compile(
    r"^ +(?P<step>[a-z-]+|sum) +<= (?P<packets>\d+) packets, (?P<connections>\d+) connections"
    r"(?P<each> \(each open port\))?",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Most:
    """What a plan announces for one probe."""

    packets: int
    connections: int
    each: bool  # open port


@dataclass(frozen=True)
class Counted:
    """What a plan announces, and what left every vantage while the scan ran."""

    targets: Mapping[str, Mapping[str, str]]  # by vantage: look and address
    most: Mapping[str, Most]  # by step, and their sum
    sent: Mapping[str, Mapping[str, Mapping[str, Any]]]  # by vantage and address


@pytest.fixture(scope="module")
def counted(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """The lab as its inventory has it, but that nobody logs in anywhere: all that is sent are probes."""
    folder = tmp_path_factory.mktemp("counted")
    inventory: dict[str, Any] = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    inventory["objects"] = [{k: v for k, v in entry.items() if k != "via"} for entry in inventory["objects"]]
    path = variants.write(inventory, folder / "inventory.yaml")
    plan = lab.posture("scan", str(path), "--plan").stdout
    targets: dict[str, dict[str, str]] = {}
    for found in _TARGET.finditer(plan):
        targets.setdefault(found["vantage"], {})[found["look"]] = found["address"]
    most = {
        found["step"]: Most(int(found["packets"]), int(found["connections"]), bool(found["each"]))
        for found in _PROBE.finditer(plan)
    }
    with ExitStack() as stack:
        sent = {
            vantage["name"]: stack.enter_context(
                counting(
                    vantage.get("prefix", lab.inside()),
                    *targets[vantage["name"]].values(),
                    LEFT_ALONE_ADDRESS,
                )
            )
            for vantage in inventory["vantages"]
        }
        lab.scan(path, folder / "lab.run")
    return Counted(targets, most, sent)


def test_the_plan_was_understood_whole(lab: Lab, counted: Counted) -> None:
    looks = {f"{host}@{vantage}" for host in lab.hosts for vantage in ("inside", "outside")}
    assert {look for targets in counted.targets.values() for look in targets} == looks
    steps = "ports-tcp ports-udp banner tls ssh openvpn-tcp openvpn ike snmp ip-protocols sum"
    assert set(counted.most) == set(steps.split())


def test_no_target_gets_more_than_the_plan_announces(counted: Counted) -> None:
    total = counted.most["sum"]
    for vantage, targets in counted.targets.items():
        for look, address in targets.items():
            sent = counted.sent[vantage][address]
            assert 1000 < sent["packets"] <= total.packets, look
            assert sent["connections"] <= total.connections, look


def test_no_probe_sends_more_than_the_plan_announces(counted: Counted) -> None:
    """By what tells probes apart on the wire: open ports, other ports, datagrams, IP protocols."""
    most = counted.most
    to_a_port = [m for m in most.values() if m.each]
    swept_twice = 2 * 2  # a question and what ends the connection, twice
    datagrams = sum(most[step].packets for step in ("ports-udp", "openvpn", "ike", "snmp"))
    conversations = 0
    for vantage, targets in counted.targets.items():
        for look, address in targets.items():
            sent = counted.sent[vantage][address]
            packets, made = sent["packets_to"], sent["connections_to"]
            conversations += sum(made.values())
            for port in made:
                assert packets[port] <= swept_twice + sum(m.packets for m in to_a_port), (look, port)
                assert made[port] <= sum(m.connections for m in to_a_port), (look, port)
            quiet = sum(n for to, n in packets.items() if to.startswith("tcp/") and to not in made)
            assert quiet <= most["ports-tcp"].packets, look
            udp = sum(n for to, n in packets.items() if to.startswith("udp/")) + packets.get("icmp", 0)
            assert udp <= datagrams, look
            bare = sum(n for to, n in packets.items() if to.startswith("ip/"))
            assert bare <= most["ip-protocols"].packets, look
    assert conversations > 20, "somebody was spoken to"


def test_nothing_at_all_is_sent_to_who_is_left_alone(counted: Counted) -> None:
    assert {vantage: sent[LEFT_ALONE_ADDRESS]["packets"] for vantage, sent in counted.sent.items()} == {
        "inside": 0,
        "outside": 0,
    }
