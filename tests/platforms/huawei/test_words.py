"""Rules as VRP writes them: what becomes of one packet, and the words with which nobody can tell."""

from __future__ import annotations

import ipaddress

import pytest

from collectors.platforms.dialects import decoded, read_rules
from collectors.platforms.huawei.addresses import taken_after_mask, taken_after_wildcard
from collectors.platforms.huawei.reading import looks_like_huawei
from scanner.facts.rules import Stage
from scanner.packetspace.reach import TCP, Question
from scanner.packetspace.reached import reached

FROM, TO = ipaddress.ip_address("10.1.2.3"), ipaddress.ip_address("10.9.0.7")
FROM6, TO6 = ipaddress.ip_address("2001:db8:1::3"), ipaddress.ip_address("2001:db8:9::7")


def answer(text: str, question: Question, port: int = 443) -> str:
    file = read_rules(text, "config", {})
    assert file is not None
    return reached(file, (port,), question).answers[port].answer.value


def with_list(*rules: str, six: bool = False, order: str = "") -> str:
    family = "ipv6 " if six else ""
    lines = [
        "#",
        f"acl {family}number 3000{order}",
        *(f" {rule}" for rule in rules),
        "#",
        "interface GigabitEthernet0/0/1",
        " ip address 10.1.0.1 255.255.0.0",
        f" traffic-filter inbound acl {family}3000",
        "#",
        "return",
        "",
    ]
    return "\n".join(lines)


def through(six: bool = False) -> Question:
    source, to = (FROM6, TO6) if six else (FROM, TO)
    return Question(TCP, Stage.FORWARD, "GigabitEthernet0/0/1", source, to)


DENYING = [
    ("rule 5 deny ip", "dropped"),
    ("rule deny ip", "dropped"),
    ("rule 5 deny tcp", "dropped"),
    ("rule 5 deny 6", "dropped"),
    ("rule 5 deny udp", "open"),
    ("rule 5 deny 17 destination-port eq 443", "open"),
    ("rule 5 deny tcp destination-port eq 443", "dropped"),
    ("rule 5 deny tcp destination-port eq www", "open"),
    ("rule 5 deny tcp destination-port gt 442", "dropped"),
    ("rule 5 deny tcp destination-port lt 443", "open"),
    ("rule 5 deny tcp destination-port neq 443", "open"),
    ("rule 5 deny tcp destination-port range 440 450", "dropped"),
    ("rule 5 deny tcp source-port eq 443", "open"),
    ("rule 5 deny ip source 10.1.2.3 0", "dropped"),
    ("rule 5 deny ip source 10.1.2.3 0.0.0.0", "dropped"),
    ("rule 5 deny ip source 10.1.0.0 0.0.255.255", "dropped"),
    ("rule 5 deny ip source 10.0.2.3 0.255.0.0", "dropped"),
    ("rule 5 deny ip source 10.0.2.4 0.255.0.0", "open"),
    ("rule 5 deny ip source any destination any", "dropped"),
    ("rule 5 deny ip destination 10.9.0.7 0", "dropped"),
    ("rule 5 deny ip destination 10.9.0.8 0", "open"),
    ("rule 5 deny tcp established", "open"),
    ("rule 5 deny tcp tcp-flag syn", "dropped"),
    ("rule 5 deny tcp tcp-flag ack", "open"),
    ("rule 5 deny tcp tcp-flag established", "open"),
    ("rule 5 deny ip fragment", "open"),
    ("rule 5 deny icmp icmp-type echo", "open"),
    ("rule 5 deny icmp icmp-type 8 0", "open"),
    ("rule 5 deny ip logging", "dropped"),
    ("rule 5 description deny ip", "open"),
    ("step 10", "open"),
    # Nobody can tell:
    ("rule 5 deny ip time-range work", "unknown"),
    ("rule 5 deny ip vpn-instance red", "unknown"),
    ("rule 5 deny ip dscp ef", "unknown"),
    ("rule 5 deny tcp tcp-flag ack syn", "unknown"),
    ("rule 5 deny ip sesame open", "unknown"),
    ("rule 5 deny tcp destination-port eq sesame", "unknown"),
    ("rule 5 deny tcp destination-port range 450 440", "unknown"),
    ("rule 5 deny ip source 10.1.2.3", "unknown"),
    ("rule 5 deny ip source 0.0.0.0 170.170.170.170", "unknown"),
    ("rule 5 perhaps ip", "unknown"),
    ("sesame", "unknown"),
    ("rule 5 deny udp sesame open", "open"),
]


