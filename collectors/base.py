"""Seams of collecting: steps, transports, and the evidence that readers read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collectors.evidence import Evidence
    from scanner.facts import Fact
    from scanner.model import Capture, Gap, GapReason, Text


@dataclass(frozen=True, slots=True)
class Files:
    """Read every file that the shell patterns match, with metadata. Patterns are constants.

    A pattern that ends in a slash names folders; only a step of metadata may have such.
    ``privileged`` patterns may need root: where the login lacks it, the program tries ``sudo -n``.
    """

    patterns: tuple[str, ...]
    privileged: bool = False
    metadata_only: bool = False  # list with metadata, do not read (log files, folders)


@dataclass(frozen=True, slots=True)
class Command:
    """Run a constant argv. ``accepts`` lists exit statuses that are answers, not failures.

    ``account`` names the only account that it is run as: root goes over to it, any other login needs sudo,
    and without that it is not run at all. Only a privileged command has one.
    """

    argv: tuple[str, ...]
    privileged: bool = False
    accepts: tuple[int, ...] = (0,)
    account: str = ""  # "": the login's own, or root where it is privileged

    def __post_init__(self) -> None:
        """Refuse what no shell and no sudoers text could name.

        Raises:
            ValueError: an account that is no plain name, or that is asked for without privilege.
        """
        if self.account and not (self.privileged and self.account.isalpha() and self.account.isascii()):
            raise ValueError(f"no account of a privileged command: {self.account!r}")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A constant piece of POSIX sh for what no single command tells. Runs in a subshell."""

    text: str
    accepts: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Probe:
    """Send constant packets to the object's address; ``kind`` names a module of ``collectors.probes``.

    ``packets`` and ``connections`` are the most that it sends and opens **to one port** (to the whole target
    where ``per_port`` is False); a plan announces them and a sniffer must never count more.
    """

    kind: str
    packets: int
    connections: int
    per_port: bool = True
    raw: bool = False  # needs raw packets, so root or CAP_NET_RAW


Form = Files | Command | Snippet | Probe


@dataclass(frozen=True, slots=True)
class Step:
    """One constant thing to ask an object. Its id never changes meaning."""

    id: str
    form: Form
    why: Text
    control: str = ""
    """Positive control: a regular expression (bytes, multi-line) that a working answer always contains."""
    seconds: int = 10
    max_bytes: int = 1024 * 1024


class Transport(Protocol):
    """A way to put steps to one object."""

    def run(self, steps: Sequence[Step]) -> Iterator[Capture | Gap]:
        """Yield captures (several a step: one a file) and, for what gave none, gaps that name the step.

        Raises:
            ObservationError: the object as a whole could not be looked at, or not to the end.
        """
        ...


class Unseen(Exception):  # noqa: N818 - not an error: a reader's way to say that it cannot see
    """Raised inside a reader; becomes the fact's gap."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.detail)
        self.gap = gap


@dataclass(frozen=True, slots=True)
class Need:
    """Steps a fact is read from. Any one of ``steps`` suffices; a lone one is indispensable."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Pure function from evidence to one fact; ``needs`` and ``also`` name all steps that it may look at.

    ``also`` are steps that sharpen the fact: without them it says less, never something better.
    """

    fact: type[Fact]
    needs: tuple[Need, ...]
    read: Callable[[Evidence], Fact]
    also: tuple[Step, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps the reader may look at."""
        return (*(step for need in self.needs for step in need.steps), *self.also)


@dataclass(frozen=True, slots=True)
class Platform:
    """A kind of object we can read: its steps, its readers, and the refusals it prints as text."""

    name: str
    steps: tuple[Step, ...]
    readers: tuple[Reader, ...]
    refusals: tuple[tuple[str, GapReason], ...]
    """Regular expressions (text) over standard error and short answers, tried in order before any parsing."""
    typical: Mapping[str, int] = field(default_factory=dict)
    """Milliseconds that a step usually takes, by its id; for a plan only."""
