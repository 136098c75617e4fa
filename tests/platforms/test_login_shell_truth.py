"""Following start-up files on paper against bash itself."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM, file_mask
from collectors.platforms.linux.logind import LOGIND_FILES
from collectors.platforms.linux.pam_stack import PAM_FILES
from collectors.platforms.linux.session import READERS, SHELL_FILES
from collectors.reading import read_fact
from scanner.facts import FileMask, SessionTimeout
from scanner.model import Gap
from tests.platforms.fixture import OBJECT, file_captures

BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None, reason="bash is not installed")

SIMPLE = [
    "TMOUT={n}",
    "export TMOUT={n}",
    "readonly TMOUT={n}",
    "declare -x TMOUT={n}",
    "typeset -xr TMOUT={n}",
    "TMOUT='{n}'; export TMOUT",
    "X=1 TMOUT={n}",
    "TMOUT={n} true",
    "unset TMOUT",
    "readonly TMOUT",
    "(TMOUT={n})",
    "echo TMOUT={n} >/dev/null",
    "# TMOUT={n}",
    "true && TMOUT={n}",
    "false && TMOUT={n}",
    "false || TMOUT={n}",
    '[ -n "$PS1" ] && TMOUT={n}',
    '[ -z "$PS1" ] && TMOUT={n}',
    '[ -z "$TMOUT" ] && TMOUT={n}',
    '! [ -n "$TMOUT" ] && TMOUT={n}',
    '[ "$USER" = someone ] && TMOUT={n}',
    "return",
    "cat >/dev/null <<E\nTMOUT={n}\nE",
    "f{n}() {{\n  TMOUT={n}\n  return 1\n}}",
    "echo 'TMOUT={n}\n' \"$(echo ')')\" >/dev/null",
    "case $- in *i*) TMOUT={n};; *) TMOUT=1;; esac",
    "case x in\n  x) TMOUT={n}\n  ;;\nesac",
    "for v in 1 2; do TMOUT={n}; done",
    ". ./part.sh",
]

CONDITIONS = [
    "true",
    "false",
    '[ "$PS1" ]',
    '[ -n "${ZSH_VERSION-}" ]',
    '[ -z "${BASH_VERSION-}" ]',
    "test -f x",
]


@st.composite
def commands(draw: st.DrawFn, depth: int = 2) -> str:
    if depth and draw(st.integers(0, 4)) == 0:
        condition, other = draw(st.sampled_from(CONDITIONS)), draw(st.sampled_from(CONDITIONS))
        inner = draw(st.lists(commands(depth - 1), min_size=3, max_size=3))
        return draw(
            st.sampled_from(
                [
                    f"if {condition}; then\n{inner[0]}\nfi",
                    f"if {condition}; then\n{inner[0]}\nelse\n{inner[1]}\nfi",
                    f"if {condition}\nthen {inner[0]}\nelif {other}; then\n{inner[1]}\nelse\n{inner[2]}\nfi",
                    f"{condition} && {{\n{inner[0]}\n}}",
                    f"while {condition}; do\n{inner[0]}\nbreak\ndone",
                ]
            )
        )
    return draw(st.sampled_from(SIMPLE)).format(n=draw(st.sampled_from([0, 60, 600])))


def scripts(most: int) -> st.SearchStrategy[str]:
    return st.lists(commands(), max_size=most).map(lambda found: "".join(f"{line}\n" for line in found))


def in_bash(folder: Path, profile: str, part: str) -> tuple[str, bool]:
    """TMOUT after the files in an interactive login bash, and whether it is readonly then."""
    (folder / "profile").write_text(profile)
    (folder / "part.sh").write_text(part)
    ask = '. ./profile; echo "<$TMOUT>"; readonly -p | grep -c "TMOUT"'
    run = subprocess.run(
        [str(BASH), "--norc", "--noprofile", "-l", "-i", "-c", ask],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "USER": "tester"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    value, _, readonly = run.stdout.partition("<")[2].partition(">")
    return value, readonly.strip() != "0"


def on_paper(profile: str, part: str) -> SessionTimeout | Gap:
    texts = {"/etc/profile": profile, "/etc/profile.local": part}
    files = {path: text.replace("./part.sh", "/etc/profile.local").encode() for path, text in texts.items()}
    records = [*file_captures(PLATFORM, SHELL_FILES, files), *file_captures(PLATFORM, LOGIND_FILES, {})]
    fact = read_fact(READERS[0], Evidence.of(OBJECT, PLATFORM, records))
    assert isinstance(fact, SessionTimeout | Gap)
    return fact


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(scripts(5), scripts(3))
@example("readonly TMOUT=600\nTMOUT=0\n", "")
@example("TMOUT=60\n. ./part.sh\nTMOUT=0\n. ./part.sh\n", '[ -z "$TMOUT" ] || TMOUT=600\n')
@example("readonly TMOUT=0\nif true; then\n# nothing\nfi\n", "")
@example(". ./part.sh\nTMOUT=60\n", "return\nTMOUT=600\n")
def test_what_is_certain_on_paper_is_so_in_bash(tmp_path: Path, profile: str, part: str) -> None:
    fact = on_paper(profile, part)
    if isinstance(fact, Gap):
        return
    value, readonly = in_bash(tmp_path, profile, part)
    seen = "" if fact.seconds is None else str(fact.seconds.value)
    assert (seen, fact.readonly) == (value, readonly), (profile, part)


@pytest.mark.parametrize(
    ("script", "seconds"),
    [
        ("TMOUT=600\n", 600),
        ("if true; then TMOUT=60; fi\nTMOUT=600\n", 600),
        ("if false; then TMOUT=60; fi\n", None),
        ('[ -n "$PS1" ] || return\nexport TMOUT=60\n', 60),
        ("case $- in *i*) ;; *) return ;; esac; TMOUT=60\n", 60),
    ],
)
def test_certain_answers_are_given_where_they_can_be(script: str, seconds: int | None) -> None:
    fact = on_paper(script, "")
    assert isinstance(fact, SessionTimeout), fact
    assert (fact.seconds.value if fact.seconds else None) == seconds


# --- who obeys the variable ------------------------------------------------------------------------


def ends_when_idle(argv: list[str], seconds: float) -> bool:
    """Whether an interactive shell with TMOUT=1 ends by itself within ``seconds``."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], argv, {"PATH": os.environ["PATH"], "TMOUT": "1"})  # noqa: S606 - constants
    try:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if select.select([terminal], [], [], 0.1)[0]:
                with suppress(OSError):
                    os.read(terminal, 4096)
            if os.waitpid(pid, os.WNOHANG)[0]:
                pid = 0
                return True
        return False
    finally:
        os.close(terminal)
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def test_bash_obeys() -> None:
    assert ends_when_idle([str(BASH), "--norc", "-i"], 30)


