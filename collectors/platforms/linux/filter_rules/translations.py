"""Where rules send what they translate, as tools spell it: ``10.0.0.9:80``, ``[fd00::9]:80-90``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import numbers
from scanner.facts.rules import Field, Translation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.facts.rules import Spans

_BRACKETED = re.compile(r"\[([^\[\]]+)\](?:-\[([^\[\]]+)\])?(?::(.*))?")


def target(word: str, side: Field) -> Translation | None:
    """Read an address or a range of them, a port or a range of them, or both; None: not understood."""
    bracketed = _BRACKETED.fullmatch(word)
    if bracketed:
        first, last, ports = bracketed[1], bracketed[2], bracketed[3] or ""
        addresses = f"{first}-{last}" if last else first
    elif word.count(":") == 1:
        addresses, _, ports = word.partition(":")
    else:
        addresses, ports = word, ""
    found = _addresses(addresses)
    told = _ports(ports)
    if found is None or told is None or not (found or told):
        return None
    return Translation(side, found, told)


def own(ports: str) -> Translation | None:
    """Read the ports of what is sent to the host itself; none: they stay."""
    told = _ports(ports)
    return None if told is None else Translation(Field.DESTINATION, ports=told, own=True)


def _addresses(word: str) -> Spans | None:
    if not word:
        return ()
    span = numbers.address_span(word)
    return None if span is None else (span,)


def _ports(word: str) -> Spans | None:
    """``80``, ``80-90``, and ``80-90/1000`` (the last is where the range of the original begins)."""
    if not word:
        return ()
    span = numbers.ports(word.partition("/")[0], "-")
    return None if span is None else (span,)


def of_nft(words: Sequence[str]) -> Translation | None:
    """Read a statement of nft from its first word on (``dnat ip to 10.0.0.9:80``); None: not understood."""
    kind, *rest = words
    if "comment" in rest:
        rest = rest[: rest.index("comment")]
    rest = [word for word in rest if word not in {",", "random", "fully-random", "persistent"}]
    side = Field.DESTINATION if kind in {"dnat", "redirect"} else Field.SOURCE
    if rest[:1] in (["ip"], ["ip6"]) and kind in {"dnat", "snat"}:
        rest = rest[1:]
    if rest and rest[0] == "to":
        rest = rest[1:]
    said = "".join(rest)
    if kind == "redirect":
        return own(said.removeprefix(":"))
    if kind == "masquerade":
        told = _ports(said.removeprefix(":"))
        return None if told is None else Translation(side, ports=told, own=True)
    return target(said, side) if kind in {"dnat", "snat"} and said else None


_SIDES = {"DNAT": Field.DESTINATION, "SNAT": Field.SOURCE}


def of_iptables(name: str, options: Sequence[tuple[str, str]]) -> Translation | None:
    """Read a target of iptables by its options (``--to-destination 10.0.0.9:80``); None: not understood."""
    told = [(option, value) for option, value in options if option not in _HOW]
    if name in {"REDIRECT", "MASQUERADE"}:
        ports = "" if not told else told[0][1] if told[0][0] in {"--to-ports", "--to-port"} else "?"
        if len(told) > 1:
            return None
        found = own(ports)
        return (
            found if name == "REDIRECT" or found is None else Translation(Field.SOURCE, (), found.ports, True)
        )
    if name not in _SIDES or len(told) != 1 or told[0][0] not in {"--to-destination", "--to-source"}:
        return None
    return target(told[0][1], _SIDES[name])


_HOW = frozenset(["--random", "--random-fully", "--persistent"])
"""Options that choose among the targets."""
