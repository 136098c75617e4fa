"""What a reader saw to be wrong in a file, said to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts.rules import Flaw
from scanner.model.text import Text
from scanner.packetspace.finding import FilterFinding, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.facts.rules import RuleFile

_SAID = {
    Flaw.UNBOUND: Text(
        zh="规则列表 {names} 未被任何功能引用，不起作用",
        en="nothing uses the list {names}: it filters nothing",
    ),
    Flaw.ON_SHUT: Text(
        zh="规则列表应用在已关闭的接口上：{names}",
        en="the list is applied to an interface that is shut: {names}",
    ),
    Flaw.WRONG_DIRECTION: Text(
        zh="应用方向有误：所限定的来源在此接口的另一侧，该方向不会出现（{names}）",
        en="wrong direction: the sources it asks for lie on the other side and never pass this way ({names})",
    ),
    Flaw.CYCLE: Text(zh="对象组循环引用自身：{names}", en="an object group holds itself: {names}"),
    Flaw.UNDEFINED: Text(
        zh="引用了文件中没有定义的名称：{names}", en="refers to what the file does not define: {names}"
    ),
    Flaw.MANAGEMENT: Text(
        zh="管理访问未限制来源地址：{names}", en="management takes every source address: {names}"
    ),
    Flaw.FAMILY: Text(
        zh="接口只过滤另一协议族，{names} 不受过滤",
        en="the interface filters the other family only: {names} passes unfiltered",
    ),
    Flaw.CUT: Text(
        zh="文件不完整，没有结尾：缺失部分可能改变结果，因此不作确定回答",
        en="the file ends before its end: what is missing may change all, so nothing is answered for certain",
    ),
}


def flaws_of(file: RuleFile) -> Iterator[FilterFinding]:
    """Return what the reader of the file found wrong."""
    for one in file.flaws:
        said = _SAID[one.flaw].format(names=", ".join(one.names))
        yield FilterFinding(Trouble(one.flaw.value), one.line, one.text, said)
