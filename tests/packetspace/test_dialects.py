"""Rules as written, in each dialect: what becomes of one packet, and the cases in which nobody can tell."""

from __future__ import annotations

import ipaddress
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.platforms.linux.filter_rules.dialects import read_rules
from collectors.platforms.linux.filter_rules.ipset import read_ipsets
from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.nft_json import read_nft_json
from collectors.platforms.linux.filter_rules.nft_text import read_nft
from scanner.facts.rules import Action, Stage
from scanner.packetspace.analysis import analyse
from scanner.packetspace.cube import ALL, PROTOCOL, fielded
from scanner.packetspace.finding import packet_of
from scanner.packetspace.interfaces import interfaces_of
from scanner.packetspace.reach import TCP, Question
from scanner.packetspace.reached import reached

ASKED = Question(
    TCP,
    came="eth0",
    source=ipaddress.ip_address("198.51.100.7"),
    destination=ipaddress.ip_address("192.0.2.1"),
)


def answer(text: str, question: Question = ASKED, port: int = 22, sets: str = "") -> str:
    named = read_ipsets(sets.split("\n"))[0]
    file = read_rules(text, "rules", named)
    assert file is not None
    return reached(file, (port,), question).answers[port].answer.value


def saved(*rules: str, policy: str = "DROP", chains: str = "") -> str:
    lines = ["*filter", f":INPUT {policy} [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]"]
    lines += [f":{name} - [0:0]" for name in chains.split()]
    return "\n".join([*lines, *rules, "COMMIT", ""])


def nft(*rules: str, policy: str = "drop", more: str = "") -> str:
    inner = "\n".join(rules)
    return (
        f"table inet filter {{\n{more}\nchain input {{\n"
        f"type filter hook input priority filter; policy {policy};\n{inner}\n}}\n}}\n"
    )


