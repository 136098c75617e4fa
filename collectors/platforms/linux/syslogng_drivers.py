"""Drivers of syslog-ng: what takes the host's own records, what listens, what sends where and how."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.platforms.linux.syslogng_filter import ALL, NOTHING, SOME, Records
from scanner.facts import FollowedFile, LogTarget, Origin, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.platforms.linux.syslogng_text import Call

LISTENING: Mapping[str, str] = {
    "network": "tcp",
    "syslog": "tcp",
    "tcp": "tcp",
    "tcp6": "tcp",
    "udp": "udp",
    "udp6": "udp",
    "default-network-drivers": "",
}
"""Sources that take records of other hosts, and their protocol where none is named."""

SENDING: Mapping[str, str] = {name: way for name, way in LISTENING.items() if way}
"""Destinations on other hosts."""

LOCAL_OUTPUTS = frozenset("file pipe pseudofile unix-stream unix-dgram usertty getvirtconsole".split())

_SYSTEM = frozenset("system systemd-journal systemd-syslog".split())
_SOCKETS = frozenset("unix-stream unix-dgram".split())
_LOGIN_SOCKETS = frozenset({"/dev/log", "/run/systemd/journal/syslog"})
_QUIET = frozenset("internal kmsg pseudofile pacct sun-streams nodejs".split())
_FROM_FILES = frozenset("file wildcard-file pipe program linux-audit".split())
_NO_LOGINS = re.compile(r"/proc/kmsg|/dev/kmsg|/var/log/(?:nginx|httpd|apache2|mysql|postgresql|tomcat)/.*")

_TRUSTED = frozenset({"required-trusted", "optional-trusted", "yes"})
"""Ways to verify by which a collector's certificate has to be signed by a known authority, for this name."""

_STREAMS = frozenset({"tcp", "tls", "udp"})


def require_source(call: Call) -> None:
    """Raise ``Unseen`` where a source is not understood."""
    if call.name not in {*LISTENING, *_SYSTEM, *_SOCKETS, *_QUIET, *_FROM_FILES}:
        raise call.token.strange("a source that is not understood")


def own_records(calls: tuple[Call, ...]) -> Records:
    """What a source takes of the host's own records, logins among them."""
    for call in calls:
        if call.name in _SYSTEM or (call.name in _SOCKETS and call.word in _LOGIN_SOCKETS):
            return ALL
    if any(call.name in _FROM_FILES and not _NO_LOGINS.fullmatch(call.word) for call in calls):
        return SOME
    return NOTHING


def followed(call: Call) -> FollowedFile | None:
    """The files that a source reads; where their lines go is not followed, so no rule set is named."""
    if call.name == "file":
        return FollowedFile(call.word, "", "", "", call.token.at)
    if call.name == "wildcard-file":
        folder, name = call.option("base-dir"), call.option("filename-pattern")
        pattern = f"{folder.word.rstrip('/') if folder else ''}/{name.word if name else '*'}"
        return FollowedFile(pattern, "", "", "", call.token.at)
    return None


def inputs(call: Call) -> tuple[tuple[str, int], ...]:
    """Protocols and ports on which a source listens; a port that is not said plainly is 0."""
    if call.name == "default-network-drivers":
        return (("udp", 514), ("tcp", 514), ("tcp", 601), ("tcp", 6514))
    if call.name not in LISTENING:
        return ()
    protocol, _ = _way(call)
    return ((protocol, _port(call)),)


def targets(call: Call) -> tuple[LogTarget, ...]:
    """The target that a destination sends to; failover servers are told beside it."""
    if call.name not in SENDING:
        return ()
    protocol, tls = _way(call)
    options = call.option("tls")
    verify = options.said("peer-verify", "required-trusted").replace("_", "-") if options else ""
    host, port = call.word.strip("[]"), _port(call)
    if not host or not port or "$" in host:
        raise call.token.strange("a target that is not understood")
    told = {"transport": call.said("transport", SENDING[call.name])}
    if options is not None:
        told["peer-verify"] = verify
    buffer = call.option("disk-buffer")
    if buffer is not None:
        told["disk-buffer"] = "reliable" if buffer.said("reliable", "no") == "yes" else "normal"
    failover = call.option("failover", "failover-servers")
    if failover is not None:
        servers = failover.option("servers") or failover
        told["failover"] = " ".join(servers.words)
    return (LogTarget(host, port, protocol, tls, tls and verify in _TRUSTED, "", call.token.at, told),)


def _way(call: Call) -> tuple[str, bool]:
    """Protocol and whether it is inside TLS."""
    named = call.said("transport", SENDING[call.name])
    if named not in _STREAMS:
        raise call.token.strange("a transport that is not understood")
    options = call.option("tls") is not None
    if call.name in {"tcp", "tcp6"}:
        return "tcp", options
    if options and named != "tls":
        raise call.token.strange("syslog-ng does not start with tls() on another transport")
    return ("udp" if named == "udp" else "tcp"), named == "tls"


def _port(call: Call) -> int:
    given = call.option("port", "destport", "localport") if call.name in SENDING else None
    if given is not None:
        return int(given.word) if re.fullmatch(r"\d{1,5}", given.word) else 0
    if call.name != "syslog":
        return 514
    return {"udp": 514, "tcp": 601, "tls": 6514}[call.said("transport", "tcp")]


_MACRO = re.compile(r"\$(?:\{([A-Za-z0-9_.]+)(?::[^}]*)?\}|([A-Za-z0-9_]+)|\()")


def file_of(call: Call, options: Mapping[str, Value[str]]) -> str:
    """The file that a driver writes, macros as ``%name%``; "" where it writes none that stays."""
    if call.name != "file":
        return ""
    kept = options.get("keep-hostname")
    by_host = "HOSTNAME" if kept is not None and kept.value.lower() == "yes" else "SENDER"

    def name(match: re.Match[str]) -> str:
        macro = match[1] or match[2] or "FUNCTION"
        if macro in {"HOST", "FULLHOST"}:
            return f"%{by_host}%"
        return "%SENDER%" if macro in {"HOST_FROM", "FULLHOST_FROM", "SOURCEIP", "SOURCE"} else f"%{macro}%"

    return _MACRO.sub(name, call.word)


def mode_of(call: Call, options: Mapping[str, Value[str]]) -> Value[int]:
    """The mode that a file gets when it is made; 0600 is syslog-ng's own.

    Raises:
        Unseen: it is no mode.
    """
    given = call.option("perm")
    value = Value(given.word, Origin.EXPLICIT, given.token.at) if given is not None else options.get("perm")
    if value is None:
        return Value(0o600, Origin.DEFAULT, call.token.at)
    if not re.fullmatch(r"0?[0-7]{3,4}", value.value):
        raise call.token.strange("a mode that is not understood")
    return Value(int(value.value, 8), value.origin, value.at)
