"""Advisories as dnf, yum and zypper keep them, read by the step itself; and the order of versions."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.base import Snippet
from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.platforms.linux.rpm_updates import ADVISORIES
from collectors.platforms.linux.rpm_version import RpmVersion
from collectors.platforms.linux.updates import READERS
from collectors.reading import read_fact
from scanner.facts import SecurityUpdates
from scanner.model import Gap
from tests.platforms.fixture import TAKEN, command_capture, file_captures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PACKAGES = """\
P glibc x86_64 0:2.28-251.el8_10.2
P nginx x86_64 1:1.14.1-9.module+el8.0.0+4108+af250afe
P kernel-core x86_64 0:4.18.0-348.el8
P kernel-core x86_64 0:4.18.0-553.22.1.el8_10
P gpg-pubkey (none) 0:8483c65d-5ccc5b19
"""
OLD = (
    '<package name="glibc" version="2.28" release="236.el8" epoch="0" arch="x86_64" src="x">'
    "<filename>f</filename></package>"
)
NEW = OLD.replace("236.el8", "251.el8_10.5")
KERNEL = OLD.replace("glibc", "kernel-core").replace("2.28", "4.18.0").replace("236.el8", "477.el8")
NGINX = OLD.replace("glibc", "nginx").replace("2.28", "1.20.1").replace("236.el8", "1").replace('"0"', '"1"')
MODULE = '<module name="nginx" stream="1.20" version="8" context="9" arch="x86_64"/>'
SHELLS = [s for s in ("dash", "bash", "busybox") if shutil.which(s)]


def advisory(packages: str, *, kind: str = "security", issued: str = "2025-11-09 09:26:40") -> str:
    return (
        f'<update from="x@example.org" status="final" type="{kind}" version="3">\n  <id>RHSA-2025:1</id>\n'
        f'  <issued date="{issued}"/>\n  <pkglist>\n    <collection short="c">\n      <name>c</name>\n'
        f"      {packages}\n    </collection>\n  </pkglist>\n</update>\n"
    )


def tree(top: Path, advisories: str, *, cache: str = "var/cache/dnf/baseos-0123456789abcdef") -> None:
    for folder in ("var/lib/rpm", "etc/yum.repos.d", "etc/zypp/repos.d", "bin"):
        (top / folder).mkdir(parents=True)
    (top / "etc/yum.repos.d/a.repo").write_text(
        "[baseos]\nname=Base\nenabled=1\n\n[debug]\nenabled = 0\n[main-off]\nenabled=False\n"
    )
    zypp_or_dnf = top / cache / "repodata"
    data = zypp_or_dnf if "/yum/" not in cache else top / cache
    data.mkdir(parents=True)
    (data / "repomd.xml").write_text('<repomd><data type="updateinfo"></data></repomd>')
    os.utime(data / "repomd.xml", (TAKEN.timestamp() - 3 * 86400,) * 2)
    whole = f'<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n{advisories}</updates>\n'
    (data / "ab12-updateinfo.xml.gz").write_bytes(gzip.compress(whole.encode()))
    program = top / "bin/rpm"
    program.write_text(f"#!/bin/sh\ncat <<'E'\n{PACKAGES}E\n")
    program.chmod(0o755)


def asked(top: Path, shell: str = "dash") -> SecurityUpdates | Gap:
    """What the step's own text tells of a tree."""
    assert isinstance(ADVISORIES.form, Snippet)
    text = re.sub(r"(?<=[ \n])(/(?:var|etc|usr/lib)/)", rf"{top}\1", ADVISORIES.form.text)
    argv: Sequence[str] = (shell, "sh", "-c") if shell == "busybox" else (shell, "-c")
    environment = {"PATH": f"{top}/bin:{os.environ['PATH']}"}
    run = subprocess.run(
        [*argv, text.replace("case $f in /var", f"case $f in {top}/var").replace("|/var", f"|{top}/var")],
        capture_output=True,
        env=environment,
        check=False,
    )
    captures = (
        command_capture(PLATFORM, ADVISORIES, run.stdout, errors=run.stderr, status=run.returncode),
        *file_captures(PLATFORM, READERS[0].needs[1].steps[0], {"/etc/os-release": b"ID=rocky\n"}),
    )
    fact = read_fact(READERS[0], Evidence.of("host", PLATFORM, captures))
    assert isinstance(fact, SecurityUpdates | Gap)
    return fact


@pytest.mark.parametrize("shell", SHELLS)
def test_what_waits_is_what_an_advisory_has_newer(tmp_path: Path, shell: str) -> None:
    tree(tmp_path, advisory(OLD) + advisory(NEW) + advisory(KERNEL) + advisory(MODULE + NGINX))
    fact = asked(tmp_path, shell)
    assert isinstance(fact, SecurityUpdates), fact
    assert [(u.package, u.offered, u.issued) for u in fact.pending] == [
        ("glibc", "0:2.28-251.el8_10.5", date(2025, 11, 9))
    ]
    assert fact.age_days == 3
    assert fact.compared == 2


