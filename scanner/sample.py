"""The official sample (抽样): how many alike objects a level asks for, and what a marked sample leaves open.

By annex D.3 of GB/T 28449-2018. "Alike" there means the same kind and the same configuration; here it means
the same kind: OURS, and never more than the standard asks for. A group with fewer members than the floor is
taken whole: OURS too, the text does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scanner.model import Assessment, AssessmentObject, Level

BORDER = ("boundary_device", "wireless_gateway")
_NAMED_AT_EVERY_LEVEL = (
    # servers
    "operating_system",
    # border and interconnecting network devices
    *BORDER,
    "network_device",
    "wireless_access",
    # security devices
    "security_device",
    "isolation_device",
    "app_layer_firewall",
    "traffic_control",
    "ids_ips",
    "anti_apt",
    "anti_ddos",
    "network_forensics",
    "threat_intelligence",
    "anti_malware",
    "anti_spam",
    "bastion",
    "audit_system",
    "behaviour_management",
)
_NAMED_FROM_LEVEL_3 = ("terminal", "backup_system")

_FLOORS: Mapping[Level, int] = {1: 1, 2: 2, 3: 2, 4: 3}

_TOO_FEW = Text(
    zh="抽样不足：“{kind}”共 {all} 个，样本中 {sampled} 个，第 {level} 级至少应取 {floor} 个",
    en="the sample is too small: {sampled} of {all} objects of kind {kind}; level {level} asks for {floor} "
    "at least",
)
_BORDER_LEFT_OUT = Text(
    zh="样本未包含边界设备：{objects}；边界设备应全部纳入样本",
    en="border devices are not in the sample: {objects}; a sample should hold all of them",
)
_KIND_LEFT_OUT = Text(
    zh="样本中没有此类对象：“{kind}”（共 {all} 个）；只涉及它们的测评单元按全部对象计分",
    en="no object of kind {kind} is in the sample ({all} exist); items that ask of nothing else are scored "
    "over all of them",
)


def floor(level: Level, kind: str) -> int:
    """Return how many alike objects of a kind a sample must hold at least; 0: the annex names no floor."""
    named = kind in _NAMED_AT_EVERY_LEVEL or (level >= 3 and kind in _NAMED_FROM_LEVEL_3)
    return _FLOORS[level] if named else 0


def holes(assessment: Assessment) -> tuple[Text, ...]:
    """Return what is wrong with the sample that a system's inventory marks; nothing where it marks none."""
    objects = [o for o in assessment.objects if o.kind in assessment.profile.kinds]
    if not any(o.sampled for o in objects):
        return ()
    by_kind = {kind: [o for o in objects if o.kind == kind] for kind in assessment.profile.kinds}
    found = [hole for kind, group in by_kind.items() if group for hole in _of_kind(assessment, kind, group)]
    return (*found, *_border(objects))


def _of_kind(assessment: Assessment, kind: str, group: Iterable[AssessmentObject]) -> Iterator[Text]:
    """A kind of which the sample holds too few objects, or none."""
    level, named = assessment.system.grade.level, assessment.profile.kinds[kind].text
    members = list(group)
    sampled = sum(o.sampled for o in members)
    wanted = min(floor(level, kind), len(members))
    if sampled < wanted:
        yield _filled(_TOO_FEW, named, all=len(members), sampled=sampled, level=level, floor=wanted)
    elif not sampled:
        yield _filled(_KIND_LEFT_OUT, named, all=len(members))


def _border(objects: Iterable[AssessmentObject]) -> Iterator[Text]:
    """Border devices that the sample leaves out."""
    left_out = [o.id for o in objects if o.kind in BORDER and not o.sampled]
    if left_out:
        yield _BORDER_LEFT_OUT.format(objects=", ".join(left_out))


def _filled(text: Text, kind: Text, **values: object) -> Text:
    """Fill a text in, the kind's name in its language."""
    return Text(text.zh.format(kind=kind.zh, **values), text.en.format(kind=kind.en, **values))
