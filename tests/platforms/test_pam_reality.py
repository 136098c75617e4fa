"""What we understand of PAM stacks against what the real modules do to logins and new passwords."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collectors.evidence import Evidence
from collectors.frames import Origin
from collectors.platforms.linux import PLATFORM
from collectors.reading import read_fact
from collectors.transport.tree import TreeTransport
from scanner.facts import EmptyPasswordLogin, Lockout, PasswordPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.facts import Fact
    from scanner.model import Gap

ASKING = Path(__file__).with_name("pam_asking.py")
MOUNTED = 'mount --make-rprivate / && mount -t tmpfs tmpfs /run && mount --bind "$1" /etc && exec "$2" "$3"'
RIGHT, WRONG = "kzQ7#wvxjpmb", "nonsense"
SAMPLE = {1: "kzqwvxjpmbgthrnsclydkq", 2: "kzHqwRvxXjKpmQbgZthrns", 3: "k7HqwR2vxX9jKpm4QbgZth"}
"""Passwords of one, two and three classes, in no dictionary."""
FOUR = "k7#HqwR2%vxX9!jKpm4&Qb"

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("openssl") is None,
    reason="mounts a made-up /etc: root, unshare and openssl only",
)


def installed(module: str) -> bool:
    folders = (*Path("/lib").glob("*/security"), Path("/usr/lib64/security"), Path("/lib/security"))
    return any((folder / f"{module}.so").exists() for folder in folders)


@dataclass(frozen=True)
class World:
    """A made-up root with its /etc; every asking begins with nobody having failed yet."""

    root: Path

    def ask(self, *attempts: tuple[str, ...]) -> list[bool]:
        argv = [
            "unshare",
            "-m",
            "sh",
            "-c",
            MOUNTED,
            "world",
            str(self.root / "etc"),
            sys.executable,
            str(ASKING),
        ]
        done = subprocess.run(argv, input=json.dumps(attempts), capture_output=True, text=True, check=False)
        if "mount:" in done.stderr or "unshare:" in done.stderr:
            pytest.skip("no mount namespace here")
        assert done.returncode == 0, done.stderr
        answers: list[bool] = json.loads(done.stdout)
        return answers

    def understood(self, fact: type[Fact]) -> Fact | Gap:
        transport = TreeTransport(str(self.root), Origin("host", "linux", "local"), lambda: datetime.now(UTC))
        reader = next(r for r in PLATFORM.readers if r.fact is fact)
        return read_fact(reader, Evidence.of("host", PLATFORM, list(transport.run(PLATFORM.steps))))


@pytest.fixture(scope="module")
def hashed() -> str:
    argv = ["openssl", "passwd", "-6", "-salt", "abcdefgh", RIGHT]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


def world(root: Path, hashed: str, files: Mapping[str, str]) -> World:
    made = {
        "passwd": "root:x:0:0:root:/root:/bin/sh\nops:x:1000:1000::/home/ops:/bin/sh\n"
        "bare:x:1001:1001::/home/bare:/bin/sh\n",
        "shadow": f"root:!:20000:0:90:7:::\nops:{hashed}:20000:0:99999:7:::\nbare::20000:0:99999:7:::\n",
        "group": "root:x:0:\nops:x:1000:\nbare:x:1001:\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\n",
        "login.defs": "PASS_MAX_DAYS 90\n",
        "ssh/sshd_config": "UsePAM yes\n",
        "security/pwquality.conf": "dictcheck = 0\n",
        "pam.d/other": "".join(f"{kind} required pam_deny.so\n" for kind in ("auth", "account", "password")),
        "shells": "/bin/sh\n",
        **files,
    }
    for name, text in made.items():
        path = root / "etc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (root / "etc" / "shadow").chmod(0o640)
    return World(root)


ACCOUNT = "account required pam_unix.so\n"
AFTER = "auth requisite pam_deny.so\nauth required pam_permit.so\n"
CLASSIC = (
    "auth required pam_faillock.so preauth{0}\n"
    "auth [success=1 default=ignore] pam_unix.so nullok\n"
    "auth [default=die] pam_faillock.so authfail{0}\n" + "auth required pam_permit.so\n"
)

LOCKOUTS: dict[str, tuple[dict[str, str], int | None]] = {
    "both ends, limit on the lines": ({"pam.d/sshd": CLASSIC.format(" deny=2") + ACCOUNT}, 2),
    "limit in the module's file": (
        {"pam.d/sshd": CLASSIC.format("") + ACCOUNT, "security/faillock.conf": "deny = 4\n"},
        4,
    ),
    "the default limit": ({"pam.d/sshd": CLASSIC.format("") + ACCOUNT}, 3),
    "limit nought counts for ever": (
        {"pam.d/sshd": CLASSIC.format("") + ACCOUNT, "security/faillock.conf": "deny = 0\n"},
        None,
    ),
    "only looked at, never counted": (
        {
            "pam.d/sshd": "auth required pam_faillock.so preauth deny=2\n"
            "auth [success=1 default=ignore] pam_unix.so\n" + AFTER + ACCOUNT
        },
        None,
    ),
    "counted, and never looked at before the right password": (
        {
            "pam.d/sshd": "auth [success=2 default=ignore] pam_unix.so\n"
            "auth [default=die] pam_faillock.so authfail deny=2\n" + AFTER + ACCOUNT
        },
        None,
    ),
    "sufficient before the look": (
        {
            "pam.d/sshd": "auth sufficient pam_unix.so\n"
            "auth required pam_faillock.so preauth deny=2\n"
            "auth [default=die] pam_faillock.so authfail deny=2\n"
            "auth requisite pam_deny.so\n" + ACCOUNT
        },
        None,
    ),
    "in a file that is included": (
        {
            "pam.d/sshd": "@include common-auth\n" + ACCOUNT,
            "pam.d/common-auth": CLASSIC.format(" deny=2"),
        },
        2,
    ),
    "in a substack": (
        {"pam.d/sshd": "auth substack inner\n" + ACCOUNT, "pam.d/inner": CLASSIC.format(" deny=3")},
        3,
    ),
    "optional does not turn away": (
        {
            "pam.d/sshd": CLASSIC.format(" deny=2").replace(
                "auth required pam_faillock.so", "auth optional pam_faillock.so"
            )
            + ACCOUNT
        },
        None,
    ),
    "the counter's limit is lower than the look's": (
        {
            "pam.d/sshd": CLASSIC.format("")
            .replace("preauth", "preauth deny=4")
            .replace("authfail", "authfail deny=2")
            + ACCOUNT
        },
        None,
    ),
}


@pytest.mark.skipif(not installed("pam_faillock"), reason="pam_faillock is not installed")
@pytest.mark.parametrize("case", LOCKOUTS)
def test_lockout_is_what_happens_to_the_right_password(case: str, hashed: str, tmp_path: Path) -> None:
    files, limit = LOCKOUTS[case]
    host = world(tmp_path, hashed, files)
    fact = host.understood(Lockout)
    assert isinstance(fact, Lockout), fact
    understood = fact.max_failures.value if fact.module is not None else None
    wrong, right = ("login", "sshd", "ops", WRONG), ("login", "sshd", "ops", RIGHT)
    let_in = [host.ask(*[wrong] * failures, right)[-1] for failures in range(6)]
    really = let_in.index(False) if False in let_in else None
    assert understood == really == limit, (understood, really)


EMPTY = {
    "nullok": ("auth required pam_unix.so nullok\n" + ACCOUNT, True),
    "no nullok": ("auth required pam_unix.so\n" + ACCOUNT, False),
    "nullok on a line that is jumped over": (
        "auth [default=1] pam_permit.so\nauth sufficient pam_unix.so nullok\nauth required pam_unix.so\n"
        + ACCOUNT,
        False,
    ),
    "nullok and then denied": (
        "auth required pam_unix.so nullok\nauth required pam_deny.so\n" + ACCOUNT,
        False,
    ),
    "nullok and no account": (
        "auth sufficient pam_unix.so nullok\nauth required pam_deny.so\naccount required pam_deny.so\n",
        False,
    ),
}


@pytest.mark.parametrize("case", EMPTY)
def test_an_empty_password_gets_in_where_we_say_so(case: str, hashed: str, tmp_path: Path) -> None:
    text, expected = EMPTY[case]
    host = world(tmp_path, hashed, {"pam.d/sshd": text})
    fact = host.understood(EmptyPasswordLogin)
    assert isinstance(fact, EmptyPasswordLogin), fact
    (really,) = host.ask(("login", "sshd", "bare", ""))
    assert fact.accepted is really is expected


UNIX = "password required pam_unix.so sha512 use_authtok\n"
QUALITY: dict[str, tuple[dict[str, str], tuple[int, int] | None]] = {
    "length and classes on the line": (
        {"pam.d/passwd": "password requisite pam_pwquality.so retry=1 minlen=12 minclass=3\n" + UNIX},
        (12, 3),
    ),
    "in the file, credits ask for classes": (
        {
            "pam.d/passwd": "password requisite pam_pwquality.so retry=1\n" + UNIX,
            "security/pwquality.conf": "dictcheck = 0\nminlen = 10\nlcredit = -1\nucredit = -1\n",
        },
        (10, 2),
    ),
    "credits that lengthen": (
        {
            "pam.d/passwd": "password requisite pam_pwquality.so retry=1\n" + UNIX,
            "security/pwquality.conf": "dictcheck = 0\nminlen = 12\ndcredit = 1\nocredit = 1\n",
        },
        (10, 0),
    ),
    "the line wins over the file": (
        {
            "pam.d/passwd": "password required pam_pwquality.so retry=1 minlen=9\n" + UNIX,
            "security/pwquality.conf": "dictcheck = 0\nminlen = 20\n",
        },
        (9, 0),
    ),
    "only a warning": (
        {
            "pam.d/passwd": "password requisite pam_pwquality.so retry=1\n" + UNIX,
            "security/pwquality.conf": "dictcheck = 0\nminlen = 12\nenforcing = 0\n",
        },
        None,
    ),
    "optional": (
        {
            "pam.d/passwd": "password optional pam_pwquality.so retry=1 minlen=12\n"
            "password required pam_unix.so\n"
        },
        None,
    ),
    "jumped over": (
        {
            "pam.d/passwd": "password [default=1] pam_permit.so\n"
            "password requisite pam_pwquality.so retry=1 minlen=12\npassword required pam_unix.so\n"
        },
        None,
    ),
}


@pytest.mark.skipif(not installed("pam_pwquality"), reason="pam_pwquality is not installed")
@pytest.mark.parametrize("case", QUALITY)
def test_the_shortest_and_plainest_password_is_what_we_say(case: str, hashed: str, tmp_path: Path) -> None:
    files, expected = QUALITY[case]
    host = world(tmp_path, hashed, files)
    fact = host.understood(PasswordPolicy)
    assert isinstance(fact, PasswordPolicy), fact

    def stored(new: str) -> bool:
        kept = (tmp_path / "etc" / "shadow").read_text()
        host.ask(("change", "passwd", "ops", RIGHT, new))
        changed = (tmp_path / "etc" / "shadow").read_text() != kept
        (tmp_path / "etc" / "shadow").write_text(kept)
        return changed

    if expected is None:
        assert fact.module is None
        assert stored(SAMPLE[1][:8])
        return
    assert fact.module is not None
    assert (fact.min_length.value, fact.classes.value) == expected
    length, classes = expected
    assert [stored(FOUR[:n]) for n in (length - 1, length)] == [False, True]
    if classes > 1:
        assert [stored(SAMPLE[n]) for n in (classes - 1, classes)] == [False, True]
    else:
        assert stored(SAMPLE[1])
