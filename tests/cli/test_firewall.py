"""``firewall`` from the command line: findings with witness and deciding lines, reach, differences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scanner.cli import EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_INPUT, EXIT_OK
from tests.cli.recorded import call

if TYPE_CHECKING:
    from pathlib import Path

RULES = """\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:NOBODY - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s 10.9.0.0/16 -p tcp -m tcp --dport 22 -j DROP
-A INPUT -s 10.8.0.0/16 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 3306 -j ACCEPT
-A INPUT -o eth0 -j DROP
-A NOBODY -j ACCEPT
-A FORWARD -j ACCEPT
COMMIT
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.v4"
    path.write_text(RULES)
    return path


def told(*arguments: str | Path, code: int = EXIT_OK) -> dict[str, Any]:
    done = call("firewall", *arguments, "-f", "json")
    assert (done.code, done.err) == (code, "")
    (file,) = json.loads(done.out)["files"]
    assert isinstance(file, dict)
    return file


def test_findings_have_lines_a_witness_and_what_decides(rules: Path) -> None:
    file = told(rules)
    assert (file["dialect"], file["lines"], file["unknown_lines"]) == ("iptables-save", 15, [])
    assert file["default_deny"] == {"input": True, "forward": False, "output": False}
    found = {(one["kind"], one["line"]): one for one in file["findings"]}
    assert set(found) == {
        ("no-default-deny", 3),
        ("uncalled", 5),
        ("shadowed", 9),
        ("redundant", 10),
        ("exposed-port", 11),
        ("impossible", 12),
        ("any-any", 14),
    }
    shadowed = found["shadowed", 9]
    assert shadowed["deciding"] == [8]
    assert shadowed["witness"]["source"].startswith("10.9.")
    assert shadowed["witness"]["port"] == 22
    assert shadowed["text"] == "-A INPUT -s 10.9.0.0/16 -p tcp -m tcp --dport 22 -j DROP"
    assert set(shadowed["message"]) == {"zh", "en"}


def test_reach_by_port_and_where_from(rules: Path) -> None:
    outside = ("--in", "eth0", "--from", "198.51.100.7", "--to", "192.0.2.1")
    assert told(rules, "--reach", "22,3306", *outside)["reach"] == {"22": "dropped", "3306": "open"}
    inside = told(rules, "--reach", "22-23", "--from", "10.1.1.1")
    assert inside["reach"] == {"22": "open", "23": "dropped"}
    assert inside["reach_by"]["22"]["lines"] == [8]
    assert told(rules, "--reach", "3306", "--proto", "udp")["reach"] == {"3306": "dropped"}
    assert told(rules, "--reach", "1", "--hook", "forward")["reach"] == {"1": "open"}


def test_translation_before_the_filter_is_told_beside(tmp_path: Path) -> None:
    path = tmp_path / "rules.v4"
    rule = "-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.9"
    nat = f"*nat\n:PREROUTING ACCEPT [0:0]\n{rule}\nCOMMIT\n"
    path.write_text(nat + RULES)
    file = told(path, "--reach", "79-81")
    assert file["reach"] == {"79": "dropped", "80": "unknown", "81": "dropped"}
    (followed,) = file["translated"]
    assert (followed["line"], followed["ports"]) == (3, "80")
    assert followed["answers"] == {"forward": "open", "input": "dropped"}
    assert [(one["line"], one["action"], one["ports"]) for one in file["beside"]] == [(3, "translate", "80")]


def test_decisions_that_leave_no_log_are_told_where_asked(rules: Path) -> None:
    def silent(*options: str) -> set[int]:
        return {one["line"] for one in told(rules, *options)["findings"] if one["kind"] == "no-log"}

    assert silent() == set()
    assert silent("--logged", "denied") == {2}
    assert silent("--logged", "accepted") >= {6, 8, 11, 14}


def test_a_line_that_nobody_understands_is_told_and_makes_the_run_incomplete(rules: Path) -> None:
    rules.write_text(RULES.replace("-A INPUT -o eth0 -j DROP", "-A INPUT -m sesame --open -j ACCEPT"))
    file = told(rules, "--reach", "80", code=EXIT_INCOMPLETE)
    assert file["unknown_lines"] == [12]
    assert file["default_deny"]["input"] is False
    assert file["reach"] == {"80": "unknown"}


def test_differences_with_a_packet(rules: Path, tmp_path: Path) -> None:
    other = tmp_path / "new"
    other.write_text(RULES.replace("-A INPUT -s 10.8.0.0/16 -p tcp -m tcp --dport 22 -j ACCEPT\n", ""))
    same = call("firewall", "--diff", rules, other)
    assert same.code == EXIT_OK
    other.write_text(RULES.replace("--dport 3306", "--dport 3307"))
    done = call("firewall", "--diff", rules, other, "-f", "json")
    assert done.code == EXIT_FINDINGS
    document = json.loads(done.out)
    assert (document["equal"], document["unproved"]) == (False, [])
    assert {(one["witness"]["port"], one["after"]["action"]) for one in document["differences"]} == {
        (3306, "drop"),
        (3307, "accept"),
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_people_read(rules: Path, language: str) -> None:
    rules.write_text(
        RULES.replace("-A FORWARD -j ACCEPT", '-A FORWARD -m comment --comment "\x1b[31m" -j ACCEPT')
    )
    done = call("--lang", language, "firewall", rules, "--reach", "22")
    assert done.code == EXIT_OK
    assert "\x1b" not in done.out
    assert ("被遮蔽" if language == "zh" else "shadowed") in done.out


def test_all_mistakes_at_once(tmp_path: Path, rules: Path) -> None:
    odd = tmp_path / "odd"
    odd.write_text("hello\n")
    done = call("firewall", odd, odd)
    assert done.code == EXIT_INPUT
    assert done.err.count(f"{odd}:1:1") == 2
    done = call("firewall", rules, "--reach", "0-70000,x", "--from", "nowhere")
    assert done.code == EXIT_INPUT
    assert all(word in done.err for word in ("0-70000", "'x'", "nowhere"))
    assert call("firewall", rules, "--from", "10.0.0.1").code == EXIT_INPUT
    assert call("firewall").code == EXIT_INPUT
