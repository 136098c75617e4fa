"""How systemd started an instance: for programs that write a title over their arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Command, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence
    from scanner.model import Citation

UNITS = Step(
    "service-units",
    Command(
        (
            *("systemctl", "show", "--no-pager", "-p", "Id", "-p", "MainPID", "-p", "ExecStart"),
            *("systemd-journald.service", "redis*.service", "valkey*.service"),
        )
    ),
    Text(
        zh="systemd 启动 Redis 实例所用的命令行（口令先行掩去）",
        en="the command lines by which systemd started instances of Redis (passwords masked)",
    ),
    control=r"^Id=systemd-journald\.service$",
)

_EXEC = re.compile(r"ExecStart=\{ path=(?P<path>\S+) ; argv\[\]=(?P<argv>.*?) ; ignore_errors=.*\}")


def started_by(evidence: Evidence, pid: int) -> tuple[tuple[str, ...], Citation]:
    """Arguments, the program's own name first, and the line that tells them.

    Raises:
        Unseen: the process is the main one of no unit, or its arguments hold what a shell or systemd changes.
    """
    document = evidence.command(UNITS)
    first = 1
    for number, line in enumerate([*document.lines, ""], 1):
        if line.strip():
            continue
        block = range(first, number)
        if any(document.lines[n - 1] == f"MainPID={pid}" for n in block):
            commands = [n for n in block if document.lines[n - 1].startswith("ExecStart=")]
            match = _EXEC.fullmatch(document.lines[commands[0] - 1]) if len(commands) == 1 else None
            if match is None or re.search(r"[$`\"'\\;]", match["argv"]):
                raise unparsable(UNITS, document, commands[0] if commands else first, "no plain command line")
            return tuple(match["argv"].split()), document.cite(commands[0])
        first = number + 1
    raise Unseen(
        Gap(
            GapReason.NOT_COLLECTED,
            UNITS.id,
            "",
            f"process {pid} was not started by a unit: its arguments are unknown",
        )
    )


STEPS = (UNITS,)
