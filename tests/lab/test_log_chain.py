"""Chains of logs, broken on purpose at every link: each is condemned, and for its own reason."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.lab import variants

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lab.conftest import Lab, Scanned

HOSTS = ("bastion", "fw", "web1", "web3", "app1", "vpn1", "db1", "log1")
FORWARD = "/etc/rsyslog.d/60-forward.conf"
COLLECT = "/etc/rsyslog.d/20-collector.conf"
ROTATE = "/etc/logrotate.d/rsyslog"
RESTART = "systemctl restart rsyslog.service"
SETTLE_SECONDS = 5  # for TLS to fail, or a queue to reach the collector

ARRIVES, RETAINED = "log.forwarding-arrives", "log.retention-sufficient"

# What is done to each host: files that are put back after, and the commands that break the chain.
DEAD_PORT = ((FORWARD,), f"sed -i s/6514/6599/ {FORWARD} && {RESTART}")
WRONG_CERTIFICATE = ((FORWARD,), f"sed -i s/log1.shop.lab/other.shop.lab/ {FORWARD} && {RESTART}")
TOO_SHORT = (
    (FORWARD, ROTATE),
    f"sed -i 's/rotate 200/rotate 30/' {ROTATE} && rm {FORWARD} && {RESTART}",
)
TOO_SMALL = (
    (FORWARD, ROTATE),
    (
        f"rm {FORWARD} && {RESTART}"
        f" && sed -i 's/rotate 200/rotate 2\\n size 1k/; s/daily//; s/compress//; s/delay//' {ROTATE}"
        " && for i in 1 2 3; do logger -p auth.info $(head -c 900 /dev/zero | tr '\\0' x); sleep 0.3;"
        f" logrotate -f -s /run/lab-rotate {ROTATE}; done"
    ),
)
STOPPED = ((), "systemctl stop syslog.socket rsyslog.service")
SHORT_WITH_COPY = ((ROTATE,), f"sed -i 's/rotate 200/rotate 30/' {ROTATE}")
KEEPS_NOTHING = (
    (COLLECT,),
    f"sed -i '/^  action(/,/^  )/d' {COLLECT} && {RESTART}",
)

# Logs of services: what is written, how long it stays, and a copy that saves it.
NGINX, ROTATE_NGINX = "/etc/nginx/nginx.conf", "/etc/logrotate.d/nginx"
FOLLOW = (
    'module(load="imfile")\ninput(type="imfile" File="/var/log/nginx/*.log" Tag="nginx" Facility="local6")'
)
ACCESS_LOG_OFF = ((NGINX,), f"sed -i 's/access_log .*;/access_log off;/' {NGINX} && systemctl reload nginx")
ACCESS_LOG_SHORT = ((ROTATE_NGINX,), f"sed -i 's/rotate 200/rotate 14/' {ROTATE_NGINX}")
ACCESS_LOG_COPIED = (
    (ROTATE_NGINX, FORWARD),
    f"{ACCESS_LOG_SHORT[1]} && echo '{FOLLOW}' >> {FORWARD} && {RESTART} && logger -p auth.info fresh",
)
STATEMENTS_SHORT = (
    ("/etc/logrotate.d/postgresql-common",),
    "sed -i 's/rotate 200/rotate 30/' /etc/logrotate.d/postgresql-common",
)


@contextmanager
def broken(lab: Lab, host: str, how: tuple[tuple[str, ...], str]) -> Iterator[None]:
    """Break a host's chain; put its files back and start its log daemon again after."""
    kept, commands = how
    former = {path: lab.ask(host, "cat", path) for path in kept}
    try:
        lab.ask(host, "sh", "-ec", commands)
        yield
    finally:
        for path, text in former.items():
            done = lab.run(host, "sh", "-c", f"cat > {path}", given=text)
            assert done.returncode == 0, done.stderr
        lab.ask(host, "sh", "-c", "rm -f /var/log/*.log.1 /var/log/*.log.2 /var/log/syslog.? /run/lab-rotate")
        lab.ask(host, "systemctl", "restart", "syslog.socket", "rsyslog.service")
        if NGINX in kept:  # elsewhere what runs differs from the files on purpose
            lab.ask(host, "systemctl", "reload", "nginx.service")


