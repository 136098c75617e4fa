"""How people write answers, methods, risks and times: in the field's words, in either language."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import BeforeValidator

from scanner.model import Answer, Method, Risk, Stand, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

V = TypeVar("V")

CHINA = timezone(timedelta(hours=8))
"""Days without a time are days in China: the scheme has no other zone."""

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)")

ANSWERS: Mapping[str, Answer] = {
    **dict.fromkeys(("yes", "符合", "是"), Answer.YES),
    **dict.fromkeys(("no", "不符合", "否"), Answer.NO),
    **dict.fromkeys(("n/a", "na", "不适用"), Answer.NA),
}
_PARTIAL = frozenset({"partial", "部分符合"})
_METHODS: Mapping[str, Method] = {
    **{method.value: method for method in Method},
    "访谈": Method.INTERVIEW,
    "核查": Method.EXAMINE,
    "测试": Method.TEST,
}
_RISKS: Mapping[str, Risk] = {
    **{risk.value: risk for risk in Risk},
    "高": Risk.HIGH,
    "中": Risk.MEDIUM,
    "低": Risk.LOW,
}
_COMPENSATED: Mapping[str, Verdict] = {
    "conform": Verdict.CONFORM,
    "符合": Verdict.CONFORM,
    "partial": Verdict.PARTIAL,
    "部分符合": Verdict.PARTIAL,
}
_STANDS: Mapping[str, Stand] = {
    "confirmed": Stand.CONFIRMED,
    "确认": Stand.CONFIRMED,
    "lowered": Stand.LOWERED,
    "降低": Stand.LOWERED,
    "rejected": Stand.REJECTED,
    "排除": Stand.REJECTED,
}
_TRUTHS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "true", "是"), True),
    **dict.fromkeys(("no", "false", "否"), False),
}


def _one_of(words: Mapping[str, V], said: str) -> Callable[[object], V]:
    """Build a reader of one of ``words``; anything else is a mistake that says what may stand there."""

    def read(value: object) -> V:
        word = str(value).strip().casefold()
        if word not in words:
            raise ValueError(f"must be {said}")
        return words[word]

    return read


def _answer(value: object) -> Answer:
    if str(value).strip().casefold() in _PARTIAL:
        raise ValueError("a step is met or not (yes, no or n/a); partial follows from the steps")
    return _one_of(ANSWERS, "yes, no or n/a (符合, 不符合, 不适用)")(value)


def _day(value: object) -> date:
    found = _DATE.fullmatch(str(value).strip())
    if found is None:
        raise ValueError("must be a date such as 2026-03-02")
    try:
        return date(*(int(part) for part in found.groups() if part is not None))
    except ValueError as error:
        raise ValueError("there is no such day") from error


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value).strip())
        zone = moment.utcoffset()
        universal = moment.astimezone(UTC) if zone is not None else None
    except (ValueError, OverflowError) as error:
        raise ValueError("must be a time such as 2026-12-31T23:59:59+08:00") from error
    if universal is None:
        raise ValueError("a time needs its zone, e.g. 2026-12-31T23:59:59+08:00")
    return universal


def _end(value: object) -> datetime:
    """A time, or a day that is the last one."""
    if _DATE.fullmatch(str(value).strip()) is None:
        return _moment(value)
    try:
        following = _day(value) + timedelta(days=1)
    except OverflowError as error:
        raise ValueError("there is no such day") from error
    return datetime.combine(following, time(), CHINA).astimezone(UTC)


AnswerWord = Annotated[Answer, BeforeValidator(_answer)]
"""yes, no, n/a, 符合, 不符合, 不适用."""
MethodWord = Annotated[
    Method, BeforeValidator(_one_of(_METHODS, "interview, examine or test (访谈, 核查, 测试)"))
]
RiskWord = Annotated[Risk, BeforeValidator(_one_of(_RISKS, "high, medium or low (高, 中, 低)"))]
CompensatedWord = Annotated[
    Verdict, BeforeValidator(_one_of(_COMPENSATED, "conform or partial (符合, 部分符合)"))
]
StandWord = Annotated[
    Stand, BeforeValidator(_one_of(_STANDS, "confirmed, lowered or rejected (确认, 降低, 排除)"))
]
TruthWord = Annotated[bool, BeforeValidator(_one_of(_TRUTHS, "yes or no (是, 否)"))]
Day = Annotated[date, BeforeValidator(_day)]
"""A day: 2026-03-02, 2026/3/2 (as a spreadsheet writes it) or 2026年3月2日."""
Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A point in time with its zone; kept in UTC."""
End = Annotated[datetime, BeforeValidator(_end)]
"""A point in time, or the last day (in China) on which something holds; kept in UTC."""
