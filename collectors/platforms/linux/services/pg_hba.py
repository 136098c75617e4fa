"""pg_hba.conf: the first line that fits a connection decides; what decides for whom, without any guess."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.linux.host import unparsable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collectors.base import Step
    from collectors.evidence import Document
    from scanner.model import Citation

CLEAR = frozenset({"host", "hostnossl", "hostnogssenc"})
"""Types of lines that fit a connection in clear."""

WITH_TLS = frozenset({"host", "hostssl", "hostnogssenc"})
TYPES = CLEAR | WITH_TLS | {"local", "hostgssenc"}
METHODS = frozenset(
    "trust reject scram-sha-256 md5 password gss sspi ident peer pam ldap radius cert bsd oauth".split()
)
_TOKEN = re.compile(r'\s*((?:"[^"\n]*"|[^\s"#,]|,\s*)+)')
_CERTIFICATE = frozenset({"clientcert=verify-ca", "clientcert=verify-full", "clientcert=1"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Rule:
    """One line. No ``network``: ``address`` is a name, or there is none (a local socket)."""

    type: str
    databases: frozenset[str]
    users: frozenset[str]
    address: str
    network: Network | None
    method: str
    options: frozenset[str]
    at: Citation

    @property
    def proves(self) -> bool | None:
        """Whether somebody let in by the line has proved who they are; None: it proves little."""
        if self.method == "trust":
            return bool(self.type == "hostssl" and self.options & _CERTIFICATE)
        return None if self.method == "ident" and self.type != "local" else True

    @property
    def from_elsewhere(self) -> bool:
        """Whether the line fits connections of other hosts."""
        if self.type == "local" or self.address == "samehost":
            return False
        return self.network is None or not self.network.is_loopback

    @property
    def from_here(self) -> bool:
        """Whether the line fits connections of the host itself."""
        if self.network is None:
            return True
        return any(
            self.network.version == own.version and self.network.overlaps(own)
            for own in (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
        )


def rules(step: Step, document: Document) -> Iterator[Rule]:
    """Yield the lines of a file in their order.

    Raises:
        Unseen: a line that is none, or that takes in other files.
    """
    for number, text in enumerate(document.lines, 1):
        if text.rstrip().endswith("\\"):
            raise unparsable(step, document, number, "a line that goes on in the next one")
        words = _words(text)
        if words is None:
            raise unparsable(step, document, number, "a quote that is not closed")
        if words:
            yield _rule(step, document, number, words)


def decided_before(rule: Rule, earlier: Sequence[Rule], types: frozenset[str]) -> bool:
    """Whether an earlier line of ``types`` fits everything that ``rule`` fits."""
    return any(e.type in types and _covers(e, rule) for e in earlier)


def same_way(rule: Rule) -> frozenset[str]:
    """Types of lines that fit every connection which the type of ``rule`` fits."""
    return {
        "local": frozenset({"local"}),
        "hostssl": frozenset({"host", "hostssl"}),
        "hostnossl": frozenset({"host", "hostnossl"}),
        "hostgssenc": frozenset({"host", "hostgssenc"}),
        "hostnogssenc": frozenset({"host", "hostnogssenc"}),
    }.get(rule.type, frozenset({"host"}))


def _words(text: str) -> list[str] | None:
    """Words of a line; quotes stay, for a quoted ``all`` is a name."""
    words, place = [], 0
    while text[place:].strip() and not text[place:].lstrip().startswith("#"):
        match = _TOKEN.match(text, place)
        if match is None:
            return None
        words.append(re.sub(r",\s*", ",", match[1]))
        place = match.end()
    return words


def _rule(step: Step, document: Document, number: int, words: list[str]) -> Rule:
    type_, *rest = words
    least = 3 if type_ == "local" else 4
    if type_ not in TYPES or len(rest) < least:
        raise unparsable(step, document, number, "no line of this file, or one that takes in others")
    databases, users = (frozenset(word.split(",")) for word in rest[:2])
    address, network, rest = ("", None, rest[2:]) if type_ == "local" else _address(rest[2:])
    if not rest or rest[0] not in METHODS:
        raise unparsable(step, document, number, "an unknown method")
    return Rule(
        type_, databases, users, address, network, rest[0], frozenset(rest[1:]), document.cite(number)
    )


def _address(words: list[str]) -> tuple[str, Network | None, list[str]]:
    """Address, its network where it is numeric, and the words behind; a mask can be a word of its own."""
    text, used = words[0].strip('"'), 1
    if "/" not in text and len(words) > 1 and re.fullmatch(r"[0-9a-fA-F:.]+", words[1]):
        text, used = f"{text}/{_bits(words[1])}", 2
    try:
        network: Network | None = ipaddress.ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        network = None
    return text, network, words[used:]


def _bits(mask: str) -> str:
    """Length of a mask in bits; of IPv6 it cannot be told by ipaddress."""
    try:
        return str(int(ipaddress.ip_address(mask)).bit_count())
    except ValueError:
        return mask


def _covers(earlier: Rule, later: Rule) -> bool:
    return (
        _all_of(earlier.databases, later.databases, but="replication")
        and _all_of(earlier.users, later.users)
        and _address_covers(earlier, later)
    )


def _all_of(earlier: frozenset[str], later: frozenset[str], but: str = "") -> bool:
    if later <= earlier and not any(name.startswith(("@", "+", "/")) for name in later):
        return True
    return "all" in earlier and but not in later


def _address_covers(earlier: Rule, later: Rule) -> bool:
    if earlier.type == "local" or earlier.address in {"all", later.address}:
        return True
    if earlier.network is None or later.network is None or earlier.network.version != later.network.version:
        return False
    return later.network.subnet_of(earlier.network)  # type: ignore[arg-type]
