"""What we say of Apache's files against what a running server writes down."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import pytest

from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.platforms.linux.services import apache
from collectors.platforms.linux.services.processes import INSTANCES
from collectors.reading import read_fact
from scanner.facts import ApacheSettings, LogSink, ServiceAudit
from scanner.model import Gap
from tests.platforms.fixture import OBJECT, command_capture, file_captures

APACHE = shutil.which("apache2", path="/usr/sbin:/usr/bin")
MODULES = Path("/usr/lib/apache2/modules")
running = pytest.mark.skipif(APACHE is None or not MODULES.is_dir(), reason="apache2 is not installed")

PROCESSES = b"""1 0 0 root systemd 0::/init.scope /sbin/init
70 1 0 root apache2 0::/system.slice/apache2.service /usr/sbin/apache2 -k start%s
71 70 33 www-data apache2 0::/system.slice/apache2.service /usr/sbin/apache2 -k start
"""
HEAD = """ServerName lab
ServerRoot {root}
PidFile {root}/pid
ErrorLog {root}/errors
DocumentRoot {root}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule setenvif_module /usr/lib/apache2/modules/mod_setenvif.so
Listen 127.0.0.1:{one}
Listen 127.0.0.1:{two}
"""


@dataclass(frozen=True)
class Case:
    """Lines behind the head; ``on``: what we say; ``written``: whether each port's request is recorded."""

    name: str
    lines: str
    on: bool | None
    written: tuple[bool, bool]
    to: tuple[str, ...] = ()


HOST_TWO = "<VirtualHost *:{two}>\n%s\n</VirtualHost>\n"
CASES = (
    Case("nothing said", "", False, (False, False)),
    Case("one for all", "CustomLog a.log common", True, (True, True), ("{root}/a.log",)),
    Case("another name of it", "transferlog a.log", True, (True, True), ("{root}/a.log",)),
    Case("taken from the main server, though it comes later", HOST_TWO % "" + "CustomLog a.log common",
         True, (True, True), ("{root}/a.log",)),
    Case("only in a virtual host", HOST_TWO % "CustomLog a.log common", None, (False, True)),
    Case("none for one", "CustomLog a.log common\n" + HOST_TWO % "CustomLog /dev/null common",
         None, (True, False)),
    Case("one for all, whatever they say", "CustomLog a.log common\nGlobalLog g.log common\n"
         + HOST_TWO % "CustomLog /dev/null common", True, (True, True)),
    Case("all ports taken by hosts that keep", "<VirtualHost *:{one} *:{two}>\nCustomLog a.log common\n"
         "</VirtualHost>", True, (True, True)),
    Case("all ports taken by hosts that drop", "CustomLog a.log common\n<VirtualHost *>\n"
         "CustomLog /dev/null common\n</VirtualHost>", False, (False, False)),
    Case("on a condition of the request", "SetEnvIf Request_URI {two} quiet\n"
         "CustomLog a.log common env=!quiet", None, (True, False)),
    Case("no facility but a file", "CustomLog syslog:local1 common", True, (True, True),
         ("{root}/syslog:local1",)),
    Case("a comment that goes on", "# said \\\nCustomLog a.log common", False, (False, False)),
    Case("a line that goes on", "CustomLog \\\n a.log \\\n common", True, (True, True), ("{root}/a.log",)),
    Case("a module that is there", "<IfModule event.c>\nCustomLog a.log common\n</IfModule>\n"
         "<IfModule !setenvif_module>\nCustomLog b.log common\n</IfModule>", True, (True, True)),
    Case("a module that is not", "<IfModule mod_ssl.c>\nCustomLog a.log common\n</IfModule>",
         False, (False, False)),
    Case("defined before", "Define KEEP\nDefine WHERE a.log\n<IfDefine KEEP>\nCustomLog ${{WHERE}} common\n"
         "</IfDefine>", True, (True, True), ("{root}/a.log",)),
    Case("defined behind", "<IfDefine KEEP>\nCustomLog a.log common\n</IfDefine>\nDefine KEEP",
         False, (False, False)),
    Case("defined on the command line", "<IfDefine GIVEN>\nCustomLog a.log common\n</IfDefine>",
         True, (True, True)),
    Case("handed to a program that rotates", 'CustomLog "|/usr/bin/rotatelogs {root}/r.log 86400" common',
         True, (True, True), ("{root}/r.log",)),
    Case("another root", "ServerRoot {root}/inner\nCustomLog a.log common", True, (True, True),
         ("{root}/inner/a.log",)),
)  # fmt: skip


