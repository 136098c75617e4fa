"""What the reading halves make of bytes: any bytes are read, and only the real thing is recognised."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.platforms.wire import telnet
from collectors.platforms.wire.certificate import read_certificate
from collectors.platforms.wire.exchange import Conversation, Said
from collectors.platforms.wire.icmp_message import read_unreachable
from collectors.platforms.wire.ike_message import (
    for_port,
    main_mode_question,
    read_answer,
    version_question,
)
from collectors.platforms.wire.openvpn_reset import answers, reset, sized, unsized
from collectors.platforms.wire.services import GREETING, HTTP, identify, next_question
from collectors.platforms.wire.snmp_message import engine_of, number_of
from collectors.platforms.wire.snmp_message import question as snmp_question
from collectors.platforms.wire.ssh_offer import read_offer
from collectors.platforms.wire.tls_records import VERSIONS, read_flight
from collectors.probes.tls_hello import client_hello
from scanner.facts import Strength
from scanner.model import Citation

if TYPE_CHECKING:
    from collections.abc import Callable

CORPORA = Path(os.environ.get("MLPS_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
VECTORS = CORPORA / "tunnel-vectors" / "active-probes.json"
AT = Citation("x/tls:tcp/1", 1, "")
SPI = b"OURSPI!!"


def vectors() -> list[dict[str, Any]]:
    """Probes of real daemons, recorded by others."""
    if not VECTORS.is_file():
        pytest.skip(f"no {VECTORS.name}")
    found: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))
    return found


FEAT = ("sent", b"FEAT\r\n")


def said(label: str, *parts: tuple[str, bytes]) -> Conversation:
    return Conversation(label, tuple(Said(kind, data, 2) for kind, data in parts), "done", 1, 3)


def tls_hello_back(version: int, *, selected: int | None = None) -> bytes:
    """A whole server hello."""
    extensions = b"" if selected is None else b"\x00\x2b\x00\x02" + selected.to_bytes(2, "big")
    body = version.to_bytes(2, "big") + bytes(32) + b"\0" + b"\x00\x2f" + b"\0"
    body += len(extensions).to_bytes(2, "big") + extensions if extensions else b""
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message


READERS: tuple[Callable[[bytes], object], ...] = (
    read_flight,
    read_offer,
    read_unreachable,
    number_of,
    engine_of,
    unsized,
    lambda data: next_question(data, ()),
    lambda data: next_question(data, (FEAT[1],)),
    telnet.refusals,
    telnet.asks_who,
    lambda data: read_answer(data, 500, SPI),
    lambda data: read_answer(data, 4500, SPI),
    lambda data: answers(data, SPI),
    lambda data: read_certificate(data, AT),
    lambda data: identify(
        [said(GREETING, ("got", data), ("sent", b"x"), ("got", data)), said(HTTP, ("got", data))]
    ),
)
STARTS = (
    b"",
    b"SSH-2.0-x\r\n",
    b"\x16\x03\x03\x00\x30",
    b"\x15\x03\x01\x00\x02",
    tls_hello_back(0x303),
    b"\x40" + bytes(8) + b"\x01",
    SPI,
    b"\0\0\0\0" + SPI,
    b"220 ",
    b"J\0\0\0\x0a5.7\0",
    b"\x03\0\0\x13\x0e\xd0",
    snmp_question(7)[:20],
    bytes.fromhex("4500003000010000400100007f0000017f000001"),
    b"HTTP/1.1 200 ",
    b"\x30\x82",
)


@pytest.mark.parametrize("reader", range(len(READERS)))
@settings(max_examples=150, deadline=None)
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=120))
def test_any_bytes_are_read(reader: int, start: bytes, rest: bytes) -> None:
    READERS[reader](start + rest)


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, 90), version=st.sampled_from(list(VERSIONS.values())))
def test_a_hello_cut_off_is_no_version(cut: int, version: int) -> None:
    whole = tls_hello_back(version)
    flight = read_flight(whole[:cut])
    assert flight.version == (version if cut >= len(whole) else None)


@pytest.mark.parametrize(
    ("data", "tls", "version", "alert"),
    [
        (tls_hello_back(0x301), True, 0x301, None),
        (tls_hello_back(0x303, selected=0x304), True, 0x304, None),
        (tls_hello_back(0x300), True, 0x300, None),
        (b"\x15\x03\x01\x00\x02\x02\x46", True, None, 70),
        (b"\x15\x03\x01\x00\x02\x01\x70" + tls_hello_back(0x303), True, 0x303, None),  # a warning first
        (b"\x15\x03\x01\x00\x02\x05\x46", False, None, None),  # no such level
        (b"HTTP/1.1 400 Bad Request\r\n", False, None, None),
        (b"\x16\x03\x03\xff\xff\x02" + bytes(300), False, None, None),  # longer than any record
        (b"\x16\x03\x03\x00\x04\x00\x00\x00\x00", False, None, None),  # a hello request is no answer
        (tls_hello_back(0x7F1C), True, None, None),
    ],
)
def test_a_first_flight(data: bytes, tls: bool, version: int | None, alert: int | None) -> None:
    flight = read_flight(data)
    assert (flight.tls, flight.version, flight.alert) == (tls, version, alert)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("plain", [False, True])
def test_our_hellos_are_whole_records_of_their_version(version: str, plain: bool) -> None:
    hello = client_hello(version, bytes(range(32)), bytes(32), plain=plain)
    assert len(hello) < 1400, "one segment"
    assert hello[0] == 22
    assert int.from_bytes(hello[3:5], "big") == len(hello) - 5
    assert int.from_bytes(hello[6:9], "big") == len(hello) - 9
    assert int.from_bytes(hello[9:11], "big") == min(VERSIONS[version], 0x303)
    assert (b"\x00\x2b\x00\x03\x02\x03\x04" in hello) == (version == "TLSv1.3")


EHLO = ("sent", b"EHLO x\r\n")
USER = ("sent", b"USER probe\r\n")
REFUSED = ("sent", b"\xff\xfe\x26\xff\xfc\x18")
PLAIN, SECURED = b"211-F\r\n SIZE\r\n211 End\r\n", b"211-F\r\n AUTH TLS\r\n211 End\r\n"
BASIC = b"HTTP/1.1 401 Unauthorized\r\nServer: x\r\nwww-authenticate: Basic realm=x\r\n\r\n"
DIGEST = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=x\r\n\r\nWWW-Authenticate: Basic\r\n"
MYSQL = b"\x20\0\0\0\x0a5.7\0" + bytes(13)
TO_TLS_PORT = b"HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port"
RDP_TLS = bytes.fromhex("030000130ed000001234000200080002000000")
RDP_OLD = bytes.fromhex("0300000b06d00000123400")
PROOF, HINT = Strength.PROOF, Strength.HINT


def hello(*parts: bytes | tuple[str, bytes]) -> Conversation:
    """A greeting and what followed; bytes are what the server said."""
    return said(GREETING, *(part if isinstance(part, tuple) else ("got", part) for part in parts))


def asked(label: str, answer: bytes) -> Conversation:
    return said(label, ("sent", b"a question"), ("got", answer))


IDENTIFIED = [
    ("ssh", False, PROOF, hello(b"SSH-2.0-dropbear\r\n")),
    ("ssh", False, PROOF, hello(b"Only staff\r\nSSH-1.99-x\r\n")),
    ("telnet", True, PROOF, hello(b"\xff\xfd\x18\xff\xfd\x20")),
    ("telnet", None, PROOF, hello(b"\xff\xfd\x2e")),  # asks for START_TLS
    ("telnet", None, PROOF, hello(b"\xff\xfd\x18\xff\xfd\x25")),  # AUTHENTICATION
    ("telnet", None, PROOF, hello(b"\xff\xfb\x26\xff\xfd\x18", REFUSED, b"\xff\xfb\x01")),
    ("telnet", None, PROOF, hello(b"\xff\xfb\x26", REFUSED, b"\r\nUnencrypted sessions are refused\r\n")),
    ("telnet", True, HINT, hello(b"Welcome\r\nlogin: ")),
    ("ftp", None, PROOF, hello(b"220 x\r\n", FEAT, b"211-F\r\n AUTH TLS\r\n211 End\r\n")),
    ("ftp", True, PROOF, hello(b"220 x\r\n", FEAT, b"211-F\r\n SIZE\r\n211 End\r\n")),
    ("ftp", None, PROOF, hello(b"220 x\r\n", FEAT, b"211-F\r\n SIZE\r\n")),  # cut off
    ("ftp", None, PROOF, hello(b"220 x\r\n", FEAT, SECURED, USER, b"530 must use encryption.\r\n")),
    ("ftp", True, PROOF, hello(b"220 x\r\n", FEAT, PLAIN, USER, b"530 anonymous only.\r\n")),
    ("ftp", None, HINT, hello(b"220 FTP\r\n", FEAT, b"530 log in\r\n")),
    ("ftp", True, HINT, hello(b"220 FTP\r\n", FEAT, b"500 what\r\n")),
    ("smtp", None, PROOF, hello(b"220 mx ESMTP\r\n", EHLO, b"250-mx\r\n250-STARTTLS\r\n250 OK\r\n")),
    ("smtp", True, PROOF, hello(b"220 mx ESMTP\r\n", EHLO, b"250-mx\r\n250 OK\r\n")),
    ("smtp", None, PROOF, hello(b"220 mx ESMTP\r\n")),
    ("ftp-or-smtp", None, HINT, hello(b"220 hello\r\n")),
    ("vnc", None, PROOF, hello(b"RFB 003.008\n")),
    ("rsync", True, PROOF, hello(b"@RSYNCD: 31.0\n")),
    ("mysql", True, PROOF, hello(MYSQL + b"\xff\xf7" + bytes(20))),
    ("mysql", None, PROOF, hello(MYSQL + b"\xff\xff" + bytes(20))),
    ("http", True, PROOF, asked(HTTP, b"HTTP/1.0 404 Not Found\r\n")),
    ("http", True, PROOF, asked(HTTP, DIGEST)),
    ("tls", None, HINT, asked(HTTP, TO_TLS_PORT)),
    ("redis", True, PROOF, asked("redis", b"-NOAUTH Authentication required.\r\n")),
    ("postgresql", None, PROOF, asked("postgresql", b"S")),
    ("postgresql", True, PROOF, asked("postgresql", b"N")),
    ("rdp", False, PROOF, asked("rdp", RDP_TLS)),
    ("rdp", None, PROOF, asked("rdp", RDP_OLD)),
]


@pytest.mark.parametrize(("family", "cleartext", "strength", "conversation"), IDENTIFIED)
def test_a_service_is_identified(
    family: str,
    cleartext: bool | None,
    strength: Strength,
    conversation: Conversation,
) -> None:
    found = identify([conversation])
    assert found is not None
    assert (found[0].family, found[0].cleartext, found[0].strength) == (family, cleartext, strength)


ASKING = [
    ("telnet", hello(b"\xff\xfb\x26\xff\xfd\x18", REFUSED, b"\xff\xfb\x01\r\nhost login: ")),
    ("telnet", hello(b"\xff\xfd\x18", REFUSED, b"\xff\xfa\x18\x01\xff\xf0\0\r\nUser Name : \xff\xfb\x03")),
    ("telnet", hello(b"\xff\xfd\x01Password:")),
    ("ftp", hello(b"220 x\r\n", FEAT, PLAIN, USER, b"331 Please specify the password.\r\n")),
    ("ftp", hello(b"220 x\r\n", FEAT, SECURED, USER, b"331 Password\r\n")),  # could, and asks in clear
    ("http", asked(HTTP, BASIC)),
]


@pytest.mark.parametrize(("family", "conversation"), ASKING)
def test_a_service_that_asks_who_we_are_in_clear(family: str, conversation: Conversation) -> None:
    found = identify([conversation])
    assert found is not None
    assert (found[0].family, found[0].cleartext, found[0].login) == (family, True, True)


@pytest.mark.parametrize("conversation", [row[3] for row in IDENTIFIED])
def test_every_other_service_asks_nobody_in_clear(conversation: Conversation) -> None:
    found = identify([conversation])
    assert found is not None
    assert not found[0].login


def test_what_is_asked_of_a_telnet_server() -> None:
    first, second = b"\xff\xfb\x26\xff\xfd\x18\xff\xfd\x18", b"\xff\xfd\x1f\xff\xfe\x05"
    refused = next_question(first, ())
    assert refused == b"\xff\xfe\x26\xff\xfc\x18", "each wish once; a DONT or WONT is none"
    more = next_question(first + second, (refused,))
    assert more == b"\xff\xfc\x1f"
    assert next_question(first + second, (refused, more)) is None, "nothing is left to refuse"
    assert next_question(first + second, (refused, more, b"x")) is None, "three times at most"
    assert next_question(first + b"\r\nlogin: ", (refused,)) is None
    many = b"".join(bytes((0xFF, 0xFD, n)) for n in range(255))
    assert len(telnet.refusals(many)) == 3 * telnet.MOST
    assert next_question(many, (telnet.refusals(many),)) is None


@pytest.mark.parametrize(
    "words", [b"login: ok\r\n", b"\r\nLast login: Mon", b"\r\nlogins: ", b"login", b"\r\nbye\r\n", b""]
)
def test_words_that_do_not_ask_who_we_are(words: bytes) -> None:
    assert not telnet.asks_who(b"\xff\xfd\x18" + words)


def test_what_is_asked_after_a_220() -> None:
    ftp, feat, end = b"220 x\r\n", b"FEAT\r\n", b"211 End\r\n"
    assert next_question(ftp, ()) == feat
    assert next_question(ftp + end, (feat,)) == b"USER probe\r\n"
    assert next_question(ftp + b"530 log in\r\n", (feat,)) is None, "not FTP for certain"
    assert next_question(ftp + end, (feat, b"USER probe\r\n")) is None
    assert next_question(b"220 mx ESMTP\r\n", ()) == b"EHLO probe.invalid\r\n"
    assert next_question(b"220 mx ESMTP\r\n211 x\r\n", (b"EHLO probe.invalid\r\n",)) is None
    assert next_question(b"hello\r\n", ()) is None


@pytest.mark.parametrize(
    "junk", [b"", b"\0" * 40, b"hello\r\n", b"NS", b"\x16\x03\x03", b"HTTP/9", b"\xff\xff"]
)
def test_what_nobody_knows_is_not_identified(junk: bytes) -> None:
    for label in (GREETING, HTTP, "redis", "postgresql", "rdp"):
        assert identify([said(label, ("sent", b"x"), ("got", junk))]) is None


def test_an_echo_of_our_own_question_is_no_answer() -> None:
    for ours in (version_question(SPI, bytes(32)), main_mode_question(SPI)):
        assert read_answer(ours, 500, SPI) is None
        assert read_answer(for_port(4500, ours), 4500, SPI) is None
    assert not answers(reset(SPI), SPI)
    assert engine_of(snmp_question(5)) is None
    assert unsized(sized(reset(SPI))) == reset(SPI)


def test_recorded_ike_peers_are_recognised_and_others_are_not() -> None:
    known = {"ikev2_sa_init_ok", "ikev2_sa_init_badprop", "ikev2_sa_init_badke", "ikev2_major3", "ikev1_main",
             "ikev1_main_nomatch", "ikev2_natt", "nmap_ike_main"}  # fmt: skip
    seen = set()
    for one in vectors():
        request, port = bytes.fromhex(one["request_hex"] or ""), 4500 if one["target"] == "4500" else 500
        spi = request[4:12] if port == 4500 else request[:8]
        if len(spi) == 8 and any(read_answer(bytes.fromhex(r), port, spi) for r in one["replies"]):
            seen.add(one["name"])
    assert seen == known


def test_recorded_openvpn_servers_are_recognised_and_others_are_not() -> None:
    seen = set()
    for one in vectors():
        request = bytes.fromhex(one["request_hex"] or "")
        stream = one["proto"] == "tcp"
        question = unsized(request) if stream else request
        for reply in one["replies"]:
            got = unsized(bytes.fromhex(reply)) if stream else bytes.fromhex(reply)
            if question and got and answers(got, question[1:9]):
                seen.add(one["name"])
    assert {"ovpn_udp_reset", "ovpn_tcp_reset", "softether_ovpn_tcp443", "softether_ovpn_udp443"} <= seen
    assert all("ovpn" in name or "openvpn" in name for name in seen), seen
    assert not {name for name in seen if "tlsauth" in name or "tlscrypt" in name}


def test_our_questions_have_the_shape_of_the_recorded_ones() -> None:
    recorded = {one["name"]: bytes.fromhex(one["request_hex"] or "") for one in vectors()}
    ours = version_question(SPI, bytes(32))
    theirs = recorded["ikev2_major3"]
    assert len(ours) == len(theirs)
    assert ours[8:76] == theirs[8:76]
    assert reset(recorded["ovpn_udp_reset"][1:9]) == recorded["ovpn_udp_reset"]
    assert sized(reset(recorded["ovpn_tcp_reset"][3:11])) == recorded["ovpn_tcp_reset"]
