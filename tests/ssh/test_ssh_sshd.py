"""Looks at real OpenSSH servers on loopback: logins, host keys, bastions, limits."""

from __future__ import annotations

import os
import random
import resource
import secrets
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collectors.base import Command, Files, Snippet, Step
from collectors.credentials import Credentials, NoAsker
from collectors.transport.ssh import SshPipe, open_bastions, ssh_transport
from collectors.transport.ssh_connect import Bastions
from scanner.errors import ObservationError
from scanner.model import Capture, CaptureKind, GapReason, Hop, Text
from tests.ssh.sshd import Lab, client, eventually, keygen, look, tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.model import Reach

pytestmark = pytest.mark.sshd


def refused(
    reach: Reach, bastions: Bastions | None = None, program: bytes = b"echo hi"
) -> tuple[GapReason, str]:
    with pytest.raises(ObservationError) as caught:
        look(reach, program, bastions)
    gap = caught.value.gap
    assert gap.detail.isprintable()
    return gap.reason, gap.detail


def test_one_login_and_one_session_a_look(lab: Lab) -> None:
    server = lab.start()
    assert look(lab.direct(server), b"echo hi; echo no >&2; cat") == (b"hi\n", b"no\n")
    eventually(lambda: "disconnected by user" in server.log or "Received disconnect" in server.log)
    assert server.accepted == 1
    assert server.log.count("Starting session") == 1
    assert "Failed" not in server.log


def test_a_program_and_its_answer_may_both_exceed_every_window(lab: Lab) -> None:
    server = lab.start()
    program = b"# " + b"x" * 5_000_000 + b"\nhead -c 6000000 /dev/zero; head -c 6000000 /dev/zero >&2"
    out, err = look(lab.direct(server), program)
    assert (len(out), len(err)) == (6_000_000, 6_000_000)


@pytest.mark.parametrize(
    "options", [("-t", "rsa", "-b", "2048"), ("-t", "ecdsa"), ("-t", "ecdsa", "-b", "521")]
)
def test_keys_of_every_type(lab: Lab, options: tuple[str, ...]) -> None:
    server = lab.start()
    key = keygen(lab.folder / "other", *options)
    (server.folder / "authorized_keys").write_bytes(key.with_name("other.pub").read_bytes())
    assert look(lab.direct(server, f"key:{key}"), b"echo hi")[0] == b"hi\n"


@pytest.mark.parametrize("options", [(), ("-m", "PEM", "-t", "rsa"), ("-m", "PKCS8", "-t", "ecdsa")])
def test_a_passphrase_comes_from_its_reference(lab: Lab, options: tuple[str, ...]) -> None:
    server = lab.start()
    key = keygen(lab.folder / "locked", *(options or ("-t", "ed25519")), "-N", "open sesame")
    (server.folder / "authorized_keys").write_bytes(key.with_name("locked.pub").read_bytes())
    with Bastions(client({"PHRASE": "open sesame", "WRONG": "shazam"})) as bastions:
        assert look(lab.direct(server, f"key:{key}?pass=env:PHRASE"), b"echo hi", bastions)[0] == b"hi\n"
        for reference in (f"key:{key}", f"key:{key}?pass=env:WRONG", f"key:{key}?pass=env:ABSENT"):
            reason, detail = refused(lab.direct(server, reference), bastions)
            assert reason is GapReason.AUTHENTICATION
            assert "shazam" not in detail
    assert "Failed" not in server.log


@pytest.mark.parametrize("options", [("-t", "ed25519"), ("-t", "rsa")])
def test_a_certificate_beside_the_key_is_used(lab: Lab, options: tuple[str, ...]) -> None:
    authority = keygen(lab.folder / "ca", "-t", "ed25519")
    key = keygen(lab.folder / "signed", *options)
    subprocess.run(
        [
            tool("ssh-keygen"),
            "-q",
            "-s",
            authority,
            "-I",
            "me",
            "-n",
            "root,auditor",
            "-V",
            "+1h",
            f"{key}.pub",
        ],
        check=True,
    )
    server = lab.start(f"TrustedUserCAKeys {authority}.pub")
    (server.folder / "authorized_keys").write_text("")
    hop = replace(lab.hop(server, f"key:{key}"), user="root")
    if os.geteuid() != 0:
        pytest.skip("the certificate names root")
    assert look(lab.reach(hop), b"echo hi")[0] == b"hi\n"
    assert "CERT" in server.log


