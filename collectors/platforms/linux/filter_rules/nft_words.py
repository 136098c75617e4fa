"""Walking over the words of one nft rule, and the values among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules.nft_keys import NotUnderstood
from collectors.platforms.linux.filter_rules.nft_sets import NftSet, elements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.nft_tokens import Token


_SPELLED = {
    "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
}  # fmt: skip
"""Words that stand for signs."""


@dataclass(slots=True)
class Words:
    """The words of a rule, and the next one (``at``). ``sets``: those that it may name."""

    words: list[Token]
    sets: Mapping[str, NftSet]
    line: int
    text: str
    at: int = 0

    def _peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.words[at].text if at < len(self.words) and not self.words[at].quoted else ""

    def _take(self) -> str:
        self.at += 1
        return self.words[self.at - 1].text

    def _skip(self, words: frozenset[str]) -> None:
        """Skip words of a vocabulary, numbers, and quoted ones."""
        while self.at < len(self.words) and (
            self._peek() in words or self.words[self.at].quoted or self._peek()[:1].isdigit()
        ):
            self.at += 1

    def _bracketed(self) -> list[Token]:
        """The words between the brackets that begin here."""
        if self._peek() != "{":
            raise NotUnderstood(self._peek())
        start = self.at + 1
        depth = 0
        while True:
            depth += {"{": 1, "}": -1}.get(self._peek(), 0)
            self.at += 1
            if not depth:
                return self.words[start : self.at - 1]
            if self.at >= len(self.words):
                raise NotUnderstood("{")

    def _sign(self) -> str:
        word = _SPELLED.get(self._peek(), self._peek())
        if word not in {"==", "!=", "<", ">", "<=", ">="}:
            return ""
        self.at += 1
        return word

    def _operator(self) -> str:
        """The next word as a sign between numbers, nothing where it is none; it is not taken."""
        word = _SPELLED.get(self._peek(), self._peek())
        return word if word in {"&", "|", "^", "<<", ">>"} else ""

    def _value(self) -> str:
        """One value; a range may have blanks around its dash."""
        if self._peek() in {"{", "}", "(", ")", ";", "=", ","}:
            raise NotUnderstood(self._peek())
        value = self._take()
        while self._peek() == "-":
            self.at += 1
            value += "-" + self._take()
        return value

    def _values(self) -> list[str]:
        found = [self._value()]
        while self._peek() == ",":
            self.at += 1
            found.append(self._value())
        return found

    def _set(self) -> NftSet | None:
        """A set that stands here, by name or in brackets; None where a value does."""
        if self._peek() == "{":
            told, known = elements(self._bracketed())
            return NftSet(told, known)
        if self._peek().startswith("@") and "," not in self._peek():
            name = self._take()[1:]
            if name not in self.sets:
                raise NotUnderstood(name)
            return self.sets[name]
        return None

    def _ored(self) -> list[str]:
        """Values with bars between them, in round brackets or not."""
        bracket = self._peek() == "("
        self.at += bracket
        values = [self._value()]
        while self._operator() == "|" or self._peek() == ",":
            self.at += 1
            values.append(self._value())
        if bracket and self._take() != ")":
            raise NotUnderstood("(")
        return values
