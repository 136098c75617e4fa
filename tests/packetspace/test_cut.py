"""A dump that breaks off: whatever was lost, no answer is given that the whole dump would not give."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.platforms.linux.filter_rules.dialects import read_rules
from scanner.facts.rules import Stage
from scanner.packetspace.analysis import analyse
from scanner.packetspace.reach import TCP, Question
from scanner.packetspace.reached import reached
from tests.packetspace.generated import Iptables, Nft

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.facts.rules import RuleFile

CORPORA = Path(os.environ.get("MLPS_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
PORTS = (22, 80, 443, 3306, 8080, 40001)
QUESTIONS = [
    Question(TCP, stage, "in0", ipaddress.ip_address(source), ipaddress.ip_address(to))
    for stage in (Stage.INPUT, Stage.FORWARD)
    for source, to in (("198.51.100.7", "192.0.2.1"), ("fd00:1::7", "fd00::1"))
]


def definite(file: RuleFile) -> dict[tuple[int, int] | str, str]:
    """All that is surely said: by question and port, and whether a hook denies by default."""
    found: dict[tuple[int, int] | str, str] = {}
    for nth, question in enumerate(QUESTIONS):
        for port, one in reached(file, PORTS, question).answers.items():
            if one.answer.value != "unknown":
                found[nth, port] = one.answer.value
    for stage, denied in analyse(file).denies.items():
        if all(denied.values()):
            found[stage.value] = "denied"
    return found


def check_cuts(text: str, places: list[int], read: Callable[[str], RuleFile | None]) -> None:
    whole = read(text)
    assert whole is not None
    told = definite(whole)
    for at in places:
        file = read(text[:at])
        if file is None or text[:at].rstrip().endswith(("COMMIT", "\n}", "}]}")) or _between(text, at):
            continue  # all of some tables: as good as a dump of these alone
        said = definite(file)
        assert said.items() <= told.items(), (at, text[:at][-80:], said)


def _between(text: str, at: int) -> bool:
    """Whether the cut is in a remark, or in the blank, between two tables."""
    return text[:at].rpartition("\n")[2].startswith("#") and "COMMIT" in text[:at]


def read_text(text: str) -> RuleFile | None:
    return read_rules(text, "rules", {})


DUMPS = [
    path
    for folder in ("firewall", "devices/configs/nft", "devices/configs/iptables_-S")
    if (CORPORA / folder).is_dir()
    for path in sorted((CORPORA / folder).iterdir())
    if path.suffix != ".jsonl"
]


@pytest.mark.skipif(not DUMPS, reason=f"no dumps at {CORPORA}: set MLPS_CORPORA")
def test_a_real_dump_cut_anywhere_never_says_otherwise() -> None:
    random = Random(7)  # noqa: S311 - repeatable cases, no secret
    for path in random.sample(DUMPS, 24):
        text = path.read_text(encoding="utf-8")
        check_cuts(text, [random.randrange(len(text)) for _ in range(6)], read_text)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.booleans(), st.booleans(), st.data())
def test_a_generated_dump_cut_anywhere_never_says_otherwise(
    seed: int, nft: bool, six: bool, data: st.DataObject
) -> None:
    random = Random(seed)  # noqa: S311 - repeatable cases, no secret
    text = Nft(random).text() if nft else Iptables(random, six).text()
    check_cuts(text, [data.draw(st.integers(0, len(text) - 1))], read_text)


JSON = (
    '{"nftables": [{"table": {"family": "inet", "name": "f"}}, {"chain": {"family": "inet", "table": "f", '
    '"name": "i", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}},\n'
    '{"rule": {"family": "inet", "table": "f", "chain": "i", "expr": [{"match": {"op": "==", "left": '
    '{"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}}, {"drop": null}]}},\n'
    '{"rule": {"family": "inet", "table": "f", "chain": "i", "expr": [{"accept": null}]}}]}'
)
LISTED = "-P INPUT DROP\n-A INPUT -p tcp --dport 80 -j ACCEPT\n-A INPUT -m state --state NEW -j ACCEPT\n"


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_json_cut_anywhere_never_says_otherwise(data: st.DataObject) -> None:
    check_cuts(JSON, [data.draw(st.integers(0, len(JSON) - 1))], read_text)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_list_of_rules_cut_within_a_line_never_says_otherwise(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(LISTED) - 1).filter(lambda n: LISTED[n - 1] != "\n"))
    check_cuts(LISTED, [at], read_text)


SAVED = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
NFT = "table inet f {\n chain i {\n  type filter hook input priority 0; policy drop;\n  tcp dport 80 drop\n"
UNSEEN = [
    ("no COMMIT", SAVED + "-A INPUT -p tcp --dport 80 -j DROP\n"),
    ("a cut last rule", SAVED + "-A INPUT -m c"),
    ("the next table begins", SAVED + SAVED.replace("filter", "mangle") + "COMMIT\n"),
    ("a line that is no rule", SAVED + "-B INPUT -j ACCEPT\nCOMMIT\n"),
    ("a damaged rule", SAVED + "A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"),
    ("a damaged opening", SAVED.replace("*", "x*") + "COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"),
    ("no such place", SAVED + "-I INPUT 7 -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"),
    ("another table only", "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"),
    ("the list of another table", "-P PREROUTING ACCEPT\n-P POSTROUTING ACCEPT\n"),
    ("a cut list", "-P INPUT DROP\n-A INPUT -m c"),
    ("a cut list before the target", "-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 22"),
    ("no closing brackets", NFT),
    ("one closing bracket", NFT + "}\n"),
    ("a file that takes in others", NFT + '}\n}\ninclude "/etc/nftables.d/*.nft"\n'),
    ("a chain that hangs nowhere known", NFT.replace("input priority", "sesame priority") + "}\n}\n"),
    ("a cut last command", NFT + "}\n}\nadd rule inet f i"),
    ("a rule put in by its number", NFT + "}\n}\nadd rule inet f i handle 3 accept\n"),
    ("a chain before the routing", NFT.replace("hook input", "hook prerouting")),
    ("no filter", "table ip nat {\n chain x {\n }\n}\n"),
    ("a cut list of objects", JSON[:-2]),
    ("an object nobody knows", JSON.replace("]}]}", '"}]}, {"sesame": {}}]}').replace('"}', "}")),
]


@pytest.mark.parametrize(("what", "text"), UNSEEN, ids=[what for what, _ in UNSEEN])
def test_what_was_not_seen_is_neither_open_nor_closed(what: str, text: str) -> None:
    file = read_text(text)
    assert file is not None
    # Without any filter each line was understood all the same.
    assert bool(file.unread) is not what.startswith(("another", "the list", "no filter"))
    assert definite(file) == {}


WHOLE = [
    ("a pasted list", "-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", "open"),
    ("a prompt before it", "root@host:~# iptables -S\n" + LISTED, "open"),
    ("people's words between tables", "# mine\n" + SAVED + "COMMIT\nDone.\n", "dropped"),
    ("no last line's end", SAVED + "COMMIT", "dropped"),
    ("an inserted rule", SAVED + "-A INPUT -j DROP\n-I INPUT -p tcp -j ACCEPT\nCOMMIT\n", "open"),
    ("a place behind", SAVED + "-A INPUT -j DROP\n-I INPUT 2 -p tcp -j ACCEPT\nCOMMIT\n", "dropped"),
    ("commands", NFT + "}\n}\nadd rule inet f i tcp dport 22 accept\n", "open"),
    ("more elements", NFT.replace("tcp dport 80 drop", "tcp dport @s accept\n }\n set s { type inet_service;")
     + "}\n}\nadd element inet f s { 22 }\n", "open"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "expected"), WHOLE, ids=[one[0] for one in WHOLE])
def test_what_is_whole_is_answered(what: str, text: str, expected: str) -> None:
    file = read_text(text)
    assert file is not None, what
    assert reached(file, (22,), QUESTIONS[0]).answers[22].answer.value == expected
