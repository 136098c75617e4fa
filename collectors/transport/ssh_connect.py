"""From a reach to a logged-in SSH session: sockets, retries, host keys, and bastions shared by a run."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from collectors.transport.deadline import Deadline, Watchdog
from collectors.transport.known_hosts import Decision, lookup_name
from collectors.transport.ssh_login import Login
from collectors.transport.ssh_wire import DroppedError, Session, SocketLike, gap
from scanner.errors import CredentialError, ObservationError
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from collectors.credentials import Credentials
    from collectors.transport.deadline import Monotonic
    from collectors.transport.host_key_files import HostKeyFiles
    from scanner.model import Hop, Reach

_FINAL = frozenset({GapReason.AUTHENTICATION, GapReason.HOST_KEY})
"""Reasons that another try would not change, and could make worse (locked accounts)."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a server that hangs up before the key exchange is over is tried again.

    sshd drops connections at random above MaxStartups; waiting longer each time, and unevenly, lets many
    clients through. ``sleep`` takes seconds; ``random`` gives 0 to 1.
    """

    sleep: Callable[[float], None]
    random: Callable[[], float]
    tries: int = 8
    first: float = 0.25
    most: float = 4.0

    def pause(self, tried: int, deadline: Deadline) -> None:
        """Wait after the ``tried``-th try, not beyond the deadline."""
        longest = min(self.most, self.first * 2 ** (tried - 1))
        self.sleep(deadline.remaining(longest * (0.5 + self.random())))


@dataclass(frozen=True, slots=True)
class Client:
    """What all connections of a run share."""

    credentials: Credentials
    host_keys: HostKeyFiles
    retries: Retries
    monotonic: Monotonic


@dataclass(slots=True)
class _Shared:
    """A bastion's one connection, or why there will be none."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    session: Session | None = None
    refusal: Gap | None = None


class Bastions:
    """Connections to the bastions of a run: one for every chain of hops, opened when first needed.

    A lost one is opened again; one that refused the login or showed a wrong key is not tried again in
    this run, however many objects lie behind it. Thread-safe. Close it after the last look.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self._lock = threading.Lock()
        self._shared: dict[object, _Shared] = {}

    def __enter__(self) -> Self:
        """Use for one run."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections, the innermost first."""
        with self._lock:
            shared = list(self._shared.values())
            self._shared.clear()
        for one in reversed(shared):
            if one.session is not None:
                one.session.close()

    def connect(self, reach: Reach, deadline: Deadline) -> Session:
        """Give a logged-in session of its own to the object of ``reach``, through its bastions.

        Raises:
            ObservationError: not reachable, wrong host key, refused login, out of time.
        """
        if not reach.hops:
            raise gap(GapReason.UNREACHABLE, "the inventory names no address")
        return self._establish(reach, reach.hops, deadline)

    def _establish(self, reach: Reach, chain: tuple[Hop, ...], deadline: Deadline) -> Session:
        """Connect to the last hop of ``chain``; repeat only what a busy server drops."""
        hop = chain[-1]
        retries = self.client.retries
        for tried in range(1, retries.tries + 1):
            sock = self._dial(reach, chain, deadline)
            session = Session(sock, deadline)
            try:
                with Watchdog(deadline, session.abort) as watchdog:
                    _introduce(self.client, reach, hop, session, deadline, watchdog)
            except DroppedError as error:
                session.close()
                if tried == retries.tries or deadline.passed:
                    why = f"{_name(hop)}: {error} ({tried} tries); it may be busy (MaxStartups)"
                    raise gap(GapReason.UNREACHABLE, why) from error
                retries.pause(tried, deadline)
            except BaseException:
                session.close()
                raise
            else:
                return session
        raise AssertionError("the last try returns or raises")

    def _dial(self, reach: Reach, chain: tuple[Hop, ...], deadline: Deadline) -> SocketLike:
        hop = chain[-1]
        seconds = deadline.remaining(reach.limits.connect_seconds)
        if seconds <= 0:
            raise gap(GapReason.TIMED_OUT, f"{_name(hop)}: no time left to connect")
        if len(chain) == 1:
            return tcp(hop.address, hop.port, Deadline.after(seconds, self.client.monotonic))
        for last in (False, True):
            session = self._bastion(reach, chain[:-1], deadline)
            try:
                return session.tunnel(hop.address, hop.port, deadline.remaining(reach.limits.connect_seconds))
            except DroppedError as error:
                if last:
                    raise gap(GapReason.UNREACHABLE, f"{_name(chain[-2])}: {error}") from error
        raise AssertionError("the last try returns or raises")

    def _bastion(self, reach: Reach, chain: tuple[Hop, ...], deadline: Deadline) -> Session:
        """Give the shared session to the end of ``chain``; others wait while one opens it."""
        with self._lock:
            shared = self._shared.setdefault((chain, reach.known_hosts, reach.accept_new), _Shared())
        if not shared.lock.acquire(timeout=deadline.remaining()):
            raise gap(GapReason.TIMED_OUT, f"{_name(chain[-1])}: waited for the bastion in vain")
        try:
            return self._open_shared(shared, reach, chain, deadline)
        except ObservationError as error:
            if error.gap.reason in _FINAL:
                shared.refusal = error.gap
            raise
        finally:
            shared.lock.release()

    def _open_shared(
        self, shared: _Shared, reach: Reach, chain: tuple[Hop, ...], deadline: Deadline
    ) -> Session:
        """Under the bastion's lock: what is open, what was refused, or a new connection."""
        if shared.refusal is not None:
            raise ObservationError(shared.refusal)
        if shared.session is not None:
            if shared.session.alive:
                return shared.session
            shared.session.close()
            shared.session = None
        shared.session = self._establish(reach, chain, deadline)
        return shared.session


