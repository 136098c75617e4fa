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
    IMPORT = "import"  # what the collector's script printed on a host that nobody may log in to
    REPLAY = "replay"  # captures of an earlier run
    GIVEN = "given"  # results of a vulnerability scanner, handed over as a file
    PROBE = "probe"  # bounded packets to the object's address, from a vantage


@dataclass(frozen=True, slots=True)
class Limits:
    """Budget of one object: seconds for the whole look, bytes of all answers, concurrent connections: one."""

    seconds: float = 120.0
    connect_seconds: float = 15.0
    max_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Budget:
    """Most that all probes of one look may send to one target."""

    packets_per_second: int = 100
    packets: int = 20_000
    connections: int = 200
    seconds: float = 180.0


@dataclass(frozen=True, slots=True)
class Vantage:
    """Where packets are sent from. "Reachable" without it is no evidence (GB/T 28449-2018, 6.2.4).

    ``access_point``: P1 outside the border, P2 inside in another zone, P3 in the object's own zone (labels
    are ours). ``prefix``: argv that enters the place, e.g. ``ip netns exec NAME``; empty: where we run.
    """

    name: str
    zone: str = ""
    access_point: str = "P2"
    prefix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the wire: its own name in a run (``web1@inside``), the object it is about, its vantage."""

    name: str
    object: str
    vantage: str


@dataclass(frozen=True, slots=True)
class GivenScan:
    """Results of a vulnerability scanner: their name in the inventory, and in a run (``scan:q3``).

    ``object`` is the object that they are of where they name no host themselves; "" where they do.
    """

    name: str
    look: str
    object: str


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
    prefix: tuple[str, ...] = ()  # argv prefix (command); of the vantage (probe)
    address: str = ""  # numeric address that probes go to (probe)
    budget: Budget = Budget()  # of all probes together (probe)
    ports: tuple[tuple[int, int], ...] = ()  # first and last TCP ports, beside those always swept (probe)
    path: str = ""  # root of the tree, output to import, or run file to replay
    limits: Limits = Limits()
