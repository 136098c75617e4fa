"""Rules that keep the parts apart, beyond the import contracts in pyproject.toml."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from collectors.base import Command, Files, Probe, Snippet, Step
from collectors.platforms import PLATFORMS
from scanner.checks import ALL as CHECKS
from scanner.cli import COMMANDS
from scanner.facts import DERIVED, OBSERVED, OBSERVED_IN_SCANS, OBSERVED_ON_HOSTS, OBSERVED_ON_THE_WIRE

TOP = Path(__file__).parent.parent
PACKAGES = ("scanner", "collectors", "control_profiles")
SOURCES = sorted(chain.from_iterable((TOP / name).rglob("*.py") for name in PACKAGES))
STEPS = [pytest.param(step, id=f"{p.name}:{step.id}") for p in PLATFORMS for step in p.steps]
HEAVY = ("paramiko", "scapy", "nmap", "pydantic", "rich", "jinja2", "yaml", "cryptography", "sqlite3")


def modules_after(*arguments: str) -> set[str]:
    """Which heavy modules a command line has loaded when it ends."""
    program = (
        "import sys\nfrom scanner.cli import run\n"
        f"run({list(arguments)!r})\n"
        "print('loaded:', *(m for m in sys.modules if '.' not in m))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=TOP
    )
    return set(done.stdout.rpartition("loaded:")[2].split()) & set(HEAVY)


def test_help_loads_no_heavy_library() -> None:
    assert modules_after("--help") == set()
    assert modules_after("--lang", "zh", "--help") == set()


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_help_of_a_command_loads_no_heavy_library(name: str) -> None:
    assert modules_after(name, "--help") == set()


def test_one_broad_except_in_all() -> None:
    found = [
        f"{path.relative_to(TOP)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
        and not _reraises(node)
    ]
    assert [place.partition(":")[0] for place in found] == ["collectors/guard.py"], found


def _reraises(handler: ast.ExceptHandler) -> bool:
    """Cleaning up and raising again hides nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_paramiko_lives_in_the_ssh_transport_alone() -> None:
    users = {
        path.relative_to(TOP).as_posix()
        for path in SOURCES
        if re.search(r"^\s*(import paramiko|from paramiko)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert users
    assert all(user.startswith("collectors/transport/ssh") for user in users), users


@pytest.mark.parametrize(
    ("library", "home"), [("scapy", "collectors/probes/protocols.py"), ("nmap", "collectors/probes/ports.py")]
)
def test_packet_tools_live_in_one_module_of_the_prober_each(library: str, home: str) -> None:
    pattern = re.compile(rf"^\s*(import {library}\b|from {library}\b)", re.MULTILINE)
    users = [path for path in SOURCES if pattern.search(path.read_text(encoding="utf-8"))]
    assert [path.relative_to(TOP).as_posix() for path in users] == [home]
    assert "scapy.all" not in (TOP / home).read_text(encoding="utf-8"), "it loads every protocol there is"


def test_vendor_words_end_at_the_platforms() -> None:
    words = re.compile(
        r"\b(huawei|h3c|comware|cisco|fortinet|debian|ubuntu|redhat|openeuler)\b", re.IGNORECASE
    )
    for path in SOURCES:
        if "platforms" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
        names += [n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
        assert not [name for name in names if words.search(name)], path


def test_nothing_is_patched_in_tests() -> None:
    patched = re.compile(r"mock\.patch|monkeypatch\.setattr|from unittest import mock")
    for path in (TOP / "tests").rglob("*.py"):
        if path != Path(__file__):
            assert not patched.search(path.read_text(encoding="utf-8")), path


def test_every_fact_is_read_or_derived_once() -> None:
    observed = {"linux": OBSERVED_ON_HOSTS, "wire": OBSERVED_ON_THE_WIRE, "vulnscan": OBSERVED_IN_SCANS}
    for platform in PLATFORMS:
        read = [reader.fact for reader in platform.readers]
        whole = observed[platform.name]
        assert sorted(read, key=str) == sorted(whole, key=str)
    assert not set(OBSERVED) & set(DERIVED)


def test_checks_need_facts_that_exist() -> None:
    known = set(OBSERVED) | set(DERIVED)
    for check in CHECKS:
        assert check.needs or check.also, check.id
        assert {*check.needs, *check.also} <= known, check.id


def test_every_reader_names_steps_of_its_platform() -> None:
    for platform in PLATFORMS:
        for reader in platform.readers:
            assert {s.id for s in reader.steps} <= {s.id for s in platform.steps}, reader.fact


def test_every_step_serves_a_reader() -> None:
    for platform in PLATFORMS:
        used = {s.id for reader in platform.readers for s in reader.steps}
        assert {s.id for s in platform.steps} == used


def test_step_ids_are_unique() -> None:
    for platform in PLATFORMS:
        ids = [step.id for step in platform.steps]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("step", STEPS)
def test_a_step_says_why_in_both_languages(step: Step) -> None:
    assert step.why.zh
    assert step.why.en
    assert re.fullmatch(r"[a-z0-9-]+", step.id)


WRITERS = re.compile(
    r"(?<![\w./-])(rm|mv|cp|tee|dd|install|mkdir|rmdir|touch|chmod|chown|ln|kill|pkill|reboot|shutdown|useradd|"
    r"usermod|passwd|mount|umount|modprobe|sed\s+-i|truncate|mkfifo|mktemp|crontab|apt|apt-get|dnf|yum|curl|wget)\b"
)
READING = {
    "systemctl": ("show",),
    "ip": ("-d", "-j"),
    "nft": ("-j", "list"),
    "ufw": ("status",),
    "firewall-cmd": ("--state",),
    "auditctl": ("-s", "-l"),
    "chronyc": ("-n",),
    "wg": ("show",),
    "sshd": ("-T",),
}
"""Commands that could also write: only with these first arguments do they just read."""


@pytest.mark.parametrize("step", STEPS)
def test_a_step_only_reads(step: Step) -> None:
    if isinstance(step.form, Command):
        name, *arguments = step.form.argv
        assert not WRITERS.fullmatch(name)
        if name in READING:
            assert arguments, name
            assert arguments[0] in READING[name], step.form.argv
    elif isinstance(step.form, Snippet):
        assert not WRITERS.search(step.form.text), step.form.text
        assert not re.search(r"(?<![0-9&>])>(?!&|/dev/null|=)", step.form.text), step.form.text
    elif isinstance(step.form, Probe):
        assert step.form.packets > 0
        assert (TOP / "collectors" / "probes" / f"{step.form.kind}.py").is_file()
    else:
        assert isinstance(step.form, Files)
        assert all(pattern.startswith("/") and ".." not in pattern for pattern in step.form.patterns)


def test_every_command_has_a_module_and_a_line_in_both_languages() -> None:
    for name, zh, en in COMMANDS:
        assert (TOP / "scanner" / "cli" / f"{name.replace('-', '_')}_command.py").is_file()
        assert zh != en
