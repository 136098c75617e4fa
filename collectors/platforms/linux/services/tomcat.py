"""Apache Tomcat: access logs, default accounts, and how its manager and its AJP connectors can be reached.

Sources: the manual's chapters on connectors, valves and the manager; what valves write was tried. Settings
stand in server.xml below the base of each instance; applications bring contexts of their own,
which can hold valves too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.services.processes import INSTANCES, Running, first_of, running
from collectors.platforms.linux.services.reach import off_host
from collectors.platforms.linux.services.roots import ROOTS
from collectors.platforms.linux.sockets import NETSTAT, SS
from collectors.platforms.vulnscan.elements import Element, read_elements
from collectors.platforms.vulnscan.refused import RefusedError
from scanner.facts import (
    DefaultAccount,
    DefaultPassword,
    Encryption,
    LogDestination,
    LogSink,
    Rotation,
    ServiceAudit,
    ServiceAuthentication,
    ServiceDefaultAccounts,
    ServiceEncryption,
    ServiceInstance,
    TomcatSettings,
)
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from scanner.facts import Aspect
    from scanner.model import Citation

PRODUCT = "tomcat"
BASES = (
    *("/var/lib/tomcat", *(f"/var/lib/tomcat{release}" for release in (8, 9, 10, 11))),
    *("/opt/tomcat", *(f"/opt/tomcat{release}" for release in (8, 9, 10, 11))),
    *("/usr/share/tomcat", "/usr/local/tomcat"),
)
"""Bases of instances that are looked at; one elsewhere is named as not read."""

FILES = Step(
    "tomcat-files",
    Files(
        tuple(f"{base}/conf/{name}" for base in BASES for name in ("[cst]*.xml", "Catalina/localhost/*.xml")),
        privileged=True,
    ),
    Text(
        zh="Tomcat 的 server.xml、上下文与用户文件：访问日志、连接器、默认账户（口令先行掩去）",
        en="files of Tomcat: access logs, connectors, accounts under default names (passwords masked)",
    ),
)
APPLICATIONS = Step(
    "tomcat-applications",
    Files(tuple(f"{base}/webapps/*/META-INF/context.xml" for base in BASES)),
    Text(
        zh="Tomcat 应用自带的上下文：是否部署管理应用、从哪里可以访问",
        en="contexts that Tomcat's applications bring: whether the manager is there, and who may reach it",
    ),
)
WANTED = frozenset(
    "Server GlobalNamingResources Resource Service Connector Engine Host Context Valve Realm user".split()
)
MANAGERS = frozenset({"manager", "host-manager"})
DEFAULT_NAMES = frozenset({"tomcat", "admin", "manager", "root", "both", "role1"})
"""Names of accounts that the product's own files and manuals give as examples."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A file and its elements."""

    document: Document
    root: Element

    def cite(self, element: Element) -> Citation:
        """The line on which an element begins."""
        return self.document.cite(element.line)


@dataclass(frozen=True, slots=True)
class Connector:
    """One way in; ``reached``: whether other hosts reach its port, None: not seen."""

    ajp: bool
    tls: bool
    asks_secret: bool | None  # None: not written
    port: str
    reached: bool | None
    at: Citation


_MASK = re.compile(r"<(masked [a-z-]{1,20} (?:class|scheme)=[a-z0-9-]{1,20} id=[0-9a-f]{16})>")
_CLASS = re.compile(r"\{masked [a-z-]+ class=(?P<class>[a-z]+) id=[0-9a-f]+\}")
SWITCH: Mapping[str, bool] = {"true": True, "false": False}
_VALVES, _REALMS = "org.apache.catalina.valves.", "org.apache.catalina.realm."
USERS = "conf/tomcat-users.xml"
_KEEPS = frozenset(f"{_VALVES}{kind}AccessLogValve" for kind in ("", "Extended", "Json"))
_LOOPBACK = re.compile(r"(?:127[\\.d+\[\]0-9*]*|::1|0:0:0:0:0:0:0:1|\|)+")


def read_settings(evidence: Evidence) -> TomcatSettings:
    """Read what every instance outside containers was started with.

    Raises:
        Unseen: a file was not seen or not understood.
    """
    document, processes = running(evidence)
    documents = evidence.files(FILES)
    own = [p for p in first_of(PRODUCT, processes) if not p.container]
    seen = (document.whole, evidence.listing(FILES), *(d.whole for d in documents.values()))
    return TomcatSettings(seen, tuple(_instance(p, evidence, documents) for p in own))


