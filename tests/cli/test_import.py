"""``collector-script`` and ``import``: from the file that is handed over to a run that can be judged."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from collectors.platforms import PLATFORMS
from scanner.locker import Locker
from scanner.model import Capture, Gap
from tests.cli.recorded import call

if TYPE_CHECKING:
    from pathlib import Path

LINUX = next(platform for platform in PLATFORMS if platform.name == "linux")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the script says of this machine, under a name that is surely not this machine's."""
    folder = tmp_path_factory.mktemp("output")
    assert call("collector-script", "-o", folder / "collect.sh").code == 0
    done = subprocess.run(["sh", folder / "collect.sh"], capture_output=True, check=True)  # noqa: S607
    return named(done.stdout, "carried", folder / "carried.mlps")


def named(content: bytes, host: str, path: Path) -> Path:
    """An output whose host calls itself so."""
    lines = content.split(b"\n")
    lines[3] = f"host {host}".encode()
    path.write_bytes(b"\n".join(lines))
    return path


def test_the_script_is_the_same_in_both_languages_and_on_standard_output(output: Path) -> None:
    text = (output.parent / "collect.sh").read_text("utf-8")
    assert call("collector-script").out == text
    assert "口令散列" in text
    assert "password hashes" in text
    assert all(f"#   {step.id}\n" in text for step in LINUX.steps)


def test_an_output_becomes_a_run_that_can_be_judged(output: Path, tmp_path: Path) -> None:
    done = call("import", output, "-o", tmp_path / "a.run")
    assert (done.code, done.out.split(": ")[0]) == (0, "carried")
    with Locker.open(tmp_path / "a.run", "read") as locker:
        assert {r.step for r in locker.records("carried")} == {step.id for step in LINUX.steps}
        assert {r.object for r in locker.records("carried") if isinstance(r, Capture)} == {"carried"}
    assert call("verify", tmp_path / "a.run").code == 0
    assert call("assess", tmp_path / "a.run", "--level", "2").code in {0, 1, 2}


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a made-up shadow: root only")
def test_no_password_hash_gets_into_the_run(output: Path, tmp_path: Path) -> None:
    (tmp_path / "shadow").write_text("root:$y$j9T$abcdefgh$ijklmnop:19800:0:90:7:::\n")
    mounted = f"mount --make-rprivate / && mount --bind {tmp_path}/shadow /etc/shadow"
    argv = ["unshare", "-m", "sh", "-c", f"{mounted} && exec sh {output.parent}/collect.sh"]
    done = subprocess.run(argv, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no mount namespace here")
    (tmp_path / "a.mlps").write_bytes(done.stdout)
    assert b"ijklmnop" in done.stdout
    assert call("import", "--object", f"web1={tmp_path / 'a.mlps'}", "-o", tmp_path / "a.run").code == 0
    with Locker.open(tmp_path / "a.run", "read") as locker:
        contents = [r.content for r in locker.records("web1") if isinstance(r, Capture)]
    assert any(b"root:<masked" in content for content in contents)
    assert not any(b"ijklmnop" in content for content in contents)
    assert "ijklmnop" not in call("facts", tmp_path / "a.run").out


def test_an_inventory_places_outputs_and_nothing_else_is_looked_at(output: Path, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(
        "version: 1\n"
        "systems:\n  - {name: shop, grade: S2A2}\n"
        "zones:\n  - {name: dmz}\n"
        "vantages:\n  - {name: inside}\n"
        "defaults: {user: audit}\n"
        "objects:\n"
        "  - {id: web1, kind: operating_system, systems: [shop], zone: dmz, address: 192.0.2.1, via: {}}\n"
        "  - {id: web2, kind: operating_system, systems: [shop], address: 192.0.2.2, via: {}}\n"
        "  - id: db1\n    kind: operating_system\n    systems: [shop]\n"
        "    via: {transport: import, path: own.mlps}\n",
        encoding="utf-8",
    )
    named(output.read_bytes(), "db1", tmp_path / "own.mlps")
    done = call("import", "--object", f"web1={output}", "--inventory", inventory, "-o", tmp_path / "a.run")
    assert [line.split(": ")[0] for line in done.out.splitlines()] == ["web1", "db1"]
    assert call("import", output, "--inventory", inventory, "-o", tmp_path / "b.run").err.endswith(
        "no object is called carried; name them: --object NAME=PATH\n"
    )
    report = json.loads(call("report", tmp_path / "a.run", "-f", "json").out)
    assert {o["id"] for o in report["objects"]} >= {"web1", "web2", "db1"}
    assert report["systems"][0]["name"] == "shop"


def test_a_scan_takes_outputs_beside_other_ways(output: Path, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    entry = {"id": "db1", "kind": "operating_system", "systems": ["shop"]}
    way = {"via": {"transport": "import", "path": str(output)}}
    data = {"version": 1, "systems": [{"name": "shop", "grade": "S2A2"}], "objects": [entry | way]}
    inventory.write_text(yaml.safe_dump(data), encoding="utf-8")
    assert call("-q", "scan", inventory, "-o", tmp_path / "a.run").code in {0, 1, 2}
    with Locker.open(tmp_path / "a.run", "read") as locker:
        assert any(isinstance(record, Capture) for record in locker.records("db1"))
    assert f"import {output}" in call("scan", inventory, "--plan").out


def test_every_mistake_is_told_at_once_and_nothing_is_written(output: Path, tmp_path: Path) -> None:
    odd = named(output.read_bytes(), "\x1b[2Jweb", tmp_path / "odd.mlps")
    (tmp_path / "text").write_text("no output")
    named(output.read_bytes(), "twin", tmp_path / "twin.mlps")
    wrong = ("--object", "x", "--object", "a b=c", "--object", f"y={tmp_path}/none")
    given = (output, output, tmp_path / "twin.mlps", odd, tmp_path / "text")
    done = call("import", *given, *wrong, "-o", tmp_path / "a.run")
    assert done.code == 3
    for part in (
        "'x': write NAME=PATH",
        "'a b=c': write NAME=PATH",
        "no file",
        "text: not the output of a collector script",
        "several outputs are of 'carried'",
        "would be the same output",
        "name it: --object NAME=",
    ):
        assert part in done.err
    assert "\x1b" not in done.err
    assert not (tmp_path / "a.run").exists()
    assert call("import", "-o", tmp_path / "a.run").code == 3


@pytest.mark.parametrize(
    ("keep", "reason"), [(-30, "truncated"), (6000, "truncated"), (20, "unparsable"), (0, "unparsable")]
)
def test_a_cut_output_is_incomplete(output: Path, tmp_path: Path, keep: int, reason: str) -> None:
    (tmp_path / "cut.mlps").write_bytes(output.read_bytes()[:keep])
    done = call("import", "--object", f"web1={tmp_path / 'cut.mlps'}", "-o", tmp_path / "a.run")
    assert done.code == 2
    with Locker.open(tmp_path / "a.run", "read") as locker:
        reasons = {str(r.reason) for r in locker.records("web1") if isinstance(r, Gap)}
    assert reason in reasons
    report = json.loads(call("report", tmp_path / "a.run", "-f", "json").out)
    assert (
        not [f for f in report["findings"] if f["object"] == "web1" and f["answer"] == "yes"] or keep == -30
    )
