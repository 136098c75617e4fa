"""Words that every report for people uses, in both languages, in the order in which they are shown."""

from __future__ import annotations

from scanner.model import Method, Risk, Scope, Stand, Text, Verdict
from scanner.report.stated import Stated

RISK_ORDER = (Risk.HIGH, Risk.MEDIUM, Risk.LOW)
RISK = {
    Risk.HIGH: Text(zh="高", en="high"),
    Risk.MEDIUM: Text(zh="中", en="medium"),
    Risk.LOW: Text(zh="低", en="low"),
}
VERDICT_ORDER = (Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM, Verdict.NOT_APPLICABLE)
VERDICT = {
    Verdict.CONFORM: Text(zh="符合", en="conform"),
    Verdict.PARTIAL: Text(zh="部分符合", en="partial"),
    Verdict.NONCONFORM: Text(zh="不符合", en="nonconform"),
    Verdict.NOT_APPLICABLE: Text(zh="不适用", en="not applicable"),
    Verdict.UNDETERMINED: Text(zh="未能核查", en="undetermined"),
}
THEMES = {
    "firewall": Text(zh="防火墙与访问控制", en="firewalls, access control"),
    "encryption": Text(zh="加密", en="encryption"),
    "audit": Text(zh="访问日志与审计", en="access logging"),
    "tunnels": Text(zh="未授权隧道", en="unauthorized tunnels"),
}
CLASSES = {
    "PES": "Physical environment",
    "CNS": "Communication network",
    "ABS": "Area boundary",
    "CES": "Computing environment",
    "SMC": "Management centre",
    "PSS": "Policies and rules",
    "ORS": "Organisation",
    "HRS": "Staff",
    "CMS": "Construction management",
    "MMS": "Operation management",
}
"""English names of the classes of GB/T 28448-2019; the catalogue carries the Chinese ones."""

SCOPE = {
    Scope.GENERAL: Text(zh="安全通用要求", en="general"),
    Scope.CLOUD: Text(zh="云计算扩展", en="cloud"),
    Scope.MOBILE: Text(zh="移动互联扩展", en="mobile"),
    Scope.IOT: Text(zh="物联网扩展", en="IoT"),
    Scope.ICS: Text(zh="工业控制扩展", en="industrial control"),
}
METHOD = {
    Method.INTERVIEW: Text(zh="访谈", en="interview"),
    Method.EXAMINE: Text(zh="核查", en="examine"),
    Method.TEST: Text(zh="测试", en="test"),
}
STAND_ORDER = (Stand.CONFIRMED, Stand.PROPOSED, Stand.LOWERED, Stand.REJECTED, Stand.OPEN)
STAND = {
    Stand.CONFIRMED: Text(zh="已确认", en="confirmed"),
    Stand.PROPOSED: Text(zh="候选", en="proposed"),
    Stand.LOWERED: Text(zh="已降低", en="lowered"),
    Stand.REJECTED: Text(zh="已排除", en="rejected"),
    Stand.OPEN: Text(zh="条件未齐", en="open"),
}
SPEAKS_FOR_HIGH = frozenset({Stand.PROPOSED, Stand.CONFIRMED})
"""Stands at which a judgement speaks for a high risk; before that some condition is not evidenced."""

STATED = {
    Stated.ACTIVE: Text(zh="有效", en="active"),
    Stated.DISPUTED: Text(zh="有争议", en="disputed"),
    Stated.EARLY: Text(zh="晚于判定时间", en="made later"),
    Stated.EXPIRED: Text(zh="已过期", en="expired"),
    Stated.IDLE: Text(zh="未起作用", en="without effect"),
    Stated.UNMATCHED: Text(zh="无对应", en="matches nothing"),
}
