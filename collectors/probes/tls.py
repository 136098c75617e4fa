"""TLS: one client hello a version and connection; the certificate from the first that shows one."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from collectors.platforms.wire.tls_records import PROTOCOL_VERSION, VERSIONS, read_flight
from collectors.probes.connection import Connection
from collectors.probes.recorder import Recorder
from collectors.probes.tls_hello import client_hello

if TYPE_CHECKING:
    from collectors.platforms.wire.tls_records import Flight
    from collectors.probes.target import Target

_ORDER = ("TLSv1.2", "TLSv1.3", "TLSv1.1", "TLSv1", "SSLv3")
"""The version whose certificate is in clear first; two that most servers know before the rest."""

_SECONDS = 3.0
_BOX = 18.0


def send(target: Target, port: int) -> bytes:
    """Return the exchange; it stops early where the first two hellos brought nothing of TLS.

    Raises:
        SpentError: the budget does not allow another connection.
    """
    recorder = Recorder(target.clock.now)
    ends = target.clock.now() + _BOX
    flights: dict[str, Flight] = {}
    for asked in _ORDER:
        if target.clock.now() > ends or (len(flights) == 2 and not any(f.tls for f in flights.values())):
            break
        known = any(f.certificate for f in flights.values())
        flight = _hello(target, port, recorder, asked, certificate=not known)
        if _unclear(flight, recorder.ended):
            # An alert that names no version, or hanging up, counts only when it meets other suites as well.
            again = _hello(target, port, recorder, asked, certificate=not known, plain=True)
            flight = again if again.tls else flight
        flights[asked] = flight
    modern = flights.get("TLSv1.3")
    if (
        modern is not None
        and modern.version == VERSIONS["TLSv1.3"]
        and not any(f.certificate for f in flights.values())
    ):
        _certificate(target, port, recorder)
    return recorder.content


def _unclear(flight: Flight, ended: str) -> bool:
    """Whether the answer refuses without saying that it is the version; silence is not asked again."""
    if flight.version is not None or flight.alert == PROTOCOL_VERSION:
        return False
    return flight.alert is not None or ended in {"closed", "reset"}


def _hello(
    target: Target, port: int, recorder: Recorder, version: str, *, certificate: bool, plain: bool = False
) -> Flight:
    """Say one hello, with every cipher suite or (``plain``) the few that everybody had."""
    label = version.lower() + ("-again" if plain else "")

    def enough(data: bytes) -> bool:
        flight = read_flight(data)
        return flight.settled or (flight.version is not None and not certificate)

    with Connection(target, port, recorder, label, _SECONDS) as connection:
        connection.send(client_hello(version, target.nonce(32), target.nonce(32), plain=plain))
        said = connection.receive(enough, _SECONDS)
        if connection.alive and not enough(said):
            connection.time_out()
    return read_flight(said)


def _certificate(target: Target, port: int, recorder: Recorder) -> None:
    """Complete a handshake of TLS 1.3, whose certificate is encrypted, and leave at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate is what we look at; nothing is entrusted to it
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing)
    with Connection(target, port, recorder, "certificate", _SECONDS) as connection:
        while connection.alive:
            try:
                session.do_handshake()
            except ssl.SSLWantReadError:
                connection.send(outgoing.read())
                said = connection.receive(bool, _SECONDS)
                if not said:
                    break
                incoming.write(said)
                continue
            except ssl.SSLError:
                break
            der = session.getpeercert(binary_form=True)
            if der:
                recorder.certificate(der)
            return
        if connection.alive:
            connection.time_out()
