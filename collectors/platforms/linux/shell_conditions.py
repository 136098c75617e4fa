"""Tests in start-up files whose answers an interactive login bash knows, in three-valued logic."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.platforms.linux.shell_variable import Truth, Variable, negation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collectors.evidence import Document

NAME = "TMOUT"
"""The variable that is followed."""

_SET = frozenset({"PS1", "BASH", "BASH_VERSION"})
"""Variables that an interactive bash has set when it reads these files."""

_UNSET = frozenset({"ZSH_VERSION", "KSH_VERSION"})


def truth(name: str, rest: Sequence[str], documents: Mapping[str, Document], variable: Variable) -> Truth:
    """Status of a command that is a test; None for any other, and where the answer cannot be known."""
    if name in {"true", ":"}:
        return True
    if name == "false":
        return False
    if name == "shopt" and rest == ["-q", "login_shell"]:
        return True
    if name not in {"[", "[[", "test"}:
        return None
    words = [word.strip('"') for word in rest if word not in {"]", "]]"}]
    match words:
        case ["-n", word] | [word]:
            return _filled(word, variable)
        case ["-z", word]:
            return negation(_filled(word, variable))
        case [("-d" | "-e" | "-f" | "-r" | "-s"), path]:
            return True if path in {*documents, "/etc/profile.d"} else None
        case ["$BASH", "!=", "/bin/sh"]:
            return True
        case ["$-", ("=" | "=="), "*i*"]:
            return True
    return None


def _filled(word: str, variable: Variable) -> Truth:
    """Whether a variable's expansion is not empty."""
    match = re.fullmatch(r"\$(\w+)|\$\{(\w+):?-?\}", word)
    name = (match[1] or match[2]) if match else ""
    if name == NAME:
        return None if variable.doubt is not None else variable.setting is not None
    return True if name in _SET else (False if name in _UNSET else None)
