"""Rule sets that stand in folders: firewalld's and ufw's, with the files that are read of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.firewalld.folder import read_firewalld
from collectors.platforms.linux.filter_rules.ufw.files import HOOK_PROGRAMS, read_ufw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.ipset import IpSet
    from scanner.facts.rules import RuleFile

FOLDERS = "/etc/firewalld or /etc/ufw"
"""What is read, as an error says it."""

BESIDE = {"ufw": "default/ufw"}
"""Files that stand beside a folder, by how they begin: ``/etc/default/ufw`` is beside ``/etc/ufw``."""

_FIREWALLD = re.compile(
    r"(?:lib/)?(?:firewalld\.conf|direct\.xml|(?:zones|policies|services|ipsets|icmptypes)/[^/]+\.xml)"
)
_UFW = re.compile(r"ufw\.conf|default/ufw|(?:before|after|user)6?\.rules|(?:before|after)\.init")


def wanted(name: str) -> bool:
    """Whether a file of a folder, by its name in it, is read."""
    return bool(_FIREWALLD.fullmatch(name) or _UFW.fullmatch(name))


def is_library(names: frozenset[str]) -> bool:
    """Whether a folder holds what firewalld brings along, and no settings of its own."""
    return "firewalld.conf" not in names and any(name.startswith("services/") for name in names)


def read_folder(
    files: Mapping[str, str], sets: Mapping[str, IpSet], programs: frozenset[str]
) -> RuleFile | None:
    """Read the files of one folder; None where it is none that is known.

    Names are those in the folder; ``lib/`` begins those of firewalld's own, ``default/`` what stands beside.
    ``programs``: names of files that may be run.
    """
    if "ufw.conf" in files or "user.rules" in files:
        return read_ufw(files, sets, programs & frozenset(HOOK_PROGRAMS))
    if any(_FIREWALLD.fullmatch(name) and not name.startswith("lib/") for name in files):
        return read_firewalld(files)
    return None
