"""What one rule of nft asks of a packet: keys, signs and values, sets and maps of verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import nft_keys as keys
from collectors.platforms.linux.filter_rules.nft_keys import Key, NotUnderstood, Type
from collectors.platforms.linux.filter_rules.nft_sets import Element, NftSet, element_conditions, member
from collectors.platforms.linux.filter_rules.nft_words import Words
from collectors.platforms.linux.filter_rules.numbers import flag_values, number
from scanner.facts.rules import Action, Flagged, Opaque

if TYPE_CHECKING:
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

LISTED = frozenset([Type.STATE, Type.FLAGS, Type.OPAQUE])
"""Types of which several values may stand without brackets."""


@dataclass(slots=True)
class Questions(Words):
    """Reads what a rule asks. ``mapped``: what a map of verdicts adds, one an element.

    ``by_iptables``: the rule is one of iptables', as nft lists it.
    """

    by_iptables: bool = False
    conditions: list[Condition] = field(default_factory=list)
    marks: bool = False
    mapped: list[tuple[tuple[Condition, ...], Action, str]] = field(default_factory=list)

    def _until_the_next(self) -> None:
        """Skip a value of any length."""
        depth = 0
        while self.at < len(self.words) and (depth or self._peek() not in BEGINNINGS):
            depth += {"{": 1, "}": -1}.get(self._peek(), 0)
            self.at += 1

    def _match(self, start: int) -> None:
        asked = [self._key()]
        while self._peek() == ".":
            self.at += 1
            asked.append(self._key())
        if self._peek() == "set":
            self.marks = self.marks or "mark" in asked[0].text
            self.at += 1
            self._given()
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

    def _given(self) -> None:
        """Skip the value that a statement gives to a key: terms with signs between them."""
        self._term()
        while self._operator():
            self.at += 1
            self._term()

    def _term(self) -> None:
        if self._peek() in {"(", "{", "numgen", "jhash", "symhash"} or self._peek() in BEGINNINGS:
            raise NotUnderstood(self._peek())
        if (self._peek(), self._peek(1)) not in keys.KEYS and self._peek() not in keys.NAMING:
            self._value()
            return
        self._key()
        while self._peek() == ".":
            self.at += 1
            self._key()
        if self._peek() == "map":
            self.at += 1
            if self._peek() == "{":
                self._bracketed()
            else:
                self._take()

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

    def _field(self, asked: list[Key]) -> None:
        if len(asked) == 1 and asked[0].type is Type.FLAGS:
            self._flags()
            return
        if self._operator():
            self._state_bits(asked)
            return
        sign = self._no_bit_or_sign(asked)
        told = self._set()
        if told is not None:
            if sign not in {"", "==", "!="}:
                raise NotUnderstood(sign)
            if self.by_iptables and len(asked) > 1:
                # Listings of "multiport --ports" lose its negation and the ends of its ranges.
                self.conditions.append(Opaque("extension", " . ".join(key.text for key in asked)))
            else:
                self.conditions += member(asked, told, negated=sign == "!=")
        elif sign in {"<", ">", "<=", ">="}:
            self.conditions += keys.compared(asked[0], sign, self._value())
        elif len(asked) > 1:
            self._concatenated(asked, sign)
        else:
            values = self._values() if asked[0].type in LISTED else [self._value()]
            self.conditions += keys.condition(asked[0], values, negated=sign == "!=")

    def _no_bit_or_sign(self, asked: list[Key]) -> str:
        """The sign; ``ct state ! a,b`` says that no bit of them is set."""
        if self._peek() == "!" and asked[0].type in {Type.STATE, Type.OPAQUE}:
            self.at += 1
            return "!="
        return self._sign()

    def _state_bits(self, asked: list[Key]) -> None:
        """``ct state & (a | b) != 0``: one of the states; ``ct state & a == a``: this one."""
        if len(asked) != 1 or asked[0].type is not Type.STATE or self._operator() != "&":
            raise NotUnderstood("&")
        self.at += 1
        values = self._ored()
        sign, value = self._sign(), self._take()
        same = [value] == values
        if sign not in {"==", "!="} or not (same or number(value, 0) == 0):
            raise NotUnderstood(sign)
        self.conditions += keys.condition(asked[0], values, negated=(sign == "==") is not same)

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
        if self._operator() == "&":
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
        if operator := self._operator():
            self.at += 1
            bits = f" {operator} {'|'.join(self._ored())}"
        sign = self._no_bit_or_sign(asked)
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
        if bits and text in {"meta mark", "mark", "ct mark"}:
            opaque = Opaque("mark", opaque.text, opaque.negated, steady=True, first=_zero(values))
        elif bits and text == "ip frag-off":
            # Connections are looked at whole: fragments are put together before.
            opaque = Opaque("fragment", opaque.text, opaque.negated, steady=True, first=_zero(values))
        elif self.by_iptables and text == "ct status" and values in (["dnat"], ["snat"]):
            # Listings say no more than this of "NEW,DNAT", and the same of its negation.
            opaque = Opaque("extension", opaque.text, opaque.negated)
        elif text in keys.ORIGINAL and not bits and sign in {"", "==", "!="}:
            key = keys.KEYS[keys.ORIGINAL[text]]
            stands = member(
                [key], told or NftSet([Element((value,)) for value in values]), negated=opaque.negated
            )
            opaque = replace(opaque, stands=stands)
        self.conditions.append(opaque)
        if self.by_iptables and text.startswith("fib saddr"):
            # Listings of "addrtype" leave the kind of destination out where they tell that of the source.
            self.conditions.append(Opaque("extension", "fib daddr type"))

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
