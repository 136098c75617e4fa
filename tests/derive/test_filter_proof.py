"""What loaded rules prove of a host: defaults, ports by source, publications, and what a reboot changes."""

from __future__ import annotations

import json

import pytest

from collectors.evidence import Document
from collectors.platforms.linux.loaded_rules import Gathering, iptables_tables, nft_tables
from scanner.derive.boot import boot_changes
from scanner.derive.filter_proof import filter_proof
from scanner.facts import (
    Default,
    FactSheet,
    Family,
    Hook,
    Listener,
    Listeners,
    PacketFilter,
    ProvenFilter,
    Routing,
    Rules,
    Sources,
)
from scanner.model import Citation, Gap
from tests.packetspace.chained import leg, routing

AT = Citation("host/ss", 3, "LISTEN")

DOCKER = """*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 443 -j DNAT --to-destination 172.17.0.2:443
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 10.60.1.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 443 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT"""

KUBE = """*nat
:PREROUTING ACCEPT [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-SEP-AAAA - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-BBBB - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-NODEPORTS -p tcp -m comment --comment "default/shop" -m tcp --dport 30080 -j KUBE-SVC-BBBB
-A KUBE-SEP-AAAA -p tcp -m comment --comment "default/shop" -m tcp -j DNAT --to-destination 10.244.1.5:8080
-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-BBBB
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-SVC-BBBB -m comment --comment "default/shop" -j KUBE-SEP-AAAA
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.60.1.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT"""

