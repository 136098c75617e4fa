"""Rules that counted nothing, that contradict an earlier one, and decisions that leave no log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collectors.platforms.linux.filter_rules.dialects import read_rules
from scanner.packetspace.analysis import analyse
from scanner.packetspace.finding import FilterFinding, Trouble
from scanner.packetspace.silent import ACCEPTED, DENIED

if TYPE_CHECKING:
    from scanner.facts.rules import Action

HEAD = "*filter\n:INPUT DROP [{policy}:0]\n:A - [0:0]\n"


def found(
    rules: str, kind: Trouble, policy: int = 0, logged: frozenset[Action] = frozenset()
) -> list[FilterFinding]:
    file = read_rules(HEAD.format(policy=policy) + rules + "\nCOMMIT\n", "rules", {})
    assert file is not None
    assert not file.unread
    return [one for one in analyse(file, logged).findings if one.kind is kind]


NEVER_USED = [
    (
        "traffic beside",
        "[5:50] -A INPUT -p tcp --dport 22 -j ACCEPT\n[0:0] -A INPUT -p udp --dport 53 -j ACCEPT",
        [5],
    ),
    ("traffic to the policy", "[0:0] -A INPUT -p udp --dport 53 -j ACCEPT", [4]),
    (
        "counters as an option",
        "-A INPUT -p tcp -c 5 50 -j ACCEPT\n-A INPUT -p udp --dport 53 -c 0 0 -j ACCEPT",
        [5],
    ),
    ("nobody counted", "-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p udp --dport 53 -j ACCEPT", []),
    ("shadowed anyway", "[5:50] -A INPUT -p tcp -j ACCEPT\n[0:0] -A INPUT -p tcp --dport 22 -j DROP", []),
    ("it only logs", "[0:0] -A INPUT -p udp --dport 53 -j LOG", []),
    ("a chain that nobody came to", "[0:0] -A INPUT -p udp -j A\n[0:0] -A A -s 10.0.0.0/8 -j ACCEPT", [4]),
]


@pytest.mark.parametrize(("what", "rules", "lines"), NEVER_USED, ids=[one[0] for one in NEVER_USED])
def test_rules_that_were_never_used(what: str, rules: str, lines: list[int]) -> None:
    told = found(rules, Trouble.NEVER_USED, policy=0 if what.startswith(("traffic b", "counters")) else 3)
    assert [one.line for one in told] == lines
    assert all(one.witness is not None and one.witness.protocol == "udp" for one in told)


def test_nothing_is_told_where_nothing_came_at_all() -> None:
    assert not found("[0:0] -A INPUT -p udp --dport 53 -j ACCEPT", Trouble.NEVER_USED)


def test_counters_of_nft() -> None:
    text = (
        "table inet f {\n chain i {\n  type filter hook input priority 0; policy drop;\n"
        "  tcp dport 22 counter packets 4 bytes 200 accept\n"
        "  udp dport 53 counter packets 0 bytes 0 accept\n  tcp dport 80 accept\n }\n}\n"
    )
    file = read_rules(text, "rules", {})
    assert file is not None
    assert [one.line for one in analyse(file).findings if one.kind is Trouble.NEVER_USED] == [5]


CONTRADICTORY = [
    ("-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp --dport 22 -j DROP", [5]),
    ("-A INPUT -p tcp --dport 22 -j REJECT\n-A INPUT -p tcp --dport 22:22 -j ACCEPT", [5]),
    ("-A INPUT -p tcp --dport 22 -j REJECT\n-A INPUT -p tcp --dport 22 -j DROP", []),
    ("-A INPUT -p tcp -j ACCEPT\n-A INPUT -p tcp --dport 22 -j DROP", []),
    ("-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp --dport 22 -j ACCEPT", []),
    ("-A INPUT -m limit --limit 1/s -j ACCEPT\n-A INPUT -m limit --limit 1/s -j DROP", []),
]


@pytest.mark.parametrize(("rules", "lines"), CONTRADICTORY)
def test_rules_that_contradict_an_earlier_one(rules: str, lines: list[int]) -> None:
    told = found(rules, Trouble.CONTRADICTORY)
    assert [one.line for one in told] == lines
    assert all(one.deciding == (4,) and one.witness is not None for one in told)


LOG = "-A INPUT -p tcp --dport 22 -j LOG"
SILENT = [
    ("-A INPUT -p tcp --dport 22 -j DROP\n-A INPUT -j LOG", DENIED, [4]),
    (f"{LOG}\n-A INPUT -p tcp --dport 22 -j DROP\n-A INPUT -j NFLOG", DENIED, []),
    (f"{LOG}\n-A INPUT -p tcp --dport 22:23 -j DROP\n-A INPUT -j LOG", DENIED, [5]),
    ("-A INPUT -m limit --limit 3/min -j LOG", DENIED, []),
    ("-A INPUT -p tcp -j LOG", DENIED, [2]),
    ("-A INPUT -m time --timestart 08:00 -j LOG", DENIED, [2]),
    ("-A INPUT -p tcp -j ACCEPT\n-A INPUT -j LOG", ACCEPTED, [4]),
    ("-A INPUT -p tcp -j ACCEPT\n-A INPUT -j LOG", DENIED, []),
    ("-A INPUT -p tcp -j ACCEPT\n-A INPUT -p tcp -j DROP\n-A INPUT -j LOG", DENIED, []),  # never decides
    ("-A INPUT -p tcp -j A\n-A A -j LOG\n-A A -j DROP\n-A INPUT -j LOG", DENIED, []),
    ("-A INPUT -p tcp -j ACCEPT", frozenset(), []),
]


@pytest.mark.parametrize(("rules", "asked", "lines"), SILENT)
def test_decisions_without_a_log(rules: str, asked: frozenset[Action], lines: list[int]) -> None:
    told = found(rules, Trouble.NO_LOG, logged=asked)
    assert [one.line for one in told] == lines
    assert all(one.witness is not None for one in told)


def test_a_rule_of_nft_logs_for_itself() -> None:
    text = (
        "table inet f {\n chain i {\n  type filter hook input priority 0; policy accept;\n"
        '  tcp dport 22 log prefix "x " drop\n  tcp dport 23 drop\n }\n}\n'
    )
    file = read_rules(text, "rules", {})
    assert file is not None
    assert [one.line for one in analyse(file, DENIED).findings if one.kind is Trouble.NO_LOG] == [5]
