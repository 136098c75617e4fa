"""Questions about the kernel's audit trail."""

from __future__ import annotations

from scanner.checks.check import Check, NoParameters
from scanner.checks.outcome import listed, through, unsettled
from scanner.facts import AuditRules, AuditState, AuditTopic, WrittenAuditRules
from scanner.model import Answer, Gap, GapReason, Outcome, Risk, Text

KEY_TOPICS = (
    AuditTopic.IDENTITY,
    AuditTopic.TIME,
    AuditTopic.LOGINS,
    AuditTopic.PRIVILEGE,
    AuditTopic.PERMISSIONS,
    AuditTopic.DELETIONS,
)
"""Events that rules have to record; further topics are facts, and no host is condemned for want of them."""


def _recording(state: AuditState, _: NoParameters) -> Outcome:
    if not state.installed:
        return Outcome.no(Text(zh="未安装 auditd", en="auditd is not installed"), *state.seen)
    if not state.running:
        return Outcome.no(Text(zh="auditd 未运行", en="auditd does not run"), *state.seen)
    if state.kernel_enabled == 0:
        message = Text(
            zh="内核审计已关闭（enabled 0）", en="auditing is switched off in the kernel (enabled 0)"
        )
        return Outcome.no(message, *state.seen)
    if state.kernel_enabled not in {1, 2}:
        message = Text(
            zh="auditd 在运行，但未看到内核审计开关", en="auditd runs, but the kernel's switch was not seen"
        )
        return unsettled(message, state.seen, GapReason.NOT_COLLECTED, "root, or sudo: auditctl -s")
    message = Text(
        zh="auditd 在运行，内核审计 enabled {enabled}{boot_zh}",
        en="auditd runs, auditing in the kernel is enabled {enabled}{boot_en}",
    ).format(
        enabled=state.kernel_enabled,
        boot_zh="" if state.enabled_at_boot else "，但未设为开机启动",
        boot_en="" if state.enabled_at_boot else ", though it does not start at boot",
    )
    return Outcome.yes(message, *state.seen)


def _covered(rules: AuditRules | Gap, state: AuditState | Gap, _: NoParameters) -> Outcome:
    """Ask the loaded rules; where nothing that loads any is installed, there are none."""
    if isinstance(rules, Gap):
        if isinstance(state, AuditState) and not state.installed:
            message = Text(
                zh="未安装 auditd，没有审计规则", en="auditd is not installed: there are no audit rules"
            )
            return Outcome.no(message, *state.seen)
        return through(Text(zh="未看到已加载的审计规则", en="the loaded audit rules were not seen"), rules)
    missing = [t for t in KEY_TOPICS if not any(t in rule.topics for rule in rules.rules)]
    if missing:
        message = Text(
            zh="已加载的 {count} 条审计规则未覆盖：{missing}",
            en="the {count} loaded audit rules do not cover: {missing}",
        ).format(count=len(rules.rules), missing=listed(t.value for t in missing))
        return Outcome.no(message, *rules.seen)
    deciding = [next(r.at for r in rules.rules if t in r.topics) for t in KEY_TOPICS]
    message = Text(
        zh="已加载的 {count} 条审计规则覆盖：{topics}", en="the {count} loaded audit rules cover: {topics}"
    ).format(count=len(rules.rules), topics=listed(t.value for t in KEY_TOPICS))
    return Outcome.yes(message, *deciding, *rules.seen)


def _both_widths(rules: AuditRules, _: NoParameters) -> Outcome:
    if rules.escaped is None:
        message = Text(
            zh="该架构不运行另一字长的程序", en="a machine of this kind runs no programs of another width"
        )
        return Outcome(Answer.NA, message, rules.seen)
    if rules.escaped:
        message = Text(
            zh="32 位程序的系统调用不被记录：{topics}",
            en="programs of 32 bits escape what is recorded: {topics}",
        ).format(topics=listed(t.value for t in rules.escaped))
        deciding = [r.at for r in rules.rules if {*r.topics} & {*rules.escaped}]
        return Outcome.no(message, *deciding, *rules.seen)
    told = [t for t in AuditTopic if any(t in rule.topics for rule in rules.rules)]
    if not told:
        message = Text(zh="没有规则覆盖任何一类事件", en="the rules cover no group of events")
        return unsettled(message, rules.seen)
    message = Text(
        zh="对 32 位与 64 位程序同样记录：{topics}", en="recorded for programs of 32 and of 64 bits: {topics}"
    ).format(topics=listed(t.value for t in told))
    return Outcome.yes(message, *rules.seen)


