"""Sets that rules name: what is read of the kernel's own list is what real connections meet."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.reading import read_fact
from scanner.derive.filter_proof import filter_proof
from scanner.facts import FactSheet, Listeners, PacketFilter, ProvenFilter, Sources
from tests.collecting.asking import ask
from tests.packetspace.connecting import listening, reached

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.wire

IP = shutil.which("ip") or "/sbin/ip"
PORTS = (22, 443, 3306, 6379, 8080, 9090)
HOST, NEAR = "10.72.1.1", "10.72.1.2"

SETS = f"""create admins hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12
add admins 10.72.0.0/16
create others hash:ip comment
add others 192.0.2.1 comment "add admins 0.0.0.0/0"
create services bitmap:port range 0-9000
add services 443
create pairs hash:ip,port
add pairs {NEAR},tcp:6379
create wide hash:ip netmask 24
add wide 10.72.1.0
create banned hash:ip timeout 600
add banned 10.72.1.77
create net hash:net
add net 10.72.1.0/24
add net {NEAR} nomatch
"""
RULES = """*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m set --match-set admins src -j ACCEPT
-A INPUT -p tcp -m tcp --dport 3306 -m set --match-set others src -j ACCEPT
-A INPUT -p tcp -m set --match-set services dst -j ACCEPT
-A INPUT -p tcp -m set --match-set pairs src,dst -j ACCEPT
-A INPUT -p tcp -m tcp --dport 8080 -m set --match-set wide src -j ACCEPT
-A INPUT -p tcp -m tcp --dport 9090 -m set ! --match-set net src -j ACCEPT
COMMIT
"""

WHO = {
    22: Sources.NAMED,
    443: Sources.ANYWHERE,
    3306: Sources.NAMED,
    6379: Sources.NAMED,
    8080: Sources.UNKNOWN,
    9090: Sources.UNKNOWN,
}
OPEN = {22, 443, 6379, 8080, 9090}
"""Ports that the one beside the host reaches."""


def run(space: str, *argv: str, text: str = "") -> subprocess.CompletedProcess[str]:
    inside = (IP, "netns", "exec", space, *argv)
    return subprocess.run(inside, input=text, capture_output=True, text=True, check=False)


def of_ip(words: str) -> int:
    return subprocess.run((IP, *words.split()), capture_output=True, check=False).returncode


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    if os.geteuid() or not all(map(shutil.which, ("ip", "ipset", "iptables-nft-restore", "nft", "ss"))):
        pytest.skip("needs root, ip, ipset, nft and iptables")
    mark = secrets.token_hex(3)
    host, near = f"ips{mark}h", f"ips{mark}n"
    if of_ip(f"netns add {host}") or of_ip(f"netns add {near}"):
        pytest.skip("no network namespaces")
    try:
        of_ip(f"link add eth0 netns {host} type veth peer name eth0 netns {near}")
        for space, address in ((host, HOST), (near, NEAR)):
            for words in (f"addr add {address}/24 dev eth0", "link set eth0 up", "link set lo up"):
                run(space, "ip", *words.split())
        for argv, text in ((("ipset", "restore"), SETS), (("iptables-nft-restore",), RULES)):
            given = run(host, *argv, text=text)
            if given.returncode:
                pytest.skip(f"this kernel has no sets: {given.stderr}")
        with listening(("ip", "netns", "exec", host), PORTS):
            places = {(HOST, port) for port in PORTS}
            told = reached(("ip", "netns", "exec", near), places, {(HOST, port) for port in OPEN})
            assert {port for _, port in told} == OPEN, "the kernel's own word"
            yield host
    finally:
        for space in (host, near):
            of_ip(f"netns del {space}")


def test_rules_that_name_sets_are_known(host: str) -> None:
    readers = [r for r in PLATFORM.readers if r.fact in {PacketFilter, Listeners}]
    steps = list(dict.fromkeys(step for reader in readers for step in reader.steps))
    evidence = Evidence.of("host", PLATFORM, ask(steps, prefix=("ip", "netns", "exec", host)))
    proof = filter_proof(FactSheet("host", {r.fact: read_fact(r, evidence) for r in readers}))
    assert isinstance(proof, ProvenFilter), proof
    told = {p.port: p for p in proof.ports or () if p.family.value == "ipv4"}
    assert {port: one.sources for port, one in told.items()} == WHO
    assert told[22].networks == ("10.72.0.0/16",)
    assert told[3306].networks == ("192.0.2.1/32",)
