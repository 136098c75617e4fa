"""Facts about what runs on a host and is an object of its own: databases and middleware.

What a host's platform sees are processes (``ServiceProcesses``) and, product by product, the settings they
run with (``ServiceSettings``). From both the children of the host are derived, one an instance, and each gets
what was found of it as facts of its own: ``ServiceAuthentication``, ``ServiceEncryption``, ``ServiceAudit``
and ``ServiceUser``. These name no vendor.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts.log import Rotation
    from scanner.model import Citation, Gap


class Encryption(StrEnum):
    """What a service asks of connections from other hosts."""

    ENFORCED = "enforced"
    OFFERED = "offered"  # there, and whoever wants does without
    NONE = "none"
    LOCAL = "local"  # no other host can connect


@dataclass(frozen=True, slots=True)
class ServiceUser(Fact):
    """Who a service works as, by the processes that serve and not by one that only starts them."""

    product: str
    user: str
    superuser: bool | None
    """None: user number 0 of a container, or of a process whose children would serve and were not seen."""


@dataclass(frozen=True, slots=True)
class ServiceAuthentication(Fact):
    """Whether whoever connects has to prove who they are; ``seen`` cites the lines that decide it."""

    required: bool | None
    """None: what the files say does not settle it, ``setting`` names what would."""
    setting: str  # in the product's own words


@dataclass(frozen=True, slots=True)
class ServiceEncryption(Fact):
    """Whether connections are encrypted; ``seen`` cites the lines that decide it."""

    state: Encryption | None
    setting: str


class LogSink(StrEnum):
    """What takes a service's own records."""

    FILE = "file"
    SYSLOG = "syslog"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class LogDestination:
    """One place where a service puts its own records of accesses or acts.

    ``name`` is the path of a file (templates stay as they are written), facility and severity of syslog
    (``local6.info``) or its ``HOST:PORT``, or a program with its arguments. ``rotation`` is what the service
    itself does with older records; None: nothing.
    """

    sink: LogSink
    name: str
    at: Citation
    rotation: Rotation | None = None


@dataclass(frozen=True, slots=True)
class ServiceAudit(Fact):
    """Whether a service records who did what; ``seen`` cites the lines that decide it."""

    on: bool | None
    setting: str
    destinations: tuple[LogDestination, ...] = ()  # where that is understood; empty: not, or nothing is kept
    all_known: bool = False  # whether the records go nowhere else


class DefaultPassword(StrEnum):
    """What was seen of the password of an account under a name that a product comes with."""

    KEPT = "kept"  # none, or a word that products are delivered with
    WEAK = "weak"  # short or common: whether it is the delivered one is not known
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class DefaultAccount:
    """An account under a name that a product's own files and manuals give."""

    name: str
    password: DefaultPassword
    at: Citation


@dataclass(frozen=True, slots=True)
class ServiceDefaultAccounts(Fact):
    """Accounts of a service that bear a default name. Empty: all its accounts were seen, and none does."""

    accounts: tuple[DefaultAccount, ...]


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """How the password of an account of a service is kept."""

    account: str
    scheme: str  # scram-sha-256, md5, unknown
    at: Citation


@dataclass(frozen=True, slots=True)
class ServicePasswordHashes(Fact):
    """Hashes of passwords of all accounts that may log in to a service; those without a password left out."""

    hashes: tuple[PasswordHash, ...]


Aspect = (
    ServiceAuthentication | ServiceEncryption | ServiceAudit | ServiceDefaultAccounts | ServicePasswordHashes
)
"""What the settings of an instance say of one question."""


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """One running instance: its first process, and where it listens.

    ``addresses`` and ``ports`` are empty where it listens on no port of TCP or UDP, or where the look had no
    right to see whose the sockets are (``sockets_seen`` False). ``root_seen``: it was seen whether the files
    that it reads are the host's; a container by another name would not be known as one otherwise.
    """

    product: str  # e.g. redis
    kind: str  # of the assessment object that it is
    pid: int
    user: ServiceUser
    container: str  # what it runs in, e.g. docker:4f4f4f4f4f4f; "" on the host itself
    addresses: tuple[str, ...]
    ports: tuple[int, ...]
    sockets_seen: bool
    at: Citation
    root_seen: bool


@dataclass(frozen=True, slots=True)
class ServiceProcesses(Fact):
    """All running instances of the products that are known here."""

    processes: tuple[ServiceProcess, ...]


@dataclass(frozen=True, slots=True)
class ServiceInstance:
    """What the settings of one running instance say, by its process.

    ``gap`` says why they were not read where that is about this instance only: there are no aspects then.
    """

    pid: int
    aspects: tuple[Aspect, ...]
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class ServiceSettings(Fact):
    """Settings of all running instances of one product outside containers."""

    instances: tuple[ServiceInstance, ...]


@dataclass(frozen=True, slots=True)
class RedisSettings(ServiceSettings):
    """Of Redis and Valkey."""


@dataclass(frozen=True, slots=True)
class PostgresqlSettings(ServiceSettings):
    """Of PostgreSQL."""


@dataclass(frozen=True, slots=True)
class MysqlSettings(ServiceSettings):
    """Of MySQL and MariaDB."""


@dataclass(frozen=True, slots=True)
class NginxSettings(ServiceSettings):
    """Of nginx."""


@dataclass(frozen=True, slots=True)
class MongodbSettings(ServiceSettings):
    """Of MongoDB."""


@dataclass(frozen=True, slots=True)
class ApacheSettings(ServiceSettings):
    """Of Apache httpd."""


@dataclass(frozen=True, slots=True)
class TomcatSettings(ServiceSettings):
    """Of Apache Tomcat."""


@dataclass(frozen=True, slots=True)
class ElasticsearchSettings(ServiceSettings):
    """Of Elasticsearch."""


@dataclass(frozen=True, slots=True)
class OpensearchSettings(ServiceSettings):
    """Of OpenSearch."""


SETTINGS: Mapping[str, type[ServiceSettings]] = MappingProxyType(
    {
        "redis": RedisSettings,
        "postgresql": PostgresqlSettings,
        "mysql": MysqlSettings,
        "nginx": NginxSettings,
        "mongodb": MongodbSettings,
        "apache": ApacheSettings,
        "tomcat": TomcatSettings,
        "elasticsearch": ElasticsearchSettings,
        "opensearch": OpensearchSettings,
    }
)
"""The fact that holds a product's settings."""
