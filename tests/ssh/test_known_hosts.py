"""known_hosts: who is let in, who never, and the same opinion as ssh-keygen."""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.transport.known_hosts import (
    Decision,
    HostKey,
    decide,
    lookup_name,
    matches,
    parse,
    preferred,
    record,
)


def blob(kind: str, seed: str) -> HostKey:
    body = hashlib.sha256(seed.encode()).digest()
    name = kind.encode()
    return HostKey(kind, len(name).to_bytes(4, "big") + name + len(body).to_bytes(4, "big") + body)


def b64(key: HostKey) -> str:
    return base64.b64encode(key.blob).decode()


KEYGEN = shutil.which("ssh-keygen")
MINE = blob("ssh-ed25519", "mine")
OTHER = blob("ssh-ed25519", "other")
K = f"ssh-ed25519 {b64(MINE)}"
O = f"ssh-ed25519 {b64(OTHER)}"  # noqa: E741 - stands beside K in the table


def hashed(name: str, salt: bytes = b"s" * 20) -> str:
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        (f"web1 {K}", Decision.ACCEPT),
        (f"web1 {K} a comment of several words", Decision.ACCEPT),
        (f"  \tweb1\t{K}\r", Decision.ACCEPT),
        (f"WEB1 {K}", Decision.ACCEPT),
        (f"# a comment\n\nweb1 {O}\nweb1 {K}", Decision.ACCEPT),  # any recorded key will do
        (f"db,web?,!web2 {K}", Decision.ACCEPT),
        (f"* {K}", Decision.ACCEPT),
        (f"{hashed('web1')} {K}", Decision.ACCEPT),
        (f"web*,!web1 {K}", Decision.UNKNOWN),
        (f"!web1 {K}", Decision.UNKNOWN),
        (f"web {K}", Decision.UNKNOWN),
        (f"web12 {K}", Decision.UNKNOWN),
        (f"web1* {K}", Decision.ACCEPT),
        (f"web[1] {K}", Decision.UNKNOWN),  # brackets are no character class
        (f"[web1]:2222 {K}", Decision.UNKNOWN),
        (f"{hashed('web2')} {K}", Decision.UNKNOWN),
        (f"#web1 {K}", Decision.UNKNOWN),
        ("", Decision.UNKNOWN),
        (f"web1 {O}", Decision.CHANGED),
        (f"{hashed('web1')} {O}", Decision.CHANGED),
        (f"web1 ssh-rsa {b64(blob('ssh-rsa', 'r'))}", Decision.CHANGED),  # another type is another key
        (f"@revoked * {K}\nweb1 {K}", Decision.REVOKED),
        (f"web1 {K}\n@revoked web1 {K}", Decision.REVOKED),
        (f"@revoked {hashed('web1')} {K}", Decision.REVOKED),
        (f"@revoked web2 {K}\nweb1 {K}", Decision.ACCEPT),
        (f"@revoked * {O}\nweb1 {K}", Decision.ACCEPT),
        (f"@revoked * {O}", Decision.UNKNOWN),
        (f"@cert-authority *.example.org {O}\nweb1 {K}", Decision.ACCEPT),
        (f"@cert-authority web1 {O}\nweb1 {K}", Decision.ACCEPT),
        (f"@cert-authority web1 {K}", Decision.AUTHORITY),  # the authority's key is no host key
        (f"@cert-authority * {O}", Decision.AUTHORITY),
        # Lines that cannot be read never let a key in, and block what they may hide.
        ("web1 ssh-ed25519 AAAA", Decision.UNKNOWN),
        (f"web1 ssh-rsa {b64(MINE)}", Decision.UNKNOWN),
        (f"web1 ssh-rsa {b64(MINE)}\nweb1 {K}", Decision.ACCEPT),
        (f"@revoked * ssh-ed25519 AAAA\nweb1 {K}", Decision.REVOKED),
        (f"@revoked\nweb1 {K}", Decision.REVOKED),
        (f"@Revoked web1 {K}\nweb1 {K}", Decision.REVOKED),
        (f"@revoked web2 ssh-ed25519 AAAA\nweb1 {K}", Decision.ACCEPT),
        (f"|1|bad|worse {K}\nweb1 {K}", Decision.ACCEPT),
        (f"@revoked |1|bad|worse {K}\nweb1 {K}", Decision.REVOKED),
        ("web1 1024 65537 1234567", Decision.UNKNOWN),  # protocol 1
    ],
)
def test_decision(text: str, decision: Decision) -> None:
    assert decide(parse(text, "f"), "web1", MINE).decision is decision


