"""All enemies that speak SSH, or should: what each does, and the reason for which it stays unseen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.enemies import manners
from tests.enemies.forging import NUMBER, Told
from tests.enemies.lies import LIES, root_refused
from tests.enemies.world import ENEMY_SECONDS, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.enemies.lies import Lie
    from tests.enemies.servers import Manner, Raw


@dataclass(frozen=True)
class Actor:
    """An enemy. ``reasons``: why its look ended before its end; empty where it came to its end."""

    manner: Callable[[Told], Manner] | None = None
    reasons: frozenset[str] = frozenset()
    raw: Raw | None = None
    dialogue: tuple[str, ...] = ()
    banner: Callable[[], Iterator[bytes]] | None = None
    forged: str = ""  # the one step whose frames are wrong
    forged_reason: str = "unparsable"
    unseen: tuple[str, ...] = ()  # checks that a lie leaves without an answer
    total: bool = False  # nothing at all was seen of it

    @property
    def seconds(self) -> float:
        """Budget of its look."""
        return ENEMY_SECONDS if "timed-out" in self.reasons else PATIENCE


def _forger(forge: Callable[[Told, bytes, int], bytes], step: str, reason: str = "unparsable") -> Actor:
    number = NUMBER[step]
    manner = partial(manners.forging_frames, forge=forge, number=number)
    return Actor(manner, forged=step, forged_reason=reason)


def _raw(behave: Raw, *reasons: str) -> Actor:
    return Actor(raw=behave, reasons=frozenset(reasons), total=True)


def _always(manner: Manner, *reasons: str, total: bool = False) -> Actor:
    return Actor(lambda _: manner, frozenset(reasons), total=total)


def _lying(lie: Lie, told: Told) -> Manner:
    return manners.lying(lie(told))


SSHD = ("sshd.root-login-refused", "sshd.auth-attempts-limited")
ACCOUNTS = ("accounts.identifiers-unique", "accounts.root-only-superuser")
UNSEEN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("acts", "gbk", "utf16", "invalid", "nul", "long-line"), (*SSHD, *ACCOUNTS)),
    "accounts-without-end": ACCOUNTS,
    "includes-in-a-circle": SSHD,
    "includes-that-multiply": SSHD,
    "nested": ("session.idle-timeout",),
}
"""Checks that a lie leaves without an answer."""

ACTORS: Mapping[str, Actor] = {
    # frames
    "guesses-the-marker": Actor(manners.guessing, frozenset({"command-failed"}), total=True),
    "before-the-greeting": Actor(manners.before_the_greeting, frozenset({"command-failed", "unparsable"})),
    "ends-twice": _forger(manners.ended_twice, "sshd-effective"),
    "counts-wrong": _forger(manners.miscounted, "passwd"),
    "answers-for-another": _forger(manners.of_another_step, "audit-rules"),
    "says-less-than-announced": _forger(manners.shorter_than_said, "processes"),
    "says-more-than-asked": _forger(manners.longer_than_asked, "processes", "truncated"),
    "echoes": _always(manners.echoing, "command-failed", total=True),
    # streams
    "floods-before": _always(manners.flooding(greet=False), "truncated", total=True),
    "floods-in-a-frame": _always(manners.flooding(greet=True), "truncated", total=False),
    "floods-errors": _always(manners.flooding_errors, "truncated", total=False),
    "drips": Actor(manners.dripping, frozenset({"timed-out"})),
    "stops-after-greeting": _always(manners.greeting_only, "timed-out"),
    "never-speaks": _always(manners.silent, "timed-out", total=True),
    "never-answers-exec": Actor(None, frozenset({"timed-out", "permission"}), total=True),
    "closes-channel": Actor(partial(manners.closing_midway, rudely=False), frozenset({"truncated"})),
    "cuts-connection": Actor(partial(manners.closing_midway, rudely=True), frozenset({"truncated"})),
    # logins
    "asks-for-ever": Actor(None, frozenset({"authentication"}), dialogue=("",), total=True),
    "asks-again": Actor(
        None, frozenset({"authentication"}), dialogue=("Password:", "\x1b[2JToken:"), total=True
    ),
    "ten-megabytes-of-banner": Actor(manners.lying, frozenset(), banner=manners.ten_megabytes),
    "banners-for-ever": Actor(
        manners.lying,
        frozenset({"timed-out", "unreachable", "authentication"}),
        banner=manners.banners_for_ever,
        total=True,
    ),
    # no SSH
    "no-word": _raw(manners.no_word, "timed-out"),
    "lines-for-ever": _raw(manners.endless_lines, "unreachable", "timed-out"),
    "a-dripped-line": _raw(manners.dripped_line, "timed-out"),
    "a-line-for-ever": _raw(manners.endless_line, "unreachable", "timed-out"),
    "garbage": _raw(manners.garbage_after_version, "unreachable", "timed-out"),
    "a-huge-packet": _raw(manners.huge_packet, "unreachable", "timed-out"),
    "hangs-up": _raw(manners.hanging_up, "unreachable", "timed-out"),
    "a-version-that-acts": _raw(manners.hostile_version, "unreachable", "timed-out"),
    # lies
    "tells-the-truth": Actor(manners.lying),
    "lies-about-root": Actor(lambda told: manners.lying(root_refused(told))),
    **{
        f"lies-{name}": Actor(partial(_lying, lie), unseen=UNSEEN.get(name, ())) for name, lie in LIES.items()
    },
}
