"""Words of the report at the terminal, in both languages, and the styles that go with them."""

from __future__ import annotations

from rich.text import Text as Line

from scanner.model import Risk, Text, Verdict
from scanner.report.plain import plain

RISK_ORDER = (Risk.HIGH, Risk.MEDIUM, Risk.LOW)
RISK_STYLE = {Risk.HIGH: "bold red", Risk.MEDIUM: "yellow", Risk.LOW: "cyan"}
RISK = {
    Risk.HIGH: Text(zh="高", en="high"),
    Risk.MEDIUM: Text(zh="中", en="medium"),
    Risk.LOW: Text(zh="低", en="low"),
}
VERDICT_ORDER = (Verdict.CONFORM, Verdict.PARTIAL, Verdict.NONCONFORM, Verdict.NOT_APPLICABLE)
VERDICT_STYLE = {
    Verdict.CONFORM: "green",
    Verdict.PARTIAL: "yellow",
    Verdict.NONCONFORM: "red",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.UNDETERMINED: "magenta",
}
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


def shown(text: str, style: str = "", limit: int = 0) -> Line:
    """Text from anywhere as text and nothing else."""
    return Line(plain(text, limit), style=style)


def heading(text: str) -> Line:
    """Title of a part of the report."""
    return Line(text, style="bold underline")
