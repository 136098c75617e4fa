"""Tunnels that are IP protocols of their own: one bare header each; a refusal by ICMP proves absence.

The only module that knows scapy. It builds headers without any packet inside, so that no tunnel carries
anything of ours anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.wire.icmp_message import PROTOCOLS, read_unreachable
from collectors.platforms.wire.limits import TRIES
from collectors.probes.recorder import Recorder
from collectors.probes.target import own_address

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from collectors.probes.rights import RawSockets
    from collectors.probes.target import Target

    Build = Callable[[str, str, str], bytes]
    """Source address, destination address, label: the packet."""

_WAIT = 1.1
"""Seconds that an answer may take; Linux says "unreachable" to a peer once a second after its first few."""
_INSTANT = 0.001
_QUEUED = 10_000
"""Most messages taken from the socket's queue: more than the kernel keeps there."""


def builder() -> Build:
    """Load scapy and return what builds the packets; to be called while files may still be read."""
    from scapy.compat import raw
    from scapy.layers.inet import IP
    from scapy.layers.l2 import GRE

    bodies = {"gre": raw(GRE(proto=0)), "ipip": b"", "esp": bytes.fromhex("0000010000000001") + bytes(16)}

    def build(source: str, destination: str, label: str) -> bytes:
        return bytes(raw(IP(src=source, dst=destination, proto=PROTOCOLS[label]) / bodies[label]))

    return build


def send(target: Target, sockets: RawSockets, build: Build) -> bytes:
    """Return the exchange with all protocols, one conversation each.

    Raises:
        SpentError: the budget does not allow another packet.
    """
    recorder = Recorder(target.clock.now)
    address = str(target.address)
    source = own_address(target.address)
    for label in PROTOCOLS:
        recorder.open(label)
        try:
            _ask(target, sockets, recorder, label, build(source, address, label))
        except OSError:
            recorder.end("unreachable")
        finally:
            recorder.end("timeout")
    return recorder.content


def _ask(target: Target, sockets: RawSockets, recorder: Recorder, label: str, packet: bytes) -> None:
    _forget(sockets.icmp)
    for _ in range(TRIES):
        target.purse.take(1)
        sockets.out.sendto(packet, (str(target.address), 0))
        recorder.sent(packet)
        ends = target.clock.now() + target.purse.remaining(_WAIT)
        for _ in range(_QUEUED):
            # What is in the queue by then has come in time, however late this process wakes up.
            sockets.icmp.settimeout(max(ends - target.clock.now(), _INSTANT))
            try:
                said = sockets.icmp.recv(2048)
            except TimeoutError:
                break
            answer = read_unreachable(said)
            if (
                answer is not None
                and answer.protocol == PROTOCOLS[label]
                and answer.destination == target.address.packed
            ):
                recorder.got(said)
                recorder.end("done")
                return


def _forget(icmp: socket.socket) -> None:
    """Throw away what came before the question: a full queue has no room for the answer.

    The socket hears all ICMP of the vantage, what other sweeps provoke as well.
    """
    icmp.setblocking(False)
    for _ in range(_QUEUED):
        try:
            icmp.recv(2048)
        except BlockingIOError:
            return
