"""A real Net-SNMP agent: whom it answers is what its file is said to mean."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.platforms.linux.services.daemons import DAEMONS
from collectors.platforms.linux.services.roots import ROOTS
from collectors.platforms.linux.services.snmp import FILES, HOME, read_agent
from collectors.redact import redact
from tests.platforms.fixture import command_capture, file_captures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not (shutil.which("snmpd") and shutil.which("snmpget")), reason="needs snmpd and snmpget"
)

NAME = "1.3.6.1.2.1.1.5.0"
PROCESSES = b"""\
      1       0     0 root     systemd          0::/init.scope  /lib/systemd/systemd
    501       1     0 root     snmpd            0::/system.slice/snmpd.service  /usr/sbin/snmpd -f
"""
AT_HOME = b"".join(b"/proc/%d/mountinfo:27 1 254:0 / / rw - ext4 /dev/vda1 rw\n" % pid for pid in (1, 501))
CHAIN = "com2sec readers default public\ngroup Readers v2c readers\nview everything included .1\n"
FILES_OF_AGENTS = {
    "a line of its own": ("rocommunity public\n", True),
    "another word": ("rocommunity Hk2-long-and-odd\n", False),
    "a chain": (CHAIN + 'access Readers "" any noauth exact everything none none\n', True),
    "a chain without access": (CHAIN, False),
    "a chain that asks for proof": (CHAIN + 'access Readers "" any auth exact everything none none\n', False),
    "a chain that shows nothing": (CHAIN + 'access Readers "" any noauth exact none none none\n', False),
    "version 3 only": ("rouser watcher authpriv\n", False),
    "a view": ("view system included .1.3.6.1.2.1.1\nrocommunity public default -V system\n", True),
}


@contextmanager
def agent(folder: Path, text: str) -> Iterator[str]:
    """An agent with this file alone, on a free port of the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    file = folder / "snmpd.conf"
    file.write_text(text)
    environment = {"SNMP_PERSISTENT_DIR": str(folder), "PATH": "/usr/sbin:/usr/bin"}
    argv = ("snmpd", "-f", "-Ln", "-C", "-c", str(file), f"udp:{place}")
    with subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL) as running:
        try:
            yield place
        finally:
            running.terminate()


def answered(place: str) -> bool:
    """Whether the agent tells the community that everybody knows its name; it may need a moment to start."""
    argv = ("snmpget", "-v2c", "-c", "public", "-t", "0.4", "-r", "5", place, NAME)
    done = subprocess.run(argv, capture_output=True, check=False, timeout=60)
    return done.returncode == 0 and b"No Such" not in done.stdout


@pytest.mark.parametrize("name", FILES_OF_AGENTS)
def test_an_agent_answers_whom_its_file_lets_in(name: str, tmp_path: Path) -> None:
    text, lets_in = FILES_OF_AGENTS[name]
    records = [
        command_capture(PLATFORM, DAEMONS, PROCESSES),
        command_capture(PLATFORM, ROOTS, AT_HOME),
        *(
            redact(r, b"k" * 32)
            for r in file_captures(PLATFORM, FILES, {"/etc/snmp/snmpd.conf": text.encode()})
        ),
        *file_captures(PLATFORM, HOME, {}),
    ]
    said = read_agent(Evidence.of("host", PLATFORM, records))
    assert any(c.default_word and c.lets_in for c in said.communities) is lets_in
    with agent(tmp_path, text) as place:
        assert answered(place) is lets_in
