"""Dumps of real filters: what the kernel that loaded them did with each port is what we say."""

from __future__ import annotations

import ipaddress
import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from collectors.platforms.linux.filter_rules.iptables import read_iptables
from collectors.platforms.linux.filter_rules.nft_text import read_nft
from scanner.packetspace.reach import TCP, Question, reach

if TYPE_CHECKING:
    from scanner.facts.rules import RuleFile

CORPORA = Path(os.environ.get("MLPS_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
FOLDER = CORPORA / "firewall"
CASES = (
    [json.loads(line) for line in (FOLDER / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    if (FOLDER / "truth.jsonl").is_file()
    else []
)
needs_corpora = pytest.mark.skipif(not CASES, reason=f"no dumps at {FOLDER}: set MLPS_CORPORA")


def counted(case: dict[str, Any], file: RuleFile) -> Counter[str]:
    found: Counter[str] = Counter()
    for k, (name, told) in enumerate(case["ifaces"].items()):
        question = Question(
            TCP,
            came=name,
            source=ipaddress.ip_address(f"198.51.{100 + k}.7"),
            destination=ipaddress.ip_address(f"198.51.{100 + k}.1"),
        )
        truth = {port: answer for answer, ports in told.items() for port in ports}
        answers, _ = reach(file, tuple(truth), question)
        for port, answer in truth.items():
            said = answers[port].answer.value
            found["same" if said == answer else "unknown" if said == "unknown" else "other"] += 1
    return found


@needs_corpora
@pytest.mark.parametrize("dialect", ["iptables", "nft"])
def test_every_port_is_as_the_kernel_had_it(dialect: str) -> None:
    total: Counter[str] = Counter()
    for case in CASES:
        if dialect == "nft":
            total += counted(case, read_nft(case["nft"].splitlines()))
        else:
            total += counted(case, read_iptables((FOLDER / case["file"]).read_text().splitlines()))
    assert total["same"] > 0
    assert not total["other"], total
    assert total["unknown"] <= 0.02 * total.total(), total


@needs_corpora
@pytest.mark.parametrize("folder", ["nft", "iptables_-S"])
def test_generated_configurations_are_understood(folder: str) -> None:
    lines = unread = 0
    for path in sorted((CORPORA / "devices" / "configs" / folder).iterdir()):
        read = read_nft if folder == "nft" else read_iptables
        file = read(path.read_text(encoding="utf-8").splitlines())
        lines += file.lines
        unread += len(file.unread)
    assert lines > 1000
    assert unread <= 0.02 * lines
