"""Small builders of facts: what a test does not say is what a well kept host has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from scanner.checks import ALL
from scanner.checks.accounts import PasswordAge
from scanner.checks.check import NoParameters
from scanner.checks.defence import PatchAge, SignatureAge
from scanner.checks.filter_reach import ManagementPorts
from scanner.checks.jobs import BackupAge, IntegrityAge
from scanner.checks.log_retention import Retention
from scanner.checks.login import Unused
from scanner.checks.password import LockoutLimits, PasswordQuality
from scanner.checks.service import HighRiskPorts
from scanner.checks.session import IdleTimeout
from scanner.checks.sshd import AuthAttempts, LoginGrace
from scanner.checks.updates import ListAge, Waiting
from scanner.checks.vulnerability import ScanAge
from scanner.checks.wire_tls import CertificateKeys
from scanner.derive.filter_proof import families_of
from scanner.facts import (
    AccessRule,
    Account,
    Accounts,
    AccountSources,
    AuditRule,
    AuditRules,
    AuditState,
    AuditTopic,
    BaseChain,
    Default,
    Family,
    Hook,
    HostAccess,
    HostIdentity,
    Listener,
    Listeners,
    Lockout,
    LogAgent,
    LogCopies,
    LogCopy,
    LogDaemon,
    LogFile,
    LogFiles,
    LogForwarding,
    LogRetention,
    LogService,
    LogSource,
    LogSources,
    LogTarget,
    NameService,
    ObjectRole,
    Origin,
    PacketFilter,
    PasswordPolicy,
    PasswordState,
    Persistence,
    ProvenDefault,
    ProvenFilter,
    ProvenPort,
    Published,
    Rotation,
    Service,
    Services,
    SessionTimeout,
    Sources,
    SshOverride,
    SshServer,
    SystemAge,
    TimeSync,
    Tunnel,
    TunnelRegister,
    Tunnels,
    Value,
    WrittenAuditRules,
)
from scanner.facts.audit_event import AuditRuleParts
from scanner.model import Answer, Citation, FileMeta, Gap, GapReason, Outcome, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts import Fact

T = TypeVar("T")

CHECKS = {check.id: check for check in ALL}

LEVEL_3: Mapping[str, object] = {
    "wire.high-risk-ports-unreached": HighRiskPorts(tcp=(21, 23), udp=(69,)),
    "wire.high-risk-ports-limited": HighRiskPorts(tcp=(21, 23), udp=(69,)),
    "sshd.auth-attempts-limited": AuthAttempts(max_attempts=5),
    "sshd.login-grace-limited": LoginGrace(max_seconds=120),
    "accounts.password-age-limited": PasswordAge(max_days=90),
    "password.quality-enforced": PasswordQuality(min_length=8, min_classes=3),
    "lockout.enforced": LockoutLimits(max_failures=5, min_unlock_seconds=600),
    "session.idle-timeout": IdleTimeout(max_seconds=600),
    "accounts.none-unused": Unused(max_days=180),
    "service.high-risk-ports-closed": HighRiskPorts(
        tcp=(
            *(20, 21, 23, 69, 111, *range(135, 140), 445, 512, 513, 514, 873, 2049, 2375, 3389),
            *(*range(5900, 5910), *range(6000, 6010)),
        ),
        udp=(69, 111, *range(135, 140), 445, 2049, 3389),
    ),
    "filter.management-limited": ManagementPorts(tcp=(23, 3389, 5900, 6443), udp=(161,)),
    "malware.signatures-current": SignatureAge(max_days=30),
    "patches.applied-lately": PatchAge(max_days=180),
    "patches.security-installed": ListAge(max_days=14),
    "patches.security-prompt": Waiting(max_days=90),
    "backup.succeeded-lately": BackupAge(max_days=7),
    "integrity.compared-lately": IntegrityAge(max_days=7),
    "vulnerabilities.high-mended": ScanAge(max_days=90),
    "log.retention-sufficient": Retention(min_days=180),
    "instance.logs-retained": Retention(min_days=180),
    "log.service-records-kept": Retention(min_days=180),
    "wire.certificates-valid": CertificateKeys(min_rsa_bits=2048, min_ec_bits=224),
}
"""Thresholds of the cases; a check that is missing here has none."""


@dataclass(frozen=True)
class Case:
    """One situation and the answer that it deserves. A need that is missing is a gap of its own."""

    check: str
    name: str
    answer: str
    facts: tuple[Fact, ...] = ()


def ask(check: str, *facts: Fact | Gap, gaps: Mapping[type[Fact], Gap] | None = None) -> Outcome:
    """Ask as the engine does: a need that is not there is unseen; an additional one is a gap."""
    question = CHECKS[check]
    there: dict[type[Any], Any] = {type(fact): fact for fact in facts} | dict(gaps or {})
    if isinstance(there.get(PacketFilter), PacketFilter):
        there.setdefault(ProvenFilter, proof(there[PacketFilter], there.get(Listeners)))
    if AccountSources in question.also:
        there.setdefault(AccountSources, sources())
    missing = [kind for kind in question.needs if not isinstance(there.get(kind), kind)]
    if missing:
        gap = there.get(missing[0]) or Gap(GapReason.PERMISSION)
        return Outcome.unseen(Text("未见", "unseen"), gap)
    also = [there.get(kind) or Gap(GapReason.NOT_COLLECTED, detail=kind.__name__) for kind in question.also]
    needs = [there[kind] for kind in question.needs]
    return question.judge(*needs, *also, LEVEL_3.get(check, NoParameters()))


def answer(check: str, *facts: Fact) -> Answer:
    return ask(check, *facts).answer


def at(what: str, line: int = 1) -> Citation:
    return Citation(f"host/{what}", line, what)


SEEN = (Citation("host/step", 0, ""),)

DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""When log files of the cases were looked at."""


