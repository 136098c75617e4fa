"""``firewall``: what rule files of packet filters let through."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.options import format_option
from scanner.cli.speaking import Misused, speaking
from scanner.cli.words import language_of
from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from scanner.report.filtering import ComparedRules, JudgedRules

HELP = Text(
    zh="""\
证明防火墙规则文件放行什么：各钩子是否缺省拒绝，任意放行和过宽的规则，被遮蔽、多余、不可能匹配的规则，
均附例证报文和起决定作用的行；--reach 回答各端口从何处可达。

\b
可读：iptables-save、ip6tables-save、iptables -S、nft list ruleset（文本或 -j）、/etc/nftables.conf；
ipset save 的文件一并给出时，规则所引用的集合按其内容计算；
华为 VRP 与 USG 的 display current-configuration（UTF-8 或 GB18030）：ACL 与其应用、流策略、安全区域、
安全策略、域间策略、对象组、地址转换、管理来源；
文件夹 /etc/firewalld（可再给出 /usr/lib/firewalld：其中的区域与服务定义）；
文件夹 /etc/ufw（连同 /etc/default/ufw）；
单个 firewalld 区域的 XML，以及 firewall-cmd --list-all-zones、--list-all-policies 和 ufw status 的输出。
网络管理程序在接口启用时指定的区域不在这些文件中，按缺省区域计算。
未能理解的行会列出，所在规则的效果按不确定处理，绝不忽略。

\b
--reach 回答首个连接的首个报文（源端口 32768-60999）得到的结果：
  open 放行、rejected 拒绝并回应、dropped 丢弃、unknown 不能确定；
  未给出 --in、--out、--from、--to 时按任意计（不含回环），只要有一处放行即为 open。
  对网络设备默认询问穿过设备的报文（有安全区域时为不同区域之间）；--hook input 询问设备自身。
  地址转换、打标记、raw 与 mangle 表的丢弃等在过滤之外起作用：可能因此不同的端口为 unknown，
  并列出这些规则和转换后的结果。

\b
例：
  mlps-posture firewall rules.v4
  mlps-posture firewall rules.v4 --reach 22,80,8000-9000 --in eth0 --from 198.51.100.7
  mlps-posture firewall usg.cfg --reach 3389 --in untrust --out dmz
  mlps-posture firewall ruleset.nft --reach 53 --proto udp -f json
  mlps-posture firewall rules.v4 --logged denied
  mlps-posture firewall /etc/firewalld /usr/lib/firewalld --reach 22,9090 --in eth0
  mlps-posture firewall --diff old.rules new.rules""",
    en="""\
Prove what rule files of packet filters let through: whether each hook denies by default, any-any and too wide
rules, shadowed, redundant and impossible rules, each with a packet as witness and the lines that decide;
--reach tells which ports are open from where.

\b
Reads iptables-save, ip6tables-save, iptables -S, nft list ruleset (text or -j), /etc/nftables.conf;
a file of ipset save beside them fills the sets that their rules name;
Huawei VRP and USG, display current-configuration (UTF-8 or GB18030): ACLs and where they are applied, traffic
policies, zones, security and interzone policies, object groups, translation, sources of management;
the folders /etc/firewalld (and /usr/lib/firewalld beside it, for the zones and services in it) and /etc/ufw
(with /etc/default/ufw), the XML of a single zone of firewalld, and what firewall-cmd --list-all-zones,
--list-all-policies and ufw status print.
Zones that a network manager gives to interfaces are in none of these files: the default zone counts.
Lines that were not understood are listed, and make the effect of their rule uncertain, never ignored.

\b
--reach answers for the first packet of a first connection (source port 32768-60999):
  open, rejected (with an answer), dropped, unknown;
  what --in, --out, --from, --to leave open may be anything but loopback: open if it is open from somewhere.
  Devices are asked about packets through them (between zones where there are any); --hook input asks about
  the device itself.
  What acts beside the filters (translation, marks, drops of raw and mangle) makes a port unknown where it
  may fare otherwise; these rules are listed, and what packets get once they are translated.

