"""MongoDB: authorization, TLS and audit by the file of each instance.

Source: the manual's configuration file options. Only block mappings of plain values are read; whatever else
YAML could say is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.services.plain_yaml import Told, told
from collectors.platforms.linux.services.processes import INSTANCES, Running, first_of, running
from collectors.platforms.linux.services.reach import only_local
from collectors.platforms.linux.services.roots import ROOTS
from collectors.platforms.linux.sockets import NETSTAT, SS
from scanner.facts import (
    Encryption,
    LogDestination,
    LogSink,
    MongodbSettings,
    ServiceAudit,
    ServiceAuthentication,
    ServiceEncryption,
    ServiceInstance,
)
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

PRODUCT = "mongodb"
FILES = Step(
    "mongodb-files",
    Files(("/etc/mongod.conf", "/etc/mongodb.conf"), privileged=True),
    Text(
        zh="MongoDB 的配置文件：是否启用授权、是否强制 TLS、是否审计",
        en="files of MongoDB: whether authorization, TLS and audit are asked",
    ),
)
MODES: Mapping[str, Encryption] = {
    "disabled": Encryption.NONE,
    **dict.fromkeys(("allowtls", "prefertls", "allowssl", "preferssl"), Encryption.OFFERED),
    **dict.fromkeys(("requiretls", "requiressl"), Encryption.ENFORCED),
}
_PLAIN = frozenset({"--fork", "--quiet"})


def read_settings(evidence: Evidence) -> MongodbSettings:
    """Read what every instance outside containers was started with.

    Raises:
        Unseen: arguments or a file of one of them were not seen, or not understood.
    """
    document, processes = running(evidence)
    documents = evidence.files(FILES)
    own = [p for p in first_of(PRODUCT, processes) if not p.container]
    seen = (document.whole, evidence.listing(FILES), *(d.whole for d in documents.values()))
    return MongodbSettings(seen, tuple(_instance(p, evidence, documents) for p in own))


def _instance(process: Running, evidence: Evidence, documents: Mapping[str, Document]) -> ServiceInstance:
    path = _file(process.arguments[1:])
    if path not in documents:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, path, "the instance's file is not read"))
    values, whole = _told(documents[path]), documents[path].whole
    local = only_local(evidence, process.pid)
    return ServiceInstance(
        process.pid,
        (_authentication(values, whole), _encryption(values, whole, local=local), _audit(values, whole)),
    )


def _file(words: Sequence[str]) -> str:
    """The file that the arguments name; any other argument could change what it says."""
    text = " ".join(word for word in words if word not in _PLAIN)
    match = re.fullmatch(r"(?:--config|-f)[ =](\S+)", text)
    if match is None:
        raise Unseen(Gap(GapReason.UNPARSABLE, INSTANCES.id, "", f"arguments that are not read: {text}"))
    return match[1]


def _told(document: Document) -> Told:
    """Values by path in lower case, as the product reads its keys."""
    return {path.lower(): value for path, value in told(FILES, document).items()}


def _authentication(values: Told, whole: Citation) -> ServiceAuthentication:
    value, at = values.get("security.authorization", ("", whole))
    if value == "enabled":
        return ServiceAuthentication((at,), required=True, setting="security.authorization")
    keys = [values[name][1] for name in ("security.keyfile", "security.clusterauthmode") if name in values]
    if keys:  # members that prove themselves to each other ask the same of everybody
        allowed = "security.transitiontoauth" in values
        required = None if allowed else True
        return ServiceAuthentication(tuple(keys), required, "security.keyFile, clusterAuthMode")
    known = value in {"", "disabled"}
    return ServiceAuthentication((at,), required=False if known else None, setting="security.authorization")


def _encryption(values: Told, whole: Citation, *, local: bool | None) -> ServiceEncryption:
    name = next((n for n in ("net.tls.mode", "net.ssl.mode") if n in values), "")
    value, at = values.get(name, ("disabled", whole))
    if local:
        return ServiceEncryption((values.get("net.bindip", ("", whole))[1],), Encryption.LOCAL, "net.bindIp")
    state = MODES.get(value.lower())
    if local is None and state is not Encryption.ENFORCED:
        state = None
    return ServiceEncryption((at,), state, "net.tls.mode")


def _audit(values: Told, whole: Citation) -> ServiceAudit:
    found = values.get("auditlog.destination")
    if found is not None and "auditlog.filter" not in values:
        to = _destinations(values)
        return ServiceAudit((found[1],), True, "auditLog", to, all_known=bool(to))
    return ServiceAudit(
        (found[1] if found else whole,), on=None, setting="auditLog; the plain log tells some"
    )


def _destinations(values: Told) -> tuple[LogDestination, ...]:
    """Where the audit goes; the product rotates its file only when it is told to, and drops none."""
    kind, at = values["auditlog.destination"]
    path = values.get("auditlog.path", ("", at))
    if kind == "syslog":
        return (LogDestination(LogSink.SYSLOG, "user.info", at),)
    if kind == "file" and path[0].startswith("/"):
        return (LogDestination(LogSink.FILE, path[0], path[1]),)
    return ()


STEPS = (FILES,)

READERS = (
    Reader(MongodbSettings, (Need((FILES,)), Need((INSTANCES,))), read_settings, also=(SS, NETSTAT, ROOTS)),
)
