"""What ufw's files say is what the real ufw loads."""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.ufw.files import read_ufw
from scanner.facts.rules import Opaque, RuleFile
from scanner.packetspace.difference import compare
from tests.packetspace.ufw_commands import command, run, runs

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.facts.rules import Condition

DEEP = settings.get_profile("default").max_examples < settings().max_examples
CASES = int(os.environ.get("UFW_CASES", "60" if DEEP else "3"))


def loaded(four: str, six: str) -> RuleFile:
    read = [read_iptables(text.splitlines(), six=six_, complete=True) for text, six_ in ((four, False), (six, True))]
    return replace(read[0], tables=(*read[0].tables, *read[1].tables), unread=(*read[0].unread, *read[1].unread))


def plain(condition: Condition) -> object:
    """Questions beyond the packet's fields are spelled in several ways."""
    return (condition.kind, condition.negated, condition.first) if isinstance(condition, Opaque) else condition


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
    files, four, six, _ = run(tmp_path, commands, told)
    kernel, written = loaded(four, six), read_ufw(files, {})
    assert not written.unread and not kernel.unread, (commands, written.unread, kernel.unread)
    compared = compare(kernel, written)
    assert not compared.differences, (commands, compared.differences[0])
    assert shape(written) == shape(kernel), commands
