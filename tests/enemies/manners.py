# ruff: noqa: ARG001 - every manner has one signature
"""What enemies do once they are asked: on the stream, and in the words of a well-formed lie."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.enemies.forging import COMMAND, STEPS, Told, ending, frame, greeting, marker_of

if TYPE_CHECKING:
    import socket
    import threading
    from collections.abc import Callable, Iterator

    import paramiko

    from tests.enemies.servers import Manner

GUESSED = b"0123456789abcdef" * 2
FOREVER = 60.0
"""Seconds after which an enemy gives up, far beyond every budget of these tests."""


def say(channel: paramiko.Channel, out: bytes, err: bytes) -> None:
    """Both streams side by side, as a shell writes them, and a clean end."""
    step = 1 << 16
    for at in range(0, max(len(out), len(err)), step):
        channel.sendall(out[at : at + step])
        channel.sendall_stderr(err[at : at + step])
    channel.send_exit_status(0)
    channel.close()


def lying(told: Told) -> Manner:
    """Well-formed frames about a host that is so."""

    def manner(channel: paramiko.Channel, program: bytes) -> None:
        say(channel, *told.answer(program))

    return manner


def forging_frames(told: Told, forge: Callable[[Told, bytes, int], bytes], number: int) -> Manner:
    """All steps well but one, whose bytes ``forge`` makes."""

    def manner(channel: paramiko.Channel, program: bytes) -> None:
        marker = marker_of(program)
        parts = [told.step(marker, n) for n in range(len(STEPS))]
        parts[number] = forge(told, marker, number)
        out = b"".join((greeting(marker), *parts, ending(marker)))
        say(channel, out, told.answer(program)[1])

    return manner


def ended_twice(told: Told, marker: bytes, number: int) -> bytes:
    return told.step(marker, number) + frame(marker, b"E", number, 1)


def miscounted(told: Told, marker: bytes, number: int) -> bytes:
    return b"".join(told.frames(marker, number)) + frame(marker, b"E", number, 7)


def of_another_step(told: Told, marker: bytes, number: int) -> bytes:
    body = b"PermitRootLogin no\n" + b"\n%s=0." % marker
    return frame(marker, b"C", number - 1, 0, body) + told.step(marker, number)


def shorter_than_said(told: Told, marker: bytes, number: int) -> bytes:
    return b"\n%s C %d 0 %d\nx\n%s=0." % (marker, number, 10**6, marker) + frame(marker, b"E", number, 1)


def longer_than_asked(told: Told, marker: bytes, number: int) -> bytes:
    """Far more than the program would have let through, and a good status behind it."""
    room = STEPS[number].max_bytes * 3
    body = told.captures[STEPS[number].id, "", COMMAND].content + b"\n" * room + b"\n%s=0." % marker
    return frame(marker, b"C", number, 0, body) + frame(marker, b"E", number, 1)


def guessing(told: Told) -> Manner:
    """The whole lie under a marker that was not the run's."""

    def manner(channel: paramiko.Channel, program: bytes) -> None:
        say(channel, *told.answer(b"M=" + GUESSED + b"\n"))

    return manner


def before_the_greeting(told: Told) -> Manner:
    def manner(channel: paramiko.Channel, program: bytes) -> None:
        out, err = told.answer(program)
        early = told.step(marker_of(program), 0)
        say(channel, early + out, err)

    return manner


def greeting_only(channel: paramiko.Channel, program: bytes) -> None:
    """Starts as it should, then never says another word."""
    channel.sendall(greeting(marker_of(program)))
    time.sleep(FOREVER)


def silent(channel: paramiko.Channel, program: bytes) -> None:
    time.sleep(FOREVER)


def flooding(*, greet: bool) -> Manner:
    """1 GB, as fast as it is taken."""

    def manner(channel: paramiko.Channel, program: bytes) -> None:
        if greet:
            marker = marker_of(program)
            channel.sendall(greeting(marker) + b"\n%s C 0 0 999999999\n" % marker)
        block = b"A" * (1 << 15)
        for _ in range((1 << 30) // len(block)):
            channel.sendall(block)

    return manner


def flooding_errors(channel: paramiko.Channel, program: bytes) -> None:
    channel.sendall(greeting(marker_of(program)))
    for _ in range((1 << 30) >> 15):
        channel.sendall_stderr(b"E" * (1 << 15))


def dripping(told: Told) -> Manner:
    """The truth, a byte every 100 ms."""

    def manner(channel: paramiko.Channel, program: bytes) -> None:
        out, _ = told.answer(program)
        for at in range(int(FOREVER * 10)):
            channel.sendall(out[at : at + 1])
            time.sleep(0.1)

    return manner


def closing_midway(told: Told, *, rudely: bool) -> Manner:
    """Ends in the middle of a frame: the channel only, or the whole connection."""

    def manner(channel: paramiko.Channel, program: bytes) -> None:
        marker = marker_of(program)
        middle = len(STEPS) // 2
        whole = b"".join((greeting(marker), *(told.step(marker, n) for n in range(middle + 1))))
        channel.sendall(whole[:-200])
        channel.sendall_stderr(told.answer(program)[1])
        if rudely:
            time.sleep(0.5)
            channel.get_transport().sock.close()
        else:
            channel.close()

    return manner


def echoing(channel: paramiko.Channel, program: bytes) -> None:
    """A shell that prints what it should have run."""
    say(channel, program, b"")


# What is no SSH server.


def no_word(connection: socket.socket, over: threading.Event) -> None:
    over.wait(FOREVER)


def endless_lines(connection: socket.socket, over: threading.Event) -> None:
    """RFC 4253 section 4.2 lets a server send lines before its version; it does not say how many."""
    while not over.is_set():
        connection.sendall(b"\x1b[31mwelcome <b>friend</b>\r\n" * 100)


def dripped_line(connection: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.1):
        connection.sendall(b"w")


def endless_line(connection: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        connection.sendall(b"S" * 65536)


def garbage_after_version(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"SSH-2.0-x\r\n")
    while not over.is_set():
        connection.sendall(bytes(range(256)) * 256)


def huge_packet(connection: socket.socket, over: threading.Event) -> None:
    """A packet that says it has 2 GiB."""
    connection.sendall(b"SSH-2.0-x\r\n\x7f\xff\xff\xff\x04\x14")
    while not over.is_set():
        connection.sendall(b"\0" * 65536)


def hanging_up(connection: socket.socket, over: threading.Event) -> None:
    connection.close()


def hostile_version(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"SSH-2.0-\x1b]0;owned\x07<script>alert(1)</script>=cmd|' /C calc'!A0\r\n")
    with suppress(OSError):
        connection.recv(4096)
    connection.close()


def ten_megabytes() -> Iterator[bytes]:
    """Banners of user authentication: 10 MB in pieces."""
    for _ in range(10 * 32):
        yield b"\x1b[31m<script>" + b"B" * 32_000


def banners_for_ever() -> Iterator[bytes]:
    end = time.monotonic() + FOREVER
    while time.monotonic() < end:
        yield b"C" * 1000
