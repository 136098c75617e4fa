"""What stays open: several lists at once, classifiers without an order, lists in which a file ends."""

from __future__ import annotations

import ipaddress

import pytest

from collectors.platforms.huawei.reading import read_huawei
from scanner.facts.rules import Flaw, Stage
from scanner.packetspace.reach import TCP, Question
from scanner.packetspace.reached import reached

FROM, TO = ipaddress.ip_address("10.1.2.3"), ipaddress.ip_address("10.9.0.7")
PORT = "GigabitEthernet0/0/1"
INTERFACE = [f"interface {PORT}", " ip address 10.1.0.1 255.255.0.0"]
THROUGH = Question(TCP, Stage.FORWARD, PORT, FROM, TO)


def answer(lines: list[str], question: Question = THROUGH) -> str:
    return reached(read_huawei(lines), (443,), question).answers[443].answer.value


def test_a_list_in_which_the_file_ends_decides_nothing() -> None:
    lines = ["#", *INTERFACE, " traffic-filter inbound acl 3000", "#", "acl number 3000", " rule 10 deny ip"]
    assert answer([*lines, "#", "return"]) == "dropped"
    assert answer([*lines, " rule 15 deny ip"]) == "unknown"
    assert answer([*lines, "#", "acl number 3001", " rule 5 deny ip"]) == "dropped"


def traffic_policy(order: str, operator: str = "or") -> list[str]:
    return [
        "#",
        "acl number 3000",
        " rule 5 permit tcp",
        "acl number 3001",
        " rule 5 permit ip",
        "#",
        f"traffic classifier one operator {operator}",
        " if-match acl 3000",
        *([" if-match acl 3001"] if operator == "and" else []),
        "traffic classifier two operator or",
        " if-match acl 3001",
        "#",
        "traffic behavior drop",
        " deny",
        "traffic behavior pass",
        " permit",
        "#",
        f"traffic policy edge{order}",
        " classifier one behavior drop",
        " classifier two behavior pass",
        "#",
        *INTERFACE,
        " traffic-policy edge inbound",
        "#",
        "return",
    ]


def test_classifiers_decide_in_the_order_of_the_file_only_where_it_says_so() -> None:
    assert answer(traffic_policy(" match-order config")) == "dropped"
    assert answer(traffic_policy("")) == "unknown"


def test_what_several_matches_mean_together() -> None:
    assert answer(traffic_policy(" match-order config", "and")) == "unknown"


def test_two_lists_on_one_side_of_an_interface() -> None:
    lists = ["#", "acl number 3000", " rule 5 permit ip", "acl number 3001", " rule 5 deny ip", "#"]
    both = [" traffic-filter inbound acl 3000", " traffic-filter inbound acl 3001", "#", "return"]
    assert answer([*lists, *INTERFACE, *both]) == "unknown"


@pytest.mark.parametrize(
    ("way", "rule", "wrong"),
    [
        ("outbound", "deny ip source 10.1.2.0 0.0.0.255", True),
        ("outbound", "deny ip source 10.1.2.0 0.0.0.255 destination 10.1.3.0 0.0.0.255", False),
        ("outbound", "deny ip source 10.0.0.0 0.255.255.255", False),
        ("outbound", "deny ip destination 10.1.2.0 0.0.0.255", False),
        ("outbound", "deny ip source 10.1.2.0 0.0.0.255 sesame", False),
        ("inbound", "deny ip destination 10.1.2.0 0.0.0.255", True),
        ("inbound", "deny ip source 10.1.2.0 0.0.0.255", False),
        ("inbound", "deny ip", False),
    ],
)
def test_a_direction_is_wrong_only_where_that_is_proved(way: str, rule: str, *, wrong: bool) -> None:
    bound = f" traffic-filter {way} acl 3000"
    file = read_huawei(["#", "acl number 3000", f" rule 5 {rule}", "#", *INTERFACE, bound, "#", "return"])
    assert (Flaw.WRONG_DIRECTION in {one.flaw for one in file.flaws}) is wrong


def test_what_stays_within_a_zone_opens_nothing_between_zones() -> None:
    lines = [
        "#",
        "firewall zone trust",
        f" add interface {PORT}",
        "#",
        "firewall zone untrust",
        " add interface GigabitEthernet0/0/2",
        "#",
        "security-policy",
        " rule name inside",
        "  source-zone trust",
        "  destination-zone trust",
        "  action permit",
        "#",
        "return",
    ]
    assert answer(lines) == "dropped"
    assert (
        answer([*lines[:-2], "#", *INTERFACE, "#", "switch vsys a", *INTERFACE, "#", "return"]) == "unknown"
    )
    systems = read_huawei([*lines[:-1], "switch vsys a", "interface GigabitEthernet0/0/9", "#", "return"])
    assert "GigabitEthernet0/0/9" not in systems.interfaces
