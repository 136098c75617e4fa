"""Real servers that log users in, in clear or not, met from another host and from their own."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from scanner.facts import WireServices
from tests.probes.conftest import IP, TARGET, announced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.probes.conftest import Pair

pytestmark = pytest.mark.wire

SUPER_SERVER = """
import socket, subprocess, sys
listening = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
while True:
    connection = listening.accept()[0]
    subprocess.Popen(sys.argv[3:], stdin=connection, stdout=connection, stderr=subprocess.DEVNULL)
    connection.close()
"""
BASIC = """
import http.server, sys
class Asking(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Basic realm=staff")
        self.end_headers()
server = http.server.HTTPServer((sys.argv[1], 80), Asking)
print("ready", flush=True)
server.serve_forever()
"""
VSFTPD = """
listen=YES
listen_ipv6=NO
listen_port={port}
background=NO
anonymous_enable=YES
local_enable={local}
secure_chroot_dir={empty}
"""


@pytest.fixture(scope="module")
def served(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Telnet on 23, FTP for users on 21 and for everybody on 990, HTTP that asks for a name on 80."""
    for needed in ("/usr/sbin/telnetd", "/usr/sbin/vsftpd"):
        if not os.access(needed, os.X_OK):
            pytest.skip(f"no {needed}")
    folder = tmp_path_factory.mktemp("ftp")
    (folder / "empty").mkdir(mode=0o555)
    with (
        pair.serving(sys.executable, "-c", SUPER_SERVER, TARGET, "23", "/usr/sbin/telnetd"),
        pair.serving("/usr/sbin/vsftpd", str(configured(folder, 21, "YES")), until=""),
        pair.serving("/usr/sbin/vsftpd", str(configured(folder, 990, "NO")), until=""),
        pair.serving(sys.executable, "-c", BASIC, TARGET),
    ):
        time.sleep(1.0)
        yield pair


def configured(folder: Path, port: int, local: str) -> Path:
    path = folder / f"{port}.conf"
    path.write_text(VSFTPD.format(port=port, local=local, empty=folder / "empty"), encoding="utf-8")
    path.chmod(0o600)
    return path


def test_servers_that_ask_who_we_are_in_clear(served: Pair) -> None:
    seen = served.look()
    services = seen.sheet.get(WireServices)
    assert isinstance(services, WireServices)
    told = {s.port: (s.family, s.cleartext, s.login, s.elsewhere) for s in services.services}
    assert told == {
        21: ("ftp", True, True, True),
        23: ("telnet", True, True, True),
        80: ("http", True, True, True),
        990: ("ftp", True, False, True),
    }
    for port in told:
        asked = sum(announced(step).packets for step in ("banner", "tls", "ssh", "openvpn-tcp"))
        assert seen.counted["packets_to"][f"tcp/{port}"] <= asked + 2 * 3


def test_a_host_that_looks_at_itself_is_no_other_host(served: Pair) -> None:
    seen = served.look(within=(IP, "netns", "exec", served.target))
    services = seen.sheet.get(WireServices)
    assert isinstance(services, WireServices)
    told = {s.port: (s.login, s.elsewhere) for s in services.services}
    assert told == {21: (True, False), 23: (True, False), 80: (True, False), 990: (False, False)}
