"""TLS versions that nginx's files allow, by port."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step
from collectors.platforms.linux.host import absence
from collectors.platforms.linux.nginx_syntax import Directive, Reading
from scanner.facts import WebTls, WebTlsPort
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collectors.evidence import Evidence
    from scanner.model import Citation

PROGRAM = "nginx"
MAIN = "/etc/nginx/nginx.conf"
PATTERNS = (
    "/etc/nginx/*.conf",
    "/etc/nginx/mime.types",
    "/etc/nginx/*_params",
    "/etc/nginx/conf.d/*",
    "/etc/nginx/default.d/*",
    "/etc/nginx/modules-enabled/*.conf",
    "/etc/nginx/sites-enabled/*",
    "/etc/nginx/snippets/*",
    "/usr/share/nginx/modules/*.conf",
    "/etc/letsencrypt/options-ssl-nginx.conf",
)

NGINX = Step(
    "nginx-files",
    Files(PATTERNS, privileged=True),
    Text(zh="nginx 配置文件允许的 TLS 版本", en="TLS versions that nginx's files allow"),
)


@dataclass(slots=True)
class _Server:
    """One server block: its ports with their lines, and what was written of versions inside it."""

    blocks: tuple[int, ...]
    ports: list[tuple[int, bool, Citation]] = field(default_factory=list)  # port, with TLS, line
    tls: bool = False  # `ssl on`, which held for all ports of the block


def read_web_tls(evidence: Evidence) -> WebTls:
    """Read the ports with TLS and the versions that any of their servers allows.

    Raises:
        Unseen: a file was not seen, or something in it was not understood.
    """
    documents = evidence.files(NGINX)
    if MAIN not in documents:
        return WebTls((absence(evidence, NGINX, PATTERNS[0]),), PROGRAM, ())
    directives = tuple(Reading(NGINX, documents, PATTERNS).directives(MAIN))
    written = {d.blocks: d for d in directives if d.words[0] == "ssl_protocols"}
    servers = _servers(directives)
    seen = tuple(dict.fromkeys([documents[MAIN].whole, *(d.whole for d in documents.values())]))
    return WebTls(seen, PROGRAM, tuple(_ports(servers, written)))


def _servers(directives: Iterable[Directive]) -> list[_Server]:
    servers: dict[tuple[int, ...], _Server] = {}
    for directive in directives:
        if directive.contexts[-1] != "server" or directive.contexts[-2:-1] == ("upstream",):
            continue
        server = servers.setdefault(directive.blocks, _Server(directive.blocks))
        name, *rest = directive.words
        if name == "ssl" and rest == ["on"]:
            server.tls = True
        elif name == "listen" and rest and (port := _port(rest[0])):
            server.ports.append((port, "ssl" in rest[1:], directive.at))
    return list(servers.values())


def _port(text: str) -> int:
    """TCP port of a listen; 80 where none is written; 0 for a socket of the file system."""
    if text.startswith("unix:"):
        return 0
    match = re.fullmatch(r"(?:\[[0-9a-fA-F:.]+\]|[^:\[\]]*?)(?::?(?P<port>\d{1,5}))?", text)
    if match is None or match["port"] is None:
        return 80
    return int(match["port"])


def _ports(servers: Iterable[_Server], written: dict[tuple[int, ...], Directive]) -> Iterable[WebTlsPort]:
    """Ports with TLS. One listen with ``ssl`` makes it so for every server of the port."""
    asked = [(port, tls or s.tls, at, s) for s in servers for port, tls, at in s.ports]
    for port in sorted({p for p, tls, _, _ in asked if tls}):
        at = next(a for p, tls, a, _ in asked if p == port and tls)
        found = [_written(s, written) for p, _, _, s in asked if p == port]
        allowed = [d for d in found if d is not None]
        versions = tuple(sorted({word for d in allowed for word in d.words[1:]}))
        cited = tuple(dict.fromkeys(d.at for d in allowed))
        yield WebTlsPort(port, versions if len(allowed) == len(found) else None, at, cited)


def _written(server: _Server, written: dict[tuple[int, ...], Directive]) -> Directive | None:
    """The nearest ssl_protocols around a server; None: the program's default holds."""
    around = (server.blocks[:n] for n in range(len(server.blocks), 0, -1))
    return next((written[blocks] for blocks in around if blocks in written), None)


STEPS = (NGINX,)

READERS = (Reader(WebTls, (Need((NGINX,)),), read_web_tls),)
