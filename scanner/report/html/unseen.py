"""What could not be seen, by object and reason, with what would settle it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.evaluate import REASON_WORDS
from scanner.model import GapReason, Text

if TYPE_CHECKING:
    from scanner.model import Gap
    from scanner.report.content import Content


SETTLES = {
    GapReason.UNREACHABLE: Text(
        "使对象可达（地址、路由、过滤规则），再扫描",
        "make it reachable (address, route, filter) and scan again",
    ),
    GapReason.HOST_KEY: Text(
        "核实主机密钥并写入 known_hosts，再扫描", "confirm the host key, enter it in known_hosts, scan again"
    ),
    GapReason.AUTHENTICATION: Text(
        "检查扫描账户与凭据，再扫描", "check the scan account and its credential, scan again"
    ),
    GapReason.PERMISSION: Text(
        "授予扫描账户所需权限（mlps-posture sudoers）",
        "give the scan account the right (mlps-posture sudoers)",
    ),
    GapReason.COMMAND_MISSING: Text(
        "在对象上安装该命令，或由人查看", "install the command on the object, or a person looks"
    ),
    GapReason.COMMAND_FAILED: Text("由人查看该命令为何失败", "a person looks why the command fails"),
    GapReason.TIMED_OUT: Text("放宽时限或换个时间再扫描", "scan again with more time, or at a quieter hour"),
    GapReason.UNPARSABLE: Text("由人阅读该证据", "a person reads the capture"),
    GapReason.TRUNCATED: Text("放宽大小限制再扫描", "scan again with a larger limit"),
    GapReason.EMPTY: Text("由人在对象上查看", "a person looks at the object"),
    GapReason.NOT_COLLECTED: Text("重新扫描", "a new scan"),
    GapReason.BUG: Text("报告此程序错误", "report this bug"),
}
"""What to do where the gap itself names nothing."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One reason and detail, the steps it holds for, and what would settle it."""

    reason: Text
    detail: str
    needs: str  # a right or act that the gap itself names
    settles: Text
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What was not seen, alike, of some objects or looks at the wire (``web1@inside``)."""

    names: tuple[str, ...]
    count: int  # of all of them together
    missing: tuple[Missing, ...]

    @property
    def title(self) -> str:
        """Their names, as one text."""
        return ", ".join(self.names)

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects themselves: a look's name is its object's and its vantage's."""
        return tuple(dict.fromkeys(name.partition("@")[0] for name in self.names))


def unseen(content: Content) -> tuple[Unseen, ...]:
    """One entry all objects of which just the same is missing."""
    merged: dict[str, dict[Gap, None]] = {}
    for assessment in content.assessments:
        for name, gaps in assessment.gaps.items():
            merged.setdefault(name, {}).update(dict.fromkeys(gaps))
    alike: dict[tuple[Gap, ...], list[str]] = {}
    for name in sorted(merged):
        if merged[name]:
            alike.setdefault(tuple(merged[name]), []).append(name)
    return tuple(
        Unseen(tuple(names), len(gaps) * len(names), _missing(gaps)) for gaps, names in alike.items()
    )


def _missing(gaps: tuple[Gap, ...]) -> tuple[Missing, ...]:
    alike: dict[tuple[GapReason, str, str], dict[str, None]] = {}
    for gap in gaps:
        steps = alike.setdefault((gap.reason, _last_line(gap.detail), gap.needs), {})
        steps[f"{gap.step} {gap.subject}".strip()] = None
    return tuple(
        Missing(REASON_WORDS[reason], detail, needs, SETTLES[reason], tuple(step for step in steps if step))
        for (reason, detail, needs), steps in alike.items()
    )


def _last_line(text: str) -> str:
    """The line of a detail that says what happened: of a traceback, the last."""
    return text.strip().splitlines()[-1] if text.strip() else ""
