"""rsyslog, logrotate and journald in the small: what one statement means, and what must not pass."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.base import Unseen
from collectors.evidence import Document
from collectors.platforms.linux.journald import days as time_span
from collectors.platforms.linux.logrotate import read_rotations
from collectors.platforms.linux.rsyslog import Configuration, read_configuration

MAIN = "/etc/rsyslog.conf"


def document(path: str, text: str) -> Document:
    return Document(f"host/x:{path}", tuple(text.split("\n")))


def configured(text: str, **included: str) -> Configuration:
    files = {f"/etc/rsyslog.d/{name}.conf": content for name, content in included.items()}
    return read_configuration({p: document(p, t) for p, t in ({MAIN: text} | files).items()})


def targets(text: str) -> list[tuple[str, int, str, bool, bool, str]]:
    return [(t.host, t.port, t.protocol, t.tls, t.peer_checked, t.selector) for t in configured(text).targets]


TLS_OLD = "$DefaultNetstreamDriver gtls\n$ActionSendStreamDriverMode 1\n$ActionSendStreamDriverAuthMode "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*.* @h", [("h", 514, "udp", False, False, "*.*")]),
        ("*.*\t@@h:601;fmt", [("h", 601, "tcp", False, False, "*.*")]),
        ("*.* @@(z9,o)[2001:db8::1]:601 # x", [("2001:db8::1", 601, "tcp", False, False, "*.*")]),
        (f"{TLS_OLD}x509/name\n*.* @@h:6514", [("h", 6514, "tcp", True, True, "*.*")]),
        (f"{TLS_OLD}anon\n*.* @@h:6514", [("h", 6514, "tcp", True, False, "*.*")]),
        (f"{TLS_OLD}x509/name\n*.* @h:6514", [("h", 6514, "udp", False, False, "*.*")]),
        (f"*.* @@h\n{TLS_OLD}x509/name", [("h", 514, "tcp", False, False, "*.*")]),
        ("$ActionSendStreamDriverMode 1\n$ActionSendStreamDriverAuthMode x509/name\n*.* @@h",
         [("h", 514, "tcp", False, False, "*.*")]),
        ("# *.* @h\n/* *.* @h */", []),
        ("*.* :omrelp:h:20514", [("h", 20514, "relp", False, False, "*.*")]),
        ("auth.* @a\n& @b",
         [("a", 514, "udp", False, False, "auth.*"), ("b", 514, "udp", False, False, "auth.*")]),
        ("*.* stop\n*.* @h", [("h", 514, "udp", False, False, "*.* but what was discarded by *.*")]),
        ("mail.* ~\n*.* @h", [("h", 514, "udp", False, False, "*.*")]),
        (":programname, isequal, \"cron\" stop\n*.* @h", [("h", 514, "udp", False, False, "*.*")]),
        ("if $fromhost-ip != '127.0.0.1' then stop\n*.* @h", [("h", 514, "udp", False, False, "*.*")]),
        ("if $a == 'x' then { *.* @h } else @g",
         [("h", 514, "udp", False, False, "if $a == 'x' and *.*"),
          ("g", 514, "udp", False, False, "if not $a == 'x'")]),
        ('action(type="omfwd" Target="h" Protocol="TCP" Port="1")', [("h", 1, "tcp", False, False, "*.*")]),
        ('action(type="omfwd" target=["a","b"] port="1")',
         [("a", 1, "udp", False, False, "*.*"), ("b", 1, "udp", False, False, "*.*")]),
    ],
)  # fmt: skip
def test_targets_of_a_configuration(text: str, expected: list[tuple[object, ...]]) -> None:
    if text.endswith("@h } else @g"):
        text = text.replace(" } else", "\n} else")
    assert targets(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "frobnicate(x=1)",
        'action(type="omhttp" server="h")',
        'action(type="omfwd" target="h" port="syslog")',
        'action(type="omfwd"',
        "if $x then {\n*.* /var/log/x\n",
        "}",
        "$IncludeConfig /opt/x.conf",
        "$IncludeConfig /etc/rsyslog.d/gone.conf",
        "*.* >h,db,user,secret",
        "!sshd\n*.* @h",
        "$RuleSet remote",
        'include(text="*.* @h")',
    ],
)
def test_what_is_not_understood_makes_the_whole_unseen(text: str) -> None:
    with pytest.raises(Unseen):
        configured(text)


def test_includes_are_read_in_the_order_of_their_names() -> None:
    seen = configured("$IncludeConfig /etc/rsyslog.d/*.conf\n*.* @z", b="*.* @b", a="*.* @a")
    assert [target.host for target in seen.targets] == ["a", "b", "z"]
    assert [target.at.line for target in seen.targets] == [1, 1, 2]


def test_an_include_of_itself_ends() -> None:
    with pytest.raises(Unseen):
        configured("$IncludeConfig /etc/rsyslog.d/*.conf", a="$IncludeConfig /etc/rsyslog.d/a.conf")


@settings(max_examples=100, deadline=5000)
@given(
    st.lists(
        st.sampled_from(
            [
                *("*.* @h", "if $x then", "{", "}", "action(", 'type="omfwd"', ")", "stop", "&", "\n", '"'),
                *(
                    "else",
                    "$IncludeConfig",
                    "/*",
                    "*/",
                    "ruleset(name='r')",
                    "auth.*",
                    "/var/log/x",
                    "#",
                    "~",
                ),
            ]
        )
    )
)
def test_any_mix_of_words_is_read_or_refused(words: list[str]) -> None:
    with suppress(Unseen):
        configured(" ".join(words))


# --- logrotate -------------------------------------------------------------------------------------


def days(block: str, before: str = "") -> tuple[float | None, str]:
    (rotation,) = read_rotations(
        {"/etc/logrotate.conf": document("/etc/logrotate.conf", f"{before}\n/var/log/x {{\n{block}\n}}\n")}
    )
    return rotation.days, rotation.cut_short_by


@pytest.mark.parametrize(
    ("block", "before", "expected"),
    [
        ("daily\nrotate 180", "", (180.0, "")),
        ("", "weekly\nrotate 26", (182.0, "")),
        ("rotate 6", "monthly", (180.0, "")),
        ("rotate 1\nyearly", "", (365.0, "")),
        ("daily", "", (0.0, "")),
        ("hourly\nrotate 240", "", (10.0, "")),
        ("rotate 200", "", (None, "size 1M")),
        ("daily\nrotate 200\nsize 5k", "", (None, "size 5k")),
        ("size 5k\ndaily\nrotate 200", "", (200.0, "")),
        ("size=5k\nrotate 3", "daily", (None, "size 5k")),
        ("daily\nrotate 200\nmaxsize 1G", "", (200.0, "maxsize 1G")),
        ("daily\nrotate 200\nminsize 1G", "", (200.0, "")),
        ("daily\nrotate -1", "", (None, "")),
        ("daily\nrotate -1\nmaxage 30", "", (30.0, "")),
        ("daily\nrotate 200 # rotate 1", "", (200.0, "")),
        ("daily\nrotate 200\npostrotate\nrotate 1\nendscript", "", (200.0, "")),
    ],
)
def test_days_that_a_rotation_keeps(block: str, before: str, expected: tuple[float | None, str]) -> None:
    assert days(block, before) == expected


@pytest.mark.parametrize(
    "block", ["rotate many", "postrotate\nrotate 1", "unheard-of", "daily\n}\n/var/log/y", "include /etc/x"]
)
def test_a_rotation_that_is_not_understood_is_not_seen(block: str) -> None:
    with pytest.raises(Unseen):
        days(block)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("86400", 1), ("6month", 6 * 30.44), ("1w 2d", 9), ("180 days", 180), ("x", None), ("", None)],
)
def test_time_spans_of_systemd(text: str, expected: float | None) -> None:
    seen = time_span(text)
    assert (seen is None) == (expected is None)
    assert seen == pytest.approx(expected)
