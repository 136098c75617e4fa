"""What is assessed: systems with a grade, zones, and assessment objects (测评对象)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner.model.catalogue import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Grade:
    """Grade SxAy: business information security (S) and service security (A), 1 to 4 each.

    All 16 pairs are valid (GB/T 22240-2020). Level 5 has no published requirements.
    """

    s: int
    a: int

    @property
    def level(self) -> int:
        """The system's level is the higher of both."""
        return max(self.s, self.a)

    def level_of(self, mark: str) -> int:
        """Level from which items marked S, A or G are taken."""
        return {"S": self.s, "A": self.a, "G": self.level}[mark]

    @classmethod
    def parse(cls, text: str) -> Grade:
        """Read ``S3A2``.

        Raises:
            ValueError: no grade.
        """
        match = re.fullmatch(r"S([1-4])A([1-4])", text)
        if match is None:
            raise ValueError(
                "must be a grade SxAy, x and y from 1 to 4 (level 5 has no published requirements)"
            )
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """Render as ``S3A2``."""
        return f"S{self.s}A{self.a}"


@dataclass(frozen=True, slots=True)
class System:
    """A graded system (定级对象)."""

    name: str
    title: str
    grade: Grade
    absent: Mapping[str, str] = field(default_factory=dict)
    """Kinds of objects that the system declares not to have, each with the reason."""
    uses: tuple[Scope, ...] = ()
    """Extensions that apply to the system beside the general requirements."""
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    """Items declared not to apply since the threat they counter does not exist, each with the reason."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A network zone and its networks in CIDR notation. Industrial zones get no active probe unasked.

    ``external``: others' network; ``important``: to be isolated; ``management``: where all is managed from.
    """

    name: str
    networks: tuple[str, ...]
    industrial: bool = False
    external: bool = False
    important: bool = False
    management: bool = False


@dataclass(frozen=True, slots=True)
class AssessmentObject:
    """One assessment object. An asset in several roles is a parent with one child object a role."""

    id: str
    kind: str  # a key of control_profiles/object-kinds.yaml
    platform: str  # "" for a child: it is judged on its parent's evidence
    zone: str
    address: str
    systems: tuple[str, ...]
    parent: str = ""
    sampled: bool = False
    """Whether it belongs to the official sample (抽样); where no object of a system does, all of them do."""
