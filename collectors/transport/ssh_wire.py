"""One SSH connection, step by step: the only module that imports paramiko.

paramiko's own client is not used: it checks host keys with a parser that fails on ``@revoked`` lines, and
its request-and-wait code can miss an answer. Here every wait ends with the deadline or the connection.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import paramiko
from paramiko.auth_handler import AuthOnlyHandler
from paramiko.common import MSG_SERVICE_ACCEPT, cMSG_DISCONNECT, cMSG_SERVICE_REQUEST, cMSG_USERAUTH_REQUEST
from paramiko.message import Message

from collectors.transport.known_hosts import HostKey, preferred
from collectors.transport.ssh_keys import CERTIFICATE
from scanner.errors import ObservationError
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collectors.transport.deadline import Deadline
    from collectors.transport.ssh_keys import OfferedKey

KEEPALIVE_SECONDS = 15
SHOWN = 200
"""Characters of a server's own text that an error quotes."""

_DISCONNECT_BY_APPLICATION = 11  # RFC 4253 section 11.1
_GOODBYE_SECONDS = 0.5  # bounded: a server that does not hang up is left
_OPEN_FAILURES = {1: "it forbids forwarding", 2: "no connection from there"}  # RFC 4254 section 5.1
_TICK = 0.05  # seconds between looks at whether the connection still lives

SocketLike = socket.socket | paramiko.Channel
"""A TCP connection, or a tunnel through a bastion."""

Reply = tuple[str, bool]
"""A prompt of keyboard-interactive and whether its answer may be shown."""


class DroppedError(Exception):
    """The server hung up before or during key exchange: it may be busy (MaxStartups), so try again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer to one offer: in, or not, or in part; and the methods that may continue."""

    accepted: bool
    partial: bool = False
    methods: tuple[str, ...] = ()


def shown(text: object) -> str:
    """Server-controlled text made safe for a terminal and a report: printable, one line, short."""
    flat = " ".join(str(text).split())
    return "".join(c if c.isprintable() else "?" for c in flat)[:SHOWN]


def gap(reason: GapReason, detail: str, needs: str = "") -> ObservationError:
    """Build the error of a look that failed as a whole."""
    return ObservationError(Gap(reason, detail=detail, needs=needs))


class _Userauth(AuthOnlyHandler):
    """User authentication (RFC 4252) that keeps every answer and never waits for one already gone."""

    def __init__(self, transport: paramiko.Transport, deadline: Deadline) -> None:
        super().__init__(transport)
        self._deadline = deadline
        self._answered = threading.Event()
        self.methods: tuple[str, ...] = ()
        self.partial = False

    @property
    def _client_handler_table(self) -> dict[int, Callable[[Message], None]]:
        table: dict[int, Callable[[Message], None]] = dict(super()._client_handler_table)  # type: ignore[misc]
        table[MSG_SERVICE_ACCEPT] = lambda _: self._answered.set()
        return table

    def request_service(self) -> None:
        message = Message()
        message.add_byte(cMSG_SERVICE_REQUEST)
        message.add_string("ssh-userauth")
        self._send_and_wait(message)

    def send_auth_request(
        self, username: str, method: str, finish_message: Callable[[Message], None] | None = None
    ) -> list[str]:
        self.auth_method = method
        self.username = username
        self.methods, self.partial = (), False
        message = Message()
        message.add_byte(cMSG_USERAUTH_REQUEST)
        for field in (username, "ssh-connection", method):
            message.add_string(field)
        if finish_message is not None:
            finish_message(message)
        self._send_and_wait(message)
        return []

    def _send_and_wait(self, message: Message) -> None:
        """Clear the event before sending: an answer that comes at once is not lost."""
        self._answered.clear()
        self.auth_event = self._answered  # the base class sets it on success and on a dead connection
        self.transport._send_message(message)  # type: ignore[attr-defined]  # noqa: SLF001 - as the base class does
        while not self._answered.wait(_TICK):
            if not self.transport.is_active() or self._deadline.passed:
                break
        if not self._answered.is_set() or not self.transport.is_active():
            raise paramiko.SSHException("the connection ended")

    def _parse_userauth_failure(self, message: Message) -> None:
        self.methods = tuple(message.get_list())
        self.partial = message.get_boolean()
        self.authenticated = False
        self._answered.set()