@pytest.fixture
def agent(lab: Lab) -> Iterator[str]:
    path = str(lab.folder / "agent")
    process = subprocess.Popen([tool("ssh-agent"), "-D", "-a", path], stdout=subprocess.DEVNULL)
    eventually(lambda: Path(path).exists())
    yield path
    process.terminate()
    process.wait(5)


def add(agent: str, *keys: Path) -> None:
    for key in keys:
        subprocess.run(
            [tool("ssh-add"), "-q", key],
            check=True,
            env={**os.environ, "SSH_AUTH_SOCK": agent},
            stdin=subprocess.DEVNULL,
        )


def fingerprint(key: Path) -> str:
    answer = subprocess.run([tool("ssh-keygen"), "-lf", key], check=True, capture_output=True, text=True)
    return answer.stdout.split()[1]


def test_keys_of_the_agent(lab: Lab, agent: str) -> None:
    server = lab.start()
    rsa = keygen(lab.folder / "rsa", "-t", "rsa", "-b", "2048")
    (server.folder / "authorized_keys").write_bytes(rsa.with_name("rsa.pub").read_bytes())
    add(agent, lab.key, rsa)
    with Bastions(client({"SSH_AUTH_SOCK": agent})) as bastions:
        assert look(lab.direct(server, "agent:"), b"echo hi", bastions)[0] == b"hi\n"
        chosen = f"agent:{fingerprint(rsa)}"
        assert look(lab.direct(server, chosen), b"echo hi", bastions)[0] == b"hi\n"
        reason, detail = refused(lab.direct(server, f"agent:SHA256:{'x' * 43}"), bastions)
        assert (reason, "does not hold" in detail) == (GapReason.AUTHENTICATION, True)
    assert server.log.count("Accepted publickey") == 2


def test_certificates_of_the_agent(lab: Lab, agent: str) -> None:
    authority = keygen(lab.folder / "ca", "-t", "ed25519")
    key = keygen(lab.folder / "signed", "-t", "rsa")
    sign = [tool("ssh-keygen"), "-q", "-s", str(authority), "-I", "me", "-n", "root", f"{key}.pub"]
    subprocess.run(sign, check=True)
    server = lab.start(f"TrustedUserCAKeys {authority}.pub")
    (server.folder / "authorized_keys").write_text("")
    add(agent, key)
    with Bastions(client({"SSH_AUTH_SOCK": agent})) as bastions:
        reach = lab.reach(replace(lab.hop(server, "agent:"), user="root"))
        if os.geteuid() == 0:
            assert look(reach, b"echo hi", bastions)[0] == b"hi\n"


def test_offers_stay_below_what_servers_allow(lab: Lab, agent: str) -> None:
    server = lab.start()
    add(agent, *(keygen(lab.folder / f"k{n}", "-t", "ed25519") for n in range(7)))
    with Bastions(client({"SSH_AUTH_SOCK": agent})) as bastions:
        reason, detail = refused(lab.direct(server, "agent:", f"key:{lab.key}"), bastions)
    assert reason is GapReason.AUTHENTICATION
    assert "stopped after 4 offers" in detail
    eventually(lambda: server.log.count("Failed publickey") == 4)
    assert "Too many authentication failures" not in server.log


def test_a_refused_login_is_tried_once(lab: Lab) -> None:
    server = lab.start()
    (server.folder / "authorized_keys").write_text("")
    reason, detail = refused(lab.direct(server))
    assert reason is GapReason.AUTHENTICATION
    assert "the server accepts publickey" in detail
    assert server.log.count("Connection from") == 1


