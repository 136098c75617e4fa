"""What a reader is told of statements: texts, filled with what people wrote (hostile where it is shown)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import Answer, Attestation, Compensation, Notice, Text, Waiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.model import Place

ANSWERS = {
    Answer.YES: Text("是", "yes"),
    Answer.NO: Text("否", "no"),
    Answer.UNSEEN: Text("未能核查", "unseen"),
    Answer.NA: Text("不适用", "n/a"),
}

EARLY = Text(
    "{what}作于 {made}，晚于判定时间，未采用",
    "{what} was made on {made}, after the time of judgement: not applied",
)
EXPIRED = Text("{what}已于 {expires} 到期，未采用", "{what} expired at {expires}: not applied")
MAX_ITEMS = 5
"""Items that a notice names one by one."""
OTHER_GRADE = Text(
    "{count} 条陈述所指的项不属于本次判定的等级，未采用：{items}",
    "{count} statements are about items that none of the grades judged here has; not applied: {items}",
)
NO_OBJECT = Text(
    "{what}无对应：没有名为 {object} 的对象", "{what} matches nothing: no object is called {object}"
)
NO_OBJECT_BUT = Text(
    "{what}无对应：没有名为 {object} 的对象；本次运行中同类实例名为 {like}（未看到端口时不带端口）",
    "{what} matches nothing: no object is called {object}; here its like is called {like} (no port is in the"
    " name where none was seen)",
)
OTHER_KIND = Text(
    "{what}无对应：该项不在 {object} 上判定", "{what} matches nothing: the item is not judged on {object}"
)
NO_STEP = Text("{what}无对应：该项没有第 {step} 步", "{what} matches nothing: the item has no step {step}")
DECLARED = Text(
    "{what}：该项已申明不适用，陈述未采用",
    "{what}: the item is declared not applicable; the statement is not applied",
)
DECLARED_NO = Text(
    "{what}：该项虽申明不适用，{author} 称“否”；按“否”处理",
    "{what}: the item is declared not applicable, and yet {author} states no; the no counts",
)
NO_FINDING = Text("{what}无对应：没有它所指的“否”", "{what} matches nothing: there is no such no")
FOUND_NO = Text(
    "{what}：{author} 称“{said}”，而检查发现“否”（第 {steps} 步）；以发现为准",
    "{what}: {author} states {said}, yet a check found a no (step {steps}); the no counts",
)
FOUND_OTHER = Text(
    "{what}：{author} 称“{said}”，而检查发现“{found}”（第 {steps} 步）；以发现为准",
    "{what}: {author} states {said}, yet a check found {found} (step {steps}); what was found counts",
)
STATED_NO = Text(
    "{what}：{author} 称“否”，而检查发现“{found}”（第 {steps} 步）；以“否”为准",
    "{what}: {author} states no, yet a check found {found} (step {steps}); the no counts",
)
OUTVOTED = Text(
    "{what}：{author} 称“{said}”，另有人称“否”（第 {steps} 步）；以“否”为准",
    "{what}: {author} states {said}, somebody else no (step {steps}); the no counts",
)
OPEN = Text(
    "{what}：{author} 称“{said}”，与其他陈述或发现矛盾（第 {steps} 步）；该步仍未答",
    "{what}: {author} states {said}, against other statements or findings (step {steps}); it stays open",
)
NOTHING_NEW = Text(
    "{what}没有改变任何步骤：各步均已有更具体的回答",
    "{what} answers nothing: every step has a more specific answer",
)
NOT_FAILING = Text(
    "{what}未采用：该项尚不能确定为不符合", "{what} is not applied: the item is not known to fail there"
)


def named(s: Attestation | Compensation | Waiver) -> Text:
    """Name a statement by what it speaks of."""
    if isinstance(s, Waiver):
        words = ", ".join(name for name in (s.check, s.object, s.item) if name)
        return Text(f"豁免（{words}）", f"the waiver ({words})")
    if isinstance(s, Compensation):
        return Text(f"{s.item}（{s.object}）的整体测评补偿", f"the compensation of {s.item} on {s.object}")
    zh, en = (f" 第 {s.step} 步", f" step {s.step}") if s.step is not None else ("", "")
    return Text(f"{s.item}{zh}（{s.object}）的陈述", f"the attestation of {s.item}{en} on {s.object}")


def other_grade(statements: Sequence[Attestation | Compensation | Waiver]) -> Notice:
    """Tell of statements on items that no grade judged here has: their number and a few of the items."""
    items = list(dict.fromkeys(s.item for s in statements))
    shown = ", ".join(items[:MAX_ITEMS]) + (" ..." if len(items) > MAX_ITEMS else "")
    first = statements[0].place
    return notice(OTHER_GRADE, first, Text("", ""), count=len(statements), items=shown)


def notice(words: Text, place: Place, what: Text, **values: object) -> Notice:
    """Fill words about a statement in both languages; a list is told one by one."""
    zh, en = ({name: _word(value, chinese) for name, value in values.items()} for chinese in (True, False))
    return Notice(
        Text(words.zh.format(what=what.zh, **zh), _capital(words.en.format(what=what.en, **en))), place
    )


def _word(value: object, chinese: bool) -> str:
    if isinstance(value, Text):
        return value.zh if chinese else value.en
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