class _Connection(paramiko.Transport):
    """paramiko's transport, remembering what the server offered and why it left."""

    def __init__(self, sock: SocketLike) -> None:
        super().__init__(sock)
        self.offered: dict[str, Any] = {}
        self.farewell = ""

    def _really_parse_kex_init(self, message: Message, ignore_first_byte: bool = False) -> dict[str, Any]:
        parsed: dict[str, Any] = super()._really_parse_kex_init(message, ignore_first_byte)  # type: ignore[misc]
        if not ignore_first_byte:
            self.offered = {key: tuple(value) for key, value in parsed.items() if isinstance(value, list)}
        return parsed

    def _parse_disconnect(self, message: Message) -> None:
        message.get_int()
        self.farewell = shown(message.get_text())


def quiet_library() -> None:
    """Keep paramiko's log, which quotes servers, away from the user's terminal and log files."""
    logger = logging.getLogger("paramiko")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


class Session:
    """One SSH connection to one server; not thread-safe but for ``tunnel`` and ``abort``."""

    def __init__(self, sock: SocketLike, deadline: Deadline) -> None:
        quiet_library()
        self._sock = sock
        self._deadline = deadline
        self._wire = _Connection(sock)
        self._auth: _Userauth | None = None

    @property
    def alive(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._wire.is_active()

    def handshake(self, known: Iterable[HostKey], seconds: float) -> HostKey:
        """Exchange keys, preferring host key types that are ``known``; nothing about the user is sent.

        Raises:
            DroppedError: the server hung up; it may be busy.
            ObservationError: silence (TIMED_OUT), no common algorithm or no SSH at all (UNREACHABLE).
        """
        options = self._wire.get_security_options()
        options.key_types = preferred(options.key_types, known)
        # The wait below ends first, so that silence and a hang-up are told apart.
        self._wire.banner_timeout = self._wire.handshake_timeout = seconds + 5
        done = threading.Event()
        self._wire.start_client(event=done)
        finished = done.wait(seconds)
        self._wire.packetizer.complete_handshake()  # its timer would outlive us
        if not finished:
            silent = "before its banner" if not self._wire.remote_version else "during key exchange"
            raise gap(GapReason.TIMED_OUT, f"the server said nothing more {silent} for {seconds:.0f} s")
        if not self._wire.is_active():
            raise self._handshake_failed(self._wire.get_exception())
        key = self._wire.get_remote_server_key()
        return HostKey(key.get_name(), key.asbytes())

    def _handshake_failed(self, error: Exception | None) -> Exception:
        cause = error.__context__ if isinstance(error, paramiko.SSHException) else error
        if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
            return gap(GapReason.UNREACHABLE, self._no_common_algorithm(str(error)))
        if error is None or isinstance(cause, EOFError | OSError):
            when = "during key exchange" if self._wire.remote_version else "before its banner"
            left = f": {self._wire.farewell}" if self._wire.farewell else ""
            return DroppedError(f"the server hung up {when}{left}")
        return gap(GapReason.UNREACHABLE, f"no SSH session: {shown(error)}")

    def _no_common_algorithm(self, text: str) -> str:
        for word, field, noun in (
            ("kex", "kex_algo_list", "key exchange"),
            ("host key", "server_key_algo_list", "host key"),
            ("ciphers", "server_encrypt_algo_list", "cipher"),
            ("macs", "server_mac_algo_list", "MAC"),
        ):
            if word in text and self._wire.offered.get(field):
                offered = shown(" ".join(self._wire.offered[field]))
                return f"no common algorithm: server offers {noun} {offered}"
        return f"no common algorithm: {shown(text)}"

    def begin_login(self) -> None:
        """Ask for user authentication, once a connection.

        Raises:
            ObservationError: the server hung up.
        """
        self._auth = _Userauth(self._wire, self._deadline)
        self._wire.auth_handler = self._auth
        self._offer(self._auth.request_service)

    def offer_nothing(self, user: str) -> Answer:
        """Learn the methods that the server accepts (method ``none``, RFC 4252 section 5.2)."""
        return self._offer(lambda: self._handler.send_auth_request(user, "none"))

    def offer_key(self, user: str, key: OfferedKey, algorithm: str) -> Answer:
        """Offer a key with its signature under ``algorithm``.

        Raises:
            ObservationError: the connection ended.
            CredentialError: the agent would not sign.
        """
        request = Message()
        request.add_string(self._wire.session_id or b"")
        request.add_byte(cMSG_USERAUTH_REQUEST)
        for part in (user, "ssh-connection", "publickey"):
            request.add_string(part)
        request.add_boolean(True)
        request.add_string(algorithm)
        request.add_string(key.blob)
        signature = key.sign(request.asbytes(), algorithm.removesuffix(CERTIFICATE))

        def finish(message: Message) -> None:
            message.add_boolean(True)
            message.add_string(algorithm)
            message.add_string(key.blob)
            message.add_string(signature)

        return self._offer(lambda: self._handler.send_auth_request(user, "publickey", finish))

    def offer_password(self, user: str, password: str) -> Answer:
        """Offer a password (method ``password``)."""
        return self._offer(lambda: self._handler.auth_password(user, password))

    def offer_dialogue(self, user: str, reply: Callable[[list[Reply]], list[str]]) -> Answer:
        """Run keyboard-interactive; ``reply`` answers each round, and what it raises is raised here."""
        failed: list[Exception] = []

        def handler(title: str, instructions: str, prompts: list[Reply]) -> list[str]:  # noqa: ARG001
            try:
                return reply(prompts)
            except ObservationError as error:
                # Raised in paramiko's thread: carry it over and end the connection.
                failed.append(error)
                raise paramiko.SSHException("unanswered") from error

        try:
            return self._offer(lambda: self._handler.auth_interactive(user, handler))
        except ObservationError:
            if failed:
                raise failed[0] from None
            raise

    @property
    def _handler(self) -> _Userauth:
        assert self._auth is not None  # noqa: S101 - begin_login comes first
        return self._auth

    def _offer(self, send: Callable[[], object]) -> Answer:
        try:
            send()
        except (paramiko.SSHException, EOFError, OSError) as error:
            if self._wire.farewell:
                why = f"the server hung up during login: {self._wire.farewell}"
                raise gap(GapReason.AUTHENTICATION, why) from error
            raise gap(GapReason.UNREACHABLE, "the connection was lost during login") from error
        handler = self._handler
        return Answer(self._wire.is_authenticated(), handler.partial, handler.methods)

    @property
    def signature_algorithms(self) -> tuple[str, ...]:
        """Signature algorithms the server takes (server-sig-algs, RFC 8308); empty where it did not tell."""
        extensions: dict[str, bytes] = getattr(self._wire, "server_extensions", {})
        told = extensions.get("server-sig-algs", b"")
        return tuple(told.decode("ascii", "replace").split(",")) if told else ()

    def keep_alive(self) -> None:
        """Send a request now and then, so that no firewall forgets the connection."""
        self._wire.set_keepalive(KEEPALIVE_SECONDS)

    def start(self, command: str) -> Program:
        """Start ``command`` on the connection's one session channel.

        Raises:
            ObservationError: the server refuses sessions or commands, or hung up.
        """
        try:
            channel = self._wire.open_session(timeout=self._deadline.remaining())
            channel.exec_command(command)
        except (paramiko.SSHException, EOFError, OSError) as error:
            if not self.alive:
                left = self._wire.farewell or "the connection was lost"
                raise gap(GapReason.TRUNCATED, f"{left}, before the program started") from error
            why = f"the server refuses to run a command: {shown(error)}"
            raise gap(GapReason.PERMISSION, why, "an account that may run commands") from error
        return Program(channel, self._wire)

    def tunnel(self, address: str, port: int, seconds: float) -> paramiko.Channel:
        """Open a TCP connection from the server's side (direct-tcpip, RFC 4254 section 7.2).

        Raises:
            ObservationError: the server forbids it, or cannot reach the address.
            DroppedError: this connection is gone; open it again.
        """
        try:
            return self._wire.open_channel(
                "direct-tcpip", (address, port), ("127.0.0.1", 0), timeout=max(seconds, _TICK)
            )
        except paramiko.ChannelException as error:
            meaning = _OPEN_FAILURES.get(error.code, "refused")
            why = f"the bastion does not connect on to {address} port {port}: {meaning} ({shown(error.text)})"
            raise gap(GapReason.UNREACHABLE, why) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            if not self.alive:
                raise DroppedError("the bastion's connection was lost") from error
            why = f"the bastion does not connect on to {address} port {port}: {shown(error)}"
            raise gap(GapReason.UNREACHABLE, why) from error

    def abort(self) -> None:
        """Cut the connection now, from any thread; whoever waits on it wakes up."""
        if isinstance(self._sock, socket.socket):
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
        else:
            self._wire.packetizer.close()

    def close(self) -> None:
        """Say goodbye and close; safe on a dead connection."""
        if self.alive:
            message = Message()
            message.add_byte(cMSG_DISCONNECT)
            message.add_int(_DISCONNECT_BY_APPLICATION)
            message.add_string("look finished")
            message.add_string("")
            with suppress(EOFError, OSError, paramiko.SSHException):
                self._wire._send_message(message)  # type: ignore[attr-defined]  # noqa: SLF001 - paramiko has no public goodbye
            # The server reads the goodbye and hangs up. Closing at once could reset the connection under it,
            # as it may still be sending, and its log would tell of a broken client.
            self._wire.join(_GOODBYE_SECONDS)
        self.abort()
        self._wire.close()
        with suppress(EOFError, OSError):
            self._sock.close()
        if self._wire.is_alive():
            self._wire.join(1.0)


class Program:
    """A command that runs on a server: its input and its two outputs, without blocking."""

    def __init__(self, channel: paramiko.Channel, wire: _Connection) -> None:
        self._channel = channel
        self._wire = wire
        self._broken = False

    def wait(self, seconds: float) -> None:
        """Sleep until output or its end has come, at most ``seconds``."""
        poll = select.poll()  # unlike select(), has no highest descriptor
        poll.register(self._channel.fileno(), select.POLLIN)
        poll.poll(seconds * 1000)

    def write(self, data: bytes) -> int:
        """Send as much as the window takes now; -1 where the program takes no more input."""
        if self._channel.closed or not self._wire.is_active():
            return -1
        if not self._channel.send_ready():
            return 0
        try:
            return self._channel.send(data) or -1
        except (EOFError, OSError, paramiko.SSHException):
            return -1

    def end_input(self) -> None:
        """Close the program's standard input."""
        with suppress(OSError, EOFError, paramiko.SSHException):
            self._channel.shutdown_write()

    def read(self, most: int) -> tuple[bytes, bytes]:
        """Give what has come on both outputs, at most ``most`` bytes each; empty means nothing yet."""
        try:
            out = self._channel.recv(most) if self._channel.recv_ready() else b""
            err = self._channel.recv_stderr(most) if self._channel.recv_stderr_ready() else b""
        except (EOFError, OSError, paramiko.SSHException):  # telling the server how much we read failed
            self._broken = True
            return b"", b""
        return out, err

    @property
    def ended(self) -> bool:
        """No more output will come: its end was sent, or the connection is gone."""
        return self._broken or bool(self._channel.eof_received) or self._channel.closed

    @property
    def exited(self) -> bool:
        """The server told the exit status; output may still be on its way."""
        return self._channel.exit_status != -1

    @property
    def lost(self) -> bool:
        """The connection broke before the end of the output."""
        whole = bool(self._channel.eof_received) or self.exited or self._wire.is_active()
        return self._broken or not whole

    @property
    def farewell(self) -> str:
        """What the server said when it left; "" if nothing."""
        return self._wire.farewell

    def close(self) -> None:
        """Close the channel; the server ends the program by hang-up if it still runs."""
        with suppress(OSError, EOFError, paramiko.SSHException):
            self._channel.close()