IPTABLES = [
    ("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", "open"),
    ("[12:345] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", "open"),
    ("-A INPUT -p tcp --dport ssh -j ACCEPT", "open"),
    ("-A INPUT -m state --state NEW -p tcp --dport 22 -j ACCEPT", "open"),
    ("-A INPUT -j ACCEPT -p tcp --dport 22", "open"),
    ('-A INPUT -p tcp -m comment --comment "no -j DROP" -m tcp --dport 22 -j ACCEPT', "open"),
    ("-A INPUT -p tcp -m multiport --dports 20:23,80 -j REJECT --reject-with tcp-reset", "rejected"),
    ("-A INPUT ! -s 198.51.100.0/24 -j ACCEPT", "dropped"),
    ("-A INPUT -s ! 10.0.0.0/8 -j ACCEPT", "open"),
    ("-A INPUT -s 198.51.100.0/255.255.255.0 -j ACCEPT", "open"),
    ("-A INPUT -m iprange --src-range 198.51.100.1-198.51.100.9 -j ACCEPT", "open"),
    ("-A INPUT -i eth+ -j ACCEPT", "open"),
    ("-A INPUT -i eth1 -j ACCEPT", "dropped"),
    ("-A INPUT -p tcp -m tcp --sport 53 -j ACCEPT", "dropped"),
    ("-A INPUT -p tcp -m tcp ! --syn -j ACCEPT", "dropped"),
    ("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "dropped"),
    ("-A INPUT -m conntrack --ctstate NEW,DNAT -j ACCEPT", "open"),
    ("-A INPUT -m addrtype --dst-type LOCAL -j ACCEPT", "open"),
    ("-A INPUT -m addrtype --dst-type BROADCAST -j ACCEPT", "dropped"),
    ("-A INPUT -m limit --limit 5/min -j ACCEPT", "open"),
    ("-A INPUT -m mac --mac-source 00:11:22:33:44:55 -j ACCEPT", "dropped"),
    ("-A INPUT -m mark --mark 0x1 -j ACCEPT", "dropped"),
    ("-A INPUT -m connlimit --connlimit-above 10 -j ACCEPT", "dropped"),
    ("-A INPUT -m recent --name bad --rcheck --seconds 60 -j ACCEPT", "dropped"),
    ("-A INPUT -m time --timestart 08:00 --timestop 18:00 -j ACCEPT", "unknown"),
    ("-A INPUT -m statistic --mode random --probability 0.5 -j ACCEPT", "unknown"),
    ("-A INPUT -m set --match-set some src -j ACCEPT", "unknown"),
    ("-A INPUT -m sesame --open -j ACCEPT", "unknown"),
    ("-A INPUT -p tcp --dport 22 --sesame -j ACCEPT", "unknown"),
    ("-A INPUT -s no.such.host -j ACCEPT", "unknown"),
    ("-A INPUT -s 10.0.0.1/255.0.255.0 -j ACCEPT", "unknown"),
    ("-A INPUT -p tcp -j NFQUEUE --queue-num 1", "unknown"),
    ("-A INPUT -p tcp -j WHATEVER", "unknown"),
    ("-A INPUT -p udp -j WHATEVER", "dropped"),
    ("-A INPUT -m conntrack --ctstatus ASSURED,CONFIRMED -j ACCEPT", "dropped"),
    ("-A INPUT -p tcp -m tcpmss --mss 1:535 -j ACCEPT", "dropped"),
    ("-A INPUT -p tcp -m tcpmss ! --mss 536:65535 -j ACCEPT", "dropped"),
    ("-A INPUT -p tcp -m tcpmss --mss 1300:1400 -j ACCEPT", "unknown"),
    ("-A INPUT -m connlimit --connlimit-above 0 -j ACCEPT", "open"),
    ("-A INPUT -m connlimit --connlimit-upto 0 -j ACCEPT", "dropped"),
]


@pytest.mark.parametrize(("rule", "expected"), IPTABLES)
def test_a_rule_of_iptables(rule: str, expected: str) -> None:
    assert answer(saved(rule)) == expected


def test_returns_and_gotos_of_iptables() -> None:
    jumped = (
        "-A INPUT -j A",
        "-A INPUT -j ACCEPT",
        "-A A -p tcp -m tcp --dport 22 -j RETURN",
        "-A A -j DROP",
    )
    assert answer(saved(*jumped, chains="A")) == "open"
    assert answer(saved(*jumped, chains="A"), port=23) == "dropped"
    gone = ("-A INPUT -g A", "-A INPUT -j ACCEPT", "-A A -p tcp -m tcp --dport 22 -j RETURN")
    assert answer(saved(*gone, chains="A")) == "dropped"


def test_a_mark_that_a_rule_may_have_set_is_unknown() -> None:
    asked = "-A INPUT -m mark --mark 0x1 -j ACCEPT"
    assert answer(saved("-A INPUT -p tcp -j MARK --set-xmark 0x1/0xffffffff", asked)) == "unknown"


def test_lists_of_sources_that_the_packet_itself_may_have_filled() -> None:
    seen = "-A INPUT -m recent --name seen --rcheck --seconds 60 -j REJECT"
    fills = "-A INPUT -p tcp -m tcp --dport 22 -m recent --name seen --set"
    assert answer(saved(fills, seen)) == "unknown"
    assert answer(saved(seen, f"{fills} -j DROP")) == "dropped"
    often = "-A INPUT -m recent --name seen --update --seconds 60 --hitcount 4 -j REJECT"
    assert answer(saved(fills, often)) == "dropped"


def test_sets_of_ipset() -> None:
    rule = "-A INPUT -m set {} --match-set some src{} -j ACCEPT"
    hosts = "create some hash:net family inet\nadd some 198.51.100.0/24\nadd some 10.0.0.1 timeout 30"
    assert answer(saved(rule.format("", "")), sets=hosts) == "open"
    assert answer(saved(rule.format("!", "")), sets=hosts) == "dropped"
    assert answer(saved(rule.format("", "")), sets=hosts + "\nadd some 198.51.100.7 nomatch") == "unknown"
    pairs = "create some hash:ip,port\nadd some 198.51.100.7,tcp:22"
    assert answer(saved(rule.format("", ",dst")), sets=pairs) == "open"
    assert answer(saved(rule.format("", ",dst")), sets=pairs, port=23) == "dropped"


def test_what_iptables_s_prints() -> None:
    text = "-P INPUT DROP\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-N A\n-A INPUT -j A\n-A A -p tcp -j ACCEPT\n"
    file = read_rules(text, "rules", {})
    assert file is not None
    assert (file.dialect, file.unread) == ("iptables -S", ())
    assert answer(text) == "open"


def test_a_dump_of_ipv6_says_nothing_of_ipv4() -> None:
    text = "# Generated by ip6tables-save v1.8.9\n" + saved("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT")
    six = Question(TCP, came="eth0", source=ipaddress.ip_address("2001:db8::7"))
    assert answer(text, six) == "open"
    assert answer(text, six, port=23) == "dropped"


NFT = [
    ("tcp dport 22 accept", "open"),
    ('tcp dport { 20-23, 80 } counter packets 1 bytes 2 accept comment "x drop"', "open"),
    ("tcp dport != 22 accept", "dropped"),
    ("tcp dport > 1023 accept", "dropped"),
    ("ip saddr 198.51.100.0/24 tcp dport ssh reject with tcp reset", "rejected"),
    ("ip6 saddr ::/0 accept", "dropped"),
    ("ip saddr != { 10.0.0.0/8, 192.168.0.0-192.168.0.9 } accept", "open"),
    ('iifname "eth*" accept', "open"),
    ('iifname { "eth1", "eth2" } accept', "dropped"),
    ("ct state vmap { established : accept, new : jump inner }", "open"),
    ("ip saddr . tcp dport { 198.51.100.7 . 22, 10.0.0.1 . 80 } accept", "open"),
    ("ip saddr @good accept", "open"),
    ("tcp dport vmap @ports", "rejected"),
    ("ct state established,related accept", "dropped"),
    ("meta l4proto { tcp, udp } th dport 22 accept", "open"),
    ("tcp flags & (fin|syn|rst|ack) == syn accept", "open"),
    ("tcp flags syn / fin,syn,rst,ack accept", "open"),
    ("tcp flags ! syn accept", "dropped"),
    ("fib daddr type local accept", "open"),
    ("limit rate 5/minute burst 5 packets accept", "open"),
    ("limit rate over 5/minute accept", "dropped"),
    ("add @seen { ip saddr limit rate over 5/minute } accept", "dropped"),
    ("ct count over 20 accept", "dropped"),
    ("meta mark 0x00000001 accept", "dropped"),
    ("ether saddr 00:11:22:33:44:55 accept", "dropped"),
    ('meta hour "08:00"-"18:00" accept', "unknown"),
    ("ip dscp cs1 accept", "unknown"),
    ('xt match "recent" accept', "unknown"),
    ("ip saddr @nowhere accept", "unknown"),
    ("# ssh: for everybody\naccept", "open"),
    ("# recent: UPDATE seconds: 60 counter packets 0 bytes 0 drop\naccept", "unknown"),
    ("meta l4proto tcp # recent: UPDATE seconds: 60 name: x counter accept", "unknown"),
    ("open sesame accept", "unknown"),
    ("queue to 1", "unknown"),
    ("ct state ! invalid accept", "open"),
    ("ct state ! related,established,new accept", "dropped"),
    ("ct state and new == new accept", "open"),
    ("ct status ! dnat accept", "open"),
    ("ct mark and 0x10 != 0x10 accept", "open"),
    ("ct mark set mark tcp dport 23 accept", "dropped"),
    ("meta mark set ip saddr map { 198.51.100.7 : 1 } tcp dport 22 accept", "open"),
    ("ct mark set ct mark and 0xff or 0x1 tcp dport 23 accept", "dropped"),
    ("meta mark set numgen random mod 3 accept", "unknown"),
    ("counter name hits tcp dport 23 accept", "dropped"),
    ('log prefix "x: " level warn flags all tcp dport 23 accept', "dropped"),
    ("log flags tcp sequence,options tcp dport 22 accept", "open"),
    ("meta secpath missing accept", "open"),
    ("fib saddr . iif oif 0 accept", "dropped"),
    ("meta oif 0 accept", "unknown"),
    ("tcp option maxseg size 1-535 accept", "dropped"),
    ("tcp dport lt 1024 accept", "open"),
    ("add @seen { ip saddr }\nip saddr @seen accept", "unknown"),
    ("ip saddr @seen accept", "dropped"),
]
MORE = """
set good { type ipv4_addr; flags interval; elements = { 10.0.0.1, 198.51.100.0/25 } }
set seen { type ipv4_addr; flags dynamic; }
map ports { type inet_service : verdict; elements = { 22 : jump refuse, 80 : accept } }
chain inner { tcp dport 22 accept; }
chain refuse { reject with icmpx type admin-prohibited }
"""


@pytest.mark.parametrize(("rule", "expected"), NFT)
def test_a_rule_of_nft(rule: str, expected: str) -> None:
    assert answer(nft(rule, more=MORE)) == expected


def test_a_file_written_by_hand() -> None:
    text = """#!/usr/sbin/nft -f
flush ruleset
define ADMIN = { 10.0.0.0/8,
                 198.51.100.0/24 }
define OPEN = 22
table inet filter
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ip saddr $ADMIN tcp dport $OPEN accept
  }
}
add rule inet filter input tcp dport 80 accept
"""
    assert answer(text) == "open"
    assert answer(text, port=80) == "open"
    assert answer(text, port=81) == "dropped"


def test_a_drop_of_a_later_table_is_final_and_an_accept_is_not() -> None:
    closing = (
        "table ip late {\nchain c {\n"
        "type filter hook input priority 10; policy accept;\ntcp dport 22 drop\n}\n}\n"
    )
    assert answer(nft("accept") + closing) == "dropped"
    assert answer(closing + nft("accept"), port=23) == "open"


def test_a_rule_of_json_stands_at_its_line() -> None:
    objects = [
        {"metainfo": {"json_schema_version": 1}},
        {"table": {"family": "inet", "name": "f"}},
        {"chain": {"family": "inet", "table": "f", "name": "i", "type": "filter", "hook": "input",
                   "prio": 0, "policy": "drop"}},
        {"rule": {"family": "inet", "table": "f", "chain": "i", "expr": [
            {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}},
            {"accept": None}]}},
        {"rule": {"family": "inet", "table": "f", "chain": "i", "expr": [{"sesame": {}}, {"accept": None}]}},
    ]  # fmt: skip
    text = '{"nftables": [' + ",\n".join(map(json.dumps, objects[:4])) + "]}"
    assert answer(text) == "open"
    assert answer(text, port=23) == "dropped"
    file = read_nft_json(text.split("\n"))
    assert [r.line for t in file.tables for c in t.chains for r in c.rules] == [4]
    odd = '{"nftables": [' + ",\n".join(map(json.dumps, objects)) + "]}"
    assert answer(odd, port=23) == "unknown"
    assert answer(text[:-40]) == "dropped" or read_nft_json(text[:-40].split("\n")).unread


