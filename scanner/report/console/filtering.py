"""Rule files of packet filters at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from scanner.facts import Sources
from scanner.facts.rules import Action
from scanner.model import Text
from scanner.packetspace.finding import Trouble, packet_of
from scanner.packetspace.reach import Answer
from scanner.report.console.words import heading, shown
from scanner.report.filtering import port_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scanner.facts.rules import RuleFile
    from scanner.model.text import Language
    from scanner.packetspace.finding import FilterFinding
    from scanner.packetspace.reached import Reach
    from scanner.report.filtering import ComparedRules, JudgedRules

MOST_SHOWN = 40
"""Findings of one kind, and lines that were not understood; the JSON has all."""

_LINES = Text(zh="{lines} 行，未能理解 {unread} 处", en="{lines} lines, {unread} places not understood")
_WITHIN = Text(zh="（过滤部分 {within} 行）", en=" ({within} lines inside filters)")
_UNREAD = Text(
    zh="未能理解（所在规则的效果按不确定处理）",
    en="not understood (the effect of such a rule counts as uncertain)",
)
_DENIES = Text(zh="缺省拒绝", en="default deny")
_YES = Text(zh="是", en="yes")
_NO = Text(zh="否", en="no")
_OPEN_AT = Text(zh="（接口 {names} 未拒绝）", en=" (not on {names})")
_NO_HOOK = Text(zh="文件中没有过滤链：一切放行", en="no filter chain in this file: everything passes")
_FINDINGS = Text(zh="发现", en="findings")
_NOTHING = Text(zh="没有发现问题", en="nothing found")
_MORE = Text(zh="……另有 {count} 条（见 -f json）", en="... and {count} more (-f json has all)")
_LINE = Text(zh="行", en="line")
_FOR_EXAMPLE = Text(zh="例：", en="e.g. ")
_REACH = Text(zh="可达", en="reach")
_ASSUMED = Text(
    zh="按首个连接的首个报文回答（未限速、无历史、未打标记、单播明文、网卡地址未被点名）；涉及：{kinds}",
    en="answered for the first packet of a first connection: within rates, no history, unmarked, unicast, "
    "in the clear, from no hardware address that rules name; it matters for: {kinds}",
)
_BESIDE = Text(
    zh="过滤之外可能改变或丢弃报文的规则（它们会使结果不同的端口为不能确定）",
    en="rules beside the filters that may change or drop packets (a port is unknown where that may matter)",
)
_FOLLOWED = Text(
    zh="端口 {ports} 经第 {line} 行转换后：{answers}",
    en="ports {ports}, once translated (line {line}): {answers}",
)
_SAME = Text(zh="两者等价：每个报文的处置都相同", en="equal: every packet fares the same in both")
_UNPROVED = Text(
    zh="未能证明以上就是全部差异：{hooks}", en="not proved that these are all differences: {hooks}"
)
_KINDS = {
    Trouble.ANY_ANY: Text(zh="任意放行", en="any-any"),
    Trouble.OVER_WIDE: Text(zh="过宽", en="over-wide"),
    Trouble.SOURCE_PORT: Text(zh="信任源端口", en="source-port"),
    Trouble.EXPOSED: Text(zh="高危端口暴露", en="exposed-port"),
    Trouble.NO_DEFAULT_DENY: Text(zh="无缺省拒绝", en="no-default-deny"),
    Trouble.UNFILTERED: Text(zh="协议族未过滤", en="family-unfiltered"),
    Trouble.MANAGEMENT: Text(zh="管理来源不限", en="management-open"),
    Trouble.PUBLISHED: Text(zh="对外发布", en="published"),
    Trouble.CONTRADICTORY: Text(zh="矛盾", en="contradictory"),
    Trouble.SHADOWED: Text(zh="被遮蔽", en="shadowed"),
    Trouble.REDUNDANT: Text(zh="多余", en="redundant"),
    Trouble.IMPOSSIBLE: Text(zh="不可能匹配", en="impossible"),
    Trouble.UNCALLED: Text(zh="无人调用", en="uncalled"),
    Trouble.UNBOUND: Text(zh="未被引用", en="unbound"),
    Trouble.ON_SHUT: Text(zh="接口已关闭", en="bound-to-shut"),
    Trouble.WRONG_DIRECTION: Text(zh="方向有误", en="wrong-direction"),
    Trouble.CYCLE: Text(zh="循环引用", en="object-cycle"),
    Trouble.UNDEFINED: Text(zh="未定义", en="undefined"),
    Trouble.NEVER_USED: Text(zh="从未使用", en="never-used"),
    Trouble.NO_LOG: Text(zh="处置无日志", en="no-log"),
    Trouble.UNLOGGED: Text(zh="无日志", en="unlogged"),
    Trouble.CUT: Text(zh="文件不完整", en="cut"),
    Trouble.GAVE_UP: Text(zh="未能证明", en="gave-up"),
}
_ANSWERS = {
    Answer.OPEN: (Text(zh="开放", en="open"), "red"),
    Answer.UNKNOWN: (Text(zh="不能确定", en="unknown"), "magenta"),
    Answer.REJECTED: (Text(zh="拒绝", en="rejected"), "green"),
    Answer.DROPPED: (Text(zh="丢弃", en="dropped"), "green"),
}
_WRITTEN = Text(zh="自行写入规则的程序：{programs}", en="programs that write rules by themselves: {programs}")
_PUBLISHES = Text(zh="{by} 发布 {port} -> {to}", en="{by} publishes {port} -> {to}")
_AROUND = Text(
    zh="绕过本机过滤：该端口若属本机则不对外开放",
    en="around the host's own filter, which would not let strangers to this port",
)
_SOURCES = {
    Sources.ANYWHERE: Text(zh="任何来源可达", en="from anywhere"),
    Sources.NAMED: Text(zh="仅指明的网络可达", en="from named networks"),
    Sources.NOBODY: Text(zh="不可达", en="from nowhere"),
    Sources.UNKNOWN: Text(zh="来源不能确定", en="from where is not proved"),
}
_ACTIONS = {
    Action.TRANSLATE: Text(zh="地址转换", en="translates"),
    Action.DROP: Text(zh="丢弃", en="drops"),
    Action.REJECT: Text(zh="拒绝", en="rejects"),
    Action.CONTINUE: Text(zh="打标记或不跟踪", en="marks, or leaves untracked"),
    Action.ANYTHING: Text(zh="未能理解", en="not understood"),
}


def render_rules(judged: list[JudgedRules], language: Language) -> RenderableType:
    """Return what was found in files."""
    return Group(*(part for one in judged for part in _file(one, language)))


def _file(one: JudgedRules, language: Language) -> Iterator[RenderableType]:
    said = _LINES.format(lines=one.rules.lines, unread=len(one.rules.unread)).say(language)
    if one.rules.within is not None:
        said += _WITHIN.format(within=one.rules.within).say(language)
    yield Line.assemble(shown(one.file, "bold"), f"  {one.rules.dialect}  {said}")
    if one.rules.unread:
        yield Line(_UNREAD.say(language), style="magenta")
        for unread in one.rules.unread[:MOST_SHOWN]:
            yield Padding(
                Line.assemble(shown(f"{one.rules.place(unread.line)}: "), shown(unread.text, limit=200)),
                (0, 0, 0, 2),
            )
        if len(one.rules.unread) > MOST_SHOWN:
            yield Line(_MORE.format(count=len(one.rules.unread) - MOST_SHOWN).say(language))
    yield from _denies(one, language)
    yield heading(_FINDINGS.say(language))
    if not one.analysis.findings:
        yield Line(_NOTHING.say(language))
    yield from _findings(one, language)
    yield from _programs(one, language)
    if one.reach is not None:
        yield from _reach(one.reach, one.rules, language)
    yield Line("")


def _denies(one: JudgedRules, language: Language) -> Iterator[RenderableType]:
    if not one.analysis.denies and not one.rules.cut:
        yield Line(_NO_HOOK.say(language), style="red")
    for stage, by_name in one.analysis.denies.items():
        open_at = [name for name, denied in by_name.items() if not denied]
        said = Line.assemble(f"{_DENIES.say(language)} {stage.value}: ")
        said.append((_NO if open_at else _YES).say(language), style="red" if open_at else "green")
        if open_at and len(open_at) < len(by_name):
            said.append_text(shown(_OPEN_AT.format(names=", ".join(open_at[:12])).say(language)))
        yield said


def _findings(one: JudgedRules, language: Language) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for kind in Trouble:
        some = [finding for finding in one.analysis.findings if finding.kind is kind]
        for finding in some[:MOST_SHOWN]:
            place = shown(one.rules.place(finding.line))
            table.add_row(place, _KINDS[kind].say(language), _told(finding, language))
        if len(some) > MOST_SHOWN:
            table.add_row("", "", Line(_MORE.format(count=len(some) - MOST_SHOWN).say(language)))
    if table.row_count:
        yield table


def _programs(one: JudgedRules, language: Language) -> Iterator[RenderableType]:
    """Who wrote rules by themselves, and what engines publish."""
    if one.programs:
        yield Line(_WRITTEN.format(programs=", ".join(one.programs)).say(language))
    for told in one.published[:MOST_SHOWN]:
        ports = f"{told.port}" if told.port == told.last else f"{told.port}-{told.last}"
        told_to = _PUBLISHES.format(by=told.by, port=f"{told.protocol} {ports}", to=told.to).say(language)
        who = _SOURCES[told.sources].say(language)
        around = f"; {_AROUND.say(language)}" if told.around else ""
        place = one.rules.place(told.at[0].line)
        yield Padding(shown(f"{place}: {told_to} ({who}{around})"), (0, 0, 0, 2))
    if len(one.published) > MOST_SHOWN:
        yield Line(_MORE.format(count=len(one.published) - MOST_SHOWN).say(language))


def _told(finding: FilterFinding, language: Language) -> Line:
    told = Line.assemble(shown(finding.message.say(language)), "\n", shown(finding.text, "dim", limit=160))
    if finding.witness is not None:
        told.append("\n" + _FOR_EXAMPLE.say(language), style="dim")
        told.append_text(shown(str(finding.witness), "dim"))
    return told


def _reach(reach: Reach, rules: RuleFile, language: Language) -> Iterator[RenderableType]:
    yield heading(_REACH.say(language))
    for answer, (name, style) in _ANSWERS.items():
        ports = [port for port, one in reach.answers.items() if one.answer is answer]
        if not ports:
            continue
        yield Line.assemble((name.say(language), style), f": {port_ranges(ports)}")
        told = reach.answers[ports[0]]
        lines = ", ".join(rules.place(line) for line in sorted({by.line for by in told.by})[:8])
        packet = "" if told.example is None else str(packet_of(told.example, reach.interfaces))
        example = f"{_FOR_EXAMPLE.say(language)}{packet}  ({_LINE.say(language)} {lines})"
        yield Padding(shown(example, "dim"), (0, 0, 0, 2))
    if reach.assumed:
        yield Padding(
            shown(_ASSUMED.format(kinds=", ".join(reach.assumed)).say(language), "dim"), (0, 0, 0, 2)
        )
    if reach.beside:
        yield Line(_BESIDE.say(language), style="yellow")
        for one in reach.beside[:MOST_SHOWN]:
            said = f"{rules.place(one.line)}: {_ACTIONS[one.action].say(language)}  "
            yield Padding(Line.assemble(shown(said), shown(one.text, limit=160)), (0, 0, 0, 2))
    for followed in reach.followed[:MOST_SHOWN]:
        sent = port_ranges([p for low, high in followed.ports for p in range(low, high + 1)])
        gets = ", ".join(f"{hook.value} {_ANSWERS[one][0].say(language)}" for hook, one in followed.answers)
        said = _FOLLOWED.format(ports=sent, line=rules.place(followed.rule.line), answers=gets or "?").say(
            language
        )
        yield Padding(shown(said), (0, 0, 0, 2))


def render_difference(told: ComparedRules, language: Language) -> RenderableType:
    """Return the differences of two files."""
    return Group(*_difference(told, language))


def _difference(told: ComparedRules, language: Language) -> Iterator[RenderableType]:
    compared = told.compared
    yield Line.assemble(shown(told.before, "bold"), " -> ", shown(told.after, "bold"))
    if compared.equal:
        yield Line(_SAME.say(language), style="green")
    for one in compared.differences:
        places = f"{told.placed_before(one.before.line)} -> {told.placed_after(one.after.line)}"
        lines = f"{_LINE.say(language)} {places}"
        said = f"{one.stage.value}: {one.before.action} -> {one.after.action}  ({lines})  "
        yield Line.assemble(shown(said), shown(str(packet_of(one.example, compared.interfaces)), "dim"))
    if compared.unproved:
        hooks = ", ".join(stage.value for stage in compared.unproved)
        yield Line(_UNPROVED.format(hooks=hooks).say(language), style="magenta")
