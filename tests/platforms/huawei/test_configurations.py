"""Configurations as devices print them, each with what must be found in it, held against the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.cli import EXIT_INCOMPLETE, EXIT_INPUT, EXIT_OK
from tests.cli.recorded import call

CONFIGURATIONS = sorted((Path(__file__).parent / "configurations").glob("*.cfg"))


def expected_of(path: Path) -> dict[str, Any]:
    told = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))
    assert isinstance(told, dict)
    return told


def told(path: Path, *options: str) -> dict[str, Any]:
    done = call("firewall", path, *options, "-f", "json")
    assert done.code in {EXIT_OK, EXIT_INCOMPLETE}, done.err
    (file,) = json.loads(done.out)["files"]
    assert isinstance(file, dict)
    return file


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_what_is_found_and_where(path: Path) -> None:
    wanted, file = expected_of(path), told(path)
    found = [{"line": one["line"], "kind": one["kind"]} for one in file["findings"]]
    assert found == wanted["findings"]
    assert file["unknown_lines"] == wanted["unread"]
    assert file["lines_within_filters"] > 0
    assert file["dialect"] == ("huawei-usg" if path.stem.startswith("usg") else "huawei-vrp")


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_what_passes_from_where(path: Path) -> None:
    for asked in expected_of(path)["reach"]:
        ports = asked.pop("ports")
        options = [word for name, value in asked.items() for word in (f"--{name}", str(value))]
        file = told(path, "--reach", ",".join(map(str, ports)), *options)
        assert file["reach"] == {str(port): answer for port, answer in ports.items()}, asked


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["vrp_gb18030", "usg_cycle", "vrp_cut"])
def test_what_people_read(name: str, language: str) -> None:
    (path,) = [path for path in CONFIGURATIONS if path.stem == name]
    done = call("--lang", language, "firewall", path, "--reach", "443")
    assert done.code in {EXIT_OK, EXIT_INCOMPLETE}
    word = {
        "vrp_gb18030": ("未被引用", "unbound"),
        "usg_cycle": ("循环引用", "object-cycle"),
        "vrp_cut": ("文件不完整", "the file ends before its end"),
    }[name][language == "en"]
    assert word in done.out
    if name == "vrp_gb18030":
        assert "停用" in call("firewall", path, "-f", "json").out


def test_an_interface_that_the_device_does_not_have() -> None:
    path = CONFIGURATIONS[0]
    done = call("firewall", path, "--reach", "22", "--in", "nowhere")
    assert done.code == EXIT_INPUT
    assert "'nowhere'" in done.err
    assert "untrust" in done.err


def test_no_secret_of_the_configuration_is_shown() -> None:
    (path,) = [path for path in CONFIGURATIONS if path.stem == "vrp_vty_open"]
    for format_ in ("json", "console"):
        assert "secretsecret" not in call("firewall", path, "-f", format_).out


def test_two_files_that_differ_in_a_list_of_an_interface(tmp_path: Path) -> None:
    (path,) = [path for path in CONFIGURATIONS if path.stem == "vrp_good"]
    text = path.read_text(encoding="utf-8")
    other = tmp_path / "other.cfg"
    other.write_text(text.replace("destination-port eq 443", "destination-port eq 444"), encoding="utf-8")
    document = json.loads(call("firewall", "--diff", path, other, "-f", "json").out)
    assert not document["equal"]
    assert {(one["hook"], one["witness"]["port"]) for one in document["differences"]} == {
        ("inbound", 443),
        ("inbound", 444),
    }
    other.write_text(text, encoding="utf-8")
    assert not json.loads(call("firewall", "--diff", path, other, "-f", "json").out)["differences"]
