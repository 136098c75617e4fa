"""Filters of real hosts, changed by hand: what is proved of them is what real connections meet.

A rule loaded and not saved, a port opened in the file only, IPv6 forgotten behind a closed IPv4 filter, a
container published around the filter: each is found with the lines that show it, and the wire agrees. All is
put back after.
"""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.reading import read_fact
from scanner.derive.filter_proof import filter_proof
from scanner.facts import FactSheet, Listeners, PacketFilter, ProvenFilter, Sources
from scanner.locker import Locker
from tests.lab import variants
from tests.packetspace.connecting import listening, reached

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.lab.conftest import Lab, Scanned
    from tests.packetspace.connecting import Place

BY_HAND, IN_FILE = 8443, 9443
"""Ports opened by a rule that nobody saved, and by a line that nobody loaded."""

NFT_FILE, SAVED = "/etc/nftables.conf", "/etc/iptables/rules.v4"
REBOOT = {
    "fw": "systemctl restart nftables.service",
    "web3": "systemctl restart nftables.service",
    "bastion": "nft flush ruleset && systemctl restart netfilter-persistent.service",
}
"""What each host does to its filter at boot."""

FW_LINE = f'iif "lo" accept\\n\\t\\ttcp dport {IN_FILE} accept'
BASTION_LINE = f"-A INPUT -p tcp -m tcp --dport {IN_FILE} -j ACCEPT"
DRIFTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "fw": (
        NFT_FILE,
        (
            f"nft insert rule inet firewall input tcp dport {BY_HAND} accept",
            f"sed -i '0,/iif \"lo\" accept/s//{FW_LINE}/' {NFT_FILE}",
        ),
    ),
    "bastion": (
        SAVED,
        (
            f"iptables -I INPUT -p tcp --dport {BY_HAND} -j ACCEPT",
            f"sed -i '/-A INPUT -i lo/a {BASTION_LINE}' {SAVED}",
        ),
    ),
    "web3": (
        NFT_FILE,
        (f"sed -i 's/table inet filter/table ip filter/; /icmpv6/d' {NFT_FILE}", REBOOT["web3"]),
    ),
}
"""By host: the file that is put back after, and what is done to it and to the loaded rules."""

STATIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "fw": {"mpl-scan": ("10.60.1.1", "fd00:60:1::1"), "mpl-out": ("198.51.100.1",)},
    "bastion": {"mpl-scan": ("10.60.1.2", "fd00:60:1::2"), "mpl-web1": ("10.60.2.2", "fd00:60:2::2")},
    "web3": {"mpl-web1": ("10.60.2.13", "fd00:60:2::13"), "mpl-bastion": ("10.60.2.13", "fd00:60:2::13")},
}
"""By host: namespaces next to it, and its addresses there."""

OWN = {
    "mpl-scan": ("10.60.1.9", "fd00:60:1::9"),
    "mpl-out": ("198.51.100.9",),
    "mpl-web1": ("10.60.2.11", "fd00:60:2::11"),
    "mpl-bastion": ("10.60.2.2", "fd00:60:2::2"),
}
"""The addresses that they come from."""


