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
_LEADING = re.compile(
    r"[\s#;/*-]*(?:(?:export|set|setenv|local|readonly|declare|typeset|env)\s+(?:-\w+\s+)*)?[\w.\-/]{0,80}",
    re.IGNORECASE,
)
_WORD = re.compile(
    r"(?:(?![\s\"'`]|[,;&](?:\s|$|[\w.\-]{1,60}\s*[=:])|[;&|](?:export|readonly|declare|typeset|unset|set|then|fi|done)\b"
    r"|[)}\]](?:[\s,;.)}\]]|$)).)+"
)
_SHELL = re.compile(
    r"\s[A-Za-z_]\w*=|[;&|]\s*(?:$|[A-Za-z_]\w*=|(?:export|readonly|declare|typeset|unset|set|then|fi|done|if|echo|"
    r"read|umask|test|return|exit)\b|\[)|&&|\|\||\s#"
)


def assigned(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield place and kind of every assigned secret in ``line``."""
    place, stop = 0, len(line.rstrip())
    while (match := _ASSIGNMENT.search(line, place)) is not None:
        place = match.end()
        span = _value(line, match, stop)
        if span is not None and not _harmless(line, match, line[slice(*span)]):
            place = max(place, span[1])
            yield *span, _kind(match)


def _kind(match: re.Match[str]) -> str:
    return next(kind for kind, _ in _WORDS if match[kind] is not None)


def _value(line: str, match: re.Match[str], stop: int) -> tuple[int, int] | None:
    """Place of the value without its quotes; None when nothing is assigned. ``stop``: end of the text."""
    begin = match.end()
    if begin >= stop:
        return None
    if line[begin] in "\"'`" or line.startswith('\\"', begin):
        return _quoted(line, begin, stop)
    if not match["quote"] and _LEADING.fullmatch(line, 0, match.start()) and not _shell_like(line, match):
        return begin, stop
    word = _WORD.match(line, begin)
    return word.span() if word is not None else None


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


def _harmless(line: str, match: re.Match[str], value: str) -> bool:
    word, suffix = match["word"].lower(), match["suffix"]
    if _POLICY_SUFFIX.match(suffix) or _SWITCH.fullmatch(value) or _STRUCTURE.fullmatch(value):
        return True
    if match["word"] == "PWD" and not line[: match.start()].rstrip().endswith((";", ",", "_")):
        return True  # the shell's present directory, not a connection string
    before = line[max(0, match.start() - 80) : match.start()]
    prefix = before[
        len(before.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/")) :
    ]
    if match["sign"] == ":":
        if "/" in prefix or _MESSAGE.match(value) or (match["word"] == "PASSWD" and _rights(before, prefix)):
            return True
        if word in {"passwd", "password"} and not prefix and not suffix and _NAME_SERVICE.fullmatch(value):
            return True
    if word == "community" and _ROUTE_COMMUNITY.fullmatch(value):
        return True
    return _kind(match) == "key" and value.startswith("/")


def _rights(before: str, prefix: str) -> bool:
    """``user ALL=(ALL) NOPASSWD: ...`` of sudoers."""
    return prefix == "NO" or (not prefix and before.rstrip().endswith((")", "=", ",")))
