"""Idle time-out of login shells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Command, Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.login_shell import Startup
from collectors.platforms.linux.login_startup import is_startup_text
from collectors.platforms.linux.logind import LOGIND_FILES, stop_idle
from scanner.facts import Origin, SessionTimeout, Value
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence
    from scanner.model import Citation

PROFILE = "/etc/profile"
SHELL_STARTUP = ("/etc/bash.bashrc", "/etc/bashrc")

SHELL_FILES = Step(
    "shell-files",
    Files(
        (
            PROFILE,
            "/etc/profile.local",
            "/etc/profile.d/*.sh",
            "/etc/profile.d/sh.local",
            *SHELL_STARTUP,
        )
    ),
    Text(
        zh="登录 shell 的启动文件：空闲超时与文件掩码",
        en="start-up files of login shells: idle time-out, file mask",
    ),
)

SH = Step(
    "sh-program",
    Command(("readlink", "-f", "/bin/sh")),
    Text(
        zh="/bin/sh 实际是哪个程序：不是每种 shell 都遵从 TMOUT",
        en="which program /bin/sh is: not every shell obeys TMOUT",
    ),
    control=r"^/[!-~]+$",
)


def started(evidence: Evidence) -> tuple[Startup, tuple[Citation, ...]]:
    """An interactive login bash after the system's start-up files, and the files that it read.

    Raises:
        Unseen: a file was not seen, there is none, or the first is no start-up file at all.
    """
    documents = evidence.files(SHELL_FILES)
    if PROFILE not in documents:
        raise Unseen(Gap(GapReason.EMPTY, SHELL_FILES.id, PROFILE, "login shells have no start-up file"))
    assert isinstance(SHELL_FILES.form, Files)  # noqa: S101 - a constant of this module
    if not is_startup_text(documents[PROFILE].text):
        detail = "holds text, but nothing that a start-up file does"
        raise Unseen(Gap(GapReason.UNPARSABLE, SHELL_FILES.id, PROFILE, detail))
    startup = Startup(documents, absent=frozenset(SHELL_FILES.form.patterns) - documents.keys())
    startup.run(PROFILE)
    for path in SHELL_STARTUP:  # what profile does not read, users' own files commonly do
        if path in documents and path not in startup.read:
            startup.run(path, runs=None)
    return startup, tuple(documents[path].whole for path in dict.fromkeys(startup.read))


def read_session_timeout(evidence: Evidence) -> SessionTimeout:
    """Read TMOUT as an interactive login bash has it after the system's files.

    Raises:
        Unseen: a file was not seen, or what sets the variable depends on what cannot be known.
    """
    startup, seen = started(evidence)
    variable = startup.variable
    if variable.doubt is not None:
        place = variable.doubt.capture.partition(":")[2]
        detail = f"line {variable.doubt.line}: may change the idle time-out: {variable.doubt.excerpt}"
        raise Unseen(Gap(GapReason.UNPARSABLE, SHELL_FILES.id, place, detail))
    setting = variable.setting
    seconds = None if setting is None else Value(setting.seconds, Origin.EXPLICIT, setting.at)
    written = tuple(Value(value, Origin.EXPLICIT, at) for value, at in variable.written)
    return SessionTimeout(seen, seconds, variable.readonly, stop_idle(evidence), written, _sh(evidence))


def _sh(evidence: Evidence) -> Value[str] | None:
    try:
        document = evidence.command(SH)
    except Unseen:
        return None
    lines = [line for line in document.lines if line]
    return Value(lines[0], Origin.EXPLICIT, document.cite(1)) if len(lines) == 1 else None


STEPS = (SHELL_FILES, LOGIND_FILES, SH)

READERS = (
    Reader(SessionTimeout, (Need((SHELL_FILES,)), Need((LOGIND_FILES,))), read_session_timeout, also=(SH,)),
)
