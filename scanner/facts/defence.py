"""Facts about how a host defends itself: its kernel's settings, malware defence, patches, exposed secrets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from scanner.facts.value import Fact

if TYPE_CHECKING:
    from datetime import datetime

    from scanner.model import Citation


@dataclass(frozen=True, slots=True)
class KernelSetting:
    """One setting in force; ``name`` as below /proc/sys: an interface's name may hold dots."""

    name: str
    value: str
    at: Citation


@dataclass(frozen=True, slots=True)
class KernelSettings(Fact):
    """Settings of the running kernel that this product asks about, as far as the kernel has them.

    ``shared`` cites what shows that the host is a container: but for its network, the kernel is not its own.
    """

    settings: tuple[KernelSetting, ...]
    shared: Citation | None = None

    @property
    def own(self) -> tuple[KernelSetting, ...]:
        """Settings that are the host's own."""
        return tuple(s for s in self.settings if self.shared is None or s.name.startswith("net/"))

    def get(self, name: str) -> KernelSetting | None:
        """Return the setting called ``name``, None where the kernel has none or did not show it."""
        return next((setting for setting in self.settings if setting.name == name), None)


@dataclass(frozen=True, slots=True)
class KernelRule:
    """One assignment of a file; ``name`` may be a pattern, as below /proc/sys.

    ``value`` None: the setting of that name is left out of patterns.
    """

    name: str
    value: str | None
    at: Citation

    def sets(self, name: str) -> bool:
        """Whether it is a pattern for the setting called ``name``; a star crosses no slash."""
        parts, names = self.name.split("/"), name.split("/")
        return len(parts) == len(names) and all(map(fnmatchcase, names, parts))


@dataclass(frozen=True, slots=True)
class WrittenKernelSettings(Fact):
    """What files set at boot: ``at_boot`` by systemd, ``with_last`` where /etc/sysctl.conf is read last."""

    at_boot: tuple[KernelRule, ...]
    with_last: tuple[KernelRule, ...]


def set_at_boot(rules: tuple[KernelRule, ...], name: str) -> KernelRule | None:
    """The rule that sets ``name``: its own, else the last pattern that matches; None: no rule does."""
    own = next((rule for rule in rules if rule.name == name), None)
    if own is not None:
        return own if own.value is not None else None
    return next((rule for rule in reversed(rules) if rule.value is not None and rule.sets(name)), None)


class SecretKind(StrEnum):
    """What a file holds, as far as its place and name tell."""

    KEY = "private-key"
    CREDENTIALS = "credentials"
    PERHAPS = "perhaps-credentials"  # a settings file that may hold some


@dataclass(frozen=True, slots=True)
class ExposedSecret:
    """A file that every account of the host can read; its content was not looked at."""

    path: str
    kind: SecretKind
    at: Citation


@dataclass(frozen=True, slots=True)
class ExposedSecrets(Fact):
    """Keys and credentials that every account can read and reach, in the places that were looked into."""

    files: tuple[ExposedSecret, ...]


@dataclass(frozen=True, slots=True)
class MalwareAgent:
    """A running program that finds malware; ``product`` names whose it is."""

    product: str
    process: str
    at: Citation


@dataclass(frozen=True, slots=True)
class Signatures:
    """Newest signature data of a product: when they changed last, and how old they were when looked at."""

    product: str
    changed: datetime
    age_days: int
    at: Citation


@dataclass(frozen=True, slots=True)
class MalwareDefence(Fact):
    """Known anti-malware agents that run, and known signature data; an unknown product shows in neither."""

    agents: tuple[MalwareAgent, ...]
    signatures: tuple[Signatures, ...]


@dataclass(frozen=True, slots=True)
class PatchState(Fact):
    """When a package was installed, updated or removed last; whether an update waits for a reboot."""

    changed: datetime
    age_days: int
    at: Citation
    reboot: Citation | None
