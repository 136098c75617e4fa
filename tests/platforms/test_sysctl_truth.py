"""The order of files that set the kernel, on paper against systemd-sysctl itself in a network of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.platforms.linux.kernel_files import FILES, READERS
from collectors.reading import read_fact
from scanner.facts import WrittenKernelSettings
from scanner.facts.defence import set_at_boot
from tests.platforms.fixture import OBJECT, file_captures

SYSCTL = Path("/usr/lib/systemd/systemd-sysctl")
FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/lib/sysctl.d")
TOPICS = ("rp_filter", "log_martians")
NAMES = tuple(f"net/ipv4/conf/{where}/{topic}" for where in ("all", "default", "lo") for topic in TOPICS)

# Only files that are made here are there to be read, and only this network's settings can be reached.
INSIDE = """
mount --make-rprivate / || exit 9
for folder in {folders}; do mkdir -p "$folder"; mount --bind "$1$folder" "$folder" || exit 9; done
ip link set lo up
for name in {names}; do echo 0 > "/proc/sys/$name"; done
{program} --prefix=/net/ipv4/conf
cd /proc/sys && grep -H '' {names}
""".format(folders=" ".join(FOLDERS), names=" ".join(NAMES), program=SYSCTL)

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not SYSCTL.exists() or shutil.which("unshare") is None,
    reason="needs root and systemd-sysctl",
)

KEYS = (
    *(name.replace("/", ".") for name in NAMES),
    *NAMES,
    *(f"net.ipv4.conf.*.{topic}" for topic in TOPICS),
    "net/ipv4/conf/[al]*/rp_filter",
    "net.ipv4.conf.?o.log_martians",
)


@st.composite
def lines(draw: st.DrawFn) -> str:
    key, value = draw(st.sampled_from(KEYS)), draw(st.integers(0, 1))
    form = draw(st.sampled_from(["{k}={v}", "  {k} = {v} ", "-{k}={v}", "-{k}", "# {k}={v}", ";{k}", ""]))
    return form.format(k=key, v=value)


TEXTS = st.lists(lines(), max_size=4).map("\n".join)
SETS = st.dictionaries(
    st.tuples(st.sampled_from(FOLDERS), st.sampled_from(["10-a.conf", "5.conf", "99-z.conf"])),
    TEXTS,
    min_size=1,
)


def on_paper(files: dict[str, str]) -> dict[str, str]:
    records = file_captures(PLATFORM, FILES, {path: text.encode() for path, text in files.items()})
    fact = read_fact(READERS[0], Evidence.of(OBJECT, PLATFORM, records))
    assert isinstance(fact, WrittenKernelSettings), fact
    rules = {name: set_at_boot(fact.at_boot, name) for name in NAMES}
    return {name: "0" if rule is None else str(rule.value) for name, rule in rules.items()}


def in_force(folder: Path, files: dict[str, str]) -> dict[str, str]:
    for path in FOLDERS:
        shutil.rmtree(f"{folder}{path}", ignore_errors=True)
        Path(f"{folder}{path}").mkdir(parents=True)
    for path, text in files.items():
        Path(f"{folder}{path}").write_text(text)
    argv = ["unshare", "--mount", "--net", "sh", "-c", INSIDE, "inside", str(folder)]
    run = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return dict(line.split(":", 1) for line in run.stdout.splitlines())


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(SETS)
@example({("/etc/sysctl.d", "10-a.conf"): "", ("/usr/lib/sysctl.d", "10-a.conf"): f"{NAMES[0]}=1"})
@example({("/run/sysctl.d", "5.conf"): f"{KEYS[12]}=1\n-{NAMES[0]}\n{NAMES[2]} = 0"})
def test_what_files_set_is_what_the_kernel_gets(tmp_path: Path, texts: dict[tuple[str, str], str]) -> None:
    files = {f"{folder}/{name}": text for (folder, name), text in texts.items()}
    assert on_paper(files) == in_force(tmp_path, files)
