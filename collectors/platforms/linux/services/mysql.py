"""MySQL and MariaDB: what a server's option files and arguments say before anybody logs in.

Sources: the manuals' chapters on option files. Accounts, and plugins installed while the server ran, stand in
its own tables and are not read, so much stays open that a login would settle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.inclusion import Walk
from collectors.platforms.linux.services.processes import INSTANCES, Running, first_of, running
from collectors.platforms.linux.services.reach import only_local
from collectors.platforms.linux.services.roots import ROOTS
from collectors.platforms.linux.sockets import NETSTAT, SS
from scanner.facts import (
    Encryption,
    LogDestination,
    LogSink,
    MysqlSettings,
    Rotation,
    ServiceAudit,
    ServiceAuthentication,
    ServiceEncryption,
    ServiceInstance,
)
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

PRODUCT = "mysql"
MAIN = ("/etc/my.cnf", "/etc/mysql/my.cnf", "/var/lib/mysql/.my.cnf")
"""Files that a server reads unless told otherwise, in their order."""

FOLDERS = ("/etc/my.cnf.d", "/etc/mysql/conf.d", "/etc/mysql/mariadb.conf.d", "/etc/mysql/mysql.conf.d")
PERSISTED = "/var/lib/mysql/mysqld-auto.cnf"
FILES = Step(
    "mysql-files",
    Files(
        (
            *MAIN,
            *("/etc/mysql/mariadb.cnf", "/etc/mysql/mysql.cnf", PERSISTED),
            *(f"{folder}/*.cnf" for folder in FOLDERS),
        ),
        privileged=True,
    ),
    Text(
        zh="MySQL 与 MariaDB 的选项文件：是否跳过授权、是否加密、是否审计",
        en="option files of MySQL and MariaDB: whether grants are skipped, encryption, what is recorded",
    ),
)
VERSION = Step(
    "mariadb-version",
    Command(("mariadbd", "--no-defaults", "--version")),
    Text(
        zh="MariaDB 的版本：决定未配置证书时有无加密",
        en="release of MariaDB: it decides whether there is encryption without a certificate",
    ),
    control=r"Ver \d",
)
TLS_UNASKED = (11, 4)
"""Release of MariaDB from which a server makes itself a certificate."""

DEPTH = 10
SWITCHES = frozenset(
    "skip_grant_tables require_secure_transport ssl skip_ssl general_log server_audit_logging".split()
)
VALUES = frozenset(
    "ssl_cert ssl_ca ssl_key tls_version plugin_load plugin_load_add server_audit_events "
    "server_audit_output_type server_audit_file_path server_audit_file_rotations "
    "server_audit_file_rotate_size general_log_file datadir audit_log_policy log_output".split()
)
ASKED = SWITCHES | VALUES
OWN = frozenset({"mysqld", "server"})
MARIADB = frozenset({"mariadb", "mariadbd", "client-server", "galera"})
_OPTION = re.compile(r"(?P<name>[A-Za-z][\w.-]*)\s*(?:=\s*(?P<value>.*?))?\s*")
_TRUE, _FALSE = frozenset({"", "1", "on", "true", "yes"}), frozenset({"0", "off", "false", "no"})


@dataclass(frozen=True, slots=True)
class Option:
    """One option and the line that it stands in."""

    value: str | None
    at: Citation


@dataclass(slots=True)
class _Reading:
    documents: Mapping[str, Document]
    mariadb: bool
    walk: Walk = field(default_factory=lambda: Walk(FILES))

    def options(self, path: str, depth: int = 0) -> Iterator[tuple[str, Option]]:
        """Yield the server's options of a file that matter here, includes in their place."""
        document = self.documents[path]
        self.walk.enter(document)
        group = ""
        for number, line in enumerate(document.lines, 1):
            text = line.strip()
            if not text or text[0] in "#;":
                continue
            if text.startswith("!"):
                if depth >= DEPTH:
                    raise unparsable(FILES, document, number, "includes itself")
                for included in self._included(text, document, number):
                    yield from self.options(included, depth + 1)
            elif text.startswith("["):
                group = text[1:].partition("]")[0].strip()
            elif not group:
                raise unparsable(FILES, document, number, "an option before any group")
            elif (found := self._option(text, group, document, number)) is not None:
                yield found[0], Option(found[1], document.cite(number))

    def _option(
        self, text: str, group: str, document: Document, number: int
    ) -> tuple[str, str | None] | None:
        family = re.split(r"-\d", group)[0]
        if family not in OWN | MARIADB:
            return None
        match = _OPTION.fullmatch(re.sub(r"\s+#.*", "", text))
        if match is None:
            raise unparsable(FILES, document, number, "no option")
        name = _plain(match["name"])
        if name is None:
            return None
        if name not in ASKED:
            raise unparsable(FILES, document, number, "a shortened name")
        if family != group or (family in MARIADB and not self.mariadb):
            raise unparsable(FILES, document, number, "an option of some releases only")
        return name, None if match["value"] is None else match["value"].strip("\"'")

    def _included(self, text: str, document: Document, number: int) -> Sequence[str]:
        how, _, path = text.partition(" ")
        path = path.strip()
        if how == "!include" and path in self.documents:
            return (path,)
        if how == "!includedir" and path.rstrip("/") in FOLDERS:
            folder = path.rstrip("/") + "/"
            return sorted(p for p in self.documents if p.startswith(folder))
        raise unparsable(FILES, document, number, "includes files that were not asked for")


