"""From which observed facts the derived ones follow, so that a question can be traced to what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts import (
    SETTINGS,
    Accounts,
    BoundaryRules,
    Contradictions,
    Exposure,
    HostIdentity,
    InetServices,
    JudgedAt,
    Listeners,
    LogCopies,
    LogFiles,
    LogForwarding,
    LogProblems,
    LogRetention,
    LogRouting,
    LogSources,
    ObjectRole,
    OpenPorts,
    PacketFilter,
    PasswordCopies,
    ProvenFilter,
    Routing,
    ServiceAudit,
    ServiceAuthentication,
    ServiceDefaultAccounts,
    ServiceEncryption,
    ServiceLogs,
    ServicePasswordHashes,
    ServiceProcesses,
    ServiceUser,
    SilentPorts,
    SystemAge,
    SystemRecords,
    TlsEndpoints,
    TunnelRegister,
    Tunnels,
    TunnelWays,
    VpnEndpoints,
    Vulnerabilities,
    VulnerabilityScan,
    WebTls,
    WireServices,
    WireTunnels,
    ZoneCrossings,
    ZoneMatrix,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts import Fact

_OF_INSTANCES: tuple[type[Fact], ...] = (ServiceProcesses, *SETTINGS.values())
"""Which instances run, and the settings of every product that is read."""

_OF_CHAINS: tuple[type[Fact], ...] = (
    HostIdentity,
    Listeners,
    LogFiles,
    LogForwarding,
    LogProblems,
    LogRetention,
    LogRouting,
)
"""What either end of a chain of logs says."""

DERIVED_FROM: Mapping[type[Fact], tuple[type[Fact], ...]] = {
    Contradictions: (InetServices, Listeners, OpenPorts, PacketFilter, TlsEndpoints, WebTls, WireServices),
    Exposure: (OpenPorts, WireServices),
    JudgedAt: (),
    LogCopies: _OF_CHAINS,
    LogSources: _OF_CHAINS,
    ObjectRole: (),
    PasswordCopies: (Accounts,),
    ProvenFilter: (Listeners, PacketFilter),
    ServiceAudit: _OF_INSTANCES,
    SystemRecords: (*_OF_INSTANCES, *_OF_CHAINS, Accounts, SystemAge),
    ServiceLogs: (*_OF_INSTANCES, *_OF_CHAINS, Accounts, SystemAge),
    ServiceAuthentication: _OF_INSTANCES,
    ServiceDefaultAccounts: _OF_INSTANCES,
    ServiceEncryption: _OF_INSTANCES,
    ServicePasswordHashes: _OF_INSTANCES,
    ServiceUser: (ServiceProcesses,),
    SilentPorts: (Listeners, PacketFilter, Routing, OpenPorts),
    TunnelRegister: (Tunnels,),
    TunnelWays: (Tunnels, Routing, PacketFilter),
    ZoneMatrix: (Routing, PacketFilter),
    ZoneCrossings: (Routing, PacketFilter, Listeners),
    BoundaryRules: (PacketFilter,),
    Vulnerabilities: (VulnerabilityScan,),
    WireTunnels: (VpnEndpoints,),
}
"""Observed facts from which derived ones follow, with the inventory."""
