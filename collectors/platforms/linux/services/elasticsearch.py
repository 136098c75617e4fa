"""Elasticsearch and OpenSearch: who is let in, TLS and audit, by the file and arguments of each instance.

Sources: the products' manuals of security settings. Defaults differ by release, which the name of the
product's library tells; where that was not seen, a setting that is not written settles nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step
from collectors.platforms.linux.services.plain_yaml import told
from collectors.platforms.linux.services.processes import INSTANCES, Running, family, first_of, running
from collectors.platforms.linux.services.reach import only_local
from collectors.platforms.linux.services.roots import ROOTS
from collectors.platforms.linux.sockets import NETSTAT, SS
from scanner.facts import (
    ElasticsearchSettings,
    Encryption,
    LogDestination,
    LogSink,
    OpensearchSettings,
    ServiceAudit,
    ServiceAuthentication,
    ServiceEncryption,
    ServiceInstance,
)
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.services.plain_yaml import Told
    from scanner.model import Citation

Answers = tuple[ServiceAuthentication, ServiceEncryption, ServiceAudit]

ELASTICSEARCH, OPENSEARCH = "elasticsearch", "opensearch"
HOMES = {name: f"/usr/share/{name}" for name in (ELASTICSEARCH, OPENSEARCH)}
FILES = Step(
    "elasticsearch-files",
    Files(
        tuple(f"/etc/{name}/{name}.yml" for name in (ELASTICSEARCH, OPENSEARCH)),
        privileged=True,
    ),
    Text(
        zh="Elasticsearch 与 OpenSearch 的配置文件：安全功能、TLS、审计是否启用",
        en="files of Elasticsearch and OpenSearch: whether security, TLS and audit are switched on",
    ),
)
PROGRAM = Step(
    "elasticsearch-program",
    Files(
        tuple(
            pattern
            for name, home in HOMES.items()
            for pattern in (f"{home}/lib/{name}-[0-9]*.jar", f"{home}/plugins/*/")
        ),
        metadata_only=True,
    ),
    Text(
        zh="Elasticsearch 与 OpenSearch 的版本与插件：决定未写明的安全设置取何默认值",
        en="release and plugins of Elasticsearch and OpenSearch: they decide what is the default",
    ),
)
BARE = "-Des.distribution.flavor=oss"
FIRST_SECURE = 8
"""Release of Elasticsearch from which security is on unless it is switched off."""

SECURITY_PLUGIN = "opensearch-security"
_OTHER_GUARDS = re.compile(r"search-?guard|readonlyrest|opendistro|security", re.IGNORECASE)
_RELEASE = re.compile(r".*/(?:elasticsearch|opensearch)-(?P<major>\d{1,2})\.\d+\.\d+[\w.-]*\.jar")


@dataclass(frozen=True, slots=True)
class Node:
    """What one instance was started with; ``plugins`` None: not seen, ``major`` 0: not seen."""

    told: Told
    whole: Citation
    major: int
    plugins: frozenset[str] | None
    program: tuple[Citation, ...]
    bare: bool  # a build that holds no security at all

    def switch(self, name: str, *, default: bool | None) -> tuple[bool | None, tuple[Citation, ...]]:
        """A switch and what decides it; None: not seen, or a value that comes from elsewhere."""
        if name not in self.told:
            return default, (self.whole, *self.program)
        value, at = self.told[name]
        return {"true": True, "false": False}.get(value.lower()), (at,)


def read_elasticsearch(evidence: Evidence) -> ElasticsearchSettings:
    """Read what every instance of Elasticsearch outside containers was started with.

    Raises:
        Unseen: a file was not seen or not understood.
    """
    seen, instances = _read(ELASTICSEARCH, evidence, _of_elasticsearch)
    return ElasticsearchSettings(seen, instances)


def read_opensearch(evidence: Evidence) -> OpensearchSettings:
    """Read what every instance of OpenSearch outside containers was started with.

    Raises:
        Unseen: a file was not seen or not understood.
    """
    seen, instances = _read(OPENSEARCH, evidence, _of_opensearch)
    return OpensearchSettings(seen, instances)


def _read(
    product: str,
    evidence: Evidence,
    judge: Callable[[Node, bool | None], Answers],
) -> tuple[tuple[Citation, ...], tuple[ServiceInstance, ...]]:
    document, processes = running(evidence)
    documents = evidence.files(FILES)
    own = [p for p in first_of(product, processes) if not p.container]
    seen = (document.whole, evidence.listing(FILES), *(d.whole for d in documents.values()))
    found = []
    for process in own:
        path = f"/etc/{product}/{product}.yml"
        if _folder(process.arguments) != f"/etc/{product}" or path not in documents:
            detail = "the instance reads other files than the usual ones"
            gap = Gap(GapReason.NOT_COLLECTED, FILES.id, path, detail)
            found.append(ServiceInstance(process.pid, (), gap))
            continue
        pids = [p.pid for p in family(process, processes)]  # from release 8 a child holds the sockets
        node = _node(product, process, document.cite(process.line), documents[path], evidence)
        found.append(ServiceInstance(process.pid, judge(node, only_local(evidence, *pids))))
    return seen, tuple(found)


def _folder(arguments: Sequence[str]) -> str:
    """Folder of the settings: one argument names it."""
    return next(
        (a.partition("=")[2] for a in arguments if re.match(r"-D(?:es|opensearch)\.path\.conf=", a)), ""
    )


def _node(product: str, process: Running, at: Citation, document: Document, evidence: Evidence) -> Node:
    values = told(FILES, document) | dict(_given(process.arguments, at))
    home = next((a.partition("=")[2] for a in process.arguments if re.match(r"-D\w+\.path\.home=", a)), "")
    listed = evidence.listed(PROGRAM) if home == HOMES[product] else ()
    releases = [(m, f.at) for f in listed if (m := _RELEASE.fullmatch(f.path)) and f.path.startswith(home)]
    major = int(releases[0][0]["major"]) if len(releases) == 1 else 0
    plugins = frozenset(
        f.path.rstrip("/").rpartition("/")[2] for f in listed if f.path.startswith(f"{home}/plugins/")
    )
    cited = tuple(place for _, place in releases)
    return Node(
        values, document.whole, major, plugins if releases else None, cited, BARE in process.arguments
    )


def _given(arguments: Sequence[str], at: Citation) -> Iterator[tuple[str, tuple[str, Citation]]]:
    """Settings behind ``-E``, which win over the file."""
    for before, word in zip(("", *arguments), arguments, strict=False):
        text = word if before == "-E" else word[2:] if word.startswith("-E") else ""
        name, sign, value = text.partition("=")
        if sign:
            yield name, (value, at)


def _of_elasticsearch(node: Node, local: bool | None) -> Answers:
    default = (
        True if node.major >= FIRST_SECURE else None
    )  # before, a basic licence has it off, a paid one on
    on, at = node.switch("xpack.security.enabled", default=default)
    on = False if node.bare else on
    guarded = node.plugins is None or any(_OTHER_GUARDS.search(name) for name in node.plugins)
    anonymous = [place for name, (_, place) in node.told.items() if ".authc.anonymous." in name]
    required = None if (on is False and guarded) or (on and anonymous) else on
    setting = "xpack.security.enabled" + (", authc.anonymous" if anonymous else "")
    authentication = ServiceAuthentication((*at, *anonymous), required, setting)
    layers = [
        node.switch(f"xpack.security.{layer}.ssl.enabled", default=False) for layer in ("http", "transport")
    ]
    encryption = _encryption(on, layers, at, "xpack.security.http.ssl, transport.ssl", local)
    if on is False and guarded and not local:
        encryption = ServiceEncryption(encryption.seen, None, "a plugin may encrypt")
    return authentication, encryption, _audit(node, on)


def _encryption(
    on: bool | None,
    layers: Sequence[tuple[bool | None, tuple[Citation, ...]]],
    at: tuple[Citation, ...],
    setting: str,
    local: bool | None,
) -> ServiceEncryption:
    """Both ways in are in TLS, or other hosts can connect in clear."""
    cited = tuple(dict.fromkeys([*at, *(c for _, places in layers for c in places)]))
    if local:
        return ServiceEncryption(cited, Encryption.LOCAL, "network.host")
    switches = [switch for switch, _ in layers]
    if on and all(switches):
        return ServiceEncryption(cited, Encryption.ENFORCED, setting)
    bare = on is False or (on and False in switches)
    state = Encryption.NONE if bare and local is False else None
    return ServiceEncryption(cited, state, setting)


def _audit(node: Node, security: bool | None) -> ServiceAudit:
    """Without security there is nothing to record; with it, a licence decides beside the switch."""
    on, at = node.switch("xpack.security.audit.enabled", default=False)
    if security is False or on is False:
        return ServiceAudit(at, False, "xpack.security.audit.enabled")
    if on is None:
        return ServiceAudit(at, None, "xpack.security.audit.enabled")
    logs, place = node.told.get("path.logs", ("", node.whole))
    name = node.told.get("cluster.name", ("elasticsearch", node.whole))[0]
    to = (LogDestination(LogSink.FILE, f"{logs}/{name}_audit.json", place),) if logs else ()
    return ServiceAudit(
        at, None, "xpack.security.audit.enabled; whether the licence has it stands inside", to
    )


def _of_opensearch(node: Node, local: bool | None) -> Answers:
    off, at = node.switch("plugins.security.disabled", default=False)
    there = None if node.plugins is None else SECURITY_PLUGIN in node.plugins
    guarded = node.plugins is None or any(_OTHER_GUARDS.search(n) for n in node.plugins - {SECURITY_PLUGIN})
    on = False if off or there is False else None if off is None or there is None else True
    let_in = False if on is False and not guarded else None
    what = "whether anonymous users are let in stands in its index"
    setting = "plugins.security.disabled" if on is False else f"plugins.security; {what}"
    authentication = ServiceAuthentication(at, let_in, setting)
    http = node.switch("plugins.security.ssl.http.enabled", default=False)
    encryption = _encryption(on, (http,), at, "plugins.security.ssl.http.enabled", local)
    if on is False and guarded and not local:
        encryption = ServiceEncryption(encryption.seen, None, "a plugin may encrypt")
    kept, place = node.told.get("plugins.security.audit.type", ("", node.whole))
    if on and kept and kept != "debug":
        return authentication, encryption, ServiceAudit((place,), True, "plugins.security.audit.type")
    settled = False if not kept and not guarded and (on or on is False) else None
    return authentication, encryption, ServiceAudit((place,), settled, "plugins.security.audit.type")


STEPS = (FILES, PROGRAM)

_NEEDS = (Need((FILES,)), Need((INSTANCES,)))
_ALSO = (PROGRAM, SS, NETSTAT, ROOTS)
READERS = (
    Reader(ElasticsearchSettings, _NEEDS, read_elasticsearch, also=_ALSO),
    Reader(OpensearchSettings, _NEEDS, read_opensearch, also=_ALSO),
)
