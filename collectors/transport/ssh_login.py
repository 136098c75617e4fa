"""Logging in to one SSH server with what the inventory names: few offers, no guessing."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Protocol

from collectors.credentials import CredentialKind, CredentialReference
from collectors.transport.ssh_keys import Agent, OfferedKey, load_keys
from collectors.transport.ssh_wire import Answer, Reply, gap, shown
from scanner.errors import CredentialError
from scanner.model import GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from collectors.credentials import Asker, Credentials, Secret

MAX_OFFERS = 4
"""Offers a login, all methods together: below the six that sshd allows by default (MaxAuthTries)."""

_MAX_ROUNDS = 8  # of one keyboard-interactive dialogue

_ASKS_PASSWORD = re.compile(
    r"\s*(\([^)]{1,80}\)\s*)?(\S{1,80}'s\s+)?(password|密码|口令)(\s+for\s+\S{1,80})?\s*[:：]?\s*",
    re.IGNORECASE,
)
_ASKS_NEW_PASSWORD = re.compile(
    r"\b(new|old|current|retype|re-enter)\b.*password|新密码|修改密码|新口令", re.IGNORECASE
)


class Server(Protocol):
    """The server's side of a login, as ``ssh_wire.Session`` gives it."""

    @property
    def signature_algorithms(self) -> tuple[str, ...]:
        """Signature algorithms that the server takes; empty where it did not tell."""
        ...

    def begin_login(self) -> None:
        """Ask for user authentication, once."""
        ...

    def offer_nothing(self, user: str) -> Answer:
        """Learn which methods the server accepts."""
        ...

    def offer_key(self, user: str, key: OfferedKey, algorithm: str) -> Answer:
        """Offer a key with its signature."""
        ...

    def offer_password(self, user: str, password: str) -> Answer:
        """Offer a password."""
        ...

    def offer_dialogue(self, user: str, reply: Callable[[list[Reply]], list[str]]) -> Answer:
        """Answer the server's prompts."""
        ...


