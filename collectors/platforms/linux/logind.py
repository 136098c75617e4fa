"""When systemd-logind ends idle sessions by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Files, Step
from collectors.platforms.linux.host import unparsable
from scanner.facts import Origin, Value
from scanner.model import Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence

MAIN = "/etc/systemd/logind.conf"

LOGIND_FILES = Step(
    "logind-files",
    Files((MAIN, "/usr/lib/systemd/logind.conf.d/*.conf", "/etc/systemd/logind.conf.d/*.conf")),
    Text(zh="systemd-logind 是否结束空闲会话", en="whether systemd-logind ends idle sessions"),
)

_UNITS = {
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}
_INI = re.compile(r"[#;]|\[\w+\]$|\w+\s*=")
_SPAN = re.compile(r"([0-9]{1,9})\s*([a-z]*)\s*")


def stop_idle(evidence: Evidence) -> Value[int] | None:
    """``StopIdleSessionSec`` in seconds, of several lines the last; None: not written, or without end.

    Drop-ins come after the file, by their names; one in /etc takes the place of the vendor's of the name.

    Raises:
        Unseen: a file was not seen, or the value is no span of time.
    """
    documents = evidence.files(LOGIND_FILES)
    drop_ins = {path.rpartition("/")[2]: path for path in documents if path != MAIN}
    found: Value[int] | None = None
    for path in (*(p for p in (MAIN,) if p in documents), *(drop_ins[name] for name in sorted(drop_ins))):
        document = documents[path]
        for number, line in enumerate(document.lines, 1):
            text = line.strip()
            if text and not _INI.match(text):
                raise unparsable(LOGIND_FILES, document, number, "not name=value")
            match = re.fullmatch(r"StopIdleSessionSec\s*=\s*(.*)", text)
            if match is None:
                continue
            if match[1] in {"", "infinity"}:
                found = None
                continue
            if not re.fullmatch(rf"(?:{_SPAN.pattern})+", match[1]):
                raise unparsable(LOGIND_FILES, document, number, "not a span of time")
            spans = _SPAN.findall(match[1])
            if any(unit not in _UNITS for _, unit in spans):
                raise unparsable(LOGIND_FILES, document, number, "not a span of time")
            total = sum(int(n) * _UNITS[unit] for n, unit in spans)
            found = Value(total, Origin.EXPLICIT, document.cite(number)) if total else None
    return found
