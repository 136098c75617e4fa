"""Looks at doubles of servers: passwords, dialogues, and servers without manners."""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import paramiko
import pytest

from collectors.program import LAUNCH
from collectors.transport.ssh import ssh_transport
from collectors.transport.ssh_connect import Bastions, Retries
from scanner.errors import ObservationError
from scanner.model import GapReason, Hop, Limits, Reach, TransportKind
from tests.ssh.double import Rules, known_line, listening, ssh_double
from tests.ssh.sshd import client, look

if TYPE_CHECKING:
    from pathlib import Path

    from collectors.credentials import Asker

KEY = paramiko.ECDSAKey.generate()


@pytest.fixture
def known(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


def reach(port: int, known: Path, *credentials: str, seconds: float = 10.0) -> Reach:
    hop = Hop("127.0.0.1", port, "auditor", credentials or ("env:A",))
    limits = Limits(seconds=seconds, connect_seconds=min(seconds, 5.0))
    return Reach("o", "linux", TransportKind.SSH, hops=(hop,), known_hosts=(str(known),), limits=limits)


def ask(
    rules: Rules, known: Path, *credentials: str, asker: Asker | None = None, seconds: float = 10.0
) -> bytes:
    with ssh_double(rules, KEY) as port:
        known.write_text(known_line(port, KEY))
        with Bastions(client({"A": "alpha", "B": "beta"}, asker)) as bastions:
            return look(reach(port, known, *credentials, seconds=seconds), b"echo", bastions)[0]


class Person:
    def ask(self, question: str, *, echo: bool) -> str:
        assert "Code" in question
        assert not echo
        return "123"


def test_password(known: Path) -> None:
    rules = Rules(password="alpha")
    assert ask(rules, known) == b"echo"
    assert (rules.offers, rules.command) == (["password"], LAUNCH)


def test_password_in_a_dialogue(known: Path) -> None:
    rules = Rules("keyboard-interactive", prompts=(("Password: ", False),), answers=("alpha",))
    assert ask(rules, known) == b"echo"
    assert rules.offers == ["keyboard-interactive"]


def test_password_then_code(known: Path) -> None:
    rules = Rules(password="alpha", both=True, prompts=(("Code: ", False),), answers=("123",))
    assert ask(rules, known, asker=Person()) == b"echo"
    assert rules.offers == ["password", "keyboard-interactive"]


def test_a_code_that_nobody_can_give(known: Path) -> None:
    rules = Rules(password="alpha", both=True, prompts=(("Code: ", False),), answers=("123",))
    with pytest.raises(ObservationError) as caught:
        ask(rules, known)
    assert caught.value.gap.reason is GapReason.AUTHENTICATION
    assert "'Code:'" in caught.value.gap.detail


def test_a_wrong_password_is_sent_once_and_never_shown(known: Path, caplog: pytest.LogCaptureFixture) -> None:
    rules = Rules("password,keyboard-interactive", password="other")
    with caplog.at_level(0), pytest.raises(ObservationError) as caught:
        ask(rules, known, "env:A", "env:B")
    assert caught.value.gap.reason is GapReason.AUTHENTICATION
    assert rules.offers == ["password"]
    for text in (caught.value.gap.detail, caplog.text, repr(caught.value)):
        assert "alpha" not in text


def test_a_server_that_never_ends_is_left_at_the_deadline(known: Path) -> None:
    rules = Rules(password="alpha", ended=False)
    began = time.monotonic()
    with pytest.raises(ObservationError) as caught:
        ask(rules, known, seconds=1.5)
    assert caught.value.gap.reason is GapReason.TIMED_OUT
    assert time.monotonic() - began < 4


def test_a_server_that_never_answers_the_command_is_left_at_the_deadline(known: Path) -> None:
    rules = Rules(password="alpha", stuck=threading.Event())
    assert rules.stuck is not None
    with ssh_double(rules, KEY) as port, Bastions(client({"A": "alpha"})) as bastions:
        known.write_text(known_line(port, KEY))
        began = time.monotonic()
        with pytest.raises(ObservationError) as caught:
            look(reach(port, known, seconds=1.5), b"echo", bastions)
        assert caught.value.gap.reason is GapReason.TIMED_OUT
        assert time.monotonic() - began < 4
        rules.stuck.set()


# --- before the login ------------------------------------------------------------------------------------


def manners(
    known: Path, serve: object, *, seconds: float = 5.0, tries: int = 4
) -> tuple[GapReason, str, list[float]]:
    assert callable(serve)
    pauses: list[float] = []
    retries = Retries(pauses.append, lambda: 0.5, tries=tries)
    with (
        listening(serve) as port,
        Bastions(client({"A": "alpha"}, retries=retries)) as bastions,
        pytest.raises(ObservationError) as caught,
    ):
        look(reach(port, known, seconds=seconds), b"echo", bastions)
    gap = caught.value.gap
    assert gap.detail.isprintable()
    return gap.reason, gap.detail, pauses


def test_hanging_up_is_tried_again_with_growing_pauses(known: Path) -> None:
    reason, detail, pauses = manners(known, lambda sock, _: sock.close())
    assert (reason, "4 tries" in detail) == (GapReason.UNREACHABLE, True)
    assert pauses == [0.25, 0.5, 1.0]


def test_hanging_up_after_the_banner_is_tried_again(known: Path) -> None:
    def serve(sock: socket.socket, _: int) -> None:
        sock.sendall(b"SSH-2.0-busy\r\n")
        sock.close()

    reason, detail, pauses = manners(known, serve, tries=2)
    assert (reason, "during key exchange" in detail, len(pauses)) == (GapReason.UNREACHABLE, True, 1)


def test_a_server_that_becomes_free_is_seen(known: Path) -> None:
    rules = Rules(password="alpha")
    transports: list[paramiko.Transport] = []

    def serve(sock: socket.socket, number: int) -> None:
        if number < 3:
            sock.sendall(b"Exceeded MaxStartups\r\n")
            sock.close()
            return
        transports.append(paramiko.Transport(sock))
        transports[0].add_server_key(KEY)
        with suppress(paramiko.SSHException, EOFError):
            transports[0].start_server(server=rules)

    retries = Retries(lambda _: None, random.random)
    with listening(serve) as port, Bastions(client({"A": "alpha"}, retries=retries)) as bastions:
        known.write_text(known_line(port, KEY))
        assert look(reach(port, known), b"echo", bastions)[0] == b"echo"
    transports[0].close()


@pytest.mark.parametrize("first", [b"", b"SSH-2.0-silent\r\n"])
def test_silence_is_waited_for_once(known: Path, first: bytes) -> None:
    began = time.monotonic()
    reason, detail, pauses = manners(known, lambda sock, _: sock.sendall(first), seconds=1.0)
    assert (reason, pauses) == (GapReason.TIMED_OUT, [])
    assert time.monotonic() - began < 3
    assert detail


def test_a_banner_that_drips_ends_with_the_deadline(known: Path) -> None:
    over = threading.Event()

    def serve(sock: socket.socket, _: int) -> None:
        with suppress(OSError):
            while not over.wait(0.05):
                sock.sendall(b"x")

    began = time.monotonic()
    reason, _, pauses = manners(known, serve, seconds=1.0)
    over.set()
    assert (reason, pauses) == (GapReason.TIMED_OUT, [])
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("junk", [b"HTTP/1.1 400 Bad Request\x1b[2J\r\n" * 200, b"SSH-1.5-ancient\r\n"])
def test_what_is_no_ssh_is_unreachable(known: Path, junk: bytes) -> None:
    def serve(sock: socket.socket, _: int) -> None:
        with suppress(OSError):
            sock.sendall(junk)
            time.sleep(0.5)

    reason, _, _ = manners(known, serve)
    assert reason is GapReason.UNREACHABLE


def test_ssh_transport_opens_nothing_before_it_is_run(known: Path) -> None:
    with Bastions(client()) as bastions:
        one = reach(1, known)
        with pytest.raises(ObservationError) as caught:
            list(ssh_transport(one, bastions, lambda: pytest.fail("no clock"), lambda: "0" * 32).run(()))
    assert caught.value.gap.reason is GapReason.UNREACHABLE


def test_no_thread_is_left_behind(known: Path) -> None:
    before = set(threading.enumerate())

    def leave(sock: socket.socket, _: int) -> None:
        sock.sendall(b"SSH-2.0-busy\r\n")
        sock.close()

    ask(Rules(password="alpha"), known)
    manners(known, leave, tries=1)
    end = time.monotonic() + 3
    while (left := set(threading.enumerate()) - before) and time.monotonic() < end:
        time.sleep(0.05)
    assert not left