class Login:
    """One attempt to become ``user`` on a server.

    References are used in the order given, whenever the server accepts their method. A password is sent
    once: a refused one is not tried again another way, and no second one after it. Where the server wants
    several methods in sequence (RFC 4252 section 5.1, partial success), the login goes on with the rest.
    """

    def __init__(self, user: str, references: Sequence[str], credentials: Credentials) -> None:
        """Prepare a login.

        Raises:
            CredentialError: a reference is none.
        """
        self._user = user
        self._credentials = credentials
        try:
            parsed = [CredentialReference.parse(text) for text in references]
        except ValueError as error:
            raise CredentialError(str(error)) from None
        self._key_references = [r for r in parsed if not r.is_password]
        self._password_references = [r for r in parsed if r.is_password]
        self._offers = 0
        self._told: list[str] = []
        self._refused_password = False
        self._agents: list[Agent] = []

    def run(self, server: Server, name: str) -> None:
        """Log in to ``server``, which questions to people call ``name``.

        Raises:
            ObservationError: refused, nothing usable, or the connection ended.
        """
        try:
            self._run(server, name)
        finally:
            for agent in self._agents:
                agent.close()

    def _run(self, server: Server, name: str) -> None:
        server.begin_login()
        answer = server.offer_nothing(self._user)
        keys = self._keys(server.signature_algorithms)
        passed = False  # one of several methods
        while not answer.accepted:
            if self._offers >= MAX_OFFERS:
                self._told.append(f"stopped after {MAX_OFFERS} offers")
                break
            following = self._next_offer(server, name, answer.methods, keys, passed=passed)
            if following is None:
                break
            self._offers += 1
            passed = passed or following.partial
            # A refusal may come without methods from odd servers: the last known ones still hold.
            methods = following.methods or answer.methods
            answer = Answer(following.accepted, following.partial, methods)
        if not answer.accepted:
            raise self._refusal(answer, passed=passed)

    def _next_offer(
        self,
        server: Server,
        name: str,
        methods: tuple[str, ...],
        keys: Iterator[tuple[OfferedKey, str]],
        *,
        passed: bool,
    ) -> Answer | None:
        """Make the next sensible offer among ``methods``; None where nothing is left to offer."""
        if "publickey" in methods:
            for key, algorithm in keys:
                answer = self._attempt(partial(server.offer_key, self._user, key, algorithm))
                if answer is None:
                    continue  # the agent would not sign: nothing was sent
                self._note(answer, f"{key.label} ({key.fingerprint})")
                return answer
        if "password" in methods and not self._refused_password:
            reference, secret = self._password()
            if secret is not None:
                answer = server.offer_password(self._user, secret.reveal())
                self._refused_password = not (answer.accepted or answer.partial)
                self._note(answer, f"password {reference}")
                return answer
        if "keyboard-interactive" in methods and not self._refused_password:
            reference, secret = self._password()
            if secret is not None or passed:
                dialogue = Dialogue(secret, self._credentials.asker, f"{self._user}@{name}")
                answer = server.offer_dialogue(self._user, dialogue.reply)
                self._refused_password = not (answer.accepted or answer.partial)
                self._note(answer, f"keyboard-interactive {reference or 'answers'}")
                return answer
        return None

    def _note(self, answer: Answer, what: str) -> None:
        if not answer.accepted:
            self._told.append(f"{what} {'accepted, more is required' if answer.partial else 'refused'}")

    def _attempt(self, offer: Callable[[], Answer]) -> Answer | None:
        try:
            return offer()
        except CredentialError as error:
            self._told.append(str(error))
            return None

    def _password(self) -> tuple[CredentialReference | None, Secret | None]:
        """Give the first password reference that resolves; the others are never tried after it."""
        while self._password_references:
            reference = self._password_references[0]
            try:
                return reference, self._credentials.secret(reference)
            except CredentialError as error:
                self._told.append(str(error))
                self._password_references.pop(0)
        return None, None

    def _keys(self, server_takes: tuple[str, ...]) -> Iterator[tuple[OfferedKey, str]]:
        """Keys with the algorithm to use, made only as they are needed, none twice."""
        seen: set[bytes] = set()
        for reference in self._key_references:
            try:
                found = self._resolve(reference)
            except CredentialError as error:
                self._told.append(str(error))
                continue
            for key in found:
                algorithm = key.algorithm(server_takes)
                if algorithm is None:
                    self._told.append(f"{key.label}: the server takes no SHA-2 signatures of RSA keys")
                elif key.blob not in seen:
                    seen.add(key.blob)
                    yield key, algorithm

    def _resolve(self, reference: CredentialReference) -> tuple[OfferedKey, ...]:
        if reference.kind is CredentialKind.KEY:
            inner = reference.passphrase
            passphrase = None if inner is None else lambda: self._credentials.secret(inner)
            return load_keys(reference.target, passphrase)
        agent = Agent(self._credentials.environ.get("SSH_AUTH_SOCK", ""))
        self._agents.append(agent)
        keys = agent.keys()
        if not reference.target:
            if not keys:
                self._told.append("agent: the SSH agent holds no usable key")
            return keys
        chosen = tuple(key for key in keys if key.fingerprint == reference.target)
        if not chosen:
            self._told.append(f"{reference}: the SSH agent does not hold this key")
        return chosen

    def _refusal(self, answer: Answer, *, passed: bool) -> Exception:
        accepts = shown(" ".join(answer.methods)) or "no method at all"
        more = "further " if passed else ""
        told = "; ".join(dict.fromkeys(self._told)) or "no credential of the inventory fits"
        detail = f"login as {self._user} refused: {told}; the server accepts {more}{accepts}"
        return gap(GapReason.AUTHENTICATION, detail, "a credential that the server accepts")


class Dialogue:
    """Answers keyboard-interactive prompts (RFC 4256): the password once, all else by asking the person."""

    def __init__(self, secret: Secret | None, asker: Asker, who: str) -> None:
        self._secret = secret
        self._asker = asker
        self._who = who
        self._rounds = 0

    def reply(self, prompts: list[Reply]) -> list[str]:
        """Answer one round.

        Raises:
            ObservationError: a prompt that nobody can or should answer.
        """
        self._rounds += 1
        if self._rounds > _MAX_ROUNDS:
            raise gap(GapReason.AUTHENTICATION, "the server does not stop asking")
        return [self._answer(text, echo=echo) for text, echo in prompts]

    def _answer(self, text: str, *, echo: bool) -> str:
        question = shown(text)
        if _ASKS_NEW_PASSWORD.search(text):
            raise gap(GapReason.AUTHENTICATION, f"the server demands a new password: {question}")
        if not echo and self._secret is not None and _ASKS_PASSWORD.fullmatch(text):
            secret, self._secret = self._secret, None
            return secret.reveal()
        try:
            return self._asker.ask(f"{self._who}: {question}", echo=echo)
        except CredentialError as error:
            why = f"the server asks {question!r}, and nobody is there to answer: {error}"
            raise gap(GapReason.AUTHENTICATION, why, "a terminal, or another login method") from None
