"""syslog-ng's configuration: which records reach which target and file, through its log paths.

The records of the host itself are followed as sets of facility and severity: what a filter asks beyond that
leaves open whether a record passes. A driver that is not understood makes the whole unseen, for it could
take records, change them or send them anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors.platforms.linux import syslogng_drivers as drivers
from collectors.platforms.linux.rsyslog import Configuration
from collectors.platforms.linux.syslogng_filter import ALL, NOTHING, SOME, Records, selector
from collectors.platforms.linux.syslogng_paths import Grammar, Item, Objects, Path, filter_of
from collectors.platforms.linux.syslogng_text import Call, Words, read_tokens
from scanner.facts import LogInput, LogOutput, LogTarget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collectors.evidence import Document

_HARMLESS_REWRITES = frozenset(
    "set subst set-tag clear-tag unset groupset groupunset credit-card-mask credit-card-hash rename "
    "fix-time-zone guess-time-zone set-time-zone".split()
)
"""Rewrites that leave facility and severity as they are."""


def read_syslogng(files: Mapping[str, Document]) -> Configuration:
    """Read the configuration from its main file on.

    Raises:
        Unseen: something that is not understood, or an included file that was not collected.
    """
    objects = Grammar(Words(read_tokens(files))).read()
    return Routing(objects).configuration()


# --- what goes where -------------------------------------------------------------------------------

_PLAIN = frozenset({"source", "filter", "destination", "rewrite"})


@dataclass(frozen=True, slots=True)
class _Feed:
    """Where records come from: a source, and whether they are the host's own."""

    source: str
    own: bool


@dataclass(slots=True)
class Reached:
    """What reaches one driver: the host's own records by source, and sources of others' records."""

    call: Call
    own: dict[str, Records] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)


