"""Huawei files that others wrote: all of them are read, and what is not understood of them is told."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from collectors.platforms.dialects import decoded
from collectors.platforms.huawei.reading import read_huawei
from scanner.packetspace.analysis import analyse

CORPORA = Path(os.environ.get("MLPS_CORPORA", Path(__file__).parents[4] / "shared" / "corpora")) / "devices"
UNDERSTOOD = 0.98


@pytest.mark.skipif(not CORPORA.is_dir(), reason="no corpora beside this checkout")
def test_files_of_others(capsys: pytest.CaptureFixture[str]) -> None:
    paths = [p for p in sorted(CORPORA.rglob("*")) if p.is_file() and "huawei" in str(p).lower()]
    assert paths
    within = missed = 0
    rest: list[str] = []
    for path in paths:
        lines = decoded(path.read_bytes()).split("\n")
        # Pieces of configurations have no end: given one, all that they say counts.
        file = read_huawei([*lines, "return"])
        analyse(file)
        within += file.within or 0
        missed += len({one.line for one in file.unread})
        rest += [f"{path.name}:{one.line}: {one.text}" for one in file.unread]
    told = [f"{len(paths)} files, {within} lines inside filters, {missed} not understood", *rest]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *told, ""]))
    assert missed <= (1 - UNDERSTOOD) * within
