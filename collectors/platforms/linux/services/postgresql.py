"""PostgreSQL: settings of a cluster by files, what ALTER SYSTEM wrote, and arguments, in that order.

What a running cluster says of itself comes before what its files say; both are cited then.

Sources: the manual's chapters on setting parameters and on pg_hba.conf. A role or database can have settings
of its own, which stand in its catalogue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from collectors.platforms.linux.services import postgresql_running
from collectors.platforms.linux.services.pg_hba import (
    CLEAR,
    Rule,
    decided_before,
    rules,
    same_way,
)
from collectors.platforms.linux.services.postgresql_log import destinations
from collectors.platforms.linux.services.postgresql_running import RUNNING, cluster
from collectors.platforms.linux.services.processes import INSTANCES, Running, first_of, running
from collectors.platforms.linux.services.reach import only_local
from collectors.platforms.linux.services.roots import ROOTS
from collectors.platforms.linux.sockets import NETSTAT, SS
from scanner.facts import (
    Encryption,
    PostgresqlSettings,
    ServiceAudit,
    ServiceAuthentication,
    ServiceEncryption,
    ServiceInstance,
)
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.services.postgresql_running import Cluster
    from scanner.model import Citation

PRODUCT = "postgresql"
RELEASES = tuple(range(11, 19))
"""Releases whose usual folders are looked at; a folder elsewhere is named as not read."""

CONFIGURED = tuple(f"/etc/postgresql/{release}/main" for release in RELEASES)
DEBIAN = tuple(f"/var/lib/postgresql/{release}/main" for release in RELEASES)
RED_HAT = ("/var/lib/pgsql/data", *(f"/var/lib/pgsql/{release}/data" for release in RELEASES))
PATTERNS = (
    *(f"{folder}/*.conf" for folder in CONFIGURED),
    *(f"{folder}/conf.d/*.conf" for folder in CONFIGURED),
    *(f"{folder}/postgresql.auto.conf" for folder in DEBIAN),
    *(f"{folder}/*.conf" for folder in RED_HAT),
)
FILES = Step(
    "postgresql-files",
    Files(PATTERNS, privileged=True),
    Text(
        zh="PostgreSQL 的配置文件与 pg_hba.conf：谁无需口令、是否加密、是否审计",
        en="files of PostgreSQL and pg_hba.conf: who needs no password, what is encrypted, what is recorded",
    ),
)
DEPTH = 10
ASKED = tuple(
    "ssl listen_addresses log_connections log_statement shared_preload_libraries pgaudit.log "
    "session_preload_libraries local_preload_libraries log_min_duration_statement "
    "log_destination logging_collector log_directory log_filename log_truncate_on_rotation "
    "syslog_facility".split()
)
"""Settings that the running cluster is asked for."""

_LINE = re.compile(
    r"\s*(?P<name>[A-Za-z_][\w.$]*)\s*(?:=\s*|\s)\s*(?P<value>'(?:[^'\\]|''|\\.)*'|[^\s#']+)\s*(?:#.*)?"
)
_ARGUMENT = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)=(?P<value>.*)")
_TRUE, _FALSE = (
    frozenset({"on", "true", "yes", "1", "t", "y"}),
    frozenset({"off", "false", "no", "0", "f", "n"}),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and the line that it stands in."""

    value: str
    at: Citation
    instead: Citation | None = None  # the line of a file that says otherwise, or what the cluster runs with

    @property
    def places(self) -> tuple[Citation, ...]:
        """All lines that tell of it."""
        return (self.at,) if self.instead is None else (self.at, self.instead)


@dataclass(slots=True)
class _Reading:
    documents: Mapping[str, Document]
    walk: Walk = field(default_factory=lambda: Walk(FILES))

    def settings(self, path: str, depth: int = 0) -> Iterator[tuple[str, Setting]]:
        """Yield the settings of a file, includes in their place; the last of a name holds."""
        document = self.documents.get(path)
        if document is None:
            raise Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, path, "a file of the cluster is not read"))
        self.walk.enter(document)
        for number, text in enumerate(document.lines, 1):
            if not text.strip() or text.lstrip().startswith("#"):
                continue
            match = _LINE.fullmatch(text)
            if match is None:
                raise unparsable(FILES, document, number, "no setting")
            name, value = match["name"].lower(), _unquoted(match["value"])
            if name in {"include", "include_if_exists", "include_dir"}:
                if depth >= DEPTH:
                    raise unparsable(FILES, document, number, "includes itself")
                for included in self._included(name, _absolute(value, path), document, number):
                    yield from self.settings(included, depth + 1)
            else:
                yield name, Setting(value, document.cite(number))

    def _included(self, how: str, path: str, document: Document, number: int) -> Sequence[str]:
        if how != "include_dir":
            if path in self.documents:
                return (path,)
            raise unparsable(FILES, document, number, "includes a file that was not asked for")
        if path.rstrip("/") not in {f"{known}/conf.d" for known in CONFIGURED}:
            raise unparsable(FILES, document, number, "includes a folder that was not asked for")
        folder = path.rstrip("/") + "/"
        return sorted(p for p in self.documents if p.startswith(folder))


