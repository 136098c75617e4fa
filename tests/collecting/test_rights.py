"""sudo: what the operator's file allows, what the program asks for, and that it never asks for more."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from collectors import program
from collectors.base import Command, Files, Form, Platform, Probe, Snippet, Step
from collectors.platforms import PLATFORMS
from collectors.rights import privileged_argvs, reading_argv, sudoers, sudoers_arguments
from scanner.model import Capture, CaptureKind, Gap, GapReason
from tests.collecting.asking import MARKER, NOBODY, SHELLS, ask, lone, needs_root, step

if TYPE_CHECKING:
    from pathlib import Path

needs_visudo = pytest.mark.skipif(not shutil.which("visudo"), reason="no visudo")
needs_sudo = pytest.mark.skipif(not shutil.which("sudo"), reason="no sudo")
Shell = tuple[str, ...]
SHELL_PLATFORMS = [p for p in PLATFORMS if not any(isinstance(s.form, Probe) for s in p.steps)]

ODD = Command(
    ("id", "-a,b", "x=y", "a:b", "c\\d", "*.conf", "[z]?", "#1", "{}", ";", "%m/@"), privileged=True
)


def platform(*forms: Form) -> Platform:
    return Platform("linux", tuple(step(f"s{n}", form) for n, form in enumerate(forms)), (), ())


def checked(text: str, path: Path) -> str:
    path.write_text(text)
    visudo = shutil.which("visudo") or ""
    done = subprocess.run((visudo, "-cf", str(path)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_visudo
def test_visudo_takes_the_text(tmp_path: Path) -> None:
    """Every character that a step may use, and the steps of every platform there is."""
    some = platform(
        ODD,
        Command(("nft", "-j", "list", "ruleset"), privileged=True),
        Command(("iptables-save",), privileged=True),
        Command(("id",)),
        Snippet("id"),
        Files(("/etc/shadow", "/etc/ssh/sshd_config.d/*.conf"), privileged=True),
        Files(("/var/log/*.log", "/var/log/audit/"), privileged=True, metadata_only=True),
    )
    said = checked(sudoers((some, *PLATFORMS), "scan-user"), tmp_path / "sudoers")
    assert "warning" not in said.lower()


def test_only_privileged_steps_are_allowed_and_only_exactly() -> None:
    text = sudoers([platform(Command(("iptables-save",), privileged=True), Command(("ss", "-t")))], "scan")
    rules = re.sub(r"\\\n\s*", "", text).splitlines()
    assert [line for line in rules if line and not line.startswith("#")] == [
        "scan ALL=(root) NOPASSWD: "
        + ", ".join(f'{folder}/iptables-save ""' for folder in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"))
    ]


def test_a_step_of_one_account_is_allowed_as_that_account_only() -> None:
    text = sudoers([platform(Command(("psql", "-X"), privileged=True, account="postgres"))], "scan")
    assert "scan ALL=(postgres) NOPASSWD: " in text
    assert "(root)" not in text


@pytest.mark.parametrize(
    ("account", "privileged"), [("postgres", False), ("a b", True), ("$x", True), ("#0", True)]
)
def test_an_account_that_sudoers_could_not_name_is_refused(account: str, privileged: bool) -> None:
    with pytest.raises(ValueError, match="account"):
        Command(("psql",), privileged=privileged, account=account)


def test_every_privileged_step_is_explained_in_both_languages() -> None:
    text = sudoers([platform(ODD)], "scan")
    assert "# linux/s0: why" in text
    assert "# 为什么" in text


@pytest.mark.parametrize("user", ["", "ALL", "%wheel", "a b", "a,b", "#0", "root\nx ALL=ALL"])
def test_a_name_that_is_no_login_is_refused(user: str) -> None:
    with pytest.raises(ValueError, match="login name"):
        sudoers([], user)


@pytest.mark.parametrize("argument", ["a b", "", "a\nb", "^x$", '"x"', "!x", "é", "$x"])
def test_what_sudoers_cannot_say_exactly_is_refused(argument: str) -> None:
    with pytest.raises(ValueError, match="exactly"):
        sudoers_arguments(("id", argument))


def test_a_privileged_pattern_names_its_directory() -> None:
    with pytest.raises(ValueError, match="directory"):
        reading_argv("/home/*/.ssh/authorized_keys")


@pytest.mark.parametrize("one", SHELL_PLATFORMS, ids=[one.name for one in SHELL_PLATFORMS])
@pytest.mark.parametrize("shell", SHELLS)
def test_the_steps_of_every_platform_can_be_asked(one: Platform, shell: Shell) -> None:
    text = program.render(one.steps, MARKER)
    subprocess.run((*shell, "-n"), input=text, check=True)
    for asked in one.steps:
        for argv in privileged_argvs(asked):
            assert sudoers_arguments(argv)


LISTING = """Matching Defaults entries for scan on web1:
    env_reset, secure_path=/usr/sbin\\:/usr/bin

