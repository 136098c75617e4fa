"""``firewall`` on folders of firewalld and ufw: answers with the file and line that decide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scanner.cli import EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_INPUT, EXIT_OK
from tests.cli.recorded import call
from tests.packetspace.test_ufw import ALLOWS, STATUS, files, part

if TYPE_CHECKING:
    from pathlib import Path


def told(*arguments: str | Path, code: int = EXIT_OK) -> dict[str, Any]:
    done = call("firewall", *arguments, "-f", "json")
    assert (done.code, done.err) == (code, "")
    (file,) = json.loads(done.out)["files"]
    assert isinstance(file, dict)
    return file


def written(folder: Path, named: dict[str, str]) -> Path:
    for name, text in named.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def ufw(tmp_path: Path) -> Path:
    told = files(**{"user.rules": part("", "user", ALLOWS)})
    written(tmp_path, {"default/ufw": told.pop("default/ufw")})
    return written(tmp_path / "ufw", told)


@pytest.fixture
def firewalld(tmp_path: Path) -> Path:
    zone = '<zone>\n  <service name="ssh"/>\n  <service name="house"/>\n</zone>\n'
    return written(
        tmp_path / "firewalld", {"firewalld.conf": "DefaultZone=public\n", "zones/public.xml": zone}
    )


def test_a_folder_of_ufw(ufw: Path) -> None:
    file = told(ufw, "--reach", "22,23", "--in", "eth0", "--from", "198.51.100.7")
    assert (file["dialect"], file["reach"]) == ("ufw", {"22": "open", "23": "dropped"})
    assert "user.rules:5" in file["reach_by"]["22"]["places"]
    assert file["reach_by"]["23"]["places"] == ["default/ufw:2"]
    (ufw / "before.init").write_text("#!/bin/sh\n")
    assert told(ufw, "--reach", "23")["reach"] == {"23": "dropped"}
    (ufw / "before.init").chmod(0o755)
    assert told(ufw, "--reach", "23", code=EXIT_INCOMPLETE)["reach"] == {"23": "unknown"}


def test_a_folder_without_the_settings_beside_it(tmp_path: Path, ufw: Path) -> None:
    (tmp_path / "default/ufw").unlink()
    assert told(ufw, "--reach", "22", code=EXIT_INCOMPLETE)["reach"] == {"22": "unknown"}


def test_a_folder_of_firewalld(tmp_path: Path, firewalld: Path) -> None:
    file = told(firewalld, "--reach", "22,80", "--in", "eth0", code=EXIT_INCOMPLETE)
    assert file["reach"] == {"22": "open", "80": "unknown"}
    assert [one["place"] for one in file["unknown"]] == ["zones/public.xml:3"]
    house = '<service><port port="80" protocol="tcp"/></service>'
    library = written(tmp_path / "usr/lib/firewalld", {"services/house.xml": house})
    file = told(firewalld, library, "--reach", "22,80,81", "--in", "eth0")
    assert file["reach"] == {"22": "open", "80": "open", "81": "rejected"}


def test_differences_of_folders(tmp_path: Path, ufw: Path) -> None:
    other = written(tmp_path / "other/ufw", {p.name: p.read_text() for p in ufw.iterdir()})
    written(tmp_path / "other", {"default/ufw": (tmp_path / "default/ufw").read_text()})
    assert call("firewall", "--diff", ufw, other).code == EXIT_OK
    (other / "user.rules").write_text(part("", "user", ALLOWS.replace("22", "23")))
    done = call("firewall", "--diff", ufw, other, "-f", "json")
    assert done.code == EXIT_FINDINGS
    document = json.loads(done.out)
    assert document["unproved"] == []
    assert {one["after"]["place"] for one in document["differences"]} >= {"user.rules:5"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_people_read(firewalld: Path, language: str) -> None:
    (firewalld / "zones/public.xml").write_text('<zone>\n<service name="&#27;[31m"/></zone>')
    done = call("--lang", language, "firewall", firewalld, "--reach", "22")
    assert done.code == EXIT_INCOMPLETE
    assert "zones/public.xml:2" in done.out
    assert "\x1b" not in done.out


def test_a_status_is_read_and_what_it_does_not_show_is_told(tmp_path: Path) -> None:
    path = tmp_path / "status"
    path.write_text(STATUS.format(default="deny", row="22/tcp                     ALLOW IN    Anywhere"))
    file = told(path, "--reach", "22,23", code=EXIT_INCOMPLETE)
    assert file["reach"] == {"22": "open", "23": "dropped"}
    assert file["unknown_lines"] == [1]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    done = call("firewall", tmp_path)
    assert done.code == EXIT_INPUT
    assert f"{tmp_path}:1:1" in done.err