@pytest.mark.parametrize(("rule", "expected"), DENYING)
def test_a_rule_of_an_advanced_list(rule: str, expected: str) -> None:
    assert answer(with_list(rule), through()) == expected


SIX = [
    ("rule 5 deny ipv6", "dropped"),
    ("rule 5 deny tcp destination 2001:DB8:9::/48", "dropped"),
    ("rule 5 deny tcp destination 2001:DB8:9:: 48", "dropped"),
    ("rule 5 deny tcp destination 2001:DB8:9::7 128 destination-port eq 443", "dropped"),
    ("rule 5 deny tcp source 2001:DB8:2::/48", "open"),
    ("rule 5 deny icmpv6 icmp6-type echo-request", "open"),
    ("rule 5 deny tcp source 2001:DB8:1:: sesame", "unknown"),
]


@pytest.mark.parametrize(("rule", "expected"), SIX)
def test_a_rule_of_a_list_of_ipv6(rule: str, expected: str) -> None:
    assert answer(with_list(rule, six=True), through(six=True)) == expected


def test_rules_are_asked_by_number_or_from_the_narrowest() -> None:
    rules = ("rule 20 deny ip source 10.1.2.0 0.0.0.255", "rule 10 permit ip source 10.1.0.0 0.0.255.255")
    assert answer(with_list(*rules), through()) == "open"
    assert answer(with_list(*rules, order=" match-order auto"), through()) == "dropped"
    twice = ("rule 5 permit ip", "rule 5 deny ip")
    assert answer(with_list(*twice), through()) == "unknown"


BINDINGS = [
    ("traffic-filter inbound acl 3000", "dropped"),
    ("traffic-filter inbound acl 3000 rule 5", "dropped"),
    ("traffic-filter acl 3000 inbound", "dropped"),
    ("firewall packet-filter 3000 inbound", "dropped"),
    ("packet-filter inbound ip-group 3000", "dropped"),
    ("traffic-filter outbound acl 3000", "open"),
    ("traffic-filter inbound acl 3999", "unknown"),
    ("traffic-filter inbound acl name nobody", "unknown"),
    ("traffic-filter inbound sesame acl 3000", "unknown"),
    ("traffic-policy nobody inbound", "unknown"),
]


@pytest.mark.parametrize(("line", "expected"), BINDINGS)
def test_where_a_list_hangs(line: str, expected: str) -> None:
    text = with_list("rule 5 deny ip").replace("traffic-filter inbound acl 3000", line)
    assert answer(text, through()) == expected


def test_lists_of_a_vlan_and_of_the_whole_device() -> None:
    plain = with_list("rule 5 deny ip").replace(" traffic-filter inbound acl 3000\n", "")
    everywhere = plain.replace("#\nreturn", "traffic-filter inbound acl 3000\n#\nreturn")
    assert answer(everywhere, through()) == "dropped"
    own = with_list("rule 5 permit ip").replace(
        "acl number 3000", "acl number 3001\n rule 5 deny ip\nacl number 3000"
    )
    both = own.replace("#\nreturn", "traffic-filter inbound acl 3001\n#\nreturn")
    assert answer(both, through()) == "unknown"
    vlan = plain.replace("#\nreturn", "#\nvlan 10\n traffic-filter inbound acl 3000\n#\nreturn")
    assert answer(vlan, through()) == "unknown"


