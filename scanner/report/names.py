"""Names of what the standard divides its items into, in both languages; reading them loads nothing else."""

from __future__ import annotations

from scanner.model import Method, Scope, Text

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
