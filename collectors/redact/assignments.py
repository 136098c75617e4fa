"""Assignments whose name says that the value is a secret: ``db_password = x``, ``"token": "x"``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: tuple[tuple[str, str], ...] = (
    ("psk", r"pre[-_ ]?shared[-_ ]?key|psk"),
    ("key", r"(?:private|api|access|shared|auth|encryption|signing|secret|master)[-_]?key|private key"),
    (
        "password",
        r"password|passwd|passphrase|(?<![a-z])pass(?=\\?[\"']?\]?[ \t]{0,80}[=:])|(?<![a-z])pwd(?![a-z])",
    ),
    ("secret", "secret"),
    ("token", "token"),
    ("community", "community"),
)
"""Kinds of secrets and the words that name them, the more telling ones first."""

_ASSIGNMENT = re.compile(
    "(?P<word>" + "|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS) + ")"
    r"(?P<suffix>[\w.\-]{0,40})(?P<quote>\\?[\"']?\]?)[ \t]{0,80}(?P<sign>=>|:=|==?|:)[ \t]{0,80}",
    re.IGNORECASE | re.ASCII,
)
_POLICY_SUFFIX = re.compile(
    r"[-_.]?(?:authentication|auth|policy|policies|quality|control|min|max|len|length|age|aging|days|expir|warn|"
    r"retry|retries|tries|attempts|timeout|history|encryption|encrypt(?!ed)|algorithm|method|type|check|complex|"
    r"strength|file|path|dir|location|store|prompt|change|reuse|interval|remember|life|ttl|lock|count|mixed|"
    r"special|number|dictionary|required?|enabled?|disabled?|mode|format|field|label|url|uri|endpoint|issuer|"
    r"name|user|limit|size|rotation|list)",
    re.IGNORECASE,
)
"""What follows the word when the value is a rule about secrets, or a place, and not a secret itself."""

_SWITCH = re.compile(
    r"[\"']?(?:yes|no|true|false|on|off|none|null|nil|enabled?|disabled?|required|optional|\((?:hidden|none)\))[\"']?[,;]?",
    re.IGNORECASE,
)
_NAME_SERVICE = re.compile(
    r"(?:files|systemd|compat|sss|ldap|db|nis|nisplus|winbind|wins|dns|altfiles|usrfiles|cache|extrausers|"
    r"\[[^\]]{1,80}\]|\s)+",
    re.IGNORECASE,
)
_MESSAGE = re.compile(
    r"(?:permission denied|no such file|command not found|not found|operation not permitted|cannot open|"
    r"you (?:may|must|are) not|authentication (?:token|failure)|invalid option|"
    r"unrecognized option|is required)\b",
    re.IGNORECASE,
)
_ROUTE_COMMUNITY = re.compile(r"(?:\d{1,10}:\d{1,10}|no-export|no-advertise|internet|local-as|additive|\s)+")
_STRUCTURE = re.compile(r"[\[{|>(]?[+-]?[\]})]?[,;]?")
_INDENT = re.compile(r"[\s#;/*-]*")
_LEADING = re.compile(
    r"(?:(?:export|set|setenv|local|readonly|declare|typeset|env)\s+(?:-\w+\s+)*)?[\w.\-/]{0,80}",
    re.IGNORECASE,
)
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/"
_LEADING_ROOM = 500
"""Characters between indentation and a name that may still be at its line's beginning."""

_WORD = re.compile(
    r"(?:(?![\s\"'`]|[,;&](?:\s|$|[\w.\-]{1,60}\s*[=:])|[;&|](?:export|readonly|declare|typeset|unset|set|then|fi|done)\b"
    r"|[)}\]](?:[\s,;.)}\]]|$)).)+"
)
_SHELL = re.compile(
    r"\s[A-Za-z_]\w*=|[;&|]\s*(?:$|[A-Za-z_]\w*=|(?:export|readonly|declare|typeset|unset|set|then|fi|done|if|echo|"
    r"read|umask|test|return|exit)\b|\[)|&&|\|\||\s#"
)