@pytest.mark.skipif(shutil.which("dash") is None, reason="dash is not installed")
def test_dash_passes_over_it() -> None:
    assert not ends_when_idle(["dash", "-i"], 3)


# --- the mask of new files -------------------------------------------------------------------------


def with_masks(script: str) -> str:
    """The same script about ``umask``."""
    setting = (
        r"(?:export |readonly |declare -x |typeset -xr |X=1 )?TMOUT='?(\d+)'?(?:; export TMOUT)?(?: true)?"
    )
    text = re.sub(setting, lambda match: f"umask 0{int(match[1]) % 512:03o}", script)
    return re.sub(r"(?m)^(?:unset|readonly) TMOUT$", "umask >/dev/null", text)


def mask_in_bash(folder: Path, profile: str, part: str) -> int | None:
    """The mask after the files; None where bash dies of them."""
    (folder / "profile").write_text(profile)
    (folder / "part.sh").write_text(part)
    run = subprocess.run(
        [str(BASH), "--norc", "--noprofile", "-l", "-i", "-c", '. ./profile; echo "<$(umask)>"'],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "USER": "tester"},
        umask=0o022,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    answer = run.stdout.rpartition("<")[2].partition(">")[0]
    return int(answer, 8) if answer else None


def masks_on_paper(profile: str, part: str) -> set[int] | None:
    texts = {"/etc/profile": profile, "/etc/profile.local": part}
    files = {path: text.replace("./part.sh", "/etc/profile.local").encode() for path, text in texts.items()}
    records = [*file_captures(PLATFORM, SHELL_FILES, files), *file_captures(PLATFORM, PAM_FILES, {})]
    fact = read_fact(file_mask.READERS[0], Evidence.of(OBJECT, PLATFORM, records))
    return {value.value for value in fact.possible} if isinstance(fact, FileMask) else None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(scripts(5).map(with_masks), scripts(3).map(with_masks))
@example("if test -f x; then\numask 027\nelse\numask 077\nfi\n", "")
@example("if test -f x; then\numask 027\nreturn\nfi\numask 077\n", "")
@example("if false; then\numask 027\nelif test -f x; then\numask 077\nfi\n", "")
@example("if true; then\nfalse && {\numask 000\n}\nfi\n", "")
@example("test -f x && if true; then\numask 027\nfi\n", "")
@example("test -f x || {\numask 027\n}\n", "")
def test_the_mask_in_bash_is_among_those_on_paper(tmp_path: Path, profile: str, part: str) -> None:
    possible = masks_on_paper(profile, part)
    if possible is not None:
        assert mask_in_bash(tmp_path, profile, part) in {None, *possible}, (profile, part)


def test_both_branches_together_leave_no_other_mask() -> None:
    script = "if test -f x; then\n umask 027\nelse\n umask 077\nfi\n"
    assert masks_on_paper(script, "") == {0o027, 0o077}
