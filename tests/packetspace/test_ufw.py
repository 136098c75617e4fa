"""What ufw's files say is what the real ufw loads."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from collectors.platforms.linux.filter_rules.dialects import read_rules
from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.ufw.files import read_ufw
from collectors.platforms.linux.filter_rules.ufw.status import read_ufw_status
from scanner.facts.rules import Action, Opaque, RuleFile
from scanner.packetspace.analysis import analyse
from scanner.packetspace.difference import compare
from scanner.packetspace.reach import TCP, Question
from scanner.packetspace.reached import reached
from tests.packetspace.ufw_commands import command, run, runs

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.facts.rules import Condition

DEEP = settings.get_profile("default").max_examples < settings().max_examples
CASES = int(os.environ.get("UFW_CASES", "60" if DEEP else "3"))


def loaded(four: str, six: str) -> RuleFile:
    read = [
        read_iptables(text.splitlines(), six=six_, complete=True)
        for text, six_ in ((four, False), (six, True))
    ]
    return replace(
        read[0], tables=(*read[0].tables, *read[1].tables), unread=(*read[0].unread, *read[1].unread)
    )


def plain(condition: Condition) -> object:
    """Questions beyond the packet's fields are spelled in several ways."""
    return (
        (condition.kind, condition.negated, condition.first) if isinstance(condition, Opaque) else condition
    )


def shape(file: RuleFile) -> dict[str, object]:
    found: dict[str, object] = {}
    for table in file.tables:
        if not any(chain.rules for chain in table.chains):
            continue
        family = "6" if table.families[0][0][0] else "4"
        for chain in table.chains:
            rules = [(frozenset(map(plain, r.conditions)), r.action, r.target) for r in chain.rules]
            found[f"{family} {table.name} {chain.name}"] = rules
        for base in table.bases:
            found[f"{family} {table.name} {base.chain} policy"] = base.policy
    return found


@pytest.mark.wire
@pytest.mark.skipif(not runs(), reason="no ufw, or no right to run it")
@pytest.mark.parametrize("seed", range(CASES))
def test_files_say_what_the_real_ufw_loads(seed: int, tmp_path: Path) -> None:
    random = Random(seed)  # noqa: S311 - repeatable cases, no secret
    commands = [command(random) for _ in range(random.randrange(3, 12))]
    told = {"IPV6": "no"} if random.random() < 0.15 else {}
    told |= {"MANAGE_BUILTINS": "yes"} if random.random() < 0.2 else {}
    read, four, six, _ = run(tmp_path, commands, told)
    kernel, written = loaded(four, six), read_ufw(read, {})
    assert (written.unread, kernel.unread) == ((), ()), commands
    compared = compare(kernel, written)
    assert not compared.differences, (commands, compared.differences[0])
    assert shape(written) == shape(kernel), commands


def people(file: RuleFile) -> dict[str, object]:
    """Chains of people's own rules, what is only written to a log left aside."""
    found: dict[str, object] = {}
    for name, rules in shape(file).items():
        if "-user-" in name and isinstance(rules, list) and "limit" not in name and "logging" not in name:
            deciding = [rule for rule in rules if rule[2] or rule[1] is not Action.CONTINUE]
            found[name] = [
                (c, Action.ACCEPT if "limit-accept" in t else a) for c, a, t in deciding if "logging" not in t
            ]
    return found


@pytest.mark.wire
@pytest.mark.skipif(not runs(), reason="no ufw, or no right to run it")
@pytest.mark.parametrize("seed", range(CASES))
def test_the_status_of_the_real_ufw_shows_the_same_rules(seed: int, tmp_path: Path) -> None:
    random = Random(1000 + seed)  # noqa: S311 - repeatable cases, no secret
    commands = [command(random) for _ in range(random.randrange(3, 12))]
    read, _, _, status = run(tmp_path, commands, {})
    shown = read_ufw_status(status.splitlines())
    assert [one.line for one in shown.unread] == [1], (commands, status)
    assert people(shown) == people(read_ufw(read, {})), (commands, status)


def part(six: str, name: str, *rules: str) -> str:
    chains = "".join(f":ufw{six}-{name}-{hook} - [0:0]\n" for hook in ("input", "output", "forward"))
    return f"*filter\n{chains}" + "".join(f"{rule}\n" for rule in rules) + "COMMIT\n"