CASES = {
    "nothing newer": (advisory(OLD), []),
    "a stream that is switched on": (advisory(OLD) + advisory(MODULE + NGINX), ["nginx"]),
    "no security": (advisory(OLD) + advisory(NEW, kind="bugfix"), []),
    "seconds for a day": (advisory(NEW, issued="1762646400"), ["glibc"]),
    "on one line": (advisory(NEW).replace("\n", " "), ["glibc"]),
}


@pytest.mark.parametrize("case", CASES)
def test_advisories_bear_on_what_is_in_use(tmp_path: Path, case: str) -> None:
    advisories, expected = CASES[case]
    tree(tmp_path, advisories)
    (tmp_path / "etc/dnf/modules.d").mkdir(parents=True)
    switched = "[nginx]\nname=nginx\nstream=1.20\nprofiles=\nstate=enabled\n"
    (tmp_path / "etc/dnf/modules.d/nginx.module").write_text(switched)
    fact = asked(tmp_path)
    assert isinstance(fact, SecurityUpdates), fact
    assert [update.package for update in fact.pending] == expected


@pytest.mark.parametrize("cache", ["var/cache/yum/x86_64/7/baseos", "var/cache/zypp/raw/baseos"])
def test_other_managers_keep_their_lists_elsewhere(tmp_path: Path, cache: str) -> None:
    tree(tmp_path, advisory(NEW), cache=cache)
    fact = asked(tmp_path)
    assert isinstance(fact, SecurityUpdates), fact
    assert [update.package for update in fact.pending] == ["glibc"]


def test_a_repository_without_its_list_is_not_taken_for_one_without_updates(tmp_path: Path) -> None:
    tree(tmp_path, advisory(OLD))
    repositories = tmp_path / "etc/yum.repos.d/a.repo"
    repositories.write_text(repositories.read_text() + "[appstream]\nname=x\n")
    fact = asked(tmp_path)
    assert isinstance(fact, Gap)
    assert "appstream" in fact.detail


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("ab12-updateinfo.xml.gz", None), "failed"),
        (("ab12-updateinfo.xml.gz", b"no gzip"), "failed"),
        (("ab12-updateinfo.xml.gz", gzip.compress(b"<updates></updates>")), "system's own"),
        (("repomd.xml", None), "no list was fetched"),
        (("repomd.xml", b"<repomd></repomd>"), "system's own"),
    ],
)
def test_lists_that_say_nothing_clear_nobody(
    tmp_path: Path, change: tuple[str, bytes | None], why: str
) -> None:
    tree(tmp_path, advisory(OLD))
    place = tmp_path / "var/cache/dnf/baseos-0123456789abcdef/repodata" / change[0]
    if change[1] is None:
        place.unlink()
    else:
        place.write_bytes(change[1])
    fact = asked(tmp_path)
    assert isinstance(fact, Gap)
    assert why in fact.detail


def test_debian_with_rpm_beside_it_is_not_asked(tmp_path: Path) -> None:
    tree(tmp_path, advisory(NEW))
    (tmp_path / "var/lib/dpkg").mkdir()
    assert isinstance(asked(tmp_path), Gap)


# --- versions --------------------------------------------------------------------------------------

RPM = shutil.which("rpm")
PIECES = st.text("0129abZ.~^_+", min_size=1, max_size=6)
ORDER = ["1.0~rc1", "1.0", "1.0^git1", "1.0.a", "1.0.1", "1.0.10", "1.1", "2"]


def test_versions_have_an_order() -> None:
    versions = [RpmVersion(f"{text}-1") for text in ORDER]
    assert all(a < b for a, b in pairwise(versions))
    assert RpmVersion("1.05-1") == RpmVersion("0:1.5-1.")
    assert RpmVersion("1:1-1") > RpmVersion("2-1")


@given(PIECES, PIECES, PIECES)
def test_the_order_is_one(a: str, b: str, c: str) -> None:
    x, y, z = sorted(RpmVersion(f"{text}-1") for text in (a, b, c))
    assert not y < x
    assert not z < x


@pytest.mark.skipif(RPM is None, reason="no rpm here")
@settings(max_examples=100, deadline=None)
@given(PIECES, PIECES)
@example("1.0^", "1.0.1")
@example("1.0~", "1.0")
def test_versions_compare_as_rpm_compares_them(a: str, b: str) -> None:
    lua = f'%{{lua:print(rpm.vercmp("{a}", "{b}"))}}'
    run = subprocess.run([str(RPM), "--eval", lua], capture_output=True, text=True, check=True)
    mine, theirs = RpmVersion(f"{a}-1"), RpmVersion(f"{b}-1")
    assert int(run.stdout) == (mine > theirs) - (mine < theirs)


@pytest.mark.parametrize("text", ["", "1", "a b-1", "x:1-1", "1-2-3"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        RpmVersion(text)
