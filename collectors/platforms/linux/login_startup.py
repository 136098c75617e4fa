"""Whether a text is a start-up file of login shells at all: a shell takes any line for a command."""

from __future__ import annotations

import re

from collectors.platforms.linux.shell_words import ShellTextError, tokens

_KNOWN = frozenset(
    "if for while until case { [ [[ . source test export readonly declare typeset unset set shopt umask"
    " ulimit alias unalias eval exec return exit trap true false : echo printf mesg stty tty".split()
)
"""Reserved words and commands of the kind that start-up files consist of."""

_ASSIGNED = re.compile(r"[A-Za-z_]\w*\+?=")


def is_startup_text(text: str) -> bool:
    """Tell whether a text has no command, or at least one of the kind that start-up files have.

    A text that cannot be cut into words is left to who follows it, and so is told as one.
    """
    try:
        words = tokens(text)
    except ShellTextError:
        return True
    first = [
        word.text
        for before, word in zip([None, *words], words, strict=False)
        if not word.operator and (before is None or before.operator)
    ]
    return not first or any(word in _KNOWN or _ASSIGNED.match(word) or word.startswith("/") for word in first)
