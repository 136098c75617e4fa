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
from scanner.facts.filter import BaseChain, Default, Family, Hook, PacketFilter, Persistence
from scanner.facts.host import HostIdentity, ObjectRole, Service, Services, TimeSync
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
from scanner.facts.network import Listener, Listeners
from scanner.facts.sheet import FactSheet
from scanner.facts.tunnel import Tunnel, TunnelRegister, Tunnels
from scanner.facts.value import Fact, Origin, Value

OBSERVED: tuple[type[Fact], ...] = (
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
)
"""Facts that a platform reads from captures."""

DERIVED: tuple[type[Fact], ...] = (ObjectRole, LogSources, TunnelRegister)
"""Facts that follow from several objects' facts and the inventory."""

ALL: tuple[type[Fact], ...] = OBSERVED + DERIVED

__all__ = [
    "ALL",
    "DERIVED",
    "OBSERVED",
    "AccessRule",
    "Account",
    "Accounts",
    "AuditRule",
    "AuditRules",
    "AuditState",
    "AuditTopic",
    "BaseChain",
    "Default",
    "Fact",
    "FactSheet",
    "Family",
    "Hook",
    "HostAccess",
    "HostIdentity",
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
    "Origin",
    "PacketFilter",
    "PasswordPolicy",
    "PasswordState",
    "Persistence",
    "Rotation",
    "Service",
    "Services",
    "SessionTimeout",
    "SshOverride",
    "SshServer",
    "TimeSync",
    "Tunnel",
    "TunnelRegister",
    "Tunnels",
    "Value",
]
