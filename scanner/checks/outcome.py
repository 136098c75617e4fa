"""Words that several topics need to answer with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import Answer, Citation, Gap, GapReason, Outcome, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.facts import UnseenPort


def unsettled(
    message: Text,
    citations: Iterable[Citation] = (),
    reason: GapReason = GapReason.NOT_COLLECTED,
    needs: str = "",
) -> Outcome:
    """Answer unseen: what was seen does not settle the question; ``message`` says why.

    ``reason`` is NOT_COLLECTED where more evidence would settle it, UNPARSABLE where what is there was not
    understood, PERMISSION where more rights would show it. ``needs`` names the act that would settle it.
    """
    return Outcome.unseen(message, Gap(reason, detail=message.en, needs=needs), *citations)


def through(message: Text, gap: Gap, citations: Iterable[Citation] = ()) -> Outcome:
    """Answer unseen because an additional fact is itself a gap."""
    return Outcome.unseen(message, gap, *citations)


def unanswered(what: Text, unseen: Sequence[UnseenPort], seen: Iterable[Citation]) -> Outcome | None:
    """Answer unseen where ports did not answer; the first one's reason stands for all. None: all answered."""
    if not unseen:
        return None
    first = unseen[0].gap
    places = listed(f"{port.protocol}/{port.port}" if port.port else "*" for port in unseen)
    message = Text(zh=f"{what.zh}：{places}（{first.detail}）", en=f"{what.en}: {places} ({first.detail})")
    return through(message, first, seen)


def listed(names: Iterable[str], limit: int = 8) -> str:
    """Name the first few of many, in their order, without repeats: ``a, b, c (+4)``."""
    unique = list(dict.fromkeys(names))
    more = f" (+{len(unique) - limit})" if len(unique) > limit else ""
    return ", ".join(unique[:limit]) + more


def worst(*outcomes: Outcome) -> Outcome:
    """Join answers to parts of one question: a no decides, then an unseen; otherwise all their evidence."""
    for answer in (Answer.NO, Answer.UNSEEN):
        for outcome in outcomes:
            if outcome.answer is answer:
                return outcome
    message = Text(zh="；".join(o.message.zh for o in outcomes), en="; ".join(o.message.en for o in outcomes))
    return Outcome.yes(message, *(c for o in outcomes for c in o.citations))
