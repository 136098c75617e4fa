"""Whether systemd-coredump keeps what crashes leave."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Need, Reader, Step
from collectors.platforms.linux.host import absence, unparsable
from scanner.facts import DumpKeeping, Origin, Value
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

_MAINS = ("/etc/systemd/coredump.conf", "/usr/lib/systemd/coredump.conf")
_FOLDERS = tuple(f"{top}/systemd/coredump.conf.d/" for top in ("/etc", "/run", "/usr/local/lib", "/usr/lib"))

DUMP_FILES = Step(
    "coredump-files",
    Files((*_MAINS, *(f"{folder}*.conf" for folder in _FOLDERS))),
    Text(zh="systemd-coredump 是否保存内存转储", en="whether systemd-coredump keeps memory dumps"),
)

_INI = re.compile(r"[#;].*|\[\w+\]|\w+\s*=.*")


def read_dump_keeping(evidence: Evidence) -> DumpKeeping:
    """Read ``Storage`` as systemd-coredump merges its files: the main one, then drop-ins by name, /etc first.

    Raises:
        Unseen: a file was not seen, or a line is not understood.
    """
    documents = evidence.files(DUMP_FILES)
    named: dict[str, str] = {}
    for folder in _FOLDERS:
        for path in documents:
            if path.startswith(folder):
                named.setdefault(path.removeprefix(folder), path)
    main = [path for path in _MAINS if path in documents][:1]
    storage = Value("external", Origin.DEFAULT, absence(evidence, DUMP_FILES, _MAINS[0]))
    for path in (*main, *(named[name] for name in sorted(named))):
        document = documents[path]
        for number, line in enumerate(document.lines, 1):
            text = line.strip()
            if text and not _INI.fullmatch(text):
                raise unparsable(DUMP_FILES, document, number, "not name=value")
            match = re.fullmatch(r"Storage\s*=\s*(\S*)", text)
            if match and match[1] not in {"", "none", "external", "journal"}:
                raise unparsable(DUMP_FILES, document, number, "no place that is known")
            if match:
                storage = Value(match[1] or "external", Origin.EXPLICIT, document.cite(number))
    seen = tuple(d.whole for d in documents.values()) or (evidence.listing(DUMP_FILES),)
    return DumpKeeping(seen, storage)


STEPS = (DUMP_FILES,)

READERS = (Reader(DumpKeeping, (Need((DUMP_FILES,)),), read_dump_keeping),)
