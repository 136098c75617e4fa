"""What becomes of a service's records: files, rules that end their life, copies at other machines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.checks.log_retention import Retention
from scanner.checks.service_log import CHECKS
from scanner.derive import derive
from scanner.derive.children import with_services
from scanner.derive.service_logs import service_logs
from scanner.facts import (
    Fact,
    FactSheet,
    FollowedFile,
    LogDestination,
    LogForwarding,
    LogInput,
    LogOutput,
    LogRouting,
    LogSink,
    LogTarget,
    NginxSettings,
    Rotation,
    ServiceAudit,
    ServiceInstance,
    ServiceLogs,
    ServiceProcess,
    ServiceProcesses,
    ServiceUser,
    SystemRecords,
)
from scanner.model import AssessmentObject
from tests.checks.build import (
    DAY,
    SEEN,
    accounts,
    at,
    forwarding,
    identity,
    listeners,
    retention,
    rotation,
    sized,
    sizes,
    socket,
    target,
    value,
)

WEB1 = AssessmentObject("web1", "operating_system", "linux", "dmz", "10.60.2.11", ("shop",))
LOG1 = AssessmentObject("log1", "operating_system", "linux", "core", "10.60.3.21", ("shop",))
ACCESS = "/var/log/nginx/access.log"
TO_FILE = LogDestination(LogSink.FILE, ACCESS, at("nginx"))
SHORT = rotation("/var/log/nginx/*.log", 14)
FOLLOWED = FollowedFile("/var/log/nginx/*.log", "local6", "info", "", at("imfile"))
COLLECTOR = target("10.60.3.21")
THERE: tuple[Fact, ...] = (
    listeners(socket("tcp 0.0.0.0 6514", "rsyslogd"), socket("udp 0.0.0.0 514", "rsyslogd")),
    LogRouting(
        SEEN,
        (LogOutput("rule set remote", "/var/log/remote/%HOSTNAME%.log", value(0o640), at("out")),),
        (LogInput("tcp", 6514, "remote", at("in")), LogInput("udp", 514, "remote", at("in"))),
        (),
        {},
    ),
    sizes(sized("/var/log/remote/web1.log", 10, 0)),
    retention(rotation("/var/log/remote/*.log", 200)),
)


def follows(*targets: LogTarget, files: tuple[FollowedFile, ...] = (FOLLOWED,)) -> LogForwarding:
    return replace(forwarding(*targets), followed=files)


def logs(*own: Fact, to: LogDestination = TO_FILE, there: tuple[Fact, ...] = THERE) -> ServiceLogs:
    usual: tuple[Fact, ...] = (
        identity("web1"),
        accounts(),
        sizes(sized("/var/log/syslog", 1, 0), sized(ACCESS, 5, 0), sized(ACCESS + ".1", 5, 1)),
        retention(SHORT),
        forwarding(),
    )
    sheets = {
        "web1": FactSheet("web1", {type(f): f for f in (*usual, *own)}),
        "log1": FactSheet("log1", {type(f): f for f in there}),
    }
    audit = ServiceAudit(SEEN, True, "access_log", (to,), all_known=True)
    found = service_logs(WEB1, audit, "www-data", (WEB1, LOG1), sheets)
    assert found is not None
    return found


def retained(found: ServiceLogs) -> tuple[str, str]:
    outcome = CHECKS[1].judge(found, Retention(min_days=180))
    return outcome.answer.value, outcome.message.en


NARROW = target("10.60.3.21", selector="auth,authpriv.*")
OTHER_RULES = replace(FOLLOWED, rules="web")
DROPPED = replace(COLLECTOR, dropped=("local6.*",))
MAYBE_DROPPED = replace(COLLECTOR, dropped=("if $programname == 'nginx'",))
AGENT = replace(COLLECTOR, told={"agent": "filebeat"}, follows=("/var/log/nginx/access.log*",))
ANYTHING = replace(AGENT, follows=("**",))
OTHER_AGENT = replace(AGENT, follows=("/var/log/auth.log",))
DIRECT = LogDestination(LogSink.SYSLOG, "10.60.3.21:514", at("nginx"))
OWN_SYSLOG = LogDestination(LogSink.SYSLOG, "local7.info", at("nginx"))
SOME = LogOutput("rule set remote and auth.*", "/var/log/remote/%HOSTNAME%.log", value(0o640), at("out"))
ELSEWHERE = LogRouting(SEEN, (SOME,), (LogInput("tcp", 6514, "remote", at("in")),), (), {})
COPY_SHORT = retention(rotation("/var/log/remote/*.log", 30))
ALL = sizes(sized("/var/log/all.log", 1, 0))
MONTH = retention(rotation("/var/log/all.log", 30))
HERE = LogRouting(SEEN, (LogOutput("*.*", "/var/log/all.log", value(0o640), at("out")),), (), (), {})


@pytest.mark.parametrize(
    ("own", "to", "there", "answer", "why"),
    [
        ((), TO_FILE, THERE, "no", "14 d"),
        ((retention(rotation("/var/log/nginx/*.log", 200)),), TO_FILE, THERE, "yes", "200 d"),
        ((retention(rotation("/var/log/*.log", 200)),), TO_FILE, THERE, "unseen", "no rule of rotation"),
        ((follows(COLLECTOR),), TO_FILE, THERE, "yes", "an independent copy at log1 6514/tcp"),
        ((follows(COLLECTOR, files=()),), TO_FILE, THERE, "no", "14 d"),
        ((follows(NARROW),), TO_FILE, THERE, "no", "14 d"),
        ((follows(DROPPED),), TO_FILE, THERE, "no", "14 d"),
        ((follows(MAYBE_DROPPED),), TO_FILE, THERE, "unseen", "perhaps a copy at log1"),
        ((follows(COLLECTOR, files=(OTHER_RULES,)),), TO_FILE, THERE, "unseen", "perhaps a copy"),
        ((follows(COLLECTOR),), TO_FILE, (THERE[0], ELSEWHERE, *THERE[2:]), "unseen", "perhaps a copy"),
        ((follows(COLLECTOR),), TO_FILE, (listeners(), *THERE[1:]), "no", "14 d"),
        ((follows(COLLECTOR),), TO_FILE, (*THERE[:3], COPY_SHORT), "no", "14 d"),
        ((follows(target("192.0.2.9")),), TO_FILE, THERE, "unseen", "perhaps a copy at 192.0.2.9"),
        ((forwarding(AGENT),), TO_FILE, THERE, "unseen", "perhaps a copy"),
        ((forwarding(ANYTHING),), TO_FILE, THERE, "unseen", "perhaps a copy"),
        ((forwarding(OTHER_AGENT),), TO_FILE, THERE, "no", "14 d"),
        ((forwarding(unread=("vector",)),), TO_FILE, THERE, "unseen", "perhaps a copy at vector"),
        ((), DIRECT, THERE, "yes", "an independent copy at log1 514/udp"),
        ((HERE, ALL, MONTH), OWN_SYSLOG, THERE, "no", "30 d"),
        ((HERE, ALL, MONTH, forwarding(COLLECTOR)), OWN_SYSLOG, THERE, "yes", "log1"),
    ],
)  # fmt: skip
def test_where_records_of_a_service_stay(
    own: tuple[Fact, ...], to: LogDestination, there: tuple[Fact, ...], answer: str, why: str
) -> None:
    said, message = retained(logs(*own, to=to, there=there))
    assert (said, why in message) == (answer, True), message


def test_a_file_that_is_not_in_its_folder_is_not_what_is_written() -> None:
    gone = logs(sizes(sized("/var/log/nginx/other.log", 1, 0)))
    assert gone.records[0].paths == ()
    assert retained(gone)[0] == "unseen"
    hidden = logs(sizes(sized("/var/log/syslog", 1, 0)))
    assert hidden.records[0].paths == (ACCESS,)
    assert retained(hidden)[0] == "no"


def test_older_files_and_folders_belong_to_the_records() -> None:
    path = "/var/log/postgresql/postgresql-15-main.log"
    folder = "/var/log/postgresql/"
    to = LogDestination(LogSink.FILE, path, at("conf"))
    listed = sizes(
        *(sized(p, 1, n) for n, p in enumerate((path, path + ".1", path + ".2.gz", folder, path + "x")))
    )
    (records,) = logs(listed, to=to).records
    assert [f.path for f in records.files] == [path, path + ".1", path + ".2.gz"]
    assert [f.path for f in records.folders] == [folder]


def test_of_dated_files_the_newest_is_written() -> None:
    to = LogDestination(LogSink.FILE, "/srv/tomcat/logs/access*.txt", at("server.xml"))
    days = [f"/srv/tomcat/logs/access.2026-01-0{n}.txt" for n in (3, 2, 1)]
    (records,) = logs(sizes(*(sized(p, 1, n) for n, p in enumerate(days))), to=to).records
    assert records.paths == (days[0],)


def test_a_service_that_records_nothing_has_no_records() -> None:
    off = ServiceAudit(SEEN, False, "access_log off")
    assert service_logs(WEB1, off, "www-data", (WEB1,), {}) is None


def test_what_the_service_drops_itself_needs_no_list_of_files() -> None:
    weekdays = Rotation("/var/lib/pgsql/data/log/postgresql-%a.log", 7.0, "", at("conf"))
    to = LogDestination(LogSink.FILE, weekdays.pattern, at("conf"), weekdays)
    assert retained(logs(retention(), to=to))[0] == "no"


def test_a_collector_knows_what_becomes_of_the_records_of_its_systems_services() -> None:
    """Services of other systems, and those that surely record nothing, are not among them."""
    user = ServiceUser(SEEN, "nginx", "www-data", superuser=False)
    audits = (
        ServiceAudit(SEEN, True, "access_log", (TO_FILE,), all_known=True),
        ServiceAudit(SEEN, False, "off"),
    )
    running = [
        ServiceProcess("nginx", "middleware", pid, user, "", (), (pid,), True, SEEN[0], True)
        for pid in (80, 81)
    ]
    settings = [ServiceInstance(p.pid, (audit,)) for p, audit in zip(running, audits, strict=True)]
    facts: tuple[Fact, ...] = (
        ServiceProcesses(SEEN, tuple(running)),
        NginxSettings(SEEN, tuple(settings)),
        retention(SHORT),
        forwarding(),
    )
    sheets = {"web1": FactSheet("web1", {type(f): f for f in facts}), "log1": FactSheet("log1", {})}
    collector = replace(LOG1, id="log1/log_system", kind="log_system", platform="", parent="log1")
    stranger = replace(collector, id="log2/log_system", systems=("bank",))
    objects = with_services((WEB1, LOG1, collector, stranger), sheets)
    found = derive(sheets, objects, (), (), DAY)
    own, other = (found[o.id].get(SystemRecords) for o in (collector, stranger))
    assert isinstance(own, SystemRecords)
    assert isinstance(other, SystemRecords)
    assert [s.object for s in own.services] == ["web1/nginx@80"]
    assert other.services == ()
