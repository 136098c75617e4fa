"""The SSH server: what it prints itself, joined with what its files say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from collectors.base import Command, Need, Reader, Step, Unseen
from collectors.evidence import rights
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.sshd_files import SSHD_FILES, read_written, with_defaults
from collectors.platforms.linux.sshd_keywords import ALIASES, KINDS, Kind
from scanner.facts import Origin, SshServer, Value
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.sshd_files import Written

SSHD_EFFECTIVE = Step(
    "sshd-effective",
    Command(("/usr/sbin/sshd", "-T"), privileged=True),
    Text(zh="SSH 服务实际生效的全局设置", en="the SSH server's effective global settings"),
    control=r"^port [0-9]",
)

_ALWAYS_PRINTED = (
    "permitrootlogin permitemptypasswords maxauthtries logingracetime hostbasedauthentication ignorerhosts "
    "passwordauthentication ciphers macs kexalgorithms"
).split()
"""Keywords that every server prints: an answer without one of them was cut off."""


def read_ssh_server(evidence: Evidence) -> SshServer:
    """Read the effective settings.

    The server's own print decides the values, the files which of them are written down and what Match
    blocks change. Without the files nobody knows whether a Match block opens what the rest closes, so
    there is no fact then. Without the server's print the files and unchanging defaults speak.

    Raises:
        Unseen: the files were not seen or not understood, or the server refuses its own configuration.
    """
    printed = _effective(evidence)
    if isinstance(printed, Gap):
        written = read_written(evidence, frozenset())
        settings = with_defaults(written, written.seen[0])
        return SshServer(
            written.seen,
            settings,
            written.overrides,
            Origin.DEFAULT,
            printed,
            written.shadowed,
            written.retired,
        )
    written = read_written(evidence, frozenset(printed[1]))
    document, values = printed
    settings = {name: _joined(name, value, line, document, written) for name, (value, line) in values.items()}
    settings.update(written.forced)
    return SshServer(
        (document.whole, *written.seen),
        settings,
        written.overrides,
        Origin.EXPLICIT,
        shadowed=written.shadowed,
        retired=written.retired,
    )


def _joined(name: str, value: str, line: int, document: Document, written: Written) -> Value[str]:
    """Value as printed, citing the file's line where that says the same."""
    own = written.settings.get(name)
    if own is None:
        return Value(value, Origin.DEFAULT, document.cite(line))
    agrees = own.value.lower() == value.lower() or name in written.relative
    return Value(value, Origin.EXPLICIT, own.at if agrees else document.cite(line))


def _effective(evidence: Evidence) -> tuple[Document, dict[str, tuple[str, int]]] | Gap:
    """What the server prints: value and line of each keyword; the gap where it could not be asked.

    Raises:
        Unseen: it was asked and refuses its configuration: what runs is then in no file.
    """
    try:
        document = evidence.command(SSHD_EFFECTIVE)
    except Unseen as unseen:
        if re.search(r"(?i)bad configuration|\bline \d+[: ]", unseen.gap.detail):
            raise
        return _not_asked(unseen.gap)
    values: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(document.lines, 1):
        if not line.strip():
            continue
        match = re.fullmatch(r"([a-z][a-z0-9]*)(?: (.*))?", line)
        if match is None:
            raise unparsable(SSHD_EFFECTIVE, document, number, "not a keyword with its value")
        name, value = ALIASES.get(match[1], match[1]), (match[2] or "").strip()
        if name not in values:
            values[name] = (value, number)
        elif KINDS.get(name, Kind.GATHERED) is Kind.GATHERED:
            values[name] = (f"{values[name][0]} {value}", values[name][1])
        elif values[name][0] != value:
            raise unparsable(SSHD_EFFECTIVE, document, number, "printed twice with different values")
    missing = [name for name in _ALWAYS_PRINTED if name not in values]
    if missing:
        raise Unseen(Gap(GapReason.TRUNCATED, SSHD_EFFECTIVE.id, detail=f"no {', '.join(missing)}"))
    return document, values


def _not_asked(gap: Gap) -> Gap:
    """Why the server did not print; of keys that it may not read sshd says that there are none."""
    if "no hostkeys available" not in gap.detail:
        return gap
    return replace(gap, reason=GapReason.PERMISSION, needs=rights(SSHD_EFFECTIVE))


STEPS = (SSHD_EFFECTIVE, SSHD_FILES)

READERS = (Reader(SshServer, (Need((SSHD_FILES,)),), read_ssh_server, also=(SSHD_EFFECTIVE,)),)
