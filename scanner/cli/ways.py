"""From a reach to its transport: the one place that knows every way to an object."""

from __future__ import annotations

import getpass
import os
import random
import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scanner.model import TransportKind

if TYPE_CHECKING:
    from types import TracebackType

    from collectors.base import Transport
    from collectors.transport.ssh_connect import Bastions
    from scanner.model import Reach


class Ways:
    """Transports of one run; what they share (bastions, typed secrets) lives as long as the context."""

    def __init__(self) -> None:
        self._bastions: Bastions | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bastions is not None:
            self._bastions.close()

    def transport(self, reach: Reach) -> Transport:
        """Transport to an object; opens nothing yet.

        Raises:
            InputError: the way cannot be taken as the inventory says.
        """
        if reach.transport is TransportKind.SSH:
            return self._ssh(reach)
        if reach.transport is TransportKind.TREE:
            return _tree(reach)
        if reach.transport is TransportKind.IMPORT:
            return _import(reach)
        if reach.transport is TransportKind.GIVEN:
            return _given(reach)
        if reach.transport is TransportKind.REPLAY:
            return _replay(reach)
        if reach.transport is TransportKind.PROBE:
            return _probe(reach)
        return _shell(reach)

    def prepare(self, reaches: tuple[Reach, ...]) -> None:
        """Ask for every typed secret now, before workers begin and the terminal shows progress."""
        from collectors.credentials import CredentialReference

        if not any(r.transport is TransportKind.SSH for r in reaches):
            return
        references = [c for r in reaches for hop in r.hops for c in hop.credentials]
        self._shared().client.credentials.ask_all(
            CredentialReference.parse(c) for c in dict.fromkeys(references)
        )

    def _ssh(self, reach: Reach) -> Transport:
        from collectors.transport.ssh import ssh_transport

        return ssh_transport(reach, self._shared(), _utc, _marker)

    def _shared(self) -> Bastions:
        """Connections that objects share, made when the first is needed."""
        if self._bastions is None:
            from collectors.credentials import Credentials, TerminalAsker
            from collectors.transport.ssh import open_bastions

            asker = TerminalAsker(sys.stdin.isatty, getpass.getpass, input)
            credentials = Credentials(os.environ, asker)
            self._bastions = open_bastions(credentials, time.sleep, random.random, time.monotonic)
        return self._bastions


def _tree(reach: Reach) -> Transport:
    from collectors.frames import Origin
    from collectors.transport.tree import TreeTransport

    return TreeTransport(reach.path, Origin(reach.object, reach.platform, reach.vantage), _utc)


def _import(reach: Reach) -> Transport:
    """What the collector's script printed."""
    from collectors.frames import Origin
    from collectors.transport.imported import ImportTransport

    origin = Origin(reach.object, reach.platform, reach.vantage)
    return ImportTransport(Path(reach.path), origin, _utc, reach.limits.max_bytes)


def _given(reach: Reach) -> Transport:
    """Results of a vulnerability scanner."""
    from collectors.frames import Origin
    from collectors.platforms.vulnscan.reduced import reduced
    from collectors.transport.given import GivenTransport

    origin = Origin(reach.object, reach.platform, reach.vantage)
    return GivenTransport(Path(reach.path), origin, _utc, reach.limits.max_bytes, reduced)


def _shell(reach: Reach) -> Transport:
    from collectors.frames import Origin
    from collectors.transport.command import command_pipe
    from collectors.transport.local import ProcessPipe
    from collectors.transport.shell import ShellTransport

    origin = Origin(reach.object, reach.platform, reach.vantage)
    if reach.transport is TransportKind.COMMAND:
        return ShellTransport(command_pipe(reach.prefix, reach.limits, time.monotonic), origin, _utc, _marker)
    return ShellTransport(ProcessPipe(reach.limits, time.monotonic), origin, _utc, _marker)


def _replay(reach: Reach) -> Transport:
    """Captures of an earlier run."""
    from collectors.transport.replay import ReplayTransport
    from scanner.locker import Locker

    with Locker.open(Path(reach.path), "read") as locker:
        return ReplayTransport(locker.records(reach.object))


def _probe(reach: Reach) -> Transport:
    from collectors.transport.probe import ProbeTransport

    return ProbeTransport(reach, time.monotonic)


def _utc() -> datetime:
    return datetime.now(UTC)


def _marker() -> str:
    return secrets.token_hex(16)
