"""Answers of steps and verdicts of items (GB/T 28448-2019: 测评实施, 单元判定)."""

from __future__ import annotations

from enum import StrEnum


class Answer(StrEnum):
    """Answer to one question: yes means that the requirement is met.

    ``UNSEEN`` is not a weak no: it completes to yes or to no once somebody looks.
    """

    YES = "yes"
    NO = "no"
    UNSEEN = "unseen"
    NA = "n/a"


class Verdict(StrEnum):
    """Result of an item on an object, or of an item over its objects."""

    CONFORM = "conform"  # 符合
    PARTIAL = "partial"  # 部分符合
    NONCONFORM = "nonconform"  # 不符合
    NOT_APPLICABLE = "not-applicable"  # 不适用: declared, never guessed
    UNDETERMINED = "undetermined"  # 未能核查: more than one verdict is still possible
