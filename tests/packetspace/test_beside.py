"""What tables beside the filter do to a packet: no port is said to be closed, or open, in spite of it."""

from __future__ import annotations

import ipaddress

import pytest

from collectors.platforms.linux.filter_rules.dialects import read_rules
from scanner.facts.rules import Stage
from scanner.packetspace.reach import TCP, Question
from scanner.packetspace.reached import Reach, reached

FILTER = """*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 23 -j REJECT
-A FORWARD -d 10.0.0.5/32 -p tcp -m tcp --dport 80 -j ACCEPT
-A FORWARD -d 10.0.0.6/32 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A FORWARD -d 10.0.0.7/32 -m conntrack --ctstate DNAT -j ACCEPT
COMMIT
"""


def asked(text: str, stage: Stage = Stage.INPUT, port: int = 22) -> Reach:
    file = read_rules(text, "rules", {})
    assert file is not None
    addresses = ipaddress.ip_address("198.51.100.7"), ipaddress.ip_address("192.0.2.1")
    return reached(file, (port,), Question(TCP, stage, "eth0", *addresses))


def table(name: str, chain: str, *rules: str, policy: str = "ACCEPT") -> str:
    return "\n".join([f"*{name}", f":{chain} {policy} [0:0]", *rules, "COMMIT", ""])


def nat(rule: str) -> str:
    return table("nat", "PREROUTING", f"-A PREROUTING {rule}") + FILTER


UNTRACKS = """table inet r {
 chain p { type filter hook prerouting priority -300; policy accept; notrack; }
 chain i { type filter hook input priority 0; policy drop; ct state untracked accept; }
}
"""
SSH, TELNET, OTHER = 22, 23, 81
CASES = [
    ("nothing beside", FILTER, OTHER, "dropped"),
    (
        "another port is translated",
        nat("-p tcp --dport 80 -j DNAT --to-destination 10.0.0.5"),
        OTHER,
        "dropped",
    ),
    (
        "another interface",
        nat("-i eth1 -p tcp --dport 81 -j DNAT --to-destination 10.0.0.5:80"),
        OTHER,
        "dropped",
    ),
    ("published", nat("-p tcp --dport 81 -j DNAT --to-destination 10.0.0.5:80"), OTHER, "unknown"),
    (
        "published to what nobody lets through",
        nat("-p tcp --dport 81 -j DNAT --to-destination 10.0.0.9"),
        OTHER,
        "dropped",
    ),
    (
        "sent to itself, where it is open",
        nat("-p tcp --dport 81 -j REDIRECT --to-ports 22"),
        OTHER,
        "unknown",
    ),
    (
        "sent to itself, where it is closed",
        nat("-p tcp --dport 81 -j REDIRECT --to-ports 82"),
        OTHER,
        "dropped",
    ),
    ("an open port is sent away", nat("-p tcp --dport 22 -j DNAT --to-destination 10.0.0.9"), SSH, "unknown"),
    ("all of it is open", nat("-p tcp --dport 22 -j REDIRECT --to-ports 22"), SSH, "open"),
    ("an unknown target", nat("-p tcp --dport 81 -j NETMAP --to 10.0.0.0/24"), OTHER, "unknown"),
    ("it may match", nat("-p tcp -m time --timestart 08:00 -j REDIRECT --to-ports 22"), OTHER, "unknown"),
    (
        "an exception before it",
        nat("-p tcp --dport 81 -j RETURN\n-A PREROUTING -p tcp -j REDIRECT --to-ports 22"),
        OTHER,
        "dropped",
    ),
    (
        "raw drops",
        table("raw", "PREROUTING", "-A PREROUTING -p tcp --dport 22 -j DROP") + FILTER,
        SSH,
        "unknown",
    ),
    (
        "raw drops what the filter drops",
        table("raw", "PREROUTING", "-A PREROUTING -p tcp -j DROP") + FILTER,
        OTHER,
        "dropped",
    ),
    ("mangle drops by its policy", table("mangle", "INPUT", policy="DROP") + FILTER, SSH, "unknown"),
    ("mangle rejects nothing here", table("mangle", "FORWARD", policy="DROP") + FILTER, SSH, "open"),
    ("dropped instead of rejected", table("mangle", "INPUT", policy="DROP") + FILTER, TELNET, "unknown"),
    (
        "a mark nobody asks for",
        table("mangle", "PREROUTING", "-A PREROUTING -j MARK --set-mark 1") + FILTER,
        SSH,
        "open",
    ),
    (
        "a mark that opens",
        table("mangle", "PREROUTING", "-A PREROUTING -j MARK --set-mark 1")
        + FILTER.replace("COMMIT", "-A INPUT -m mark --mark 1 -j ACCEPT\nCOMMIT"),
        OTHER,
        "unknown",
    ),
    (
        "untracked",
        table("raw", "PREROUTING", "-A PREROUTING -p tcp --dport 22 -j CT --notrack")
        + FILTER.replace("--dport 22", "--dport 22 -m state --state NEW"),
        SSH,
        "unknown",
    ),
    (
        "untracked and let in",
        table("raw", "PREROUTING", "-A PREROUTING -j NOTRACK")
        + FILTER.replace("COMMIT", "-A INPUT -m state --state UNTRACKED -j ACCEPT\nCOMMIT"),
        OTHER,
        "unknown",
    ),
    (
        "untracked, and nobody asks",
        table("raw", "PREROUTING", "-A PREROUTING -j NOTRACK") + FILTER,
        SSH,
        "open",
    ),
    ("nft untracks", UNTRACKS, SSH, "unknown"),
    ("a cut table beside", "*nat\n:PREROUTING ACCEPT [0:0]\n" + FILTER, SSH, "unknown"),
]


