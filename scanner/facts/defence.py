"""Facts about how a host defends itself: its kernel's settings, malware defence, patches, exposed secrets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
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
    """Settings of the running kernel that this product asks about, as far as the kernel has them."""

    settings: tuple[KernelSetting, ...]

    def get(self, name: str) -> KernelSetting | None:
        """Return the setting called ``name``, None where the kernel has none or did not show it."""
        return next((setting for setting in self.settings if setting.name == name), None)


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
