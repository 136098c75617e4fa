"""The order of version numbers against dpkg itself."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.platforms.linux.dpkg_version import DpkgVersion

PIECES = st.text("019a~Z+.", max_size=6)


@st.composite
def versions(draw: st.DrawFn) -> str:
    epoch = draw(st.sampled_from(["", "", "0:", "1:"]))
    revision = draw(st.sampled_from(["", "-1", "-0", "-1+deb12u1", "-1~bpo12+1", f"-{draw(PIECES)}1"]))
    return f"{epoch}{draw(st.integers(0, 2))}{draw(PIECES)}{revision}"


DPKG = shutil.which("dpkg")


@pytest.mark.skipif(DPKG is None, reason="no dpkg here")
@settings(max_examples=150, deadline=None)
@given(versions(), versions())
@example("1.0~rc1", "1.0")
@example("1.0", "1.0-0")
@example("7.88.1-10+deb12u14", "7.88.1-10+deb12u5")
@example("1:1", "2")
@example("1a", "1+")
def test_versions_compare_as_dpkg_compares_them(a: str, b: str) -> None:
    def dpkg(relation: str) -> bool:
        run = subprocess.run([str(DPKG), "--compare-versions", a, relation, b], check=False)
        return run.returncode == 0

    assert (DpkgVersion(a) < DpkgVersion(b), DpkgVersion(a) == DpkgVersion(b)) == (dpkg("lt"), dpkg("eq"))


@pytest.mark.parametrize("text", ["", "-1", "a b", "x:1", "1/2"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        DpkgVersion(text)
