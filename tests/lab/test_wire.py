"""What the hosts show on the wire, where that contradicts them, and whom no probe ever reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.compare import both_sides

if TYPE_CHECKING:
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


def test_every_question_of_the_wire_has_a_yes_and_a_no(looked: Scanned) -> None:
    asked = {check for _, check, _ in looked.answers if check.startswith("wire.")}
    assert asked
    assert asked <= set(both_sides({key[:2]: answer for key, answer in looked.answers.items()}))


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
