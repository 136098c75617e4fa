"""When packages changed last, from the package manager's own database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.ages import changed
from collectors.platforms.linux.host import IDENTITY
from scanner.facts import PatchState
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

_DATABASES = (
    "/var/lib/dpkg/status",
    "/var/lib/rpm/Packages",
    "/var/lib/rpm/Packages.db",
    "/var/lib/rpm/rpmdb.sqlite",
    "/var/lib/rpm/rpmdb.sqlite-wal",
    "/usr/lib/sysimage/rpm/Packages.db",
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
    "/lib/apk/db/installed",
    "/usr/lib/apk/db/installed",
)
_WHOLE_IMAGE = "/run/ostree-booted"
"""There the system is replaced as a whole, and its package database says nothing of when."""

_REBOOT = ("/run/reboot-required", "/var/run/reboot-required", "/run/reboot-needed")

PACKAGES = Step(
    "package-database",
    Files((*_DATABASES, *_REBOOT, _WHOLE_IMAGE), metadata_only=True),
    Text(
        zh="软件包数据库最近一次变化的时间，是否有更新等待重启（不读内容）",
        en="when the package database changed last, and whether an update waits for a reboot (not read)",
    ),
)


def read_patch_state(evidence: Evidence) -> PatchState:
    """Read when a package was installed, updated or removed last.

    Asked of running hosts only: how long ago a tree of files was alive nobody tells.

    Raises:
        Unseen: no package manager that is known left its database, or it does not tell the time.
    """
    evidence.command(IDENTITY)
    listed = evidence.listed(PACKAGES)
    if any(file.path == _WHOLE_IMAGE for file in listed):
        detail = "the system is an image; its packages do not change one by one"
        raise Unseen(Gap(GapReason.UNPARSABLE, PACKAGES.id, _WHOLE_IMAGE, detail))
    databases = [file for file in listed if file.path in _DATABASES]
    if not databases:
        raise Unseen(Gap(GapReason.EMPTY, PACKAGES.id, detail="no database of a known package manager"))
    newest = max(databases, key=lambda file: file.meta.mtime)
    reboot = next((file.at for file in listed if file.path in _REBOOT), None)
    seen = (evidence.listing(PACKAGES),)
    return PatchState(seen, *changed(PACKAGES, newest), newest.at, reboot)


STEPS = (PACKAGES,)

READERS = (Reader(PatchState, (Need((PACKAGES,)), Need((IDENTITY,))), read_patch_state),)
