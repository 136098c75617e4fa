"""The parser of sshd's files against sshd itself: what it takes, what it refuses, what it then uses."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.platforms.linux.sshd import READERS
from collectors.platforms.linux.sshd_files import SSHD_FILES
from collectors.platforms.linux.sshd_keywords import ALIASES, KINDS, MATCHABLE, Kind
from collectors.reading import read_fact
from scanner.facts import Origin, SshServer
from scanner.model import Gap
from tests.platforms.fixture import OBJECT, file_captures

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(SSHD is None, reason="no OpenSSH server is installed"),
]


CASES = max(150, settings().max_examples)
"""As many as the profile says: ``make deep`` tries 2,000."""


@dataclass(frozen=True)
class Connection:
    """Somebody who knocks, as ``sshd -T -C`` is told."""

    user: str
    host: str
    address: str

    @property
    def argument(self) -> str:
        return f"user={self.user},host={self.host},addr={self.address}"


@dataclass(frozen=True)
class Server:
    """An installed sshd: ``ask`` tells what it would use with a main and an included file, None: refused."""

    ask: Callable[..., dict[str, str] | None]
    defaults: dict[str, str]


VALUES = {
    "PermitRootLogin": "yes no prohibit-password without-password forced-commands-only YES".split(),
    "PermitEmptyPasswords": "yes no No".split(),
    "PasswordAuthentication": ["yes", "no"],
    "KbdInteractiveAuthentication": ["yes", "no"],
    "ChallengeResponseAuthentication": ["yes", "no"],
    "HostbasedAuthentication": ["yes", "no"],
    "IgnoreRhosts": "yes no shosts-only".split(),
    "MaxAuthTries": "1 3 6 007".split(),
    "MaxSessions": ["1", "10"],
    "LoginGraceTime": "0 30 2m 1h30m 1h30 2M 1d".split(),
    "ClientAliveInterval": ["0", "5m"],
    "ClientAliveCountMax": ["0", "3"],
    "StrictModes": ["yes", "no"],
    "UsePAM": ["yes", "no"],
    "X11Forwarding": ["yes", "no"],
    "AllowTcpForwarding": "yes no all local remote".split(),
    "GatewayPorts": "yes no clientspecified".split(),
    "PermitTunnel": "yes no point-to-point ethernet".split(),
    "Compression": "yes no delayed".split(),
    "LogLevel": "INFO verbose DEBUG".split(),
    "Ciphers": ["aes256-ctr", "aes256-ctr,aes128-ctr"],
    "MACs": ["hmac-sha2-512"],
    "AllowUsers": ["alice", "bob@10.0.0.1 carol", '"dave smith" erin'],
    "DenyGroups": ["guests", "a b"],
    "Banner": ["none", "/etc/issue.net"],
    "Port": ["22", "2222"],
    "AuthorizedKeysFile": [".ssh/authorized_keys", ".ssh/a .ssh/b"],
    "Protocol": ["2"],
    "UsePrivilegeSeparation": ["sandbox"],
    "RSAAuthentication": ["yes"],
}

RIGHT = [(keyword, value) for keyword, values in VALUES.items() for value in values]

WRONG = [
    ("PermitRootLogin", "maybe"),
    ("PermitEmptyPasswords", "true"),
    ("IgnoreRhosts", "none"),
    ("MaxAuthTries", "0x3"),
    ("MaxAuthTries", "-1"),
    ("LoginGraceTime", "none"),
    ("LoginGraceTime", "5y"),
    ("PermitRotLogin", "no"),
]

MATCHES = [
    "all",
    "all",
    "all",
    "User nobody-here",
    "User=nobody-here",
    "Address 192.0.2.0/24 User x",
    "all User x",
    "User",
    "Shoe 9",
]


@st.composite
def lines(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from([*["setting"] * 24, *["match"] * 4, "comment", "blank", "odd"]))
    if kind == "match":
        return f"Match {draw(st.sampled_from(MATCHES))}"
    if kind == "comment":
        return draw(st.sampled_from(["# PermitRootLogin yes", "   # x", "\t#"]))
    if kind == "blank":
        return draw(st.sampled_from(["", "  ", "\t"]))
    if kind == "odd":
        return draw(
            st.sampled_from(["PermitRootLogin", "UsePAM yes yes", 'Banner "x', "MaxAuthTries = 3 4", "= 3"])
        )
    wrong = draw(st.integers(0, 15)) == 0
    keyword, value = draw(st.sampled_from(WRONG if wrong else RIGHT))
    if " " not in value and '"' not in value and draw(st.integers(0, 4)) == 0:
        value = draw(st.sampled_from(['"{}"', "'{}'"])).format(value)
    spelt = draw(st.sampled_from([keyword, keyword.lower(), keyword.upper()]))
    between = draw(st.sampled_from([" ", " ", "\t", "=", " = ", "  "]))
    before = draw(st.sampled_from(["", "", "  ", "\t"]))
    after = draw(st.sampled_from(["", "", " ", "  # why", "\r"]))
    return f"{before}{spelt}{between}{value}{after}"


def texts(most: int) -> st.SearchStrategy[str]:
    return st.lists(lines(), max_size=most).map(lambda found: "".join(f"{line}\n" for line in found))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder = tmp_path_factory.mktemp("sshd")
    key, config, included = folder / "key", folder / "config", folder / "d" / "50-site.conf"
    included.parent.mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)  # noqa: S607

    def asked(text: str, other: str, connection: Connection | None = None) -> dict[str, str] | None:
        config.write_text(text.replace("sshd_config.d/", f"{included.parent}/"), newline="")
        included.write_text(other, newline="")
        run = subprocess.run(
            [str(SSHD), "-T", "-f", config, "-h", key, *(("-C", connection.argument) if connection else ())],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            return None
        values: dict[str, str] = {}
        for line in run.stdout.splitlines():
            name, _, value = line.partition(" ")
            name = ALIASES.get(name, name)
            values[name] = f"{values[name]} {value}" if name in values else value
        return values

    defaults = asked("", "")
    if defaults is None:
        pytest.skip("sshd -T does not run here (no /run/sshd?)")
    return Server(asked, defaults)


def understood(text: str, other: str) -> SshServer | Gap:
    files = {"/etc/ssh/sshd_config": text.encode(), "/etc/ssh/sshd_config.d/50-site.conf": other.encode()}
    fact = read_fact(
        READERS[0], Evidence.of(OBJECT, PLATFORM, list(file_captures(PLATFORM, SSHD_FILES, files)))
    )
    assert isinstance(fact, SshServer | Gap)
    return fact


INCLUDES = st.sampled_from(["", "Include sshd_config.d/*.conf\n", "Include sshd_config.d/5*.conf\n"])


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts(4), INCLUDES, texts(5), texts(4))
@example("PermitRootLogin no\nMatch all\n", "", "PermitRootLogin yes\n", "")
@example(
    "Match User x\n", "Include sshd_config.d/*.conf\n", "MaxAuthTries 2\n", "Match all\nMaxAuthTries 3\n"
)
def test_files_mean_what_the_server_says(
    server: Server, before: str, include: str, after: str, other: str
) -> None:
    text = before + include + after
    truth, fact = server.ask(text, other), understood(text, other)
    if truth is None:
        assert isinstance(fact, Gap), "the server refuses these files"
        return
    assert isinstance(fact, SshServer), (fact, text, other)
    for name, value in fact.settings.items():
        if name in {"usepam", "kbdinteractiveauthentication"} and value.origin is Origin.DEFAULT:
            continue  # what a distribution patches
        assert value.value == truth[name], (name, text, other)
    written = {name for name, value in fact.settings.items() if value.origin is Origin.EXPLICIT}
    changed = {name for name, default in server.defaults.items() if truth.get(name, default) != default}
    assert changed - {"listenaddress"} <= written, "the server was told more than was understood"


def test_the_distributions_own_file_is_understood(server: Server) -> None:
    own = Path("/etc/ssh/sshd_config")
    if not own.exists():
        pytest.skip("no configuration is installed")
    text = own.read_text()
    truth, fact = server.ask(text, ""), understood(text, "")
    assert truth is not None
    assert isinstance(fact, SshServer)
    for name, value in fact.settings.items():
        if value.origin is Origin.EXPLICIT:
            assert value.value == truth[name], name


# Match blocks: what holds for one connection.

CONNECTIONS = (
    Connection("alice", "a.example", "192.0.2.7"),
    Connection("bob", "b.example", "198.51.100.9"),
    Connection("root", "a.example", "198.51.100.9"),
)

MEETS: dict[str, Callable[[Connection], bool]] = {
    "User alice": lambda c: c.user == "alice",
    "user ALICE": lambda _: False,
    "User=bob": lambda c: c.user == "bob",
    "User bob,alice": lambda c: c.user != "root",
    "User !alice,*": lambda c: c.user != "alice",
    "Group root": lambda c: c.user == "root",
    "Host a.example": lambda c: c.host == "a.example",
    "Host *.example,!b.*": lambda c: c.host == "a.example",
    "Address 192.0.2.0/24": lambda c: c.address == "192.0.2.7",
    "Address 198.51.100.*": lambda c: c.address == "198.51.100.9",
    "User alice Address 198.51.100.9": lambda _: False,
    "User root Host a.example": lambda c: c.user == "root",
}
"""Conditions as written, and whom they meet."""

UNDER_MATCH = [(k, v) for k, v in RIGHT if ALIASES.get(k.lower(), k.lower()) in MATCHABLE]


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """Some settings, then Match blocks with settings; rarely one that may not stand there."""
    found = [f"{k} {v}" for k, v in draw(st.lists(st.sampled_from(RIGHT), max_size=3))]
    for _ in range(draw(st.integers(0, 3))):
        found.append(f"Match {draw(st.sampled_from([*MEETS, 'all']))}")
        allowed = RIGHT if draw(st.integers(0, 11)) == 0 else UNDER_MATCH
        found += [f"{k} {v}" for k, v in draw(st.lists(st.sampled_from(allowed), max_size=3))]
    return "".join(f"{line}\n" for line in found)


def holds(fact: SshServer, name: str, connection: Connection) -> str | None:
    """Value of a keyword for one connection, as our facts tell it."""
    met = [
        override.settings[name].value
        for override in fact.overrides
        if name in override.settings
        and all(MEETS[part](connection) for part in override.condition.split(" and "))
    ]
    if met:
        return " ".join(met) if KINDS.get(name) is Kind.GATHERED else met[0]
    return fact.settings[name].value if name in fact.settings else None


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(blocks(), INCLUDES, blocks(), blocks())
@example("Match all\nMaxAuthTries 3\nMatch User alice\nMaxAuthTries 1\n", "", "", "")
@example("Match User alice\nMaxAuthTries 3\n", "", "Match User bob,alice\nMaxAuthTries 1\n", "")
@example(
    "Match User alice\n",
    "Include sshd_config.d/*.conf\n",
    "MaxSessions 1\n",
    "Match Host a.example\nMaxAuthTries 1\n",
)
@example(
    "Match User alice\n",
    "Include sshd_config.d/*.conf\n",
    "MaxSessions 1\n",
    "MaxAuthTries 1\nMatch User alice\nMaxSessions 3\n",
)
@example("Match all\nRSAAuthentication yes\n", "", "", "")
def test_match_blocks_mean_what_the_server_says_to_each_connection(
    server: Server, before: str, include: str, after: str, other: str
) -> None:
    text = before + include + after
    fact = understood(text, other)
    for connection in CONNECTIONS:
        truth = server.ask(text, other, connection)
        if truth is None:
            assert isinstance(fact, Gap), ("the server refuses these files", text, other)
            return
        assert isinstance(fact, SshServer), (fact, text, other)
        names = {*fact.settings, *(name for override in fact.overrides for name in override.settings)}
        for name in names - {"usepam", "kbdinteractiveauthentication"}:
            said = holds(fact, name, connection)
            known = server.defaults.get(name) if said is None else said  # nothing said: its own default
            if KINDS.get(name) is Kind.GATHERED:  # a set: the order of blocks does not matter
                both = {*(known or "").split()}, {*truth.get(name, "").split()}
                agrees = both[0] <= both[1] if "Match all" in text + other else both[0] == both[1]
            else:
                agrees = known == truth.get(name)
            assert agrees, (name, known, truth.get(name), connection, text, other)
