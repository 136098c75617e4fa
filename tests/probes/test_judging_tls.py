"""What a row of answers to client hellos says about versions: refusing counts only beside an offer."""

from __future__ import annotations

import pytest

from collectors.platforms.wire.exchange import Conversation, Exchange, Said
from collectors.platforms.wire.tls import _endpoint
from collectors.platforms.wire.tls_records import VERSIONS
from scanner.facts import Offer
from scanner.model import Gap
from tests.probes.test_messages import tls_hello_back

YES, NO, OPEN = Offer.OFFERED, Offer.REFUSED, Offer.UNKNOWN


def alert(number: int) -> bytes:
    return b"\x15\x03\x01\x00\x02\x02" + bytes([number])


def hello(version: str) -> bytes:
    number = VERSIONS[version]
    return tls_hello_back(0x303, selected=0x304) if version == "TLSv1.3" else tls_hello_back(number)


def exchange(*told: tuple[str, bytes, str]) -> Exchange:
    conversations = tuple(
        Conversation(label, (Said("got", data, n),) if data else (), end, n, n)
        for n, (label, data, end) in enumerate(told, 1)
    )
    return Exchange("tls", "tcp/443", "x/tls:tcp/443", conversations)


TAKEN = ("tlsv1.2", hello("TLSv1.2"), "done")


@pytest.mark.parametrize(
    ("offer", "told"),
    [
        (YES, [TAKEN, ("tlsv1", hello("TLSv1"), "done")]),
        (YES, [TAKEN, ("tlsv1", alert(80), "done"), ("tlsv1-again", hello("TLSv1"), "done")]),
        (NO, [("tlsv1", alert(70), "done")]),
        (NO, [TAKEN, ("tlsv1", hello("SSLv3"), "done")]),
        (NO, [TAKEN, ("tlsv1", alert(40), "done"), ("tlsv1-again", alert(40), "done")]),
        (NO, [TAKEN, ("tlsv1", alert(80), "done"), ("tlsv1-again", alert(71), "done")]),
        (NO, [TAKEN, ("tlsv1", b"", "closed"), ("tlsv1-again", b"", "reset")]),
        (OPEN, [TAKEN]),
        (OPEN, [TAKEN, ("tlsv1", alert(40), "done")]),
        (OPEN, [TAKEN, ("tlsv1", alert(50), "done"), ("tlsv1-again", alert(50), "done")]),
        (OPEN, [TAKEN, ("tlsv1", alert(112), "done"), ("tlsv1-again", alert(112), "done")]),
        (OPEN, [TAKEN, ("tlsv1", b"", "closed")]),
        (OPEN, [TAKEN, ("tlsv1", b"", "closed"), ("tlsv1-again", b"", "timeout")]),
        (OPEN, [TAKEN, ("tlsv1", b"", "timeout")]),
        (OPEN, [TAKEN, ("tlsv1", b"\x16\x03", "closed"), ("tlsv1-again", b"\x16\x03", "closed")]),
        (OPEN, [TAKEN, ("tlsv1", hello("TLSv1")[:20], "cap")]),
        (OPEN, [TAKEN, ("tlsv1", hello("TLSv1.2"), "done")]),  # more than was asked for
        (OPEN, [TAKEN, ("tlsv1", tls_hello_back(0x9999), "done")]),
        # nothing was taken: no refusal but of the version itself means anything
        (OPEN, [("tlsv1", alert(40), "done"), ("tlsv1-again", alert(40), "done")]),
        (OPEN, [("tlsv1.2", alert(40), "done"), ("tlsv1", b"", "closed"), ("tlsv1-again", b"", "closed")]),
    ],
)
def test_version_one(offer: Offer, told: list[tuple[str, bytes, str]]) -> None:
    endpoint = _endpoint(443, exchange(*told))
    assert endpoint is not None
    (version,) = (v for v in endpoint.versions if v.version == "TLSv1")
    assert version.offer is offer, version
    assert version.at.capture
    assert isinstance(endpoint.certificate, Gap)


@pytest.mark.parametrize(
    "junk", [b"", b"HTTP/1.1 400\r\n", b"SSH-2.0-x\r\n", bytes(50), b"\x16\x03\x03\xff\xff"]
)
def test_what_is_no_tls_is_no_endpoint(junk: bytes) -> None:
    assert _endpoint(443, exchange(("tlsv1.2", junk, "closed"), ("tlsv1.3", junk, "closed"))) is None