OPEN = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT"
LIMITED = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
{rules}
COMMIT"""


def loaded(four: str = "", six: str = "") -> Rules:
    gathered = Gathering()
    for name, text, family in (("iptables-save", four, Family.IPV4), ("ip6tables-save", six, Family.IPV6)):
        if text:
            document = Document(f"host/{name}", tuple(text.split("\n")))
            gathered.add(document, iptables_tables(document, family))
    rules = gathered.rules()
    assert rules is not None
    return rules


def proved(rules: Rules | None, *sockets: str, boot: Rules | None = None) -> ProvenFilter:
    told = [spec.split() for spec in sockets]
    listening = tuple(Listener(p, address, int(port), (), AT) for p, address, port in told)
    filtering = PacketFilter((AT,), (), (), (), (), rules, boot)
    sheet = FactSheet("host", {PacketFilter: filtering, Listeners: Listeners((AT,), listening, True)})
    proof = filter_proof(sheet)
    assert isinstance(proof, ProvenFilter)
    return proof


def port(rules: str, spec: str = "tcp 0.0.0.0 22") -> Sources:
    (one,) = proved(loaded(LIMITED.format(rules=rules)), spec).ports or ()
    return one.sources


@pytest.mark.parametrize(
    ("rules", "sources"),
    [
        ("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", Sources.ANYWHERE),
        ("-A INPUT ! -s 192.0.2.7/32 -p tcp -m tcp --dport 22 -j ACCEPT", Sources.ANYWHERE),
        ("-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT", Sources.NAMED),
        ("-A INPUT -s 192.0.2.0/24 -j ACCEPT", Sources.NAMED),
        ("-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT", Sources.NOBODY),
        ("-A INPUT -p udp -m udp --dport 22 -j ACCEPT", Sources.NOBODY),
        ("-A INPUT -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT", Sources.NOBODY),
        ("-A INPUT -i lo -j ACCEPT", Sources.NOBODY),
        ("-A INPUT -i eth1 -p tcp -m tcp --dport 22 -j ACCEPT", Sources.UNKNOWN),
        ("-A INPUT -s 128.0.0.0/2 -p tcp -m tcp --dport 22 -j ACCEPT", Sources.UNKNOWN),
        ("-A INPUT -p tcp -m unheard --of -j ACCEPT", Sources.UNKNOWN),
        ("-A INPUT -p tcp -m set --match-set friends src -j ACCEPT", Sources.UNKNOWN),
        ("-A INPUT -d 10.0.0.5/32 -p tcp -m tcp --dport 22 -j ACCEPT", Sources.UNKNOWN),
    ],
)
def test_who_reaches_a_port(rules: str, sources: Sources) -> None:
    assert port(rules) is sources


def test_what_translation_may_take_away_is_not_open_to_everybody() -> None:
    away = "-A PREROUTING -p tcp --dport 22 -j DNAT --to-destination 10.0.0.9"
    proof = proved(
        loaded(f"*nat\n:PREROUTING ACCEPT [0:0]\n{away}\nCOMMIT\n{OPEN}"), "tcp 0.0.0.0 22", "tcp 0.0.0.0 80"
    )
    assert [one.sources for one in proof.ports or ()] == [Sources.UNKNOWN, Sources.ANYWHERE]


def test_nothing_loaded_is_open() -> None:
    empty = Gathering()
    document = Document("host/nft", ('{"nftables": [{"metainfo": {}}]}',))
    empty.add(document, nft_tables(document))
    proof = proved(empty.rules(), "tcp :: 22")
    assert not proof.defaults
    assert {one.sources for one in proof.ports or ()} == {Sources.ANYWHERE}


@pytest.mark.parametrize(
    ("rules", "default"),
    [
        ("", Default.DENY),
        ("-A INPUT -s 10.0.0.0/8 -j ACCEPT", Default.DENY),
        ("-A INPUT -p icmp -j ACCEPT", Default.DENY),
        ("-A INPUT -j ACCEPT", Default.ACCEPT),
        ("-A INPUT -m conntrack --ctstate NEW -j ACCEPT", Default.ACCEPT),
        ("-A INPUT -i eth0 -j ACCEPT", Default.UNKNOWN),
        ("-A INPUT -m unheard --of -j ACCEPT", Default.UNKNOWN),
        ("-A INPUT -m limit --limit 5/min -j ACCEPT", Default.UNKNOWN),
    ],
)
def test_defaults(rules: str, default: Default) -> None:
    found = proved(loaded(LIMITED.format(rules=rules), OPEN)).default(Hook.INPUT, Family.IPV4)
    assert found is not None
    assert found.default is default
    assert found.at


def test_ipv6_left_open_behind_a_closed_ipv4() -> None:
    proof = proved(loaded(LIMITED.format(rules=""), OPEN), "tcp :: 22")
    told = {d.family: d for d in proof.defaults if d.hook is Hook.INPUT}
    assert told[Family.IPV4].default is Default.DENY
    assert told[Family.IPV6].default is Default.ACCEPT
    assert (told[Family.IPV6].at[0].capture, told[Family.IPV6].at[0].line) == ("host/ip6tables-save", 2)
    assert {one.family: one.sources for one in proof.ports or ()} == {
        Family.IPV4: Sources.NOBODY,
        Family.IPV6: Sources.ANYWHERE,
    }


def test_a_container_publishes_around_the_filter() -> None:
    told = {one.port: one for one in proved(loaded(DOCKER)).published}
    assert set(told) == {8080, 443}
    assert (told[8080].to, told[8080].by) == ("172.17.0.2:80", "Docker")
    assert (told[8080].sources, told[8080].around) == (Sources.ANYWHERE, True)
    assert "DNAT --to-destination 172.17.0.2:80" in told[8080].at[0].excerpt
    assert told[443].around is False


@pytest.mark.parametrize(
    ("published_at", "seen", "told"),
    [
        ("192.0.2.5", True, {8080, 443}),
        ("127.0.0.1", True, {443}),
        ("10.96.0.1", True, {443}),  # a cluster's address, not the host's
        ("192.0.2.5", False, {443}),
    ],
)
def test_a_port_published_at_one_address_of_the_host(published_at: str, seen: bool, told: set[int]) -> None:
    one = DOCKER.replace(
        "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080",
        f"-A DOCKER -d {published_at}/32 ! -i docker0 -p tcp -m tcp --dport 8080",
    )
    filtering = PacketFilter((AT,), (), (), (), (), loaded(one))
    place = routing((leg("lo", "127.0.0.1/8"), leg("eth0", "192.0.2.5/24")), ())
    proof = filter_proof(FactSheet("host", {PacketFilter: filtering, **({Routing: place} if seen else {})}))
    assert isinstance(proof, ProvenFilter)
    assert {p.port for p in proof.published} == told


def test_a_second_network_of_the_engine_takes_nothing_from_those_outside() -> None:
    """Containers of one network cannot reach the other; everybody from elsewhere can all the same."""
    first = "-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2"
    second = "-A DOCKER-ISOLATION-STAGE-1 -i br-9c1f ! -o br-9c1f -j DOCKER-ISOLATION-STAGE-2"
    way_out = "-A FORWARD -o br-9c1f -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    two = DOCKER.replace(first, f"{first}\n{second}").replace(
        "-A FORWARD -j DOCKER-USER", f"{way_out}\n-A FORWARD -j DOCKER-USER"
    )
    assert {one.sources for one in proved(loaded(two)).published} == {Sources.ANYWHERE}
    cut = two.replace("-A DOCKER-USER -j RETURN", "-A DOCKER-USER -i eth0 -j DROP")
    assert {one.sources for one in proved(loaded(cut)).published} == {Sources.UNKNOWN}


def test_the_users_chain_of_the_engine_limits_what_is_published() -> None:
    limited = DOCKER.replace("-A DOCKER-USER -j RETURN", "-A DOCKER-USER ! -s 10.60.1.0/24 -j DROP")
    assert {one.sources for one in proved(loaded(limited)).published} == {Sources.NAMED}


def test_closed_by_the_way_that_a_published_port_takes() -> None:
    """What comes from the containers themselves is not translated: their way out opens nothing."""
    closed = DOCKER.replace("-A DOCKER-USER -j RETURN", "-A DOCKER-USER -o docker0 -j DROP")
    assert {one.sources for one in proved(loaded(closed)).published} == {Sources.NOBODY}


def test_a_node_port_is_published_and_a_cluster_address_is_not() -> None:
    (one,) = proved(loaded(KUBE)).published
    assert (one.port, one.to, one.by, one.around) == (30080, "10.244.1.5:8080", "Kubernetes", True)
    assert one.sources is Sources.ANYWHERE


def test_nft_tells_where_a_translation_goes() -> None:
    where = {"family": "ip", "table": "nat"}
    hook = {"type": "nat", "hook": "prerouting", "prio": -100, "policy": "accept"}
    port_is = {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 8080}
    goes = [{"match": port_is}, {"dnat": {"addr": "172.17.0.2", "port": 80}}]
    listed = [
        {"metainfo": {}},
        {"table": {"family": "ip", "name": "nat"}},
        {"chain": {**where, "name": "PREROUTING", **hook}},
        {"rule": {**where, "chain": "PREROUTING", "expr": goes}},
    ]
    text = json.dumps({"nftables": listed})
    gathered = Gathering()
    document = Document("host/nft-ruleset", (text,))
    gathered.add(document, nft_tables(document))
    (one,) = proved(gathered.rules()).published
    assert (one.port, one.to, one.by, one.around) == (8080, "172.17.0.2:80", "", False)


WRITTEN = """table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    icmp type echo-request limit rate 10/second accept
    tcp dport 443 accept
    %s
  }
}"""


def written(more: str = "") -> Rules:
    gathered = Gathering()
    document = Document("host/nftables.conf", tuple((WRITTEN % more).split("\n")))
    assert gathered.add_files({"/etc/nftables.conf": document})
    rules = gathered.rules()
    assert rules is not None
    return rules


@pytest.mark.parametrize(
    ("now", "then", "opens"),
    [
        ("", "", []),
        ("# a remark", "ct state invalid drop", []),
        ("tcp dport 8080 accept", "", [False]),
        ("", "tcp dport 9090 accept", [True]),
        ("tcp dport 8080 accept", "tcp dport 9090 accept", [False, True]),
        ("tcp dport { 8080, 9090 } accept", "tcp dport 9090 accept; tcp dport 8080 accept", []),
        ("tcp dport 8080 limit rate 1/second accept", "", []),
        ("tcp dport 8080 limit rate 1/second drop; tcp dport 8080 accept", "", []),
    ],
)
def test_what_a_reboot_changes(now: str, then: str, opens: list[bool]) -> None:
    changes = boot_changes(written(now), written(then))
    assert sorted({c.opens for c in changes}) == opens
    assert len(changes) == 2 * len(opens), "once a family"
    assert all(c.now.line and c.then.line for c in changes)


def test_rules_that_a_program_puts_back_by_itself_are_no_change() -> None:
    banned = (
        ":f2b-sshd - [0:0]\n-A INPUT -p tcp --dport 22 -j f2b-sshd\n-A f2b-sshd -s 192.0.2.7/32 -j DROP\n"
    )
    opened = "-A INPUT -p tcp --dport 22 -j ACCEPT"
    now = loaded(LIMITED.format(rules=banned + opened))
    assert boot_changes(now, loaded(LIMITED.format(rules=opened))) == ()


def test_too_many_rules_are_a_gap() -> None:
    gathered = Gathering(most=0)
    document = Document("host/iptables-save", tuple(LIMITED.format(rules="-A INPUT -j DROP").split("\n")))
    gathered.add(document, iptables_tables(document, Family.IPV4))
    assert gathered.rules() is None
    sheet = FactSheet("host", {PacketFilter: PacketFilter((AT,), (), (), ())})
    assert isinstance(filter_proof(sheet), Gap)