def _instance(process: Running, evidence: Evidence, documents: Mapping[str, Document]) -> ServiceInstance:
    base = _base(process.arguments)
    server = f"{base}/conf/server.xml"
    if base not in BASES or server not in documents or "-config" in process.arguments:
        detail = "the instance reads other files than the usual ones"
        return ServiceInstance(process.pid, (), Gap(GapReason.NOT_COLLECTED, FILES.id, server, detail))
    own = {path: d for path, d in documents.items() if path.startswith(f"{base}/conf/")}
    trees = {path: Tree(d, _elements(FILES, d)) for path, d in own.items()}
    brought = _brought(evidence, base)
    contexts = {p: t for p, t in trees.items() if "/Catalina/" in p or p.endswith("/context.xml")}
    contexts |= brought or {}
    aspects: list[Aspect] = [access_log(base, trees[server], contexts, all_seen=brought is not None)]
    users = trees.get(f"{base}/conf/tomcat-users.xml") if _knows_users(trees[server].root) else None
    if users is not None:
        aspects.append(default_accounts(users))
    connectors = tuple(_connectors(trees[server], evidence))
    aspects += _management(connectors, contexts, users) + _unproved(connectors)
    return ServiceInstance(process.pid, tuple(aspects))


def _base(arguments: Sequence[str]) -> str:
    """Base of an instance; the last one given counts."""
    given = [a.partition("=")[2] for a in arguments if a.startswith("-Dcatalina.base=")]
    return given[-1].rstrip("/") if given else ""


def _elements(step: Step, document: Document) -> Element:
    """The elements of a file; masks of secrets would be no XML and lose their signs of less and greater."""
    try:
        return read_elements(_MASK.sub(r"{\1}", document.text), WANTED)
    except RefusedError as refused:
        raise unparsable(step, document, 0, str(refused)) from None


def _brought(evidence: Evidence, base: str) -> dict[str, Tree] | None:
    """Contexts inside the applications of an instance; None: not seen."""
    try:
        documents = evidence.files(APPLICATIONS)
    except Unseen:
        return None
    own = {path: d for path, d in documents.items() if path.startswith(f"{base}/webapps/")}
    return {path: Tree(d, _elements(APPLICATIONS, d)) for path, d in own.items()}


def access_log(base: str, server: Tree, contexts: Mapping[str, Tree], *, all_seen: bool) -> ServiceAudit:
    """A valve of an engine keeps for all, one of a host for that host, one of a context for it alone."""
    engines = [e for service in server.root.all("Service") for e in service.all("Engine")]
    hosts = [(e, h) for e in engines for h in e.all("Host")]
    kept = [any(_keeps(v) for part in (e, h) for v in part.all("Valve")) for e, h in hosts]
    valves = [v for e in engines for v in _within(e, "Valve")]
    keeping = [v for v in valves if _keeps(v)]
    cited = tuple(server.cite(v) for v in valves if "AccessLog" in _class(v)) or (server.document.whole,)
    to = tuple(_destination(base, v, server.cite(v)) for v in keeping)
    if kept and all(kept):
        return ServiceAudit(cited, True, "AccessLogValve", to, all_known=True)
    inside = [
        t.cite(v) for t in contexts.values() for v in _within(t.root, "Valve") if "AccessLog" in _class(v)
    ]
    unknown = [v for v in valves if "AccessLog" in _class(v) and not _off(v)]
    usual = all(_usual(e, h) for e, h in hosts)
    if not (inside or unknown) and all_seen and hosts and usual:
        return ServiceAudit(cited, False, "AccessLogValve: none")
    return ServiceAudit((*cited, *inside), None, "AccessLogValve, not for all", to)


def _usual(engine: Element, host: Element) -> bool:
    """Whether all contexts of a host's applications lie where they are looked for."""
    return (engine.attributes.get("name"), host.attributes.get("name")) == ("Catalina", "localhost") and (
        host.attributes.get("appBase", "webapps") == "webapps"
        and host.attributes.get("unpackWARs", "true") == "true"
    )


def _class(element: Element) -> str:
    return element.attributes.get("className", "")


def _off(valve: Element) -> bool:
    """Whether a valve writes nothing: switched off, or without the pattern that it cannot do without."""
    told = valve.attributes
    if told.get("enabled", "true").strip().lower() != "true":
        return True
    return _class(valve) in _KEEPS and not told.get("pattern", "").strip()


def _keeps(valve: Element) -> bool:
    """Whether a valve writes every request."""
    conditions = {"condition", "conditionIf", "conditionUnless"} & set(valve.attributes)
    return _class(valve) in _KEEPS and not conditions and not _off(valve)


def _destination(base: str, valve: Element, at: Citation) -> LogDestination:
    """The files of a valve; a star stands for the date of each."""
    told = valve.attributes
    folder = told.get("directory", "logs")
    folder = folder if folder.startswith("/") else f"{base}/{folder}"
    date = "" if told.get("rotatable", "true") == "false" else "*"
    name = f"{folder}/{told.get('prefix', 'access_log')}{date}{told.get('suffix', '')}"
    days = told.get("maxDays", "")
    ends = Rotation(name, float(days), "", at) if re.fullmatch(r"[1-9]\d{0,5}", days) and date else None
    return LogDestination(LogSink.FILE, name, at, ends)


