"""The driver of the labelled host states: states are laid over a base and taken back, answers counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.host_scenarios import Answer, Count, State, copy, lay_over, read_states, take_back, variables
from benchmarks.scenarios import TOPICS

TOP = Path(__file__).parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="files of states have owners: root only")


def entry(text: str = "", mode: str = "644", uid: int = 0, gid: int = 0) -> dict[str, Any]:
    return {"text": text, "mode": mode, "uid": uid, "gid": gid, "size": len(text)}


def base(folder: Path) -> Path:
    made = folder / "base"
    (made / "etc/ssh").mkdir(parents=True)
    (made / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    (made / "etc/ssh/sshd_config").write_text("UsePAM yes\n")
    (made / "etc/ssh/link").symlink_to("sshd_config")
    (made / "etc/ssh/sshd_config").chmod(0o600)
    return made


def listed(tree: Path) -> list[tuple[str, int, int, int, str]]:
    found = []
    for path in sorted(tree.rglob("*")):
        meta = path.lstat()
        text = str(path.readlink()) if path.is_symlink() else path.read_text() if path.is_file() else ""
        found.append((str(path.relative_to(tree)), meta.st_mode, meta.st_uid, meta.st_gid, text))
    return found


@needs_root
def test_a_state_is_laid_over_and_taken_back(tmp_path: Path) -> None:
    made, tree = base(tmp_path), tmp_path / "tree"
    copy(made, tree)
    before = listed(tree)
    assert before == listed(made)
    folder = {"mode": "700", "uid": 7, "gid": 8}
    delta = {
        "files": {
            "/etc/passwd": entry("changed", "600", 5, 6),
            "/etc/ssh/link": entry("a file now"),
            "/home/li/.x/y": entry("new"),
            "/etc/ssh/other": {"link": "/etc/passwd"},
        },
        "dirs": {"/etc/ssh": folder, "/home/li": folder},
        "deleted": ["/etc/ssh/sshd_config", "/etc/none"],
    }
    lay_over(tree, delta)
    changed = {path: (mode & 0o7777, uid, gid, text) for path, mode, uid, gid, text in listed(tree)}
    assert changed["etc/passwd"] == (0o600, 5, 6, "changed")
    assert changed["etc/ssh"][:3] == (0o700, 7, 8)
    assert changed["home/li/.x/y"][3] == "new"
    assert "etc/ssh/sshd_config" not in changed
    take_back(tree, delta, made)
    assert listed(tree) == before


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", {}),
        ("var_accounts_tmout=600", {"var_accounts_tmout": "600"}),
        ("a=1,b=x,y", {"a": "1", "b": "x,y"}),
        ("var_mask = 027", {"var_mask": "027"}),
        ("a=k=v,b=2", {"a": "k=v", "b": "2"}),
    ],
)
def test_variables_are_told_apart_by_their_names(text: str, named: dict[str, str]) -> None:
    assert variables(text) == named


def answered(expected: bool, said: bool | None, name: str = "r") -> Answer:
    return Answer(State(name, name, "s", expected, {}, {}), "topic", said, "", "")


def test_not_seeing_counts_as_wrong_on_both_sides() -> None:
    count = Count((answered(True, True), answered(True, None), answered(False, False), answered(False, None)))
    assert (count.recall(True), count.recall(False), count.balanced, count.unseen) == (0.5, 0.5, 0.5, 2)


def test_saying_pass_of_a_failing_state_is_a_false_conform() -> None:
    assert Count((answered(False, True), answered(True, False), answered(False, None))).false_conform == 1


def test_a_rule_stands_in_one_topic_only() -> None:
    names = [rule for rules in TOPICS.values() for rule in rules]
    assert len(names) == len(set(names))
    assert len(names) >= 70


def state(rule: str, label: str, files: dict[str, Any]) -> dict[str, Any]:
    name = f"{rule}/made_up.{label}.sh@debian12"
    about = {"id": name, "rule": rule, "expected": label, "variables": ""}
    return about | {"files": files, "dirs": {}, "deleted": []}


@needs_root
def test_states_are_looked_at_asked_and_counted(tmp_path: Path) -> None:
    made = base(tmp_path)
    with tarfile.open(tmp_path / "base.tar", "w") as archive:
        archive.add(made / "etc", "etc")
    config = "/etc/ssh/sshd_config"
    lines = [
        state("sshd_disable_root_login", "pass", {config: entry("PermitRootLogin no\n")}),
        state(
            "sshd_disable_root_login", "fail", {config: entry("PermitRootLogin yes\nPermitRootLogin no\n")}
        ),
        state("sshd_enable_pam", "pass", {}),
        state("sshd_enable_pam", "fail", {config: entry("UsePAM maybe\n")}),
        state("a_rule_of_nobody", "fail", {}),
    ]
    states = tmp_path / "states.jsonl"
    states.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [s.scenario for s in read_states(states)] == ["made_up"] * 5
    argv = ["benchmarks/host_scenarios.py", "--states", str(states), "--base", str(tmp_path / "base.tar")]
    run = subprocess.run([sys.executable, *argv], cwd=TOP, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "ssh                    2      4   1.000" in run.stdout
    assert "2 rules asked; 1 left out" in run.stdout
    assert "a_rule_of_nobody" in run.stdout
