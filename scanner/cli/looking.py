"""The run of a scan: its file, the looks at its objects, and how to go on after an interruption."""

from __future__ import annotations

import secrets
import uuid
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scanner import __version__
from scanner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scanner.cli.interruption import Interruption
    from scanner.cli.ways import Ways
    from scanner.inventory import Inventory
    from scanner.locker import Locker
    from scanner.model import Event, Reach
    from scanner.model.text import Language
    from scanner.overlay_files import OverlayFile


def run_file(
    path: Path, inventory: Inventory, overlays: Sequence[OverlayFile] = (), *, resume: bool
) -> Locker:
    """A new run file, which keeps the overlays, or the interrupted (or finished) one of the same inventory.

    Raises:
        InputError: the file exists, or is a run of another inventory, or no run file.
    """
    from scanner.cli.judging import stored_profile
    from scanner.locker import Header, Locker, canonical

    if resume:
        locker = Locker.open(path, "resume")
        if canonical(locker.header.inventory) != canonical(inventory.normalised):
            locker.close()
            raise InputError(
                f"{path} is a run of another inventory; take another file, or the same inventory"
            )
        return locker
    if path.exists():
        raise InputError(f"{path} exists; go on with --resume, or name another file")
    header = Header(
        tool=__version__,
        run=str(uuid.uuid4()),
        started=datetime.now(UTC),
        inventory=inventory.normalised,
        profile=stored_profile(overlays),
    )
    return Locker.create(path, header, secrets.token_bytes(32))


def look(
    locker: Locker,
    inventory: Inventory,
    workers: int,
    interruption: Interruption,
    language: Language,
    *,
    quiet: bool,
) -> None:
    """Look at every object that was not finished yet, then close the run."""
    from scanner.cli.ways import Ways

    done = locker.objects_finished()
    todo = tuple(reach for reach in inventory.reaches if reach.object not in done)
    with Ways() as ways:
        ways.prepare(todo)
        for event in _events(ways, todo, workers, locker.key, language, quiet=quiet):
            with interruption.postponed():
                locker.append(event)
    with interruption.postponed():
        locker.finish(datetime.now(UTC))


def _events(
    ways: Ways, todo: tuple[Reach, ...], workers: int, key: bytes, language: Language, *, quiet: bool
) -> Iterator[Event]:
    """Events of the looks, shown as progress once they are taken."""
    from collectors.redact import redact
    from collectors.run import observe
    from scanner.cli.judging import PLATFORM_BY_NAME
    from scanner.cli.progress import watching

    events = observe(
        todo,
        steps_of=lambda reach: PLATFORM_BY_NAME[reach.platform].steps,
        transport_of=ways.transport,
        workers=workers,
        clock=lambda: datetime.now(UTC),
        redact=lambda record: redact(record, key),
    )
    with closing(events), watching(len(todo), language, quiet=quiet) as watcher:
        for event in events:
            yield event
            watcher.see(event)
