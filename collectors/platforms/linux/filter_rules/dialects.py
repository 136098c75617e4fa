"""Which words a text of rules is in, and its reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.firewalld.folder import looks_like_zone, read_zone
from collectors.platforms.linux.filter_rules.firewalld.listing import looks_like_listing, read_listing
from collectors.platforms.linux.filter_rules.iptables import looks_like_iptables, read_iptables
from collectors.platforms.linux.filter_rules.nft_json import looks_like_nft_json, read_nft_json
from collectors.platforms.linux.filter_rules.nft_text import looks_like_nft, read_nft
from collectors.platforms.linux.filter_rules.ufw.status import looks_like_ufw_status, read_ufw_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import RuleFile


def looks_like_ipsets(text: str) -> bool:
    """Whether the text is a save of ipset."""
    return bool(re.match(r"\s*create \S+ \w+:\S+", text))


def read_rules(
    text: str, name: str, sets: Mapping[str, IpSet], *, complete: bool | None = None
) -> RuleFile | None:
    """Read a text in whichever words it is; None where it is in none that are known.

    ``name``: of the file, which may say that it is of IPv6 where nothing in it does; ``sets``: what the sets
    hold that iptables' rules name. ``complete``: whether the text is all that was printed; None: by what it
    says.
    """
    # Only this ends a line: a form feed in a comment must not begin a rule.
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if looks_like_ufw_status(text):
        return read_ufw_status(lines)
    if looks_like_zone(text):
        return read_zone(text, name)
    if looks_like_listing(text):
        return read_listing(lines)
    if looks_like_nft_json(text):
        return read_nft_json(lines, complete=complete)
    if complete is None and not text.endswith("\n") and not _ends(lines[-1].strip()):
        complete = False
    if looks_like_iptables(text):
        six = True if re.search(r"ip6|v6", name.rpartition("/")[2]) else None
        return read_iptables(lines, six=six, sets=sets, complete=complete)
    return read_nft(lines, complete=complete) if looks_like_nft(text) else None


def _ends(line: str) -> bool:
    """Whether a last line without a line's end is whole all the same."""
    return line in {"COMMIT", "}"} or line.startswith("#")
