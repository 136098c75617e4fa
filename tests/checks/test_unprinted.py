"""A keyword that only the running server knows is unseen for the reason why the server was not asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.checks.check import NoParameters
from scanner.checks.sshd import CHECKS
from scanner.facts import Origin
from scanner.model import Answer, Gap, GapReason
from tests.checks.build import sshd

ALGORITHMS = next(check for check in CHECKS if check.id == "sshd.algorithms-strong")


@pytest.mark.parametrize("reason", [GapReason.PERMISSION, GapReason.TIMED_OUT])
def test_a_missing_keyword_is_unseen_for_the_servers_own_reason(reason: GapReason) -> None:
    why = Gap(reason, "sshd-effective", needs="root, or sudo: /usr/sbin/sshd -T")
    server = replace(sshd(("ciphers",)), source=Origin.DEFAULT, unprinted=why)
    outcome = ALGORITHMS.judge(server, NoParameters())
    assert outcome.answer is Answer.UNSEEN
    assert outcome.gap == why