def test_ports_below_a_vlan_interface_or_a_trunk() -> None:
    text = with_list("rule 5 deny ip").replace("GigabitEthernet0/0/1", "Eth-Trunk1")
    member = text.replace("#\nreturn", "#\ninterface GigabitEthernet0/0/1\n eth-trunk 1\n#\nreturn")
    assert answer(member, through()) == "unknown"
    vlan = text.replace("Eth-Trunk1", "Vlanif10")
    access = "#\ninterface GigabitEthernet0/0/1\n port default vlan 10\n"
    assert answer(vlan.replace("#\nreturn", f"{access}#\nreturn"), through()) == "unknown"
    closed = f"{access} traffic-filter inbound acl 3000\n#\nreturn"
    assert answer(vlan.replace("#\nreturn", closed), through()) == "dropped"


def policy(*lines: str) -> str:
    return "\n".join(
        [
            "#",
            "ip address-set web type object",
            " address 0 10.9.0.0 mask 24",
            "#",
            "ip service-set app type object",
            " service 0 protocol tcp destination-port 440 to 450",
            "#",
            "firewall zone trust",
            " set priority 85",
            " add interface GigabitEthernet1/0/1",
            "#",
            "firewall zone untrust",
            " set priority 5",
            " add interface GigabitEthernet1/0/2",
            "#",
            "security-policy",
            " rule name one",
            *(f"  {line}" for line in lines),
            "#",
            "return",
            "",
        ]
    )


POLICIES = [
    (("action permit",), "open"),
    (("action deny",), "dropped"),
    (("source-zone untrust", "action permit"), "open"),
    (("source-zone trust", "action permit"), "dropped"),
    (("source-zone trust untrust", "action permit"), "open"),
    (("source-zone any", "action permit"), "open"),
    (("destination-zone local", "action permit"), "dropped"),
    (("source-address 10.1.0.0 16", "action permit"), "open"),
    (("source-address 10.1.0.0 mask 255.255.0.0", "action permit"), "open"),
    (("source-address 10.1.0.0 0.0.255.255", "action permit"), "open"),
    (("source-address 10.1.2.3 0", "action permit"), "open"),
    (("source-address range 10.1.2.1 10.1.2.9", "action permit"), "open"),
    (("source-address 10.2.0.0 16", "action permit"), "dropped"),
    (("source-address 10.2.0.0 16", "source-address 10.1.2.3 32", "action permit"), "open"),
    (("destination-address address-set web", "action permit"), "open"),
    (("service https", "action permit"), "open"),
    (("service http", "action permit"), "dropped"),
    (("service http https", "action permit"), "open"),
    (("service app", "action permit"), "open"),
    (("service protocol tcp destination-port 443", "action permit"), "open"),
    (("service protocol udp destination-port 443", "action permit"), "dropped"),
    (("service protocol 6", "action permit"), "open"),
    (("service any", "profile av default", "session logging", "action permit"), "open"),
    (("disable", "action permit"), "dropped"),
    (("application any", "user any", "action permit"), "open"),
    # Nobody can tell:
    (("application app QQ", "action permit"), "unknown"),
    (("user user-group /default/staff", "action permit"), "unknown"),
    (("time-range work", "action permit"), "unknown"),
    (("source-address geo-location Mars", "action permit"), "unknown"),
    (("source-address domain-set some", "action permit"), "unknown"),
    (("source-address address-set nowhere", "action permit"), "unknown"),
    (("source-address 10.1.0.0 255.255.0.0", "action permit"), "unknown"),
    (("source-address 0.0.0.0 0", "action permit"), "unknown"),
    (("source-zone nowhere", "action permit"), "unknown"),
    (("service sesame", "action permit"), "unknown"),
    (("sesame open", "action permit"), "unknown"),
    (("undo sesame", "action permit"), "unknown"),
    (("source-zone untrust",), "unknown"),
]


