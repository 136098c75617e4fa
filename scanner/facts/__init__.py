"""Facts: what was understood of an object, typed and vendor-free. ``ALL`` lists every type once."""

from scanner.facts.access import AccessRule, HostAccess, SshOverride, SshServer
from scanner.facts.accounts import (
    Account,
    Accounts,
    Lockout,
    PasswordPolicy,
    PasswordState,
    SessionTimeout,
)
from scanner.facts.audit import AuditRule, AuditRules, AuditState, AuditTopic
from scanner.facts.filter import (
    BaseChain,
    Default,
    Family,
    Hook,
    PacketFilter,
    Persistence,
    WrittenFilter,
)
from scanner.facts.host import HostIdentity, JudgedAt, ObjectRole, Service, Services, TimeSync
from scanner.facts.log import (
    LogDaemon,
    LogFile,
    LogFiles,
    LogForwarding,
    LogRetention,
    LogService,
    LogSource,
    LogSources,
    LogTarget,
    Rotation,
)
from scanner.facts.network import InetService, InetServices, Listener, Listeners
from scanner.facts.sheet import FactSheet
from scanner.facts.tunnel import Tunnel, TunnelRegister, Tunnels
from scanner.facts.value import Fact, Origin, Value
from scanner.facts.web import WebTls, WebTlsPort
from scanner.facts.wire import (
    Contradiction,
    Contradictions,
    Exposed,
    Exposure,
    Offer,
    OpenPorts,
    Port,
    PortGroup,
    PortState,
    Presence,
    SshEndpoint,
    SshWire,
    Strength,
    TlsEndpoint,
    TlsEndpoints,
    TlsVersion,
    UnseenPort,
    VpnAnswer,
    VpnEndpoints,
    WireCertificate,
    WireService,
    WireServices,
    WireTunnels,
)

OBSERVED_ON_HOSTS: tuple[type[Fact], ...] = (
    HostIdentity,
    Services,
    SshServer,
    HostAccess,
    Accounts,
    PasswordPolicy,
    Lockout,
    SessionTimeout,
    Listeners,
    PacketFilter,
    LogService,
    LogForwarding,
    LogRetention,
    LogFiles,
    AuditState,
    AuditRules,
    TimeSync,
    Tunnels,
    InetServices,
    WebTls,
)
"""Facts that a host's platform reads from captures of its own words."""

OBSERVED_ON_THE_WIRE: tuple[type[Fact], ...] = (OpenPorts, WireServices, TlsEndpoints, SshWire, VpnEndpoints)
"""Facts that are read from answers to probes, for one vantage."""

OBSERVED: tuple[type[Fact], ...] = OBSERVED_ON_HOSTS + OBSERVED_ON_THE_WIRE
"""Facts that some platform reads from captures; a platform reads one of the sets above."""

DERIVED: tuple[type[Fact], ...] = (
    ObjectRole,
    LogSources,
    TunnelRegister,
    Exposure,
    WireTunnels,
    Contradictions,
    JudgedAt,
)
"""Facts that follow from several objects' facts and the inventory."""

ALL: tuple[type[Fact], ...] = OBSERVED + DERIVED

__all__ = [
    "ALL",
    "DERIVED",
    "OBSERVED",
    "OBSERVED_ON_HOSTS",
    "OBSERVED_ON_THE_WIRE",
    "AccessRule",
    "Account",
    "Accounts",
    "AuditRule",
    "AuditRules",
    "AuditState",
    "AuditTopic",
    "BaseChain",
    "Contradiction",
    "Contradictions",
    "Default",
    "Exposed",
    "Exposure",
    "Fact",
    "FactSheet",
    "Family",
    "Hook",
    "HostAccess",
    "HostIdentity",
    "InetService",
    "InetServices",
    "JudgedAt",
    "Listener",
    "Listeners",
    "Lockout",
    "LogDaemon",
    "LogFile",
    "LogFiles",
    "LogForwarding",
    "LogRetention",
    "LogService",
    "LogSource",
    "LogSources",
    "LogTarget",
    "ObjectRole",
    "Offer",
    "OpenPorts",
    "Origin",
    "PacketFilter",
    "PasswordPolicy",
    "PasswordState",
    "Persistence",
    "Port",
    "PortGroup",
    "PortState",
    "Presence",
    "Rotation",
    "Service",
    "Services",
    "SessionTimeout",
    "SshEndpoint",
    "SshOverride",
    "SshServer",
    "SshWire",
    "Strength",
    "TimeSync",
    "TlsEndpoint",
    "TlsEndpoints",
    "TlsVersion",
    "Tunnel",
    "TunnelRegister",
    "Tunnels",
    "UnseenPort",
    "Value",
    "VpnAnswer",
    "VpnEndpoints",
    "WebTls",
    "WebTlsPort",
    "WireCertificate",
    "WireService",
    "WireServices",
    "WireTunnels",
    "WrittenFilter",
]
