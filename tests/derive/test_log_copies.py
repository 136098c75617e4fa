"""Where records of a host come to rest: every way in which they do not, and what stays open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scanner.derive.log_copies import log_copies
from scanner.facts import (
    Fact,
    FactSheet,
    LogCopies,
    LogCopy,
    LogFile,
    LogForwarding,
    LogInput,
    LogOutput,
    LogProblem,
    LogProblems,
    LogRouting,
)
from scanner.model import AssessmentObject, Gap, GapReason
from tests.checks.build import (
    DAY,
    SEEN,
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
COPY = "/var/log/remote/web1.log"
HERE = forwarding(target("10.60.3.21"))
OPEN = listeners(socket("tcp 0.0.0.0 6514", "rsyslogd"))


def routing(
    *, keeps: bool = True, path: str = "/var/log/remote/%HOSTNAME%.log", port: int = 6514
) -> LogRouting:
    outputs = (LogOutput("rule set remote", path, value(0o640), at("out")),) if keeps else ()
    return LogRouting(SEEN, outputs, (LogInput("tcp", port, "remote", at("in")),), (), {})


def problem(hours_ago: float, kind: str = "certificate") -> LogProblems:
    return LogProblems(SEEN, (LogProblem(kind, DAY - timedelta(hours=hours_ago), at("journal")),))


def files(copy_hours: float | None, path: str = COPY) -> Fact:
    copies: tuple[LogFile, ...] = () if copy_hours is None else (sized(path, 10, copy_hours / 24),)
    return sizes(sized("/var/log/syslog", 1, 0), *copies)


OWN = sizes(sized("/var/log/syslog", 1, 0))
QUIET = sizes(sized("/var/log/syslog", 1, 3 / 24), sized("/var/log/nginx/access.log", 1, 0))
"""Nothing was logged here for as long; what a web server writes by itself goes nowhere."""
GOOD: tuple[Fact, ...] = (OPEN, routing(), files(0.1), retention(rotation("/var/log/remote/*.log")))


def copies(own: tuple[Fact, ...], there: tuple[Fact, ...]) -> tuple[LogCopy, ...]:
    sheets = {
        "web1": FactSheet("web1", {type(f): f for f in (HERE, identity("web1"), OWN, *own)}),
        "log1": FactSheet("log1", {type(f): f for f in there}),
    }
    found = log_copies(WEB1, (WEB1, LOG1), sheets)
    assert isinstance(found, LogCopies)
    return found.copies


@pytest.mark.parametrize(
    ("own", "there", "arrives", "why"),
    [
        ((), GOOD, True, "has this host's records"),
        ((), (*GOOD[:2], files(None), GOOD[3]), False, "no file of this host"),
        ((), (*GOOD[:2], files(30), GOOD[3]), False, "30 hours old"),
        ((), (*GOOD[:2], files(3), GOOD[3]), False, "3 hours old"),
        ((QUIET,), (*GOOD[:2], files(3), GOOD[3]), True, "has this host's records"),
        ((), (listeners(), *GOOD[1:]), False, "nothing listens"),
        ((), (OPEN, routing(keeps=False), *GOOD[2:]), False, "keeps none"),
        ((forwarding(target("10.60.3.21"), running=False),), GOOD, False, "does not run"),
        ((problem(0.01),), GOOD, False, "certificates do not agree"),
        ((problem(0.01, "refused"),), GOOD, False, "refuses the connection"),
        ((problem(0.01, "other"),), GOOD, False, "nothing can be handed over"),
        ((problem(5),), GOOD, True, "has this host's records"),
        ((forwarding(target("192.0.2.1")),), GOOD, None, "not in the inventory"),
        ((), (OPEN, routing(path="/var/log/all.log"), *GOOD[2:]), None, "no file for each host"),
        ((), (OPEN, routing(), GOOD[3]), None, "was not seen"),
        ((), (OPEN, *GOOD[2:]), None, "was not seen"),
        ((), (OPEN, routing(path="/var/log/hosts/%fromhost-ip%/all.log"),
              files(0.1, "/var/log/hosts/10.60.2.11/all.log")), True, "has this host's records"),
    ],
)  # fmt: skip
def test_where_a_chain_ends(
    own: tuple[Fact, ...], there: tuple[Fact, ...], arrives: bool | None, why: str
) -> None:
    (copy,) = copies(own, there)
    assert copy.arrives is arrives
    assert why in copy.why.en
    assert copy.citations


def test_only_what_leaves_the_host_and_holds_logins_is_followed() -> None:
    own = forwarding(target("127.0.0.1"), target("10.60.3.21", selector="mail.*"))
    assert copies((own,), GOOD) == ()


def test_how_long_a_copy_stays() -> None:
    (copy,) = copies((), GOOD)
    assert [copy.lasts(days) for days in (180, 201)] == [True, False]
    (endless,) = copies((), (*GOOD[:3], retention(rotation("/var/log/other.log", days=1))))
    assert endless.lasts(10_000) is True
    (unknown,) = copies((), GOOD[:3])
    assert unknown.lasts(1) is None


def test_an_unseen_configuration_leaves_copies_unseen() -> None:
    gap = Gap(GapReason.PERMISSION, "rsyslog-files")
    sheets = {"web1": FactSheet("web1", {LogForwarding: gap})}
    assert log_copies(WEB1, (WEB1,), sheets) is gap
