"""Items (测评单元) of the catalogue and the profile of a level."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from scanner.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

Level = int
"""1 to 4. Level 5 has no published requirements."""


class Method(StrEnum):
    """How a step is answered officially: 访谈, 核查, 测试."""

    INTERVIEW = "interview"
    EXAMINE = "examine"
    TEST = "test"


class Scope(StrEnum):
    """Which part of the standard an item is of: the general requirements or one of the extensions."""

    GENERAL = "general"  # 安全通用要求
    CLOUD = "cloud"  # 云计算安全扩展要求
    MOBILE = "mobile"  # 移动互联安全扩展要求
    IOT = "iot"  # 物联网安全扩展要求
    ICS = "ics"  # 工业控制系统安全扩展要求


class Sight(StrEnum):
    """What a read-only look can do for a step: answer it, find a no or evidence, or nothing."""

    YES = "yes"
    PART = "part"
    NO = "no"


class Settles(StrEnum):
    """What a check may decide of a step: both answers, or only the no (it can condemn, never acquit)."""

    BOTH = "both"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Binding:
    """A check that answers a step."""

    check: str
    settles: Settles


@dataclass(frozen=True, slots=True)
class ItemStep:
    """One step (测评实施) of an item, in our own words; yes = met."""

    n: int
    text: Text
    method: Method
    bindings: tuple[Binding, ...] = ()
    sight: Sight = Sight.NO
    awaits: str = ""
    """Capability that this product does not have yet and that will answer the step; "" where none will."""
    evidence_only: Text | None = None
    """Why a look can gather evidence for the step and yet no check will ever answer it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One 测评单元: what is looked at, on which kinds of objects, and how its steps decide."""

    id: str
    level: Level
    clause: str
    klass: str  # PES, CNS, ABS, CES, SMC, ... of GB/T 28448-2019
    class_zh: str
    control_point: Text
    mark: str  # S, A or G
    summary: Text
    kinds: tuple[str, ...]
    themes: tuple[str, ...]
    steps: tuple[ItemStep, ...]
    decision: str  # "all", "any" or an expression of step numbers with and/or
    partial: bool
    optional: bool
    side: str  # technical or management
    weight: str  # general, important, key: OURS, no official weights were found
    high_risk: tuple[str, ...] = ()
    scope: Scope = Scope.GENERAL
    changed_from: str = ""
    """The item one level below that this one took the place of; "" where the requirement is new."""
    overlay: str = ""
    """Name of the overlay that added the item; "" for one of the standard. No official score counts it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of assessment object."""

    id: str
    text: Text
    family: str  # technical, design, data, physical, document, person
    whole_asset: bool
    """Whether an object of this kind is the machine itself in a role (a firewall, a log collector), so that
    what its operating system shows is true of it. A database or an application on a host is not: the
    accounts of the host say nothing about those of the database."""


@dataclass(frozen=True, slots=True)
class Loosening:
    """One thing that an overlay asks less of than what it is laid over, and why.

    A threshold has ``parameter`` and its two values; a binding has ``item`` and ``step``, and its two values
    of ``settles`` ("" where the check is not bound).
    """

    level: Level
    check: str
    before: str
    after: str
    reason: Text
    parameter: str = ""
    item: str = ""
    step: int = 0


@dataclass(frozen=True, slots=True)
class Overlay:
    """A sector's or a house's changes to a profile; every report names them and shows what they loosen."""

    name: str
    title: Text
    digest: str  # of the file
    loosened: tuple[Loosening, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A level's items with their bindings, and the parameters of the checks at that level."""

    level: Level
    title: Text
    items: tuple[Item, ...]
    parameters: Mapping[str, object]  # check id -> its parameter object, validated
    digest: str  # of the files it was read from
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    capabilities: Mapping[str, Text] = field(default_factory=dict)
    """What this product does not have yet and steps await (``ItemStep.awaits``), by id."""
    overlays: tuple[Overlay, ...] = ()
    """What was laid over the profile, in that order; items, parameters and digest are those with it."""
