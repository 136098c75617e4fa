"""One rule of nft, word by word."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import nft_keys as keys
from collectors.platforms.linux.filter_rules.nft_keys import Key, NotUnderstood, Type
from collectors.platforms.linux.filter_rules.nft_sets import (
    NftSet,
    element_conditions,
    elements,
    member,
)
from collectors.platforms.linux.filter_rules.numbers import flag_values, number
from scanner.facts.rules import Action, Field, FilterRule, Flagged, Opaque, Within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.filter_rules.nft_tokens import Token
    from scanner.facts.rules import Condition

VERDICTS = {
    "accept": Action.ACCEPT,
    "drop": Action.DROP,
    "reject": Action.REJECT,
    "return": Action.RETURN,
    "continue": Action.CONTINUE,
    "jump": Action.JUMP,
    "goto": Action.GOTO,
}
TRANSLATING = frozenset("dnat snat masquerade redirect tproxy".split())
BEGINNINGS = frozenset([*VERDICTS, *TRANSLATING, "counter", "log", "limit", "comment", "queue", "quota"])
"""Words that begin the next statement after a value of any length."""

LOG_WORDS = frozenset("prefix level group snaplen queue-threshold flags".split())
LISTED = frozenset([Type.STATE, Type.FLAGS, Type.OPAQUE])
"""Types of which several values may stand without brackets."""


@dataclass(slots=True)
class RuleReader:
    """Reads the words of one rule. Rules of a verdict map are several, all at the same line."""

    words: list[Token]
    sets: Mapping[str, NftSet]
    line: int
    text: str
    at: int = 0
    conditions: list[Condition] = field(default_factory=list)
    action: Action = Action.CONTINUE
    target: str = ""
    marks: bool = False
    unread: list[str] = field(default_factory=list)
    mapped: list[tuple[tuple[Condition, ...], Action, str]] = field(default_factory=list)

    def read(self) -> list[FilterRule]:
        """Return the rules that the words stand for. What is not understood makes their effect uncertain."""
        try:
            while self.at < len(self.words):
                self._statement()
        except (NotUnderstood, IndexError):
            self.unread.append(" ".join(token.text for token in self.words[self.at :]) or "…")
            self._verdict_at_the_end()
        common, unread = tuple(self.conditions), tuple(self.unread)
        found = [
            FilterRule(self.line, self.text, (*common, *told), action, target, unread)
            for told, action, target in self.mapped
        ]
        if not self.mapped or self.action is not Action.CONTINUE or self.unread:
            found.append(
                FilterRule(self.line, self.text, common, self.action, self.target, unread, self.marks)
            )
        return found

    def _verdict_at_the_end(self) -> None:
        """Where the middle was not understood, the last word still tells what the rule can do at most."""
        rest = [token.text for token in self.words]
        if rest[-2:-1] == ["comment"]:
            rest = rest[:-2]
        self.action = Action.ANYTHING
        if rest and rest[-1] in {"accept", "drop", "return", "reject", "continue"}:
            self.action = VERDICTS[rest[-1]]
        elif len(rest) > 1 and rest[-2] in {"jump", "goto"}:
            self.action, self.target = VERDICTS[rest[-2]], rest[-1]

    # words

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

    def _until_the_next(self) -> None:
        """Skip a value of any length."""
        depth = 0
        while self.at < len(self.words) and (depth or self._peek() not in BEGINNINGS):
            depth += {"{": 1, "}": -1}.get(self._peek(), 0)
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

    # statements

    def _statement(self) -> None:
        word = self._peek()
        start = self.at
        if word in VERDICTS:
            self._verdict()
        elif word in TRANSLATING:
            self.action = Action.TRANSLATE
            self.at = len(self.words)
        elif word in {"queue", "fwd", "synproxy"}:
            self.action = Action.ANYTHING
            self.at = len(self.words)
        elif word in {"notrack", "last"}:
            self.at += 1
        elif not self._counting(word):
            self._match(start)

    def _counting(self, word: str) -> bool:
        """Statements that decide nothing, or only by a rate."""
        if word == "counter":
            self.at += 1
            self._skip(frozenset("packets bytes name".split()))
        elif word == "comment":
            self.at += 2
        elif word == "log":
            self._log()
        elif word in {"limit", "quota"}:
            self._limit()
        elif word in {"add", "update", "delete", "meter"} and self._peek(1):
            self._dynamic(word)
        elif word == "ct" and self._peek(1) == "count":
            self._count()
        elif word in {"dup", "flow"}:
            self._until_the_next()
        else:
            return False
        return True

    def _verdict(self) -> None:
        word = self._take()
        self.action = VERDICTS[word]
        if word in {"jump", "goto"}:
            self.target = self._take()
        elif word == "reject" and self._peek() == "with":
            self._reject()

    def _reject(self) -> None:
        self.at += 1
        how = self._take()
        if how == "tcp":
            self.conditions.append(Within(Field.PROTOCOL, ((6, 6),)))
        elif how in {"icmp", "icmpv6"}:
            self.conditions.append(keys.IS_V4 if how == "icmp" else keys.IS_V6)
        elif how != "icmpx":
            raise NotUnderstood(how)
        if self._peek() in {"type", "reset"}:
            self.at += 1
        if how != "tcp":
            self.at += 1

    def _log(self) -> None:
        self.at += 1
        while self._peek() in LOG_WORDS:
            word = self._take()
            self.at += 1
            if word == "flags":
                while self._peek() in {"sequence", "options", ",", "tcp", "ip", "skuid", "ether", "all"}:
                    self.at += 1

    def _limit(self) -> None:
        start = self.at
        kind = self._take()
        words = "rate name over until burst packets bytes kbytes mbytes used second minute hour day week"
        units = [f"{size}/{time}" for size in ("bytes", "kbytes", "mbytes") for time in words.split()[-5:]]
        self._skip(frozenset([*words.split(), *units]))
        said = " ".join(token.text for token in self.words[start : self.at])
        over = "over" in said.split()
        named = kind == "limit" and "name" in said.split()
        self.conditions.append(Opaque("rate", said, first=None if named else not over))

    def _dynamic(self, word: str) -> None:
        """Sets that the rule itself fills: they narrow only where they hold a rate."""
        start = self.at
        while self._peek() != "{":
            self.at += 1
            if self.at >= len(self.words):
                raise NotUnderstood(word)
        inner = [token.text for token in self._bracketed()]
        said = " ".join(token.text for token in self.words[start : self.at])
        if "count" in inner and "ct" in inner:
            self.conditions.append(Opaque("connections", said, first="over" not in inner))
        elif {"limit", "quota"} & set(inner):
            self.conditions.append(Opaque("rate", said, first="over" not in inner))

    def _count(self) -> None:
        start = self.at
        self.at += 2
        over = self._peek() == "over"
        self.at += over
        most = number(self._take(), 2**32)
        if most is None:
            raise NotUnderstood("count")
        said = " ".join(token.text for token in self.words[start : self.at])
        self.conditions.append(Opaque("connections", said, first=None if not most else not over))

    # questions

    def _match(self, start: int) -> None:
        asked = [self._key()]
        while self._peek() == ".":
            self.at += 1
            asked.append(self._key())
        if self._peek() == "set":
            self.marks = self.marks or "mark" in asked[0].text
            self.at += 1
            self._until_the_next()
            return
        try:
            if self._peek() == "vmap":
                self._vmap(asked)
            elif any(key.type is Type.OPAQUE for key in asked):
                self._opaque(asked)
            else:
                self._field(asked)
        except NotUnderstood:
            self.at = start
            raise
        for key in asked:
            self.conditions += key.implied

    def _key(self) -> Key:
        word, second = self._peek(), self._peek(1)
        if (word, second) in keys.KEYS:
            self.at += 2
            return keys.KEYS[word, second]
        if (word,) in keys.KEYS:
            self.at += 1
            return keys.KEYS[(word,)]
        if word == "fib":
            return self._fib()
        if word in keys.BARE_META:
            self.at += 1
            return Key(f"meta {word}", Type.OPAQUE)
        if second in keys.OPAQUE_WORDS.get(word, frozenset()):
            self.at += 2
            if word == "ct" and second in {"original", "reply"}:
                return Key(f"ct {second} {self._more_of_ct()}", Type.OPAQUE)
            if second in {"option", "hbh", "rt", "frag", "dst", "mh"} and word in {"tcp", "ip", "exthdr"}:
                return Key(f"{word} {second} {self._option()}", Type.OPAQUE)
            return Key(f"{word} {second}", Type.OPAQUE)
        raise NotUnderstood(word)

    def _more_of_ct(self) -> str:
        words = [self._take()]
        if words[0] in {"ip", "ip6"}:
            words.append(self._take())
        return " ".join(words)

    def _option(self) -> str:
        words = [self._take()] if self._peek() not in {"exists", "missing"} else []
        if self._peek() in {"size", "kind", "length", "left", "right"}:
            words.append(self._take())
        return " ".join(words)

    def _fib(self) -> Key:
        words = [self._take()]
        while self._peek() in {"saddr", "daddr", "mark", "iif", "oif", ".", "iifname"}:
            words.append(self._take())
            if words[-1] == "oif" and words[-2] != ".":
                return Key(" ".join(words), Type.OPAQUE)
        if self._peek() not in {"type", "oif", "oifname", "check"}:
            raise NotUnderstood(self._peek())
        words.append(self._take())
        return Key(" ".join(words), Type.OPAQUE)

    def _sign(self) -> str:
        return self._take() if self._peek() in {"==", "!=", "<", ">", "<=", ">="} else ""

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

    def _field(self, asked: list[Key]) -> None:
        if len(asked) == 1 and asked[0].type is Type.FLAGS:
            self._flags()
            return
        if self._peek() in {"&", "|", "^", "<<", ">>"}:
            self._state_bits(asked)
            return
        sign = self._sign()
        told = self._set()
        if told is not None:
            if sign not in {"", "==", "!="}:
                raise NotUnderstood(sign)
            self.conditions += member(asked, told, negated=sign == "!=")
        elif sign in {"<", ">", "<=", ">="}:
            self.conditions += keys.compared(asked[0], sign, self._value())
        elif len(asked) > 1:
            self._concatenated(asked, sign)
        else:
            values = self._values() if asked[0].type in LISTED else [self._value()]
            self.conditions += keys.condition(asked[0], values, negated=sign == "!=")

    def _state_bits(self, asked: list[Key]) -> None:
        """``ct state & (a | b) != 0``: one of the states."""
        if len(asked) != 1 or asked[0].type is not Type.STATE or self._take() != "&":
            raise NotUnderstood("&")
        values = self._ored()
        sign, zero = self._sign(), self._take()
        if sign not in {"==", "!="} or number(zero, 0) != 0:
            raise NotUnderstood(sign)
        self.conditions += keys.condition(asked[0], values, negated=sign == "==")

    def _ored(self) -> list[str]:
        """Values with bars between them, in round brackets or not."""
        bracket = self._peek() == "("
        self.at += bracket
        values = [self._value()]
        while self._peek() in {"|", ","}:
            self.at += 1
            values.append(self._value())
        if bracket and self._take() != ")":
            raise NotUnderstood("(")
        return values

    def _concatenated(self, asked: list[Key], sign: str) -> None:
        values = [self._value()]
        while self._peek() == ".":
            self.at += 1
            values.append(self._value())
        if sign == "!=" or len(values) != len(asked):
            raise NotUnderstood(sign)
        for key, value in zip(asked, values, strict=True):
            self.conditions += keys.condition(key, [value])

    def _flags(self) -> None:
        if self._peek() == "&":
            self.at += 1
            mask = keys.flags(self._ored())
            sign = self._sign()
            wanted = keys.flags(self._ored())
            if sign not in {"==", "!="}:
                raise NotUnderstood(sign)
            self.conditions.append(Flagged(flag_values(mask, wanted, negated=sign == "!=")))
            return
        no_bit = self._peek() == "!"
        self.at += no_bit
        sign = self._sign()
        told = self._set()
        if told is not None:
            self.conditions += member([keys.KEYS["tcp", "flags"]], told, negated=sign == "!=")
            return
        wanted = keys.flags(self._ored())
        if self._peek() == "/":
            self.at += 1
            mask = keys.flags(self._ored())
            self.conditions.append(Flagged(flag_values(mask, wanted, negated=sign == "!=")))
        elif sign or no_bit:
            mask = wanted if no_bit else 255
            self.conditions.append(Flagged(flag_values(mask, 0 if no_bit else wanted, negated=sign == "!=")))
        else:
            self.conditions.append(Flagged(flag_values(wanted, 0, negated=True)))

    def _opaque(self, asked: list[Key]) -> None:
        bits = ""
        if self._peek() in {"&", "|", "^", "<<", ">>"}:
            bits = f" {self._take()} {'|'.join(self._ored())}"
        sign = self._sign()
        told = self._set()
        if told is not None:
            values = [" . ".join(element.values) for element in told.elements]
        else:
            values = self._values()
            while self._peek() in {".", "/"}:
                self.at += 1
                values.append(self._value())
        text = " . ".join(key.text for key in asked)
        if sign in {"<", ">", "<=", ">="}:
            values = [f"{sign}{value}" for value in values]
        steady = not {"meta time", "meta hour", "meta day", "meta random"} & {key.text for key in asked}
        opaque = keys.opaque(text + bits, values, negated=sign == "!=", steady=steady)
        if bits and text in {"meta mark", "ct mark"}:
            opaque = Opaque("mark", opaque.text, opaque.negated, steady=True, first=_zero(values))
        elif bits and text == "ip frag-off":
            # Connections are looked at whole: fragments are put together before.
            opaque = Opaque("fragment", opaque.text, opaque.negated, steady=True, first=_zero(values))
        self.conditions.append(opaque)

    def _vmap(self, asked: list[Key]) -> None:
        self.at += 1
        told = self._set()
        if told is None or not told.known or any(key.type is Type.OPAQUE for key in asked):
            raise NotUnderstood("vmap")
        for element in told.elements:
            words = [token.text for token in element.given]
            if not words or words[0] not in VERDICTS or (words[0] in {"jump", "goto"}) != (len(words) == 2):
                raise NotUnderstood(" ".join(words))
            if element.values == ("*",):
                continue
            target = words[1] if len(words) == 2 else ""
            implied = [one for key in asked for one in key.implied]
            told_ = (*element_conditions(asked, element), *implied)
            self.mapped.append((told_, VERDICTS[words[0]], target))
        for element in told.elements:
            if element.values == ("*",):
                words = [token.text for token in element.given]
                self.mapped.append(((), VERDICTS[words[0]], words[1] if len(words) == 2 else ""))


def _zero(values: list[str]) -> bool | None:
    known = [number(value, 2**32 - 1) for value in values]
    return None if None in known or len(known) != 1 else known[0] == 0