def _at_boot(written: WrittenAuditRules, _: NoParameters) -> Outcome:
    """Ask the rules that the next boot loads, whatever is loaded now."""
    missing = [t for t in KEY_TOPICS if not any(t in rule.topics for rule in written.rules)]
    stopped = Text(
        zh="；第 {line} 行被拒绝，其后的规则不会加载",
        en="; line {line} is refused, and what follows is not loaded",
    )
    refused = written.refused[0] if written.refused and not written.goes_on.value else None
    tail = stopped.format(line=refused.line) if refused is not None else Text(zh="", en="")
    if missing:
        message = Text(
            zh=f"开机加载的 {{count}} 条审计规则未覆盖：{{missing}}{tail.zh}",
            en=f"the {{count}} audit rules of the next boot do not cover: {{missing}}{tail.en}",
        ).format(count=len(written.rules), missing=listed(t.value for t in missing))
        return Outcome.no(message, *written.refused, *written.seen)
    message = Text(
        zh="开机加载的 {count} 条审计规则覆盖：{topics}",
        en="the {count} audit rules of the next boot cover: {topics}",
    ).format(count=len(written.rules), topics=listed(t.value for t in KEY_TOPICS))
    return Outcome.yes(message, *(next(r.at for r in written.rules if t in r.topics) for t in KEY_TOPICS))


CHECKS: tuple[Check, ...] = (
    Check(
        "audit.recording",
        Text(zh="内核审计是否在记录？", en="Does the kernel's audit trail record?"),
        (AuditState,),
        _recording,
        Risk.MEDIUM,
        Text(
            zh="安装 auditd（apt install auditd 或 dnf install audit），systemctl enable --now auditd，"
            "并在 /etc/audit/rules.d 写 -e 1 或 -e 2。",
            en="Install auditd (apt install auditd, dnf install audit), run systemctl enable --now auditd and"
            " write -e 1 or -e 2 into /etc/audit/rules.d.",
        ),
    ),
    Check(
        "audit.rules-cover-key-events",
        Text(zh="已加载的审计规则是否覆盖重要事件？", en="Do the loaded audit rules cover the key events?"),
        (),
        _covered,
        Risk.LOW,
        Text(
            zh="在 /etc/audit/rules.d/30-key-events.rules 为缺少的类别写 -w 或 -a always,exit 规则"
            "（如 -w /etc/passwd -p wa -k identity），再执行 augenrules --load。",
            en="Write -w or -a always,exit rules for the missing groups into"
            " /etc/audit/rules.d/30-key-events.rules (-w /etc/passwd -p wa -k identity), then run augenrules"
            " --load.",
        ),
        also=(AuditRules, AuditState),
    ),
    Check(
        "audit.rules-cover-both-widths",
        Text(
            zh="已加载的审计规则是否同样记录 32 位程序的系统调用？",
            en="Do the loaded audit rules record the system calls of 32-bit programs as well?",
        ),
        (AuditRules,),
        _both_widths,
        Risk.LOW,
        Text(
            zh="为 /etc/audit/rules.d 中每条 -F arch=b64 的规则再写一条 -F arch=b32，"
            "然后 augenrules --load。",
            en="Write every rule with -F arch=b64 in /etc/audit/rules.d a second time with -F arch=b32, then"
            " run augenrules --load.",
        ),
    ),
    Check(
        "audit.rules-at-boot",
        Text(
            zh="下次开机加载的审计规则是否覆盖重要事件？",
            en="Will the audit rules of the next boot cover the key events?",
        ),
        (WrittenAuditRules,),
        _at_boot,
        Risk.LOW,
        Text(
            zh="把缺少的规则写入 /etc/audit/rules.d/30-key-events.rules，用 augenrules --check 核对，"
            "并删除 auditctl 拒绝的行。",
            en="Write the missing rules into /etc/audit/rules.d/30-key-events.rules, compare with augenrules"
            " --check, and remove lines that auditctl refuses.",
        ),
    ),
)
