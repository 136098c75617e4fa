"""What a host may say in well-formed frames: words that act, encodings, sizes, and files without end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tests.enemies.forging import COMMAND, Told

MEGABYTE = 1 << 20

ACTING = (
    "\x1b[31mred\x1b[0m\x1b[2J\x1b]0;owned\x07\x9b31m\r\b\b <script>window.pwned=1</script>"
    '<img src=http://127.0.0.1:9/x onerror="window.pwned=1"><style>body{display:none}</style>'
    "\"' onmouseover='window.pwned=1' =cmd|' /C calc'!A0 +1 -1 @SUM(1) [bold]x[/] \u202eTERCES\u2066 \u200b"
)
"""Everything that acts somewhere, in one line."""

GBK = "口令最长九十天".encode("gbk")
INVALID = b"\xff\xfe\xfd \xc3\x28 \xed\xb2\x80 \xf8\x88\x80\x80\x80"
"""No UTF-8 at all, a lone surrogate, and a length that no encoding has."""

Lie = Callable[[Told], Told]


def _everywhere(raw: bytes) -> Lie:
    """The words in every file and every command's output, as comment, as value and as error."""

    def lie(told: Told) -> Told:
        new = told.command("identity", raw, raw)
        for path in ("/etc/ssh/sshd_config", "/etc/passwd", "/etc/login.defs", "/etc/rsyslog.conf"):
            new = new.file(
                path, b"# " + raw + b"\nBanner " + raw + b"\n" + raw + b":x:0:0:" + raw + b":/:/bin/sh\n"
            )
        for path in ("/etc/ssh/sshd_config.d/" + "x" * 200 + ".conf", "/etc/logrotate.d/=cmd"):
            new = new.file(path, raw)
        return new

    return lie


def _passwd(told: Told) -> Told:
    """A million accounts, as much of them as a step lets through."""
    lines = b"".join(b"u%d:x:%d:%d::/home/u%d:/bin/bash\n" % (n, n, n, n) for n in range(1000, 40_000))
    return told.file("/etc/passwd", lines[: MEGABYTE + 1])


def _includes_in_a_circle(told: Told) -> Told:
    return (
        told.file("/etc/ssh/sshd_config", b"Include /etc/ssh/sshd_config.d/*.conf\n" * 1000)
        .file("/etc/ssh/sshd_config.d/a.conf", b"Include /etc/ssh/sshd_config\n")
        .file("/etc/logrotate.conf", b"include /etc/logrotate.conf\ninclude /etc/logrotate.d\n")
        .file("/etc/logrotate.d/a", b"include /etc/logrotate.conf\ninclude /etc/logrotate.d\n")
        .file("/etc/rsyslog.conf", b"$IncludeConfig /etc/rsyslog.d/*.conf\n")
        .file(
            "/etc/rsyslog.d/a.conf",
            b'include(file="/etc/rsyslog.conf")\n$IncludeConfig /etc/rsyslog.d/*.conf\n',
        )
        .file("/etc/pam.d/sshd", b"@include common-auth\nauth include sshd\nauth substack common-auth\n")
        .file("/etc/pam.d/common-auth", b"@include sshd\nauth include common-auth\nauth substack sshd\n")
        .file("/etc/pam.d/login", b"@include login\n")
        .file("/etc/pam.d/system-auth", b"auth include system-auth\n")
    )


def _includes_that_multiply(told: Told) -> Told:
    """No circle: every file includes the next one thirty times."""
    levels = 14
    new = told.file("/etc/ssh/sshd_config", b"Include /etc/ssh/sshd_config.d/00.conf\n")
    new = new.file("/etc/rsyslog.conf", b"$IncludeConfig /etc/rsyslog.d/00.conf\n")
    new = new.file("/etc/logrotate.conf", b"include /etc/logrotate.d/00\n")
    new = new.file("/etc/pam.d/sshd", b"@include l00\n").file("/etc/pam.d/login", b"auth substack l00\n")
    for n in range(levels):
        here, following = b"%02d" % n, b"%02d" % (n + 1)
        name = here.decode()
        last = n == levels - 1
        line = b"MaxAuthTries 3\n" if last else b"Include /etc/ssh/sshd_config.d/%s.conf\n" % following
        new = new.file(f"/etc/ssh/sshd_config.d/{name}.conf", line * 30)
        line = b"*.* @@10.0.0.9\n" if last else b"$IncludeConfig /etc/rsyslog.d/%s.conf\n" % following
        new = new.file(f"/etc/rsyslog.d/{name}.conf", line * 30)
        line = b"weekly\n" if last else b"include /etc/logrotate.d/%s\n" % following
        new = new.file(f"/etc/logrotate.d/{name}", line * 30)
        line = (
            b"auth required pam_deny.so\n"
            if last
            else b"auth include l%s\nauth substack l%s\n" % (following, following)
        )
        new = new.file(f"/etc/pam.d/l{name}", line * 30)
    return new


def _nested(told: Told) -> Told:
    """Brackets without end, for every reader that nests."""
    deep = b"{(" * 100_000
    new = told
    for path in (
        "/etc/rsyslog.conf",
        "/etc/nginx/nginx.conf",
        "/etc/logrotate.conf",
        "/etc/profile",
        "/etc/pam.d/sshd",
    ):
        new = new.file(path, b"if " + deep)
    for step in ("nft-ruleset", "listening-sockets", "processes", "links"):
        new = new.command(step, deep)
    return new


def root_refused(told: Told) -> Told:
    """What the server does not do: in its file, and in what sshd -T would print."""
    effective = told.captures["sshd-effective", "", COMMAND].content
    said = re.sub(rb"(?m)^permitrootlogin .*$", b"permitrootlogin no", effective)
    return told.command("sshd-effective", said).file("/etc/ssh/sshd_config", b"PermitRootLogin no\n")


LIES: Mapping[str, Lie] = {
    "acts": _everywhere(ACTING.encode()),
    "gbk": _everywhere(GBK),
    "utf16": _everywhere("口令=1\n# x".encode("utf-16")),
    "invalid": _everywhere(INVALID),
    "nul": _everywhere(b"a\x00b\x00" * 50),
    "long-line": _everywhere(b"A" * (MEGABYTE - 100)),
    "accounts-without-end": _passwd,
    "includes-in-a-circle": _includes_in_a_circle,
    "includes-that-multiply": _includes_that_multiply,
    "nested": _nested,
}
"""Every lie is told in well-formed frames, so that only what it says can stop it."""
