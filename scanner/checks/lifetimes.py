"""Until when distributions' releases get security updates, written down on ``CHECKED`` from what vendors say.

``free`` is the last day with updates for everybody (volunteers' long-term support counts); ``sold`` the last
day on which somebody sells them beyond that: whether a host's owner has such a contract no look can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

CHECKED = date(2025, 7, 1)

GOOD_UNTIL = CHECKED + timedelta(days=730)
"""After this day the table clears nobody: vendors have ended support early before. What ended stays ended."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """One release: the ID and VERSION_ID of os-release(5)."""

    system: str
    version: str
    free: date
    sold: date | None = None


LIFETIMES: tuple[Lifetime, ...] = (
    Lifetime("debian", "7", date(2018, 5, 31), date(2020, 6, 30)),
    Lifetime("debian", "8", date(2020, 6, 30), date(2025, 6, 30)),
    Lifetime("debian", "9", date(2022, 6, 30), date(2027, 6, 30)),
    Lifetime("debian", "10", date(2024, 6, 30), date(2029, 6, 30)),
    Lifetime("debian", "11", date(2026, 8, 31), date(2031, 6, 30)),
    Lifetime("debian", "12", date(2028, 6, 30), date(2033, 6, 30)),
    Lifetime("debian", "13", date(2030, 6, 30), date(2035, 6, 30)),
    Lifetime("ubuntu", "12.04", date(2017, 4, 28), date(2019, 4, 30)),
    Lifetime("ubuntu", "14.04", date(2019, 4, 30), date(2029, 4, 30)),
    Lifetime("ubuntu", "16.04", date(2021, 4, 30), date(2031, 4, 30)),
    Lifetime("ubuntu", "18.04", date(2023, 5, 31), date(2033, 4, 30)),
    Lifetime("ubuntu", "20.04", date(2025, 5, 31), date(2035, 4, 30)),
    Lifetime("ubuntu", "22.04", date(2027, 4, 30), date(2037, 4, 30)),
    Lifetime("ubuntu", "24.04", date(2029, 4, 25), date(2039, 4, 30)),
    Lifetime("centos", "7", date(2024, 6, 30), date(2029, 6, 30)),
    Lifetime("centos", "8", date(2024, 5, 31), date(2029, 6, 30)),  # Stream says 8 too
    Lifetime("fedora", "38", date(2024, 5, 21)),
    Lifetime("fedora", "39", date(2024, 11, 26)),
    Lifetime("fedora", "40", date(2025, 5, 13)),
    Lifetime("alpine", "3.15", date(2023, 11, 1)),
    Lifetime("alpine", "3.16", date(2024, 5, 23)),
    Lifetime("alpine", "3.17", date(2024, 11, 22)),
    Lifetime("alpine", "3.18", date(2025, 5, 9)),
    Lifetime("alpine", "3.19", date(2025, 11, 1)),
    Lifetime("alpine", "3.20", date(2026, 4, 1)),
    Lifetime("alpine", "3.21", date(2026, 11, 1)),
    Lifetime("alpine", "3.22", date(2027, 5, 1)),
)


def lifetime(system: str, version: str) -> Lifetime | None:
    """The release of a host; a version may go on behind a dot (Alpine's 3.19.1). None: not in the table."""
    return next(
        (
            known
            for known in LIFETIMES
            if known.system == system
            and (version == known.version or version.startswith(f"{known.version}."))
        ),
        None,
    )
