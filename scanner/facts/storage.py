"""Facts about data at rest: file systems, swap, and what crashes leave behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.facts.value import Fact, Value

if TYPE_CHECKING:
    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class DataMount:
    """One file system that holds data. ``encrypted`` by the host itself; None: that was not seen.

    What a disk, a hypervisor or a program encrypts below or above it does not show here.
    """

    path: str
    filesystem: str
    device: str
    encrypted: bool | None
    at: Citation


@dataclass(frozen=True, slots=True)
class Storage(Fact):
    """File systems that hold data: those of start-up, of memory and of the network left out."""

    mounts: tuple[DataMount, ...]


@dataclass(frozen=True, slots=True)
class SwapArea:
    """One swap area in use; ``kept`` is whether it outlives a reboot (compressed memory does not)."""

    device: str
    encrypted: bool | None
    kept: bool
    at: Citation


@dataclass(frozen=True, slots=True)
class Swap(Fact):
    """Swap areas in use; none: nothing is swapped."""

    areas: tuple[SwapArea, ...]


@dataclass(frozen=True, slots=True)
class DumpKeeping(Fact):
    """Where systemd-coredump keeps dumps: ``none``, ``external`` (the default) or ``journal``."""

    storage: Value[str]
