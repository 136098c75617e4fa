"""Words in which a file of results says verdicts, risks and the like: the field's, in either language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from scanner.model import Risk, Verdict
from scanner.score.standing import Majors

if TYPE_CHECKING:
    from collections.abc import Mapping

V = TypeVar("V")

SEPARATOR = "|"
"""Between the verdicts that are still possible, and between themes."""

VERDICTS: Mapping[str, Verdict] = {
    **{verdict.value: verdict for verdict in Verdict},
    "符合": Verdict.CONFORM,
    "部分符合": Verdict.PARTIAL,
    "不符合": Verdict.NONCONFORM,
    "不适用": Verdict.NOT_APPLICABLE,
    "未能核查": Verdict.UNDETERMINED,
}
RISKS: Mapping[str, Risk] = {
    **{risk.value: risk for risk in Risk},
    "高": Risk.HIGH,
    "中": Risk.MEDIUM,
    "低": Risk.LOW,
}
SIDES: Mapping[str, str] = {
    "technical": "technical",
    "技术": "technical",
    "management": "management",
    "管理": "management",
}
WEIGHTS: Mapping[str, str] = {
    "general": "general",
    "一般": "general",
    "important": "important",
    "重要": "important",
    "key": "key",
    "关键": "key",
}
TRUTHS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "true", "是"), True),
    **dict.fromkeys(("no", "false", "否"), False),
}

_MAJORS = re.compile(r"([0-9]{1,4})(\+?)")


def one_of(words: Mapping[str, V], cell: str, name: str) -> V | None:
    """Read one of ``words``; None where the cell is empty.

    Raises:
        ValueError: another word.
    """
    if not cell:
        return None
    found = words.get(cell.casefold())
    if found is None:
        raise ValueError(f"{name} must be one of {', '.join(words)}, not {shown(cell)}")
    return found


def verdicts(cell: str, name: str) -> frozenset[Verdict] | None:
    """Read the verdicts that are still possible, such as ``partial|nonconform``; None: the cell is empty.

    Raises:
        ValueError: a word that is no verdict.
    """
    if not cell:
        return None
    words = (word.strip() for word in cell.split(SEPARATOR))
    return frozenset(found for word in words if (found := one_of(VERDICTS, word, name)) is not None)


def majors(cell: str) -> Majors | None:
    """Read how many major hidden dangers are confirmed: ``0``, or ``0+`` where more may still be.

    Raises:
        ValueError: neither of both.
    """
    if not cell:
        return None
    match = _MAJORS.fullmatch(cell)
    if match is None:
        raise ValueError(f"majors must be a number, with + where more may be confirmed, not {shown(cell)}")
    return Majors(int(match[1]), more=bool(match[2]))


def shown(cell: str) -> str:
    """Return what somebody wrote, harmless and short."""
    return repr(cell if len(cell) <= 40 else f"{cell[:40]}…")
