"""syslog-ng in the small: what one statement means, and what must not pass."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.base import Unseen
from collectors.evidence import Document
from collectors.platforms.linux.rsyslog import Configuration
from collectors.platforms.linux.syslogng import read_syslogng
from scanner.facts.selector import covers_logins

MAIN = "/etc/syslog-ng/syslog-ng.conf"
HEAD = "@version: 4.2\nsource s { system(); internal(); };\n"


def document(path: str, text: str) -> Document:
    return Document(f"host/x:{path}", tuple(text.split("\n")))


def configured(text: str, **included: str) -> Configuration:
    files = {f"/etc/syslog-ng/conf.d/{name}.conf": content for name, content in included.items()}
    return read_syslogng({p: document(p, t) for p, t in ({MAIN: HEAD + text} | files).items()})


def sent(text: str) -> list[tuple[str, int, str, bool, bool, bool | None]]:
    targets = configured(text).targets
    return [(t.host, t.port, t.protocol, t.tls, t.peer_checked, covers_logins(t.selector)) for t in targets]


def destination(driver: str) -> str:
    return f"destination d {{ {driver}; }}; log {{ source(s); destination(d); }};"


@pytest.mark.parametrize(
    ("driver", "expected"),
    [
        ('network("h")', ("h", 514, "tcp", False, False)),
        ('network("h" transport(udp) port(515))', ("h", 515, "udp", False, False)),
        ('network("h" transport("tls") tls(ca_dir("/c")))', ("h", 514, "tcp", True, True)),
        (
            'network("h" transport("tls") tls(peer_verify(optional-untrusted)))',
            ("h", 514, "tcp", True, False),
        ),
        ('network("h" transport("tls") tls(peer-verify("no")))', ("h", 514, "tcp", True, False)),
        ('syslog("h")', ("h", 601, "tcp", False, False)),
        ('syslog("h" transport(tls) tls(peer-verify(yes)))', ("h", 6514, "tcp", True, True)),
        ('syslog("h" transport(udp))', ("h", 514, "udp", False, False)),
        ('tcp("h" port(1))', ("h", 1, "tcp", False, False)),
        ('tcp6("[2001:db8::1]" tls(ca-dir("/c")))', ("2001:db8::1", 514, "tcp", True, True)),
        ("udp('h' port('5'))", ("h", 5, "udp", False, False)),
    ],
)
def test_what_a_driver_says_of_the_way(driver: str, expected: tuple[object, ...]) -> None:
    (found,) = sent(destination(driver))
    assert found == (*expected, True)


@pytest.mark.parametrize(
    ("paths", "logins"),
    [
        ("log { source(s); destination(d); };", True),
        ("log { source(s); filter { facility(auth, authpriv); }; destination(d); };", True),
        ("log { source(s); filter { facility(auth); }; destination(d); };", None),
        ("log { source(s); filter { level(notice..emerg); }; destination(d); };", None),
        ("log { source(s); filter { facility(mail); }; destination(d); };", False),
        ("log { source(s); filter { not facility(auth, authpriv); }; destination(d); };", False),
        ('log { source(s); filter { program("sshd"); }; destination(d); };', None),
        ('log { source(s); filter { "${.x}" eq "1" }; destination(d); };', None),
        ("log { source(s); parser { csv-parser(columns(a)); }; destination(d); };", None),
        ('log { source(s); rewrite { set("x" value("HOST")); }; destination(d); };', True),
        ('log { source(s); rewrite { set-facility("local0"); }; destination(d); };', None),
        # What an earlier path keeps for itself never gets there; a fallback gets what no other takes.
        ("log { source(s); destination(o); flags(final); }; log { source(s); destination(d); };", False),
        (("log { source(s); filter { facility(auth, authpriv); }; destination(o); flags(final); };"
         " log { source(s); destination(d); };"), False),
        (('log { source(s); filter { program("x"); }; destination(o); flags(final); };'
         " log { source(s); destination(d); };"), None),
        ("log { source(s); destination(o); }; log { source(s); destination(d); flags(fallback); };", False),
        (("log { source(s); filter { facility(kern); }; destination(o); };"
         " log { source(s); destination(d); flags(fallback); };"), True),
        ("log { destination(d); flags(catchall); };", True),
        ("source i { internal(); }; log { source(i); destination(d); };", False),
        ('source f { file("/var/log/nginx/access.log"); }; log { source(f); destination(d); };', False),
        ('source f { file("/var/log/auth.log"); }; log { source(f); destination(d); };', None),
        ("source n { network(); }; log { source(n); log { destination(d); }; };", None),
        (("log { source(s); junction { channel { filter { facility(mail); }; }; channel { }; };"
         " destination(d); };"), True),
        ("log { source(s); if (facility(mail)) { destination(o); } else { destination(d); }; };", True),
    ],
)  # fmt: skip
def test_whether_logins_reach_a_target(paths: str, logins: bool | None) -> None:
    both = 'destination d { network("h"); };\ndestination o { file("/var/log/o"); };\n'
    (target,) = configured(both + paths).targets
    assert covers_logins(target.selector) is logins, target.selector


@pytest.mark.parametrize(
    "text",
    [
        "frobnicate { };",
        destination("to-the-stars()"),
        destination('http(url("https://h/"))'),
        destination('network("h" transport("carrier-pigeon"))'),
        destination('network("h" transport("tcp") tls(peer-verify(no)))'),
        destination('network("$HOST")'),
        destination('network("h" port(`missing`))'),
        'source s { internal(); };',
        "log { source(s); destination(d); };",
        "log { source(s); filter(f); };",
        "log { source(s); flags(sometimes); };",
        "log { source(s); rewrite(r); };",
        "filter f { not filter(f) }; log { source(s); filter(f); };",
        "filter f { sometimes() }; log { source(s); filter(f); };",
        "filter f { facility(nobody) }; log { source(s); filter(f); };",
        "log { filter { facility(auth); }; source(s); };",
        "source x { carrier-pigeon(); }; log { source(x); };",
        "log { source(s);",
        "@include \"/opt/x.conf\"",
        "@include \"conf.d/gone.conf\"",
        "@version: 2.1",
        "@frob",
        "block destination mine() { file(\"/x\"); };\n" + destination("mine()"),
    ],
)  # fmt: skip
def test_what_is_not_understood_makes_the_whole_unseen(text: str) -> None:
    with pytest.raises(Unseen):
        configured(text)


def test_constants_includes_and_unused_blocks() -> None:
    text = (
        '@define to 192.0.2.9\n@define prt 600\n@include "scl.conf"\n'
        'block destination mine(port(1)) { network("`host`" port(`port`)); };\n'
        '@include "/etc/syslog-ng/conf.d/*.conf"\n'
        'destination d { network("`to`" port(`prt`)); };\n'
    )
    found = configured(text, b="log { source(s); destination(d); };", a="# nothing `here`\n")
    assert [(t.host, t.port, t.at.line) for t in found.targets] == [("192.0.2.9", 600, 8)]


def test_start_settings_that_name_another_file_are_not_passed_over() -> None:
    files = {MAIN: document(MAIN, HEAD)}
    start = "/etc/default/syslog-ng"
    read_syslogng(files | {start: document(start, '#SYSLOGNG_OPTS="-f x"\nSYSLOGNG_OPTS="--no-caps"')})
    with pytest.raises(Unseen):
        read_syslogng(files | {start: document(start, 'SYSLOGNG_OPTS="-f /root/other.conf"')})


WORDS = (
    'log source(s) source s { } ( ) ; filter { facility(auth) } destination d { network("h"); } junction '
    'channel if else flags(final) options @include "x" not and or .. , ` `to` @define block rewrite'
).split()


@settings(max_examples=150, deadline=5000)
@given(st.lists(st.sampled_from([*WORDS, "\n", "#"])))
def test_any_mix_of_words_is_read_or_refused(words: list[str]) -> None:
    with suppress(Unseen):
        configured(" ".join(words))
