"""What a login needs of sudo: one definition for the program that asks and for the sudoers text that allows.

A privileged command is run through sudo exactly as its step says. A privileged file pattern is read by one
``find`` a pattern, whose arguments are constant, so that sudoers can allow just this and nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collectors.base import Platform

SYSTEM_DIRECTORIES = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where a privileged program may lie. /usr/local is left out: no package manager answers for it."""

RECORD = "%y/%m/%U/%G/%s/%T@/%f/"
"""What ``find`` prints before a file: type, mode, owner, group, bytes, mtime, name (never with a slash)."""

RECORD_END = "//"
"""What it prints behind a file's bytes: its size was right and all of it came."""

_PLAIN = re.compile(r"[A-Za-z0-9_./%@{};,:=\\*?\[\]!#+~-]+")
"""Characters of an argument that the sudoers text can express in every version of sudo."""

_SUDOERS_SPECIAL = re.compile(r"[\\,:=#*?\[\]]")
_WILDCARD = re.compile(r"[*?\[]")
_PATTERN = re.compile(r"(?:/(?:[A-Za-z0-9_.@%+,:*?-]|\[[A-Za-z0-9!-]+\])+)+/?")


def directory_of(pattern: str) -> tuple[str, str]:
    """Split a pattern into its directory and the pattern of the name; a folder's slash is left out.

    Raises:
        ValueError: not absolute, or with a character that a shell or sudo would read differently.
    """
    if not _PATTERN.fullmatch(pattern) or {".", ".."} & set(pattern.split("/")):
        raise ValueError(f"not a pattern that every shell reads alike: {pattern!r}")
    directory, _, name = pattern.removesuffix("/").rpartition("/")
    if any(part.startswith(".") and has_wildcard(part) for part in directory.split("/")):
        raise ValueError(f"not a pattern that every shell reads alike: {pattern!r} may match ..")
    return directory or "/", name


def has_wildcard(text: str) -> bool:
    """Whether the shell would expand ``text``."""
    return _WILDCARD.search(text) is not None


def reading_argv(pattern: str, *, metadata_only: bool = False) -> tuple[str, ...]:
    """Arguments of the one command that reads (or lists) a pattern's files as root.

    Raises:
        ValueError: the directory holds wildcards; sudoers could not say which directories are meant.
    """
    directory, name = directory_of(pattern)
    if has_wildcard(directory):
        raise ValueError(f"a privileged pattern names its directory: {pattern!r}")
    listing = (
        "find",
        "-L",
        directory,
        "-maxdepth",
        "1",
        "-name",
        name,
        *(() if pattern.endswith("/") else ("-not",)),
        "-type",
        "d",
        "-printf",
        RECORD,
    )
    if metadata_only:
        return listing
    if pattern.endswith("/"):
        raise ValueError(f"a folder cannot be read: {pattern!r}")
    return (*listing, "-type", "f", "-exec", "/bin/cat", "{}", ";", "-printf", RECORD_END)


def privileged_argvs(step: Step) -> tuple[tuple[str, ...], ...]:
    """Every command line that ``step`` may run through sudo: none for an unprivileged step."""
    form = step.form
    if isinstance(form, Command) and form.privileged:
        return (form.argv,)
    if isinstance(form, Files) and form.privileged:
        return tuple(reading_argv(pattern, metadata_only=form.metadata_only) for pattern in form.patterns)
    return ()


def account_of(step: Step) -> str:
    """Account that sudo has to run a privileged step as."""
    return (step.form.account if isinstance(step.form, Command) else "") or "root"


def asking_sudo(step: Step) -> str:
    """Return how sudo is called for a privileged step: ``sudo -n``, with the account if that is not root."""
    account = account_of(step)
    return "sudo -n" if account == "root" else f"sudo -n -u {account}"


def sudoers_arguments(argv: Sequence[str]) -> str:
    """Arguments behind the program as sudoers writes them, and as ``sudo -ll`` lists them.

    An empty pair of quotes stands for none at all: without it sudo would allow any.

    Raises:
        ValueError: a character that sudoers cannot express safely.
    """
    arguments = argv[1:]
    for argument in arguments:
        if not _PLAIN.fullmatch(argument) or argument.startswith(("^", "!")):
            raise ValueError(f"sudoers cannot express the argument {argument!r} exactly")
    return " ".join(_SUDOERS_SPECIAL.sub(r"\\\g<0>", argument) for argument in arguments) or '""'


def programs(argv: Sequence[str]) -> tuple[str, ...]:
    """Paths that the program of ``argv`` may have on an object."""
    name = argv[0]
    return (name,) if name.startswith("/") else tuple(f"{folder}/{name}" for folder in SYSTEM_DIRECTORIES)


def sudoers(platforms: Iterable[Platform], user: str) -> str:
    """Text of a sudoers file that lets ``user`` run the privileged steps of ``platforms`` and nothing more.

    Raises:
        ValueError: not a login name, or a step that sudoers cannot express.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_-]{0,31}", user):
        raise ValueError(f"not a login name: {user!r}")
    lines = [
        "# Read-only rights of the posture scanner. Check with: visudo -cf FILE",
        "# Install as /etc/sudoers.d/mlps-posture, owner root:root, mode 0440.",
        "# Every line is one exact command line; no argument may be added or changed.",
        "# A command that lies in none of the named places is simply not allowed.",
    ]
    for platform in platforms:
        for step in platform.steps:
            argvs = privileged_argvs(step)
            if not argvs:
                continue
            lines += [
                "",
                f"# {platform.name}/{step.id}: {_comment(step.why.en)}",
                f"# {_comment(step.why.zh)}",
            ]
            for argv in argvs:
                arguments = sudoers_arguments(argv)
                allowed = ", \\\n    ".join(f"{program} {arguments}" for program in programs(argv))
                lines.append(f"{user} ALL=({account_of(step)}) NOPASSWD: \\\n    {allowed}")
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    """One line that cannot continue or end the comment."""
    return " ".join(text.split()).rstrip("\\")