def inside(namespace: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", namespace)


@dataclass(frozen=True)
class Looked:
    """A scan of hosts, and what they let in at that time and after they loaded what they load at boot."""

    scanned: Scanned
    answered: Mapping[tuple[str, str], set[Place]]  # by host and namespace
    booted: Mapping[str, set[Place]]  # by host, of the ports that were changed


@contextmanager
def kept(lab: Lab, host: str, path: str) -> Iterator[None]:
    """Put a file back after, and load what the host loads at boot."""
    former = lab.ask(host, "cat", path)
    try:
        yield
    finally:
        written = lab.run(host, "sh", "-c", f"cat > {path}", given=former)
        loaded = lab.run(host, "sh", "-ec", REBOOT[host])
        assert (written.returncode, loaded.returncode) == (0, 0), written.stderr + loaded.stderr


def proof_of(host: str, run: Path) -> ProvenFilter:
    """What is proved of a host's filter by the records of a scan."""
    with Locker.open(run, "read") as locker:
        evidence = Evidence.of(host, PLATFORM, locker.records(host))
    readers = [r for r in PLATFORM.readers if r.fact in {PacketFilter, Listeners}]
    proof = filter_proof(FactSheet(host, {r.fact: read_fact(r, evidence) for r in readers}))
    assert isinstance(proof, ProvenFilter), proof
    return proof


def allowed(proof: ProvenFilter, host: str, namespace: str) -> tuple[set[Place], set[Place]]:
    """Places of a host that may be asked from a namespace, and those of them that must answer it."""
    asked: set[Place] = set()
    open_: set[Place] = set()
    for address, own in zip(STATIONS[host][namespace], OWN[namespace], strict=False):
        for port in proof.ports or ():
            bound = {"ipv4": ("0.0.0.0", "*"), "ipv6": ("::", "*")}[port.family.value]  # noqa: S104
            six = port.family.value == "ipv6"
            if port.protocol != "tcp" or six is not (":" in address):
                continue
            if port.address not in {*bound, "::", address}:
                continue
            assert port.sources is not Sources.UNKNOWN, (host, port)
            asked.add((address, port.port))
            named = any(ip_address(own) in ip_network(one) for one in port.networks)
            if port.sources is Sources.ANYWHERE or named:
                open_.add((address, port.port))
    return asked, open_


@pytest.fixture(scope="module")
def drifted(lab: Lab, rights: str, tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """Three hosts whose filters were changed by hand, seen by a login and from the management zone."""
    del rights  # only have to be there
    inventory: dict[str, Any] = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    inventory = variants.only(inventory, *DRIFTS)
    inventory["vantages"] = [v for v in inventory["vantages"] if v["name"] == "inside"]
    inventory["probes"]["ports"] = [BY_HAND, IN_FILE]
    folder = tmp_path_factory.mktemp("drifted")
    with ExitStack() as stack:
        for host in ("fw", "bastion"):
            stack.enter_context(listening(inside(f"mpl-{host}"), (BY_HAND, IN_FILE)))
        for host, (path, commands) in DRIFTS.items():
            stack.enter_context(kept(lab, host, path))
            lab.ask(host, "sh", "-ec", "\n".join(commands))
        scanned = lab.scan(variants.write(inventory, folder / "inventory.yaml"), folder / "lab.run")
        answered = dict(_asked(scanned))
        booted = {}
        for host in ("fw", "bastion"):
            lab.ask(host, "sh", "-ec", REBOOT[host])
            address = STATIONS[host]["mpl-scan"][0]
            opened = [(address, IN_FILE)]
            booted[host] = reached(inside("mpl-scan"), [(address, BY_HAND), *opened], opened)
        return Looked(scanned, answered, booted)


def _asked(scanned: Scanned) -> Iterator[tuple[tuple[str, str], set[Place]]]:
    for host, namespaces in STATIONS.items():
        proof = proof_of(host, scanned.run)
        for namespace in namespaces:
            asked, open_ = allowed(proof, host, namespace)
            yield (host, namespace), reached(inside(namespace), asked, open_)


def excerpts(finding: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(c["capture"], c["excerpt"]) for c in finding["citations"]]


@pytest.mark.parametrize(
    ("host", "loaded", "file", "lines"),
    [
        ("fw", "fw/nft-ruleset", f"fw/filter-files:{NFT_FILE}", f"tcp dport {IN_FILE} accept"),
        ("bastion", "bastion/iptables-save", f"bastion/filter-files:{SAVED}", f"--dport {IN_FILE} -j ACCEPT"),
    ],
)
def test_a_rule_not_saved_and_a_port_only_in_the_file(
    drifted: Looked, host: str, loaded: str, file: str, lines: str
) -> None:
    differs = drifted.scanned.findings[host, "wire.agrees-with-host", ""]
    assert differs["answer"] == "no"
    for port, now, then in ((BY_HAND, "let in now", "denied"), (IN_FILE, "denied now", "let in")):
        assert f"port {port}" in differs["message"]["en"] or f"/{port}" in differs["message"]["en"]
        assert now in differs["message"]["en"]
        assert then in differs["message"]["en"]
    cited = excerpts(differs)
    assert [c for c in cited if c[0].startswith(loaded) and str(BY_HAND) in c[1]], cited
    assert [c for c in cited if c[0].startswith(file) and lines in c[1]], cited
    assert [c for c in cited if c[0].startswith(file) and str(IN_FILE) not in c[1]], cited
    survives = drifted.scanned.findings[host, "filter.survives-reboot", ""]
    assert survives["answer"] == "no"
    assert [c for c in excerpts(survives) if c[0].startswith(file) and lines in c[1]]
    assert [c for c in excerpts(survives) if c[0].startswith(loaded)]


def test_ipv6_left_open_behind_a_closed_filter(drifted: Looked) -> None:
    finding = drifted.scanned.findings["web3", "filter.default-deny", ""]
    assert finding["answer"] == "no"
    assert "ipv6 input" in finding["message"]["en"]
    cited = excerpts(finding)
    assert [c for c in cited if c[0].startswith("web3/nft-ruleset") and c[1]], cited
    open_ = drifted.answered["web3", "mpl-web1"]
    assert ("fd00:60:2::13", 22) in open_
    assert ("10.60.2.13", 22) not in open_, "IPv4 takes SSH from the bastion only"
    assert ("10.60.2.13", 22) in drifted.answered["web3", "mpl-bastion"]


@pytest.mark.parametrize("host", ["fw", "bastion"])
def test_what_a_reboot_changes_on_the_wire(drifted: Looked, host: str) -> None:
    address = STATIONS[host]["mpl-scan"][0]
    before = drifted.answered[host, "mpl-scan"]
    assert ((address, BY_HAND) in before, (address, IN_FILE) in before) == (True, False)
    assert drifted.booted[host] == {(address, IN_FILE)}


@pytest.mark.parametrize(
    ("host", "namespace"), [(host, namespace) for host, near in STATIONS.items() for namespace in near]
)
def test_proof_and_wire_agree(drifted: Looked, host: str, namespace: str) -> None:
    asked, open_ = allowed(proof_of(host, drifted.scanned.run), host, namespace)
    assert asked
    assert drifted.answered[host, namespace] == open_


PUBLISHED = 8080
ENGINE = f"""*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.31.0.0/24 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport {PUBLISHED} -j DNAT --to-destination 172.31.0.2:80
COMMIT
*filter
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-I FORWARD 1 -j DOCKER-USER
-I FORWARD 2 -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-I FORWARD 3 -o docker0 -j DOCKER
-I FORWARD 4 -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER -d 172.31.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-USER -j RETURN
COMMIT
"""
BRIDGE = """ip link add docker0 type bridge
ip addr add 172.31.0.1/24 dev docker0
ip link set docker0 up
ip link set box0 master docker0 up
"""
BOX = "mpl-box"
CLOSE = "iptables -I DOCKER-USER -o docker0 -j DROP"


@contextmanager
def container() -> Iterator[None]:
    """A container of the bastion: a namespace with one program, behind a bridge of its own."""
    box = ("ip", "-n", BOX)
    try:
        for argv in (
            ("ip", "netns", "add", BOX),
            ("ip", "-n", "mpl-bastion", *"link add box0 type veth peer name eth0 netns".split(), BOX),
            ("ip", "netns", "exec", "mpl-bastion", "sh", "-ec", BRIDGE),
            (*box, *"addr add 172.31.0.2/24 dev eth0".split()),
            (*box, *"link set eth0 up".split()),
            (*box, *"route add default via 172.31.0.1".split()),
        ):
            subprocess.run(argv, check=True, capture_output=True)
        with listening(inside(BOX), (80,)):
            yield
    finally:
        for argv in (("ip", "netns", "del", BOX), ("ip", "-n", "mpl-bastion", "link", "del", "docker0")):
            subprocess.run(argv, check=False)


@dataclass(frozen=True)
class Around:
    """The bastion with a published container, as scanned, and who reached it through which address."""

    scanned: Scanned
    through: set[Place]


PLACES = {"mpl-scan": ("10.60.1.2", PUBLISHED), "mpl-web1": ("10.60.2.2", PUBLISHED)}


@pytest.fixture(scope="module")
def around(lab: Lab, rights: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Around]:
    """A container that the bastion's engine publishes: to all, then closed where engines let people."""
    del rights
    folder = tmp_path_factory.mktemp("around")
    inventory = variants.write(variants.only(variants.read(lab), "bastion"), folder / "inventory.yaml")
    with container(), kept(lab, "bastion", SAVED):
        given = lab.run("bastion", "iptables-restore", "--noflush", given=ENGINE)
        assert given.returncode == 0, given.stderr
        found = {"published": _around(lab, inventory, folder / "published.run", set(PLACES.values()))}
        lab.ask("bastion", "sh", "-ec", CLOSE)
        found["closed"] = _around(lab, inventory, folder / "closed.run", set())
        return found


def _around(lab: Lab, inventory: Path, run: Path, hoped: set[Place]) -> Around:
    scanned = lab.scan(inventory, run)
    through = [reached(inside(name), [place], hoped & {place}) for name, place in PLACES.items()]
    return Around(scanned, set().union(*through))


def test_a_container_published_around_the_filter(around: Mapping[str, Around]) -> None:
    finding = around["published"].scanned.findings["bastion", "filter.nothing-around", ""]
    assert finding["answer"] == "no"
    assert f"tcp/{PUBLISHED} -> 172.31.0.2:80 (ipv4, Docker)" in finding["message"]["en"]
    cited = excerpts(finding)
    assert [c for c in cited if c[0] == "bastion/iptables-save" and "-j DNAT" in c[1]], cited
    assert [c for c in cited if "INPUT policy drop" in c[1]], "what it goes around"
    assert around["published"].through == set(PLACES.values())


def test_closed_where_an_engine_lets_people_close(around: Mapping[str, Around]) -> None:
    finding = around["closed"].scanned.findings["bastion", "filter.nothing-around", ""]
    assert finding["answer"] == "yes"
    assert [c for c in excerpts(finding) if CLOSE.partition("-I ")[2] in c[1]]
    assert around["closed"].through == set()
