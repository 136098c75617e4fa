"""Real OpenSSH servers on loopback, each with its own keys, configuration and log."""

from __future__ import annotations

import getpass
import os
import random
import re
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collectors.credentials import Credentials, NoAsker
from collectors.transport.host_key_files import HostKeyFiles
from collectors.transport.shell import Stream
from collectors.transport.ssh import SshPipe
from collectors.transport.ssh_connect import Bastions, Client, Retries
from scanner.model import Hop, Limits, Reach, TransportKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.credentials import Asker

SSHD = next((path for path in ("/usr/sbin/sshd", "/usr/local/sbin/sshd") if Path(path).exists()), None)
USER = getpass.getuser()


def require_sshd() -> str:
    """Path of sshd; skips the test where this machine has none that can run."""
    if SSHD is None:
        pytest.skip("no OpenSSH server is installed (apt-get install openssh-server)")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    return SSHD


def tool(name: str) -> str:
    """Path of a program of OpenSSH's client or of procps; skips the test where it is absent."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} is installed (apt-get install openssh-client procps)")
    return found


def keygen(path: Path, *options: str) -> Path:
    """Make a key pair at ``path``; type, bits and passphrase by options of ssh-keygen."""
    arguments = options if "-N" in options else ("-N", "", *options)
    subprocess.run([tool("ssh-keygen"), "-q", "-C", "test", "-f", str(path), *arguments], check=True)
    return path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Sshd:
    """A running server."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    host_key: Path

    @property
    def log(self) -> str:
        """What sshd logged so far."""
        return (self.folder / "log").read_text(errors="replace")

    @property
    def accepted(self) -> int:
        """Successful logins."""
        return len(re.findall(r"^Accepted \S+ for ", self.log, re.MULTILINE))

    def known_hosts(self, *names: str) -> str:
        """Line of known_hosts for this server."""
        kind, key, *_ = self.host_key.with_name(self.host_key.name + ".pub").read_text().split()
        name = ",".join(names) or f"[127.0.0.1]:{self.port}"
        return f"{name} {kind} {key}\n"

    def stop(self) -> None:
        """Stop the listener and all sessions it started."""
        self.process.terminate()
        self.process.wait(10)


@dataclass
class Lab:
    """Starts servers and holds what a client needs to reach them; the client key opens every one."""

    folder: Path
    servers: list[Sshd] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sshd = require_sshd()
        self.key = keygen(self.folder / "id", "-t", "ed25519")
        self.known = self.folder / "known_hosts"
        self.known.write_text("")

    def start(self, config: str = "", *, host_key_type: str = "ed25519", known: bool = True) -> Sshd:
        """Start a server; it is recorded in known_hosts unless ``known`` is false."""
        folder = self.folder / f"sshd{len(self.servers)}"
        folder.mkdir()
        host_key = keygen(folder / "host", "-t", host_key_type)
        shutil.copy(self.key.with_name("id.pub"), folder / "authorized_keys")
        port = free_port()
        (folder / "config").write_text(
            f"""{config}
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {host_key}
            AuthorizedKeysFile {folder}/authorized_keys
            PidFile none
            UsePAM no
            UseDNS no
            StrictModes no
            PrintMotd no
            LogLevel VERBOSE
            PermitRootLogin yes
            """
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [self.sshd, "-D", "-e", "-f", str(folder / "config")], stdin=subprocess.DEVNULL, stderr=log
            )
        server = Sshd(folder, port, process, host_key)
        self.servers.append(server)
        eventually(lambda: "Server listening" in server.log)
        if known:
            with self.known.open("a") as file:
                file.write(server.known_hosts())
        return server

    def hop(self, server: Sshd, *credentials: str) -> Hop:
        """Hop to ``server`` as the user who runs the tests."""
        return Hop("127.0.0.1", server.port, USER, credentials or (f"key:{self.key}",))

    def reach(self, *hops: Hop, seconds: float = 20.0, max_bytes: int = 1 << 26) -> Reach:
        """Reach with this lab's known_hosts file."""
        limits = Limits(seconds=seconds, connect_seconds=min(10.0, seconds), max_bytes=max_bytes)
        return Reach(
            "object", "linux", TransportKind.SSH, hops=hops, known_hosts=(str(self.known),), limits=limits
        )

    def direct(self, server: Sshd, *credentials: str) -> Reach:
        """Reach ``server`` without bastion."""
        return self.reach(self.hop(server, *credentials))

    def stop(self) -> None:
        """Stop all servers."""
        for server in self.servers:
            server.stop()


def client(
    environ: Mapping[str, str] | None = None, asker: Asker | None = None, retries: Retries | None = None
) -> Client:
    """Client with a real clock and nobody to ask."""
    return Client(
        Credentials(environ or {}, asker or NoAsker()),
        HostKeyFiles(),
        retries or Retries(time.sleep, random.random),
        time.monotonic,
    )


def look(reach: Reach, program: bytes, bastions: Bastions | None = None) -> tuple[bytes, bytes]:
    """One look: both outputs of ``program``."""
    if bastions is None:
        with Bastions(client()) as own:
            return look(reach, program, own)
    out, err = bytearray(), bytearray()
    for stream, chunk in SshPipe(reach, bastions).exchange(program):
        (out if stream is Stream.OUT else err).extend(chunk)
    return bytes(out), bytes(err)


def eventually(condition: object, seconds: float = 10.0) -> None:
    """Wait until ``condition()`` holds; servers log a moment after they act."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def with_known(reach: Reach, path: Path) -> Reach:
    """The same reach with another known_hosts file."""
    return replace(reach, known_hosts=(str(path),))


def lab_in(folder: Path) -> Iterator[Lab]:
    """A lab that is stopped at the end."""
    lab = Lab(folder)
    try:
        yield lab
    finally:
        lab.stop()
