"""Sets of addresses and ports in the kernel that rules of iptables name, and their file at boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Command, Step, Unseen
from collectors.platforms.linux.filter_rules.ipset import read_ipsets
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.filter_rules.ipset import Sets

IPSETS = Step(
    "ipset-save",
    Command(("ipset", "save"), privileged=True),
    Text(zh="iptables 规则引用的集合（ipset）", en="sets of addresses and ports that rules of iptables name"),
    control=r"^create \S+ \S",
    max_bytes=2 * 1024 * 1024,
)

SAVED = "/etc/iptables/ipsets"
"""What ``netfilter-persistent`` restores sets from, before the rules."""


def loaded_sets(evidence: Evidence) -> Sets:
    """Sets in the kernel; none where they were not seen: rules that name them are not understood then."""
    try:
        return _known(evidence.command(IPSETS))
    except Unseen:
        return {}


def sets_at_boot(files: Mapping[str, Document], unit: str, loaded: Sets) -> Sets:
    """Sets that a unit's rules will meet, to be compared with those that are ``loaded``.

    What is not known on both sides is taken to stay as it is: nobody is told of a change that was not seen.
    """
    saved = _known(files[SAVED]) if unit == "netfilter-persistent" and SAVED in files else {}
    both = {name for name, one in loaded.items() if one.known and name in saved and saved[name].known}
    return {name: saved[name] if name in both else one for name, one in loaded.items()}


def _known(document: Document) -> Sets:
    """All sets; a line that is none of the format's may be an element of any."""
    found, unread = read_ipsets(list(document.lines))
    return {} if unread else found
