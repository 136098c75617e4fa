"""Until when distributions' releases get security updates, written down from what vendors say, with the day.

TencentOS, Kylin, UOS and releases of SUSE since 15.6 are not in it: no date of theirs was found that a vendor
stands for, so that nothing is said of them.

``free`` is the last day with updates for everybody (volunteers' long-term support counts); ``sold`` the last
day on which somebody sells them beyond that: whether a host's owner has such a contract no look can tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

CHECKED = date(2025, 7, 1)
_AGAIN = date(2026, 11, 22)
"""When rows were added or compared again."""

LAST_CHECKED = _AGAIN

_BELIEVED = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """One release: the ID and VERSION_ID of os-release(5), and the service pack where that ends apart."""

    system: str
    version: str
    free: date
    sold: date | None = None
    pack: str | None = None  # "LTS-SP3"; "": a release without any; None: packs do not matter
    checked: date = CHECKED

    @property
    def good_until(self) -> date:
        """After this day the row clears nobody: vendors have ended support early. What ended stays ended."""
        return self.checked + _BELIEVED


def _euler(version: str, pack: str, year: int, month: int, day: int) -> Lifetime:
    return Lifetime("openEuler", version, date(year, month, day), pack=pack, checked=_AGAIN)


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
    Lifetime("rhel", "7", date(2024, 6, 30), date(2029, 5, 31), checked=_AGAIN),
    Lifetime("rhel", "8", date(2029, 5, 31), date(2032, 5, 31)),
    Lifetime("rhel", "9", date(2032, 5, 31), date(2035, 5, 31)),
    Lifetime("rocky", "8", date(2029, 5, 31)),
    Lifetime("rocky", "9", date(2032, 5, 31)),
    Lifetime("almalinux", "8", date(2029, 3, 1)),
    Lifetime("almalinux", "9", date(2032, 5, 31)),
    Lifetime("almalinux", "10", date(2035, 5, 31)),
    Lifetime("anolis", "8", date(2031, 3, 31), checked=_AGAIN),
    Lifetime("alinux", "2", date(2024, 3, 31), date(2026, 3, 31), checked=_AGAIN),
    Lifetime("alinux", "3", date(2031, 3, 31), checked=_AGAIN),
    _euler("20.03", "LTS", 2021, 3, 31),
    _euler("20.03", "LTS-SP1", 2022, 12, 31),
    _euler("20.03", "LTS-SP2", 2022, 4, 30),
    _euler("20.03", "LTS-SP3", 2023, 12, 31),
    _euler("20.03", "LTS-SP4", 2025, 11, 30),
    _euler("22.03", "LTS", 2024, 3, 31),
    _euler("22.03", "LTS-SP1", 2024, 12, 31),
    _euler("22.03", "LTS-SP2", 2024, 3, 31),
    _euler("22.03", "LTS-SP3", 2025, 12, 31),
    _euler("22.03", "LTS-SP4", 2026, 6, 30),
    _euler("23.03", "", 2023, 9, 30),
    _euler("23.09", "", 2024, 3, 31),
    _euler("24.03", "LTS", 2026, 5, 31),
    _euler("24.03", "LTS-SP1", 2026, 12, 31),
    _euler("24.03", "LTS-SP2", 2026, 3, 31),
    _euler("24.03", "LTS-SP3", 2027, 12, 31),
    _euler("24.03", "LTS-SP4", 2027, 3, 31),
    _euler("24.09", "", 2025, 3, 31),
    _euler("25.03", "", 2025, 9, 30),
    _euler("25.09", "", 2026, 3, 31),
    _euler("26.09", "", 2027, 3, 31),
    Lifetime("sles", "11.4", date(2019, 3, 31), date(2022, 3, 31)),
    Lifetime("sles", "12.3", date(2019, 6, 30), date(2022, 6, 30)),
    Lifetime("sles", "12.4", date(2020, 6, 30), date(2023, 6, 30)),
    Lifetime("sles", "12.5", date(2024, 10, 31), date(2027, 10, 31)),
    Lifetime("sles", "15.1", date(2021, 1, 31), date(2024, 1, 31)),
    Lifetime("sles", "15.2", date(2021, 12, 31), date(2024, 12, 31)),
    Lifetime("sles", "15.3", date(2022, 12, 31), date(2025, 12, 31)),
    Lifetime("sles", "15.4", date(2023, 12, 31), date(2026, 12, 31)),
    Lifetime("sles", "15.5", date(2024, 12, 31), date(2027, 12, 31)),
    Lifetime("opensuse-leap", "15.2", date(2022, 1, 4)),
    Lifetime("opensuse-leap", "15.3", date(2022, 12, 31)),
    Lifetime("opensuse-leap", "15.4", date(2023, 12, 7)),
    Lifetime("opensuse-leap", "15.5", date(2024, 12, 31)),
    Lifetime("opensuse-leap", "15.6", date(2026, 4, 30), checked=_AGAIN),
    Lifetime("opensuse-leap", "16.0", date(2027, 10, 31), checked=_AGAIN),
    Lifetime("alpine", "3.10", date(2021, 5, 1)),
    Lifetime("alpine", "3.11", date(2021, 11, 1)),
    Lifetime("alpine", "3.12", date(2022, 5, 1)),
    Lifetime("alpine", "3.13", date(2022, 11, 1)),
    Lifetime("alpine", "3.14", date(2023, 5, 1)),
    Lifetime("alpine", "3.15", date(2023, 11, 1)),
    Lifetime("alpine", "3.16", date(2024, 5, 23)),
    Lifetime("alpine", "3.17", date(2024, 11, 22)),
    Lifetime("alpine", "3.18", date(2025, 5, 9)),
    Lifetime("alpine", "3.19", date(2025, 11, 1)),
    Lifetime("alpine", "3.20", date(2026, 4, 1)),
    Lifetime("alpine", "3.21", date(2026, 11, 1)),
    Lifetime("alpine", "3.22", date(2027, 5, 1)),
    Lifetime("alpine", "3.23", date(2027, 11, 1), checked=_AGAIN),
)


_PACK = re.compile(r"\b(LTS)(?:[- ](SP\d+))?\b")


def lifetime(system: str, version: str, name: str) -> Lifetime | None:
    """The release of a host; a version may go on behind a dot (Alpine's 3.19.1). None: not in the table.

    ``name`` is the pretty one: openEuler names its service packs nowhere else.
    """
    pack = "-".join(part for part in found.groups() if part) if (found := _PACK.search(name)) else ""
    return next(
        (
            known
            for known in LIFETIMES
            if known.system == system
            and (version == known.version or version.startswith(f"{known.version}."))
            and known.pack in {None, pack}
        ),
        None,
    )
