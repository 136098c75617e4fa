"""What rules ask of log daemons: what is written and sent, how that is protected, what is taken in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from benchmarks.scenarios.rule import Predicate, Rule, Variables, plain, seen, written
from scanner.facts import FactSheet, JournalSettings, LogOutput, LogRouting, LogTarget
from scanner.model import Gap, GapReason

_NAMED = frozenset({"x509/name"})
_DRIVERS = frozenset({"gtls", "ossl"})

# --- rsyslog ---------------------------------------------------------------------------------------


def _routing(holds: Callable[[LogRouting, Variables], bool]) -> Predicate:
    """Asks what the files say; without the main file nothing is set up."""

    def asks(sheet: FactSheet, variables: Variables) -> bool | None:
        routing = sheet.get(LogRouting)
        if isinstance(routing, Gap):
            return False if routing.reason is GapReason.NOT_COLLECTED and routing.subject else None
        return holds(routing, variables)

    return asks


def _told(target: LogTarget, *names: str) -> str:
    """A parameter of an action by any of its spellings, in lower case."""
    return next((target.told[n].lower() for n in names if target.told.get(n)), "")


def _driver(target: LogTarget) -> str:
    return _told(target, "streamdriver", "streamdriver.name")


def _mode(target: LogTarget) -> str:
    return _told(target, "streamdrivermode", "streamdriver.mode")


def _auth(target: LogTarget) -> str:
    return _told(target, "streamdriverauthmode", "streamdriver.authmode")


def _peers(target: LogTarget) -> str:
    names = ("streamdriverpermittedpeers", "streamdriver.permittedpeers", "streamdriver.permittedpeer")
    return _told(target, *names, "streamdriverpermittedpeer")


def _global(name: str, *good: str) -> Callable[[LogRouting], bool]:
    return lambda routing: name in routing.settings and routing.settings[name].value.lower() in good


def _somewhere(name: str, of: Callable[[LogTarget], str], *good: str) -> Predicate:
    """The setting holds for the whole daemon, or for every action that sends."""

    def holds(routing: LogRouting, _: Variables) -> bool:
        given = [value for target in routing.targets if (value := of(target))]
        return all(v in good for v in given) and (bool(given) or _global(name, *good)(routing))

    return _routing(holds)


def _every_target(holds: Callable[[LogTarget, Variables], bool], *, some: bool) -> Predicate:
    """All targets over a stream are as asked; ``some``: and there is one."""

    def asks(routing: LogRouting, variables: Variables) -> bool:
        own = [t for t in routing.targets if t.told]
        return all(holds(t, variables) for t in own) and (bool(own) or not some)

    return _routing(asks)


def _named_peer(target: LogTarget, variables: Variables) -> bool:
    host = variables.get("rsyslog_remote_loghost_address", "")
    return _auth(target) in _NAMED and (not host or _peers(target) in {host.lower(), f"*.{host.lower()}"})


def _encrypted(target: LogTarget, _: Variables) -> bool:
    return target.tls and _mode(target) == "1"


def _tls(target: LogTarget, _: Variables) -> bool:
    purpose = _told(target, "streamdriver.checkextendedkeypurpose")
    return target.tls and _driver(target) in _DRIVERS and _auth(target) in _NAMED and purpose == "on"


def _passes(selector: str, facility: str) -> bool:
    """Whether every record of a facility is written under a selector of the old kind."""
    through = False
    for part in selector.replace(" ", "").lower().split(";"):
        names, dot, priority = part.rpartition(".")
        if dot and set(names.split(",")) & {"*", facility}:
            through = priority in {"*", "debug"} or (through and priority != "none")
    return through


def _into(output: LogOutput, *names: str) -> bool:
    return re.fullmatch(rf"\\?/var\\?/log\\?/({'|'.join(names)})/?", output.path) is not None


def _cron(routing: LogRouting, _: Variables) -> bool:
    return any(
        _passes(o.selector, "cron") and _into(o, "cron", r"cron\.log", "messages") for o in routing.outputs
    )


def _logins(routing: LogRouting, _: Variables) -> bool:
    """What daemons say of logins is written somewhere under /var/log."""
    kept = [o for o in routing.outputs if o.path.startswith("/var/log/")]
    return all(
        any(_passes(o.selector, facility) for o in kept) for facility in ("auth", "authpriv", "daemon")
    )


def _create_mode(routing: LogRouting, _: Variables) -> bool:
    mode = routing.settings.get("filecreatemode")
    return (
        mode is not None
        and re.fullmatch(r"0?[0-7]{3}", mode.value) is not None
        and not (int(mode.value, 8) & ~0o640)
    )


_AUTHORITY = "defaultnetstreamdrivercafile"

_RSYSLOG: Mapping[str, Predicate] = {
    "rsyslog_cron_logging": _routing(_cron),
    "rsyslog_remote_access_monitoring": _routing(_logins),
    "rsyslog_encrypt_offload_actionsendstreamdriverauthmode": _somewhere(
        "actionsendstreamdriverauthmode", _auth, "x509/name"
    ),
    "rsyslog_encrypt_offload_actionsendstreamdrivermode": _somewhere(
        "actionsendstreamdrivermode", _mode, "1"
    ),
    "rsyslog_encrypt_offload_defaultnetstreamdriver": _routing(
        lambda r, _: _global("defaultnetstreamdriver", *_DRIVERS)(r)
    ),
    "rsyslog_filecreatemode": _routing(_create_mode),
    "rsyslog_nolisten": _routing(lambda r, _: not r.inputs),
    "rsyslog_omfwd_authmode": _every_target(_named_peer, some=False),
    "rsyslog_omfwd_streamdriver": _every_target(lambda t, _: _driver(t) in _DRIVERS, some=False),
    "rsyslog_omfwd_tls": _every_target(_encrypted, some=False),
    "rsyslog_remote_loghost": _routing(lambda r, _: any(t.off_host for t in r.targets)),
    "rsyslog_remote_tls": _every_target(_tls, some=True),
    "rsyslog_remote_tls_cacert": _routing(lambda r, _: _AUTHORITY in r.settings),
}

# --- journald --------------------------------------------------------------------------------------


def _journal(name: str, *good: str) -> Predicate:
    def asks(sheet: FactSheet, _: Variables) -> bool | None:
        journal = seen(sheet, JournalSettings)
        if journal is None:
            return None
        value = journal.settings.get(name)
        return value is not None and written(value) and value.value.lower() in good

    return asks


_YES, _NO = ("yes", "true", "1", "on", "y", "t"), ("no", "false", "0", "off", "n", "f")

_JOURNALD: Mapping[str, Predicate] = {
    "journald_compress": _journal("Compress", *_YES),
    "journald_forward_to_syslog": _journal("ForwardToSyslog", *_YES),
    "journald_disable_forward_to_syslog": _journal("ForwardToSyslog", *_NO),
    "journald_storage": _journal("Storage", "persistent"),
}

_INVALID = {
    "multiple_vals": "systemd passes over values that it does not know; the last drop-in says persistent"
}
_SAME_TWICE = {"filecreatemode_duplicate": "both lines say 0640, and so it is"}
_BACKSLASH = {
    f"remote_method_set_{where}": "rsyslogd knows no action that begins with a backslash: nothing is written"
    for where in ("rsyslog_d", "rsyslog_conf")
}

RULES: Mapping[str, Rule] = plain({**_RSYSLOG, **_JOURNALD}) | {
    "journald_storage": Rule(_JOURNALD["journald_storage"], _INVALID),
    "rsyslog_filecreatemode": Rule(_RSYSLOG["rsyslog_filecreatemode"], _SAME_TWICE),
    "rsyslog_remote_access_monitoring": Rule(_RSYSLOG["rsyslog_remote_access_monitoring"], _BACKSLASH),
}
"""What each rule of logging asks."""