@pytest.mark.parametrize(
    ("text", "recordable"),
    [
        ("", True),
        (f"db {K}", True),
        ("db ssh-ed25519 AAAA", True),
        ("web1 ssh-ed25519 AAAA", False),
        ("web1", False),
        (f"|1|bad|worse {K}", False),  # may be this very host
        (f"@cert-authority * {O}", False),
        (f"web1 {O}", False),
    ],
)
def test_only_a_truly_unknown_host_may_be_recorded(text: str, recordable: bool) -> None:
    assert decide(parse(text, "f"), "web1", MINE).recordable is recordable


def test_bad_lines_are_reported_with_their_place() -> None:
    known = parse(f"web1 {K}\nnonsense\n@odd * {K}\n", "/etc/known")
    assert [(line.place, line.names) for line in known.bad] == [
        ("/etc/known:2", "nonsense"),
        ("/etc/known:3", None),
    ]


@pytest.mark.parametrize(
    ("address", "port", "alias", "name"),
    [
        ("Web1", 22, "", "web1"),
        ("web1", 2222, "", "[web1]:2222"),
        ("2001:db8::1", 22, "", "2001:db8::1"),
        ("2001:db8::1", 2222, "", "[2001:db8::1]:2222"),
        ("10.0.0.1", 2222, "Core", "core"),
    ],
)
def test_lookup_name(address: str, port: int, alias: str, name: str) -> None:
    assert lookup_name(address, port, alias) == name


def test_known_types_are_preferred_and_none_is_dropped() -> None:
    order = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256")
    assert preferred(order, [blob("ssh-rsa", "x")]) == (*order[2:], *order[:2])
    assert preferred(order, []) == order


def test_a_recorded_line_is_found_again_and_a_wild_name_is_refused() -> None:
    for name in ("web1", "[web1]:2222", "[2001:db8::1]:2222"):
        assert decide(parse(record(name, MINE), "f"), name, MINE).decision is Decision.ACCEPT
    for name in ("*", "a,b", "!a", "a b", "a\nb", "|1|a", "@revoked", "#a", ""):
        with pytest.raises(ValueError, match="recorded"):
            record(name, MINE)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_and_lets_nobody_in(text: str) -> None:
    assert decide(parse(text, "f"), "web1", MINE).decision is not Decision.ACCEPT


PIECE = st.sampled_from(
    [
        "web1",
        "web2",
        "web*",
        "web12",
        "web1*",
        "*1",
        "w?b1",
        "*",
        "!web1",
        "!web2",
        "[web1]:2222",
        "[*]:2222",
        "db.x",
        "",
    ]
)
NAMES = st.one_of(
    st.lists(PIECE, min_size=1, max_size=3).map(",".join).filter(bool),
    st.sampled_from(["web1", "web2", "[web1]:2222"]).map(hashed),
)
LINE = st.tuples(st.sampled_from(["", "@revoked ", "@cert-authority "]), NAMES).map("".join)


@pytest.mark.skipif(KEYGEN is None, reason="no ssh-keygen is installed")
@given(
    lines=st.lists(LINE, min_size=1, max_size=8),
    name=st.sampled_from(["web1", "web2", "[web1]:2222", "db.x"]),
)
@settings(max_examples=250, deadline=None)
def test_agrees_with_ssh_keygen_on_who_is_meant(lines: list[str], name: str) -> None:
    text = "".join(f"{line} {real_key()} c\n" for line in lines)
    found = {
        int(host.place.rpartition(":")[2]) for host in parse(text, "f").hosts if matches(host.names, name)
    }
    with TemporaryDirectory() as folder:
        file = Path(folder, "known")
        file.write_text(text)
        answer = subprocess.run(
            [str(KEYGEN), "-F", name, "-f", file], capture_output=True, text=True, check=False
        )
    theirs = {
        int(row.split("line ")[1].split()[0])
        for row in answer.stdout.splitlines()
        if row.startswith("# Host")
    }
    assert found == theirs


def real_key() -> str:
    """A key that OpenSSH accepts: an Ed25519 public key is any 32 bytes."""
    return K