@pytest.mark.parametrize(("what", "text", "port", "expected"), CASES, ids=[one[0] for one in CASES])
def test_a_port_with_what_stands_beside_the_filter(what: str, text: str, port: int, expected: str) -> None:
    assert asked(text, port=port).answers[port].answer.value == expected, what


FOLLOWED = [
    ("DNAT --to-destination 10.0.0.5:80", {"forward": "open", "input": "dropped"}),
    ("DNAT --to-destination 10.0.0.6:80", {"forward": "unknown", "input": "dropped"}),  # by docker0 only
    ("DNAT --to-destination 10.0.0.7", {"forward": "open", "input": "dropped"}),
    ("DNAT --to-destination 10.0.0.5-10.0.0.6:80", {"forward": "unknown", "input": "dropped"}),
    ("DNAT --to-destination :22", {"input": "open"}),
    ("DNAT --to-destination 127.0.0.1:22", {"input": "unknown"}),
    ("REDIRECT --to-ports 22-23", {"input": "unknown"}),
    ("DNAT --to-destination nowhere", {}),
]


@pytest.mark.parametrize(("target", "answers"), FOLLOWED)
def test_a_translated_packet_is_followed_to_every_hook_it_may_come_to(
    target: str, answers: dict[str, str]
) -> None:
    (followed,) = asked(nat(f"-p tcp --dport 81 -j {target}"), port=81).followed
    assert {hook.value: answer.value for hook, answer in followed.answers} == answers
    assert (followed.rule.line, followed.ports) == (3, ((81, 81),))


@pytest.mark.parametrize(
    "target",
    ["dnat to 10.0.0.5:80", "dnat ip to 10.0.0.5:80", "redirect to :22", 'dnat to 10.0.0.5 comment "x"'],
)
def test_nft_translates(target: str) -> None:
    text = (
        "table ip n {\n chain p {\n type nat hook prerouting priority dstnat; policy accept;\n"
        f"tcp dport 81 {target}\n}}\n chain i {{\n type filter hook input priority 0; policy drop;\n"
        "tcp dport 22 accept\n}\n}\n"
    )
    assert asked(text, port=81).answers[81].answer.value == "unknown"
    assert asked(text, port=82).answers[82].answer.value == "dropped"


def test_the_answer_to_some_is_open_though_others_are_dropped_beside() -> None:
    text = table("raw", "PREROUTING", "-A PREROUTING -s 10.0.0.0/8 -j DROP") + FILTER
    file = read_rules(text, "rules", {})
    assert file is not None
    answer = reached(file, (22,), Question(TCP)).answers[22]
    assert answer.answer.value == "open"


def test_all_ports_of_a_translating_rule_are_told() -> None:
    rule = "-p tcp -m multiport --dports 80,443 -j DNAT --to-destination 10.0.0.5"
    file = read_rules(nat(rule), "rules", {})
    assert file is not None
    (beside,) = reached(file, (79, 80, 443), Question(TCP)).beside
    assert beside.ports == ((80, 80), (443, 443))


def test_packets_of_the_host_itself_are_followed_too() -> None:
    text = table("nat", "OUTPUT", "-A OUTPUT -p tcp --dport 81 -j DNAT --to-destination 10.0.0.5:80")
    opened = FILTER.replace("COMMIT", "-A OUTPUT -p tcp --dport 80 -j ACCEPT\nCOMMIT")
    assert asked(text + opened, Stage.OUTPUT, 81).answers[81].answer.value == "unknown"
    assert asked(text + FILTER, Stage.OUTPUT, 81).answers[81].answer.value == "dropped"


def test_a_file_of_one_family_says_nothing_of_the_other() -> None:
    file = read_rules(FILTER, "rules", {})
    assert file is not None
    six = Question(TCP, source=ipaddress.ip_address("2001:db8::7"))
    assert reached(file, (22,), six).answers[22].answer.value == "unknown"
