"""Settings of the kernel that files set at boot, as systemd-sysctl and ``sysctl --system`` order them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.facts import KernelRule, WrittenKernelSettings
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document, Evidence

_FOLDERS = (
    "/etc/sysctl.d/",
    "/run/sysctl.d/",
    "/usr/local/lib/sysctl.d/",
    "/usr/lib/sysctl.d/",
    "/lib/sysctl.d/",
)
"""A file in an earlier one takes the place of files of the same name in later ones."""

_ALONE = "/etc/sysctl.conf"

FILES = Step(
    "kernel-setting-files",
    Files((_ALONE, *(f"{folder}*.conf" for folder in _FOLDERS))),
    Text(zh="开机时写入内核参数的文件", en="files that set the kernel's settings at boot"),
)

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.*?/:@\[\]-]*")


def read_written_settings(evidence: Evidence) -> WrittenKernelSettings:
    """Read what the files set, in the order in which it is written to the kernel.

    Raises:
        Unseen: a file was not seen, a line is no assignment, or there is no file at all.
    """
    documents = evidence.files(FILES)
    if not documents:
        raise Unseen(Gap(GapReason.EMPTY, FILES.id, detail="no file sets anything"))
    parsed = {path: tuple(_rules(document)) for path, document in documents.items()}
    chosen = _chosen(parsed)
    at_boot = _joined(rule for path in chosen for rule in parsed[path])
    with_last = _joined((*at_boot, *parsed.get(_ALONE, ())))
    return WrittenKernelSettings(tuple(d.whole for d in documents.values()), at_boot, with_last)


def _chosen(paths: Mapping[str, object]) -> list[str]:
    """Files by name, each name from the first folder that has it."""
    named: dict[str, str] = {}
    for folder in _FOLDERS:
        for path in paths:
            if path.startswith(folder):
                named.setdefault(path.removeprefix(folder), path)
    return [named[name] for name in sorted(named)]


def _rules(document: Document) -> Iterator[KernelRule]:
    for number, line in enumerate(document.lines, 1):
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        key, sign, value = text.partition("=")
        excluded = key.startswith("-") and not sign
        name = key.strip().removeprefix("-")
        if not (sign or excluded) or not _KEY.fullmatch(name):
            raise unparsable(FILES, document, number, "no assignment")
        yield KernelRule(normal(name), None if excluded else value.strip(), document.cite(number))


def normal(name: str) -> str:
    """The name as below /proc/sys: where the first separator is a dot, dots and slashes change places."""
    first = next((character for character in name if character in "./"), "/")
    return name.translate(str.maketrans("./", "/.")) if first == "." else name


def _joined(rules: Iterator[KernelRule] | tuple[KernelRule, ...]) -> tuple[KernelRule, ...]:
    """The last rule of each name, where it stands; one that repeats the value stays in its first place."""
    last: dict[str, KernelRule] = {}
    for rule in rules:
        before = last.get(rule.name)
        if before is not None and before.value != rule.value:
            del last[rule.name]
        if before is None or before.value != rule.value:
            last[rule.name] = rule
    return tuple(last.values())


STEPS = (FILES,)

READERS = (Reader(WrittenKernelSettings, (Need((FILES,)),), read_written_settings),)
