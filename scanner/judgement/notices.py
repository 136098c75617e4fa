"""What a reader is told of statements on judgements, risks and major dangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import JudgementStatement, RiskSetting, Text

if TYPE_CHECKING:
    from scanner.model import MajorStatement

    Spoken = JudgementStatement | RiskSetting | MajorStatement

NO_JUDGEMENT = Text("{what}无对应：没有这一判例", "{what} matches nothing: there is no such judgement")
NO_TRIGGER = Text("{what}无对应：没有这一触发项", "{what} matches nothing: there is no such trigger")
NO_OBJECT = Text(
    "{what}无对应：没有名为 {object} 的对象", "{what} matches nothing: no object is called {object}"
)
NO_ITEM = Text(
    "{what}未采用：判例的测评单元均不在该系统的测评范围内",
    "{what} is not applied: the system has none of the items that the judgement belongs to",
)
NOT_FAILING = Text(
    "{what}未采用：判例的测评单元在该对象上均未确定为不符合",
    "{what} is not applied: no item that the judgement belongs to is known to fail there",
)
NO_PROBLEM = Text(
    "{what}无对应：该项在此没有遗留问题", "{what} matches nothing: the item leaves no problem there"
)
NOT_A_PERSONS = Text(
    "{what}：{author} 确认的条件 {numbers} 须由检查结果证明，仅凭人员确认不予采信",
    "{what}: {author} confirms condition {numbers}, which only findings can evidence; not taken as evidence",
)
NOT_EVIDENCED = Text(
    "{what}：{author} 已确认该判例，而条件 {numbers} 没有证据",
    "{what}: {author} confirms the judgement, yet nothing evidences condition {numbers}",
)
STRICTER = Text(
    "{what}：{author} 称“{said}”，{other} 称“{stricter}”；从严，以后者为准",
    "{what}: {author} states {said}, {other} states {stricter}; the stricter one counts",
)
BELOW_CONFIRMED = Text(
    "{what}：{author} 定为“{said}”，而此处已确认高风险判例 {judgements}",
    "{what}: {author} sets {said}, yet judgements on high risk are confirmed here: {judgements}",
)


def named(s: Spoken) -> Text:
    """Name a statement by what it speaks of."""
    if isinstance(s, JudgementStatement):
        return Text(
            f"判例 {s.judgement}（{s.object}）的陈述",
            f"the statement on judgement {s.judgement} on {s.object}",
        )
    if isinstance(s, RiskSetting):
        zh, en = (f"（{s.object}）", f" on {s.object}") if s.object else ("", "")
        return Text(f"{s.item}{zh}的风险设定", f"the risk set for {s.item}{en}")
    return Text(f"触发项 {s.code}（{s.object}）的陈述", f"the statement on trigger {s.code} on {s.object}")
