"""Updates that wait on a system with apk, by the indexes that it fetched last.

Alpine's indexes do not tell which update mends security: what waits may or may not.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors.base import Snippet, Step, Unseen
from collectors.platforms.linux.host import unparsable
from scanner.facts import PendingUpdate, SecurityUpdates
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Evidence
    from scanner.model import Citation

INDEXES = Step(
    "apk-indexes",
    Snippet(
        r"""command -v apk >/dev/null || { echo 'apk: command not found' >&2; exit 127; }
c=/var/cache/apk; [ -d /etc/apk/cache ] && c=/etc/apk/cache
echo "repositories $(cat /etc/apk/repositories /etc/apk/repositories.d/*.list 2>/dev/null | grep -c '^[^#]')"
for f in "$c"/APKINDEX.*.tar.gz; do [ -f "$f" ] && stat -c 'index %Y %n' "$f"; done
apk --no-network version -v -l '<=' 2>&1"""
    ),
    Text(
        zh="软件包索引中比已装版本新的软件包（只读 apk 上次取得的索引，不联网）",
        en="packages that apk's indexes, as fetched last, have in a newer version (nothing is fetched)",
    ),
    control=r"^Installed: +Available:",
)

_PACKAGE = re.compile(
    r"(?P<name>\S+)-(?P<version>[0-9]\S*-r[0-9]+)\s+(?P<sign>[<=>?])(?:\s+(?P<offered>\S+))?(?:\s+@\S+)?\s*"
)


def read_apk_updates(evidence: Evidence) -> SecurityUpdates:
    """Read which updates wait on a system with apk.

    Raises:
        Unseen: no apk, an index is missing, or a line that was not understood.
    """
    document = evidence.command(INDEXES)
    repositories = 0
    indexes: list[tuple[int, Citation]] = []
    pending: list[PendingUpdate] = []
    known = 0
    for number, line in enumerate(document.lines, 1):
        at = document.cite(number)
        if match := re.fullmatch(r"repositories ([0-9]{1,6})", line):
            repositories = int(match[1])
        elif match := re.fullmatch(r"index ([0-9]{1,11}) /\S+", line):
            indexes.append((int(match[1]), at))
        elif match := _PACKAGE.fullmatch(line):
            known += match["sign"] != "?"
            if match["sign"] == "<":
                offered = match["offered"] or "?"
                pending.append(PendingUpdate(match["name"], match["version"], offered, at, security=False))
        elif line.strip() and not line.startswith("Installed:"):
            raise unparsable(INDEXES, document, number, "not what was asked for")
    if not repositories or len(indexes) < repositories or not known:
        detail = f"{len(indexes)} indexes of {repositories} repositories, with {known} of the packages"
        raise Unseen(Gap(GapReason.EMPTY, INDEXES.id, detail=detail))
    when, at = min(indexes, key=lambda index: index[0])
    fetched = datetime.fromtimestamp(when, UTC)
    age = max(0, (evidence.captures[INDEXES.id][0].taken - fetched).days)
    return SecurityUpdates((document.whole,), tuple(pending), known, fetched, age, at)


STEPS = (INDEXES,)
