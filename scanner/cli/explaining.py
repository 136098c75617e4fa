"""What can be explained, put together: the profile files, the checks, and what platforms ask of objects."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Probe, Snippet
from collectors.platforms import PLATFORMS
from collectors.rights import asking_sudo
from scanner.cli.judging import CHECKS, judge, profile_files
from scanner.judgement.file import load_judgements, load_triggers
from scanner.locker import Locker
from scanner.model import Text
from scanner.profile import LEVELS, load_profile
from scanner.report.explanation.in_run import Judgings
from scanner.report.explanation.knowledge import Asked, Knowledge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collectors.base import Platform, Step
    from scanner.facts import Fact
    from scanner.profile_files import Sources

_ROOT = Text("root 或 {sudo}", "root or {sudo}")
_RAW = Text("root 或 CAP_NET_RAW", "root or CAP_NET_RAW")
_METADATA = Text("查看元数据 {pattern}", "metadata of {pattern}")
_READ = Text("读取 {pattern}", "read {pattern}")
_PROBE = Text(
    "探测 {kind}：至多 {packets} 个包、{connections} 条连接",
    "probe {kind}: at most {packets} packets, {connections} connections",
)
_GIVEN = Text("读取清单 scans 所列的文件", "read the file under scans of the inventory")
_PER_PORT = Text("（每端口）", " a port")


def knowledge(sources: Sources) -> Knowledge:
    """Everything that can be explained by some profile files.

    Raises:
        ProfileError: they are wrong.
    """
    profiles = {level: load_profile(level, CHECKS, sources, earlier=True) for level in LEVELS}
    items = frozenset(item.id for profile in profiles.values() for item in profile.items)
    judgements = load_judgements(sources, frozenset(CHECKS), items)
    return Knowledge.of(profiles, CHECKS, judgements, load_triggers(sources), _asked())


def judged_run(path: Path) -> tuple[Judgings, Sources]:
    """Judge a run by the profile files that it keeps; return those too."""
    with Locker.open(path, "read") as locker:
        judged = judge(locker)
        sources = profile_files(locker.header)
    at = judged.assessments[0].at if judged.assessments else judged.header.started
    return Judgings(path.name, at, judged.assessments), sources


def _asked() -> dict[type[Fact], tuple[Asked, ...]]:
    """What each platform asks to read a fact."""
    found: dict[type[Fact], tuple[Asked, ...]] = {}
    for platform in PLATFORMS:
        for reader in platform.readers:
            steps = tuple(_step(platform, step) for step in reader.steps)
            found[reader.fact] = (*found.get(reader.fact, ()), *steps)
    return found


def _step(platform: Platform, step: Step) -> Asked:
    rights = None
    if isinstance(step.form, (Command, Files)) and step.form.privileged:
        rights = _ROOT.format(sudo=asking_sudo(step))
    elif isinstance(step.form, Probe) and step.form.raw:
        rights = _RAW
    return Asked(platform.name, step.id, step.why, tuple(_acts(step)), rights)


def _acts(step: Step) -> Iterator[Text]:
    """What is run, read or sent, literally."""
    form = step.form
    if isinstance(form, Command):
        line = f"$ {shlex.join(form.argv)}"
        yield Text(line, line)
    elif isinstance(form, Snippet) and not form.text:
        yield _GIVEN
    elif isinstance(form, Snippet):
        yield from (Text(f"$ {line}", f"$ {line}") for line in form.text.strip().splitlines())
    elif isinstance(form, Probe):
        most = _PROBE.format(kind=form.kind, packets=form.packets, connections=form.connections)
        yield Text(most.zh + _PER_PORT.zh, most.en + _PER_PORT.en) if form.per_port else most
    else:
        words = _METADATA if form.metadata_only else _READ
        yield from (words.format(pattern=pattern) for pattern in form.patterns)
