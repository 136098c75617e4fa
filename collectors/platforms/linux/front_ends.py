"""What a front end of packet filters would load at boot, from its own files: ufw.

firewalld's files do not say which zone a network manager gives to an interface when it comes up: nothing is
compared for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Files, Step, Unseen
from collectors.platforms.linux.filter_rules.ufw.files import DEFAULTS, SWITCH, read_ufw
from collectors.platforms.linux.loaded_rules import MOST_RULES
from scanner.facts import Part, Rules
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.filter_rules.ipset import IpSet

_FOLDER = "/etc/ufw/"
_SETTINGS = "/etc/default/ufw"

UFW_FILES = Step(
    "ufw-files",
    Files((f"{_FOLDER}ufw.conf", f"{_FOLDER}*.rules", f"{_FOLDER}*.init", _SETTINGS), privileged=True),
    Text(zh="ufw 开机时加载的规则及其设置", en="rules and settings that ufw loads at boot"),
)


def rules_of_ufw(evidence: Evidence, sets: Mapping[str, IpSet]) -> Rules | None:
    """Return what ufw's files load; None where they were not seen, or were not understood to the end."""
    try:
        documents = evidence.files(UFW_FILES)
    except Unseen:
        return None
    named = {_name(path): document for path, document in documents.items()}
    programs = frozenset(name for name, document in named.items() if _runs(document))
    file = read_ufw({name: _text(document) for name, document in named.items()}, sets, programs)
    rules = sum(len(chain.rules) for table in file.tables for chain in table.chains)
    if file.unread or not file.tables or rules > MOST_RULES:
        return None
    parts = tuple(Part(named.get(part.name, named[SWITCH]).ref, part.before) for part in file.files)
    return Rules(file, parts)


def _name(path: str) -> str:
    return DEFAULTS if path == _SETTINGS else path.removeprefix(_FOLDER)


def _text(document: Document) -> str:
    return document.text + "\n" if any(document.lines) else ""


def _runs(document: Document) -> bool:
    return document.meta is None or bool(document.meta.mode & 0o111)
