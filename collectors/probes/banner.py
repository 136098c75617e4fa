"""Service identification: listen first, then harmless requests; what to ask follows from what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.platforms.wire.services import GREETING, HEAD, HTTP, REQUESTS, next_question
from collectors.probes.connection import Connection

if TYPE_CHECKING:
    from collectors.probes.recorder import Recorder
    from collectors.probes.target import Target

_LISTEN = 1.2
"""Seconds in which a server that speaks first begins to do so."""

_QUIET = 0.3
_ANSWER = 2.0
_SECONDS = 4.0
_ENOUGH = 4096


def greet(target: Target, port: int, recorder: Recorder) -> None:
    """Listen; a greeting that does not tell enough gets harmless questions, none of them a password.

    Raises:
        SpentError: the budget does not allow another connection.
    """
    with Connection(target, port, recorder, GREETING, _SECONDS) as connection:
        said, asked = connection.receive(_enough, _LISTEN, _QUIET), list[bytes]()
        greeted = bool(said)
        while (question := next_question(said, asked)) is not None and connection.alive:
            connection.send(question)
            asked.append(question)
            answer = connection.receive(_enough, _ANSWER, _QUIET)
            said += answer
            if not answer:
                break
        if connection.alive and (not greeted or connection.over):
            connection.time_out()


def request(target: Target, port: int, recorder: Recorder) -> None:
    """Ask what the port's usual protocol asks, where that is not ``HEAD``.

    Raises:
        SpentError: the budget does not allow another connection.
    """
    if port in REQUESTS:
        label, question = REQUESTS[port]
        _ask(target, port, recorder, label, question)


def head(target: Target, port: int, recorder: Recorder) -> None:
    """Ask for the head of the root page.

    Raises:
        SpentError: the budget does not allow another connection.
    """
    _ask(target, port, recorder, HTTP, HEAD)


def _ask(target: Target, port: int, recorder: Recorder, label: str, question: bytes) -> None:
    with Connection(target, port, recorder, label, _SECONDS) as connection:
        connection.send(question)
        answer = connection.receive(_enough, _ANSWER, _QUIET)
        if connection.alive and not answer:
            connection.time_out()


def _enough(said: bytes) -> bool:
    return len(said) >= _ENOUGH