def read_settings(evidence: Evidence) -> PostgresqlSettings:
    """Read what every cluster outside containers was started with.

    Raises:
        Unseen: arguments or a file of one of them were not seen, or not understood.
    """
    document, processes = running(evidence)
    documents = evidence.files(FILES)
    own = [p for p in first_of(PRODUCT, processes) if not p.container]
    seen = (document.whole, evidence.listing(FILES), *(d.whole for d in documents.values()))
    return PostgresqlSettings(
        seen, tuple(_instance(p, evidence, document.cite(p.line), documents) for p in own)
    )


def _instance(
    process: Running, evidence: Evidence, at: Citation, documents: Mapping[str, Document]
) -> ServiceInstance:
    arguments = dict(_arguments(process.arguments[1:], at))
    folder = arguments["data_directory"].value.rstrip("/") if "data_directory" in arguments else ""
    main = arguments["config_file"].value if "config_file" in arguments else f"{folder}/postgresql.conf"
    reading = _Reading(documents)
    told = dict(reading.settings(main))
    data = told["data_directory"].value.rstrip("/") if "data_directory" in told else folder
    auto = f"{data}/postgresql.auto.conf"
    if data not in {*DEBIAN, *RED_HAT}:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, auto, "a data folder that was not asked for"))
    told |= dict(reading.settings(auto)) if auto in documents else {}
    told |= arguments
    said = cluster(evidence, data)
    told |= _in_force(said, told) if said is not None else {}
    hba = told["hba_file"].value if "hba_file" in told else f"{folder}/pg_hba.conf"
    if hba not in documents:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, hba, "a file of the cluster is not read"))
    lines = tuple(rules(FILES, documents[hba]))
    whole, local = documents[main].whole, only_local(evidence, process.pid)
    return ServiceInstance(
        process.pid,
        (
            _authentication(lines, told, documents[hba].whole, local=local),
            _encryption(lines, told, documents[hba].whole, whole, local=local),
            _audit(told, whole, main, () if said is None else said.own),
            *(() if said is None else (said.hashes,)),
        ),
    )


def _in_force(said: Cluster, told: Mapping[str, Setting]) -> dict[str, Setting]:
    """What the cluster runs with of the settings that matter here, beside the line that was written."""
    found = {}
    for name in (n for n in ASKED if n in said.settings):
        written = told.get(name)
        running = said.settings[name]
        found[name] = Setting(running.value, running.at, None if written is None else written.at)
    return found


def _arguments(words: Sequence[str], at: Citation) -> Iterator[tuple[str, Setting]]:
    """Settings that the command line gives."""
    short = {"-D": "data_directory", "-p": "port", "-h": "listen_addresses", "-k": "unix_socket_directories"}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in short and rest:
            yield short[word], Setting(rest.pop(0), at)
            continue
        text = rest.pop(0) if word == "-c" and rest else word.removeprefix("--")
        match = _ARGUMENT.fullmatch(text)
        if match is None:
            raise Unseen(Gap(GapReason.UNPARSABLE, INSTANCES.id, "", f"an unknown argument: {word}"))
        yield match["name"].lower().replace("-", "_"), Setting(match["value"], at)


def _unquoted(text: str) -> str:
    if not text.startswith("'"):
        return text
    return re.sub(r"''|\\(.)", lambda m: m[1] or "'", text[1:-1])


def _absolute(path: str, of: str) -> str:
    return path if path.startswith("/") else f"{of.rpartition('/')[0]}/{path}"


def _switch(told: Mapping[str, Setting], name: str, *, default: bool) -> bool:
    setting = told.get(name)
    if setting is None:
        return default
    value = setting.value.lower()
    if value not in _TRUE | _FALSE:
        raise Unseen(Gap(GapReason.UNPARSABLE, FILES.id, "", f"{name} is no switch: {setting.at.excerpt}"))
    return value in _TRUE


