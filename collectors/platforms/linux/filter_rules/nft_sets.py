"""Sets and maps of nft: elements as written, and what they ask of a packet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.nft_keys import NotUnderstood, Type, condition
from scanner.facts.rules import Either, Opaque, Within, outside, united

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.platforms.linux.filter_rules.nft_keys import Key
    from collectors.platforms.linux.filter_rules.nft_tokens import Statement, Token
    from scanner.facts.rules import Condition, Span

SUFFIXES = frozenset("timeout expires counter comment last".split())
LIMITS = frozenset("limit quota".split())


@dataclass(frozen=True, slots=True)
class Element:
    """Values of one element, one a key of a concatenation, and what a map gives for it."""

    values: tuple[str, ...]
    given: tuple[Token, ...] = ()


@dataclass(slots=True)
class NftSet:
    """A named or nameless set or map. ``known``: no element depends on a rate.

    ``filled``: a rule puts packets into it and goes on with them, so that they may be found there.
    """

    elements: list[Element] = field(default_factory=list)
    known: bool = True
    filled: bool = False


_ENDING = frozenset(["accept", "drop", "reject"])


def filled_by(words: list[Token]) -> str:
    """Return the name of the set that a rule puts a packet into before it goes on with it, or nothing."""
    texts = [token.text for token in words if not token.quoted]
    for at, word in enumerate(texts[:-1]):
        if word in {"add", "update"} and texts[at + 1].startswith("@"):
            return "" if _ENDING & set(texts[at:]) else texts[at + 1][1:]
    return ""


def read_set(block: list[Statement]) -> NftSet:
    """Read the block of a named set or map."""
    found = NftSet()
    for statement in block:
        words = [token.text for token in statement.words]
        if words[:2] == ["elements", "="]:
            found.elements, found.known = elements(statement.words[3:-1])
        elif any(word in LIMITS for word in words[:1]):
            found.known = False
    return found


def elements(words: list[Token]) -> tuple[list[Element], bool]:
    """Return the elements between the brackets; False: one holds a rate."""
    found: list[Element] = []
    known = True
    for part in _parted(words):
        if part[0].text == "{" and part[-1].text == "}" and not part[0].quoted:
            # A name that stands for a set, among other elements.
            more, sure = elements(part[1:-1])
            found += more
            known = known and sure
            continue
        values: list[str] = [""]
        given: list[Token] = []
        state = "value"
        for token in part:
            if state == "value" and not token.quoted and token.text in SUFFIXES | LIMITS:
                state = "suffix"
                known = known and token.text not in LIMITS
            elif not token.quoted and token.text == ":":
                state = "given"
            elif state == "given":
                given.append(token)
            elif state == "value" and token.text == "." and not token.quoted:
                values.append("")
            elif state == "value":
                values[-1] += token.text
        found.append(Element(tuple(values), tuple(given)))
    return found, known


def _parted(words: list[Token]) -> Iterator[list[Token]]:
    """Words between the commas."""
    part: list[Token] = []
    depth = 0
    for token in words:
        if not token.quoted:
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            if token.text == "," and not depth:
                if part:
                    yield part
                part = []
                continue
        part.append(token)
    if part:
        yield part


def element_conditions(keys: list[Key], element: Element) -> tuple[Condition, ...]:
    """Return what one element asks.

    Raises:
        NotUnderstood: values that are none of the keys' types.
    """
    if len(element.values) != len(keys):
        raise NotUnderstood(" . ".join(element.values))
    told: list[Condition] = []
    for key, value in zip(keys, element.values, strict=True):
        if value != "*":
            told += condition(key, [value])
    return tuple(told)


def member(keys: list[Key], told: NftSet, *, negated: bool) -> tuple[Condition, ...]:
    """Return what being in the set (or not) asks.

    Raises:
        NotUnderstood: a set that depends on rates, values that are none of the keys' types, or a negation
            over several keys.
    """
    if not told.known:
        raise NotUnderstood("a set with rates")
    if told.filled:
        asked = " . ".join(key.text for key in keys)
        return (Opaque("history", f"{asked} in a set that rules fill", negated=negated),)
    if len(keys) == 1:
        return _of_one_key(keys[0], told, negated=negated)
    if negated:
        raise NotUnderstood("!=")
    return (Either(tuple(element_conditions(keys, element) for element in told.elements)),)


def _of_one_key(key: Key, told: NftSet, *, negated: bool) -> tuple[Condition, ...]:
    values = [element.values[0] for element in told.elements if len(element.values) == 1]
    if len(values) < len(told.elements) or "*" in values:
        raise NotUnderstood("a set of another type")
    if key.type is Type.ADDRESS and key.field is not None:
        spans: list[Span] = []
        for value in values:
            spans += _spans(condition(key, [value]))
        whole = united(spans)
        return (Within(key.field, outside(whole, key.whole) if negated else whole),)
    return condition(key, values, negated=negated)


def _spans(told: tuple[Condition, ...]) -> list[Span]:
    return [span for one in told if isinstance(one, Within) for span in one.spans]
