"""Words of the field as this report uses them."""

from __future__ import annotations

from scanner.model import Text

GLOSSARY: tuple[tuple[Text, Text], ...] = (
    (
        Text("测评单元", "item"),
        Text(
            "标准要求的一个判定单位，由若干测评实施步骤组成，在每个适用的测评对象上各判一次。",
            "One requirement with its steps, judged on every object of the kinds that it names.",
        ),
    ),
    (
        Text("测评对象", "assessment object"),
        Text(
            "被判定的事物：操作系统、边界设备、日志系统、整个系统等；同一台主机可以担任几种角色。",
            "What is judged: an operating system, a boundary device, a log system, the whole system. "
            "One host can stand in several roles.",
        ),
    ),
    (
        Text("符合 / 部分符合 / 不符合", "conform / partial / nonconform"),
        Text(
            "单元判定的三种结果；“不适用”只能由清单声明，从不推测。",
            "The three results of an item; not applicable is declared in the inventory, never guessed.",
        ),
    ),
    (
        Text("未能核查", "undetermined"),
        Text(
            "看到的证据还允许几种结果。没看到绝不当作符合：仍然可能的结果逐一列出。",
            "What was seen still allows several results. Not seeing is never passing: those still possible "
            "are listed.",
        ),
    ),
    (
        Text("区间", "interval"),
        Text(
            "未看到的部分最差与最好时的值；全部看清后区间收敛为一个数。",
            "The value if all that was not seen turned out worst, and best; one number once all is seen.",
        ),
    ),
    (
        Text("核查覆盖", "coverage"),
        Text("适用的测评单元中结果已定的个数。", "How many of the applicable items are decided."),
    ),
    (
        Text("证据", "evidence"),
        Text(
            "对象对某一步骤的原样回答（秘密已遮蔽），存于证据文件；引用精确到行。",
            "What an object answered to a step, as it came (secrets masked); cited by line.",
        ),
    ),
    (
        Text("高 / 中 / 低", "high / medium / low"),
        Text(
            "工具对问题风险的建议；风险分析由人完成。",
            "Risk of a problem as this tool proposes it; a person decides.",
        ),
    ),
    (
        Text("登记的隧道", "declared tunnel"),
        Text(
            "清单的隧道登记中有未过期批准的隧道；隧道本身并不违规。",
            "A tunnel that the inventory's register approves at this time. No tunnel is wrong by itself.",
        ),
    ),
)