def files(**changed: str) -> dict[str, str]:
    found = {
        "default/ufw": 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\n'
        'DEFAULT_FORWARD_POLICY="DROP"\n',
        "ufw.conf": "ENABLED=yes\n",
    }
    found |= {
        f"{name}{six}.rules": part(six, name) for name in ("before", "after", "user") for six in ("", "6")
    }
    return found | changed


ASKED = Question(
    TCP,
    came="eth0",
    source=ipaddress.ip_address("198.51.100.7"),
    destination=ipaddress.ip_address("192.0.2.1"),
)
ALLOWS = "-A ufw-user-input -p tcp --dport 22 -j ACCEPT"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "dropped"),
        ({"user.rules": part("", "user", ALLOWS)}, "open"),
        ({"user6.rules": part("6", "user", ALLOWS.replace("ufw", "ufw6"))}, "dropped"),
        ({"before.rules": part("", "before", "-A ufw-before-input -p tcp -j REJECT")}, "rejected"),
        (
            {
                "before.rules": part("", "before", "-A ufw-before-input -p tcp -j DROP"),
                "user.rules": part("", "user", ALLOWS),
            },
            "dropped",
        ),
        ({"ufw.conf": "ENABLED=no\n"}, "open"),
        ({"ufw.conf": "ENABLED=yes\nDEFAULT_INPUT_POLICY=REJECT\n"}, "rejected"),
        ({"ufw.conf": "ENABLED=yes\nDEFAULT_INPUT_POLICY=$WHATEVER\n"}, "unknown"),
        ({"ufw.conf": "ENABLED=yes\nDEFAULT_INPUT_POLICY=SESAME\n"}, "unknown"),
        ({"ufw.conf": ""}, "unknown"),
        ({"default/ufw": ""}, "unknown"),
        ({"user.rules": ""}, "unknown"),
        ({"user.rules": part("", "user", "sesame")}, "unknown"),
    ],
)
def test_what_files_let_in(changed: dict[str, str], expected: str) -> None:
    file = read_ufw(files(**changed), {})
    assert reached(file, (22,), ASKED).answers[22].answer.value == expected


def test_a_program_that_ufw_runs_may_do_anything() -> None:
    file = read_ufw(files(), {}, frozenset({"before.init"}))
    assert reached(file, (22,), ASKED).answers[22].answer.value == "unknown"


def test_a_policy_is_decided_where_it_is_set() -> None:
    file = read_ufw(files(), {})
    (by,) = [
        one for one in reached(file, (22,), ASKED).answers[22].by if file.place(one.line) == "default/ufw:2"
    ]
    assert by.line


STATUS = """Status: active
Logging: on (low)
Default: {default} (incoming), allow (outgoing), disabled (routed)
New profiles: skip

To                         Action      From
--                         ------      ----
{row}
"""


@pytest.mark.parametrize(
    ("default", "row", "expected"),
    [
        ("deny", "22/tcp                     ALLOW IN    Anywhere", "open"),
        (
            "deny",
            "22/tcp                     ALLOW IN    Anywhere                   # DENY IN  nobody",
            "open",
        ),
        ("deny", "22                         LIMIT IN    198.51.100.0/24", "open"),
        ("deny", "22,80/tcp (Web)            ALLOW IN    Anywhere", "open"),
        ("deny", "22/tcp (v6)                ALLOW IN    Anywhere (v6)", "dropped"),
        ("deny", "22/tcp on eth1             ALLOW IN    Anywhere", "dropped"),
        ("deny", "OpenSSH                    ALLOW IN    Anywhere", "unknown"),
        ("deny", "22/tcp                     SESAME IN   Anywhere", "unknown"),
        ("reject", "80/tcp                     ALLOW IN    Anywhere", "rejected"),
        ("allow", "22/tcp                     DENY IN     Anywhere", "dropped"),
        ("whatever", "22/tcp                     DENY IN     Anywhere", "unknown"),
    ],
)
def test_what_the_status_shows(default: str, row: str, expected: str) -> None:
    file = read_rules(STATUS.format(default=default, row=row), "status.txt", {})
    assert file is not None
    assert reached(file, (22,), ASKED).answers[22].answer.value == expected
    assert not all(all(by.values()) for by in analyse(file).denies.values())
    assert file.unread[0].text == "before.rules and after.rules are not shown"
