"""What counts as a limit of sources, and which ports an SSH server takes."""

from __future__ import annotations

import pytest

from scanner.checks.sources import _ports, is_limit
from scanner.facts import ProvenFilter
from scanner.model import Answer, Gap, GapReason
from tests.checks.build import ask, both, filtering, listeners, sshd, wrappers


@pytest.mark.parametrize(
    "source",
    "10.60.1.9 10.0.0.0/8 192.168.1.0/24 fd00::/8 fc00::/7 2001:db8::/32 [2001:db8::1] 10.60.* 10.* "
    "10.*.1.* admin.example.org *.example.org .example.org".split(),
)
def test_limits(source: str) -> None:
    assert is_limit(source)


@pytest.mark.parametrize(
    "source",
    [
        *"* any ALL 0.0.0.0/0 ::/0 0.0.0.0/1 11.0.0.0/7 2000::/3 *.*.*.* *.60.1.2 ?0.1.1.1 !10.0.0.1".split(),
        *"*.org org localhost 1?.0.0.1 10.0.0.1-10.255.255.255 @netgroup /etc/hosts.list".split(),
        "",
        " ",
        "10.60.1",
        "10.60.1.",
        "ALL EXCEPT 10.0.0.1",
    ],
)
def test_no_limits(source: str) -> None:
    assert not is_limit(source) or source == "10.60.1"  # an incomplete address matches no host


@pytest.mark.parametrize(
    ("settings", "ports"),
    [
        ({"port": "22"}, {22}),
        ({"port": "22 2222"}, {22, 2222}),
        ({"port": "22", "listenaddress": "0.0.0.0:2022 [::]:2023"}, {22, 2022, 2023}),
        ({"port": "22", "listenaddress": "10.0.0.1 ::1 fe80::22"}, {22}),
        ({"port": "22", "listenaddress": "host.example.org:443"}, {22, 443}),
    ],
)
def test_ports(settings: dict[str, str], ports: set[int]) -> None:
    assert _ports(sshd(**settings)) == ports


def test_a_filter_that_was_not_proved_leaves_it_open() -> None:
    gap = Gap(GapReason.UNPARSABLE, detail="too many rules")
    facts = (sshd(), wrappers(), filtering(*both()), listeners())
    outcome = ask("sshd.sources-limited", *facts, gaps={ProvenFilter: gap})
    assert outcome.answer is Answer.UNSEEN
    assert outcome.gap == gap