def _authentication(
    lines: Sequence[Rule], told: Mapping[str, Setting], whole: Citation, *, local: bool | None
) -> ServiceAuthentication:
    """Every line that can come first for somebody; ``trust`` lets in whoever comes."""
    ssl = _switch(told, "ssl", default=False)
    deciding = [
        r
        for i, r in enumerate(lines)
        if r.method != "reject"
        and (ssl or r.type != "hostssl")
        and (r.type == "local" or r.from_here or not local)
        and not decided_before(r, lines[:i], same_way(r))
    ]
    for answer in (False, None):
        found = tuple(r.at for r in deciding if r.proves is answer)
        if found:
            return ServiceAuthentication(found, answer, "pg_hba.conf: trust" if answer is False else "ident")
    return ServiceAuthentication((*(r.at for r in deciding), whole), required=True, setting="pg_hba.conf")


def _encryption(
    lines: Sequence[Rule], told: Mapping[str, Setting], hba: Citation, whole: Citation, *, local: bool | None
) -> ServiceEncryption:
    """Whether a line that fits other hosts can be met in clear."""
    ssl = _switch(told, "ssl", default=False)
    ssl_at = told["ssl"].places if "ssl" in told else (whole,)
    remote = [
        (i, r)
        for i, r in enumerate(lines)
        if r.from_elsewhere and r.method != "reject" and not decided_before(r, lines[:i], same_way(r))
    ]
    clear = tuple(r.at for i, r in remote if r.type in CLEAR and not decided_before(r, lines[:i], CLEAR))
    if local:
        at = told["listen_addresses"].places if "listen_addresses" in told else (whole,)
        return ServiceEncryption(at, Encryption.LOCAL, "listen_addresses")
    if clear and local is None:
        return ServiceEncryption(clear, None, "listen_addresses: whether other hosts can connect")
    if clear:
        state = Encryption.OFFERED if ssl else Encryption.NONE
        return ServiceEncryption((*clear, *ssl_at), state, "pg_hba.conf: host; ssl")
    secured = tuple(r.at for _, r in remote if ssl or r.type != "hostssl")
    if not secured:
        return ServiceEncryption((hba, *ssl_at), Encryption.LOCAL, "pg_hba.conf")
    return ServiceEncryption((*secured, *ssl_at), Encryption.ENFORCED, "pg_hba.conf: hostssl; ssl")


def _audit(
    told: Mapping[str, Setting], whole: Citation, main: str, own: Sequence[tuple[str, Citation]] = ()
) -> ServiceAudit:
    """Logins and statements in the log, or pgaudit; logins alone do not settle it."""
    names = ("log_connections", "log_statement", "shared_preload_libraries", "pgaudit.log")
    cited = tuple(dict.fromkeys(c for n in names if n in told for c in told[n].places)) or (whole,)
    value = {name: told[name].value.lower() if name in told else "" for name in names}
    logins = value["log_connections"] in _TRUE or bool(
        {"all", "authentication"} & set(re.split(r"[\s,]+", value["log_connections"]))
    )
    no_logins = value["log_connections"] in _FALSE | {""}
    pgaudit = "pgaudit" in value["shared_preload_libraries"]
    acts = value["log_statement"] in {"ddl", "mod", "all"} or (
        pgaudit and value["pgaudit.log"] not in {"", "none"}
    )
    others = {"session_preload_libraries", "log_min_duration_statement", "local_preload_libraries"}
    otherwise = tuple(at for text, at in own if "log_statement" in text or "pgaudit." in text)
    to, known = destinations(told, whole, main)
    if logins and acts and otherwise:
        return ServiceAudit((*otherwise, *cited), None, "log_statement, otherwise for some roles", to)
    if logins and acts:
        return ServiceAudit(cited, True, ", ".join(n for n in names if n in told), to, all_known=known)
    elsewhere = any(n in told and told[n].value not in {"", "-1"} for n in others)
    if no_logins and not acts and not pgaudit and not elsewhere and not otherwise:
        return ServiceAudit(cited, on=False, setting="log_connections, log_statement, pgaudit")
    return ServiceAudit(
        cited, on=None, setting="log_connections, log_statement, pgaudit: only in part", destinations=to
    )


STEPS = (FILES, *postgresql_running.STEPS)

READERS = (
    Reader(
        PostgresqlSettings,
        (Need((FILES,)), Need((INSTANCES,))),
        read_settings,
        also=(RUNNING, SS, NETSTAT, ROOTS),
    ),
)