def _introduce(
    client: Client, reach: Reach, hop: Hop, session: Session, deadline: Deadline, watchdog: Watchdog
) -> None:
    """Exchange keys, check the host key, and only then log in."""
    name = lookup_name(hop.address, hop.port, hop.host_key_alias)
    try:
        known = client.host_keys.read(reach.known_hosts)
        offered = session.handshake(known.keys_for(name), deadline.remaining(reach.limits.connect_seconds))
        ruling = client.host_keys.judge(reach.known_hosts, name, offered, accept_new=reach.accept_new)
        if ruling.decision is not Decision.ACCEPT:
            needs = f"the right key of {name} in a known_hosts file"
            raise gap(GapReason.HOST_KEY, f"host key {ruling.decision}: {ruling.why}", needs)
        Login(hop.user, hop.credentials, client.credentials).run(session, hop.address)
        session.keep_alive()
    except (DroppedError, ObservationError, CredentialError) as error:
        if watchdog.barked:
            raise gap(GapReason.TIMED_OUT, f"{_name(hop)}: out of time before the login was over") from error
        if isinstance(error, ObservationError):
            found = error.gap
            raise gap(found.reason, f"{_name(hop)}: {found.detail}", found.needs) from error
        if isinstance(error, CredentialError):
            raise gap(GapReason.AUTHENTICATION, f"{_name(hop)}: {error}") from error
        raise


def tcp(address: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to any address that the name resolves to, in the resolver's order, before the deadline.

    Raises:
        ObservationError: unreachable, with the last address's reason.
    """
    place = f"{address} port {port}"
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise gap(GapReason.UNREACHABLE, f"{place}: the name does not resolve: {error}") from error
    why = "no address"
    for family, kind, protocol, _, target in found:
        seconds = deadline.remaining()
        if seconds <= 0:
            why = "no answer in time"
            break
        sock = socket.socket(family, kind, protocol)
        try:
            # Without this every small packet of the handshake waits for an acknowledgement.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(seconds)
            sock.connect(target)
        except TimeoutError:
            sock.close()
            why = "no answer in time"
        except OSError as error:
            sock.close()
            why = error.strerror or str(error)
        else:
            return sock
    raise gap(GapReason.UNREACHABLE, f"{place}: {why}")


def _name(hop: Hop) -> str:
    return f"{hop.user}@{hop.address}:{hop.port}"
