"""What loaded filters prove, whatever their words: defaults by hook and family, who reaches which port."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scanner.facts.filter import Default, Family, Hook
from scanner.facts.value import Fact
from scanner.model import Citation


class Sources(StrEnum):
    """Who gets through to a port by the filters' word; interfaces other than loopback alike."""

    ANYWHERE = "anywhere"  # surely, by every interface
    NAMED = "named"  # named networks at most, each no wider than a /8
    NOBODY = "nobody"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ProvenDefault:
    """What becomes of new packets that no rule names. ``at``: the lines that decide, never empty.

    DENY: surely dropped or rejected, by every interface; ACCEPT: surely let through; else UNKNOWN.
    ``stateful``: whether some packets pass only because their connection is known, None where neither is
    proved; ``state_at``: the lines that let them pass.
    """

    hook: Hook
    family: Family
    default: Default
    at: tuple[Citation, ...]
    stateful: bool | None = None
    state_at: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class ProvenPort:
    """A listening socket that is bound to more than loopback, as new connections of one family meet it.

    ``networks``: who gets in where the sources are NAMED. ``at``: rules and policies that decide; empty only
    where no filter sees the packets.
    """

    protocol: str
    address: str
    port: int
    family: Family
    sources: Sources
    networks: tuple[str, ...]
    processes: tuple[str, ...]
    socket: Citation
    at: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A port of the host that a rule of address translation sends elsewhere (a container, a pod, a guest).

    ``to``: address and port there; ``by``: the program that wrote the rule, "" where it is not known.
    ``sources``: who gets through the filters for forwarded packets; ``around``: whether the filter for the
    host's own packets would have denied the same port to strangers, None where that is not certain.
    ``at``: the translating rule, then those that decide.
    """

    protocol: str
    port: int
    last: int
    family: Family
    to: str
    by: str
    sources: Sources
    around: bool | None
    at: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class BootChange:
    """A packet for the host that fares otherwise once the files at boot are loaded.

    ``opens``: it is denied now and will be let through (the file opens a port that is not open yet, or a
    loaded rule that denies was not saved); else it is let through now and will be denied. ``now``, ``then``:
    the lines that decide. ``packet``: one of them.
    """

    opens: bool
    packet: str
    now: Citation
    then: Citation


@dataclass(frozen=True, slots=True)
class ProvenFilter(Fact):
    """All that is proved of a host's filters. ``ports`` is None where the sockets were not seen.

    ``changes``: what a reboot would change for packets to the host; None where the two cannot be compared.

    ``unproved``: sockets that were too many to be followed through so many rules.
    """

    defaults: tuple[ProvenDefault, ...]
    ports: tuple[ProvenPort, ...] | None
    published: tuple[Published, ...]
    unproved: int = 0
    changes: tuple[BootChange, ...] | None = None

    def default(self, hook: Hook, family: Family) -> ProvenDefault | None:
        """Return what is proved of a hook; None where no filter hangs there."""
        return next((d for d in self.defaults if (d.hook, d.family) == (hook, family)), None)