def test_two_keys_may_be_required_in_sequence(lab: Lab) -> None:
    server = lab.start("AuthenticationMethods publickey,publickey")
    second = keygen(lab.folder / "second", "-t", "ecdsa")
    with (server.folder / "authorized_keys").open("ab") as file:
        file.write(second.with_name("second.pub").read_bytes())
    assert look(lab.direct(server, f"key:{lab.key}", f"key:{second}"), b"echo hi")[0] == b"hi\n"
    reason, detail = refused(lab.direct(server))
    assert (reason, "more is required" in detail) == (GapReason.AUTHENTICATION, True)


@pytest.mark.parametrize(
    "config", ["", 'ForceCommand echo "Welcome!"; echo "Mail!" >&2; eval "$SSH_ORIGINAL_COMMAND"']
)
def test_steps_over_ssh(lab: Lab, config: str) -> None:
    """The whole transport: steps in, captures out, noise around them skipped."""
    server = lab.start(config)
    why = Text("名称", "name")
    steps = (
        Step("kernel", Command(("uname", "-s")), why),
        Step("refused", Snippet("echo no >&2; exit 3"), why),
        Step("passwd", Files(("/etc/passwd",)), why),
    )
    credentials = Credentials({}, NoAsker())
    with open_bastions(credentials, time.sleep, random.random, time.monotonic) as bastions:
        transport = ssh_transport(
            lab.direct(server), bastions, lambda: datetime.now(UTC), lambda: secrets.token_hex(16)
        )
        answers = list(transport.run(steps))
    captures = {(c.step, c.kind): c for c in answers if isinstance(c, Capture)}
    assert captures["kernel", CaptureKind.COMMAND].content == b"Linux\n"
    refusal = captures["refused", CaptureKind.COMMAND]
    assert (refusal.status, refusal.errors) == (3, b"no\n")
    assert captures["passwd", CaptureKind.FILE].content == Path("/etc/passwd").read_bytes()
    eventually(lambda: "Received disconnect" in server.log)
    assert (server.accepted, server.log.count("Starting session")) == (1, 1)


# --- host keys -------------------------------------------------------------------------------------------


def assert_no_login_was_begun(log: str) -> None:
    assert "Accepted publickey" not in log
    assert "Failed" not in log
    assert "userauth" not in log.lower()
    assert "authenticating user" not in log


def test_a_changed_host_key_is_refused_before_any_login(lab: Lab) -> None:
    server = lab.start("LogLevel DEBUG2", known=False)
    other = keygen(lab.folder / "other_host", "-t", "ed25519")
    kind, key, *_ = other.with_name("other_host.pub").read_text().split()
    lab.known.write_text(f"[127.0.0.1]:{server.port} {kind} {key}\n")
    for accept_new in (False, True):
        reason, detail = refused(replace(lab.direct(server), accept_new=accept_new))
        assert (reason, "changed" in detail) == (GapReason.HOST_KEY, True)
    eventually(lambda: server.log.count("Connection from") == 2)
    assert_no_login_was_begun(server.log)
    assert str(server.port) in lab.known.read_text()
    assert lab.known.read_text().count("\n") == 1


def test_an_unknown_host_is_refused_and_recorded_only_when_asked(lab: Lab) -> None:
    server = lab.start(known=False)
    lab.known.unlink()
    reason, detail = refused(lab.direct(server))
    assert (reason, "SHA256:" in detail) == (GapReason.HOST_KEY, True)
    assert not lab.known.exists()
    asked = replace(lab.direct(server), accept_new=True)
    with Bastions(client()) as bastions, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: look(asked, b"echo hi", bastions)[0], range(4)))
    assert answers == [b"hi\n"] * 4
    assert lab.known.read_text() == server.known_hosts()
    assert lab.known.stat().st_mode & 0o777 == 0o600
    assert look(lab.direct(server), b"echo hi")[0] == b"hi\n"


