"""Words that every report for people uses, in both languages, in the order in which they are shown."""

from __future__ import annotations

from scanner.model import Risk, Stand, Text, Verdict
from scanner.report.names import CLASSES, METHOD, SCOPE, THEMES
from scanner.report.stated import Stated

__all__ = [
    "CLASSES",
    "METHOD",
    "OF_SAMPLE",
    "RISK",
    "RISK_ORDER",
    "SCOPE",
    "STAND",
    "STAND_ORDER",
    "STATED",
    "THEMES",
    "VERDICT",
    "VERDICT_ORDER",
]

RISK_ORDER = (Risk.HIGH, Risk.MEDIUM, Risk.LOW)
RISK = {
    Risk.HIGH: Text(zh="高", en="high"),
    Risk.MEDIUM: Text(zh="中", en="medium"),
    Risk.LOW: Text(zh="低", en="low"),
}
OF_SAMPLE = Text(
    zh="! 覆盖、得分与主题按抽样对象计；各类、各项与问题按全部对象计。",
    en="! coverage, scores and themes are those of the sample; classes, items and problems those of all "
    "objects.",
)
VERDICT_ORDER = (Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM, Verdict.NOT_APPLICABLE)
VERDICT = {
    Verdict.CONFORM: Text(zh="符合", en="conform"),
    Verdict.PARTIAL: Text(zh="部分符合", en="partial"),
    Verdict.NONCONFORM: Text(zh="不符合", en="nonconform"),
    Verdict.NOT_APPLICABLE: Text(zh="不适用", en="not applicable"),
    Verdict.UNDETERMINED: Text(zh="未能核查", en="undetermined"),
}
STAND_ORDER = (Stand.CONFIRMED, Stand.PROPOSED, Stand.LOWERED, Stand.REJECTED, Stand.OPEN)
STAND = {
    Stand.CONFIRMED: Text(zh="已确认", en="confirmed"),
    Stand.PROPOSED: Text(zh="候选", en="proposed"),
    Stand.LOWERED: Text(zh="已降低", en="lowered"),
    Stand.REJECTED: Text(zh="已排除", en="rejected"),
    Stand.OPEN: Text(zh="条件未齐", en="open"),
}
STATED = {
    Stated.ACTIVE: Text(zh="有效", en="active"),
    Stated.DISPUTED: Text(zh="有争议", en="disputed"),
    Stated.EARLY: Text(zh="晚于判定时间", en="made later"),
    Stated.EXPIRED: Text(zh="已过期", en="expired"),
    Stated.IDLE: Text(zh="未起作用", en="without effect"),
    Stated.UNMATCHED: Text(zh="无对应", en="matches nothing"),
}
