"""Whom a probe speaks to and with what means."""

from __future__ import annotations

import ipaddress
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
