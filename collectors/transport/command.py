"""Objects behind a local command line: a container, a namespace, a mounted system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.program import LAUNCH_ARGV
from collectors.transport.local import ProcessPipe
from scanner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.model import Limits


def command_pipe(prefix: tuple[str, ...], limits: Limits, now: Callable[[], float]) -> ProcessPipe:
    """Pipe to the shell that ``prefix`` opens, e.g. ``docker exec -i NAME`` or ``nsenter -t 1 -m -p --``.

    The prefix is an argv of the user's own inventory; no shell ever reads it.

    Raises:
        InputError: the prefix is empty, or holds something that is no argument.
    """
    if not prefix or not all(prefix) or any("\0" in argument for argument in prefix):
        raise InputError(f"a command prefix is a list of arguments, none of them empty: {list(prefix)!r}")
    return ProcessPipe(limits, now, (*prefix, *LAUNCH_ARGV))
