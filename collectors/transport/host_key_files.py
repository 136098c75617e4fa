"""known_hosts files: read with every connection, appended to only where new keys were asked for."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.transport import known_hosts
from collectors.transport.known_hosts import Decision, HostKey, KnownHosts, Ruling
from scanner.errors import ObservationError
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Sequence


class HostKeyFiles:
    """known_hosts files of one run; remembers what it parsed until a file changes. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parsed: dict[str, tuple[tuple[int, int, int], KnownHosts]] = {}

    def read(self, paths: Sequence[str]) -> KnownHosts:
        """Parse all files in order; a missing file is an empty one.

        Raises:
            ObservationError: a file exists and cannot be read (it may hold revocations).
        """
        with self._lock:
            known = KnownHosts()
            for path in paths:
                known += self._file(path)
            return known

    def _file(self, path: str) -> KnownHosts:
        try:
            file = Path(path).expanduser()
            status = file.stat()
            version = (status.st_mtime_ns, status.st_size, status.st_ino)
            kept = self._parsed.get(path)
            if kept is not None and kept[0] == version:
                return kept[1]
            known = known_hosts.parse(file.read_bytes().decode("utf-8", "surrogateescape"), path)
        except FileNotFoundError:
            return KnownHosts()
        except (OSError, RuntimeError) as error:
            raise _unusable(f"known_hosts file {path} cannot be read: {error}") from error
        self._parsed[path] = (version, known)
        return known

    def judge(self, paths: Sequence[str], name: str, offered: HostKey, *, accept_new: bool) -> Ruling:
        """Decide on the offered key; with ``accept_new`` an unknown one is recorded and accepted.

        Raises:
            ObservationError: a file cannot be read or written.
        """
        ruling = known_hosts.decide(self.read(paths), name, offered)
        if ruling.decision is not Decision.UNKNOWN or not accept_new or not ruling.recordable:
            return ruling
        if not paths:
            return Ruling(Decision.UNKNOWN, "no known_hosts file is named to record new keys in")
        return self._record(paths, name, offered)

    def _record(self, paths: Sequence[str], name: str, offered: HostKey) -> Ruling:
        """Append under a lock, after looking again: another thread or program may have been first."""
        file = Path(paths[0]).expanduser()
        try:
            line = known_hosts.record(name, offered).encode("utf-8", "surrogateescape")
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "r+b", buffering=0) as opened:
                fcntl.flock(opened, fcntl.LOCK_EX)
                ruling = known_hosts.decide(self.read(paths), name, offered)
                if not ruling.recordable:
                    return ruling
                size = opened.seek(0, os.SEEK_END)
                if size:
                    opened.seek(size - 1)
                    line = line if opened.read(1) == b"\n" else b"\n" + line
                opened.write(line)
                os.fsync(handle)
        except (OSError, ValueError) as error:
            raise _unusable(f"the new host key cannot be recorded in {paths[0]}: {error}") from error
        return Ruling(Decision.ACCEPT, f"recorded in {paths[0]}")


def _unusable(why: str) -> ObservationError:
    return ObservationError(Gap(GapReason.HOST_KEY, detail=why, needs="a known_hosts file that can be used"))
