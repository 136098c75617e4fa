"""Whether the state of connections decides: tables of rules, and the lines that are cited."""

from __future__ import annotations

import pytest

from scanner.facts import Default, Family, Hook, ProvenDefault
from tests.derive.test_filter_proof import LIMITED, loaded, proved, written


def of_iptables(*rules: str, policy: str = "DROP") -> ProvenDefault:
    text = LIMITED.format(rules="\n".join(f"-A {rule}" for rule in rules)).replace(
        "INPUT DROP", f"INPUT {policy}"
    )
    told = proved(loaded(text)).default(Hook.INPUT, Family.IPV4)
    assert told is not None
    return told


KNOWN = "INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"

CASES = [
    ("what belongs to a connection passes", True, [KNOWN]),
    ("by a negation", True, ["INPUT -m conntrack ! --ctstate NEW,INVALID,UNTRACKED -j ACCEPT"]),
    ("new ones are dropped by hand", True, [KNOWN, "INPUT -j DROP"]),
    ("in a chain of its own", True, ["INPUT -j A", "A -m state --state ESTABLISHED -j ACCEPT"]),
    ("of one service only", True, ["INPUT -p tcp --sport 443 -m state --state ESTABLISHED -j ACCEPT"]),
    (
        "new and known ones of one",
        True,
        ["INPUT -p tcp --dport 22 -m state --state NEW,ESTABLISHED -j ACCEPT"],
    ),
    ("by one interface", True, ["INPUT -i eth1 -m state --state ESTABLISHED -j ACCEPT"]),
    ("nothing passes", False, []),
    ("ports without states", False, ["INPUT -p tcp --dport 22 -j ACCEPT"]),
    ("flags are no state", False, ["INPUT -p tcp ! --syn -j ACCEPT"]),
    ("known ones are dropped", False, ["INPUT -m state --state ESTABLISHED -j DROP"]),
    (
        "only invalid ones are dropped",
        False,
        ["INPUT -m state --state INVALID -j DROP", "INPUT -p tcp --dport 22 -j ACCEPT"],
    ),
    ("everything passes before", False, ["INPUT -j ACCEPT", KNOWN]),
    ("denied before", False, ["INPUT -j DROP", KNOWN]),
    ("of UDP only", False, ["INPUT -p udp -m state --state ESTABLISHED -j ACCEPT"]),
    ("up to a rate", None, ["INPUT -m state --state ESTABLISHED -m limit --limit 5/sec -j ACCEPT"]),
    ("a list of countries knows no state", False, ["INPUT -m geoip --source-country CN -j ACCEPT"]),
    ("words that nobody understands", None, ["INPUT -m strange --in deed -j ACCEPT"]),
    ("what only connections have", None, ["INPUT -m conntrack --ctstatus ASSURED -j ACCEPT"]),
    ("a queue may accept", None, ["INPUT -j NFQUEUE --queue-num 0"]),
]


@pytest.mark.parametrize(("stateful", "rules"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_of_iptables(stateful: bool | None, rules: list[str]) -> None:
    told = of_iptables(*rules)
    assert told.stateful is stateful
    assert bool(told.state_at) is (stateful is True)


def test_the_line_that_lets_them_pass_is_cited() -> None:
    told = of_iptables("INPUT -i lo -j ACCEPT", KNOWN, "INPUT -p tcp --dport 22 -j ACCEPT")
    assert f"-A {KNOWN}" in [one.excerpt for one in told.state_at]
    assert told.default is Default.DENY


def test_under_a_default_that_accepts_nothing_depends_on_state() -> None:
    assert of_iptables(KNOWN, policy="ACCEPT").stateful is False


@pytest.mark.parametrize(
    ("rule", "stateful"),
    [
        ("", True),
        ("ct state vmap { established : accept, related : accept, invalid : drop }", True),
    ],
)
def test_of_nft_for_both_families(rule: str, stateful: bool) -> None:
    proof = proved(written(rule))
    told = [proof.default(Hook.INPUT, family) for family in Family]
    assert [one and one.stateful for one in told] == [stateful, stateful]
