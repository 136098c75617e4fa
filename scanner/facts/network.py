"""Facts about sockets and addresses of a host."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class Listener:
    """One listening socket. ``processes`` is empty when the owner could not be seen (or is the kernel)."""

    protocol: str  # tcp or udp
    address: str  # numeric, without scope; 0.0.0.0 and :: and * mean all
    port: int
    processes: tuple[str, ...]
    at: Citation

    @property
    def off_host(self) -> bool:
        """Whether others than the host itself can reach the socket (a packet filter left aside)."""
        if self.address in {"*", ""}:
            return True
        return not ipaddress.ip_address(self.address).is_loopback


@dataclass(frozen=True, slots=True)
class Listeners(Fact):
    """All listening TCP sockets and bound UDP sockets."""

    listeners: tuple[Listener, ...]
    owners_visible: bool
    """Whether the look had the right to see the owners of all sockets."""


@dataclass(frozen=True, slots=True)
class InetService:
    """One entry of a super-server's file; ``enabled`` False: its line is commented out."""

    name: str  # as the file spells it: a name of /etc/services, or a port number
    protocol: str  # tcp or udp
    enabled: bool
    at: Citation


@dataclass(frozen=True, slots=True)
class InetServices(Fact):
    """Services that the files of a super-server (inetd) start for whoever connects, or do so no more."""

    services: tuple[InetService, ...]
