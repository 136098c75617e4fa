"""Counts what leaves a network namespace while a block runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SNIFFER = Path(__file__).parent / "sniffer.py"
LINGERING_SECONDS = 0.5
"""What the kernel still says for us when everybody has left."""


@contextmanager
def counting(prefix: Sequence[str], *addresses: str) -> Iterator[dict[str, dict[str, Any]]]:
    """Count what leaves the namespace that ``prefix`` enters; by address, filled when the block ends."""
    counted: dict[str, dict[str, Any]] = {}
    process = subprocess.Popen(
        (*prefix, sys.executable, str(SNIFFER), *addresses), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert b"ready" in process.stdout.readline()
    try:
        yield counted
        time.sleep(LINGERING_SECONDS)
    finally:
        said, _ = process.communicate()
    told = json.loads(said)
    assert told["lost"] == 0, "the kernel dropped packets before they were counted"
    counted.update(told["to"])
