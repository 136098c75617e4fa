"""Without rights less is seen and nothing else is said; the printed rights give what root sees."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from collectors.rights import reading_argv
from tests.lab import variants

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.lab.conftest import Lab, Scanned

SPECIAL = re.compile(r"(?<!\\)[*?\[\]]")


@pytest.fixture(scope="module")
def plain_inventory(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every host as the account `scan`, which has no rights."""
    return variants.write(variants.as_login(lab, "scan"), tmp_path_factory.mktemp("plain") / "inventory.yaml")


@pytest.fixture(scope="module")
def before_plain(lab: Lab) -> Mapping[str, str]:
    """Where each host's journal stood before the scan without rights."""
    return {host: lab.place(host) for host in lab.hosts}


@pytest.fixture(scope="module")
def plain(lab: Lab, rights: str, before_plain: Mapping[str, str], plain_inventory: Path) -> Scanned:
    """The lab without root or sudo."""
    del before_plain  # only has to be older
    assert "scan ALL" not in rights
    return lab.scan(plain_inventory, plain_inventory.with_suffix(".run"))


@pytest.fixture(scope="module")
def as_root(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """The lab as root of each host sees it, without any login."""
    folder = tmp_path_factory.mktemp("root")
    inventory = variants.write(variants.as_root_inside(lab), folder / "inventory.yaml")
    return lab.scan(inventory, folder / "lab.run")


def of_hosts(scanned: Scanned) -> dict[tuple[str, str, str], str]:
    """Answers but for those of services found on hosts: without rights their ports stay unknown."""
    return {key: answer for key, answer in scanned.answers.items() if not key[1].startswith("instance.")}


def lost(full: Scanned, less: Scanned) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    """Findings that were decided and are not any more."""
    found = less.findings
    return {
        key: found[key]
        for key, answer in of_hosts(full).items()
        if answer != "unseen" and found[key]["answer"] == "unseen"
    }


def test_without_rights_an_answer_stays_or_becomes_unseen(audited: Scanned, plain: Scanned) -> None:
    assert of_hosts(plain).keys() == of_hosts(audited).keys()
    turned = {
        key: (answer, plain.answers[key])
        for key, answer in of_hosts(audited).items()
        if plain.answers[key] not in {answer, "unseen"}
    }
    assert turned == {}
    assert {"yes", "no"} <= {audited.answers[key] for key in lost(audited, plain)}


def test_without_rights_no_service_passes_that_did_not_before(audited: Scanned, plain: Scanned) -> None:
    """Whose port stays unknown is known by its host and product."""

    def passed(scanned: Scanned) -> set[tuple[str, str]]:
        return {
            (found.partition("@")[0], check)
            for (found, check, _), answer in scanned.answers.items()
            if check.startswith("instance.") and answer == "yes"
        }

    assert passed(audited)
    assert passed(plain) <= passed(audited)


def test_every_lost_answer_names_the_permission(audited: Scanned, plain: Scanned) -> None:
    missing = lost(audited, plain)
    assert len(missing) > 50  # shadow, filters, sshd and sockets of four hosts
    for key, finding in missing.items():
        gap = finding["gap"]
        assert gap["reason"] == "permission", key
        assert re.match(r"root\b", gap["needs"]), key


def test_every_lost_fact_names_the_permission(lab: Lab, audited: Scanned, plain: Scanned) -> None:
    seen = {(r["object"], r["fact"]) for r in _facts(lab, audited) if not r["value"].startswith("unseen (")}
    gaps = [r for r in _facts(lab, plain) if r["value"].startswith("unseen (") and not r["name"]]
    lost_facts = [r for r in gaps if (r["object"], r["fact"]) in seen]
    assert lost_facts
    for row in lost_facts:
        assert row["value"].startswith("unseen (permission): "), row
        assert "; needs root" in row["value"], row


def test_without_rights_sudo_is_not_even_tried(
    lab: Lab, before_plain: Mapping[str, str], plain: Scanned
) -> None:
    """An attempt that sudo refuses would be recorded on the host, and mailed to its administrator."""
    del plain  # has to have happened
    for host, place in before_plain.items():
        assert lab.logged(host, place, "sshd")
        assert not lab.logged(host, place, "sudo")


def test_printed_rights_give_what_root_sees(audited: Scanned, as_root: Scanned) -> None:
    assert audited.answers == as_root.answers


def test_root_over_ssh_says_the_same(lab: Lab, audited: Scanned, tmp_path: Path) -> None:
    """Only web2 lets root in."""
    alone = variants.only(variants.as_login(lab, "root"), "web2")
    found = lab.scan(variants.write(alone, tmp_path / "inventory.yaml"), tmp_path / "web2.run")
    of_web2 = {key: answer for key, answer in audited.answers.items() if key[0] == "web2"}
    assert {key: answer for key, answer in found.answers.items() if key[0] == "web2"} == of_web2


def test_printed_rights_work_for_another_account(
    lab: Lab, plain: Scanned, plain_inventory: Path, audited: Scanned, tmp_path: Path
) -> None:
    del plain  # first without, then with the rights
    with lab.granted(lab.sudoers("scan")):
        assert lab.scan(plain_inventory, tmp_path / "lab.run").answers == audited.answers


def test_printed_rights_are_the_plan_and_nothing_more(lab: Lab) -> None:
    planned = set(_planned(lab.posture("--lang", "en", "scan", str(lab.inventory), "--plan").stdout))
    allowed = _allowed(lab.sudoers("auditor"))
    assert {(argv[0].rpartition("/")[2], *argv[1:]) for argv in allowed} == {
        (argv[0].rpartition("/")[2], *argv[1:]) for argv in planned
    }
    assert all(argv[0].startswith("/") and not argv[0].endswith("/") for argv in allowed)


def test_no_printed_right_holds_a_wildcard(lab: Lab) -> None:
    text = "\n".join(line for line in lab.sudoers("auditor").splitlines() if not line.startswith("#"))
    assert not SPECIAL.search(text)
    assert "^" not in text
    assert not re.search(r"(NOPASSWD:|,)\s*(\\\s*)?ALL\b", text)


@pytest.mark.parametrize(
    "argv",
    [
        ("/usr/bin/cat", "/etc/shadow"),
        ("/usr/sbin/sshd", "-T", "-f", "/etc/shadow"),
        ("/usr/sbin/iptables-save", "-f", "/etc/written"),
        ("/usr/sbin/auditctl", "-e", "0"),
        reading_argv("/etc/gshadow"),
        reading_argv("/etc/rsyslog.d/60-forward.conf"),  # the pattern's star is a star to sudo as well
        (*reading_argv("/etc/shadow"), "-delete"),
    ],
    ids=" ".join,
)
def test_nothing_beside_the_printed_rights_is_allowed(lab: Lab, rights: str, argv: tuple[str, ...]) -> None:
    del rights  # only have to be there
    assert lab.run("web1", "sudo", "-n", *reading_argv("/etc/shadow"), user="auditor").returncode == 0
    assert lab.run("web1", "sudo", "-n", "-l", *argv, user="auditor").returncode != 0


def _facts(lab: Lab, scanned: Scanned) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(lab.posture("facts", str(scanned.run), "-f", "json").stdout)
    return told


def _planned(plan: str) -> list[tuple[str, ...]]:
    """Command lines that the plan's privileged steps may run through sudo."""
    found, privileged = [], False
    for line in plan.splitlines():
        if re.match(r"  \S", line):
            privileged = "[root or sudo -n" in line
        elif privileged and line.startswith("      $ "):
            found.append(_through_sudo(line.removeprefix("      $ ")))
    return found


def _through_sudo(planned: str) -> tuple[str, ...]:
    verb, _, pattern = planned.partition(" ")
    if verb in {"cat", "metadata"}:
        return reading_argv(pattern, metadata_only=verb == "metadata")
    return tuple(shlex.split(planned))


def _allowed(sudoers: str) -> list[tuple[str, ...]]:
    """Command lines of a sudoers text, as sudo understands them."""
    text = re.sub(r"\\\n\s*", "", "\n".join(s for s in sudoers.splitlines() if not s.startswith("#")))
    commands = [c for line in text.splitlines() if line for c in line.partition("NOPASSWD:")[2].split(", ")]
    accounts = {line.partition(" NOPASSWD:")[0] for line in text.splitlines() if line}
    assert accounts == {"auditor ALL=(root)", "auditor ALL=(postgres)"}
    return [tuple(re.sub(r"\\(.)", r"\1", word) for word in c.split() if word != '""') for c in commands]