def read_settings(evidence: Evidence) -> MysqlSettings:
    """Read what every server outside containers was started with.

    Raises:
        Unseen: arguments or a file of one of them were not seen, or not understood.
    """
    document, processes = running(evidence)
    documents = evidence.files(FILES)
    own = [p for p in first_of(PRODUCT, processes) if not p.container]
    seen = (document.whole, evidence.listing(FILES), *(d.whole for d in documents.values()))
    return MysqlSettings(seen, tuple(_instance(p, evidence, document.cite(p.line), documents) for p in own))


def _instance(
    process: Running, evidence: Evidence, at: Citation, documents: Mapping[str, Document]
) -> ServiceInstance:
    reading = _Reading(documents, process.name == "mariadbd")
    files, options = _arguments(process.arguments[1:], at)
    told: dict[str, Option] = {}
    for path in (p for p in files if p in documents or p not in MAIN):
        if path not in documents:
            raise Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, path, "a file of the server is not read"))
        told |= dict(reading.options(path))
    if PERSISTED in documents:
        detail = "variables that were set to persist are not read"
        raise Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, PERSISTED, detail))
    told |= options
    whole = next((documents[p].whole for p in files if p in documents), at)
    return ServiceInstance(
        process.pid,
        (
            _authentication(told, whole),
            _encryption(told, evidence, whole, local=only_local(evidence, process.pid), process=process),
            _audit(told, whole),
        ),
    )


def _arguments(words: Sequence[str], at: Citation) -> tuple[tuple[str, ...], dict[str, Option]]:
    """Option files to read, and the options that the command line gives; those win."""
    told = dict[str, Option]()
    files: tuple[str, ...] = MAIN
    for word in words:
        name, sign, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name.startswith("defaults-group"):
            raise Unseen(Gap(GapReason.UNPARSABLE, INSTANCES.id, "", f"an unknown argument: {word}"))
        if name in {"no-defaults", "defaults-file", "defaults-extra-file"}:
            files = () if name == "no-defaults" else (value,) if name == "defaults-file" else (*files, value)
            continue
        plain = _plain(name)
        if plain is not None and plain not in ASKED:
            raise Unseen(Gap(GapReason.UNPARSABLE, INSTANCES.id, "", f"a shortened name: {word}"))
        if plain is not None:
            told[plain] = Option(value if sign else None, at)
    return files, told


def _plain(name: str) -> str | None:
    """One spelling of an option; None where it is none that matters. A shortened name stays as it is."""
    plain = name.lower().replace("-", "_").removeprefix("loose_").removeprefix("enable_")
    plain = re.sub(r"^disable_", "skip_", plain)
    if plain in ASKED:
        return plain
    shortened = len(plain) >= 4 and any(asked.startswith(plain) for asked in ASKED)
    return plain if shortened else None


def _on(told: Mapping[str, Option], name: str) -> bool | None:
    """Whether a switch is on; None: it is not written."""
    option = told.get(name)
    if option is None:
        return None
    value = (option.value or "").lower()
    if value not in _TRUE | _FALSE:
        raise Unseen(Gap(GapReason.UNPARSABLE, FILES.id, "", f"{name} is no switch: {option.at.excerpt}"))
    return value in _TRUE


def _authentication(told: Mapping[str, Option], whole: Citation) -> ServiceAuthentication:
    if _on(told, "skip_grant_tables"):
        return ServiceAuthentication(
            (told["skip_grant_tables"].at,), required=False, setting="skip-grant-tables"
        )
    return ServiceAuthentication(
        (whole,),
        required=None,
        setting="no skip-grant-tables; accounts without a password stand in its tables",
    )


