"""From what stands on the command line to an inventory: a file, this machine, one SSH host, or a tree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.errors import InputError
from scanner.inventory import Inventory, Way, load_inventory, single_object
from scanner.model import TransportKind
from scanner.profile import load_items, object_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SSH_URL = re.compile(
    r"ssh://(?:(?P<user>[^@/\s]+)@)?(?P<host>\[[0-9a-fA-F:.]+\]|[^:/@\s]+)(?::(?P<port>\d{1,5}))?/?"
)

OFFLINE_PLATFORM = "linux"
"""Platform of hosts that the collector's script is for."""

GRADE_OF_LEVEL = {level: f"S{level}A{level}" for level in (1, 2, 3, 4)}


def read_inventory(path: Path, check_reference: Callable[[str], object]) -> Inventory:
    """Read an inventory file.

    Raises:
        InputError: it cannot be read, or is wrong; with every mistake at its place.
    """
    return load_inventory(path, object_kinds(), check_reference, load_items)


def this_machine(level: int) -> Inventory:
    """Inventory of the machine that the command runs on."""
    return single_object(Way(transport=TransportKind.LOCAL), "", GRADE_OF_LEVEL[level], "localhost")


def tree(path: Path, level: int) -> Inventory:
    """Inventory of one unpacked file system."""
    way = Way(transport=TransportKind.TREE, path=str(path.resolve()))
    return single_object(way, "", GRADE_OF_LEVEL[level], "tree")


def ssh_host(
    url: str,
    level: int,
    user: str,
    credentials: Sequence[str],
    known_hosts: Sequence[str],
    accept_new: bool,
) -> Inventory:
    """Inventory of one host behind ``ssh://[user@]host[:port]``.

    Raises:
        InputError: the URL is none. It is not repeated where it may hold a password.
    """
    found = _SSH_URL.fullmatch(url)
    if found is None or ":" in (found["user"] or ""):
        raise InputError(
            "write ssh://user@host or ssh://user@host:port; passwords never stand in a command line"
        )
    host = found["host"].strip("[]")
    port = int(found["port"] or 22)
    if not 1 <= port <= 65535:
        raise InputError(f"{port} is no port")
    way = Way(
        transport=TransportKind.SSH,
        user=found["user"] or user,
        port=port,
        credential=list(credentials) or ["agent:"],
        known_hosts=[str(Path(p).expanduser()) for p in known_hosts or ["~/.ssh/known_hosts"]],
        accept_new=accept_new,
    )
    return single_object(way, host, GRADE_OF_LEVEL[level], re.sub(r"[^A-Za-z0-9._-]", "_", host))
