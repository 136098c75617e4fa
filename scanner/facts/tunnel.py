"""Facts about tunnels: interfaces and daemons of a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A tunnel interface or daemon.

    A tunnel is never illegal by itself; whether it was approved is the register's matter.
    """

    family: str  # openvpn, wireguard, ipsec, gre, tun, ...
    name: str  # interface or process
    method: str  # interface or process
    local: str  # address or port, "" when not known
    remote: str
    at: Citation


@dataclass(frozen=True, slots=True)
class Tunnels(Fact):
    """Tunnels seen on a host.

    Empty counts only with positive controls: lo among the interfaces, PID 1 among the processes.
    """

    tunnels: tuple[Tunnel, ...]
    hidden: bool
    """Whether processes of others may have been invisible (hidepid) or interfaces unlisted."""


@dataclass(frozen=True, slots=True)
class TunnelWay:
    """How the usual packets of a tunnel fare on their way to a zone.

    ``open``: True, some surely get there by the rules that were seen; False, surely none does; None: not
    known. ``packet``: one of them; ``at``: the lines that decide about it.
    """

    tunnel: Tunnel
    to: str
    open: bool | None
    packet: str
    at: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class TunnelWays(Fact):
    """Derived: the ways of an object's tunnels into other zones, of families whose packets are known."""

    ways: tuple[TunnelWay, ...]


@dataclass(frozen=True, slots=True)
class TunnelRegister(Fact):
    """Derived: tunnels of an object (or of all objects of a system) against the inventory's register.

    ``unseen`` names objects that could not be looked at for tunnels.
    """

    declared: tuple[tuple[Tunnel, str], ...]  # with the register's entry
    undeclared: tuple[Tunnel, ...]
    unseen: tuple[str, ...]