def test_a_new_record_begins_on_a_line_of_its_own(lab: Lab) -> None:
    server = lab.start(known=False)
    lab.known.write_text("# no newline at the end")
    look(replace(lab.direct(server), accept_new=True), b"true")
    assert lab.known.read_text() == f"# no newline at the end\n{server.known_hosts()}"


def test_a_revoked_key_is_refused_though_recorded(lab: Lab) -> None:
    server = lab.start()
    with lab.known.open("a") as file:
        file.write(f"@revoked {server.known_hosts('*')}")
    reason, detail = refused(replace(lab.direct(server), accept_new=True))
    assert (reason, "revoked" in detail) == (GapReason.HOST_KEY, True)


def test_hashed_names_and_authorities_are_understood(lab: Lab) -> None:
    server = lab.start()
    subprocess.run([tool("ssh-keygen"), "-q", "-H", "-f", lab.known], check=True, stderr=subprocess.DEVNULL)
    assert "127.0.0.1" not in lab.known.read_text()
    with lab.known.open("a") as file:
        file.write(f"@cert-authority *.example.org {server.known_hosts('x').partition(' ')[2]}")
    assert look(lab.direct(server), b"echo hi")[0] == b"hi\n"


def test_a_server_known_only_by_its_authority_is_refused_with_the_reason(lab: Lab) -> None:
    server = lab.start(known=False)
    lab.known.write_text(f"@cert-authority {server.known_hosts('*')}")
    reason, detail = refused(replace(lab.direct(server), accept_new=True))
    assert (reason, "certificates are not supported" in detail) == (GapReason.HOST_KEY, True)


def test_the_recorded_key_type_is_asked_for(lab: Lab) -> None:
    """The server would offer Ed25519 first; only its RSA key is recorded."""
    second = keygen(lab.folder / "host_rsa", "-t", "rsa", "-b", "2048")
    server = lab.start(f"HostKey {second}", known=False)
    kind, key, *_ = second.with_name("host_rsa.pub").read_text().split()
    lab.known.write_text(f"[127.0.0.1]:{server.port} {kind} {key}\n")
    assert look(lab.direct(server), b"echo hi")[0] == b"hi\n"


def test_an_alias_is_looked_up_instead_of_the_address(lab: Lab) -> None:
    server = lab.start(known=False)
    lab.known.write_text(server.known_hosts("core"))
    hop = replace(lab.hop(server), host_key_alias="core")
    assert look(lab.reach(hop), b"echo hi")[0] == b"hi\n"


def test_an_unreadable_known_hosts_file_lets_nobody_in(lab: Lab) -> None:
    server = lab.start()
    lab.known.unlink()
    lab.known.mkdir()
    assert refused(lab.direct(server))[0] is GapReason.HOST_KEY


# --- bastions --------------------------------------------------------------------------------------------


def test_two_bastions_are_shared_and_every_host_key_is_checked(lab: Lab) -> None:
    outer, inner, target = (lab.start() for _ in range(3))
    reach = lab.reach(lab.hop(outer), lab.hop(inner), lab.hop(target))
    with Bastions(client()) as bastions, ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: look(reach, b"echo %d" % n, bastions)[0], range(6)))
        assert answers == [b"%d\n" % n for n in range(6)]
        assert (outer.accepted, inner.accepted, target.accepted) == (1, 1, 6)
        lab.known.write_text(inner.known_hosts() + target.known_hosts())
        kept = look(reach, b"echo kept", bastions)[0]
        assert kept == b"kept\n"
    reason, detail = refused(reach)
    assert (reason, str(outer.port) in detail) == (GapReason.HOST_KEY, True)
    assert "Starting session" not in outer.log
    assert target.log.count("Starting session") == 7


