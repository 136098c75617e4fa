"""The same host by every way gives the same answers; with less to see there are only more gaps."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from collectors.program import LAUNCH_ARGV
from tests.lab import variants
from tests.lab.conftest import FOLDER, RUNNING, Scanned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.lab.conftest import Lab

HOSTS = ("web2", "legacy")
"""Hosts that let root in over SSH, and need no bastion."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ways")


def over_ssh(lab: Lab, user: str, folder: Path) -> Scanned:
    inventory = variants.as_login(lab, user)
    logged_in = variants.only(inventory, *HOSTS)
    path = variants.write(logged_in, folder / f"ssh-{user}.yaml")
    return lab.scan(path, folder / f"ssh-{user}.run")


def carried(lab: Lab, user: str, folder: Path) -> Scanned:
    """The script run by hand on each host, its outputs imported under the same inventory."""
    script = lab.posture("collector-script").stdout
    named = []
    for host in HOSTS:
        who = [host, *variants.LIMITS] if user == "root" else ["-u", user, host]
        argv = [str(FOLDER / "exec.sh"), *who, *LAUNCH_ARGV]
        done = subprocess.run(argv, input=script.encode(), capture_output=True, check=True, timeout=120)
        output = folder / f"{user}-{host}.mlps"
        output.write_bytes(done.stdout)
        named += ["--object", f"{host}={output}"]
    inventory = variants.write(variants.only(variants.read(lab), *HOSTS), folder / f"import-{user}.yaml")
    run = folder / f"import-{user}.run"
    done_import = lab.posture("import", *named, "--inventory", str(inventory), "-o", str(run))
    assert run.exists(), done_import.stderr
    report = lab.posture("report", str(run), "-f", "json")
    return Scanned(run, done_import.returncode, "", done_import.stderr, json.loads(report.stdout))


def inside(lab: Lab, folder: Path) -> Scanned:
    inventory = variants.only(variants.as_root_inside(lab), *HOSTS)
    return lab.scan(variants.write(inventory, folder / "inside.yaml"), folder / "inside.run")


@pytest.fixture(scope="module")
def ssh_root(lab: Lab, folder: Path) -> Scanned:
    return over_ssh(lab, "root", folder)


def why(one: Scanned, other: Scanned) -> Mapping[Any, Any]:
    """Answers that differ, each with both messages."""
    keys = one.answers.keys() | other.answers.keys()
    return {
        key: [s.findings.get(key, {}).get("message", {}).get("en") for s in (one, other)]
        for key in keys
        if one.answers.get(key) != other.answers.get(key)
    }


def test_root_and_the_printed_rights_see_the_same(
    lab: Lab, rights: str, ssh_root: Scanned, folder: Path
) -> None:
    del rights  # only have to be there
    assert len(ssh_root.answers) > 50
    assert not why(ssh_root, over_ssh(lab, "auditor", folder))


def test_what_root_carries_by_hand_is_what_root_sees(lab: Lab, ssh_root: Scanned, folder: Path) -> None:
    assert not why(ssh_root, carried(lab, "root", folder))


def test_what_the_account_with_rights_carries_is_the_same(
    lab: Lab, rights: str, ssh_root: Scanned, folder: Path
) -> None:
    del rights  # only have to be there
    assert not why(ssh_root, carried(lab, "auditor", folder))


def test_from_inside_without_a_login_it_is_the_same(lab: Lab, ssh_root: Scanned, folder: Path) -> None:
    assert not why(ssh_root, inside(lab, folder))


def test_without_rights_only_gaps_are_added(lab: Lab, ssh_root: Scanned, folder: Path) -> None:
    """By both ways the same, and never another answer than root's; instances may show less of their names."""
    session, hand = over_ssh(lab, "scan", folder), carried(lab, "scan", folder)
    assert not why(session, hand)
    both = session.answers.keys() & ssh_root.answers.keys()
    assert {session.answers[key] for key in both if session.answers[key] != ssh_root.answers[key]} == {
        "unseen"
    }


def test_an_unpacked_file_system_says_nothing_else(lab: Lab, ssh_root: Scanned, folder: Path) -> None:
    """Its files give what they gave over SSH; whatever runs is unseen, and nothing is decided otherwise."""
    inventory = variants.only(variants.read(lab), *HOSTS)
    for host in HOSTS:
        variants.by_id(inventory, host)["via"] = {"transport": "tree", "path": str(RUNNING / host / "root")}
    unpacked = lab.scan(variants.write(inventory, folder / "tree.yaml"), folder / "tree.run")
    decided = {key: answer for key, answer in unpacked.answers.items() if answer != "unseen"}
    assert len(decided) > 20
    assert not {key: answer for key, answer in decided.items() if ssh_root.answers.get(key) != answer}
