"""What is proved of a host's own filter is what others really reach: real sockets, real connections."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.reading import read_fact
from scanner.derive.filter_proof import filter_proof
from scanner.facts import FactSheet, Family, Listeners, PacketFilter, ProvenFilter, Sources
from tests.collecting.asking import ask
from tests.packetspace.connecting import listening, reached

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.wire

IP = shutil.which("ip") or "/sbin/ip"
NEEDED = ("nft", "iptables-nft-restore", "iptables-nft-save", "ss")
OWN = (22, 443, 3306, 6379)
PUBLISHED = 8080
ADDRESS = {Family.IPV4: "10.71.1.1", Family.IPV6: "fd71:1::1"}

ENGINE = """*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.31.0.0/24 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.31.0.2:80
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 10.60.1.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A FORWARD -j DOCKER-USER
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER -d 172.31.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-USER {users}
COMMIT
"""

NFT = """flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ct state established,related accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    tcp dport 443 accept
    ip saddr 10.60.1.0/24 tcp dport 22 accept
    meta nfproto ipv6 tcp dport 3306 accept
    tcp dport 6379 reject
  }
}
"""


@dataclass(frozen=True)
class Wired:
    """Namespaces of a host, of somebody outside, and of a container behind the host."""

    host: str
    outside: str

    def run(self, *argv: str, text: str = "") -> None:
        subprocess.run((IP, "netns", "exec", self.host, *argv), input=text, text=True, check=True)

    def proof(self) -> ProvenFilter:
        """What is proved from what the host says of itself, asked as any host is."""
        readers = [r for r in PLATFORM.readers if r.fact in {PacketFilter, Listeners}]
        steps = list(dict.fromkeys(step for reader in readers for step in reader.steps))
        records = ask(steps, prefix=(IP, "netns", "exec", self.host))
        evidence = Evidence.of("host", PLATFORM, records)
        proof = filter_proof(FactSheet("host", {r.fact: read_fact(r, evidence) for r in readers}))
        assert isinstance(proof, ProvenFilter), proof
        return proof


def _ip(*argv: str) -> None:
    subprocess.run((IP, *argv), check=True, capture_output=True)


def _cable(one: str, two: str, names: tuple[str, str], net: tuple[str, str]) -> None:
    _ip("link", "add", names[0], "netns", one, "type", "veth", "peer", "name", names[1], "netns", two)
    for nth, (space, name) in enumerate(zip((one, two), names, strict=True), 1):
        _ip("-n", space, "addr", "add", f"{net[0]}.{nth}/24", "dev", name)
        _ip("-n", space, "addr", "add", f"{net[1]}::{nth}/64", "dev", name, "nodad")
        _ip("-n", space, "link", "set", name, "up")


@pytest.fixture(scope="module")
def wired() -> Iterator[Wired]:
    if os.geteuid() or not Path(IP).exists() or not all(map(shutil.which, NEEDED)):
        pytest.skip("needs root, ip, nft and iptables")
    mark = secrets.token_hex(3)
    host, outside, container = (f"hfl{mark}{letter}" for letter in "hoc")
    try:
        made = subprocess.run((IP, "netns", "add", host), capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"no network namespaces: {made.stderr.strip()}")
        _ip("netns", "add", outside)
        _ip("netns", "add", container)
        for space in (host, outside, container):
            _ip("-n", space, "link", "set", "lo", "up")
        _cable(host, outside, ("eth0", "eth0"), ("10.71.1", "fd71:1"))
        _cable(host, container, ("docker0", "eth0"), ("172.31.0", "fd71:2"))
        _ip("-n", container, "route", "add", "default", "via", "172.31.0.1")
        found = Wired(host, outside)
        found.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        with (
            listening((IP, "netns", "exec", host), OWN),
            listening((IP, "netns", "exec", container), (80,)),
        ):
            yield found
    finally:
        for space in (host, outside, container):
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip("netns", "del", space)


def _agree(wired: Wired) -> ProvenFilter:
    """Every socket and published port fares as proved; nothing is left open to doubt."""
    proof = wired.proof()
    told = {(ADDRESS[p.family], p.port): p.sources for p in proof.ports or ()}
    assert set(told) == {(address, port) for address in ADDRESS.values() for port in OWN}
    told |= {(ADDRESS[p.family], p.port): p.sources for p in proof.published}
    assert Sources.UNKNOWN not in told.values()
    open_ = {place for place, sources in told.items() if sources is Sources.ANYWHERE}
    outside = (IP, "netns", "exec", wired.outside)
    assert reached(outside, told, open_) == open_
    return proof


@pytest.mark.parametrize(
    ("users", "sources"),
    [("-j RETURN", Sources.ANYWHERE), ("! -s 10.60.1.0/24 -j DROP", Sources.NAMED)],
)
def test_a_published_port_and_ipv6_left_open(wired: Wired, users: str, sources: Sources) -> None:
    wired.run("nft", "flush", "ruleset")
    wired.run("iptables-nft-restore", text=ENGINE.format(users=users))
    wired.run("ip6tables-nft-restore", text="*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT\n")
    proof = _agree(wired)
    (published,) = proof.published
    assert (published.port, published.to, published.by) == (PUBLISHED, "172.31.0.2:80", "Docker")
    assert (published.sources, published.around) == (sources, True)
    assert {p.sources for p in proof.ports or () if p.family is Family.IPV6} == {Sources.ANYWHERE}


def test_rules_of_nft(wired: Wired) -> None:
    wired.run("nft", "-f", "-", text=NFT)
    found = {(p.family, p.port): p.sources for p in _agree(wired).ports or ()}
    assert found[Family.IPV4, 22] is Sources.NAMED
    assert found[Family.IPV6, 22] is Sources.NOBODY
    assert found[Family.IPV6, 3306] is Sources.ANYWHERE


def test_nothing_filters(wired: Wired) -> None:
    wired.run("nft", "flush", "ruleset")
    assert {p.sources for p in _agree(wired).ports or ()} == {Sources.ANYWHERE}
