"""Clock synchronisation: which daemon runs, what it follows, whether it is in step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Need, Reader, Step, Unseen
from collectors.platforms.linux import clock_files
from collectors.platforms.linux.host import PROCESSES, UNITS, processes, read_services, unparsable
from scanner.facts import TimeSync
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Document, Evidence
    from scanner.model import Citation

TRACKING = Step(
    "chrony-tracking",
    Command(("chronyc", "-n", "tracking")),
    Text(zh="chrony 是否与时间源同步", en="whether chrony is in step with a source"),
    control=r"^Leap status +: ",
)

SOURCES = Step(
    "chrony-sources",
    Command(("chronyc", "-n", "sources")),
    Text(zh="chrony 的时间源", en="chrony's sources"),
    control=r"^MS Name",
)

NTPQ = Step(
    "ntp-peers",
    Command(("ntpq", "-pn")),
    Text(zh="ntpd 的时间源与同步状态", en="ntpd's peers and whether one is followed"),
    control=r"^ +remote +refid ",
)

TIMESYNC = Step(
    "timesync-mark",
    Files(("/run/systemd/timesync/synchronized",), metadata_only=True),
    Text(
        zh="systemd-timesyncd 最近一次同步的时间（文件时间；timedatectl 会在目标上启动服务，故不用）",
        en="when systemd-timesyncd was last in step, by a file's time (timedatectl would start a service)",
    ),
)

FRESH = timedelta(days=1)
"""systemd-timesyncd touches its mark at every answer, at most 34 minutes apart; a day is generous."""

DAEMONS = {"chrony": "chrony", "chronyd": "chrony", "systemd-timesyncd": "systemd-timesyncd"} | dict.fromkeys(
    ("ntp", "ntpd", "ntpsec"), "ntpd"
)
"""Units and the daemon behind them."""

PROCESS_NAMES = {"chronyd": "chrony", "ntpd": "ntpd", "systemd-timesyn": "systemd-timesyncd"}
"""Process names (cut to 15 characters by the kernel) and the daemon behind them."""


@dataclass(frozen=True, slots=True)
class _State:
    """Sources, whether one is followed, and what shows it."""

    sources: tuple[str, ...]
    in_step: bool
    at: tuple[Citation, ...]


def read_time(evidence: Evidence) -> TimeSync:
    """Read the state of the daemon that runs; one that runs but follows nothing is not in step."""
    daemon, seen = _running(evidence)
    if daemon is None:
        return TimeSync(seen=seen, daemon=None, sources=(), synchronised=False)
    state = {"chrony": _chrony, "ntpd": _ntpd}.get(daemon, _timesyncd)(evidence)
    return TimeSync(seen=(*state.at, *seen), daemon=daemon, sources=state.sources, synchronised=state.in_step)


def _running(evidence: Evidence) -> tuple[str | None, tuple[Citation, ...]]:
    """The daemon that runs, by units, else by processes; "none" is believed of either."""
    seen: tuple[Citation, ...] = ()
    refused: Unseen | None = None
    try:
        services = read_services(evidence)
    except Unseen as unseen:
        refused = unseen
    else:
        for name, daemon in DAEMONS.items():
            unit = services.get(name)
            if unit is not None and unit.active:
                return daemon, (unit.at,)
        seen = services.seen
    try:
        document, running = processes(evidence)
    except Unseen:
        if refused is not None:
            raise refused from None
        return None, seen
    for process in running:
        if process.name in PROCESS_NAMES:
            return PROCESS_NAMES[process.name], (document.cite(process.line),)
    return None, (*seen, document.whole)


def _chrony(evidence: Evidence) -> _State:
    document = evidence.command(TRACKING)
    told = _fields(TRACKING, document)
    reference, line = told["Reference ID"]
    leap = told["Leap status"][0]
    if leap not in {"Normal", "Not synchronised", "Insert second", "Delete second"}:
        raise unparsable(TRACKING, document, told["Leap status"][1], "unknown leap status")
    # 7F7F0101 is the host's own clock, handed out without any source.
    in_step = leap != "Not synchronised" and not re.match(r"(?:7F7F0101|00000000)\b", reference)
    try:
        listed = evidence.command(SOURCES)
    except Unseen:
        name = re.search(r"\(([^)\s]+)\)", reference)
        return _State((name[1],) if name else (), in_step, (document.cite(line),))
    rows = [
        (match[1], match[2], number)
        for number, text in enumerate(listed.lines, 1)
        if (match := re.match(r"[\^=#]([*+\-?x~]) ?(\S+) ", text))
    ]
    selected = [number for mark, _, number in rows if mark == "*"]
    at = (document.cite(line), *(listed.cite(number) for number in selected))
    return _State(tuple(name for _, name, _ in rows), in_step and bool(selected), at)


def _fields(step: Step, document: Document) -> dict[str, tuple[str, int]]:
    told: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(document.lines, 1):
        name, colon, value = line.partition(":")
        if line.strip() and (not colon or name.strip() in told):
            raise unparsable(step, document, number, "not name : value once")
        told[name.strip()] = (value.strip(), number)
    for name in ("Reference ID", "Leap status"):
        if name not in told:
            raise unparsable(step, document, 0, f"no {name}")
    return told


def _ntpd(evidence: Evidence) -> _State:
    document = evidence.command(NTPQ)
    start = next(n for n, line in enumerate(document.lines, 1) if re.match(r" +remote +refid ", line))
    sources, at, in_step = [], [document.whole], False
    for number, line in enumerate(document.lines[start:], start + 1):
        if not line.strip() or set(line.strip()) == {"="}:
            continue
        match = re.match(r"([ x.\-#+*o])(\S+)\s+(\S+)\s+\d+ ", line)
        if match is None:
            raise unparsable(NTPQ, document, number, "no peer")
        if match[3] == ".POOL.":
            continue
        sources.append(match[2])
        # 127.127.1.x is the host's own clock.
        if match[1] in "*o" and not match[2].startswith("127.127.1."):
            in_step = True
            at.append(document.cite(number))
    return _State(tuple(sources), in_step, tuple(at))


def _timesyncd(evidence: Evidence) -> _State:
    """In step if its mark is there and fresh; without the mark it was not in step since the start."""
    for mark in evidence.listed(TIMESYNC):
        age = mark.taken - datetime.fromtimestamp(mark.meta.mtime, UTC)
        return _State((), age <= FRESH, (mark.at,))
    return _State((), False, (evidence.listing(TIMESYNC),))


STEPS = (TRACKING, SOURCES, NTPQ, TIMESYNC, *clock_files.STEPS)

READERS = (
    Reader(
        TimeSync, (Need((UNITS, PROCESSES)), Need((TRACKING, NTPQ, TIMESYNC))), read_time, also=(SOURCES,)
    ),
    *clock_files.READERS,
)
