"""Files that include others: what is read of them is what nft itself loads from the same folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from collectors.evidence import Document
from collectors.platforms.linux.loaded_rules import Gathering, nft_tables
from collectors.platforms.linux.nft_files import PATTERNS
from scanner.derive.boot import boot_changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scanner.facts import Rules

TABLE = """table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    %s
  }
}
"""
MAIN = "/etc/nftables.conf"


@dataclass(frozen=True)
class Case:
    """Files by path; ``at``: file and line that open port 9090, "" where nothing is to be known."""

    name: str
    files: Mapping[str, str]
    at: tuple[str, int] | None
    loads: bool = True


CASES = (
    Case(
        "a folder's files",
        {
            MAIN: 'flush ruleset\ninclude "/etc/nftables.d/*.nft"\n',
            "/etc/nftables.d/10-open.nft": TABLE % "tcp dport 9090 accept",
        },
        ("/etc/nftables.d/10-open.nft", 4),
    ),
    Case(
        "variables of another file",
        {
            MAIN: 'include "/etc/nftables.d/0-names.nft" # names\ninclude "/etc/nftables.d/rules.nft"\n',
            "/etc/nftables.d/0-names.nft": "define open = { 22, 9090 }\ndefine every = $open\n",
            "/etc/nftables.d/rules.nft": TABLE % "\n    tcp dport $every accept",
        },
        ("/etc/nftables.d/rules.nft", 5),
    ),
    Case(
        "inside of a chain, and lines behind it",
        {
            MAIN: TABLE
            % 'tcp dport 22 accept\n    include "nftables.d/deny.conf"\n    tcp dport 9090 accept',
            "/etc/nftables.d/deny.conf": "# one\ntcp dport 23 drop\n",
        },
        (MAIN, 6),
    ),
    Case(
        "the order of names decides",
        {
            MAIN: 'include "/etc/nftables/*.nft"\n',
            "/etc/nftables/20.nft": "add rule inet filter input tcp dport 9090 drop\n",
            "/etc/nftables/10.nft": TABLE % "tcp dport 9090 accept",
        },
        ("/etc/nftables/10.nft", 4),
    ),
    Case(
        "files that include files, and patterns that match nothing",
        {
            MAIN: 'include "/etc/nftables/main.nft"\n',
            "/etc/nftables/main.nft": 'include "/etc/nftables.d/*.nft"\n'
            + TABLE % 'include "/etc/nftables/none-*.nft"\n    include "/etc/nftables/open.nft"',
            "/etc/nftables/open.nft": "tcp dport 9090 accept\n",
        },
        ("/etc/nftables/open.nft", 1),
    ),
    Case(
        "a line before and after",
        {
            MAIN: (TABLE % "tcp dport 22 accept")
            + 'include "/etc/nftables/a.nft"\nadd rule inet filter input tcp dport 9090 accept\n',
            "/etc/nftables/a.nft": "add rule inet filter input tcp dport 23 accept\n\n\n",
        },
        (MAIN, 8),
    ),
    Case("a file that is not there", {MAIN: 'include "/etc/nftables/no.nft"\n' + TABLE % ""}, None, False),
    Case("itself", {MAIN: 'include "/etc/nftables.conf"\n' + TABLE % ""}, None, False),
    Case(
        "a last line without its end",
        {
            MAIN: TABLE % 'include "/etc/nftables/open.nft"',
            "/etc/nftables/open.nft": "tcp dport 9090 accept",
        },
        None,
        False,
    ),
    Case(
        "a name twice",
        {
            MAIN: 'define p = 9090\ninclude "/etc/nftables/a.nft"\n' + TABLE % "tcp dport $p accept",
            "/etc/nftables/a.nft": "define p = 9091\n",
        },
        None,
        False,
    ),
    Case("from elsewhere", {MAIN: 'include "/srv/rules.nft"\n' + TABLE % ""}, None, False),
    Case(
        "from where nft is started",
        {MAIN: 'include "./etc/nftables/a.nft"\n', "/etc/nftables/a.nft": TABLE % "tcp dport 9090 accept"},
        None,
    ),
    Case(
        "a folder above",
        {
            MAIN: 'include "/etc/nftables/../nftables.d/a.nft"\n',
            "/etc/nftables.d/a.nft": TABLE % "tcp dport 9090 accept",
            "/etc/nftables/b.nft": "",
        },
        None,
    ),
    Case(
        "names whose order is the language's",
        {
            MAIN: 'include "/etc/nftables/*.nft"\n',
            "/etc/nftables/B.nft": "add rule inet filter input tcp dport 9090 drop\n",
            "/etc/nftables/a.nft": TABLE % "tcp dport 9090 accept",
        },
        None,
        False,
    ),
)


def rules_of_nft(files: Mapping[str, Document]) -> Rules | None:
    gathered = Gathering()
    return gathered.rules() if gathered.add_files(files) else None


def read(case: Case) -> Rules | None:
    return rules_of_nft({path: Document(path, tuple(text.split("\n"))) for path, text in case.files.items()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_where_a_port_is_opened(case: Case) -> None:
    rules = read(case)
    if case.at is None:
        assert rules is None
        return
    assert rules is not None
    told = [
        rules.cite(rule.line, rule.text)
        for table in rules.file.tables
        for chain in table.chains
        for rule in chain.rules
        if rule.action.value == "accept" and ("9090" in rule.text or "$every" in rule.text)
    ]
    assert [(one.capture, one.line) for one in told] == [case.at]
    assert told[0].excerpt == case.files[case.at[0]].split("\n")[case.at[1] - 1].strip()


def test_two_main_files_are_nobodys_order() -> None:
    text = tuple((TABLE % "").split("\n"))
    assert rules_of_nft({p: Document(p, text) for p in (MAIN, "/etc/sysconfig/nftables.conf")}) is None
    assert rules_of_nft({}) is None


def test_files_that_multiply_end() -> None:
    """No circle: each file includes the next one thirty times."""
    paths = [MAIN, *(f"/etc/nftables/{n}.nft" for n in range(10, 22))]
    files = {path: Document(path, (*[f'include "{then}"'] * 30, "")) for path, then in pairwise(paths)}
    assert rules_of_nft(files | {paths[-1]: Document(paths[-1], ("",))}) is None


@pytest.mark.wire
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_nft_loads(case: Case, tmp_path: Path) -> None:
    """The folder stands in place of ``/etc`` in a namespace of its own."""
    if os.geteuid() or shutil.which("nft") is None:
        pytest.skip("needs root and nft")
    for path, text in case.files.items():
        place = tmp_path / path.removeprefix("/etc/")
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    load = f"mount --bind {tmp_path} /etc && cd / && nft -f {MAIN} >&2; nft -j list ruleset"
    argv = ("unshare", "--mount", "--net", "sh", "-c", load)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "ermitted" in done.stderr:
        pytest.skip(done.stderr)
    shown = Document("nft-ruleset", tuple(done.stdout.split("\n")))
    assert ("filter" in done.stdout) is case.loads, done.stderr
    rules = read(case)
    if rules is None:
        return
    gathered = Gathering()
    gathered.add(shown, nft_tables(shown))
    now = gathered.rules()
    assert now is not None
    assert boot_changes(now, rules) == ()
    without = Document("x", tuple(done.stdout.replace("9090", "9999").split("\n")))
    gathered = Gathering()
    gathered.add(without, nft_tables(without))
    changed = gathered.rules()
    assert changed is not None
    assert boot_changes(changed, rules), "positive control"


def test_what_is_followed_is_collected() -> None:
    """A pattern with a wildcard in its folder would be followed to where nobody looked."""
    assert all("*" not in pattern.rpartition("/")[0] for pattern in PATTERNS)