def value(content: T, where: str = "file") -> Value[T]:
    return Value(content, Origin.EXPLICIT, at(where))


STRONG = {
    "ciphers": "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-ctr",
    "macs": "hmac-sha2-512-etm@openssh.com,hmac-sha2-256",
    "kexalgorithms": "sntrup761x25519-sha512@openssh.com,curve25519-sha256,diffie-hellman-group14-sha256",
}

GOOD_SSHD = {
    "port": "22",
    "permitrootlogin": "no",
    "permitemptypasswords": "no",
    "maxauthtries": "5",
    "logingracetime": "120",
    "hostbasedauthentication": "no",
    "ignorerhosts": "yes",
    "usedns": "no",
    **STRONG,
}


def sshd(without: tuple[str, ...] = (), /, **settings: str) -> SshServer:
    found = {k: value(v, k) for k, v in (GOOD_SSHD | settings).items() if k not in without}
    return SshServer(SEEN, found, (), Origin.EXPLICIT)


def matched(server: SshServer, condition: str = "User guest", **settings: str) -> SshServer:
    override = SshOverride(condition, {k: value(v, "match") for k, v in settings.items()}, at("match"))
    return SshServer(SEEN, server.settings, (*server.overrides, override), server.source)


def wrappers(*rules: tuple[bool, str, str], honours: bool | None = None) -> HostAccess:
    """Rules as (allow, daemons, clients), words split at spaces."""
    made = tuple(AccessRule(a, tuple(d.split()), tuple(c.split()), at("hosts")) for a, d, c in rules)
    return HostAccess(SEEN, made, honours)


def account(
    name: str,
    uid: int,
    password: PasswordState = PasswordState.LOCKED,
    scheme: str = "",
    program: str = "/usr/sbin/nologin",
    max_age: int | None = 90,
    last_change: int | None = 20000,
) -> Account:
    where = (at("passwd", uid + 1), at("shadow", uid + 1))
    return Account(
        name, uid, uid, program, where[0], password, scheme, max_age, 0, last_change, None, where[1]
    )


ROOT = account("root", 0, PasswordState.HASHED, "yescrypt", "/bin/bash")
ANN = account("ann", 1000, PasswordState.HASHED, "sha512crypt", "/bin/bash")
DAEMON = account("daemon", 1)
SYSLOG = account("syslog", 104)


def accounts(*more: Account) -> Accounts:
    return Accounts(SEEN, (ROOT, DAEMON, SYSLOG, ANN, *more))


def sources(*elsewhere: str) -> AccountSources:
    """Databases that a directory feeds as well: ``sources("passwd sss")``."""
    named = (one.split() for one in elsewhere)
    return AccountSources(
        SEEN, tuple(NameService(database, service, at("name-services")) for database, service in named)
    )


def policy(module: str | None = "pam_pwquality", length: int = 8, classes: int = 3) -> PasswordPolicy:
    quality = None if module is None else value(module)
    return PasswordPolicy(SEEN, quality, value(length), value(classes), value(90))


def lockout(module: str | None = "pam_faillock", failures: int = 5, seconds: int = 600) -> Lockout:
    return Lockout(SEEN, "sshd", None if module is None else value(module), value(failures), value(seconds))


