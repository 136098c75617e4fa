"""Databases and web servers that really run: what is said is what they do, and names instance and line.

Each case changes a setting, restarts the daemon, asks it as somebody without any password would, and scans.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.lab.conftest import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.lab.conftest import Lab

HBA = "/etc/postgresql/15/main/pg_hba.conf"
PG_CONF = "/etc/postgresql/15/main/conf.d/lab.conf"
REDIS_CONF = "/etc/redis/redis.conf"
MARIADB_CONF = "/etc/mysql/mariadb.conf.d/90-open.cnf"
APACHE_CONF = "/etc/apache2/sites-available/000-default.conf"
POSTGRES, REDIS, MARIADB = "db1/postgresql@5432", "db2/redis@6379", "db2/mysql@3306"
APACHE = "web2/apache@8082"
AUTHENTICATION, ENCRYPTION, AUDIT = (
    "instance.authentication-required",
    "instance.transport-encrypted",
    "instance.audit-on",
)
UNITS: Mapping[str, str] = {
    HBA: "postgresql@15-main",
    PG_CONF: "postgresql@15-main",
    REDIS_CONF: "redis-server",
    MARIADB_CONF: "mariadb",
    APACHE_CONF: "apache2",
}
STRANGER: Mapping[str, tuple[str, ...]] = {
    POSTGRES: ("psql", "-w", "-XAtc", "select 1", "host=10.60.3.31 user=postgres dbname=postgres"),
    REDIS: ("redis-cli", "-e", "get", "x"),
    MARIADB: ("mariadb", "-u", "nobody-known", "-e", "select 1"),
}
"""What somebody who knows no password tries."""


@dataclass(frozen=True)
class Case:
    """Lines written behind a file's own, and what they deserve; ``let_in``: what a stranger meets."""

    name: str
    object: str
    file: str
    lines: str
    check: str
    answer: str
    cited: str = ""
    let_in: bool | None = None


CASES = (
    Case("trust", POSTGRES, HBA, "host all all 10.60.3.0/24 trust", AUTHENTICATION, "no", "trust", True),
    Case(
        "trust that never comes first",
        POSTGRES,
        HBA,
        "host all all all reject\nhost all all 10.60.3.0/24 trust",
        AUTHENTICATION,
        "yes",
        "scram-sha-256",
        False,
    ),
    Case("clear", POSTGRES, HBA, "host all all all scram-sha-256", ENCRYPTION, "no", "host all all", False),
    Case("no TLS", POSTGRES, PG_CONF, "ssl = off", ENCRYPTION, "n/a", "ssl = off"),
    Case(
        "nothing recorded",
        POSTGRES,
        PG_CONF,
        "log_connections = off\nlog_statement = none",
        AUDIT,
        "no",
        "log_connections = off",
    ),
    Case("as it is", REDIS, REDIS_CONF, "", AUTHENTICATION, "no", "", True),
    Case(
        "password", REDIS, REDIS_CONF, "requirepass Xk2-long-one", AUTHENTICATION, "yes", "requirepass", False
    ),
    Case(
        "password taken back",
        REDIS,
        REDIS_CONF,
        'requirepass Xk2-long-one\nrequirepass ""',
        AUTHENTICATION,
        "no",
        'requirepass ""',
        True,
    ),
    Case(
        "user without a password",
        REDIS,
        REDIS_CONF,
        "user default on nopass ~* +@all",
        AUTHENTICATION,
        "no",
        "nopass",
        True,
    ),
    Case("grants in force", MARIADB, MARIADB_CONF, "", AUTHENTICATION, "unseen", "", False),
    Case(
        "grants skipped", MARIADB, MARIADB_CONF, "skip-grant-tables", AUTHENTICATION, "no", "skip-grant", True
    ),
    Case(
        "TLS asked of all",
        MARIADB,
        MARIADB_CONF,
        "require_secure_transport = ON",
        ENCRYPTION,
        "yes",
        "require_secure_transport",
    ),
    Case("all queries recorded", MARIADB, MARIADB_CONF, "general_log = 1", AUDIT, "yes", "general_log"),
    Case("its log is a comment", APACHE, APACHE_CONF, "", AUDIT, "no"),
    Case(
        "one log for all",
        APACHE,
        APACHE_CONF,
        "CustomLog ${APACHE_LOG_DIR}/all.log combined",
        AUDIT,
        "yes",
        "CustomLog",
    ),
    Case(
        "a log that nobody keeps",
        APACHE,
        APACHE_CONF,
        "CustomLog /dev/null combined",
        AUDIT,
        "no",
        "/dev/null",
    ),
)


@contextmanager
def written(lab: Lab, case: Case) -> Iterator[None]:
    """The lines stand in the file and the daemon runs with them; afterwards all is as before."""
    host, unit = case.object.partition("/")[0], UNITS[case.file]
    kept = "/run/services-test.kept"
    lab.ask(host, "cp", "-p", case.file, kept)
    try:
        if case.lines:
            done = lab.run(host, "tee", "-a", case.file, given=f"\n{case.lines}\n")
            assert done.returncode == 0, done.stderr
            lab.ask(host, "systemctl", "restart", unit)
        yield
    finally:
        lab.ask(host, "cp", "-p", kept, case.file)
        if case.lines:
            lab.ask(host, "systemctl", "restart", unit)


def scanned(lab: Lab, host: str, folder: Path) -> Mapping[str, Any]:
    """The findings of one host, looked at as root, by object and check."""
    way = {"transport": "command", "prefix": [str(FOLDER / "exec.sh"), host]}
    entry = {"id": host, "kind": "operating_system", "systems": ["shop"], "via": way}
    system = {"name": "shop", "title": "shop", "grade": "S3A3"}
    inventory = folder / "one.yaml"
    inventory.write_text(yaml.safe_dump({"version": 1, "systems": [system], "objects": [entry]}))
    report = lab.scan(inventory, folder / "one.run").report
    return {f"{f['object']} {f['check']}": f for f in report["findings"]}


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.object.partition('/')[2]} {c.name}")
def test_a_setting_is_judged_by_what_the_daemon_does(lab: Lab, case: Case, tmp_path: Path) -> None:
    host = case.object.partition("/")[0]
    with written(lab, case):
        if case.let_in is not None:
            met = lab.run(host, *STRANGER[case.object], user="nobody")
            assert (met.returncode == 0) is case.let_in, met.stdout + met.stderr
        finding = scanned(lab, host, tmp_path)[f"{case.object} {case.check}"]
    assert finding["answer"] == case.answer, finding
    if case.cited:
        assert any(case.cited in c["excerpt"] and c["line"] for c in finding["citations"]), finding


def test_nobody_declared_them_and_that_is_said(lab: Lab, tmp_path: Path) -> None:
    scanned(lab, "db2", tmp_path)
    said = lab.posture("report", str(tmp_path / "one.run"), "-f", "json").stdout
    for name in (REDIS, MARIADB):
        assert f"{name} runs, but the inventory does not list it" in said
