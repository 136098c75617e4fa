"""Running instances of the products that are known here, from processes and their sockets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Command, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.services.roots import ROOTS, sharing
from collectors.platforms.linux.sockets import NETSTAT, SS, sockets
from scanner.facts import ServiceProcess, ServiceProcesses, ServiceUser
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from collectors.evidence import Document, Evidence

DATABASE, MIDDLEWARE = "database", "middleware"
"""Kinds of the objects that the products below are."""

NAMES: Mapping[str, tuple[str, str]] = {
    "redis-server": ("redis", DATABASE),
    "valkey-server": ("redis", DATABASE),
    "postgres": ("postgresql", DATABASE),
    "postmaster": ("postgresql", DATABASE),
    "mysqld": ("mysql", DATABASE),
    "mariadbd": ("mysql", DATABASE),
    "mongod": ("mongodb", DATABASE),
    "nginx": ("nginx", MIDDLEWARE),
    "apache2": ("apache", MIDDLEWARE),
    **dict.fromkeys(("httpd", "httpd-prefork", "httpd-worker", "httpd-event"), ("apache", MIDDLEWARE)),
}
"""Product and kind by the name of the program's process."""

JAVA = "java"
PROGRAMS_IN_JAVA: Mapping[str, tuple[str, str]] = {
    "org.apache.catalina.startup.Bootstrap": ("tomcat", MIDDLEWARE),
    "org.elasticsearch.bootstrap.Elasticsearch": ("elasticsearch", DATABASE),
    "org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch": ("elasticsearch", DATABASE),
    "org.opensearch.bootstrap.OpenSearch": ("opensearch", DATABASE),
}
"""Product and kind by the class that Java is told to run."""

_LAUNCHER, _LAUNCHED = "org.elasticsearch.launcher.CliToolLauncher", "-Dcli.name=server"
"""What starts Elasticsearch from its release 8, and how it is told from the product's other tools."""

SERVED_BY_CHILDREN = frozenset({"nginx", "apache"})
"""Products whose first process opens ports and logs, and whose children serve under another account."""

INSTANCES = Step(
    "service-processes",
    Command(
        (
            *("ps", "-ww", "-p", "1", "-C", ",".join((*NAMES, JAVA))),
            *("-o", "pid=,ppid=,euid=,user:32=,comm:16=,cgroup:400=,args="),
        )
    ),
    Text(
        zh="数据库、Web 服务器等的进程及其启动参数、所在容器（参数中的密钥先行掩去）",
        en="processes of databases and web servers, their arguments (secrets in them masked) and containers",
    ),
    control=r"^ *1 +0 ",
)

_LINE = re.compile(
    r" *(?P<pid>[0-9]{1,10}) +(?P<parent>[0-9]{1,10}) +(?P<uid>[0-9]{1,10}) +(?P<user>\S+) +(?P<name>\S+) +"
    r"(?P<cgroup>-|[0-9]+:\S*(?: \S+)*?:\S*) +(?P<arguments>\S.*?) *"
)
_CONTAINER = re.compile(
    r"(?P<runtime>docker|cri-containerd|crio|libpod|containerd)[-/](?P<id>[0-9a-f]{12,64})(?:\.scope)?(?:/|,|$)"
    r"|/(?P<manager>lxc\.payload|lxc|machine\.slice)[./](?!libpod-|payload)(?P<name>[\w.@\\-]+?)"
    r"(?:\.scope|\.service)?(?:/|,|$)"
    r"|/kubepods[^,]*/(?P<pod>[0-9a-f]{12,64})(?:/|,|$)"
)
_CALLED: Mapping[str, str] = {
    "libpod": "podman",
    "cri-containerd": "cri",
    "crio": "cri",
    "lxc.payload": "lxc",
    "machine.slice": "machine",
}
"""What a container's keeper is called, by its control group; any other by that word itself."""

OTHER_ROOT = "other-root"
"""Stands for a container whose name is not known: the process sees another root folder than the host's."""


@dataclass(frozen=True, slots=True)
class Running:
    """One process of a product."""

    pid: int
    parent: int
    uid: int
    user: str
    name: str
    product: str
    kind: str  # of the assessment object that it is
    container: str  # e.g. docker:4f4f4f4f4f4f; "" where nothing shows that it is in one
    arguments: tuple[str, ...]  # as the process shows them; some programs write a title over them
    line: int


def running(evidence: Evidence) -> tuple[Document, tuple[Running, ...]]:
    """All processes of known products.

    Raises:
        Unseen: not asked, refused, or a line that is no process.
    """
    return listed(evidence, INSTANCES, NAMES)


