"""From which observed facts the derived ones follow, so that a question can be traced to what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts import (
    Contradictions,
    Exposure,
    HostIdentity,
    InetServices,
    JudgedAt,
    Listeners,
    LogForwarding,
    LogSources,
    ObjectRole,
    OpenPorts,
    PacketFilter,
    TlsEndpoints,
    TunnelRegister,
    Tunnels,
    VpnEndpoints,
    WebTls,
    WireServices,
    WireTunnels,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts import Fact

DERIVED_FROM: Mapping[type[Fact], tuple[type[Fact], ...]] = {
    Contradictions: (InetServices, Listeners, OpenPorts, PacketFilter, TlsEndpoints, WebTls, WireServices),
    Exposure: (OpenPorts, WireServices),
    JudgedAt: (),
    LogSources: (HostIdentity, LogForwarding),
    ObjectRole: (),
    TunnelRegister: (Tunnels,),
    WireTunnels: (VpnEndpoints,),
}
"""Observed facts from which derived ones follow, with the inventory."""