def timeout(seconds: int | None, *, readonly: bool = True) -> SessionTimeout:
    return SessionTimeout(SEEN, None if seconds is None else value(seconds), readonly)


def socket(spec: str, *processes: str) -> Listener:
    """``tcp 0.0.0.0 22`` and who owns it."""
    protocol, address, port = spec.split()
    return Listener(protocol, address, int(port), processes, at("ss", int(port)))


SSH_SOCKETS = (socket("tcp 0.0.0.0 22", "sshd"), socket("tcp :: 22", "sshd"))


def listeners(*more: Listener, visible: bool = True, ssh: bool = True) -> Listeners:
    return Listeners(SEEN, (*(SSH_SOCKETS if ssh else ()), *more), visible)


@dataclass(frozen=True, slots=True)
class OpeningChain(BaseChain):
    """A chain, and what its rules would prove: state, ports and the sources that they are opened to."""

    opened: tuple[tuple[int, tuple[str, ...]], ...] = ()
    stateful: bool | None = True


def chain(
    hook: Hook = Hook.INPUT,
    family: Family = Family.IPV4,
    default: Default = Default.DENY,
    *,
    stateful: bool | None = True,
    ports: tuple[tuple[int, tuple[str, ...]], ...] = (),
    framework: str = "nftables",
) -> BaseChain:
    where = at(f"{hook}-{family}")
    told = (framework, "filter", hook.value, family, hook, default, where, where)
    return OpeningChain(*told, opened=ports, stateful=stateful)


def both(hook: Hook = Hook.INPUT, **about: Any) -> tuple[BaseChain, BaseChain]:
    """The same chain for both families."""
    return chain(hook, Family.IPV4, **about), chain(hook, Family.IPV6, **about)


def filtering(
    *chains: BaseChain, persistence: tuple[tuple[str, bool], ...] = (), frontends: tuple[str, ...] = ()
) -> PacketFilter:
    restorers = tuple(Persistence(name, enabled, at(name)) for name, enabled in persistence)
    return PacketFilter(SEEN, chains, restorers, frontends)


def proof(filtering: PacketFilter, listeners: Listeners | Gap | None, *published: Published) -> ProvenFilter:
    """What chains prove if they are as told: a default, and ports by the sources they are opened to."""
    facing = [c for c in filtering.chains if c.hook is not Hook.OUTPUT]
    by_strength = sorted(facing, key=lambda c: c.default is Default.DENY)
    hooks: dict[tuple[Hook, Family], BaseChain] = {(c.hook, c.family): c for c in by_strength}
    defaults = [
        ProvenDefault(
            *key, c.default, (c.default_at,), c.stateful if isinstance(c, OpeningChain) else None, (c.at,)
        )
        for key, c in hooks.items()
    ]
    sockets = listeners.listeners if isinstance(listeners, Listeners) else ()
    ports = [
        _proven(s, family, hooks.get((Hook.INPUT, family)))
        for s in sockets
        if s.off_host
        for family in families_of(s.address)
    ]
    return ProvenFilter(
        filtering.seen, tuple(defaults), tuple(ports) if isinstance(listeners, Listeners) else None, published
    )


def _proven(socket: Listener, family: Family, chain: BaseChain | None) -> ProvenPort:
    sources = Sources.ANYWHERE
    networks: tuple[str, ...] = ()
    if chain is not None and chain.default is Default.UNKNOWN:
        sources = Sources.UNKNOWN
    elif chain is not None and chain.default is Default.DENY:
        networks = dict(chain.opened).get(socket.port, ()) if isinstance(chain, OpeningChain) else ()
        sources = Sources.NAMED if networks else Sources.NOBODY
        sources = Sources.ANYWHERE if "any" in networks or "0.0.0.0/0" in networks else sources
    at = () if chain is None else (chain.default_at,)
    told = (socket.protocol, socket.address, socket.port, family)
    return ProvenPort(*told, sources, networks, socket.processes, socket.at, at)


def publication(
    spec: str, sources: Sources = Sources.ANYWHERE, *, around: bool | None = True, by: str = "Docker"
) -> Published:
    """``tcp 8080 172.17.0.2:80``."""
    protocol, port, to = spec.split()
    where = (at("iptables-save"),)
    return Published(protocol, int(port), int(port), Family.IPV4, to, by, sources, around, where)


def role(kind: str = "operating_system") -> ObjectRole:
    return ObjectRole(SEEN, kind)


