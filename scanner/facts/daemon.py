"""Facts about network services of a host that are no assessment objects of their own.

What they let in, they let into the host: agents of network management, shares of files, and programs that
run containers for whoever asks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation


class Admission(StrEnum):
    """From where somebody is let in."""

    ANYWHERE = "anywhere"
    NAMED = "named"  # from certain other hosts or networks
    LOCAL = "local"  # from the host itself only
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SnmpCommunity:
    """One community string of SNMP version 1 or 2c, never its value."""

    default_word: bool | None
    """Whether it is a word that products are delivered with."""
    lets_in: bool | None  # None: rules before it, or a view, leave it open
    writes: bool
    sources: Admission
    at: Citation


@dataclass(frozen=True, slots=True)
class SnmpAgent(Fact):
    """Who the host's SNMP agent answers, by the files that it reads.

    ``reachable``: whether other hosts reach a socket of it (None: not seen). ``unread`` names what else may
    let somebody in and was not read; "" where everything was.
    """

    running: bool
    reachable: bool | None
    communities: tuple[SnmpCommunity, ...]
    unread: str


@dataclass(frozen=True, slots=True)
class Share:
    """One folder that is shared with other hosts.

    ``anonymous``: whether somebody who proves nothing gets in (None: not settled by what was read).
    ``superuser``: whether user number 0 of a client is user number 0 in it.
    """

    name: str
    anonymous: bool | None
    sources: Admission
    writable: bool
    superuser: bool
    at: Citation


@dataclass(frozen=True, slots=True)
class Shares(Fact):
    """Folders that a service shares; none where it does not run. ``unread`` as of ``SnmpAgent``."""

    running: bool
    shares: tuple[Share, ...]
    unread: str


@dataclass(frozen=True, slots=True)
class NfsShares(Shares):
    """Of the kernel's NFS server, as it was told them."""


@dataclass(frozen=True, slots=True)
class SmbShares(Shares):
    """Of Samba, by its files."""


@dataclass(frozen=True, slots=True)
class ContainerApi:
    """One way to ask a program that runs containers, by network; ``setting`` in its own words."""

    program: str
    authenticated: bool | None
    """Whether whoever asks has to prove who they are; None: what was read does not settle it."""
    setting: str
    at: Citation


@dataclass(frozen=True, slots=True)
class ContainerApis(Fact):
    """Ways by network to all programs that run containers here; ``running`` names those programs."""

    running: tuple[str, ...]
    apis: tuple[ContainerApi, ...]


@dataclass(frozen=True, slots=True)
class RunningContainer:
    """One container that runs, by its keeper and id: ``docker:4f4f4f4f4f4f``.

    ``held``: capabilities that are as good as root on the machine; none where it has a user namespace of its
    own. None: its processes ended while they were looked at.
    """

    name: str
    held: tuple[str, ...] | None
    at: Citation


@dataclass(frozen=True, slots=True)
class ContainerRights(Fact):
    """Containers that run, and what they may do to the machine's kernel."""

    containers: tuple[RunningContainer, ...]


@dataclass(frozen=True, slots=True)
class ContainerSocket:
    """A local socket by which a program of user number 0 is told to run containers."""

    path: str
    mode: int  # permission bits
    uid: int
    gid: int
    at: Citation


@dataclass(frozen=True, slots=True)
class ContainerSockets(Fact):
    """Those that are there, of the places where programs put them unless told otherwise."""

    sockets: tuple[ContainerSocket, ...]
