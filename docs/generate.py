"""Generated pages: ``python -m docs.generate`` writes them; a test holds them current.

What is asked of an object, what is asked of the facts, and how both bear on a level's items stands in the
code and in the profiles; these pages say it once more for people who do not read either.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Probe, Snippet
from collectors.evidence import rights
from collectors.platforms import PLATFORMS
from collectors.rights import privileged_argvs
from docs.levels import catalogue, overview
from scanner.checks import ALL as CHECKS
from scanner.checks.document import page as checks_page
from scanner.derive.sources import DERIVED_FROM
from scanner.inventory import schema
from scanner.profile import LEVELS, load_profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.base import Platform, Step
    from scanner.checks.check import Check
    from scanner.facts import Fact
    from scanner.model import Profile

FOLDER = Path(__file__).parent

_COMMANDS_HEAD = """\
# Commands

Written by `make docs`; a test holds it current. `mlps-posture scan TARGET --plan` prints the same for one
scan, and `mlps-posture sudoers --user NAME` the rights that the privileged steps can use.

Everything that a scan asks an object: constant, read-only, in one login and one session. Files are read by
the shell; where a step needs rights that the login lacks, the exact command under *With sudo* is tried with
`sudo -n`. *Items* are those of level 3 that a check bears on.

扫描对对象所做的全部操作：固定、只读，一次登录、一个会话。
登录账户无权时，用 `sudo -n` 执行 With sudo 所列的命令。
“Items”为相关检查所涉及的第三级测评单元。
"""


def pages() -> dict[str, str]:
    """All generated files by name."""
    checks = {check.id: check for check in CHECKS}
    profiles = tuple(load_profile(level, checks) for level in LEVELS)
    return {
        "commands.md": "".join(_commands(profiles[2])),
        "checks.md": checks_page(),
        "levels.md": overview(profiles),
        **{f"levels/l{profile.level}.md": catalogue(profile) for profile in profiles},
        "inventory.schema.json": json.dumps(schema(), ensure_ascii=False, indent=2) + "\n",
    }


def _commands(profile: Profile) -> Iterator[str]:
    yield _COMMANDS_HEAD
    for platform in PLATFORMS:
        yield f"\n## {platform.name}\n"
        for step in platform.steps:
            yield from _step(platform, step, profile)


def _step(platform: Platform, step: Step, profile: Profile) -> Iterator[str]:
    yield f"\n### {step.id}\n\n{step.why.zh}\n\n{step.why.en}\n\n"
    yield from (f"    {line}\n" for line in _asked(step))
    yield "\n"
    argvs = privileged_argvs(step)
    if argvs:
        yield f"- Needs: {_code(rights(step))}\n"
        yield from (f"- With sudo: {_code(shlex.join(argv))}\n" for argv in argvs)
    yield f"- At most: {step.seconds} s, {step.max_bytes // 1024} KiB\n"
    if step.control:
        yield f"- A working answer contains: {_code(step.control)}\n"
    read = [reader.fact for reader in platform.readers if step in reader.steps]
    asking = [check for check in CHECKS if _rests_on(check, read)]
    yield f"- Facts: {', '.join(fact.__name__ for fact in read) or '-'}\n"
    yield f"- Checks: {', '.join(check.id for check in asking) or '-'}\n"
    yield f"- Items: {', '.join(_items(profile, {check.id for check in asking})) or '-'}\n"


def _asked(step: Step) -> list[str]:
    """What is run or read, literally."""
    form = step.form
    if isinstance(form, Command):
        return [shlex.join(form.argv)]
    if isinstance(form, Snippet):
        return form.text.strip().splitlines()
    if isinstance(form, Probe):
        each = "a port" if form.per_port else "an object"
        needs = "; raw packets" if form.raw else ""
        return [
            f"probe {form.kind}: at most {form.packets} packets, {form.connections} connections {each}{needs}"
        ]
    assert isinstance(form, Files)  # noqa: S101 - there is no other form
    return [f"{'metadata of' if form.metadata_only else 'read'} {pattern}" for pattern in form.patterns]


def _rests_on(check: Check, read: list[type[Fact]]) -> bool:
    asked = {*check.needs, *check.also}
    return any(fact in asked or any(fact in DERIVED_FROM.get(a, ()) for a in asked) for fact in read)


def _items(profile: Profile, checks: set[str]) -> list[str]:
    return [
        item.id
        for item in profile.items
        if any(binding.check in checks for step in item.steps for binding in step.bindings)
    ]


def _code(text: str) -> str:
    """Text as code in Markdown, whatever it holds."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def main() -> None:
    """Write all pages."""
    for name, text in pages().items():
        page = FOLDER / name
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
