"""Plain and TLS services with bad intentions on the usual ports: ``plain.py ADDRESS``; run in a namespace.

Prints ``ready`` and serves until standard input ends.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = (
    "\x1b[2J\x1b]0;owned\x07<script>window.pwned=1</script>"
    "<img src=http://127.0.0.1:9/ onerror=window.pwned=1>"
    "=cmd|' /C calc'!A0 \u202eTERCES"
)
"""What acts somewhere."""


def ftp(peer: socket.socket) -> None:
    peer.sendall(b"220-" + WORDS.encode() + b"\r\n" + b"220-\xff\xfe\xed\xb2\x80\r\n" * 1000)


def ssh(peer: socket.socket) -> None:
    peer.sendall(b"SSH-2.0-" + WORDS.encode() + b"\r\n\x00\x00\x80\x00\x06\x14")
    while True:
        peer.sendall(b"\0")
        time.sleep(0.1)


def telnet(peer: socket.socket) -> None:
    """Asks for every option, those that encrypt among them, and again."""
    while True:
        peer.sendall(
            b"".join(b"\xff" + bytes((verb, option)) for option in range(50) for verb in range(251, 255))
        )
        time.sleep(0.01)


def login(peer: socket.socket) -> None:
    """Asks in clear who we are, in words that act, and waits."""
    peer.sendall(b"\xff\xfb\x01" + WORDS.encode() + b"\r\nlogin: ")
    peer.recv(4096)
    time.sleep(60)


def smtp(peer: socket.socket) -> None:
    peer.sendall(b"220 ")
    while True:
        peer.sendall(b"A" * 65536)


def http(peer: socket.socket) -> None:
    peer.recv(4096)
    peer.sendall(b"HTTP/1.1 200 OK\r\nServer: " + WORDS.encode() + b"\r\n")
    while True:
        peer.sendall(b"X-More: " + b"y" * 8000 + b"\r\n")


def many_certificates(peer: socket.socket) -> None:
    """A TLS 1.2 handshake whose chain has thousands of certificates."""
    peer.recv(4096)
    hello = b"\x03\x03" + os.urandom(32) + b"\x00\xc0\x2b\x00\x00\x00"
    one = len(CERTIFICATE).to_bytes(3, "big") + CERTIFICATE
    chain = one * 5000
    body = len(chain).to_bytes(3, "big") + chain
    stream = b"\x02" + len(hello).to_bytes(3, "big") + hello + b"\x0b" + len(body).to_bytes(3, "big") + body
    for at in range(0, len(stream), 16384):
        piece = stream[at : at + 16384]
        peer.sendall(b"\x16\x03\x03" + len(piece).to_bytes(2, "big") + piece)


def huge_handshake(peer: socket.socket) -> None:
    """A message that says it has 16 MB, in the smallest records."""
    peer.recv(4096)
    peer.sendall(b"\x16\x03\x03\x00\x04\x02\xff\xff\xff")
    while True:
        peer.sendall(b"\x16\x03\x03\x00\x01\x00" * 1000)


def mid_record(peer: socket.socket) -> None:
    peer.recv(4096)
    peer.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + bytes(90))


SERVICES: dict[int, Callable[[socket.socket], None]] = {
    21: ftp,
    22: ssh,
    23: telnet,
    25: smtp,
    80: http,
    443: many_certificates,
    993: huge_handshake,
    995: mid_record,
    2323: login,
}


def _certificate() -> bytes:
    """Self-signed, with a name that acts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, WORDS[:60])])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=9))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


CERTIFICATE = _certificate()


def _serve(listener: socket.socket, behave: Callable[[socket.socket], None]) -> None:
    def answer(peer: socket.socket) -> None:
        with contextlib.suppress(OSError), peer:
            behave(peer)

    while True:
        peer, _ = listener.accept()
        threading.Thread(target=answer, args=(peer,), daemon=True).start()


def main() -> None:
    """Listen on all ports."""
    for port, behave in SERVICES.items():
        listener = socket.create_server((sys.argv[1], port))
        threading.Thread(target=_serve, args=(listener, behave), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
