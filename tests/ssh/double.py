# ruff: noqa: ARG002 - the signatures are paramiko's
"""Servers that OpenSSH cannot be without PAM or malice: password logins, dialogues, and bad manners."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_PARTIALLY_SUCCESSFUL,
    AUTH_SUCCESSFUL,
    OPEN_SUCCEEDED,
)
from paramiko.server import InteractiveQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Rules(paramiko.ServerInterface):
    """What the server accepts: a password, then (where prompts are given) a dialogue with these answers."""

    methods: str = "password"
    password: str = ""
    prompts: tuple[tuple[str, bool], ...] = ()
    answers: tuple[str, ...] = ()
    both: bool = False  # the password is only the first of two methods
    offers: list[str] = field(default_factory=list)
    command: str = ""
    ended: bool = True  # tells exit status and end of output
    first_done: bool = False
    stuck: threading.Event | None = None  # the answer to a command waits for this

    def get_allowed_auths(self, username: str) -> str:
        return "keyboard-interactive" if self.first_done else self.methods

    def check_auth_password(self, username: str, password: str) -> int:
        self.offers.append("password")
        if password != self.password:
            return AUTH_FAILED
        self.first_done = self.both
        return AUTH_PARTIALLY_SUCCESSFUL if self.both else AUTH_SUCCESSFUL

    def check_auth_interactive(self, username: str, submethods: str | bytes) -> int | InteractiveQuery:
        self.offers.append("keyboard-interactive")
        return InteractiveQuery("title", "instructions", *self.prompts)

    def check_auth_interactive_response(self, responses: list[str]) -> int | InteractiveQuery:
        return AUTH_SUCCESSFUL if tuple(responses) == self.answers else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self.command = command.decode()
        if self.stuck is not None:
            self.stuck.wait(20)
        threading.Thread(target=self._answer, args=(channel,), daemon=True).start()
        return True

    def _answer(self, channel: paramiko.Channel) -> None:
        """Echo the program, as a shell would that runs ``cat``."""
        with suppress(OSError, EOFError):
            while chunk := channel.recv(65536):
                channel.sendall(chunk)
            if self.ended:
                channel.send_exit_status(0)
                channel.close()


@contextmanager
def listening(serve: Callable[[socket.socket, int], None]) -> Iterator[int]:
    """A port whose every connection goes to ``serve`` with its number, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        open_ones: list[socket.socket] = []

        def accept() -> None:
            number = 0
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                open_ones.append(connection)
                number += 1
                threading.Thread(target=serve, args=(connection, number), daemon=True).start()

        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(2)
            for connection in open_ones:
                connection.close()


@contextmanager
def ssh_double(rules: Rules, key: paramiko.PKey) -> Iterator[int]:
    """A server that follows ``rules``; gives its port."""
    transports: list[paramiko.Transport] = []

    def serve(connection: socket.socket, _: int) -> None:
        transport = paramiko.Transport(connection)
        transports.append(transport)
        transport.add_server_key(key)
        with suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=rules)

    with listening(serve) as port:
        try:
            yield port
        finally:
            for transport in transports:
                transport.close()
                transport.join(2)


def known_line(port: int, key: paramiko.PKey) -> str:
    """Line of known_hosts for a double."""
    return f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n"
