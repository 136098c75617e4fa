"""Block devices as a graph: which of them lie on an encrypted one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.evidence import Document, Evidence

DEVICES = Step(
    "block-devices",
    Command(("lsblk", "-P", "-o", "NAME,KNAME,PKNAME,MAJ:MIN,TYPE")),
    Text(
        zh="块设备及其层次（分区、LVM、RAID、加密），不含任何密钥",
        en="block devices and what lies on what (partitions, LVM, RAID, encryption), without any key",
    ),
    control=r'^NAME="[^"]+" KNAME="',
)

MAPPED = Step(
    "mapped-devices",
    Files(("/sys/block/dm-*/dm/uuid",)),
    Text(zh="映射设备的种类（LUKS、LVM 等）", en="kinds of mapped devices (LUKS, LVM and so on)"),
)

_ROW = re.compile(
    r'NAME="(?P<name>[^"]*)" KNAME="(?P<kname>[^"]+)" PKNAME="(?P<parent>[^"]*)"'
    r' MAJ[:_]MIN="(?P<number>\d+:\d+)" TYPE="(?P<kind>[^"]*)" *'
)
_CIPHER = re.compile(r"CRYPT-(LUKS[12]?|PLAIN|LOOPAES|TCRYPT|BITLK|FVAULT2|TEMP)-")
"""Kinds of dm-crypt that hide content; others of the family only check it (verity, integrity)."""

_DISKS = frozenset({"disk", "part", "lvm", "mpath", "rom"})
_STACKED = re.compile(r"disk|part|lvm|mpath|dmraid|raid\d+|md|linear")


@dataclass(slots=True)
class _Device:
    names: set[str]
    number: str
    kind: str
    parents: set[str]
    uuid: str | None = None


class Devices:
    """All block devices of one host."""

    def __init__(self, devices: Mapping[str, _Device]) -> None:
        self._devices = devices

    def find(self, number: str, source: str) -> str | None:
        """The device of a number (``8:1``), else of a path below /dev; None: not listed."""
        name = source.removeprefix("/dev/mapper/").removeprefix("/dev/")
        for kname, device in self._devices.items():
            if number and device.number == number:
                return kname
        return next(
            (k for k, d in self._devices.items() if source.startswith("/dev/") and name in d.names), None
        )

    def encrypted(self, kname: str | None, depth: int = 0) -> bool | None:
        """Whether all that is written there passes through a cipher; None: not known."""
        device = self._devices.get(kname or "")
        if device is None or depth > 20:
            return None
        if device.kind == "crypt":
            if device.uuid is None or not device.uuid.startswith("CRYPT-"):
                return None
            if _CIPHER.match(device.uuid):
                return True
        elif not _STACKED.fullmatch(device.kind):
            return None
        below = [self.encrypted(parent, depth + 1) for parent in sorted(device.parents)]
        if not below:
            return False if device.kind in _DISKS else None
        return False if False in below else None if None in below else True


def block_devices(evidence: Evidence) -> tuple[Devices, tuple[Document, ...]]:
    """All block devices with the captures that show them.

    Raises:
        Unseen: they were not seen, or a line is none of a device.
    """
    document = evidence.command(DEVICES)
    uuids = evidence.files(MAPPED)
    found: dict[str, _Device] = {}
    for number, line in enumerate(document.lines, 1):
        if not line:
            continue
        match = _ROW.fullmatch(line)
        if match is None:
            raise unparsable(DEVICES, document, number, "no device")
        own = found.setdefault(
            match["kname"], _Device({match["name"], match["kname"]}, match["number"], match["kind"], set())
        )
        if match["parent"]:
            own.parents.add(match["parent"])
    if not found:
        raise Unseen(Gap(GapReason.EMPTY, DEVICES.id, detail="no device at all"))
    for path, uuid in uuids.items():
        if not re.fullmatch(r"\S*\n*", uuid.text):
            raise unparsable(MAPPED, uuid, 1, "no name of a kind")
        device = found.get(path.split("/")[3])
        if device is not None:
            device.uuid = uuid.text.strip()
    return Devices(found), (document, *uuids.values())


STEPS = (DEVICES, MAPPED)
