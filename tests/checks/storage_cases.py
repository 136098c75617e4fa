"""Cases of data at rest: file systems, swap, and what crashes leave."""

from __future__ import annotations

from dataclasses import replace

from scanner.facts import (
    DataMount,
    DumpKeeping,
    KernelSetting,
    KernelSettings,
    Origin,
    Storage,
    Swap,
    SwapArea,
    Value,
)
from tests.checks.build import SEEN, Case, at, value


def mounted(**encrypted: bool | None) -> Storage:
    return Storage(
        SEEN, tuple(DataMount(f"/{n}", "ext4", f"/dev/{n}", e, at(n)) for n, e in encrypted.items())
    )


def swapped(*encrypted: bool | None, kept: bool = True) -> Swap:
    return Swap(SEEN, tuple(SwapArea(f"/dev/s{i}", e, kept, at("swaps")) for i, e in enumerate(encrypted)))


def pattern(text: str, pid: str = "0") -> KernelSettings:
    told = {"kernel/core_pattern": text, "kernel/core_uses_pid": pid}
    return KernelSettings(SEEN, tuple(KernelSetting(n, v, at("proc")) for n, v in told.items()))


def keeping(storage: str) -> DumpKeeping:
    return DumpKeeping(SEEN, value(storage))


SYSTEMD = pattern("|/usr/lib/systemd/systemd-coredump %P %u %g")
DATA = (
    ("yes", "all encrypted", (mounted(root=True, srv=True),)),
    ("no", "one is not", (mounted(root=True, srv=False, tank=None),)),
    ("unseen", "one not known", (mounted(root=True, tank=None),)),
    ("unseen", "none that holds data", (mounted(),)),
)
SWAP = (
    ("yes", "none", (swapped(),)),
    ("yes", "encrypted", (swapped(True),)),
    ("yes", "compressed memory", (swapped(None, kept=False),)),
    ("no", "one is not encrypted", (swapped(True, False, None),)),
    ("unseen", "not known", (swapped(True, None),)),
)
DUMPS = (
    ("yes", "thrown away", (pattern("|/bin/false"),)),
    ("yes", "systemd keeps none", (SYSTEMD, keeping("none"))),
    ("yes", "no name is set", (pattern(""),)),
    ("no", "systemd keeps them", (SYSTEMD, keeping("external"))),
    ("no", "systemd's default", (SYSTEMD, DumpKeeping(SEEN, Value("external", Origin.DEFAULT, at("files"))))),
    ("no", "the journal keeps them", (SYSTEMD, keeping("journal"))),
    ("no", "a reporter keeps them", (pattern("|/usr/share/apport/apport -p%p"), keeping("none"))),
    ("unseen", "settings of systemd not seen", (SYSTEMD,)),
    ("unseen", "a file by each process's limit", (pattern("core"),)),
    ("unseen", "no name but the process's number", (pattern("", "1"),)),
    ("unseen", "another program", (pattern("|/opt/x/collect"), keeping("none"))),
    ("unseen", "nothing behind the bar", (pattern("|"), keeping("none"))),
    ("unseen", "a container", (replace(pattern("|/bin/false"), shared=at("mark")),)),
)

_ALL = {"storage.data-encrypted": DATA, "storage.swap-encrypted": SWAP, "storage.dumps-not-kept": DUMPS}

CASES = (
    *(Case(check, name, answer, facts) for check, rows in _ALL.items() for answer, name, facts in rows),
    *(Case(check, "gap", "unseen") for check in _ALL),
)
