"""What firewalld's configuration says is what the real firewalld loads, and what it cannot say is unknown."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.platforms.folders import read_folder
from collectors.platforms.linux.filter_rules.dialects import read_rules
from collectors.platforms.linux.filter_rules.firewalld.folder import read_firewalld
from collectors.platforms.linux.filter_rules.firewalld.listing import read_listing
from collectors.platforms.linux.filter_rules.firewalld.xml import NoXmlError, parse
from collectors.platforms.linux.filter_rules.ipset import read_ipsets
from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.nft_text import read_nft
from scanner.facts.rules import V6, RuleFile, Stage
from scanner.packetspace.cube import PROTOCOL, SOURCE
from scanner.packetspace.difference import compare
from scanner.packetspace.reach import TCP, UDP, Question
from scanner.packetspace.reached import reached
from tests.packetspace.firewalld_configurations import Loaded, Making, library, run, runs

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.packetspace.difference import Difference

DEEP = settings.get_profile("default").max_examples < settings().max_examples
CASES = int(os.environ.get("FIREWALLD_CASES", "40" if DEEP else "2"))
SETS = read_ipsets(["create bad hash:net", "add bad 203.0.113.0/25", "add bad 198.18.0.9"])[0]
"""What the configurations' set holds."""
PORTS = (22, 53, 80, 81, 99, 137, 443, 3306, 7777, 8005, 8080, 5353, 2049, 546)


def kernel(loaded: Loaded) -> RuleFile:
    """What is loaded: firewalld's own table, and iptables' words for those that direct rules made."""
    nft = read_nft(loaded.nft.split("\n"), complete=True)
    tables = [table for table in nft.tables if table.name.startswith("inet")]
    for text, six in ((loaded.four, False), (loaded.six, True)):
        read = read_iptables(text.split("\n"), six=six, sets=SETS, complete=True)
        tables += read.tables if text.strip() else []
    return replace(nft, tables=tuple(tables))


def routed(file: RuleFile) -> RuleFile:
    """Without what comes before routing: hooks with one filter each can be compared."""
    tables = []
    for table in file.tables:
        kept = tuple(base for base in table.bases if base.stage is not Stage.PREROUTING)
        tables.append(replace(table, bases=kept))
    return replace(file, tables=tuple(tables))


def sure(difference: Difference) -> bool:
    """Not about ICMP in the packets of the other family, nor about codes that nft shows by name alone."""
    fields = difference.example.fields
    foreign = ((1, 1),) if fields[SOURCE][0][0] >= V6 else ((58, 58),)
    named = any(text.startswith("icmp") for text, _ in difference.example.others)
    return not named and fields[PROTOCOL] != foreign


def asked(random: Random) -> Question:
    six = random.random() < 0.3
    hook = random.choice((Stage.INPUT, Stage.INPUT, Stage.FORWARD, Stage.OUTPUT))
    sources = (
        ("2001:db8::5", "2001:db9::1") if six else ("10.1.1.1", "198.51.100.7", "203.0.113.5", "8.8.8.8")
    )
    targets = ("2001:db8:1::1", "2001:db8:2::2") if six else ("192.0.2.1", "203.0.113.3", "192.0.2.9")
    return Question(
        random.choice((TCP, UDP)),
        hook,
        None if hook is Stage.OUTPUT else random.choice(("eth0", "eth1", "wan", "tun0", "other")),
        ipaddress.ip_address(random.choice(sources)),
        ipaddress.ip_address(random.choice(targets)),
        None if hook is Stage.INPUT else random.choice(("eth0", "eth1", "wan")),
    )


def answers(file: RuleFile, question: Question) -> dict[int, str]:
    return {port: one.answer.value for port, one in reached(file, PORTS, question).answers.items()}


@pytest.mark.wire
@pytest.mark.skipif(not runs(), reason="no firewalld, or no right to run it")
@pytest.mark.parametrize("seed", range(CASES))
@pytest.mark.parametrize("backend", ["nftables", "iptables"])
def test_files_say_what_the_real_firewalld_loads(backend: str, seed: int, tmp_path: Path) -> None:
    random = Random(seed)  # noqa: S311 - repeatable cases, no secret
    files = Making(random).configuration(backend)
    loaded = run(tmp_path, files)
    written = read_firewalld({**library(), **files})
    assert written.unread == ()
    differences = [one for one in compare(routed(kernel(loaded)), routed(written)).differences if sure(one)]
    assert not differences, (files, differences[0], written.place(differences[0].after.line))
    for _ in range(8):
        question = asked(random)
        assert answers(written, question) == answers(kernel(loaded), question), (files, question)


