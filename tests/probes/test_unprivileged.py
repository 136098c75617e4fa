"""A scan by a user without rights: all but raw packets is done, and every report says what could not be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.probes.conftest import IP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.probes.conftest import Pair

pytestmark = pytest.mark.wire

TOP = Path(__file__).resolve().parents[2]
NOBODY = 65534
BECOME = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
READING = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
"""For a Python below somebody's home: may read and enter, and neither write nor send raw packets."""

LACKING = "ip-protocols, ports-udp: raw packets may not be sent by this user"
INVENTORY = """\
version: 1
systems: [{name: shop, grade: S3A3}]
vantages: [{name: here}]
probes: {budget: {packets_per_second: 5000, seconds: 120}}
objects:
  - {id: web, kind: operating_system, systems: [shop], address: 127.0.0.1}
  - {id: db, kind: operating_system, systems: [shop], address: 127.0.0.2}
"""
SERVER = """
import http.server
server = http.server.HTTPServer(("127.0.0.1", 80), http.server.SimpleHTTPRequestHandler)
print("ready", flush=True)
server.serve_forever()
"""


@dataclass(frozen=True)
class Seen:
    """One scan and its reports."""

    console: str
    report: dict[str, Any]
    page: str
    notice: str

    def gaps(self, name: str) -> list[tuple[str, str, str]]:
        """Reason, step and need of what was not seen of an object or look."""
        return [(g["reason"], g["step"], g["needs"]) for g in self.report["gaps"] if g["object"] == name]


def as_nobody() -> tuple[str, ...]:
    """What makes a command run as nobody who can start this Python, also from a program of his own."""
    again = f"import os; os.execv({sys.executable!r}, [{sys.executable!r}, '-c', 'import scanner'])"
    for way in (BECOME, (*BECOME, *READING)):
        tried = subprocess.run((*way, sys.executable, "-c", again), cwd=TOP, capture_output=True, check=False)
        if tried.returncode == 0:
            return way
    pytest.skip(f"nobody can run {sys.executable} here: {tried.stderr.decode()}")


@contextmanager
def folder_of(user: int) -> Iterator[Path]:
    """A folder that the user can write to, wherever pytest's own may be."""
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, user, user)
        yield Path(name)


def scanned(pair: Pair, become: tuple[str, ...], user: int) -> Seen:
    """Scan the loopback of a namespace that holds one service, and read all reports of it."""

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        main = (sys.executable, "-c", "from scanner.cli import main; main()", "--lang", "en")
        return subprocess.run(
            (IP, "netns", "exec", pair.target, *become, *main, *words),
            cwd=TOP, capture_output=True, text=True, check=False, encoding="utf-8",
        )  # fmt: skip

    with folder_of(user) as folder, pair.serving(sys.executable, "-c", SERVER):
        inventory, run = folder / "inventory.yaml", str(folder / "here.run")
        inventory.write_text(INVENTORY, encoding="utf-8")
        inventory.chmod(0o644)
        done = command("scan", str(inventory), "-o", run)
        assert done.returncode in {1, 2}, done.stderr
        report = command("report", run, "-f", "json").stdout
        return Seen(done.stdout, json.loads(report), command("report", run, "-f", "html").stdout, done.stderr)


@pytest.fixture(scope="module")
def by_nobody(pair: Pair) -> Seen:
    return scanned(pair, as_nobody(), NOBODY)


def test_what_needs_no_right_is_done(by_nobody: Seen) -> None:
    assert "80/tcp http" in by_nobody.console
    assert "unreachable" not in by_nobody.console


def test_the_terminal_says_what_could_not_be_done_and_what_would_settle_it(by_nobody: Seen) -> None:
    lines = [line.strip() for line in by_nobody.console.splitlines()]
    place = lines.index("? db@here, web@here: permission denied")
    assert lines[place + 1 : place + 3] == [LACKING, "needs: root or CAP_NET_RAW"]
    assert by_nobody.console.count("raw packets") == 1


def test_json_tells_it_of_every_look_once(by_nobody: Seen) -> None:
    for name in ("web@here", "db@here"):
        assert by_nobody.gaps(name) == [
            ("permission", "ip-protocols", "root or CAP_NET_RAW"),
            ("permission", "ports-udp", "root or CAP_NET_RAW"),
        ]


def test_the_page_tells_it_once(by_nobody: Seen) -> None:
    gaps = by_nobody.page.partition('<section id="gaps"')[2].partition("</section>")[0]
    assert gaps.count("raw packets may not be sent") == 1
    assert gaps.count("root or CAP_NET_RAW") == 1
    assert "db@here, web@here" in gaps


def test_the_notice_speaks_of_no_login(by_nobody: Seen) -> None:
    assert "Probes: from here to 2 address(es)" in by_nobody.notice
    assert "Logins" not in by_nobody.notice
    assert "0 object" not in by_nobody.notice


def test_root_lacks_nothing(pair: Pair) -> None:
    seen = scanned(pair, (), 0)
    assert seen.gaps("web@here") == seen.gaps("db@here") == []
    assert "raw packets" not in seen.console