def listed(
    evidence: Evidence, step: Step, names: Mapping[str, tuple[str, str]]
) -> tuple[Document, tuple[Running, ...]]:
    """All processes of a step that asks ``ps`` for some names and for process 1, as ``INSTANCES`` does.

    ``names`` gives product and kind of object by the name of a process.

    Raises:
        Unseen: not asked, refused, or a line that is no process.
    """
    document = evidence.command(step)
    at_home = _at_home(evidence)
    found: list[Running] = []
    own = ""  # the container that the look itself is in, if any: what shares it is on the host looked at
    for number, line in enumerate(document.lines, 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise unparsable(step, document, number, "no process")
        arguments = tuple(match["arguments"].split())
        program = names.get(match["name"]) or _in_java(match["name"], arguments)
        if program is None:
            if match["name"] == JAVA and match["pid"] != "1":
                continue
            if match["pid"] != "1":
                raise unparsable(step, document, number, "a process that was not asked for")
            own = container_of(match["cgroup"])
            continue
        named, pid = container_of(match["cgroup"]), int(match["pid"])
        container = "" if named == own else named
        elsewhere = at_home is not None and pid not in at_home
        found.append(
            Running(
                pid,
                int(match["parent"]),
                int(match["uid"]),
                match["user"],
                match["name"],
                *program,
                container or (OTHER_ROOT if elsewhere else ""),
                arguments,
                number,
            )
        )
    return document, tuple(found)


def _in_java(name: str, arguments: Sequence[str]) -> tuple[str, str] | None:
    """Product and kind of what a process of Java runs; None where it is none that is known here."""
    if name != JAVA:
        return None
    if _LAUNCHER in arguments and _LAUNCHED in arguments:
        return "elasticsearch", DATABASE
    return next((PROGRAMS_IN_JAVA[word] for word in arguments if word in PROGRAMS_IN_JAVA), None)


def _at_home(evidence: Evidence) -> frozenset[int] | None:
    """Processes that read the host's own files; None: not seen."""
    try:
        return sharing(evidence)
    except Unseen:
        return None


def first_of(product: str, processes: Sequence[Running]) -> tuple[Running, ...]:
    """First processes of a product's instances: those that no other process of the product started."""
    own = {p.pid for p in processes if p.product == product}
    return tuple(p for p in processes if p.pid in own and p.parent not in own)


def read_processes(evidence: Evidence) -> ServiceProcesses:
    """Read the instances with the sockets of all their processes."""
    document, processes = running(evidence)
    socket_list, rows = sockets(evidence)
    products = dict.fromkeys(p.product for p in processes)
    at_home = _at_home(evidence)
    found = []
    for first in (p for product in products for p in first_of(product, processes)):
        own = family(first, processes)
        pids = {p.pid for p in own}
        held = [listener for listener, owners in rows if pids & set(owners)]
        found.append(
            ServiceProcess(
                first.product,
                first.kind,
                first.pid,
                _user(first, own, document),
                first.container,
                tuple(dict.fromkeys(listener.address for listener in held)),
                tuple(sorted({listener.port for listener in held})),
                bool(held) or all(owners for _, owners in rows),
                document.cite(first.line),
                at_home is not None,
            )
        )
    return ServiceProcesses((document.whole, socket_list.whole), tuple(found))


def family(first: Running, processes: Iterable[Running]) -> list[Running]:
    """A process and all that come from it."""
    found, pids = [first], {first.pid}
    left = [p for p in processes if p.product == first.product and p.pid != first.pid]
    grown = True
    while grown:
        more = [p for p in left if p.parent in pids and p.pid not in pids]
        grown = bool(more)
        found += more
        pids |= {p.pid for p in more}
    return found


def _user(first: Running, own: Sequence[Running], document: Document) -> ServiceUser:
    """Who serves: children where the product leaves that to them, else the first process."""
    children = [p for p in own if p.pid != first.pid]
    serving = children if first.product in SERVED_BY_CHILDREN and children else [first]
    worst = min(serving, key=lambda p: p.uid != 0)
    alone = first.product in SERVED_BY_CHILDREN and not children
    superuser = worst.uid == 0
    known = None if superuser and (first.container or alone) else superuser
    return ServiceUser((document.cite(worst.line),), first.product, worst.user, known)


def container_of(cgroup: str) -> str:
    """Name what a process of this control group runs in (``docker:4f4f4f4f4f4f``); "" for no container."""
    match = _CONTAINER.search(cgroup)
    if match is None:
        return ""
    keeper = match["runtime"] or match["manager"] or "pod"
    name = (match["id"] or match["pod"] or "")[:12] or match["name"]
    return f"{_CALLED.get(keeper, keeper)}:{name}"


STEPS = (INSTANCES, ROOTS)

READERS = (
    Reader(ServiceProcesses, (Need((INSTANCES,)), Need((SS, NETSTAT))), read_processes, also=(ROOTS,)),
)