def test_ports_that_rules_tell_apart_are_told_apart() -> None:
    text = saved(
        "-A INPUT -p tcp -m multiport --dports 5,7:9 -j ACCEPT", "-A INPUT -p tcp --dport 8 -j ACCEPT"
    )
    file = read_rules(text, "rules", {})
    assert file is not None
    found = reached(file, tuple(range(1, 12)), ASKED).answers
    assert [port for port, one in found.items() if one.answer.value == "open"] == [5, 7, 8, 9]


@settings(deadline=None)
@given(st.lists(st.text('-AINPUTj ACCEPT!sdp10.,:/"@{}vmaptcpdport\n#', max_size=60), max_size=8))
def test_any_lines_give_rules_or_places_that_were_not_understood(lines: list[str]) -> None:
    for read in (read_iptables, read_nft, read_nft_json):
        file = read(lines)
        assert file.lines == len(lines)
        analyse(file)


@settings(deadline=None)
@given(
    st.sampled_from([saved(*(r for r, _ in IPTABLES[:12])), nft(*(r for r, _ in NFT[:12]), more=MORE)]),
    st.data(),
)
def test_a_cut_or_overwritten_dump_is_read_to_some_end(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    junk = data.draw(st.text(max_size=5))
    file = read_rules(text[:at] + junk + text[at + len(junk) :], "rules", {})
    if file is not None:
        reached(file, (22,), ASKED)
        analyse(file)


@settings(deadline=None)
@given(st.text("abc -j\x0b\x0c\x1c\x85\u2028", max_size=20))
def test_no_comment_begins_a_rule(comment: str) -> None:
    text = saved(f'-A INPUT -p udp -m comment --comment "{comment}-A INPUT -j ACCEPT" -j ACCEPT')
    assert answer(text) == "dropped"


def test_an_unread_accept_counts_against_the_default_deny() -> None:
    file = read_rules(saved("-A INPUT -m sesame --open -j ACCEPT"), "rules", {})
    assert file is not None
    assert file.unread[0].line == 5
    assert not any(analyse(file).denies[Stage.INPUT].values())
    assert file.tables[0].chains[0].rules[0].action is Action.ACCEPT


DENIES = [
    (("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",), "DROP", True),
    (("-A INPUT -j DROP",), "ACCEPT", True),
    (("-A INPUT -j LOG", "-A INPUT -j A", "-A A -j REJECT"), "ACCEPT", True),
    (("-A INPUT -i lo -j ACCEPT",), "DROP", True),
    ((), "ACCEPT", False),
    (("-A INPUT ! -s 10.0.0.0/8 -j ACCEPT",), "DROP", False),
    (("-A INPUT -p tcp -j ACCEPT",), "DROP", False),
    (("-A INPUT -p tcp -m tcp ! --dport 22 -j ACCEPT",), "DROP", False),
    (("-A INPUT -s 0.0.0.0/1 -j ACCEPT", "-A INPUT -s 128.0.0.0/1 -j ACCEPT"), "DROP", False),
    (("-A INPUT -i eth0 -j ACCEPT",), "DROP", False),
    (("-A INPUT -i eth0 -j DROP",), "ACCEPT", False),
    (("-A INPUT -p tcp -j DROP", "-A INPUT -p udp -j DROP"), "ACCEPT", False),
    (("-A INPUT -m limit --limit 1/s -j ACCEPT",), "DROP", False),
    (("-A INPUT -j NFQUEUE",), "DROP", False),
    (("-A INPUT -m sesame -j DROP",), "ACCEPT", False),
    (("-A INPUT -j A", "-A INPUT -j DROP", "-A A -m sesame -j ACCEPT"), "ACCEPT", False),
]


@pytest.mark.parametrize(("rules", "policy", "denied"), DENIES)
def test_whether_a_default_deny_is_real(rules: tuple[str, ...], policy: str, denied: bool) -> None:
    file = read_rules(saved(*rules, policy=policy, chains="A"), "rules", {})
    assert file is not None
    assert all(analyse(file).denies[Stage.INPUT].values()) is denied


WIDE = [
    ("-A INPUT -j ACCEPT", "any-any"),
    ("-A INPUT -s 0.0.0.0/0 -p tcp -j ACCEPT", "over-wide"),
    ("-A INPUT -s 10.0.0.0/8 -j ACCEPT", "over-wide"),
    ("-A INPUT -p tcp -m tcp --sport 53 -j ACCEPT", "source-port"),
    ("-A INPUT -p tcp -m multiport --dports 443,3389 -j ACCEPT", "exposed-port"),
    ("-A INPUT -s 10.1.0.0/16 -p tcp --dport 3389 -j ACCEPT", ""),
    ("-A INPUT -p tcp --dport 443 -j ACCEPT", ""),
    ("-A INPUT -i lo -j ACCEPT", ""),
    ("-A INPUT -p icmp -j ACCEPT", ""),
    ("-A INPUT -m state --state ESTABLISHED -j ACCEPT", ""),
    ("-A INPUT -m mac --mac-source 00:11:22:33:44:55 -j ACCEPT", ""),
]


@pytest.mark.parametrize(("rule", "kind"), WIDE)
def test_rules_that_are_too_wide(rule: str, kind: str) -> None:
    file = read_rules(saved(rule), "rules", {})
    assert file is not None
    (found,) = ([one.kind.value for one in analyse(file).findings if one.line == 5],)
    assert found == ([kind] if kind else [])


def test_a_wide_rule_behind_a_deny_is_only_useless() -> None:
    file = read_rules(saved("-A INPUT -j DROP", "-A INPUT -j ACCEPT"), "rules", {})
    assert file is not None
    assert [one.kind.value for one in analyse(file).findings if one.line == 6] == [
        "contradictory",
        "shadowed",
    ]


def test_a_witness_is_an_ordinary_packet_where_there_is_one() -> None:
    file = read_iptables(
        ["*filter", ":INPUT DROP [0:0]", "-A INPUT -i eth0 -j ACCEPT", "-A INPUT -p icmp -j ACCEPT", "COMMIT"]
    )
    told = {one.line: one.witness for one in analyse(file).findings if one.witness is not None}
    assert str(told[3]).startswith("tcp 198.51.100.7 port 40000 -> 192.0.2.1 port 443")
    asked = fielded(ALL, PROTOCOL, ((1, 1),))
    assert str(packet_of(asked, interfaces_of(file))).startswith("icmp type 8/0 198.51.100.7 -> 192.0.2.1")
