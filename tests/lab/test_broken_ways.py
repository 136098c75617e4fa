"""Ways that are broken on purpose: each becomes its own gap, never a yes, and harms no other host."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.lab import variants

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.conftest import Lab, Scanned

NOBODY = "10.60.1.77"
HOSTS = ("bastion", "web1", "web2", "log1")
"""Some of the lab's: of the others several are of high risk, which would hide what the exit code says."""

REASONS = {"web2": "host-key", "web1": "authentication", "nobody": "unreachable"}
"""What is broken about whom: a changed host key, a refused key, an address without a host."""

TELLS = {"web2": "host key changed", "web1": "login as auditor refused", "nobody": NOBODY}
"""What the gap's text has to say."""


@pytest.fixture(scope="module")
def broken(lab: Lab, rights: str, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """A scan where three ways fail, each for another reason; bastion and log1 are as ever."""
    del rights  # only have to be there
    folder = tmp_path_factory.mktemp("broken")
    inventory = variants.only(variants.read(lab), *HOSTS)
    inventory["defaults"]["known_hosts"] = str(_swapped(lab, folder))
    variants.by_id(inventory, "web1")["via"]["credential"] = f"key:{_new_key(folder)}"
    web2 = variants.by_id(inventory, "web2")
    inventory["objects"].append(web2 | {"id": "nobody", "address": NOBODY})
    return lab.scan(variants.write(inventory, folder / "inventory.yaml"), folder / "lab.run")


def _swapped(lab: Lab, folder: Path) -> Path:
    """known_hosts in which web2's name stands beside bastion's key."""
    lines = (lab.state / "known_hosts").read_text(encoding="utf-8").splitlines()
    key = {line.split(",")[0]: line.split()[1:] for line in lines}
    swapped = [
        " ".join([line.split()[0], *key["bastion"]]) if line.startswith("web2,") else line for line in lines
    ]
    assert swapped != lines
    path = folder / "known_hosts"
    path.write_text("\n".join(swapped) + "\n", encoding="utf-8")
    return path


def _new_key(folder: Path) -> Path:
    """A key that no host knows."""
    path = folder / "stranger"
    subprocess.run(["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.mark.parametrize(("name", "reason"), REASONS.items())
def test_a_broken_way_is_a_gap_with_its_reason(broken: Scanned, name: str, reason: str) -> None:
    own = [f for key, f in broken.findings.items() if key[0] == name]
    assert len(own) > 20
    assert {f["answer"] for f in own} == {"unseen"}
    assert {f["gap"]["reason"] for f in own} == {reason}
    assert all(TELLS[name] in f["gap"]["detail"] for f in own)
    assert all(f["gap"]["needs"] or reason == "unreachable" for f in own)  # nobody's permission would help


def test_the_other_hosts_are_unharmed(audited: Scanned, broken: Scanned) -> None:
    """But for questions that compare them with those that were not seen, or ask who brings them packets."""
    compared, brought = "accounts.passwords-not-copied", "boundary.crossings-declared"
    for name in ("bastion", "bastion/boundary_device", "log1"):
        own = {
            k: answer
            for k, answer in audited.answers.items()
            if k[0] == name and k[1] not in {compared, brought}
        }
        assert own
        assert {key: broken.answers[key] for key in own} == own
    assert {broken.answers[name, compared, ""] for name in ("bastion", "log1")} == {"unseen"}
    assert broken.answers["bastion/boundary_device", brought, ""] == "unseen", (
        "nobody saw the way to its zones"
    )


def test_what_depends_on_an_unseen_host_is_no_yes(audited: Scanned, broken: Scanned) -> None:
    """The collector's sources are told by hosts that were not seen."""
    keys = broken.answers.keys() - {k for k in broken.answers if k[0] in {*REASONS, "bastion", "log1"}}
    assert keys
    for key in keys:
        assert broken.answers[key] != "yes" or audited.answers[key] == "yes", key


def test_exit_code_says_what_is_worst(lab: Lab, broken: Scanned) -> None:
    """2: incomplete, for nothing that was seen is a high risk; 1 once lower risks count as well."""
    risks = {f["risk"] for f in broken.findings.values() if f["answer"] == "no"}
    assert "high" not in risks
    assert risks
    assert broken.status == 2
    assert lab.posture("assess", str(broken.run), "--fail-on", "low").returncode == 1


def test_nothing_checked_is_never_complete(lab: Lab, tmp_path: Path) -> None:
    inventory = variants.only(variants.read(lab), "web2")
    inventory["objects"][0]["address"] = NOBODY
    path = variants.write(inventory, tmp_path / "inventory.yaml")
    assert lab.scan(path, tmp_path / "lab.run").status == 2
