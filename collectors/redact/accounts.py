"""Hashes in account files: passwd, shadow, group, gshadow, opasswd."""

from __future__ import annotations

import re

from collectors.redact.forms import mask_forms
from collectors.redact.masks import MASK, mask_hash

SECOND_FIELD = frozenset("passwd shadow group gshadow master.passwd".split())
"""Names of files whose second field is a password; with a trailing ``-`` they are the last version."""

_PREFIX = re.compile(r"\*LOCKED\*|[!*]+")
_NO_SECRET = frozenset(("", "x", "*", "LK", "NP", "*LK*", "*NP*"))
_SHADOW_LINE = re.compile(r"[^:\s]{1,64}:[^:]*:\d*:\d*:\d*:\d*:\d*:\d*:[^:]*\s*")
_PASSWD_LINE = re.compile(r"[^:\s]{1,64}:[^:]*:\d+:\d+:[^:]*:/[^:]*:[^:]*")


def mask_line(line: str, name: str, key: bytes) -> str:
    """Mask the password field of an account's line.

    ``name`` is the base name of the file it stands in, "" for a command's output: there only lines in the
    full shape of passwd or shadow (``getent``) are taken for one.
    """
    if name == "opasswd":
        return _old_passwords(line, key)
    if holds_accounts(name) or _is_account(line):
        fields = line.split(":")
        if len(fields) > 1:
            fields[1] = mask_field(fields[1], key)
            return ":".join(fields)
    return line


def holds_accounts(name: str) -> bool:
    """Whether the file ``name`` holds accounts, a password in each line's second field and nowhere else.

    An account may be called ``password``: what its line says is then no assignment of one.
    """
    return name.removesuffix("-") in SECOND_FIELD


def mask_comment(line: str, name: str, key: bytes) -> str:
    """Mask what people wrote into the comment of a line of passwd (its fifth field), form by form."""
    fields = line.split(":")
    if not name.startswith("passwd") or len(fields) < 5:
        return line
    fields[4] = next(iter(mask_forms([fields[4]], "", key)))
    return ":".join(fields)


def mask_field(value: str, key: bytes) -> str:
    """Mask a password field. Empty, ``*``, ``!`` and ``x`` are no secrets; a lock before a hash stays."""
    if value in _NO_SECRET:
        return value
    lock = _PREFIX.match(value)
    locked = lock[0] if lock is not None else ""
    rest = value[len(locked) :].rstrip("\r")
    ending = value[len(locked) + len(rest) :]
    if rest in _NO_SECRET or MASK.fullmatch(rest):
        return value
    return locked + mask_hash(rest, key) + ending


def _is_account(line: str) -> bool:
    colons = line.count(":")
    if colons == 8:
        return _SHADOW_LINE.fullmatch(line) is not None
    return colons == 6 and _PASSWD_LINE.fullmatch(line) is not None


def _old_passwords(line: str, key: bytes) -> str:
    """``user:uid:count:hash,hash``."""
    fields = line.split(":")
    if len(fields) > 3:
        fields[3] = ",".join(mask_field(value, key) for value in fields[3].split(","))
    return ":".join(fields)
