"""Words of a questionnaire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import Method, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

METHODS: Mapping[Method, Text] = {
    Method.INTERVIEW: Text("访谈", "interview"),
    Method.EXAMINE: Text("核查", "examine"),
    Method.TEST: Text("测试", "test"),
}
TITLE = Text("待人员回答的核查表", "What waits for people")
HOW = Text(
    "逐步回答：是（符合）、否（不符合）或不适用；写明说明、日期和姓名，证据文件请附 SHA-256。"
    "按 CSV 格式导出（-f csv）填写后，可用 --attest 交回。",
    "Answer each step: yes (met), no or n/a; say what was seen, when and by whom, and give the SHA-256 of "
    "each file of evidence. Exported as CSV (-f csv) and filled in, it is taken back by --attest.",
)
COUNT = Text("{steps} 个问题，涉及 {items} 个测评单元", "questions: {steps}; items: {items}")
BLIND = Text("扫描可以回答，但尚未看全", "a scan answers these, and has not seen enough")
NOTHING = Text("没有待人员回答的问题。", "Nothing waits for people.")
CHOICE = Text("□ 是　□ 否　□ 不适用　说明：", "□ yes  □ no  □ n/a  Statement: ")
SIGNED = Text("证据：　　　　日期：　　　　姓名：", "Evidence:        Date:        Name: ")
WHOLE_SYSTEM = Text("系统整体", "the system itself")
