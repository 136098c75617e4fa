"""Words that every report for people uses, in both languages, in the order in which they are shown."""

from __future__ import annotations

from scanner.model import Risk, Text, Verdict

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
