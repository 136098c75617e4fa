"""Ports that a profile names, by protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.threshold import naming

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class PortList:
    """Ports by protocol."""

    tcp: tuple[int, ...] = field(metadata=naming())
    udp: tuple[int, ...] = field(metadata=naming())

    def __post_init__(self) -> None:
        """Refuse what is no port.

        Raises:
            ValueError: a number below 1 or above 65535.
        """
        for port in (*self.tcp, *self.udp):
            if not 1 <= port <= _LAST_PORT:
                raise ValueError(f"{port} is no port")

    def names(self, protocol: str, port: int, last: int | None = None) -> bool:
        """Whether the list names the port, or one of those from it to ``last``."""
        return any(port <= one <= (last or port) for one in (self.tcp if protocol == "tcp" else self.udp))

    def __str__(self) -> str:
        """Render as ``tcp 20-21 23, udp 69``, runs drawn together."""
        return ", ".join(f"{name} {_runs(ports)}" for name, ports in (("tcp", self.tcp), ("udp", self.udp)))


def _runs(ports: Iterable[int]) -> str:
    """Numbers in order, those that follow each other as ``first-last``."""
    runs: list[list[int]] = []
    for port in sorted(set(ports)):
        if runs and runs[-1][-1] == port - 1:
            runs[-1].append(port)
        else:
            runs.append([port])
    return " ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs) or "-"
