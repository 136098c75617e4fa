"""The mask with which login shells create files: what PAM gives them, and what start-up files make of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Need, Reader, Unseen
from collectors.platforms.linux.login_defs import LOGIN_DEFS_FILE, read_new_accounts
from collectors.platforms.linux.pam_stack import PAM_FILES, flat, has_service, stack
from collectors.platforms.linux.session import SHELL_FILES, started
from scanner.facts import FileMask, Origin, Value
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collectors.evidence import Evidence
    from collectors.platforms.linux.pam_stack import Rule
    from scanner.model import Citation

KERNELS = 0o022
"""What init and systemd hand down where nobody says anything."""

_GROUP = 0o070


def read_file_mask(evidence: Evidence) -> FileMask:
    """Read every mask that an interactive login bash may have after the system's files.

    Raises:
        Unseen: a file was not seen or not understood.
    """
    startup, seen = started(evidence)
    masks = startup.masks
    if masks.unknown is not None:
        place = masks.unknown.capture.partition(":")[2]
        detail = f"line {masks.unknown.line}: may change the mask of new files: {masks.unknown.excerpt}"
        raise Unseen(Gap(GapReason.UNPARSABLE, SHELL_FILES.id, place, detail))
    possible = tuple(
        _begun(evidence) if mask is None or at is None else Value(mask, Origin.EXPLICIT, at)
        for mask, at in masks.possible.items()
    )
    written = tuple(Value(mask, Origin.EXPLICIT, at) for mask, at in masks.written)
    return FileMask(seen, possible, written)


def _begun(evidence: Evidence) -> Value[int]:
    """The mask that a login begins with: pam_umask's, where a login calls it.

    With ``usergroups`` members of a user's own group may do what he may.
    """
    for service in ("sshd", "login"):
        if not has_service(evidence, service):
            continue
        for rule in flat(stack(evidence, service, "session")[1]):
            if rule.module != "pam_umask":
                continue
            mask = _argument(rule) or _of_new_accounts(evidence)
            if mask is not None:
                shared = _GROUP if "usergroups" in rule.arguments else 0
                return Value(mask.value & ~shared, mask.origin, mask.at)
    return Value(KERNELS, Origin.DEFAULT, evidence.listing(PAM_FILES))


def _argument(rule: Rule) -> Value[int] | None:
    text = rule.argument("umask")
    return None if text is None else Value(_octal(text, rule.at), Origin.EXPLICIT, rule.at)


def _of_new_accounts(evidence: Evidence) -> Value[int] | None:
    value = read_new_accounts(evidence).settings.get("UMASK")
    return None if value is None else Value(_octal(value.value, value.at), Origin.EXPLICIT, value.at)


def _octal(text: str, at: Citation) -> int:
    if not re.fullmatch(r"[0-7]{1,4}", text):
        step, _, subject = at.capture.partition("/")[2].partition(":")
        raise Unseen(Gap(GapReason.UNPARSABLE, step, subject, f"line {at.line}: no mask: {at.excerpt}"))
    return int(text, 8)


READERS = (Reader(FileMask, (Need((SHELL_FILES,)),), read_file_mask, also=(PAM_FILES, LOGIN_DEFS_FILE)),)
