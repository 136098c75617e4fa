"""Credentials as references: where a secret is, never the secret itself.

Syntax of a reference, as it stands in an inventory:

    agent:                  any key of the SSH agent (at most four are offered)
    agent:SHA256:...        the agent's key with this fingerprint, as ``ssh-add -l`` prints it
    key:PATH                a private key file; the certificate PATH-cert.pub is used where it lies beside
    key:PATH?pass=REF       the same with a passphrase; REF is an env:, file: or prompt: reference
    env:NAME                a password in an environment variable
    file:PATH               a password in a file that only its owner can read
    prompt:                 a password asked from the person at the terminal, once a run
    prompt:LABEL            the same, asked once for every label

``~`` at the start of a path is the home folder. Nothing here opens a network connection.
"""

from __future__ import annotations

import os
import re
import stat
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from scanner.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAX_SECRET_BYTES = 64 * 1024
"""A password or key file above this size is a mistake, not a secret."""

_PASS = "?pass="  # noqa: S105 - the separator, no password


class CredentialKind(StrEnum):
    """Where a credential comes from."""

    AGENT = "agent"
    KEY = "key"
    ENV = "env"
    FILE = "file"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class CredentialReference:
    """A parsed reference. ``target``: fingerprint, path, variable or label; "" where none was given."""

    kind: CredentialKind
    target: str = ""
    passphrase: CredentialReference | None = None

    @classmethod
    def parse(cls, text: str) -> CredentialReference:
        """Read a reference; pure, looks at nothing but the text.

        Raises:
            ValueError: not a reference. Its text never repeats ``text``: it may be a secret by mistake.
        """
        scheme, colon, target = text.partition(":")
        if not colon or scheme not in set(CredentialKind):
            raise ValueError(
                "not a credential reference; write agent:, key:PATH, key:PATH?pass=env:NAME, env:NAME, "
                "file:PATH or prompt: (a secret itself never stands here)"
            )
        kind = CredentialKind(scheme)
        if kind is CredentialKind.KEY:
            return _key_reference(target)
        if kind is CredentialKind.AGENT and target and not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", target):
            raise ValueError("agent: takes nothing or a fingerprint SHA256:..., as ssh-add -l prints it")
        if kind is CredentialKind.ENV and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", target):
            raise ValueError("env: takes the name of an environment variable")
        if kind is CredentialKind.FILE and not target:
            raise ValueError("file: takes the path of a file")
        if not target.isprintable():
            raise ValueError("a credential reference has no control characters")
        return cls(kind, target)

    @property
    def is_password(self) -> bool:
        """Whether it resolves to a text secret rather than a key."""
        return self.kind in {CredentialKind.ENV, CredentialKind.FILE, CredentialKind.PROMPT}

    def __str__(self) -> str:
        """Render as written in an inventory; holds no secret."""
        suffix = f"{_PASS}{self.passphrase}" if self.passphrase else ""
        return f"{self.kind}:{self.target}{suffix}"


def _key_reference(target: str) -> CredentialReference:
    path, marked, rest = target.rpartition(_PASS)
    if not marked:
        path, rest = target, ""
    if not path or not path.isprintable():
        raise ValueError("key: takes the path of a private key")
    if not marked:
        return CredentialReference(CredentialKind.KEY, path)
    try:
        passphrase = CredentialReference.parse(rest)
    except ValueError:
        passphrase = None
    if passphrase is None or not passphrase.is_password:
        raise ValueError("after ?pass= stands an env:, file: or prompt: reference")
    return CredentialReference(CredentialKind.KEY, path, passphrase)


