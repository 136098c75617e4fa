"""The port sweep: nmap, with a rate, a time-out and XML; only numeric addresses ever reach its argv."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from collectors.platforms.wire.limits import SWEEP_PACKETS, UDP_PORTS, UDP_SWEEP_PACKETS, count
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collectors.probes.target import Target

_GRACE = 5.0
"""Seconds that nmap gets beyond its own time-out to write its XML."""

_NO_ROUTE = ("failed to determine route", "Network is unreachable", "No route to host")


class Nmap:
    """An nmap that can be started; python-nmap finds it and understands what it writes."""

    def __init__(self) -> None:
        """Find nmap.

        Raises:
            FileNotFoundError: there is none.
        """
        import nmap  # type: ignore[import-untyped]

        self._errors = nmap.PortScannerError
        try:
            self._scanner = nmap.PortScanner()
        except self._errors as error:
            raise FileNotFoundError("nmap") from error

    def argv(self, target: Target, technique: tuple[str, ...], ports: str, seconds: float) -> tuple[str, ...]:
        """Literal argv of one sweep."""
        return (
            "nmap",
            *technique,
            *(("-6",) if target.address.version == 6 else ()),
            "-n",
            "-Pn",
            "--max-retries",
            "1",
            "--max-rtt-timeout",
            "900ms",
            "--max-rate",
            str(target.purse.rate),
            "--host-timeout",
            f"{max(1, int(seconds))}s",
            "--no-stylesheet",
            "-p",
            ports,
            "-oX",
            "-",
            str(target.address),
        )

    def open_ports(self, sweep: bytes, address: str) -> tuple[int, ...]:
        """Open TCP ports of a sweep; one that did not finish has none."""
        if b"<finished " not in sweep:
            return ()
        try:
            told = self._scanner.analyse_nmap_xml_scan(sweep.decode("utf-8", "replace"))
        except self._errors:
            return ()
        ports = told.get("scan", {}).get(address, {}).get("tcp", {})
        return tuple(sorted(port for port, state in ports.items() if state.get("state") == "open"))


def sweep_tcp(target: Target, nmap: Nmap, ports: str, *, raw: bool, seconds: float) -> bytes | Gap:
    """Sweep TCP ports; XML, or why there is none. A connect sweep needs no rights.

    Raises:
        SpentError: the budget does not allow the sweep.
    """
    target.purse.take_at_its_own_pace(count(ports) * SWEEP_PACKETS)
    # Left to itself nmap slows down where packets are dropped: a filtered host would take all the time.
    technique = ("-sS" if raw else "-sT", "--min-rate", str(target.purse.rate))
    return _run(nmap.argv(target, technique, ports, seconds), seconds)


def sweep_udp(target: Target, nmap: Nmap, *, seconds: float) -> bytes | Gap:
    """Sweep UDP ports with empty datagrams: nmap's own would try a community name.

    Raises:
        SpentError: the budget does not allow the sweep.
    """
    target.purse.take_at_its_own_pace(len(UDP_PORTS) * UDP_SWEEP_PACKETS)
    ports = ",".join(map(str, UDP_PORTS))
    return _run(nmap.argv(target, ("-sU", "--data-length", "0"), ports, seconds), seconds)


def _run(argv: tuple[str, ...], seconds: float) -> bytes | Gap:
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds + _GRACE, check=False
        )
    except subprocess.TimeoutExpired:
        return Gap(GapReason.TIMED_OUT, detail=f"nmap: no end after {seconds + _GRACE:g} seconds")
    except FileNotFoundError:
        return Gap(GapReason.COMMAND_MISSING, detail="nmap: not found here", needs="nmap")
    except OSError as error:
        return Gap(GapReason.COMMAND_FAILED, detail=f"nmap: {error.strerror}")
    said = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
    if any(words in said for words in _NO_ROUTE):
        return Gap(GapReason.UNREACHABLE, detail=said)
    if done.returncode:
        return Gap(GapReason.COMMAND_FAILED, detail=f"nmap: exit status {done.returncode}: {said}")
    return done.stdout