MOST = 2000
"""Assignments in a line whose values are looked at; a line with more is masked from there on."""


def assigned(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield place and kind of every assigned secret in ``line``; work is linear in its length."""
    found = _Line(line)
    place = 0
    for _ in range(MOST):
        match = _ASSIGNMENT.search(line, place)
        if match is None:
            return
        place = match.end()
        span = None if _named_harmless(match) else found.value(match)
        if span is not None and not _harmless(match, line[slice(*span)]):
            place = max(place, span[1])
            yield *span, _kind(match)
    yield place, len(line), "line"


def _kind(match: re.Match[str]) -> str:
    return next(kind for kind, _ in _WORDS if match[kind] is not None)


class _Line:
    """A line while its values are found; remembers what would otherwise be looked for again and again."""

    def __init__(self, line: str) -> None:
        indent = _INDENT.match(line)
        self._line = line
        self._start = indent.end() if indent is not None else 0
        self._stop = len(line.rstrip())
        self._word_end = 0

    def value(self, match: re.Match[str]) -> tuple[int, int] | None:
        """Place of the value without its quotes; None when nothing is assigned."""
        line, begin = self._line, match.end()
        if begin >= self._stop:
            return None
        if line[begin] in "\"'`" or line.startswith('\\"', begin):
            return _quoted(line, begin, self._stop)
        if not match["quote"] and self._leads(match.start()) and not _shell_like(line, match):
            return begin, self._stop
        if begin >= self._word_end:  # else inside the last word, which ends where it ends
            word = _WORD.match(line, begin)
            self._word_end = begin if word is None else word.end()
        return (begin, self._word_end) if begin < self._word_end else None

    def _leads(self, start: int) -> bool:
        near = start - self._start <= _LEADING_ROOM
        return near and (
            start <= self._start or _LEADING.fullmatch(self._line, self._start, start) is not None
        )


def _quoted(line: str, begin: int, stop: int) -> tuple[int, int] | None:
    mark = '\\"' if line[begin] == "\\" else line[begin]
    start = begin + len(mark)
    end = line.find(mark, start)
    while mark != '\\"' and end > 0 and line[end - 1] == "\\":
        end = line.find(mark, end + 1)
    end = stop if end < 0 else end
    return (start, end) if start < end else None


def _shell_like(line: str, match: re.Match[str]) -> bool:
    """``NAME=value`` with more on the line: what follows is not the secret, and may matter to judgement."""
    return match[0].endswith("=") and match["sign"] == "=" and _SHELL.search(line, match.end()) is not None


def _named_harmless(match: re.Match[str]) -> bool:
    """Whether name and surroundings say already that no secret follows."""
    if _POLICY_SUFFIX.match(match["suffix"]):
        return True
    if match["word"] == "PWD" and not _before(match)[0].rstrip().endswith((";", ",", "_")):
        return True  # the shell's present directory, not a connection string
    before, prefix = _before(match)
    return match["sign"] == ":" and ("/" in prefix or (match["word"] == "PASSWD" and _rights(before, prefix)))


def _harmless(match: re.Match[str], value: str) -> bool:
    word = match["word"].lower()
    if _SWITCH.fullmatch(value) or _STRUCTURE.fullmatch(value):
        return True
    if match["sign"] == ":":
        if _MESSAGE.match(value):
            return True
        bare = not _before(match)[1] and not match["suffix"]
        if word in {"passwd", "password"} and bare and _NAME_SERVICE.fullmatch(value):
            return True
    if word == "community" and _ROUTE_COMMUNITY.fullmatch(value):
        return True
    return _kind(match) == "key" and value.startswith("/")


def _before(match: re.Match[str]) -> tuple[str, str]:
    """What stands before the word, and the part of it that belongs to the name."""
    before = match.string[max(0, match.start() - 80) : match.start()]
    return before, before[len(before.rstrip(_NAME)) :]


def _rights(before: str, prefix: str) -> bool:
    """``user ALL=(ALL) NOPASSWD: ...`` of sudoers."""
    return prefix == "NO" or (not prefix and before.rstrip().endswith((")", "=", ",")))
