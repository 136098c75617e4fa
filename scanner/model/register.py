"""The register of approved tunnels: what somebody answered for before it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApprovedTunnel:
    """One entry of the register: a tunnel of ``object`` that was approved.

    ``name`` is the interface or process (empty: every tunnel of the family on the object), ``remote`` the
    far end (empty: any). ``approval`` is the reference to the decision, e.g. a ticket; from ``expires`` on
    (with a time zone; None: never) it no longer holds.
    """

    object: str
    family: str  # openvpn, wireguard, ipsec, gre, ... as facts name it
    name: str
    remote: str
    approval: str
    expires: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether somebody approved it and the approval has not expired at ``at``."""
        return bool(self.approval) and (self.expires is None or at < self.expires)
