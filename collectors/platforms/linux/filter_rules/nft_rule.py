"""One rule of nft, word by word."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectors.platforms.linux.filter_rules import nft_keys as keys
from collectors.platforms.linux.filter_rules.iptables_rule import LOGGING, MARKING, TARGETS
from collectors.platforms.linux.filter_rules.nft_keys import NotUnderstood
from collectors.platforms.linux.filter_rules.nft_questions import TRANSLATING, VERDICTS, Questions
from collectors.platforms.linux.filter_rules.numbers import number
from collectors.platforms.linux.filter_rules.translations import of_nft
from scanner.facts.rules import Action, Field, FilterRule, Opaque, Within

if TYPE_CHECKING:
    from scanner.facts.rules import Condition, Translation

LOG_WORDS = frozenset("prefix level group snaplen queue-threshold flags".split())


@dataclass(slots=True)
class RuleReader(Questions):
    """Reads the words of one rule. Rules of a verdict map are several, all at the same line."""

    action: Action = Action.CONTINUE
    target: str = ""
    unread: list[str] = field(default_factory=list)
    translation: Translation | None = None
    untracks: bool = False
    counted: int | None = None
    logs: bool = False

    def read(self) -> list[FilterRule]:
        """Return the rules that the words stand for. What is not understood makes their effect uncertain."""
        try:
            while self.at < len(self.words):
                self._statement()
        except (NotUnderstood, IndexError):
            self.unread.append(" ".join(token.text for token in self.words[self.at :]) or "…")
            self._verdict_at_the_end()
        found = [self._rule(told, action, target) for told, action, target in self.mapped]
        if not self.mapped or self.action is not Action.CONTINUE or self.unread:
            found.append(self._rule((), self.action, self.target))
        return found

    def _rule(self, more: tuple[Condition, ...], action: Action, target: str) -> FilterRule:
        return FilterRule(
            self.line,
            self.text,
            (*self.conditions, *more),
            action,
            target,
            tuple(self.unread),
            marks=self.marks,
            translation=self.translation,
            untracks=self.untracks,
            counted=self.counted,
            logs=self.logs or None,
        )

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

    def _statement(self) -> None:
        word = self._peek()
        start = self.at
        if word in VERDICTS:
            self._verdict()
        elif word in TRANSLATING:
            self.action = Action.TRANSLATE
            self.translation = of_nft([token.text for token in self.words[start:]])
            self.at = len(self.words)
        elif word in {"queue", "fwd", "synproxy"}:
            self.action = Action.ANYTHING
            self.at = len(self.words)
        elif word in {"notrack", "last"}:
            self.untracks = self.untracks or word == "notrack"
            self.at += 1
        elif word == "xt" and self._peek(1) in {"match", "target"}:
            self._extension()
        elif not self._counting(word):
            self._match(start)

    def _extension(self) -> None:
        """``xt match "recent"``: what an extension of iptables asks or does is told by its name at most."""
        self.at += 1
        kind, name = self._take(), self._take()
        if kind == "match":
            self.conditions.append(Opaque("extension", f"xt match {name}"))
        elif name == "REJECT" or TARGETS.get(name) in {Action.CONTINUE, Action.TRANSLATE}:
            self.action = TARGETS[name]
            self.marks = self.marks or name in MARKING
            self.logs = self.logs or name in LOGGING
            self.untracks = self.untracks or name == "CT"
        else:
            raise NotUnderstood(name)

    def _counting(self, word: str) -> bool:
        """Statements that decide nothing, or only by a rate."""
        if word == "counter":
            self._counter()
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

    def _counter(self) -> None:
        self.at += 1
        if self._peek() == "packets" and self._peek(1).isdigit():
            self.counted = int(self._peek(1))
        if self._peek() == "name":
            self.at += 2
        self._skip(frozenset(["packets", "bytes"]))

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
        self.logs = True
        while self._peek() in LOG_WORDS:
            word = self._take()
            self.at += 1
            if word == "flags" and self.words[self.at - 1].text in {"tcp", "ip"}:
                while self._peek() in {"sequence", "options", ","}:
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
