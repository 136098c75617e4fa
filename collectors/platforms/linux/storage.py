"""Where data and swap lie, and whether the host encrypts what it writes there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux import block_devices as blocks
from collectors.platforms.linux.block_devices import block_devices
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.kernel import CONTAINER
from scanner.facts import DataMount, Storage, Swap, SwapArea
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence
    from scanner.model import Citation

MOUNTS = Step(
    "mounts",
    Files(("/proc/self/mountinfo",)),
    Text(zh="已挂载的文件系统及其设备", en="mounted file systems and their devices"),
)

SWAPS = Step(
    "swap-areas",
    Files(("/proc/swaps",)),
    Text(zh="正在使用的交换区", en="swap areas in use"),
    control=r"^Filename\s+Type\s",
)

_BLOCK = frozenset(
    "ext2 ext3 ext4 xfs btrfs f2fs jfs reiserfs vfat exfat ntfs ntfs3 bcachefs ocfs2 gfs2".split()
)
_UNKNOWN = frozenset({"zfs", "overlay", "aufs", "fuseblk"})
"""File systems that hold data, and whose place the list of devices does not tell."""

_STACKED = frozenset({"ecryptfs"})
_START_UP = re.compile(r"/boot(/.*)?|/efi")
_MOUNT = re.compile(
    r"\d+ \d+ (?P<number>\d+:\d+) (?P<root>\S+) (?P<path>/\S*) (?P<options>\S+)(?: \S+:\S+| unbindable)* -"
    r" (?P<type>\S+) (?P<source>\S+)(?: \S+)?"
)
_SWAP = re.compile(r"(?P<path>/\S+)\s+(?P<type>partition|file)\s+\d+\s+\d+\s+-?\d+")


def read_storage(evidence: Evidence) -> Storage:
    """Read which file systems hold data and whether the host encrypts them.

    Raises:
        Unseen: mounts or devices were not seen, or were not understood.
    """
    mounts, seen = _mounts(evidence)
    return Storage(seen, tuple(mounts))


def _mounts(evidence: Evidence) -> tuple[list[DataMount], tuple[Citation, ...]]:
    devices, listed = block_devices(evidence)
    documents = evidence.files(MOUNTS)
    found: dict[str, DataMount] = {}
    root = False
    for document in documents.values():
        for number, line in enumerate(document.lines, 1):
            if not line:
                continue
            match = _MOUNT.fullmatch(line)
            if match is None:
                raise unparsable(MOUNTS, document, number, "no mount")
            root = root or match["path"] == "/"
            kind = match["type"]
            if kind in _STACKED:
                encrypted: bool | None = True
            elif kind in _BLOCK:
                encrypted = devices.encrypted(devices.find(match["number"], match["source"]))
            elif kind in _UNKNOWN:
                encrypted = None
            else:
                continue
            part = match["root"] != "/" and kind != "btrfs" and match["path"] != "/"  # shown elsewhere too
            if not part and not _START_UP.fullmatch(match["path"]):
                at = document.cite(number)
                found[match["path"]] = DataMount(match["path"], kind, match["source"], encrypted, at)
    if not root:
        raise Unseen(Gap(GapReason.EMPTY, MOUNTS.id, detail="nothing is mounted on /"))
    seen = (*(d.whole for d in documents.values()), *(d.whole for d in listed))
    return list(found.values()), seen


def read_swap(evidence: Evidence) -> Swap:
    """Read which swap areas are in use and whether the host encrypts them.

    Raises:
        Unseen: they were not seen; or the host is a container, whose swap is the machine's.
    """
    marks = evidence.listed(CONTAINER)
    if marks:
        detail = "the host is a container: swap belongs to the machine that it runs on"
        raise Unseen(Gap(GapReason.NOT_COLLECTED, SWAPS.id, detail=detail))
    document = evidence.file(SWAPS, "/proc/swaps")
    if document is None:
        raise Unseen(Gap(GapReason.EMPTY, SWAPS.id, detail="no list of swap areas"))
    areas = []
    for number, line in enumerate(document.lines, 1):
        if number == 1 or not line:
            continue
        match = _SWAP.fullmatch(line)
        if match is None:
            raise unparsable(SWAPS, document, number, "no swap area")
        compressed = match["path"].startswith("/dev/zram")
        encrypted = None if compressed else _swap_encrypted(evidence, match["path"], match["type"])
        areas.append(SwapArea(match["path"], encrypted, not compressed, document.cite(number)))
    return Swap((document.whole,), tuple(areas))


def _swap_encrypted(evidence: Evidence, path: str, kind: str) -> bool | None:
    """Whether a swap area is encrypted; a file is where its file system lies. None: not known."""
    if kind == "partition":
        devices, _ = block_devices(evidence)
        return devices.encrypted(devices.find("", path))
    mounts, _ = _mounts(evidence)
    holding = [m for m in mounts if path.startswith(m.path.rstrip("/") + "/")]
    return max(holding, key=lambda m: len(m.path)).encrypted if holding else None


STEPS = (*blocks.STEPS, MOUNTS, SWAPS)

READERS = (
    Reader(Storage, (Need((MOUNTS,)), Need((blocks.DEVICES,)), Need((blocks.MAPPED,))), read_storage),
    Reader(
        Swap, (Need((SWAPS,)), Need((CONTAINER,))), read_swap, also=(MOUNTS, blocks.DEVICES, blocks.MAPPED)
    ),
)
