"""``scan --plan``: everything that a scan would send, to whom and at what rate, before anything is sent."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Probe, Snippet
from collectors.program import FILES_A_PATTERN
from collectors.rights import asking_sudo, has_wildcard
from scanner.cli import plan_probes
from scanner.model import Text, TransportKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.base import Platform, Step
    from scanner.inventory import Inventory
    from scanner.model import Reach
    from scanner.model.text import Language

_NOTICE = Text(
    zh="影响说明（GA/T 1735.1 要求测评工具事先告知）：",
    en="Impact notice (GA/T 1735.1 asks an inspection tool to say this first):",
)
_LOGINS = Text(
    zh="""\
  登录：对象 {objects} 个；每个对象至多 1 条认证连接、1 个会话、{steps} 个只读步骤，
  最多 {seconds:g} 秒、{megabytes:g} MiB；同时最多 {workers} 个对象。
  不写入、不改动、不猜口令；目标上只留下登录本身的记录（登录日志、sudo 日志）。""",
    en="""\
  Logins: {objects} object(s); each: at most 1 authenticated connection, 1 session, {steps} read-only steps,
  {seconds:g} s and {megabytes:g} MiB; at most {workers} objects at a time.
  Nothing is written or changed, no password is guessed; a target keeps only the records that any login
  leaves (login log, sudo log).""",
)
_FROM_FILES = Text(
    zh="  {objects} 个对象只从本机上的文件读取，不发送任何内容。",
    en="  {objects} object(s) are read from files on this machine: nothing is sent to them.",
)
_LIVE = {TransportKind.SSH, TransportKind.LOCAL, TransportKind.COMMAND}
_FILES = {TransportKind.TREE, TransportKind.IMPORT, TransportKind.REPLAY, TransportKind.GIVEN}
_NOTHING = Text(zh="  不查看任何对象。", en="  Nothing is looked at.")


def impact_notice(
    reaches: tuple[Reach, ...], platforms: Mapping[str, Platform], workers: int, language: Language
) -> str:
    """What the scan may do to the objects, in a few lines."""
    parts = (
        *_logins(reaches, platforms, workers, language),
        *plan_probes.notice(reaches, platforms, workers, language),
    )
    return "\n".join([_NOTICE.say(language), *(parts or [_NOTHING.say(language)])])


def _logins(
    reaches: tuple[Reach, ...], platforms: Mapping[str, Platform], workers: int, language: Language
) -> Iterator[str]:
    """Lines that speak of looks at objects themselves; none where nobody logs in anywhere."""
    logins = [r for r in reaches if r.transport in _LIVE]
    files = [r for r in reaches if r.transport in _FILES]
    if files:
        yield _FROM_FILES.format(objects=len(files)).say(language)
    if not logins:
        return
    text = _LOGINS.format(
        objects=len(logins),
        steps=max(len(platforms[r.platform].steps) for r in logins),
        seconds=max(r.limits.seconds for r in logins),
        megabytes=max(r.limits.max_bytes for r in logins) / 1048576,
        workers=min(workers, len(reaches)),
    )
    yield from text.say(language).splitlines()
    yield from _bastions(logins, language)


_BASTIONS = Text(
    zh="  跳板机 {names} 另有 1 条连接，供其后的对象共用，无会话。",
    en="  bastions {names}: 1 more connection, shared by all objects behind it, without a session.",
)


def _bastions(logins: list[Reach], language: Language) -> list[str]:
    """Hosts that others are reached through keep one connection open for that."""
    names = {f"{hop.address}:{hop.port}" for reach in logins for hop in reach.hops[:-1]}
    return [_BASTIONS.format(names=", ".join(sorted(names))).say(language)] if names else []


def plan(
    inventory: Inventory, platforms: Mapping[str, Platform], workers: int, language: Language
) -> Iterator[str]:
    """Lines of the plan: the notice, the way to each object, and every step of each platform, literally."""
    yield from impact_notice(inventory.reaches, platforms, workers, language).splitlines()
    yield from _ways(inventory, language)
    yield from plan_probes.plan(inventory, platforms, language)
    asked = (r.platform for r in inventory.reaches if r.transport is not TransportKind.GIVEN)
    for name in sorted(set(asked)):
        yield ""
        yield Text(zh="步骤", en="Steps").say(language) + f" ({name})"
        yield from _total(platforms[name].steps, language)
        for step in platforms[name].steps:
            yield from _step(step, platforms[name].typical.get(step.id), language)


def _ways(inventory: Inventory, language: Language) -> Iterator[str]:
    """How each object itself is reached, and which are left out altogether."""
    logins = [r for r in inventory.reaches if r.transport is not TransportKind.PROBE]
    met = {r.object for r in logins} | {look.object for look in inventory.looks}
    rest = [o.id for o in inventory.objects if o.id not in met and not o.parent]
    if logins or rest:
        yield ""
        yield Text(zh="到达方式", en="Ways").say(language)
    for reach in logins:
        yield f"  {reach.object}: {way(reach)}"
    if rest:
        yield Text(zh="  不查看：", en="  not looked at: ").say(language) + ", ".join(rest)


def way(reach: Reach) -> str:
    """One line: how an object is reached; credentials only as references."""
    if reach.transport is TransportKind.SSH:
        hops = " -> ".join(f"{h.user}@{h.address}:{h.port}" for h in reach.hops)
        return f"ssh {hops}  ({', '.join(reach.hops[-1].credentials)})"
    if reach.transport is TransportKind.PROBE:
        return shlex.join(["probe", reach.address, "from", reach.vantage])
    if reach.transport is TransportKind.COMMAND:
        return f"command {shlex.join(reach.prefix)}"
    return f"{reach.transport} {reach.path}".strip()


_TOTAL = Text(
    zh="""\
  命令 {commands} 条，单独计最多 {seconds} 秒、{megabytes:.0f} MiB；文件模式 {patterns} 个，按名称逐个读取。
  整次查看另受上面的总限额约束。""",
    en="""\
  {commands} commands, by themselves at most {seconds} s and {megabytes:.0f} MiB; {patterns} file patterns,
  read by name. The whole look ends at the limits above in any case.""",
)


def _total(steps: Sequence[Step], language: Language) -> Iterator[str]:
    """What all steps of a login may cost together; none for probes, whose budget stands above."""
    run = [step for step in steps if isinstance(step.form, (Command, Snippet))]
    patterns = sum(len(step.form.patterns) for step in steps if isinstance(step.form, Files))
    if run or patterns:
        megabytes = sum(step.max_bytes for step in run) / 1048576
        text = _TOTAL.format(
            commands=len(run), seconds=sum(s.seconds for s in run), megabytes=megabytes, patterns=patterns
        )
        yield from text.say(language).splitlines()


def _cost(step: Step) -> Text:
    """The most that a step takes of an object: a command's time and answer, a file's bytes."""
    if not isinstance(step.form, Files):
        bounds = f"<= {step.seconds} s, {step.max_bytes // 1024} KiB"
        return Text(zh=bounds, en=bounds)
    if step.form.metadata_only:
        return Text(zh="不读内容", en="no content is read")
    text = _SEVERAL if any(has_wildcard(pattern) for pattern in step.form.patterns) else _ONE
    return text.format(size=step.max_bytes // 1024, files=FILES_A_PATTERN)


_ONE = Text(zh="每个文件 <= {size} KiB", en="<= {size} KiB a file")
_SEVERAL = Text(
    zh="每个文件 <= {size} KiB，每个模式 <= {files} 个文件",
    en="<= {size} KiB a file, <= {files} files a pattern",
)


_TYPICAL = Text(zh="；通常约 {ms} 毫秒", en="; about {ms} ms")


def _step(step: Step, typical: int | None, language: Language) -> Iterator[str]:
    rights = ""
    if isinstance(step.form, (Command, Files)) and step.form.privileged:
        rights = (
            Text(zh=" [root 或 {sudo}]", en=" [root or {sudo}]").format(sudo=asking_sudo(step)).say(language)
        )
    elif isinstance(step.form, Probe) and step.form.raw:
        rights = Text(zh=" [root 或 CAP_NET_RAW]", en=" [root or CAP_NET_RAW]").say(language)
    usual = "" if typical is None else _TYPICAL.format(ms=typical).say(language)
    yield f"  {step.id}{rights}  {_cost(step).say(language)}{usual}"
    yield f"      {step.why.say(language)}"
    if isinstance(step.form, Command):
        yield f"      $ {shlex.join(step.form.argv)}"
    elif isinstance(step.form, Snippet):
        yield from (f"      $ {line}" for line in step.form.text.strip().splitlines())
    elif isinstance(step.form, Files):
        verb = Text(zh="元数据", en="metadata").say(language) if step.form.metadata_only else "cat"
        yield from (f"      $ {verb} {pattern}" for pattern in step.form.patterns)
