"""The known_hosts format of OpenSSH (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): parser and matcher, pure.

A line that cannot be read never helps a key in. It may still matter: it may be the revocation or the
only record of the very host that is asked for, so a bad line that could match blocks what it could change.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SSH_PORT = 22
_SALT_BYTES = 20  # of HMAC-SHA1, the only hash the format knows
_BLANK = re.compile(r"[ \t]+")


class Marker(StrEnum):
    """What a line says about its key."""

    NONE = ""
    AUTHORITY = "@cert-authority"
    REVOKED = "@revoked"


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public host key: its type name and its blob (RFC 4253 section 6.6)."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 fingerprint, as OpenSSH prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"


@dataclass(frozen=True, slots=True)
class KnownHost:
    """A readable line: names pattern, marker and key, with its place for the report."""

    names: str
    marker: Marker
    key: HostKey
    place: str  # file:line


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read. ``names`` is its pattern where that much is readable, else None."""

    place: str
    why: str
    names: str | None
    may_revoke: bool


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """The lines of all files, in order."""

    hosts: tuple[KnownHost, ...] = ()
    bad: tuple[BadLine, ...] = ()

    def __add__(self, other: KnownHosts) -> KnownHosts:
        """Append another file's lines."""
        return KnownHosts(self.hosts + other.hosts, self.bad + other.bad)

    def keys_for(self, name: str) -> tuple[HostKey, ...]:
        """Keys recorded for ``name``, neither revoked nor of a certificate authority."""
        return tuple(h.key for h in self.hosts if h.marker is Marker.NONE and matches(h.names, name))


class Decision(StrEnum):
    """What known_hosts says of a key that a server offers."""

    ACCEPT = "accept"
    CHANGED = "changed"  # other keys are recorded for this name
    UNKNOWN = "unknown"  # nothing is recorded
    REVOKED = "revoked"  # or possibly so: a line that may revoke it cannot be read
    AUTHORITY = "authority"  # only a certificate authority is recorded; host certificates are not supported


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision with its reason. ``recordable``: unknown, and no unreadable line may know the host."""

    decision: Decision
    why: str
    recordable: bool = False


def lookup_name(address: str, port: int, alias: str = "") -> str:
    """Name under which a server is recorded: alias, address, or ``[address]:port`` off port 22."""
    if alias:
        return alias.lower()
    return address.lower() if port == SSH_PORT else f"[{address.lower()}]:{port}"


def parse(text: str, file: str) -> KnownHosts:
    """Read a file's text. Every line ends up readable, bad, or is a comment; nothing raises."""
    hosts: list[KnownHost] = []
    bad: list[BadLine] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        entry = _line(line, f"{file}:{number}")
        if isinstance(entry, KnownHost):
            hosts.append(entry)
        else:
            bad.append(entry)
    return KnownHosts(tuple(hosts), tuple(bad))


def _line(line: str, place: str) -> KnownHost | BadLine:
    fields = _BLANK.split(line)
    marker = Marker.NONE
    if fields[0].startswith("@"):
        if fields[0] not in {Marker.AUTHORITY, Marker.REVOKED}:
            return BadLine(place, "unknown marker", None, may_revoke=True)
        marker = Marker(fields.pop(0))
    names = fields[0] if fields else None
    revokes = marker is Marker.REVOKED
    if names is not None and names.startswith("|") and _salt(names) is None:
        return BadLine(place, "the hashed name cannot be read", None, revokes)
    if len(fields) < 3:
        return BadLine(place, "no key", names, revokes)
    key = _key(fields[1], fields[2])
    if key is None:
        return BadLine(place, "the key cannot be read", names, revokes)
    return KnownHost(fields[0], marker, key, place)


def _key(name: str, encoded: str) -> HostKey | None:
    """A key whose blob names the same type as the line does."""
    try:
        blob = base64.b64decode(encoded, validate=True)
        expected = name.encode("ascii")
    except (binascii.Error, ValueError):
        return None
    length = int.from_bytes(blob[:4], "big")
    if len(blob) <= 4 + length or blob[4 : 4 + length] != expected or not expected:
        return None
    return HostKey(name, blob)