\b
Examples:
  mlps-posture firewall rules.v4
  mlps-posture firewall rules.v4 --reach 22,80,8000-9000 --in eth0 --from 198.51.100.7
  mlps-posture firewall usg.cfg --reach 3389 --in untrust --out dmz
  mlps-posture firewall ruleset.nft --reach 53 --proto udp -f json
  mlps-posture firewall rules.v4 --logged denied
  mlps-posture firewall /etc/firewalld /usr/lib/firewalld --reach 22,9090 --in eth0
  mlps-posture firewall --diff old.rules new.rules""",
)
_REACH = Text(zh="要询问的端口，如 22,80,8000-9000。", en="Ports to ask about, such as 22,80,8000-9000.")
_PROTO = Text(zh="端口的协议。", en="Protocol of the ports.")
_HOOK = Text(
    zh="报文去向：本机、转发、本机发出。", en="Where packets go: to the host, through it, out of it."
)
_IN = Text(zh="进入的接口或安全区域。", en="Interface or zone that packets come in by.")
_OUT = Text(zh="离开的接口或安全区域。", en="Interface or zone that packets leave by.")
_FROM = Text(zh="来源地址。", en="Source address.")
_TO = Text(zh="目的地址（转换之前）。", en="Destination address, before any translation.")
_LOGGED = Text(
    zh="指出哪些处置（拒绝、放行、全部）不留日志。",
    en="Tell which decisions (denied, accepted, all) leave no log.",
)
_DIFF = Text(zh="比较两个规则文件对报文的处置。", en="Compare what two rule files do with packets.")
_EITHER = Text(zh="给出 FILE，或 --diff A B", en="give FILE, or --diff A B")
_ONLY_REACH = Text(zh="{options} 只与 --reach 一起使用", en="{options} goes with --reach")

_FILE = click.Path(exists=True, path_type=Path)


def build(language: Language) -> click.Command:
    """Build the command with its help in ``language``."""

    @speaking("firewall", HELP, language)
    @click.argument("file", nargs=-1, type=_FILE)
    @click.option("--reach", "ports", help=_REACH.say(language))
    @click.option("--proto", type=click.Choice(["tcp", "udp"]), help=_PROTO.say(language))
    @click.option("--hook", type=click.Choice(["input", "forward", "output"]), help=_HOOK.say(language))
    @click.option("--in", "came", help=_IN.say(language))
    @click.option("--out", "goes", help=_OUT.say(language))
    @click.option("--from", "source", help=_FROM.say(language))
    @click.option("--to", "destination", help=_TO.say(language))
    @click.option("--logged", type=click.Choice(["denied", "accepted", "all"]), help=_LOGGED.say(language))
    @click.option("--diff", type=_FILE, nargs=2, help=_DIFF.say(language))
    @format_option(language, "console", "json")
    @click.pass_context
    def firewall(
        ctx: click.Context,
        /,
        *,
        file: tuple[Path, ...],
        ports: str | None,
        format_: str,
        diff: tuple[Path, Path] | None,
        logged: str | None,
        **told: str | None,
    ) -> int:
        from scanner.cli.firewalling import LOGGED, Asked, compared, judged

        if bool(file) == bool(diff):
            raise Misused(_EITHER)
        given = [name for name, value in told.items() if value is not None]
        if ports is None and given:
            raise Misused(_ONLY_REACH.format(options=", ".join(f"--{_OPTIONS.get(n, n)}" for n in given)))
        if diff:
            difference = compared(*diff)
            _show_difference(difference, format_, language_of(ctx))
            return 0 if difference.compared.equal else 1 if difference.compared.differences else 2
        asked = None if ports is None else Asked.read(ports, told)
        found = judged(file, asked, LOGGED[logged or ""])
        _show(found, format_, language_of(ctx))
        return 2 if any(one.rules.unread for one in found) else 0

    return firewall


_OPTIONS = {"came": "in", "goes": "out", "source": "from", "destination": "to"}


def _show(found: list[JudgedRules], format_: str, language: Language) -> None:
    if format_ == "json":
        from scanner.cli.writing import write_out
        from scanner.report.json.filtering import render_rules as as_json

        write_out(as_json(found), None)
        return
    from rich.console import Console

    from scanner.cli.terminal import columns
    from scanner.report.console.filtering import render_rules

    Console(width=columns(), soft_wrap=False, highlight=False).print(render_rules(found, language))


def _show_difference(told: ComparedRules, format_: str, language: Language) -> None:
    if format_ == "json":
        from scanner.cli.writing import write_out
        from scanner.report.json.filtering import render_difference as as_json

        write_out(as_json(told), None)
        return
    from rich.console import Console

    from scanner.cli.terminal import columns
    from scanner.report.console.filtering import render_difference

    Console(width=columns(), soft_wrap=False, highlight=False).print(render_difference(told, language))
