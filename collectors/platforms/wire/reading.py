"""What the readers of the wire share: open ports, exchanges by port, and what stays unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Unseen
from collectors.platforms.wire.exchange import read_exchange
from collectors.platforms.wire.steps import PORTS_TCP
from scanner.facts import UnseenPort
from scanner.model import CaptureKind, Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collectors.base import Step
    from collectors.evidence import Evidence
    from collectors.platforms.wire.exchange import Exchange
    from scanner.facts import OpenPorts
    from scanner.model import Citation


def exchanges(evidence: Evidence, step: Step) -> dict[str, Exchange | Gap]:
    """Exchanges of a step by port (``tcp/443``), each read or with its reason; none is not asked."""
    found: dict[str, Exchange | Gap] = {}
    for subject, document in evidence.subjects(step, CaptureKind.EXCHANGE).items():
        if isinstance(document, Gap):
            found[subject] = document
            continue
        try:
            found[subject] = read_exchange(step, subject, document)
        except Unseen as unseen:
            found[subject] = unseen.gap
    return found


def gently(evidence: Evidence, step: Step) -> dict[str, Exchange | Gap]:
    """The same for a step that only sharpens: where it was not seen at all, there is nothing."""
    try:
        return exchanges(evidence, step)
    except Unseen:
        return {}


def not_asked(evidence: Evidence, step: Step, subject: str) -> Gap:
    """Why there is no exchange with an open port."""
    whole = evidence.whole
    if whole is not None:
        return Gap(whole.reason, step.id, subject, whole.detail, whole.needs)
    return Gap(GapReason.NOT_COLLECTED, step.id, subject, "nothing was asked of this port")


def unseen_port(subject: str, gap: Gap) -> UnseenPort:
    """Name a port that stays unseen."""
    protocol, _, number = subject.partition("/")
    return UnseenPort(protocol, int(number) if number.isdecimal() else 0, gap)


def wholes(ports: tuple[Citation, ...], *asked: Mapping[str, Exchange | Gap]) -> tuple[Citation, ...]:
    """Cite everything that a fact was read from."""
    read = [e.first_line for found in asked for e in found.values() if not isinstance(e, Gap)]
    return (*ports, *read)


def unswept(ports: OpenPorts) -> list[UnseenPort]:
    """Parts of the TCP sweep that gave no answer: what is open there was not asked anything."""
    return [UnseenPort("tcp", 0, gap) for gap in ports.unseen if gap.step == PORTS_TCP.id]


def something_seen(found: Sequence[object], unseen: Sequence[UnseenPort]) -> None:
    """Nothing found while something was not seen is no fact.

    Raises:
        Unseen: with the reason of the first port that was not seen.
    """
    if not found and unseen:
        raise Unseen(unseen[0].gap)