def scan(lab: Lab, folder: Path) -> Scanned:
    """What logins show of the hosts, once what was done to them has had its time."""
    lab.ask("bastion", "sleep", str(SETTLE_SECONDS))
    inventory = variants.only(variants.read(lab), *HOSTS)
    return lab.scan(variants.write(inventory, folder / "inventory.yaml"), folder / "lab.run")


@pytest.fixture(scope="module")
def links(lab: Lab, rights: str, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """Five hosts with a broken link, one whose short files are saved by a copy, one as it should be."""
    del rights  # only have to be there
    ways = {
        "web1": DEAD_PORT,
        "db1": WRONG_CERTIFICATE,
        "app1": TOO_SHORT,
        "vpn1": TOO_SMALL,
        "web3": STOPPED,
        "fw": SHORT_WITH_COPY,
    }
    with ExitStack() as stack:
        for host, how in ways.items():
            stack.enter_context(broken(lab, host, how))
        return scan(lab, tmp_path_factory.mktemp("links"))


@pytest.fixture(scope="module")
def sinkhole(lab: Lab, rights: str, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """A collector that takes everything and keeps nothing."""
    del rights
    with broken(lab, "log1", KEEPS_NOTHING):
        return scan(lab, tmp_path_factory.mktemp("sinkhole"))


@pytest.fixture(scope="module")
def services(lab: Lab, rights: str, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """Services that record nothing, too short, and too short but copied."""
    del rights
    ways = {
        "web1": ACCESS_LOG_OFF,
        "app1": ACCESS_LOG_SHORT,
        "web3": ACCESS_LOG_COPIED,
        "db1": STATEMENTS_SHORT,
    }
    with ExitStack() as stack:
        for host, how in ways.items():
            stack.enter_context(broken(lab, host, how))
        return scan(lab, tmp_path_factory.mktemp("services"))


@pytest.mark.parametrize(
    ("service", "check", "answer", "why"),
    [
        ("web1/nginx@443", "instance.audit-on", "no", "access_log off"),
        ("app1/nginx@8443", "instance.logs-retained", "no", "/var/log/nginx/access.log (14 d)"),
        ("web3/nginx@443", "instance.logs-retained", "yes", "14 d; an independent copy at log1 6514/tcp"),
        ("db1/postgresql@5432", "instance.logs-retained", "no", "postgresql-15-main.log (30 d)"),
        ("app1/apache@8081", "instance.logs-retained", "yes", "200 d"),
    ],
)
def test_what_becomes_of_a_services_records(
    services: Scanned, service: str, check: str, answer: str, why: str
) -> None:
    finding = services.findings[service, check, ""]
    assert (finding["answer"], why in finding["message"]["en"]) == (answer, True), finding["message"]
    assert finding["citations"]


@pytest.mark.parametrize(
    ("host", "check", "answer", "why"),
    [
        ("web1", ARRIVES, "no", "nothing listens on log1 6599/tcp"),
        ("db1", ARRIVES, "no", "certificates do not agree"),
        ("app1", RETAINED, "no", "kept less than 180 days"),
        ("vpn1", RETAINED, "no", "size 1k"),
        ("web3", ARRIVES, "no", "the log daemon does not run"),
        ("fw", RETAINED, "yes", "an independent copy at log1 6514/tcp"),
        ("fw", ARRIVES, "yes", "/var/log/remote/fw.log"),
        ("bastion", ARRIVES, "yes", "/var/log/remote/bastion.log"),
        ("bastion", RETAINED, "yes", "kept at least 180 days"),
    ],
)
def test_each_link_is_judged_for_its_own_reason(
    links: Scanned, host: str, check: str, answer: str, why: str
) -> None:
    finding = links.findings[host, check, ""]
    assert (finding["answer"], why in finding["message"]["en"]) == (answer, True), finding["message"]
    assert finding["citations"]


def test_a_collector_that_keeps_nothing_breaks_every_chain(sinkhole: Scanned) -> None:
    for host in set(HOSTS) - {"log1"}:
        finding = sinkhole.findings[host, ARRIVES, ""]
        assert finding["answer"] == "no", host
        assert "keeps none of them" in finding["message"]["en"]


def test_the_collector_is_told_who_does_not_arrive(links: Scanned) -> None:
    finding = links.findings["log1/log_system", "log.all-sources-forward", ""]
    assert finding["answer"] == "no"
    for host in ("web1", "db1", "app1", "vpn1", "web3"):
        assert host in finding["message"]["en"]
    assert "fw" not in finding["message"]["en"].replace("forward", "")
