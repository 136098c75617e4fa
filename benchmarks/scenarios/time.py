"""What rules ask of clocks: sources that are written down, and how far others may use the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.scenarios.rule import Predicate, Rule, Variables, plain, seen
from scanner.facts import FactSheet, TimeSettings

_RESTRICTED = frozenset("default kod nomodify notrap nopeer noquery".split())


def _settings(holds: Callable[[TimeSettings, Variables], bool]) -> Predicate:
    def asks(sheet: FactSheet, variables: Variables) -> bool | None:
        settings = seen(sheet, TimeSettings)
        return None if settings is None else holds(settings, variables)

    return asks


def _named(daemon: str, *, least: int = 1) -> Predicate:
    """Sources are written down; where a variable names servers, they are those."""

    def holds(settings: TimeSettings, variables: Variables) -> bool:
        wanted = variables.get("var_multiple_time_servers", "").split(",")
        have = list(settings.sources(daemon))
        return len(have) >= least and (wanted == [""] or set(have) <= {w.strip() for w in wanted})

    return _settings(holds)


def _says(daemon: str, *words: str) -> Predicate:
    return _settings(lambda s, _: any(x.daemon == daemon and x.words == words for x in s.lines))


def _close(settings: TimeSettings, _: Variables) -> bool:
    """A server that is far from true time is not followed."""
    told = [x.words[1:] for x in settings.lines if x.words[0] == "rootdistancemax"]
    return bool(told) and told[-1] == ("1",)


def _restricted(settings: TimeSettings, _: Variables) -> bool:
    """Strangers of both families may ask for the time and nothing more."""
    restrictions = [line.words for line in settings.lines if line.words[0] == "restrict"]
    return all(
        any(f"-{family}" in words and set(words) >= _RESTRICTED for words in restrictions) for family in "46"
    )


_ASKED: Mapping[str, Predicate] = {
    "chronyd_specify_remote_server": _settings(lambda s, _: bool(s.sources("chrony"))),
    "chronyd_or_ntpd_specify_remote_server": _settings(
        lambda s, _: bool(s.sources("chrony") or s.sources("ntpd"))
    ),
    "chronyd_or_ntpd_specify_multiple_servers": _settings(
        lambda s, _: len(s.sources("chrony")) > 1 or len(s.sources("ntpd")) > 1
    ),
    "ntpd_specify_remote_server": _settings(lambda s, _: bool(s.sources("ntpd"))),
    "ntpd_specify_multiple_servers": _settings(lambda s, _: len(s.sources("ntpd")) > 1),
    "ntpd_configure_restrictions": _settings(_restricted),
    "chronyd_sync_clock": _says("chrony", "makestep", "1", "-1"),
    "service_timesyncd_root_distance_configured": _settings(_close),
    "service_timesyncd_configured": _named("systemd-timesyncd"),
}

_ELSEWHERE = {
    "dropin_config": "timesyncd reads no folder timesyncd.d, and nothing that stands outside of [Time]",
}
_WITHOUT_MAIN = {
    "multiple_sourcedir": "the state holds no chrony.conf: nothing names the folders of its sources",
}

RULES: Mapping[str, Rule] = plain(_ASKED) | {
    "service_timesyncd_root_distance_configured": Rule(_settings(_close), _ELSEWHERE),
    "chronyd_specify_remote_server": Rule(_ASKED["chronyd_specify_remote_server"], _WITHOUT_MAIN),
}
"""What each rule of clocks asks."""