class Secret:
    """A secret text. Prints as ``Secret(***)`` everywhere; only ``reveal`` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the secret: call it where it is sent, keep no copy."""
        return self._text

    def __repr__(self) -> str:
        """Show that there is a secret, nothing of it."""
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: that would write the secret down."""
        raise TypeError("a secret is never written down")


class Asker(Protocol):
    """The person at the terminal."""

    def ask(self, question: str, *, echo: bool) -> str:
        """Ask and give the answer; ``echo``: what is typed may be shown.

        Raises:
            CredentialError: nobody can be asked.
        """
        ...


class NoAsker:
    """Nobody is there: scheduled runs, pipes."""

    def ask(self, question: str, *, echo: bool) -> str:  # noqa: ARG002 - the protocol's signature
        """Refuse.

        Raises:
            CredentialError: always.
        """
        raise CredentialError("a secret must be typed in, and there is no terminal to ask at")


class TerminalAsker:
    """Asks at the terminal, one question at a time, whatever thread asks."""

    def __init__(
        self,
        is_terminal: Callable[[], bool],
        read_hidden: Callable[[str], str],
        read_shown: Callable[[str], str],
    ) -> None:
        self._is_terminal = is_terminal
        self._readers = {False: read_hidden, True: read_shown}
        self._lock = threading.Lock()

    def ask(self, question: str, *, echo: bool) -> str:
        """Ask at the terminal.

        Raises:
            CredentialError: there is no terminal, or it was closed instead of answered.
        """
        if not self._is_terminal():
            return NoAsker().ask(question, echo=echo)
        with self._lock:
            try:
                return self._readers[echo](f"{question} ")
            except (EOFError, OSError) as error:
                raise CredentialError("the question at the terminal was not answered") from error


class Credentials:
    """Resolves references of one run; asks every ``prompt:`` reference once and remembers the answer."""

    def __init__(self, environ: Mapping[str, str], asker: Asker) -> None:
        self.environ = environ
        self.asker = asker
        self._asked: dict[str, Secret] = {}
        self._lock = threading.Lock()

    def secret(self, reference: CredentialReference) -> Secret:
        """Give the secret text of an env:, file: or prompt: reference.

        Raises:
            CredentialError: no such variable, file or person, or a file that others can read.
        """
        if reference.kind is CredentialKind.ENV:
            text = self.environ.get(reference.target)
            if text is None:
                raise CredentialError(f"{reference}: the environment variable is not set")
            return _not_empty(reference, text)
        if reference.kind is CredentialKind.FILE:
            content = read_private(reference.target)
            try:
                text = content.decode()
            except UnicodeDecodeError:
                raise CredentialError(f"{reference}: the file is not UTF-8 text") from None
            return _not_empty(reference, text.removesuffix("\n").removesuffix("\r"))
        if reference.kind is CredentialKind.PROMPT:
            return self._prompt(reference)
        raise CredentialError(f"{reference}: not a reference to a text secret")

    def ask_all(self, references: Iterable[CredentialReference]) -> None:
        """Ask every prompt: reference now, before progress bars take the terminal.

        Raises:
            CredentialError: nobody can be asked.
        """
        for reference in references:
            inner = reference.passphrase or reference
            if inner.kind is CredentialKind.PROMPT:
                self._prompt(inner)

    def _prompt(self, reference: CredentialReference) -> Secret:
        """Ask under a lock: hosts in parallel share one question."""
        with self._lock:
            if reference.target not in self._asked:
                label = f" ({reference.target})" if reference.target else ""
                answer = self.asker.ask(f"Password or passphrase{label}:", echo=False)
                self._asked[reference.target] = _not_empty(reference, answer)
            return self._asked[reference.target]


def _not_empty(reference: CredentialReference, text: str) -> Secret:
    if not text:
        raise CredentialError(f"{reference}: the secret is empty")
    return Secret(text)


def read_private(path: str) -> bytes:
    """Read a file that nobody but its owner may read: a secret shared by accident is no secret.

    Raises:
        CredentialError: missing, not a regular file, not owned by us or root, open to others, or too big.
    """
    try:
        file = Path(path).expanduser()
        with open(file, "rb", opener=_without_waiting) as opened:
            problem = _why_not_private(os.fstat(opened.fileno()))
            content = b"" if problem else opened.read(MAX_SECRET_BYTES + 1)
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or error
        raise CredentialError(f"{path}: cannot be read: {why}") from error
    if problem:
        raise CredentialError(f"{path}: {problem}")
    if len(content) > MAX_SECRET_BYTES:
        raise CredentialError(f"{path}: larger than {MAX_SECRET_BYTES} bytes")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Open a named pipe to refuse it, not to wait for its writer."""
    return os.open(path, flags | os.O_NONBLOCK)


def _why_not_private(status: os.stat_result) -> str:
    """Say why others may know what this file holds; "" where nothing speaks for that."""
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if status.st_uid not in {os.geteuid(), 0}:
        return f"belongs to somebody else (uid {status.st_uid})"
    if status.st_mode & 0o077:
        return f"open to others (mode {stat.S_IMODE(status.st_mode):04o}); make it 0600"
    return ""
