"""Our reading of sudoers against sudo's own parser (visudo and cvtsudoers)."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collectors.platforms.linux.sudoers_syntax import (
    Grant,
    RefusedError,
    Setting,
    logical_lines,
    statements,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

VISUDO, CVTSUDOERS = shutil.which("visudo"), shutil.which("cvtsudoers")

pytestmark = pytest.mark.skipif(VISUDO is None or CVTSUDOERS is None, reason="sudo's tools are not installed")

ALIASES = """User_Alias PEOPLE = li, %staff
Host_Alias HERE = web1, 10.0.0.0/8
Runas_Alias DAEMONS = www-data, #33
Cmnd_Alias TOOLS = /usr/bin/apt update, /sbin/halt
"""
USERS = st.sampled_from(
    ["li", "%wheel", "PEOPLE", "ALL", "!root", "#1000", "+net", r"a\\ b", '"Li Wang"', "%#27"]
)
HOSTS = st.sampled_from(["ALL", "web1", "HERE", "!web2", "10.0.0.1", "192.168.0.0/24", "fe80::1", "+net"])
RUNAS = st.sampled_from(["root", "ALL", "DAEMONS", "!root", "#0", "%staff"])
COMMANDS = st.sampled_from(
    [
        "ALL",
        "TOOLS",
        "/bin/ls",
        '/bin/ls ""',
        "!/bin/su",
        "/usr/bin/",
        "/bin/cat /var/log/*",
        "sudoedit /etc/motd",
        r"/bin/echo a\,b\=c",
        "/bin/kill -HUP [0-9]*",
        "! TOOLS",
        "/bin/ls -l  -a",
        "/bin/x # comment",
        "ls",
        "/bin/a=b",
    ]
)
TAGS = st.sampled_from(["", "NOPASSWD: ", "PASSWD:", "NOEXEC: NOPASSWD: ", "NOPASSWD:SETENV: ", "NOPASS: "])


def _joined(parts: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[str]:
    commas = st.sampled_from([",", ", ", " , "])
    return st.builds(lambda sign, found: sign.join(found), commas, st.lists(parts, min_size=1, max_size=most))


RUN_AS = st.one_of(
    st.just(""),
    st.builds(lambda users: f"({users}) ", _joined(RUNAS, 2)),
    st.builds(
        lambda users, group: f"({users}:{group})", _joined(RUNAS, 2), st.sampled_from(["ALL", "adm", "%x"])
    ),
    st.sampled_from(["()", "(:adm)", "(root", "(root :)", "(a b) "]),
)
PRIVILEGE = st.builds(
    lambda hosts, sign, commands: hosts + sign + commands,
    _joined(HOSTS, 2),
    st.sampled_from(["=", " = ", "  "]),
    _joined(st.builds(lambda run_as, tags, command: run_as + tags + command, RUN_AS, TAGS, COMMANDS)),
)
LINES = st.one_of(
    st.builds(
        lambda users, blank, privileges: users + blank + " : ".join(privileges),
        _joined(USERS, 2),
        st.sampled_from([" ", "\t", "  "]),
        st.lists(PRIVILEGE, min_size=1, max_size=2),
    ),
    st.builds(
        lambda scope, found: f"Defaults{scope} {found}",
        st.sampled_from(["", ":li", "@HERE", "!TOOLS", ">root", ":li, %wheel", "x"]),
        _joined(
            st.sampled_from(
                [
                    "use_pty",
                    "!authenticate",
                    'logfile="/var/log/sudo log"',
                    "timestamp_timeout=-1",
                    "env_keep += LANG",
                ]
            )
        ),
    ),
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(line=LINES)
@example("root ALL=(ALL:ALL) ALL")
@example("li ALL=NOPASSWD: /bin/a, PASSWD: /bin/b : web1 = /bin/c")
@example("Defaults env_reset # as always")
@example("#1000 ALL = (#0) ALL # all")
@example("jen !fred ALL = /bin/sh")
def test_lines_are_read_as_sudo_reads_them(line: str) -> None:
    text = ALIASES + line + "\n"
    ours: list[Any] | None
    try:
        found = [s for _, part in logical_lines(tuple(text.split("\n"))) for s in statements(part)]
        ours = sorted(map(repr, [_grant(s) for s in found if isinstance(s, Grant)]))
        named = sorted(s.name for s in found if isinstance(s, Setting))
    except RefusedError:
        ours, named = None, []
    theirs = _asked(text)
    if theirs is None:
        assert ours is None, "sudo refuses what we take"
        return
    assert ours is not None, "we refuse what sudo takes"
    assert ours == sorted(map(repr, _grants(theirs)))
    assert named == sorted(_settings(theirs))


def _asked(text: str) -> dict[str, Any] | None:
    checked = subprocess.run(
        (VISUDO or "", "-cf", "-"), input=text, capture_output=True, text=True, check=False
    )
    if checked.returncode:
        return None
    told = subprocess.run(
        (CVTSUDOERS or "", "-f", "json", "-"), input=text, capture_output=True, text=True, check=True
    )
    whole: dict[str, Any] = json.loads(told.stdout)
    return whole


def _grant(grant: Grant) -> tuple[object, ...]:
    free = next((tag == "NOPASSWD" for tag in grant.tags if tag.endswith("PASSWD")), None)
    lists = (grant.users, grant.hosts, grant.run_as, grant.run_as_groups)
    return (*(tuple(map(_bare, members)) for members in lists), free, grant.command, grant.negated)


def _bare(member: str) -> str:
    negated = "!" * member.startswith("!")
    return negated + member.removeprefix("!").lstrip("%+#")


def _grants(told: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    for spec in told.get("User_Specs", ()):
        for commands in spec["Cmnd_Specs"]:
            options = [option for option in commands.get("Options", ()) if "authenticate" in option]
            free = None if not options else not options[-1]["authenticate"]
            for command in commands["Commands"]:
                yield (
                    _names(spec["User_List"]),
                    _names(spec["Host_List"]),
                    _names(commands.get("runasusers", ())),
                    _names(commands.get("runasgroups", ())),
                    free,
                    command.get("command") or command.get("cmndalias"),
                    command.get("negated", False),
                )


def _names(members: Any) -> tuple[str, ...]:
    return tuple(
        "!" * member.get("negated", False)
        + str(next(value for name, value in member.items() if name != "negated")).lstrip("%+#")
        for member in members
    )


def _settings(told: dict[str, Any]) -> Iterator[str]:
    for default in told.get("Defaults", ()):
        for option in default["Options"]:
            yield from (name for name in option if name not in {"operation", "list"})
