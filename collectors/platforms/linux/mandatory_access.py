"""Access control by labels: which security modules the kernel runs, and whether SELinux enforces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.facts import MandatoryAccess
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

MODULES = "/sys/kernel/security/lsm"
ENFORCE = "/sys/fs/selinux/enforce"
FILE_SYSTEMS = "/proc/filesystems"

LABELS = Step(
    "security-modules",
    Files((MODULES, ENFORCE, FILE_SYSTEMS)),
    Text(
        zh="内核启用的安全模块，SELinux 是否强制执行",
        en="security modules that the kernel runs, and whether SELinux enforces",
    ),
)


def read_mandatory_access(evidence: Evidence) -> MandatoryAccess:
    """Read the modules and SELinux's state; a kernel that does not list its modules says nothing of others.

    Raises:
        Unseen: the kernel's files were not seen, or say something else than they should.
    """
    kernel = evidence.file(LABELS, FILE_SYSTEMS)
    if kernel is None or "nodev" not in kernel.text:
        raise Unseen(Gap(GapReason.EMPTY, LABELS.id, FILE_SYSTEMS, "the kernel's own files are not there"))
    listed = evidence.file(LABELS, MODULES)
    enforce = evidence.file(LABELS, ENFORCE)
    seen = tuple(document.whole for document in (listed, enforce, kernel) if document is not None)
    modules: tuple[str, ...] | None = None
    if listed is not None:
        text = listed.text.strip("\n\0\1 ")
        if not re.fullmatch(r"[a-z0-9_-]+(,[a-z0-9_-]+)*", text):
            raise unparsable(LABELS, listed, 1, "not a list of modules")
        modules = tuple(text.split(","))
    enforcing: bool | None = None
    if enforce is not None:
        text = enforce.text.strip("\n\0\1 ")
        if text not in {"0", "1"}:
            raise unparsable(LABELS, enforce, 1, "neither 0 nor 1")
        enforcing = text == "1"
    return MandatoryAccess(seen, modules, enforcing)


STEPS = (LABELS,)

READERS = (Reader(MandatoryAccess, (Need((LABELS,)),), read_mandatory_access),)