User scan may run the following commands on web1:
{entries}"""


def entry(*commands: str, options: str = "!authenticate", users: str = "root") -> str:
    lines = ["", "Sudoers entry:", f"    RunAsUsers: {users}"]
    lines += [f"    Options: {options}"] if options else []
    return "\n".join([*lines, "    Commands:", *(f"\t{command}" for command in commands), ""])


SSHD = ("/usr/sbin/sshd", "-T")
FIND = ("/usr/bin/find", "-L /etc -maxdepth 1 -name \\*.conf -printf a\\=b")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("asked", "entries", "allowed"),
    [
        (SSHD, [], False),
        (SSHD, [entry("/usr/sbin/sshd -T")], True),
        (SSHD, [entry("ALL")], True),
        (SSHD, [entry("/usr/sbin/sshd")], True),  # no arguments given: any are allowed
        (SSHD, [entry("ALL", users="ALL")], True),
        (SSHD, [entry("ALL", users="www-data, root")], True),
        (SSHD, [entry("ALL", options="noexec, !authenticate")], True),
        (FIND, [entry("/usr/bin/id", " ".join(FIND))], True),
        (("/usr/bin/id", '""'), [entry('/usr/bin/id ""')], True),
        (SSHD, [entry("/usr/sbin/sshd -T", options="")], False),
        (SSHD, [entry("/usr/sbin/sshd -T", options="authenticate")], False),
        (SSHD, [entry("/usr/sbin/sshd -T", options="noexec, authenticate")], False),
        (SSHD, [entry("/usr/sbin/sshd -T", users="www-data")], False),
        (SSHD, [entry("ALL", users="ALL, !root")], False),
        (SSHD, [entry("/usr/sbin/sshd -T -C user\\=x")], False),
        (SSHD, [entry("/usr/sbin/sshd *")], False),
        (SSHD, [entry('/usr/sbin/sshd ""')], False),
        (SSHD, [entry("/sbin/sshd -T")], False),
        (SSHD, [entry("ALL", "!/usr/sbin/sshd")], False),
        (SSHD, [entry("ALL", "!ALL")], False),
        (SSHD, [entry("ALL", "!/usr/sbin/")], False),
        (SSHD, [entry("ALL", "!/usr/*/s[a-z]hd")], False),
        (SSHD, [entry("ALL", "!/sbin/sshd -T")], False),
        (SSHD, [entry("ALL", "!/usr/bin/su")], True),
        (SSHD, [entry("/usr/sbin/sshd -T"), entry("ALL", options="")], False),  # the last match decides
        (SSHD, [entry("ALL", options=""), entry("/usr/sbin/sshd -T")], True),
        (SSHD, [entry("/usr/sbin/sshd -T"), entry("/usr/sbin/s*", options="")], False),
        (SSHD, [entry("/usr/sbin/sshd -T"), entry("^/usr/sbin/.*$", options="")], False),
        (SSHD, [entry("/usr/sbin/sshd -T"), entry("sha256:abc= /usr/sbin/sshd", options="")], False),
        (SSHD, [entry("/usr/sbin/sshd -T"), entry("/usr/bin/passwd [a-z]*", options="")], True),
        (SSHD, [entry("/usr/sbin/sshd -T"), entry("ALL", options="", users="www-data")], True),
    ],
)
def test_the_listing_of_sudo_decides(
    shell: Shell, asked: tuple[str, str], entries: list[str], allowed: bool
) -> None:
    listing = LISTING.format(entries="".join(entries))
    script = (
        f"{program._FUNCTIONS}\nL='\n' B='\t' K={shlex.quote(listing)}\n"
        f"may_ {shlex.quote(asked[0])} {shlex.quote(asked[1])}"
    )
    done = subprocess.run((*shell, "-c", script), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0 if allowed else 1, b"")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("users", "allowed"),
    [
        ("postgres", True),
        ("ALL", True),
        ("root", False),
        ("#0", False),
        ("root, postgres", True),
        ("ALL, !postgres", False),
    ],
)
def test_the_listing_of_sudo_decides_for_another_account(shell: Shell, users: str, allowed: bool) -> None:
    listing = LISTING.format(entries=entry("/usr/bin/psql -X", users=users))
    script = f"{program._FUNCTIONS}\nL='\n' B='\t' R=postgres K={shlex.quote(listing)}\nmay_ /usr/bin/psql -X"
    done = subprocess.run((*shell, "-c", script), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0 if allowed else 1, b"")


AS_DAEMON = Command(("id", "-un"), privileged=True, account="daemon")


@needs_root
@pytest.mark.parametrize("shell", SHELLS)
def test_root_goes_over_to_the_account(shell: Shell) -> None:
    record = lone(AS_DAEMON, shell)
    assert isinstance(record, Capture)
    assert (record.status, record.content) == (0, b"daemon\n")


@needs_root
@pytest.mark.parametrize("shell", SHELLS)
def test_without_the_right_nothing_is_tried(shell: Shell) -> None:
    record = lone(AS_DAEMON, shell, NOBODY)
    assert isinstance(record, Capture)
    assert record.status == 126
    assert record.content == b""


class Host:
    """This machine with another /etc/sudoers, in a mount namespace of its own; sudo keeps a log."""

    def __init__(self, folder: Path, rules: str) -> None:
        self.log = folder / "sudo.log"
        (folder / "rules").write_text(f"Defaults logfile={self.log}\nDefaults !syslog\n{rules}")
        script = (
            f"mount --make-rprivate / && rm -rf {folder}/etc && cp -a /etc {folder}/etc && "
            f"mount --bind {folder}/etc /etc && "
            f"cp {folder}/rules /etc/sudoers && chown 0:0 /etc/sudoers && chmod 440 /etc/sudoers && "
            "rm -f /etc/sudoers.d/* && mkdir /etc/dark && chmod 700 /etc/dark && "
            "printf 'one\\n//\\n' >/etc/dark/a.conf && printf two >/etc/dark/b.conf && "
            "printf x >/etc/dark/.c.conf && mkdir /etc/dark/d.conf /etc/dark/in.d && "
            "ln -s a.conf /etc/dark/e.conf && "
            "ln -s none /etc/dark/f.conf && "
            "mkdir /etc/light && chmod 755 /etc /etc/light && printf x >/etc/light/a.log && "
            "ln -s gone /etc/light/README && "
            f'exec {shlex.join(NOBODY)} "$@"'
        )
        self.prefix = ("unshare", "-m", "sh", "-c", script, "host")

    def ask(self, *steps: Step) -> list[Capture | Gap]:
        return ask(steps, ("sh",), self.prefix)

    def attempts(self) -> list[str]:
        """Commands that sudo was asked to run, as it recorded them, and why it refused."""
        text = re.sub(r"\n\s+", " ", self.log.read_text()) if self.log.exists() else ""
        return re.findall(r"COMMAND=(.*)", text) + re.findall(r".*(?:not allowed|required).*", text)


def host(folder: Path, rules: str) -> Host:
    made = Host(folder, rules)
    if subprocess.run((*made.prefix, "true"), capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace here")
    return made


DARK = step("dark", Files(("/etc/dark/*.conf",), privileged=True))
ID = step("id", Command(("id", "-u"), privileged=True))


@needs_root
@needs_sudo
def test_a_link_to_nowhere_among_listed_files_hides_nothing_from_the_rights(tmp_path: Path) -> None:
    """As in /var/log of many hosts: whoever lacks rights cannot tell it from a file in a closed folder."""
    listed = step("listed", Files(("/etc/light/*",), privileged=True, metadata_only=True))
    records = host(tmp_path, sudoers([Platform("linux", (listed,), (), ())], "nobody")).ask(listed)
    assert [(r.subject, r.content) for r in records if isinstance(r, Capture)] == [
        ("/etc/light/*", b"/etc/light/a.log\n"),
        ("/etc/light/a.log", b""),
    ]
    assert not [record for record in records if isinstance(record, Gap)]


@needs_root
@needs_sudo
def test_the_generated_rights_let_an_unprivileged_login_see(tmp_path: Path) -> None:
    """A real sudo, the generated text: every odd character is matched exactly, and nothing is refused."""
    odd = step("odd", Command(("printf", *ODD.argv[1:]), privileged=True))
    metadata = step("listed", Files(("/etc/dark/*.conf",), privileged=True, metadata_only=True))
    folders = step("folders", Files(("/etc/dark/*.d/",), privileged=True, metadata_only=True))
    nothing = step("none", Files(("/etc/dark/gone/*.conf", "/etc/dark/none.conf"), privileged=True))
    shadow = step("shadow", Files(("/etc/shadow",), privileged=True))
    kernel = step("kernel", Files(("/proc/slabinfo",), privileged=True))
    bare = step("bare", Command(("whoami",), privileged=True))
    steps = (ID, odd, DARK, metadata, folders, nothing, shadow, kernel, bare)
    made = host(tmp_path, sudoers([Platform("linux", steps, (), ())], "nobody"))
    records = made.ask(*steps)
    assert [record for record in records if isinstance(record, Gap)] == []
    captures = {(c.step, c.subject): c for c in records if isinstance(c, Capture)}
    assert captures["id", ""].content == b"0\n"
    assert captures["odd", ""].status == 0
    assert captures["bare", ""].content == b"root\n"
    listing = captures["dark", "/etc/dark/*.conf"]
    assert listing.status == 0
    assert listing.content.decode().split() == [f"/etc/dark/{n}.conf" for n in "abe"]
    assert captures["dark", "/etc/dark/a.conf"].content == b"one\n//\n"
    assert captures["dark", "/etc/dark/b.conf"].content == b"two"
    assert captures["dark", "/etc/dark/e.conf"].content == b"one\n//\n"
    metas = [captures[name, "/etc/dark/a.conf"].meta for name in ("dark", "listed")]
    assert metas[0] == metas[1]
    assert metas[0] is not None
    assert (metas[0].uid, metas[0].size) == (0, 7)
    assert captures["folders", "/etc/dark/*.d/"].content == b"/etc/dark/in.d/\n"
    assert captures["folders", "/etc/dark/in.d/"].meta is not None
    for pattern in ("/etc/dark/gone/*.conf", "/etc/dark/none.conf"):
        assert (captures["none", pattern].status, captures["none", pattern].content) == (0, b"")
    assert captures["shadow", "/etc/shadow"].content.startswith(b"root:")
    assert captures["kernel", "/proc/slabinfo"].content
    assert not captures["kernel", "/proc/slabinfo"].truncated
    attempts = made.attempts()
    assert not [attempt for attempt in attempts if "not allowed" in attempt or "required" in attempt]
    assert len(attempts) >= 8


@needs_root
@needs_sudo
@pytest.mark.parametrize(
    "rules",
    [
        "",
        "nobody ALL=(root) ALL\n",
        "nobody ALL=(root) NOPASSWD: /usr/bin/true\n",
        "nobody ALL=(root) NOPASSWD: /usr/bin/id, !/usr/bin/id -u\n",
    ],
    ids=["nothing", "password", "other", "negated"],
)
def test_what_sudo_would_refuse_is_never_asked(tmp_path: Path, rules: str) -> None:
    made = host(tmp_path, rules)
    identity, *dark = made.ask(ID, DARK)
    assert isinstance(identity, Capture)
    assert identity.content == b"65534\n"  # run plainly
    (listing,) = dark
    assert isinstance(listing, Capture)
    assert (listing.kind, listing.status) == (CaptureKind.LISTING, 1)
    commands = [attempt for attempt in made.attempts() if attempt.startswith("/")]
    assert commands == []


@needs_root
@needs_sudo
def test_sudo_is_not_touched_without_need(tmp_path: Path) -> None:
    made = host(tmp_path, "nobody ALL=(root) NOPASSWD: ALL\n")
    made.ask(step("id", Command(("id",))), step("osr", Files(("/etc/passwd",))))
    assert made.attempts() == []
    made.ask(step("osr", Files(("/etc/passwd",), privileged=True)))
    assert [a for a in made.attempts() if a != "list"] == []  # readable anyway


@needs_root
@needs_sudo
def test_rights_that_cannot_execute_leave_a_gap(tmp_path: Path) -> None:
    """NOEXEC lets find start and not cat: sizes that were announced did not come."""
    made = host(tmp_path, "nobody ALL=(root) NOEXEC: NOPASSWD: ALL\n")
    records = made.ask(DARK)
    assert not [
        r for r in records if isinstance(r, Capture) and r.kind is CaptureKind.FILE and not r.truncated
    ]
    listings = [r for r in records if isinstance(r, Capture) and r.kind is CaptureKind.LISTING]
    assert all(r.truncated or r.status != 0 for r in listings)
    assert GapReason.BUG not in {r.reason for r in records if isinstance(r, Gap)}
