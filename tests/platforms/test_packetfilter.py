"""Defaults, sources and states of chains: tables, a concrete packet as oracle, and others' rule sets."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.base import Unseen
from collectors.evidence import Document, Evidence
from collectors.platforms.linux import PLATFORM, nft
from collectors.platforms.linux.iptables import read_save
from collectors.platforms.linux.packetfilter import NFT, SAVE, judge
from collectors.reading import read_fact
from scanner.derive.boot import boot_changes
from scanner.derive.filter_proof import filter_proof
from scanner.facts import (
    BaseChain,
    Default,
    FactSheet,
    Family,
    Hook,
    Listener,
    Listeners,
    PacketFilter,
    ProvenFilter,
    Sources,
)
from scanner.model import Capture, CaptureKind, Citation
from tests.platforms.fixture import case_of

CORPORA = Path(os.environ.get("MLPS_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))


def saved(text: str, family: Family = Family.IPV4) -> dict[Hook, BaseChain]:
    """Judged chains of an iptables-save text."""
    dump = read_save(SAVE[family], Document("x", tuple(text.split("\n"))), family)
    assert dump is not None
    return {chain.hook: chain for base in dump.bases for chain in judge(base, dump.chains)}


def incoming(policy: str, *rules: str, chains: str = "") -> BaseChain:
    head = f"*filter\n:INPUT {policy} [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
    declared = "".join(f":{name} - [0:0]\n" for name in chains.split())
    return saved(f"{head}{declared}{''.join(f'-A {rule}{chr(10)}' for rule in rules)}COMMIT\n")[Hook.INPUT]


DENY, ACCEPT, UNKNOWN = Default.DENY, Default.ACCEPT, Default.UNKNOWN

DEFAULTS = [
    ("policy drops", DENY, "DROP", []),
    ("policy accepts", ACCEPT, "ACCEPT", []),
    ("final drop", DENY, "ACCEPT", ["INPUT -p tcp -m tcp --dport 22 -j ACCEPT", "INPUT -j DROP"]),
    ("final reject", DENY, "ACCEPT", ["INPUT -j REJECT --reject-with icmp-port-unreachable"]),
    ("accept before drop", ACCEPT, "DROP", ["INPUT -m comment --comment x -j ACCEPT", "INPUT -j DROP"]),
    ("drop before accept", DENY, "ACCEPT", ["INPUT -j DROP", "INPUT -j ACCEPT"]),
    ("blacklist", ACCEPT, "ACCEPT", ["INPUT -p tcp -m tcp --dport 23 -j DROP"]),
    ("all tcp", ACCEPT, "DROP", ["INPUT -p tcp -j ACCEPT"]),
    ("all udp", ACCEPT, "DROP", ["INPUT -p udp -m udp --dport 0:65535 -j ACCEPT"]),
    ("only new connections", ACCEPT, "DROP", ["INPUT -m state --state NEW,ESTABLISHED -j ACCEPT"]),
    ("only known connections", DENY, "DROP", ["INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT"]),
    ("all but known connections", ACCEPT, "DROP", ["INPUT -m state ! --state ESTABLISHED -j ACCEPT"]),
    ("loopback", DENY, "DROP", ["INPUT -i lo -j ACCEPT"]),
    ("all but loopback", ACCEPT, "DROP", ["INPUT ! -i lo -j ACCEPT"]),
    ("one interface", UNKNOWN, "DROP", ["INPUT -i eth0 -j ACCEPT"]),
    ("any interface", ACCEPT, "DROP", ["INPUT -i + -j ACCEPT"]),
    ("half the ports", UNKNOWN, "DROP", ["INPUT -p tcp -m tcp --dport 1024:65535 -j ACCEPT"]),
    ("all ports but one", ACCEPT, "DROP", ["INPUT -p tcp -m tcp ! --dport 22 -j ACCEPT"]),
    ("few ports", DENY, "DROP", ["INPUT -p tcp -m multiport --dports 22,80:90,443 -j ACCEPT"]),
    ("a network", DENY, "DROP", ["INPUT -s 10.0.0.0/8 -j ACCEPT"]),
    ("half of all networks", UNKNOWN, "DROP", ["INPUT -s 128.0.0.0/1 -j ACCEPT"]),
    ("all networks", ACCEPT, "DROP", ["INPUT -s 0.0.0.0/0 -j ACCEPT"]),
    ("all networks but one", ACCEPT, "DROP", ["INPUT ! -s 10.0.0.0/8 -j ACCEPT"]),
    ("all networks but one, of old", ACCEPT, "DROP", ["INPUT -s ! 10.0.0.0/8 -j ACCEPT"]),
    ("own address", UNKNOWN, "DROP", ["INPUT -d 192.0.2.1/32 -j ACCEPT"]),
    ("multicast", DENY, "DROP", ["INPUT -d 224.0.0.251/32 -j ACCEPT"]),
    ("source port", UNKNOWN, "DROP", ["INPUT -p udp -m udp --sport 53 -j ACCEPT"]),
    ("rate", UNKNOWN, "DROP", ["INPUT -m limit --limit 5/sec -j ACCEPT"]),
    ("syn", ACCEPT, "DROP", ["INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT"]),
    ("no syn", DENY, "DROP", ["INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT"]),
    ("ping", DENY, "DROP", ["INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT"]),
    ("unknown match", UNKNOWN, "DROP", ["INPUT -m geoip --source-country CN -j ACCEPT"]),
    ("match without options", UNKNOWN, "DROP", ["INPUT -m socket -j ACCEPT"]),
    ("unknown target", UNKNOWN, "DROP", ["INPUT -j NFQUEUE --queue-num 0"]),
    ("unknown match that drops", UNKNOWN, "ACCEPT", ["INPUT -m geoip --source-country CN -j DROP"]),
    ("log only", DENY, "DROP", ['INPUT -j LOG --log-prefix "-j ACCEPT "']),
    ("a comment like an option", DENY, "DROP", ['INPUT -i lo -m comment --comment "-j DROP" -j ACCEPT']),
    ("return in the base chain", ACCEPT, "ACCEPT", ["INPUT -j RETURN", "INPUT -j DROP"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("default", "policy", "rules"), [c[1:] for c in DEFAULTS], ids=[c[0] for c in DEFAULTS]
)
def test_default_is_what_an_unremarkable_packet_meets(
    default: Default, policy: str, rules: list[str]
) -> None:
    assert incoming(policy, *rules).default is default


JUMPS = [
    ("jump that drops", DENY, "ACCEPT", ["INPUT -j A", "A -j DROP"]),
    ("jump that comes back", ACCEPT, "ACCEPT", ["INPUT -j A", "A -p tcp -m tcp --dport 1 -j DROP"]),
    ("jump that accepts", ACCEPT, "DROP", ["INPUT -j A", "A -j ACCEPT"]),
    ("jump of few that accepts", DENY, "DROP", ["INPUT -p tcp -m tcp --dport 80 -j A", "A -j ACCEPT"]),
    ("return before drop", ACCEPT, "ACCEPT", ["INPUT -j A", "A -j RETURN", "A -j DROP"]),
    ("maybe return before drop", UNKNOWN, "ACCEPT", ["INPUT -j A", "A -i eth0 -j RETURN", "A -j DROP"]),
    ("goto never comes back here", ACCEPT, "ACCEPT", ["INPUT -g A", "INPUT -j DROP"]),
    ("goto falls to the caller", DENY, "ACCEPT", ["INPUT -j A", "INPUT -j DROP", "A -g B", "A -j ACCEPT"]),
    ("loop", UNKNOWN, "DROP", ["INPUT -j A", "A -j B", "B -j A"]),
]  # fmt: skip


@pytest.mark.parametrize(("default", "policy", "rules"), [c[1:] for c in JUMPS], ids=[c[0] for c in JUMPS])
def test_jumps_and_gotos_are_followed(default: Default, policy: str, rules: list[str]) -> None:
    assert incoming(policy, *rules, chains="A B").default is default


@pytest.mark.parametrize(
    "text",
    [
        "*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\n",
        "*filter\n:INPUT DROP [0:0]\nsomething else\nCOMMIT\n",
        "*filter\n:INPUT DROP [0:0]\n-A GONE -j ACCEPT\nCOMMIT\n",
        "*filter\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
    ],
)
def test_a_dump_that_is_not_whole_is_not_seen(text: str) -> None:
    with pytest.raises(Unseen):
        saved(text)


# --- an oracle: one concrete packet ----------------------------------------------------------------

_MATCHES = {
    "": "tcp udp",
    "-p tcp": "tcp",
    "-p udp": "udp",
    "-p tcp -m tcp --dport 22": "",
    "-p tcp -m tcp ! --dport 22": "tcp",
    "-p udp -m udp --dport 1024:65535": "udp",
    "-s 10.0.0.0/8": "",
    "! -s 10.0.0.0/8": "tcp udp",
    "-s 192.0.0.0/3": "tcp udp",
    "-i eth0": "tcp udp",
    "! -i eth0": "",
    "-i eth7": "",
    "-m conntrack --ctstate NEW": "tcp udp",
    "-m conntrack --ctstate ESTABLISHED": "",
    "-d 192.0.2.1/32": "tcp udp",
    "-d 192.0.2.9/32": "",
}
"""Matches, and the protocols of packets that meet them: new, from 203.0.113.5 to 192.0.2.1:40000, on eth0."""

_Rule = tuple[str, str]
_RULES = st.lists(
    st.tuples(
        st.sampled_from(sorted(_MATCHES)), st.sampled_from("ACCEPT DROP REJECT RETURN LOG A B".split())
    ),
    max_size=5,
)


def concretely(chains: dict[str, list[_Rule]], name: str, protocol: str) -> str:
    """The first final verdict that the packet meets; "" where the chain gives none."""
    for match, target in chains[name]:
        if protocol not in _MATCHES[match].split() or target == "LOG":
            continue
        if target == "RETURN":
            return ""
        if target not in {"A", "B"}:
            return "ACCEPT" if target == "ACCEPT" else "DROP"
        if verdict := concretely(chains, target, protocol):
            return verdict
    return ""


@settings(max_examples=300, deadline=None)
@given(policy=st.sampled_from(["ACCEPT", "DROP"]), base=_RULES, a=_RULES, b=_RULES)
def test_no_concrete_packet_contradicts_a_known_default(
    policy: str, base: list[_Rule], a: list[_Rule], b: list[_Rule]
) -> None:
    # A calls only B, B calls nobody: what the kernel would load.
    chains = {
        "INPUT": base,
        "A": [r for r in a if r[1] != "A"],
        "B": [r for r in b if r[1] not in {"A", "B"}],
    }
    lines = [f"{name} {match} -j {target}" for name, rules in chains.items() for match, target in rules]
    verdicts = {concretely(chains, "INPUT", protocol) or policy for protocol in ("tcp", "udp")}
    chain = incoming(policy, *lines, chains="A B")
    if chain.default is DENY:
        assert "ACCEPT" not in verdicts, lines
    if chain.default is ACCEPT:
        assert "ACCEPT" in verdicts, lines


# --- nft -------------------------------------------------------------------------------------------


def ruleset(policy: str, *expressions: list[object], more: list[object] | None = None) -> list[BaseChain]:
    table = {"family": "inet", "table": "t"}
    objects = [
        {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
        {"table": {"family": "inet", "name": "t", "handle": 1}},
        {"chain": {**table, "name": "in", "type": "filter", "hook": "input", "prio": 0, "policy": policy}},
        {"chain": {**table, "name": "other"}},
        *(more or []),
        *({"rule": {**table, "chain": "in", "handle": 2, "expr": e}} for e in expressions),
    ]
    document = Document("x", (json.dumps({"nftables": objects}),))
    read = nft.read_ruleset(NFT, document)
    return [chain for key, base in read.bases for chain in judge(base, read.chains[key])]


def match(left: object, right: object, op: str = "==") -> dict[str, object]:
    return {"match": {"op": op, "left": left, "right": right}}


TAKE: dict[str, object] = {"accept": None}
DPORT = {"payload": {"protocol": "tcp", "field": "dport"}}
SADDR = {"payload": {"protocol": "ip", "field": "saddr"}}
STATE = {"ct": {"key": "state"}}


@pytest.mark.parametrize(
    ("expression", "four", "six"),
    [
        ([TAKE], ACCEPT, ACCEPT),
        ([{"counter": {"packets": 0, "bytes": 0}}, TAKE], ACCEPT, ACCEPT),
        ([match(DPORT, {"set": [22, {"range": [80, 90]}]}), TAKE], DENY, DENY),
        ([match(DPORT, 1024, ">="), TAKE], UNKNOWN, UNKNOWN),
        ([match(DPORT, 22, "!="), TAKE], ACCEPT, ACCEPT),
        ([match(SADDR, {"prefix": {"addr": "10.0.0.0", "len": 8}}), TAKE], DENY, DENY),
        ([match(SADDR, "10.0.0.1", "!="), TAKE], ACCEPT, DENY),
        ([match({"meta": {"key": "nfproto"}}, "ipv6"), TAKE], DENY, ACCEPT),
        ([match({"meta": {"key": "l4proto"}}, {"set": ["tcp", "udp"]}), TAKE], ACCEPT, ACCEPT),
        ([match({"meta": {"key": "l4proto"}}, "icmp"), TAKE], DENY, DENY),
        ([match({"meta": {"key": "iifname"}}, "lo"), TAKE], DENY, DENY),
        ([match({"meta": {"key": "iifname"}}, "eth0"), TAKE], UNKNOWN, UNKNOWN),
        ([match({"meta": {"key": "mark"}}, 1), TAKE], UNKNOWN, UNKNOWN),
        ([match(STATE, ["established", "related"], "in"), TAKE], DENY, DENY),
        ([match(STATE, ["new", "related"], "in"), TAKE], ACCEPT, ACCEPT),
        ([match(STATE, "established", "!="), TAKE], ACCEPT, ACCEPT),
        ([match({"meta": {"key": "iifname"}}, "lo", "!="), TAKE], ACCEPT, ACCEPT),
        ([{"limit": {"rate": 10, "per": "second"}}, TAKE], UNKNOWN, UNKNOWN),
        ([{"xt": {"type": "match", "name": "geoip"}}, TAKE], UNKNOWN, UNKNOWN),
        ([{"xt": {"type": "target", "name": "REJECT"}}], DENY, DENY),
        ([{"xt": None}], UNKNOWN, UNKNOWN),
        ([{"quux": {}}], UNKNOWN, UNKNOWN),
        ([{"jump": {"target": "other"}}, TAKE], DENY, DENY),
        ([{"jump": {"target": "unshown"}}], UNKNOWN, UNKNOWN),
        ([{"vmap": {"key": STATE, "data": {"set": [["established", TAKE], ["invalid", {"drop": None}]]}}}],
         DENY, DENY),
        ([{"vmap": {"key": STATE, "data": {"set": [["new", TAKE]]}}}], ACCEPT, ACCEPT),
        ([{"vmap": {"key": {"meta": {"key": "iifname"}}, "data": "@gone"}}], UNKNOWN, UNKNOWN),
        ([match(SADDR, "@admins"), TAKE], DENY, DENY),
        ([match(SADDR, "@changing"), TAKE], UNKNOWN, DENY),
        ([match(SADDR, "@everybody"), TAKE], ACCEPT, DENY),
        ([match({"concat": [SADDR, DPORT]}, {"set": [{"concat": ["10.0.0.1", 22]}]}), TAKE], DENY, DENY),
        ([match({"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, ["syn", "ack"]]}, "syn"), TAKE],
         ACCEPT, ACCEPT),
    ],
)  # fmt: skip
def test_nft_statements_are_understood(expression: list[object], four: Default, six: Default) -> None:
    sets: list[object] = [
        {"set": {"family": "inet", "table": "t", "name": "admins", "elem": ["10.0.0.5"]}},
        {"set": {"family": "inet", "table": "t", "name": "changing", "flags": ["dynamic"]}},
        {"set": {"family": "inet", "table": "t", "name": "everybody",
                 "elem": ["*"]}},
    ]  # fmt: skip
    seen = {chain.family: chain.default for chain in ruleset("drop", expression, more=sets)}
    assert seen == {Family.IPV4: four, Family.IPV6: six}


# --- others' material ------------------------------------------------------------------------------


def test_default_agrees_with_what_a_kernel_did() -> None:
    folder = CORPORA / "firewall"
    if not (folder / "truth.jsonl").exists():
        pytest.skip(f"no corpora at {CORPORA}")
    for line in (folder / "truth.jsonl").read_text().splitlines():
        truth = json.loads(line)
        chain = saved((folder / truth["file"]).read_text()).get(Hook.INPUT)
        assert chain is not None
        for name, told in truth["ifaces"].items():
            count = sum(len(ports) for ports in told.values())
            if chain.default is DENY:
                assert len(told["open"]) * 2 < count, (truth["file"], name)
            if chain.default is ACCEPT:
                assert told["open"], (truth["file"], name)


def test_generated_rule_sets_are_read_without_a_crash() -> None:
    files = sorted((CORPORA / "devices" / "configs" / "iptables_-S").glob("*"))
    if not files:
        pytest.skip(f"no corpora at {CORPORA}")
    understood = 0
    for file in files:
        text = file.read_text(errors="replace")
        try:
            dump = read_save(SAVE[Family.IPV4], Document("x", tuple(text.split("\n"))), Family.IPV4)
        except Unseen:
            continue
        for base in dump.bases if dump else ():
            judge(base, dump.chains if dump else {})
        understood += dump is not None
    assert understood > len(files) // 2


@pytest.mark.parametrize("name", ["usual", "iptables", "legacy", "family-left-open", "nothing-loaded"])
def test_the_words_of_a_chain_and_the_proof_of_its_rules_agree(name: str) -> None:
    """On plain rule sets both readers must see the same default, whichever capture shows it."""
    (reader,) = (r for r in PLATFORM.readers if r.fact is PacketFilter)
    found = read_fact(reader, case_of(PLATFORM, reader, name).evidence())
    assert isinstance(found, PacketFilter)
    proof = filter_proof(FactSheet("host", {PacketFilter: found}))
    assert isinstance(proof, ProvenFilter)
    said = {(c.hook, c.family): c.default for c in found.chains if c.hook is not Hook.OUTPUT}
    assert {(d.hook, d.family): d.default for d in proof.defaults} == said
    assert all(place.excerpt for d in proof.defaults for place in d.at)


def test_what_is_loaded_is_what_the_file_of_an_enabled_unit_says() -> None:
    (reader,) = (r for r in PLATFORM.readers if r.fact is PacketFilter)
    found = read_fact(reader, case_of(PLATFORM, reader, "usual").evidence())
    assert isinstance(found, PacketFilter)
    assert found.loaded is not None
    assert found.at_boot is not None
    assert boot_changes(found.loaded, found.at_boot) == ()


def ufw(name: str) -> PacketFilter:
    (reader,) = (r for r in PLATFORM.readers if r.fact is PacketFilter)
    found = read_fact(reader, case_of(PLATFORM, reader, name).evidence())
    assert isinstance(found, PacketFilter)
    return found


def test_what_ufw_loaded_is_what_its_files_say() -> None:
    found = ufw("ufw")
    assert found.loaded is not None
    assert found.at_boot is not None
    assert boot_changes(found.loaded, found.at_boot) == ()


def test_a_rule_beside_ufw_is_lost_at_boot() -> None:
    found = ufw("ufw-by-hand")
    assert found.loaded is not None
    assert found.at_boot is not None
    (change,) = boot_changes(found.loaded, found.at_boot)
    assert not change.opens
    assert "8443" in change.now.excerpt
    assert change.now.capture == "host/iptables-save"
    assert change.then.capture.startswith("host/ufw-files:/etc/")


@pytest.mark.parametrize(
    ("name", "sources"),
    [
        ("sets", Sources.NAMED),
        ("sets-refused", Sources.UNKNOWN),
        ("sets-empty", Sources.UNKNOWN),
        ("sets-truncated", Sources.UNKNOWN),
    ],
)
def test_a_rule_that_names_a_set_is_known_where_the_set_was_seen(name: str, sources: Sources) -> None:
    (reader,) = (r for r in PLATFORM.readers if r.fact is PacketFilter)
    found = read_fact(reader, case_of(PLATFORM, reader, name).evidence())
    assert isinstance(found, PacketFilter)
    at = Citation("host/ss", 1, "LISTEN")
    listeners = Listeners((at,), (Listener("tcp", "192.0.2.1", 22, (), at),), owners_visible=True)
    proof = filter_proof(FactSheet("host", {PacketFilter: found, Listeners: listeners}))
    assert isinstance(proof, ProvenFilter)
    (ssh,) = proof.ports or ()
    assert ssh.sources is sources
    assert ssh.networks == (("10.60.1.0/24", "10.60.9.7/32") if sources is Sources.NAMED else ())
    assert proof.changes == (), "at boot the same sets are there"


@pytest.mark.parametrize(
    ("saved", "opens"),
    [
        ("create admins hash:net\nadd admins 10.60.1.0/24\nadd admins 10.60.9.7\n", []),
        ("create admins hash:net\nadd admins 10.60.1.0/24\n", [False]),
        ("create admins hash:net\nadd admins 10.60.1.0/24\nadd admins 10.60.9.0/24\n", [True]),
        ("create admins hash:net timeout 600\nadd admins 10.60.1.0/24\n", []),
        ("create other hash:net\n", []),
        ("create admins hash:net\nadd admins 10.60.1.0/24\nnothing of the kind\n", []),
    ],
)
def test_what_a_reboot_changes_about_a_set(saved: str, opens: list[bool]) -> None:
    (reader,) = (r for r in PLATFORM.readers if r.fact is PacketFilter)
    records = [
        replace(r, content=saved.encode(), meta=None)
        if isinstance(r, Capture) and r.subject == "/etc/iptables/ipsets" and r.kind is CaptureKind.FILE
        else r
        for r in case_of(PLATFORM, reader, "sets").records()
    ]
    found = read_fact(reader, Evidence.of("host", PLATFORM, records))
    assert isinstance(found, PacketFilter)
    assert found.loaded is not None
    assert found.at_boot is not None
    assert sorted({one.opens for one in boot_changes(found.loaded, found.at_boot)}) == opens


@pytest.mark.parametrize(
    ("nft", "known"),
    [
        ("table inet own {\n}\n", True),
        ("# flush ruleset, not\ntable inet own {\n}\n", True),
        ("flush ruleset\ntable inet own {\n}\n", False),
        ("table filter {\n}\n", False),
        ("table ip6 filter {\n}\n", False),
        ("table inet filter {\n}\n", True),
        ("add table ip nat\n", False),
        ("#!/usr/sbin/nft -f\nflush  ruleset # first\n", False),
    ],
)
def test_two_units_are_compared_where_they_leave_each_other_alone(nft: str, known: bool) -> None:
    """Which of them comes first nobody says."""
    (reader,) = (r for r in PLATFORM.readers if r.fact is PacketFilter)
    records = list(case_of(PLATFORM, reader, "sets").records())
    units = next(r for r in records if r.step == "units")
    assert isinstance(units, Capture)
    blocks = units.content.decode().split("\n\n")
    on = next(b for b in blocks if "Id=netfilter-persistent.service" in b)
    both = "\n\n".join(
        on.replace("netfilter-persistent", "nftables") if "Id=nftables.service" in b else b for b in blocks
    )
    listing = next(r for r in records if isinstance(r, Capture) and r.subject == "/etc/nftables.conf")
    assert listing.kind is CaptureKind.LISTING
    file = replace(listing, kind=CaptureKind.FILE, content=nft.encode(), status=0, meta=None)
    records = [r for r in records if r not in (units, listing)]
    records += [
        replace(units, content=both.encode()),
        replace(listing, content=b"/etc/nftables.conf\n", status=0),
        file,
    ]
    found = read_fact(reader, Evidence.of("host", PLATFORM, records))
    assert isinstance(found, PacketFilter)
    assert (found.at_boot is not None) is known