def _encryption(
    told: Mapping[str, Option], evidence: Evidence, whole: Citation, *, local: bool | None, process: Running
) -> ServiceEncryption:
    """Accounts can ask for encryption on their own, so only what cannot encrypt at all is condemned."""
    if local:
        return ServiceEncryption((whole,), Encryption.LOCAL, "bind-address, skip-networking")
    if _on(told, "require_secure_transport"):
        at = told["require_secure_transport"].at
        return ServiceEncryption((at,), Encryption.ENFORCED, "require_secure_transport")
    off = next((told[n].at for n in ("skip_ssl", "ssl") if _on(told, n) is (n == "skip_ssl")), None)
    never = process.name == "mariadbd" and not {"ssl", "ssl_cert", "ssl_ca"} & set(told)
    if local is False and off is not None:
        return ServiceEncryption((off,), Encryption.NONE, "ssl")
    if local is False and never and (at_version := _older(evidence)) is not None:
        return ServiceEncryption((whole, at_version), Encryption.NONE, "ssl_cert is not written")
    setting = "require_secure_transport is off; accounts that ask for it stand in its tables"
    return ServiceEncryption((whole,), None, setting)


def _older(evidence: Evidence) -> Citation | None:
    """The line that shows a release which has no encryption without a certificate; None: not seen so."""
    try:
        document = evidence.command(VERSION)
    except Unseen:
        return None
    for number, line in enumerate(document.lines, 1):
        match = re.search(r"Ver (\d{1,3})\.(\d{1,3})\.\d+-MariaDB", line)
        if match is not None and (int(match[1]), int(match[2])) < TLS_UNASKED:
            return document.cite(number)
    return None


def _audit(told: Mapping[str, Option], whole: Citation) -> ServiceAudit:
    """Plugins can be installed while the server runs, so that nothing is written does not condemn."""
    names = [
        n for n in ("plugin_load", "plugin_load_add", "server_audit_logging", "general_log") if n in told
    ]
    cited = tuple(told[n].at for n in names) or (whole,)
    loaded = " ".join(told[n].value or "" for n in ("plugin_load", "plugin_load_add") if n in told)
    all_events = not {"server_audit_events", "audit_log_policy"} & set(told)
    written = "log_output" not in told or "none" not in (told["log_output"].value or "").lower()
    if "server_audit" in loaded and _on(told, "server_audit_logging") and all_events:
        to = _of_plugin(told, whole)
        return ServiceAudit(cited, True, "server_audit", to, all_known=bool(to))
    if "audit_log" in loaded and all_events:
        return ServiceAudit(cited, on=True, setting="audit_log")
    if _on(told, "general_log") and written:
        to = _of_general_log(told)
        return ServiceAudit(cited, True, "general_log", to, all_known=bool(to))
    return ServiceAudit(cited, on=None, setting="plugins installed while it runs stand in its tables")


ROTATIONS, ROTATE_SIZE = 9, 1_000_000
"""What MariaDB's plugin keeps where nothing is said: older files, and bytes of each."""


def _of_plugin(told: Mapping[str, Option], whole: Citation) -> tuple[LogDestination, ...]:
    """Where MariaDB's plugin writes, and what it keeps: files of some size, whatever time that is."""
    kind, path = told.get("server_audit_output_type"), told.get("server_audit_file_path")
    if kind is not None and (kind.value or "").lower() == "syslog":
        return (LogDestination(LogSink.SYSLOG, "user.info", kind.at),)
    name = (path.value if path is not None else "") or "server_audit.log"
    folder = (told["datadir"].value or "" if "datadir" in told else "/var/lib/mysql").rstrip("/")
    name = name if name.startswith("/") else f"{folder}/{name}"
    at = path.at if path is not None else whole
    numbers = [_number(told, n) for n in ("server_audit_file_rotations", "server_audit_file_rotate_size")]
    count, size = (
        n if n is not None else usual for n, usual in zip(numbers, (ROTATIONS, ROTATE_SIZE), strict=True)
    )
    limit = f"server_audit_file_rotate_size {size}, rotations {count}"
    kept = Rotation(name, None, limit, at, kept=count, max_bytes=(count + 1) * size) if count else None
    return (LogDestination(LogSink.FILE, name, at, kept),)


def _number(told: Mapping[str, Option], name: str) -> int | None:
    value = told[name].value or "" if name in told else ""
    return int(value) if re.fullmatch(r"\d{1,12}", value) else None


def _of_general_log(told: Mapping[str, Option]) -> tuple[LogDestination, ...]:
    """The general log's file where it is said; a table, or a name made of the host's, is left out."""
    path, output = told.get("general_log_file"), told.get("log_output")
    plain = output is None or (output.value or "").lower() == "file"
    if plain and path is not None and (path.value or "").startswith("/"):
        return (LogDestination(LogSink.FILE, path.value or "", path.at),)
    return ()


STEPS = (FILES, VERSION)

READERS = (
    Reader(
        MysqlSettings, (Need((FILES,)), Need((INSTANCES,))), read_settings, also=(VERSION, SS, NETSTAT, ROOTS)
    ),
)
