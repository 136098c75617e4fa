"""nginx: whether its servers write down who asked for what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Need, Reader, Unseen
from collectors.platforms.linux.nginx_syntax import Directive, Reading
from collectors.platforms.linux.services.processes import INSTANCES, Running, first_of, running
from collectors.platforms.linux.services.roots import ROOTS
from collectors.platforms.linux.webtls import MAIN, NGINX, PATTERNS
from scanner.facts import LogDestination, LogSink, NginxSettings, ServiceAudit, ServiceInstance
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

PRODUCT = "nginx"
PARAMETERS = ("fastcgi_params", "fastcgi.conf", "proxy_params", "uwsgi_params", "scgi_params", "mime.types")
"""Files of the package that locations take in and that say nothing of logs."""


def read_settings(evidence: Evidence) -> NginxSettings:
    """Read what every instance outside containers was started with.

    Raises:
        Unseen: a file was not seen or not understood, or an instance reads other files.
    """
    document, processes = running(evidence)
    documents = evidence.files(NGINX)
    own = [p for p in first_of(PRODUCT, processes) if not p.container]
    seen = (document.whole, evidence.listing(NGINX), *(d.whole for d in documents.values()))
    return NginxSettings(seen, tuple(_instance(p, documents) for p in own))


def _instance(process: Running, documents: Mapping[str, Document]) -> ServiceInstance:
    title = " ".join(process.arguments)
    if {"-c", "-p"} & set(process.arguments) or "access_log" in title or MAIN not in documents:
        detail = "the instance reads other files than the usual ones"
        raise Unseen(Gap(GapReason.NOT_COLLECTED, NGINX.id, MAIN, detail))
    directives = tuple(Reading(NGINX, documents, PATTERNS).directives(MAIN))
    return ServiceInstance(process.pid, (_audit(directives, documents[MAIN].whole),))


def _audit(directives: Sequence[Directive], whole: Citation) -> ServiceAudit:
    """A log is written unless ``off`` stands nearest to a server; what locations change leaves it open."""
    http = [d for d in directives if "http" in d.contexts]
    servers = {d.blocks[: d.contexts.index("server") + 1] for d in http if "server" in d.contexts}
    logs = [d for d in http if d.words[0] == "access_log"]
    inner = [d for d in logs if d.contexts[-1] not in {"http", "server"}]
    hidden = any(d.words[0] == "include" and not d.words[-1].endswith(PARAMETERS) for d in http)
    off = {server: _off(server, logs) for server in servers}
    cited = tuple(d.at for d in logs) or (whole,)
    to = tuple(found for d in logs if (found := _destination(d)) is not None)
    written = [d for d in logs if not _nowhere(d)]
    said = all(any(d.blocks == server[: len(d.blocks)] for d in logs) for server in servers)
    known = said and all(_destination(d) is not None for d in written)
    if hidden or not servers or any("if=" in word for d in logs for word in d.words):
        return ServiceAudit(cited, on=None, setting="access_log, in part", destinations=to)
    if all(off.values()) and all(_nowhere(d) for d in inner):
        return ServiceAudit(cited, on=False, setting="access_log off")
    if any(off.values()) or any(_nowhere(d) for d in inner):
        return ServiceAudit(cited, None, "access_log, off for some", to, all_known=known)
    return ServiceAudit(cited, True, "access_log", to, all_known=known)


def _nowhere(log: Directive) -> bool:
    return log.words[1:2] in {("off",), ("/dev/null",)}


def _destination(log: Directive) -> LogDestination | None:
    """Where one line of logs goes; None: nowhere, or a path whose folder or name is not written."""
    to = log.words[1] if len(log.words) > 1 else ""
    server = re.match(r"syslog:(?:.*,)?server=(?P<server>[^,]+)", to)
    if server is not None:
        return LogDestination(LogSink.SYSLOG, _place(server["server"], to), log.at)
    plain = to.startswith("/") and "$" not in to and not _nowhere(log)
    return LogDestination(LogSink.FILE, to, log.at) if plain else None


def _place(server: str, words: str) -> str:
    """The host's own syslog by facility and severity, another machine's by its address and port."""
    if server.startswith("unix:"):
        told = dict(part.partition("=")[::2] for part in words.partition(":")[2].split(","))
        return f"{told.get('facility', 'local7')}.{told.get('severity', 'info')}"
    return server if re.search(r":\d+$", server) else f"{server}:514"


def _off(server: tuple[int, ...], logs: Sequence[Directive]) -> bool:
    """Whether the level nearest to a server that says anything says ``off``."""
    for depth in range(len(server), 0, -1):
        said = [d for d in logs if d.blocks == server[:depth]]
        if said:
            return any(d.words[1:2] == ("off",) for d in said) or all(_nowhere(d) for d in said)
    return False


READERS = (Reader(NginxSettings, (Need((NGINX,)), Need((INSTANCES,))), read_settings, also=(ROOTS,)),)