@pytest.mark.parametrize(("lines", "expected"), POLICIES)
def test_a_rule_of_a_security_policy(lines: tuple[str, ...], expected: str) -> None:
    assert answer(policy(*lines), Question(TCP, Stage.FORWARD, "untrust", FROM, TO, "trust")) == expected


def test_an_unread_line_of_an_object_makes_its_rules_uncertain() -> None:
    text = policy("destination-address address-set web", "action permit")
    asked = Question(TCP, Stage.FORWARD, "untrust", FROM, ipaddress.ip_address("10.8.0.1"), "trust")
    assert answer(text, asked) == "dropped"
    assert answer(text.replace("mask 24\n", "mask 24\n sesame\n"), asked) == "unknown"


def test_what_is_not_understood_around_a_policy() -> None:
    asked = Question(TCP, Stage.FORWARD, "untrust", FROM, TO, "trust")
    text = policy("action permit")
    systems = text.replace("#\nreturn", "#\nswitch vsys a\n#\nsecurity-policy\n#\nreturn")
    assert answer(systems, asked) == "unknown"
    twice = text.replace("#\nreturn", "#\nsecurity-policy\n#\nreturn")
    assert answer(twice, asked) == "unknown"
    old = text.replace(
        "security-policy\n rule name one\n  action permit",
        "firewall interzone trust untrust\n packet-filter 3000 inbound",
    )
    file = read_rules(old, "config", {})
    assert file is not None
    assert [one.text for one in file.unread] == ["packet-filter 3000 inbound"]
    assert answer(old, asked) == "unknown"


def test_a_firewall_that_shows_no_policy() -> None:
    text = policy("action permit").replace("security-policy\n rule name one\n  action permit\n", "")
    assert answer(text, Question(TCP, Stage.FORWARD, "untrust", FROM, TO, "trust")) == "unknown"


@pytest.mark.parametrize(
    ("words", "count"),
    [("10.0.0.0 0.0.0.255", 256), ("10.0.0.0 0.0.2.1", 4), ("10.0.0.0 0.85.0.0", 16), ("10.0.0.1 0", 1)],
)
def test_wildcards(words: str, count: int) -> None:
    spans, took = taken_after_wildcard(words.split())
    assert spans is not None
    assert (sum(high - low + 1 for low, high in spans), took) == (count, 2)


@pytest.mark.parametrize(
    "words", ["", "10.0.0.300 24", "10.0.0.0 mask", "range 10.0.0.9 10.0.0.1", "10.0.0.0 33"]
)
def test_addresses_that_are_none(words: str) -> None:
    assert taken_after_mask(words.split())[0] is None


@pytest.mark.parametrize(
    ("text", "huawei"),
    [
        ("#\nsysname A\n#\nreturn\n", True),
        ("#\n version 7.1.070, Release 6533\n#\n sysname A\n#\nreturn\n", False),
        ("hostname A\n!\ninterface GigabitEthernet0/0\n#\n", False),
        ("#\nsecurity-zone name Trust\n#\nacl advanced 3000\n#\nsysname B\nreturn\n", False),
        ("table inet filter {\n#\n}\n", False),
        ("*filter\n#\nCOMMIT\n", False),
    ],
)
def test_which_files_are_taken_for_huawei(text: str, *, huawei: bool) -> None:
    assert looks_like_huawei(text) is huawei


def test_lines_of_different_encodings() -> None:
    text = "#\nsysname 核心\n#\nreturn\n"
    assert decoded(text.encode("gb18030")) == text
    assert decoded(text.encode()) == text
    mixed = "#\nsysname 甲\n".encode() + "#\n description 乙\nreturn\n".encode("gb18030")
    assert decoded(mixed) == "#\nsysname 甲\n#\n description 乙\nreturn\n"
    assert decoded(b"# caf\xe9 {\nx") == "# caf\ufffd {\nx"