def said(text: str, arguments: bytes = b"") -> ServiceAudit | Gap:
    """What our reader says of one main file."""
    records = [
        command_capture(PLATFORM, INSTANCES, PROCESSES % arguments),
        *file_captures(PLATFORM, apache.FILES, {apache.DEBIAN: text.encode()}),
    ]
    reader = apache.READERS[0]
    fact = read_fact(reader, Evidence.of(OBJECT, PLATFORM, records))
    if isinstance(fact, Gap):
        return fact
    assert isinstance(fact, ApacheSettings)
    (instance,) = fact.instances
    if instance.gap is not None:
        return instance.gap
    (aspect,) = instance.aspects
    assert isinstance(aspect, ServiceAudit)
    return aspect


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_what_is_said(case: Case) -> None:
    names = {"root": "/srv/web", "one": "8001", "two": "8002"}
    audit = said((HEAD + case.lines).format(**names) + "\n", b" -DGIVEN")
    assert isinstance(audit, ServiceAudit), audit
    assert audit.on is case.on, audit
    assert audit.seen
    if case.to:
        kept = [d for d in audit.destinations if d.sink is LogSink.FILE]
        assert tuple(d.name for d in kept) == tuple(path.format(**names) for path in case.to)


@running
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_what_is_said_is_what_a_server_does(case: Case, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    one, two = _free_port(), _free_port()
    file = tmp_path / "server.conf"
    file.write_text((HEAD + case.lines).format(root=tmp_path, one=one, two=two) + "\n")
    before = {p for p in tmp_path.rglob("*") if p.is_file()}
    _server(file, "start")
    try:
        assert _answers(one)
        assert _answers(two)
        _wait_for_lines(tmp_path, before, sum(case.written))
    finally:
        _server(file, "stop")
        _wait_for_end(tmp_path / "pid")
    lines = _lines(tmp_path, before)
    if case.written[0] is case.written[1]:
        assert (lines > 0) is case.written[0]
        if case.written[0]:
            assert lines >= 2
    else:
        assert lines == 1


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("Include other.d/*.conf", "not asked for"),
        ("Use Site a b", "a macro"),
        ("<VirtualHost *:80>", "never closed"),
        ('CustomLog "a.log common', "a quote"),
        ("<IfFile /etc/x>\nDefine W a\n</IfFile>\nCustomLog ${{W}} common", "on a condition"),
        ("Include apache2.conf", "includes itself"),
    ],
)
def test_what_is_not_understood_is_not_seen(lines: str, why: str) -> None:
    text = HEAD.replace("{root}", "/etc/apache2").format(one=1, two=2) + lines.replace("{{", "{") + "\n"
    gap = said(text.replace("}}", "}"))
    assert isinstance(gap, Gap)
    assert why in gap.detail


@pytest.mark.parametrize(
    "section", ["IfFile /srv/x", "IfVersion >= 2.4", "IfModule mod_log_config.c", "IfModule x.c"]
)
def test_a_condition_that_is_not_known_settles_nothing(section: str) -> None:
    name = section.split(maxsplit=1)[0]
    text = HEAD.format(root="/srv", one=1, two=2)
    audit = said(f"{text}<{section}>\nCustomLog a.log common\n</{name}>\n")
    assert isinstance(audit, ServiceAudit)
    assert audit.on is None


def _lines(folder: Path, before: set[Path]) -> int:
    """Lines in files that the server made, but for its complaints."""
    new = {p for p in folder.rglob("*") if p.is_file()} - before - {folder / "errors", folder / "pid"}
    return sum(len(p.read_text().splitlines()) for p in new)


def _wait_for_lines(folder: Path, before: set[Path], least: int) -> None:
    """Records are written when an answer is out, and a program that takes them needs its time."""
    for _ in range(200):
        if _lines(folder, before) >= least:
            return
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


def _server(file: Path, act: str) -> None:
    assert APACHE is not None
    argv = [APACHE, "-f", str(file), "-DGIVEN", "-k", act]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def _answers(port: int) -> bool:
    for _ in range(100):
        with suppress(OSError):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/{port}", timeout=10).close()
            except HTTPError as answer:
                answer.close()
            return True
        time.sleep(0.1)
    return False


def _wait_for_end(pid: Path) -> None:
    for _ in range(100):
        if not pid.exists():
            return
        time.sleep(0.1)
