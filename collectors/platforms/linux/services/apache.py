"""Apache httpd: whether each of its servers writes down who asked for what, and where to.

Source: the manual of mod_log_config, tried against a running server. A virtual host without a log of its own
writes to the main server's; one with any log of its own writes to no other but GlobalLog's. A server without
any such line writes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step
from collectors.platforms.linux.services.apache_syntax import Directive, Reading, environment
from collectors.platforms.linux.services.destinations import of_program
from collectors.platforms.linux.services.processes import INSTANCES, Running, first_of, running
from collectors.platforms.linux.services.roots import ROOTS
from scanner.facts import ApacheSettings, LogDestination, LogSink, ServiceAudit, ServiceInstance
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

PRODUCT = "apache"
DEBIAN = "/etc/apache2/apache2.conf"
BUILT_FOR: Mapping[str, str] = {
    DEBIAN: "/etc/apache2",
    "/etc/httpd/conf/httpd.conf": "/etc/httpd",
    "/etc/apache2/httpd.conf": "/var/www",
}
"""Main files that servers are built to read, and the folder of relative paths that each is built with."""

ENVIRONMENT = "/etc/apache2/envvars"
PATTERNS = (
    "/etc/apache2/*.conf",
    ENVIRONMENT,
    *(f"/etc/apache2/{folder}/*" for folder in ("mods-enabled", "conf-enabled", "sites-enabled")),
    "/etc/apache2/conf.d/*.conf",
    "/etc/apache2/vhosts.d/*.conf",
    *(f"/etc/httpd/{folder}/*.conf" for folder in ("conf", "conf.d", "conf.modules.d", "vhosts.d")),
    "/etc/letsencrypt/options-ssl-apache.conf",
)
FILES = Step(
    "apache-files",
    Files(PATTERNS, privileged=True),
    Text(
        zh="Apache httpd 的配置文件：各虚拟主机是否记录访问日志、写到哪里",
        en="files of Apache httpd: whether each virtual host writes down accesses, and where to",
    ),
)
LOGS = frozenset({"customlog", "transferlog", "globallog"})
ARGUMENTS = frozenset({"-k", "-e", "-E", "-D", "-f", "-d"})
"""Arguments that have a word behind them, which matter or do no harm."""


def read_settings(evidence: Evidence) -> ApacheSettings:
    """Read what every instance outside containers was started with.

    Raises:
        Unseen: a file was not seen or not understood.
    """
    document, processes = running(evidence)
    documents = evidence.files(FILES)
    own = [p for p in first_of(PRODUCT, processes) if not p.container]
    seen = (document.whole, evidence.listing(FILES), *(d.whole for d in documents.values()))
    return ApacheSettings(seen, tuple(_instance(p, documents) for p in own))


def _instance(process: Running, documents: Mapping[str, Document]) -> ServiceInstance:
    told = _told(process.arguments[1:])
    if told is None:
        detail = f"arguments that are not read: {' '.join(process.arguments[1:])}"
        return ServiceInstance(process.pid, (), Gap(GapReason.UNPARSABLE, INSTANCES.id, "", detail))
    built = [p for p in BUILT_FOR if p in documents and (process.name != "apache2") is (p != DEBIAN)]
    main = told["-f"][-1] if "-f" in told else built[0] if len(built) == 1 else ""
    root = told["-d"][-1] if "-d" in told else BUILT_FOR.get(main, "")
    if not main.startswith("/"):
        main = f"{root}/{main}"
    if main not in documents or not root:
        detail = "the instance reads other files than the usual ones"
        return ServiceInstance(process.pid, (), Gap(GapReason.NOT_COLLECTED, FILES.id, main, detail))
    debian = process.name == "apache2" and ENVIRONMENT in documents
    reading = Reading(
        FILES,
        documents,
        root,
        dict.fromkeys(told.get("-D", ()), ""),
        environment(documents[ENVIRONMENT]) if debian and root == BUILT_FOR[DEBIAN] else {},
        built_in_all=debian,
    )
    directives = tuple(reading.directives(main))
    return ServiceInstance(process.pid, (_audit(directives, documents[main].whole, reading.root),))


def _told(words: Sequence[str]) -> dict[str, list[str]] | None:
    """Arguments by their letter; None where one is not understood, or gives directives itself."""
    told: dict[str, list[str]] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        letter, value = word[:2], word[2:]
        if word == "-X":
            continue
        if letter not in ARGUMENTS or not (value or rest):
            return None
        told.setdefault(letter, []).append(value or rest.pop(0))
    return told


def _audit(directives: Sequence[Directive], whole: Citation, root: str) -> ServiceAudit:
    """All servers that can be met write all that they are asked, none does, or it stays open."""
    logs = [d for d in directives if d.name in LOGS]
    decisive = [d for d in directives if d.name in LOGS | {"<virtualhost", "listen"}]
    cited = tuple(d.at for d in logs) or (whole,)
    destinations = tuple(d for log in logs if (d := destination(log, root)) is not None)
    doubtful = [d for d in decisive if not d.certain]
    if doubtful:
        return ServiceAudit(
            tuple(d.at for d in doubtful), None, "CustomLog, VirtualHost, Listen on a condition", destinations
        )
    servers = [_writes(host, logs, root) for host in _met_servers(directives)]
    if servers and all(on is True for on in servers):
        return ServiceAudit(cited, True, "CustomLog", destinations, all_known=True)
    if all(on is False for on in servers):
        return ServiceAudit(cited, False, "CustomLog, TransferLog: none", destinations)
    silent = tuple(
        d.at for d in directives if d.name == "<virtualhost" and _writes(d.host, logs, root) is False
    )
    return ServiceAudit((*silent, *cited), None, "CustomLog, not for all", destinations, all_known=True)


def _met_servers(directives: Sequence[Directive]) -> list[int]:
    """Numbers of the servers that requests can come to; the main one where no virtual host takes a port."""
    hosts = {d.host: d.words for d in directives if d.name == "<virtualhost"}
    taken = [_address(word) for words in hosts.values() for word in words]
    listened = [_address(d.words[0])[1] for d in directives if d.name == "listen" and d.words]
    everywhere = {port for name, port in taken if name in {"*", "_default_"}}
    covered = bool(listened) and all("*" in everywhere or port in everywhere for port in listened)
    return [*([] if covered else [0]), *hosts]


def _address(word: str) -> tuple[str, str]:
    """Name and port of an address; ``*`` for any port."""
    match = re.fullmatch(r"(?P<name>\[[^\]]*\]|[^:]*):(?P<port>\d{1,5}|\*)", word)
    if match is not None:
        return match["name"], match["port"]
    return ("", word) if word.isdigit() else (word, "*")


def _writes(host: int, logs: Iterable[Directive], root: str) -> bool | None:
    """Whether a server writes all requests; None: some, or by a program that may not."""
    every = [d for d in logs if "directory" not in d.sections]
    own = [d for d in every if d.host == host and d.name != "globallog"]
    main = [d for d in every if d.host == 0 and d.name != "globallog"]
    asked = [*(own or main), *(d for d in every if d.name == "globallog")]
    told = [_kept(log, root) for log in asked]
    return True if True in told else None if None in told else False


def _kept(log: Directive, root: str) -> bool | None:
    """Whether one line keeps every request; a condition (env=, expr=) leaves it open."""
    to = destination(log, root)
    if to is None:
        return False
    if any(word.startswith(("env=", "expr=")) for word in log.words[2:]):
        return None
    return None if to.sink is LogSink.PROGRAM else True


def destination(log: Directive, root: str) -> LogDestination | None:
    """Where a line of logs goes; None where that is nowhere."""
    to = log.words[0] if log.words else "/dev/null"
    if to.startswith("|"):
        return of_program(to.lstrip("|$ "), log.at)
    path = to if to.startswith("/") else f"{root}/{to}"
    return None if path == "/dev/null" else LogDestination(LogSink.FILE, path, log.at)


STEPS = (FILES,)

READERS = (Reader(ApacheSettings, (Need((FILES,)), Need((INSTANCES,))), read_settings, also=(ROOTS,)),)