def test_a_broken_bastion_connection_is_opened_again(lab: Lab) -> None:
    bastion, target = lab.start(), lab.start()
    reach = lab.reach(lab.hop(bastion), lab.hop(target))
    with Bastions(client()) as bastions:
        look(reach, b"true", bastions)
        kill_sessions(bastion.process.pid)
        time.sleep(0.3)
        assert look(reach, b"echo again", bastions)[0] == b"again\n"
    assert bastion.accepted == 2


def test_a_bastion_that_refuses_is_not_asked_again(lab: Lab) -> None:
    bastion, target = lab.start(), lab.start()
    (bastion.folder / "authorized_keys").write_text("")
    reach = lab.reach(lab.hop(bastion), lab.hop(target))
    with Bastions(client()) as bastions:
        answers = {refused(reach, bastions) for _ in range(3)}
    assert len(answers) == 1
    assert bastion.log.count("Connection from") == 1


def test_a_bastion_that_may_not_forward_says_so(lab: Lab) -> None:
    bastion, target = lab.start("AllowTcpForwarding no"), lab.start()
    reason, detail = refused(lab.reach(lab.hop(bastion), lab.hop(target)))
    assert (reason, "forbids forwarding" in detail) == (GapReason.UNREACHABLE, True)


def test_a_dead_object_behind_a_bastion(lab: Lab) -> None:
    bastion, target = lab.start(), lab.start()
    target.stop()
    reason, detail = refused(lab.reach(lab.hop(bastion), lab.hop(target)))
    assert (reason, "no connection from there" in detail) == (GapReason.UNREACHABLE, True)


# --- limits and accidents --------------------------------------------------------------------------------


def test_eight_looks_at_once_pass_a_server_that_takes_one_login_at_a_time(lab: Lab) -> None:
    server = lab.start("MaxStartups 1:100:1")
    with Bastions(client()) as bastions, ThreadPoolExecutor(8) as pool:
        reach = lab.reach(lab.hop(server), seconds=60)
        answers = list(pool.map(lambda n: look(reach, b"echo %d" % n, bastions)[0], range(8)))
    assert answers == [b"%d\n" % n for n in range(8)]
    assert server.accepted == 8


def test_a_dripping_object_ends_with_the_deadline(lab: Lab) -> None:
    server = lab.start()
    reach = lab.reach(lab.hop(server), seconds=2)
    began = time.monotonic()
    reason, detail = refused(reach, program=b"while :; do echo drip; sleep 0.1; done")
    assert (reason, "2 s" in detail) == (GapReason.TIMED_OUT, True)
    assert 1.9 < time.monotonic() - began < 4


def test_deadline_and_cap_hold_behind_a_bastion_and_leave_it_open(lab: Lab) -> None:
    bastion, target = lab.start(), lab.start()
    hops = (lab.hop(bastion), lab.hop(target))
    with Bastions(client()) as bastions:
        began = time.monotonic()
        drip = refused(lab.reach(*hops, seconds=2), bastions, b"while :; do echo drip; sleep 0.1; done")
        flood = refused(lab.reach(*hops, max_bytes=100_000), bastions, b"head -c 1000000000 /dev/zero")
        assert (drip[0], flood[0]) == (GapReason.TIMED_OUT, GapReason.TRUNCATED)
        assert time.monotonic() - began < 6
        assert look(lab.reach(*hops), b"echo hi", bastions)[0] == b"hi\n"
    assert bastion.accepted == 1


