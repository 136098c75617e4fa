"""How an object is reached, without any secret: credentials are references."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TransportKind(StrEnum):
    """Ways to an object's evidence."""

    SSH = "ssh"
    LOCAL = "local"
    COMMAND = "command"  # an argv prefix: nsenter, chroot, docker exec
    TREE = "tree"  # an unpacked file system
    REPLAY = "replay"  # captures of an earlier run


@dataclass(frozen=True, slots=True)
class Limits:
    """Budget of one object: seconds for the whole look, bytes of all answers, concurrent connections: one."""

    seconds: float = 120.0
    connect_seconds: float = 15.0
    max_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hop:
    """One SSH server on the way: a bastion or the object itself."""

    address: str
    port: int
    user: str
    credentials: tuple[str, ...]  # references: agent:, key:PATH, env:NAME, file:PATH, prompt:
    host_key_alias: str = ""  # name looked up in known_hosts instead of the address


@dataclass(frozen=True, slots=True)
class Reach:
    """The way to one object."""

    object: str
    platform: str
    transport: TransportKind
    vantage: str = "local"
    hops: tuple[Hop, ...] = ()  # bastions in order, the object last (ssh)
    known_hosts: tuple[str, ...] = ()  # files, first match wins
    accept_new: bool = False  # record unknown host keys; changed and revoked ones are always refused
    prefix: tuple[str, ...] = ()  # argv prefix (command)
    path: str = ""  # root of the tree, or run file to replay
    limits: Limits = Limits()