class Routing:
    """Records sent along all log paths, for each source by itself, as syslog-ng does."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.reached: dict[int, Reached] = {}
        self._feeds = self._sources()
        for name, calls in self._feeds.items():
            self._follow(drivers.own_records(calls), _Feed(name, own=True))
            remote = any(call.name in drivers.LISTENING for call in calls)
            self._follow(ALL if remote else NOTHING, _Feed(name, own=False))

    def configuration(self) -> Configuration:
        """Tell what was reached."""
        inputs = tuple(
            LogInput(protocol, port, f"source:{name}", call.token.at)
            for name, calls in self._feeds.items()
            for call in calls
            for protocol, port in drivers.inputs(call)
        )
        everything = [call for calls in self._feeds.values() for call in calls]
        return Configuration(
            targets=tuple(t for r in self.reached.values() for t in self._targets(r)),
            written=tuple(o for r in self.reached.values() for o in self._outputs(r)),
            inputs=inputs,
            settings={name.replace("-", "_"): value for name, value in self._objects.options.items()},
            takes_local=any(drivers.own_records((call,)).sure for call in everything),
            takes_journal=any(call.name in {"system", "systemd-journal"} for call in everything),
            followed=tuple(found for call in everything if (found := drivers.followed(call)) is not None),
        )

    def _sources(self) -> dict[str, tuple[Call, ...]]:
        """Sources that a log path takes from (no other is opened), also those that stand in one itself."""
        found, paths = dict(self._objects.sources), self._objects.paths
        for path in paths:
            for item in path.items:
                if item.kind == "source" and not item.name:
                    found[_inline(item)] = item.drivers
        for calls in found.values():
            for call in calls:
                drivers.require_source(call)
        return {name: calls for name, calls in found.items() if any(self._fed(p, name) for p in paths)}

    def _require_known(self, call: Call) -> None:
        if call.name not in drivers.LOCAL_OUTPUTS and call.name not in drivers.SENDING:
            raise call.token.strange("a destination that is not understood")

    # --- one source along all paths ----------------------------------------------------------------

    def _follow(self, records: Records, feed: _Feed) -> None:
        if feed.own or records.may:
            paths = [path for path in self._objects.paths if self._fed(path, feed.source)]
            self._branches(paths, records, feed)

    def _fed(self, path: Path, source: str) -> bool:
        """Whether a path takes from a source; sources have to stand before anything else."""
        kinds = [item.kind for item in path.items]
        own = [item for item in path.items if item.kind == "source"]
        if "source" in kinds[len(own) :]:
            raise path.token.strange("a source behind other statements is not followed")
        return "catchall" in path.flags or any((i.name or _inline(i)) == source for i in own)

    def _branches(
        self, paths: Sequence[Path], records: Records, feed: _Feed, *, joined: bool = False
    ) -> tuple[Records, Records]:
        """What comes out of all branches, and what fits one of them.

        ``final`` keeps what fits a branch from those after it; ``fallback`` takes what fits no other. Where
        branches are ``joined`` again, what stands behind them also decides whether something fits.
        """
        out = fits = NOTHING
        for late in (False, True):
            left = records - fits if late else records
            for path in paths:
                if ("fallback" in path.flags) is not late:
                    continue
                passed, matched = self._along(path, left, feed, joined=joined)
                matched = matched.unsure if joined else matched
                out |= passed
                fits |= matched
                if "final" in path.flags:
                    left -= matched
        return out, fits

    def _along(self, path: Path, records: Records, feed: _Feed, *, joined: bool) -> tuple[Records, Records]:
        """What comes out at the end of a path, and what fits it.

        Behind a destination or a junction a filter keeps records out, and yet they may count as fitting; of a
        path with branches, or without a destination, it is left open what counts.
        """
        entered, fits, settled = records, records, False
        for item in path.items:
            match item.kind:
                case "filter":
                    passing = self._passing(item)
                    records &= passing
                    fits = Records(fits.sure & passing.sure, fits.may if settled else fits.may & passing.may)
                case "destination":
                    self._reach(item, records, feed)
                case "parser":
                    records, fits = _open(records), fits.unsure
                case "rewrite":
                    records = self._rewritten(item, records)
                case "junction":
                    records = self._joined(item, records, feed)
                case "choice":
                    records = self._chosen(item, records, feed)
            settled = settled or item.kind in {"destination", "junction", "choice"}
        forks = [item.branches[0] for item in path.items if item.kind == "fork"]
        if forks:
            self._branches(forks, records, feed, joined=joined)
            records = records.unsure
        kinds = {item.kind for item in path.items}
        if "drop-unmatched" in path.flags:  # what does not fit counts as if it did
            return records, entered.unsure
        return records, fits if "destination" in kinds and kinds <= _PLAIN else fits.unsure

    def _joined(self, item: Item, records: Records, feed: _Feed) -> Records:
        """What comes out of a junction: what follows it may still make a channel count as not fitting."""
        plain = all(not channel.flags & {"final", "fallback"} for channel in item.branches)
        start = records if plain else records.unsure
        out, _ = self._branches(item.branches, start, feed, joined=True)
        return out

    def _passing(self, item: Item) -> Records:
        filters = self._objects.filters
        if not item.name:
            return filter_of(item.body, filters)
        if item.name not in filters:
            raise item.token.strange("a filter that is not there")
        return filter_of(filters[item.name], filters)

    def _chosen(self, item: Item, records: Records, feed: _Feed) -> Records:
        """Of a choice: what a branch, or what follows, drops may take the other branch as well."""
        first, rest = item.branches[0], item.branches[1:]
        chosen, left = records & item.passing, records - item.passing
        left = Records(left.sure, left.may | chosen.may)
        out, _ = self._along(first, chosen, feed, joined=True)
        return out | (self._along(rest[0], left, feed, joined=True)[0] if rest else left)

    def _rewritten(self, item: Item, records: Records) -> Records:
        calls = item.drivers if not item.name else self._objects.rewrites.get(item.name)
        if calls is None:
            raise item.token.strange("a rewrite that is not there")
        return records if all(call.name in _HARMLESS_REWRITES for call in calls) else _open(records)

    def _reach(self, item: Item, records: Records, feed: _Feed) -> None:
        calls = item.drivers if not item.name else self._objects.destinations.get(item.name)
        if calls is None:
            raise item.token.strange("a destination that is not there")
        for call in calls:
            self._require_known(call)
            reached = self.reached.setdefault(id(call), Reached(call))
            if feed.own:
                reached.own[feed.source] = reached.own.get(feed.source, NOTHING) | records
            elif records.may:
                reached.others.add(feed.source)

    # --- what was reached --------------------------------------------------------------------------

    def own(self, reached: Reached) -> Records:
        """What surely comes has to come from each source of logins: they may share it between them."""
        starts = {name: drivers.own_records(calls) for name, calls in self._feeds.items()}
        whole = [name for name, start in starts.items() if start.sure]
        found = ALL if whole else NOTHING
        for name in whole:
            found &= reached.own.get(name, NOTHING)
        for records in reached.own.values():
            found = Records(found.sure, found.may | records.may)
        return found

    def _selectors(self, reached: Reached) -> tuple[str, ...]:
        own = self.own(reached)
        said = (selector(own),) if own.may else ()
        return (*said, *(f"rule set source:{name}" for name in sorted(reached.others)))

    def _targets(self, reached: Reached) -> tuple[LogTarget, ...]:
        return tuple(
            replace(target, selector=said)
            for target in drivers.targets(reached.call)
            for said in self._selectors(reached) or ("*.none",)
        )

    def _outputs(self, reached: Reached) -> tuple[LogOutput, ...]:
        path = drivers.file_of(reached.call, self._objects.options)
        if not path:
            return ()
        mode = drivers.mode_of(reached.call, self._objects.options)
        return tuple(LogOutput(said, path, mode, reached.call.token.at) for said in self._selectors(reached))


def _inline(item: Item) -> str:
    return f"line-{item.token.line}-of-{item.token.document.ref.rpartition('/')[2]}"


def _open(records: Records) -> Records:
    """Records of which no more is known than that there may be some."""
    return SOME if records.may else NOTHING