def test_a_flood_is_cut_off_at_the_cap_with_bounded_memory(lab: Lab) -> None:
    server = lab.start()
    reach = lab.reach(lab.hop(server), max_bytes=1_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    received = 0
    began = time.monotonic()
    with Bastions(client()) as bastions, pytest.raises(ObservationError) as caught:  # noqa: PT012
        for _, chunk in SshPipe(reach, bastions).exchange(b"head -c 1000000000 /dev/zero"):
            received += len(chunk)
    assert caught.value.gap.reason is GapReason.TRUNCATED
    assert received == 1_000_000
    assert time.monotonic() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_a_flood_on_standard_error_counts_and_does_not_block(lab: Lab) -> None:
    server = lab.start()
    reach = lab.reach(lab.hop(server), max_bytes=4_000_000)
    reason, _ = refused(reach, program=b"head -c 100000000 /dev/zero >&2; echo done")
    assert reason is GapReason.TRUNCATED


def kill_sessions(listener: int) -> None:
    """Kill a server's sessions, not the listener: what a crash or a cut line looks like."""
    children = subprocess.run(
        [tool("ps"), "-o", "pid=", "--ppid", str(listener)], capture_output=True, text=True, check=False
    )
    for pid in children.stdout.split():
        os.kill(int(pid), 9)


def test_a_server_killed_midway_is_no_end(lab: Lab) -> None:
    server = lab.start()
    killer = threading.Timer(1.0, kill_sessions, [server.process.pid])
    killer.start()
    reason, detail = refused(lab.direct(server), program=b"echo first; sleep 30; echo last")
    killer.join()
    assert (reason, "lost" in detail) == (GapReason.TRUNCATED, True)


def test_a_background_process_that_holds_the_channel_does_not_hold_us(lab: Lab) -> None:
    server = lab.start()
    began = time.monotonic()
    out, _ = look(lab.direct(server), b"sleep 15 & echo done")
    assert out == b"done\n"
    assert time.monotonic() - began < 6


def test_stopping_early_closes_the_connection(lab: Lab) -> None:
    server = lab.start()
    with Bastions(client()) as bastions:
        chunks = SshPipe(lab.direct(server), bastions).exchange(b"echo one; sleep 60")
        assert next(chunks)[1] == b"one\n"
        began = time.monotonic()
        chunks.close()  # type: ignore[attr-defined]
        assert time.monotonic() - began < 1.5
    eventually(lambda: "Received disconnect" in server.log)


def test_a_forced_command_gives_its_own_output(lab: Lab) -> None:
    server = lab.start("ForceCommand echo not for you")
    assert look(lab.direct(server), b"x" * 3_000_000)[0] == b"not for you\n"


def test_noise_of_the_login_shell_is_passed_on_for_the_frames_to_skip(lab: Lab) -> None:
    server = lab.start('ForceCommand echo "Welcome!"; echo "Mail!" >&2; eval "$SSH_ORIGINAL_COMMAND"')
    assert look(lab.direct(server), b"echo hi") == (b"Welcome!\nhi\n", b"Mail!\n")


def test_a_server_that_opens_no_sessions(lab: Lab) -> None:
    server = lab.start("MaxSessions 0")
    reason, detail = refused(lab.direct(server))
    assert (reason, "refuses to run" in detail) == (GapReason.PERMISSION, True)


@pytest.mark.parametrize(
    ("config", "offered"),
    [
        ("Ciphers chacha20-poly1305@openssh.com", "cipher chacha20-poly1305@openssh.com"),
        ("KexAlgorithms diffie-hellman-group14-sha1", "key exchange diffie-hellman-group14-sha1"),
        ("HostKeyAlgorithms ssh-rsa", "host key ssh-rsa"),
    ],
)
def test_a_server_without_common_algorithms_is_not_assessable(lab: Lab, config: str, offered: str) -> None:
    server = lab.start(config, host_key_type="rsa")
    reason, detail = refused(lab.direct(server))
    assert reason is GapReason.UNREACHABLE
    assert f"no common algorithm: server offers {offered}" in detail


def test_nobody_listens(lab: Lab) -> None:
    server = lab.start()
    server.stop()
    reason, detail = refused(lab.direct(server))
    assert (reason, "refused" in detail) == (GapReason.UNREACHABLE, True)


def test_a_name_that_does_not_resolve(lab: Lab) -> None:
    reason, _ = refused(lab.reach(Hop("no-such-host.invalid", 22, "root", (f"key:{lab.key}",))))
    assert reason is GapReason.UNREACHABLE
