"""The program run by hand as root: no file of the host and none of its processes is another one after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.test_footprint import files, settled
from tests.lab.test_four_ways import HOSTS, carried

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.conftest import Lab


def test_what_is_carried_by_hand_leaves_nothing_behind(lab: Lab, tmp_path: Path) -> None:
    before = {host: (files(lab, host), settled(lab, host)) for host in HOSTS}
    carried(lab, "root", tmp_path)
    for host, (held, ran) in before.items():
        after = files(lab, host)
        assert {n for n in held.keys() | after.keys() if held.get(n) != after.get(n)} == set(), host
        assert settled(lab, host) == ran, host
