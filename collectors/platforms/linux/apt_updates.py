"""Security updates that wait, from the lists that apt fetched last: nothing is fetched, nothing locked."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collectors.base import Snippet, Step, Unseen
from collectors.platforms.linux.dpkg_version import DpkgVersion
from collectors.platforms.linux.host import OS_RELEASE, unparsable
from scanner.facts import PendingUpdate, SecurityUpdates
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Document, Evidence

# Lists may be compressed in several ways; apt's own helper reads all of them. Only packages whose version
# differs from the one installed are printed: which of both is newer is told by the reader.
LISTS = Step(
    "apt-security-lists",
    Snippet(
        r"""cd /var/lib/apt/lists 2>/dev/null || { echo 'dpkg-query: command not found' >&2; exit 127; }
for f in *ecurity*_InRelease *ecurity*_Release; do
  [ -f "$f" ] && echo "release $f $(grep -m 1 '^Date:' "$f")"
done
{ dpkg-query -W -f '${Status} ${Package} ${Architecture} ${Version}\n' || echo 'failed dpkg-query'
  echo --
  for f in *ecurity*_Packages *ecurity*_Packages.*; do
    [ -f "$f" ] || continue
    echo "List: $f"
    case $f in
      *_Packages) cat "$f" || echo "failed $f";;
      *) /usr/lib/apt/apt-helper cat-file "$f" || echo "failed $f";;
    esac
    echo
  done
} | awk '
/^failed / { print; next }
!lists { if ($0 == "--") lists = 1; else if ($3 == "installed") { have[$4 ":" $5] = $6; n++ } next }
/^List: / { print "list", $2; next }
/^Package: / { p = $2 }
/^Version: / { v = $2 }
/^Architecture: / { a = $2 }
/^$/ { k = p ":" a
  if (p != "" && k in have) { m++; if (have[k] != v) print "differs", p, a, have[k], v }
  p = v = a = "" }
END { print "installed", n + 0; print "offered", m + 0 }'"""
    ),
    Text(
        zh="发行版已发布而本机未装的安全更新（只读 apt 上次取得的列表，不联网、不加锁）",
        en="security updates that wait, by the lists that apt fetched last (nothing is fetched or locked)",
    ),
    control=r"^offered [0-9]+$",
)

_DATE = re.compile(
    r"release (\S+) Date: +([A-Z][a-z]{2}), +(\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d) +(?:UTC|\+0000|GMT)"
)


def read_apt_updates(evidence: Evidence) -> SecurityUpdates:
    """Read which security updates wait on a system with apt.

    Raises:
        Unseen: no apt, no list of this release's security archive, or a line that was not understood.
    """
    codename = _codename(evidence)
    document = evidence.command(LISTS)
    released: dict[str, tuple[datetime, int]] = {}
    lists: list[str] = []
    counts: dict[str, int] = {}
    pending: dict[tuple[str, str], PendingUpdate] = {}
    for number, line in enumerate(document.lines, 1):
        words = line.split(" ")
        if match := _DATE.fullmatch(line):
            released[match[1].rpartition("_")[0]] = (_time(document, number, match[3]), number)
        elif words[0] == "list" and len(words) == 2:
            lists.append(words[1])
        elif words[0] == "differs" and len(words) == 5:
            update = _update(document, number, words)
            if update is not None:
                pending[words[1], words[2]] = update
        elif words[0] in {"installed", "offered"} and len(words) == 2 and words[1].isdecimal():
            counts[words[0]] = int(words[1])
        elif line:
            raise unparsable(LISTS, document, number, "not what was asked for")
    own = [name for name in lists if re.search(rf"_dists_{re.escape(codename)}(-security|_updates)_", name)]
    if not own or len(own) != len(lists):
        detail = f"no list of the security archive of {codename} alone: {' '.join(lists)}"
        raise Unseen(Gap(GapReason.EMPTY, LISTS.id, detail=detail.rstrip(": ")))
    if not counts.get("installed") or not counts.get("offered"):
        raise Unseen(Gap(GapReason.EMPTY, LISTS.id, detail="the lists know none of the installed packages"))
    date, line_number = _oldest(own, released)
    taken = evidence.captures[LISTS.id][0].taken
    return SecurityUpdates(
        (document.whole,),
        tuple(pending.values()),
        counts["offered"],
        date,
        max(0, (taken - date).days),
        document.cite(line_number),
    )


def _codename(evidence: Evidence) -> str:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        document = evidence.file(OS_RELEASE, path)
        if document is not None:
            found = re.search(r'^VERSION_CODENAME="?([a-z]+)"?$', document.text, re.MULTILINE)
            if found:
                return found[1]
    raise Unseen(Gap(GapReason.EMPTY, OS_RELEASE.id, detail="the release has no code name"))


def _time(document: Document, number: int, text: str) -> datetime:
    try:
        return datetime.strptime(text, "%d %b %Y %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise unparsable(LISTS, document, number, "no date") from None


def _update(document: Document, number: int, words: list[str]) -> PendingUpdate | None:
    """What is offered, where it is newer than what is installed."""
    try:
        newer = DpkgVersion(words[3]) < DpkgVersion(words[4])
    except ValueError:
        raise unparsable(LISTS, document, number, "no version") from None
    return PendingUpdate(words[1], words[3], words[4], document.cite(number)) if newer else None


def _oldest(lists: list[str], released: dict[str, tuple[datetime, int]]) -> tuple[datetime, int]:
    """When the oldest list was written, by the release that it belongs to."""
    dates = []
    for name in lists:
        found = next((at for release, at in released.items() if name.startswith(f"{release}_")), None)
        if found is None:
            detail = f"no release tells when {name} was written"
            raise Unseen(Gap(GapReason.EMPTY, LISTS.id, detail=detail))
        dates.append(found)
    return min(dates)


STEPS = (LISTS,)