@pytest.mark.wire
@pytest.mark.skipif(not runs(), reason="no firewalld, or no right to run it")
@pytest.mark.parametrize("seed", range(CASES))
def test_lists_say_the_same_as_the_files(seed: int, tmp_path: Path) -> None:
    random = Random(1000 + seed)  # noqa: S311 - repeatable cases, no secret
    made = Making(random).configuration("nftables")
    # What lists do not show: settings, direct rules, what services and sets stand for.
    files = {
        name: text.replace('ipset="bad"', 'address="203.0.113.0/25"').replace('name="mine"', 'name="https"')
        for name, text in made.items()
        if name not in {"direct.xml", "services/mine.xml", "ipsets/bad.xml"}
    }
    files["firewalld.conf"] = made["firewalld.conf"].split("\n")[0] + "\n"
    loaded = run(tmp_path, files)
    written = read_firewalld({**library(), **files})
    text = loaded.zones + loaded.policies
    if "(default" not in text:
        # Later releases say so.
        default = files["firewalld.conf"].split("=")[1].strip()
        assert "not shown" in " ".join(one.text for one in read_listing(text.split("\n")).unread)
        text = re.sub(rf"(?m)^{default}( \(active\))?\s*$", f"{default} (default)", text)
    listed = read_listing(text.split("\n"))
    assert [one.line for one in listed.unread] == [1]
    for _ in range(12):
        question = asked(random)
        assert answers(listed, question) == answers(written, question), (files, question)


ASKED = Question(
    TCP,
    came="eth0",
    source=ipaddress.ip_address("198.51.100.7"),
    destination=ipaddress.ip_address("192.0.2.1"),
)
CONF = {"firewalld.conf": "DefaultZone=public\n"}

FIRST = '<rule priority="-1"><service name="ssh"/><drop/></rule>'
DROPS = '<direct><rule ipv="ipv4" table="filter" chain="INPUT" priority="0">-j DROP</rule></direct>'

ZONES = [
    ('<service name="ssh"/>', "open"),
    ('<service name="http"/>', "rejected"),
    ('<service name="house"/>', "unknown"),
    ('<port port="20-30" protocol="tcp"/>', "open"),
    ('<port port="22" protocol="udp"/>', "rejected"),
    ('<port port="many" protocol="tcp"/>', "unknown"),
    ('<source-port port="53" protocol="tcp"/>', "rejected"),
    ('<protocol value="tcp"/>', "open"),
    ('<interface name="eth1"/>', "rejected"),
    ('<icmp-block name="echo-request"/>', "rejected"),
    ('<sesame open="yes"/>', "unknown"),
    ('<rule><service name="ssh"/><accept/></rule>', "open"),
    ('<rule family="inet"><service name="ssh"/><accept/></rule>', "unknown"),
    ('<rule family="ipv6"><service name="ssh"/><accept/></rule>', "rejected"),
    ('<rule><service name="ssh"/><drop/></rule>', "dropped"),
    ('<rule family="ipv4"><source address="198.51.100.0/24"/><drop/></rule>', "dropped"),
    ('<rule family="ipv4"><source address="198.51.100.0/24" invert="true"/><drop/></rule>', "rejected"),
    ('<rule family="ipv4"><source ipset="none"/><accept/></rule>', "unknown"),
    ('<rule><source mac="00:11:22:33:44:55"/><accept/></rule>', "rejected"),
    ('<rule><port port="22" protocol="tcp"/><accept><limit value="1/m"/></accept></rule>', "open"),
    ('<rule><port port="22" protocol="tcp"/><sesame/></rule>', "unknown"),
    ('<service name="ssh"/><rule><service name="ssh"/><reject/></rule>', "rejected"),
    ('<service name="ssh"/><rule priority="1"><service name="ssh"/><drop/></rule>', "open"),
    ('<service name="ssh"/><rule priority="-1"><service name="ssh"/><drop/></rule>', "dropped"),
    (f'<rule priority="-2"><service name="ssh"/><accept/></rule>{FIRST}', "open"),
    ('<forward-port port="22" protocol="tcp" to-port="2222" to-addr="192.0.2.9"/>', "unknown"),
]


