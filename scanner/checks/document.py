"""The page that lists all checks: ``python -m scanner.checks.document > docs/checks.md``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scanner.checks import ALL, Check
from scanner.threshold import directions

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD = """\
# Checks

Written by `python -m scanner.checks.document`; a test holds it current.

A check is one question about facts; yes means conform, no means not, and unseen means that what was seen
does not settle it. Where a fact under *Needs* could not be read, the answer is unseen; a fact under *Also*
helps where it is there. Thresholds have no defaults: the profile of a level sets them; remedies give the
values of level 3. The risk of a no is a proposal.

检查项是针对事实的一个问题：“是”为符合，“否”为不符合，“未能核查”表示所见不足以判定。阈值由各级别的配置给出。
"""


def page(checks: Iterable[Check] = ALL) -> str:
    """Markdown of all checks, by topic."""
    parts = [_HEAD]
    topic = ""
    for check in checks:
        if check.id.partition(".")[0] != topic:
            topic = check.id.partition(".")[0]
            parts.append(f"\n## {topic}\n")
        parts.append(_section(check))
    return "".join(parts)


def _section(check: Check) -> str:
    stricter = directions(check.parameters).items()
    thresholds = ", ".join(f"`{name}` ({way} is stricter)" for name, way in stricter) or "-"
    return (
        f"\n### {check.id}\n\n"
        f"{check.question.zh}\n\n{check.question.en}\n\n"
        f"- Needs: {_names(check.needs)}\n"
        f"- Also: {_names(check.also)}\n"
        f"- Thresholds: {thresholds}\n"
        f"- Risk: {check.risk}\n"
        f"- 整改：{check.remedy.zh}\n"
        f"- Remedy: {check.remedy.en}\n"
    )


def _names(kinds: Iterable[type]) -> str:
    return ", ".join(kind.__name__ for kind in kinds) or "-"


if __name__ == "__main__":
    sys.stdout.write(page())
