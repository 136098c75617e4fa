"""The inventory file as it is written: what every field may hold."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from scanner.inventory.zoning import BoundaryEntry, PassageEntry, ZoneEntry
from scanner.model import Budget, Grade, Limits, TransportKind

VERSION = 1
MAX_PORT = 65535
_RANGE = r"[0-9]{1,5}(-[0-9]{1,5})?"
_LIMITS = Limits()
_BUDGET = Budget()


def _grade(text: str) -> str:
    Grade.parse(text)
    return text


def _port_range(text: str) -> str:
    first, dash, last = text.partition("-")
    if not re.fullmatch(_RANGE, text) or not (1 <= int(first) <= int(last if dash else first) <= MAX_PORT):
        raise ValueError(f"a port, or a range such as 20000-20010, between 1 and {MAX_PORT}")
    return text


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone, e.g. 2027-01-31T00:00:00+08:00")
    return moment


def _credential_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
PortRange = Annotated[
    str,
    AfterValidator(_port_range),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MAX_PORT},
                {"type": "string", "pattern": f"^{_RANGE}$"},
            ]
        }
    ),
]
Credentials = Annotated[str | list[str], AfterValidator(_credential_list)]
Extension = Literal["cloud", "mobile", "iot", "ics"]
Reason = Annotated[str, Field(pattern=r"\S")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SystemEntry(_Entry):
    """A graded system (定级对象)."""

    name: Name
    title: str = Field(default="", description="Name as people say it")
    grade: Annotated[str, AfterValidator(_grade)] = Field(description="SxAy, e.g. S3A2")
    absent: dict[str, str] = Field(
        default={}, description="Kinds of objects that the system does not have, each with the reason"
    )
    uses: list[Extension] = Field(
        default=[], description="Extensions of the requirements that apply to the system"
    )
    not_applicable: dict[str, Reason] = Field(
        default={},
        description="Items whose threat the system does not have, each with the reason, e.g. L3-CES1-04",
    )


class LimitsEntry(_Entry):
    """Budget of the look at one object."""

    seconds: float = Field(default=_LIMITS.seconds, gt=0, le=3600)
    connect_seconds: float = Field(default=_LIMITS.connect_seconds, gt=0, le=300)
    max_bytes: int = Field(default=_LIMITS.max_bytes, gt=0, le=1 << 30)


class VantageEntry(_Entry):
    """A place that probes are sent from; without any, nothing is probed."""

    name: Name
    zone: Name | None = None
    access_point: Literal["P1", "P2", "P3"] = Field(
        default="P2", description="P1 outside the border, P2 inside in another zone, P3 in the object's own"
    )
    prefix: list[Annotated[str, Field(min_length=1)]] = Field(
        default=[], description="argv that enters the place, e.g. [ip, netns, exec, NAME]; left out: here"
    )


class BudgetEntry(_Entry):
    """Most that all probes from one vantage may send to one object."""

    packets_per_second: int = Field(default=_BUDGET.packets_per_second, ge=1, le=10_000)
    packets: int = Field(default=_BUDGET.packets, ge=1, le=1_000_000)
    connections: int = Field(default=_BUDGET.connections, ge=1, le=100_000)
    seconds: float = Field(default=_BUDGET.seconds, gt=0, le=3600)


class ProbesEntry(_Entry):
    """What holds for all probes."""

    vantages: list[Name] | None = Field(default=None, description="Names of vantages to use; default: all")
    ports: list[PortRange] = Field(
        default=[], description="TCP ports and ranges that are swept beside the usual ones, e.g. 20000-20010"
    )
    budget: BudgetEntry = BudgetEntry()


class Way(_Entry):
    """How objects are reached; an object's own values win over ``defaults``."""

    transport: TransportKind | None = None
    user: str | None = None
    port: int | None = Field(default=None, ge=1, le=MAX_PORT)
    credential: Credentials | None = Field(
        default=None, description="agent:, key:PATH, env:NAME, file:PATH, prompt: (one or several, in order)"
    )
    known_hosts: Annotated[str | list[str], AfterValidator(_credential_list)] | None = None
    accept_new: bool | None = Field(default=None, description="Record unknown host keys (never changed ones)")
    host_key_alias: str | None = None
    jump: list[Name] | None = Field(default=None, description="Ids of bastion objects, first hop first")
    prefix: list[str] | None = Field(default=None, min_length=1, description="argv prefix (command)")
    path: str | None = Field(
        default=None, description="Root of the tree, output to import, or run file to replay"
    )
    vantage: Name | None = None


class Defaults(Way):
    """Values for all objects that do not say otherwise."""

    platform: str = "linux"
    limits: LimitsEntry = LimitsEntry()


class ObjectEntry(_Entry):
    """An assessment object (测评对象)."""

    id: Name
    kind: str
    roles: list[str] = Field(default=[], description="Further kinds of the same asset, each judged apart")
    systems: list[Name] = Field(min_length=1, description="Systems it belongs to; several share it")
    zone: Name | None = None
    address: str = ""
    platform: str | None = None
    parent: Name | None = None
    via: Way | None = Field(default=None, description="Left out: not looked at by this run")
    limits: LimitsEntry | None = None
    sample: bool = Field(
        default=False,
        description="Whether it belongs to the sample of the evaluation; where none does, all do",
    )
    probe: bool | None = Field(
        default=None,
        description="Whether probes go to its address; default: yes, unless it is in an industrial zone",
    )


class ScanEntry(_Entry):
    """Results of a vulnerability scanner; their hosts are the objects with the same address or name."""

    name: Name
    path: Annotated[str, Field(min_length=1)] = Field(
        description="Nessus (.nessus), GVM (XML report), Trivy or Vuls (JSON)"
    )
    object: Name | None = Field(
        default=None, description="The object that results without a host's name (Trivy) are of"
    )


class TunnelEntry(_Entry):
    """An approved tunnel of the register; what is not in it is undeclared."""

    object: Name
    family: str = Field(description="openvpn, wireguard, ipsec, ...")
    name: str = Field(default="", description="Interface or process; empty: any of the family")
    remote: str = ""
    approval: str = Field(min_length=1, description="Number or place of the approval")
    expires: Annotated[datetime, AfterValidator(_zoned)] | None = Field(
        default=None, description="With time zone, e.g. 2027-01-31T00:00:00+08:00"
    )


class InventoryFile(_Entry):
    """The whole file."""

    version: int = Field(ge=VERSION, le=VERSION)
    systems: list[SystemEntry] = Field(min_length=1)
    zones: list[ZoneEntry] = []
    boundaries: list[BoundaryEntry] = []
    policy: list[PassageEntry] = Field(default=[], description="What shall pass between zones, by pair")
    vantages: list[VantageEntry] = []
    probes: ProbesEntry = ProbesEntry()
    defaults: Defaults = Defaults()
    objects: list[ObjectEntry] = Field(min_length=1)
    tunnels: list[TunnelEntry] = []
    scans: list[ScanEntry] = []