def _knows_users(server: Element) -> bool:
    """Whether the usual file of users is what somebody is looked up in."""
    realms = {_class(r) for service in server.all("Service") for r in _within(service, "Realm")}
    places = {
        r.attributes.get("pathname", USERS)
        for part in server.all("GlobalNamingResources")
        for r in part.all("Resource")
        if r.attributes.get("factory", "").endswith("MemoryUserDatabaseFactory")
    }
    return f"{_REALMS}UserDatabaseRealm" in realms and places == {USERS}


def _within(element: Element, tag: str) -> Iterator[Element]:
    for child in element.children:
        if child.tag == tag:
            yield child
        yield from _within(child, tag)


def default_accounts(users: Tree) -> ServiceDefaultAccounts:
    """Accounts under names of examples, and how good their passwords are: never the passwords."""
    found = []
    for user in users.root.all("user"):
        name = user.attributes.get("username", user.attributes.get("name", ""))
        if name.lower() in DEFAULT_NAMES:
            at = users.cite(user)
            found.append(DefaultAccount(name, _password(user.attributes.get("password", "")), at))
    return ServiceDefaultAccounts((users.document.whole,), tuple(found))


def _password(text: str) -> DefaultPassword:
    match = _CLASS.fullmatch(text)
    kind = "empty" if not text else match["class"] if match else ""
    if kind in {"default", "empty"}:
        return DefaultPassword.KEPT
    return DefaultPassword.CHANGED if kind == "other" else DefaultPassword.WEAK


def _connectors(server: Tree, evidence: Evidence) -> Iterator[Connector]:
    for service in server.root.all("Service"):
        for element in service.all("Connector"):
            told = element.attributes
            port = told.get("port", "")
            reached = off_host(evidence, int(port)) if re.fullmatch(r"\d{1,5}", port) else None
            ajp = "ajp" in told.get("protocol", "").lower()
            tls = told.get("SSLEnabled", "false") == "true"
            asks = SWITCH.get(told.get("secretRequired", ""))
            yield Connector(ajp, tls, asks, port, reached, server.cite(element))


def _management(
    connectors: Sequence[Connector], contexts: Mapping[str, Tree], users: Tree | None
) -> list[Aspect]:
    """The manager in clear, where it is there, somebody may use it, and others than the host reach it."""
    managing = [t for p, t in contexts.items() if _application(p) in MANAGERS]
    roles = [] if users is None else [u for u in users.root.all("user") if _manages(u)]
    if not managing or not roles or users is None:
        return []
    cited = (*(t.document.whole for t in managing), users.cite(roles[0]))
    if all(any(_only_loopback(v) for v in t.root.all("Valve")) for t in managing):
        return [ServiceEncryption(cited, Encryption.LOCAL, "manager: RemoteAddrValve, RemoteCIDRValve")]
    http = [c for c in connectors if not c.ajp and c.reached is not False]
    clear = [c for c in http if not c.tls]
    cited = (*(c.at for c in clear or http), *cited)
    setting = "manager: Connector " + ", ".join(c.port for c in clear or http)
    if any(c.reached is None for c in clear):
        return [ServiceEncryption(cited, None, setting)]
    if clear:
        state = Encryption.OFFERED if len(clear) < len(http) else Encryption.NONE
        return [ServiceEncryption(cited, state, setting)]
    return [ServiceEncryption(cited, Encryption.ENFORCED if http else Encryption.LOCAL, setting)]


def _application(path: str) -> str:
    """Name of the application that a context is of; "" for the one of all."""
    parts = path.split("/")
    if parts[-2:] == ["META-INF", "context.xml"]:
        return parts[-3]
    return parts[-1].removesuffix(".xml") if parts[-2] == "localhost" else ""


def _manages(user: Element) -> bool:
    roles = user.attributes.get("roles", "").replace(",", " ").split()
    return any(role.startswith(("manager", "admin")) for role in roles)


def _only_loopback(valve: Element) -> bool:
    allow = valve.attributes.get("allow", "")
    if _class(valve) == _VALVES + "RemoteCIDRValve":
        parts = {part.strip() for part in allow.split(",")}
        return bool(allow) and parts <= {"127.0.0.0/8", "127.0.0.1", "127.0.0.1/32", "::1", "::1/128"}
    return _class(valve) == _VALVES + "RemoteAddrValve" and bool(_LOOPBACK.fullmatch(allow))


def _unproved(connectors: Sequence[Connector]) -> list[Aspect]:
    """An AJP connector that asks nobody for a secret believes whatever it is told of the user."""
    open_ = [c for c in connectors if c.ajp and c.reached is not False and c.asks_secret is False]
    if not open_:
        return []
    required = False if any(c.reached for c in open_) else None
    return [ServiceAuthentication(tuple(c.at for c in open_), required, "AJP: secretRequired=false")]


STEPS = (FILES, APPLICATIONS)

READERS = (
    Reader(
        TomcatSettings,
        (Need((FILES,)), Need((INSTANCES,))),
        read_settings,
        also=(APPLICATIONS, SS, NETSTAT, ROOTS),
    ),
)
