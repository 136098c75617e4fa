"""Rules, limits and parts of judgements in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scanner import decision
from scanner.model import Answer, Confidence, May, Settles, Text
from scanner.threshold import Stricter, directions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.model import Item

ANSWER = {
    Answer.YES: Text("是", "yes"),
    Answer.NO: Text("否", "no"),
    Answer.UNSEEN: Text("未能核查", "unseen"),
    Answer.NA: Text("不适用", "n/a"),
}
SETTLES = {
    Settles.BOTH: Text("可判是、可判否", "yes and no"),
    Settles.NO: Text("只能判否", "only a no"),
}
MAY = {
    May.PROPOSE: Text(
        "全部条件有证据时列为候选，由人确认",
        "a candidate once every condition is evidenced; a person confirms it",
    ),
    May.COLLECT: Text(
        "扫描只为人员收集材料，不列为候选", "a scan brings material for a person, never a candidate"
    ),
    May.NOTHING: Text("与扫描无关，由人判断", "no scan has a part in it; a person judges"),
}
CONFIDENCE = {
    Confidence.MEDIUM_HIGH: Text("中高", "medium to high"),
    Confidence.MEDIUM: Text("中", "medium"),
    Confidence.NONE: Text("无", "none"),
}

_SIGNS = {Stricter.LOWER: "≤", Stricter.HIGHER: "≥", Stricter.MORE: "=", Stricter.UNSAID: "="}

_ONE = Text("该步骤满足即符合；", "Conform where the step is met; ")
_ALL = Text("{count} 个步骤全部满足才符合；", "Conform where all {count} steps are met; ")
_ANY = Text("{count} 个步骤满足任意一个即符合；", "Conform where any of the {count} steps is met; ")
_RULE = Text("满足 {rule} 才符合；", "Conform where {rule} is met; ")
_PARTIAL = Text(
    "否则，有步骤满足的为部分符合，全不满足的为不符合。",
    "otherwise partial if some step is met, else nonconform.",
)
_STRICT = Text("否则为不符合，本单元没有部分符合。", "otherwise nonconform: this unit knows no partial.")
_NEVER_PARTIAL = Text("否则为不符合。", "otherwise nonconform.")
OVER_OBJECTS = Text(
    "多个对象：全部符合为符合，全部不符合为不符合，其余为部分符合。",
    "Over several objects: all conform is conform, all nonconform is nonconform, anything else partial.",
)


@dataclass(frozen=True, slots=True)
class Limit:
    """One parameter of a check at a level; ``sign`` says on which side of ``value`` what is seen must be."""

    name: str
    sign: str
    value: object

    def __str__(self) -> str:
        """Render as ``max_days ≤ 90``, a list as ``ports = 21 23``."""
        value = " ".join(map(str, self.value)) if isinstance(self.value, tuple) else self.value
        return f"{self.name} {self.sign} {value}"


def limits(parameters: Any) -> Iterator[Limit]:
    """Yield the parameters of a check in the order of their declaration."""
    for name, stricter in directions(type(parameters)).items():
        yield Limit(name, _SIGNS[stricter], getattr(parameters, name))


def decision_rule(item: Item) -> Text:
    """How answers to the steps decide an item on one object (单元判定)."""
    count = len(item.steps)
    if count == 1:
        first = _ONE
    elif item.decision in {"all", "any"}:
        first = (_ALL if item.decision == "all" else _ANY).format(count=count)
    else:
        rule = decision.parse(item.decision, [step.n for step in item.steps])
        said = _said(rule)
        first = Text(_RULE.zh.format(rule=said.zh), _RULE.en.format(rule=said.en))
    rest = _PARTIAL if item.partial else _STRICT
    if item.partial and (count == 1 or item.decision == "any"):
        rest = _NEVER_PARTIAL  # by its steps alone: one that is met is enough
    return Text(first.zh + rest.zh, first.en + rest.en)


def _said(rule: decision.Rule, *, inside: bool = False) -> Text:
    """A rule over numbers of steps in words; what stands inside another rule in brackets."""
    if isinstance(rule, decision.Step):
        return Text(f"步骤 {rule.n}", f"step {rule.n}")
    parts = [_said(part, inside=True) for part in rule.parts]
    both = isinstance(rule, decision.Every)
    zh = ("且" if both else "或").join(part.zh for part in parts)
    en = (" and " if both else " or ").join(part.en for part in parts)
    return Text(f"（{zh}）", f"({en})") if inside else Text(zh, en)
