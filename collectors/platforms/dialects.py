"""Which words a text of rules is in, of hosts and of devices, and its reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.huawei.capture import decoded_lines
from collectors.platforms.huawei.reading import looks_like_huawei, read_huawei
from collectors.platforms.linux.filter_rules.dialects import looks_like_ipsets
from collectors.platforms.linux.filter_rules.dialects import read_rules as read_host_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import RuleFile

__all__ = ["DIALECTS", "decoded", "looks_like_ipsets", "read_rules"]

DIALECTS = (
    "iptables-save, iptables -S, nft (text or JSON), ipset save, firewalld's zones (XML or as listed), "
    "ufw status or Huawei VRP"
)
"""What is read, as an error says it."""


def decoded(data: bytes) -> str:
    """Return the text of a file: UTF-8, or where that fails and it is a device's, GB18030."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = decoded_lines(data)
        return text if looks_like_huawei(text) else data.decode("utf-8-sig", "replace")


def read_rules(text: str, name: str, sets: Mapping[str, IpSet]) -> RuleFile | None:
    """Read a text in whichever words it is; None where it is in none that are known.

    ``name`` and ``sets``: as the reader of a host's rules has them.
    """
    if looks_like_huawei(text):
        return read_huawei(text.replace("\r\n", "\n").removesuffix("\n").split("\n"))
    return read_host_rules(text, name, sets)