@pytest.mark.parametrize(("inner", "expected"), ZONES)
def test_what_a_zone_lets_in(inner: str, expected: str) -> None:
    file = read_firewalld(CONF | {"zones/public.xml": f"<zone>\n{inner}\n</zone>"})
    assert answers(file, ASKED)[22] == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"zones/trusted.xml": '<zone target="ACCEPT"><source address="198.51.100.0/24"/></zone>'}, "open"),
        ({"zones/drop.xml": '<zone target="DROP"><interface name="eth0"/></zone>'}, "dropped"),
        (
            {
                "zones/a.xml": '<zone target="ACCEPT"><interface name="eth0"/></zone>',
                "zones/b.xml": '<zone target="DROP"><source address="198.51.100.7"/></zone>',
            },
            "dropped",
        ),
        ({"zones/a.xml": "<zone><interface name='eth0'/>"}, "unknown"),
        ({"direct.xml": DROPS},
         "dropped"),
        ({"direct.xml": '<direct><passthrough ipv="ipv4">-D INPUT 1</passthrough></direct>'}, "unknown"),
        ({"firewalld.conf": "DefaultZone=away\n"}, "unknown"),
        ({"firewalld.conf": "DefaultZone=trusted\n"}, "open"),
        ({"firewalld.conf": "DefaultZone=public\nFirewallBackend=pf\n"}, "unknown"),
        (
            {"policies/p.xml": '<policy target="DROP" priority="-1"><ingress-zone name="ANY"/>'
             '<egress-zone name="HOST"/></policy>'},
            "dropped",
        ),
        (
            {"policies/p.xml": '<policy target="DROP" priority="-1"><ingress-zone name="home"/>'
             '<egress-zone name="HOST"/></policy>'},
            "rejected",
        ),
    ],
)  # fmt: skip
def test_zones_policies_and_direct_rules(more: dict[str, str], expected: str) -> None:
    file = read_firewalld(CONF | {"zones/public.xml": "<zone></zone>"} | more)
    assert answers(file, ASKED)[22] == expected


def test_every_rule_names_its_file_and_line() -> None:
    file = read_folder(
        CONF | {"zones/public.xml": '<zone>\n  <service name="ssh"/>\n</zone>\n'}, {}, frozenset()
    )
    assert file is not None
    places = {file.place(by.line) for by in reached(file, (22,), ASKED).answers[22].by}
    assert "zones/public.xml:2" in places


def test_a_single_zone_is_the_default_one() -> None:
    file = read_rules('<?xml version="1.0"?>\n<zone>\n<service name="ssh"/></zone>\n', "dmz.xml", {})
    assert file is not None
    assert answers(file, ASKED)[22] == "open"


BOMB = '<!DOCTYPE zone [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><zone><short>&b;</short></zone>'


@pytest.mark.parametrize("text", [BOMB, "<zone>", "", "<zone>" * 50, "no xml", '<zone a="1" a="2"/>'])
def test_hostile_xml_is_refused(text: str) -> None:
    with pytest.raises(NoXmlError):
        parse(text)
    file = read_firewalld(CONF | {"zones/public.xml": text})
    assert answers(file, ASKED)[22] == "unknown"


DENIED = '<rule priority="-1"><port port="80" protocol="tcp"/><drop/></rule>'
PUBLIC = f'<zone>\n<service name="ssh"/>\n{DENIED}\n</zone>'


@settings(deadline=None)
@given(st.integers(0, len(PUBLIC)), st.text(min_size=1, max_size=3))
def test_no_damage_turns_an_answer_into_another_one(at: int, junk: str) -> None:
    whole = answers(read_firewalld(CONF | {"zones/public.xml": PUBLIC}), ASKED)
    cut = answers(read_firewalld(CONF | {"zones/public.xml": PUBLIC[:at]}), ASKED)
    assert all(cut[port] in {whole[port], "unknown"} for port in (22, 80, 443)) or at == len(PUBLIC)
    read_firewalld(CONF | {"zones/public.xml": PUBLIC[:at] + junk + PUBLIC[at:]})


LISTED = """public (active)
  target: default
  icmp-block-inversion: no
  interfaces: eth0
  sources: 
  services: {services}
  ports: 8080/tcp
  protocols: 
  forward: yes
  masquerade: no
  forward-ports: 
  source-ports: 
  icmp-blocks: 
  rich rules: 
\t{rich}
"""  # noqa: W291 - as it is printed


@pytest.mark.parametrize(
    ("services", "rich", "expected"),
    [
        ("ssh", 'rule family="ipv4" source address="203.0.113.7" accept', "open"),
        ("", 'rule family="ipv4" source address="198.51.100.7" accept', "open"),
        ("", 'rule family="ipv4" source NOT address="198.51.100.7" accept', "rejected"),
        ("", 'rule service name="ssh" log prefix="a b" level="info" limit value="1/m" drop', "dropped"),
        ("house", 'rule service name="http" accept', "unknown"),
        ("", "rule sesame accept", "unknown"),
    ],
)
def test_what_is_listed(services: str, rich: str, expected: str) -> None:
    file = read_rules(LISTED.format(services=services, rich=rich), "list.txt", {})
    assert file is not None
    assert answers(file, ASKED)[22] == expected
