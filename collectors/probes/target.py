"""Whom a probe speaks to and with what means."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.probes.purse import Clock, Purse

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """A numeric address with its budget; ``nonce`` gives that many random bytes."""

    address: Address
    purse: Purse
    clock: Clock
    nonce: Callable[[int], bytes]


def own_address(target: Address) -> str:
    """Address that packets to ``target`` leave from; nothing is sent.

    Raises:
        OSError: there is no way to it from here.
    """
    family = socket.AF_INET6 if target.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as way:
        way.connect((str(target), 9))
        return str(way.getsockname()[0])