def _salt(names: str) -> bytes | None:
    """Salt of a hashed name ``|1|salt|hash``; None where it is none."""
    parts = names.split("|")
    if len(parts) != 4 or parts[1] != "1":
        return None
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in parts[2:])
    except (binascii.Error, ValueError):
        return None
    return salt if len(salt) == _SALT_BYTES and len(digest) == _SALT_BYTES else None


def matches(names: str, name: str) -> bool:
    """Whether a line's names field means ``name``: a hash, or patterns of which no negated one matches."""
    if names.startswith("|"):
        salt = _salt(names)
        return salt is not None and hmac.compare_digest(_hashed(salt, name), names.encode("utf-8", "replace"))
    found = False
    for pattern in names.lower().split(","):
        negated = pattern.startswith("!")
        if _glob(pattern.removeprefix("!"), name.lower()):
            if negated:
                return False
            found = True
    return found


def _hashed(salt: bytes, name: str) -> bytes:
    digest = hmac.new(salt, name.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return b"|1|" + base64.b64encode(salt) + b"|" + base64.b64encode(digest)


def _glob(pattern: str, text: str) -> bool:
    """Match ``*`` and ``?``; brackets stand for themselves. Goes back to the last star only."""
    p = t = 0
    star, mark = -1, 0
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, mark = p, t
            p += 1
        elif p < len(pattern) and pattern[p] in {"?", text[t]}:
            p += 1
            t += 1
        elif star >= 0:
            mark += 1
            p, t = star + 1, mark
        else:
            return False
    return not pattern[p:].strip("*")


def decide(known: KnownHosts, name: str, offered: HostKey) -> Ruling:
    """Judge the key that the server at ``name`` offers. Revocation beats everything, a match any mismatch."""
    mine = [host for host in known.hosts if matches(host.names, name)]
    for host in mine:
        if host.marker is Marker.REVOKED and host.key.blob == offered.blob:
            return Ruling(Decision.REVOKED, f"the key {offered.fingerprint} is revoked ({host.place})")
    doubtful = [line for line in known.bad if line.names is None or matches(line.names, name)]
    for line in doubtful:
        if line.may_revoke:
            why = f"a line that may revoke the key cannot be read: {line.place}: {line.why}"
            return Ruling(Decision.REVOKED, why)
    recorded = [host for host in mine if host.marker is Marker.NONE]
    for host in recorded:
        if host.key == offered:
            return Ruling(Decision.ACCEPT, host.place)
    if recorded:
        return Ruling(Decision.CHANGED, _changed(recorded, offered))
    authorities = [host.place for host in mine if host.marker is Marker.AUTHORITY]
    if authorities:
        why = f"only an authority is recorded ({authorities[0]}); host certificates are not supported"
        return Ruling(Decision.AUTHORITY, why)
    shown = f"{offered.type} {offered.fingerprint}"
    if doubtful:
        where = f"{doubtful[0].place}: {doubtful[0].why}"
        return Ruling(
            Decision.UNKNOWN, f"no key recorded for {name}, or in a line that cannot be read: {where}"
        )
    return Ruling(Decision.UNKNOWN, f"no key recorded for {name}; it offers {shown}", recordable=True)


def _changed(recorded: Sequence[KnownHost], offered: HostKey) -> str:
    kept = ", ".join(f"{h.key.type} {h.key.fingerprint} ({h.place})" for h in recorded[:3])
    return f"the server offers {offered.type} {offered.fingerprint}, recorded is {kept}"


def preferred(algorithms: Sequence[str], known: Iterable[HostKey]) -> tuple[str, ...]:
    """Order host key algorithms so that those with a recorded key come first; none is dropped."""
    types = {key.type for key in known}

    def is_known(algorithm: str) -> bool:
        return ("ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm) in types

    return tuple(sorted(algorithms, key=lambda algorithm: not is_known(algorithm)))


def record(name: str, key: HostKey) -> str:
    """Line that records ``key`` for ``name``.

    Raises:
        ValueError: the name cannot stand in a line as itself.
    """
    if not re.fullmatch(r"[^\s,!*?|#@\x00-\x1f\x7f]+", name):
        raise ValueError("the name cannot be recorded")
    return f"{name} {key.type} {base64.b64encode(key.blob).decode()}\n"
