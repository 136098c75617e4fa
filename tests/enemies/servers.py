# ruff: noqa: ARG002 - the signatures are paramiko's
"""SSH servers with bad intentions: each follows one ``Manner`` after letting anybody in."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED, cMSG_USERAUTH_BANNER
from paramiko.message import Message
from paramiko.server import InteractiveQuery

from collectors.transport.ssh_wire import quiet_library
from tests.ssh.double import listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Manner = Callable[[paramiko.Channel, bytes], None]
    """What is done with the channel once the program has been read; the channel stays open after it."""

    Raw = Callable[[socket.socket, threading.Event], None]
    """What is done with a TCP connection by something that is no SSH server."""


@dataclass
class Welcome(paramiko.ServerInterface):
    """Lets everybody in, or asks for ever; then the manner."""

    manner: Manner | None
    dialogue: tuple[str, ...] = ()
    asked: int = 0
    threads: list[threading.Thread] = field(default_factory=list)

    def get_allowed_auths(self, username: str) -> str:
        return "keyboard-interactive" if self.dialogue else "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL

    def check_auth_interactive(self, username: str, submethods: str | bytes) -> int | InteractiveQuery:
        return self._question()

    def check_auth_interactive_response(self, responses: list[str]) -> int | InteractiveQuery:
        return self._question()

    def _question(self) -> int | InteractiveQuery:
        if not self.dialogue:
            return AUTH_FAILED
        self.asked += 1
        text = self.dialogue[min(self.asked, len(self.dialogue)) - 1]
        prompts = [(text, False)] if text else []
        return InteractiveQuery("\x1b[2Jtitle", "<script>1</script>", *prompts)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        if self.manner is None:
            threading.Event().wait(60)  # the request itself is never answered
            return False
        thread = threading.Thread(target=self._behave, args=(channel, self.manner), daemon=True)
        self.threads.append(thread)
        thread.start()
        return True

    def _behave(self, channel: paramiko.Channel, manner: Manner) -> None:
        program = bytearray()
        with suppress(OSError, EOFError, paramiko.SSHException):
            while chunk := channel.recv(1 << 20):
                program += chunk
            manner(channel, bytes(program))


@contextmanager
def enemy(
    key: paramiko.PKey,
    manner: Manner | None,
    dialogue: tuple[str, ...] = (),
    banner: Callable[[], Iterator[bytes]] | None = None,
) -> Iterator[int]:
    """A server that follows ``manner``, or floods with user-authentication banners; gives its port."""
    quiet_library()  # else paramiko tells the tests' own terminal what enemies said
    transports: list[paramiko.Transport] = []

    def serve(connection: socket.socket, _: int) -> None:
        transport = _Flooding(connection, banner) if banner else paramiko.Transport(connection)
        transports.append(transport)
        transport.add_server_key(key)
        with suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=Welcome(manner, dialogue))

    with listening(serve) as port:
        try:
            yield port
        finally:
            for transport in transports:
                transport.close()


class _Flooding(paramiko.Transport):
    """Sends what RFC 4252 section 5.4 allows a server to send before it answers, and does not stop."""

    def __init__(self, sock: socket.socket, banner: Callable[[], Iterator[bytes]]) -> None:
        super().__init__(sock)
        self._banner = banner

    def _send_message(self, data: Message) -> None:
        super()._send_message(data)  # type: ignore[misc]
        if data.asbytes()[:1] == b"\x06":  # the service is accepted
            for text in self._banner():
                message = Message()
                message.add_byte(cMSG_USERAUTH_BANNER)
                message.add_string(text)
                message.add_string("")
                super()._send_message(message)  # type: ignore[misc]


@contextmanager
def raw_enemy(behave: Raw) -> Iterator[int]:
    """Something that listens where an SSH server should be; gives its port."""
    over = threading.Event()

    def serve(connection: socket.socket, _: int) -> None:
        with suppress(OSError):
            behave(connection, over)

    with listening(serve) as port:
        try:
            yield port
        finally:
            over.set()