def services(*active: str, idle: tuple[str, ...] = ()) -> Services:
    units = [(name, True) for name in active] + [(name, False) for name in idle]
    return Services(
        SEEN, tuple(Service(n, installed=True, active=a, enabled=True, at=at(n)) for n, a in units)
    )


def daemon(name: str = "rsyslogd", /, **states: bool) -> LogDaemon:
    good = {"running": True, "enabled": True, "persistent": True, "records_logins": True}
    return LogDaemon(name, **(good | states), at=at(name))


def recording(*daemons: LogDaemon) -> LogService:
    return LogService(SEEN, daemons)


def log_file(path: str, mode: int, uid: int = 0, gid: int = 4) -> LogFile:
    return LogFile(path, FileMeta(mode, uid, gid, 1, 0), at(path))


def log_files(*files: LogFile) -> LogFiles:
    return LogFiles(SEEN, files)


def target(
    host: str = "10.0.0.9", *, tls: bool = True, checked: bool = True, selector: str = "*.*"
) -> LogTarget:
    return LogTarget(host, 6514, "tcp", tls, checked, selector, at("forward"))


def forwarding(*targets: LogTarget, running: bool = True, unread: tuple[str, ...] = ()) -> LogForwarding:
    return LogForwarding(SEEN, targets, running, tuple(LogAgent(name, "", at(name)) for name in unread))


def rotation(
    pattern: str = "/var/log/auth.log",
    days: float | None = 200,
    cut: str = "",
    kept: int | None = None,
    max_bytes: int | None = None,
) -> Rotation:
    return Rotation(pattern, days, cut, at("logrotate"), kept, max_bytes)


def retention(*rotations: Rotation) -> LogRetention:
    return LogRetention(SEEN, rotations)


def written_rules(*topics: AuditTopic, refused: bool = False, goes_on: bool = False) -> WrittenAuditRules:
    lines = (at("rules.d", 3),) if refused else ()
    rules = audit_rules(*topics).rules
    return WrittenAuditRules(
        SEEN, rules, "augenrules", lines, value(2), value(1), value(goes_on), value(False), ()
    )


def log_copy(
    arrives: bool | None = True, *rotations: Rotation, seen: bool = True, to: str = "log1 6514/tcp"
) -> LogCopy:
    return LogCopy(to, arrives, Text("经过", "why"), rotations if seen else None, (at("copy"),))


def log_copies(*copies: LogCopy) -> LogCopies:
    return LogCopies(SEEN, copies)


def sized(path: str, size: int, age_days: float, *, mode: int = 0o640) -> LogFile:
    """A log file of a size, last written so many days before ``DAY``."""
    mtime = int(DAY.timestamp() - age_days * 86400)
    return LogFile(path, FileMeta(mode, 0, 4, size, mtime), at(path))


def sizes(*files: LogFile) -> LogFiles:
    return LogFiles(SEEN, files, DAY)


def used_for(days: float) -> SystemAge:
    return SystemAge(SEEN, DAY - timedelta(days=days), DAY)


def senders(**sends: bool | None) -> LogSources:
    found = tuple(LogSource(o, s, () if s is None else (at(o),)) for o, s in sends.items())
    return LogSources(SEEN, "log1/log_system", found)


def auditing(
    *, installed: bool = True, running: bool = True, boot: bool = True, kernel: int | None = 1
) -> AuditState:
    return AuditState(SEEN, installed, running, boot, kernel)


def audit_rules(*topics: AuditTopic) -> AuditRules:
    parts = AuditRuleParts(always=True, filter="exit")
    return AuditRules(SEEN, tuple(AuditRule(f"-w {t}", parts, (t,), at("auditctl")) for t in topics))


def clock(daemon_name: str | None, *sources: str, synchronised: bool = True) -> TimeSync:
    return TimeSync(SEEN, daemon_name, sources, synchronised)


def tunnel(family: str, name: str, method: str = "interface", remote: str = "") -> Tunnel:
    return Tunnel(family, name, method, "", remote, at(name))


def tunnels(*found: Tunnel, hidden: bool = False) -> Tunnels:
    return Tunnels(SEEN, found, hidden)


def register(
    *undeclared: Tunnel, declared: tuple[tuple[Tunnel, str], ...] = (), unseen: tuple[str, ...] = ()
) -> TunnelRegister:
    return TunnelRegister(SEEN, declared, undeclared, unseen)


def identity(hostname: str = "host") -> HostIdentity:
    return HostIdentity(SEEN, hostname, "Debian", "debian", "12", "6.1", 0)
