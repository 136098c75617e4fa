"""Security advisories that dnf, yum or zypper fetched last, against the packages of rpm.

Their own commands write caches, logs and locks, so that their lists are read instead. What an advisory says
of a module's stream bears only on hosts that have the stream switched on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from collectors.base import Snippet, Step, Unseen
from collectors.platforms.linux.host import unparsable
from collectors.platforms.linux.rpm_version import RpmVersion
from scanner.facts import PendingUpdate, SecurityUpdates
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collectors.evidence import Document, Evidence

ADVISORIES = Step(
    "rpm-advisories",
    Snippet(
        r"""{ [ -d /var/lib/rpm ] || [ -d /usr/lib/sysimage/rpm ]; } && [ ! -d /var/lib/dpkg ] &&
  command -v rpm >/dev/null || { echo 'rpm: command not found' >&2; exit 127; }
LC_ALL=C; export LC_ALL
cat /etc/yum.repos.d/*.repo /etc/zypp/repos.d/*.repo 2>/dev/null | awk '
function tell() { if (id != "" && on) print "repository", id }
{ sub(/\r$/, "") }
/^[ \t]*\[/ { tell(); id = $0; gsub(/^[ \t]*\[|\].*$/, "", id); gsub(/[ \t]/, "_", id); on = 1; next }
/^enabled[ \t]*=/ { v = tolower($0); gsub(/^[^=]*=[ \t]*|[ \t]*$/, "", v);
  on = v !~ /^(0|no|false|off)$/ }
END { tell() }'
n=0
for f in /var/cache/dnf/*/repodata/repomd.xml /var/cache/libdnf5/*/repodata/repomd.xml \
  /var/cache/yum/*/*/*/repomd.xml /var/cache/zypp/raw/*/repodata/repomd.xml; do
  [ -f "$f" ] || continue
  n=$((n+1)); [ $n -le 60 ] || { echo 'failed: more than 60 lists'; break; }
  d=${f%/repomd.xml}; r=${d%/repodata}; r=${r##*/}
  case $f in /var/cache/dnf/*|/var/cache/libdnf5/*) r=${r%-*};; esac
  echo "cache $(stat -c %Y "$f") $r"
done
{ rpm -qa --qf 'P %{NAME} %{ARCH} %|EPOCH?{%{EPOCH}}:{0}|:%{VERSION}-%{RELEASE}\n' || echo 'failed: rpm'
  for f in /etc/dnf/modules.d/*.module; do [ -f "$f" ] && sed 's/^/M /' "$f"; done
  for f in /var/cache/dnf/*/repodata/repomd.xml /var/cache/libdnf5/*/repodata/repomd.xml \
    /var/cache/yum/*/*/*/repomd.xml /var/cache/zypp/raw/*/repodata/repomd.xml; do
    [ -f "$f" ] || continue
    d=${f%/repomd.xml}; r=${d%/repodata}; r=${r##*/}
    case $f in /var/cache/dnf/*|/var/cache/libdnf5/*) r=${r%-*};; esac
    grep -q 'type="updateinfo"' "$f" || continue
    g=
    for u in "$d"/*updateinfo.xml "$d"/*updateinfo.xml.*; do [ -f "$u" ] && g=$u; done
    echo "S $r"
    case $g in
      *.gz) gzip -dc "$g" || echo 'failed: gzip';;
      *.xz) xz -dc "$g" || echo 'failed: xz';;
      *.bz2) bzip2 -dc "$g" || echo 'failed: bzip2';;
      *.zst) zstd -dc "$g" || echo 'failed: zstd';;
      *.xml) cat "$g" || echo 'failed: cat';;
      *) echo "failed: no list of $r";;
    esac | tr '\n<' ' \n' | grep -E '^ *(update|issued|collection|module|package|failed:.*) |failed: '
  done
} 2>/dev/null | awk '
function attr(n, q) {
  q = "[ \t]" n "=\"[^\"]*\""
  return match($0, q) ? substr($0, RSTART + length(n) + 3, RLENGTH - length(n) - 4) : ""
}
/^ *failed: / { print; next }
/^P / { if ($3 != "(none)") { have[$2 " " $3] = have[$2 " " $3] " " $4; n++ } next }
/^M / { s = substr($0, 3); gsub(/[ \t\r]/, "", s)
  if (s ~ /^name=/) name = substr(s, 6)
  if (s ~ /^stream=/) stream = substr(s, 8)
  if (s == "state=enabled") on[name ":" stream] = 1
  next }
/^S / { source = $2; next }
/^update / { security = attr("type") == "security"; issued = "-"; if (security) u++; next }
/^issued / { issued = attr("date"); gsub(/ .*/, "", issued); if (issued == "") issued = "-"; next }
/^collection / { module = ""; next }
/^module / { module = attr("name") ":" attr("stream"); next }
/^package / {
  if (!security || (module != "" && !(module in on))) next
  k = attr("name") " " attr("arch"); if (!(k in have)) next
  e = attr("epoch"); if (e == "") e = 0
  line = "offers " source " " k " " e ":" attr("version") "-" attr("release") " " issued
  if (!(line in told)) { told[line]; asked[k]; print line }
}
END { for (k in asked) print "has", k have[k]; print "installed", n + 0; print "advisories", u + 0 }'"""
    ),
    Text(
        zh="dnf、yum、zypper 上次取得的安全公告与软件包（只读缓存，不联网、不加锁）",
        en="security advisories that dnf, yum or zypper fetched last, and packages (no network, no lock)",
    ),
    control=r"^advisories [0-9]+$",
    max_bytes=4 * 1024 * 1024,
)

_BASE = frozenset(
    """
    glibc openssl openssl-libs libopenssl1_1 libopenssl3 kernel kernel-core kernel-default systemd bash
    zlib curl
    """.split()
)
"""Packages that no list of additions names: an advisory on one shows that the system's own are there."""


@dataclass(slots=True)
class _Told:
    """What the host told: lists by repository, packages as they are installed and as they are offered."""

    enabled: set[str] = field(default_factory=set)
    caches: dict[str, tuple[int, int]] = field(default_factory=dict)  # seconds since 1970, line
    offers: list[tuple[str, str, str, RpmVersion, date | None, str, int]] = field(default_factory=list)
    has: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    failed: str = ""


def read_rpm_updates(evidence: Evidence) -> SecurityUpdates:
    """Read which security advisories bear on a host with rpm.

    Raises:
        Unseen: no list of the system's own packages, none of a repository in use, or a line that was
            not understood. What is known to wait is said all the same.
    """
    document = evidence.command(ADVISORIES)
    told = _told(document)
    pending = _pending(document, told)
    if not told.counts.get("installed"):
        raise Unseen(Gap(GapReason.EMPTY, ADVISORIES.id, detail="rpm names no package"))
    missing = sorted(told.enabled - set(told.caches))
    known = {name for source, name, *_ in told.offers if source in told.enabled}
    if not pending and (detail := _doubt(told, missing, known)):
        raise Unseen(Gap(GapReason.EMPTY, ADVISORIES.id, detail=detail))
    used = [told.caches[source] for source in told.enabled if source in told.caches]
    if not used:
        raise Unseen(Gap(GapReason.EMPTY, ADVISORIES.id, detail="no list was fetched"))
    seconds, number = min(used)
    fetched = datetime.fromtimestamp(seconds, UTC)
    age = max(0, (evidence.captures[ADVISORIES.id][0].taken - fetched).days)
    return SecurityUpdates((document.whole,), pending, len(known), fetched, age, document.cite(number))


def _doubt(told: _Told, missing: list[str], known: set[str]) -> str:
    """Why lists that show nothing to wait do not show that nothing waits; "" where they do."""
    if told.failed:
        return told.failed
    if not told.enabled:
        return "no repository is in use"
    if missing:
        return f"no list was fetched of {', '.join(missing[:5])}"
    if not known & _BASE:
        return "the lists name none of the system's own packages: its advisories are not among them"
    return ""


def _told(document: Document) -> _Told:
    told = _Told()
    for number, line in enumerate(document.lines, 1):
        words = line.split()
        match words:
            case []:
                continue
            case ["repository", source]:
                told.enabled.add(source)
            case ["cache", when, source] if re.fullmatch(r"[0-9]{1,11}", when):
                told.caches[source] = max(told.caches.get(source, (0, 0)), (int(when), number))
            case ["offers", source, name, arch, offered, issued]:
                version = _version(document, number, offered)
                told.offers.append((source, name, arch, version, _day(issued), offered, number))
            case ["has", name, arch, *versions] if versions:
                told.has[name, arch] = versions
            case ["installed" | "advisories", count] if count.isdecimal():
                told.counts[words[0]] = int(count)
            case ["failed:", *_]:
                told.failed = line.strip()
            case _:
                raise unparsable(ADVISORIES, document, number, "not what was asked for")
    return told


def _pending(document: Document, told: _Told) -> tuple[PendingUpdate, ...]:
    """Packages older than an advisory offers; of several advisories the one that was issued first."""
    newest: dict[tuple[str, str], tuple[RpmVersion, str]] = {}
    for key, versions in told.has.items():
        newest[key] = max(
            ((_version(document, 0, text), text) for text in versions), key=lambda pair: pair[0]
        )
    found: dict[tuple[str, str], PendingUpdate] = {}
    for source, name, arch, version, issued, offered, number in told.offers:
        if (name, arch) not in newest:
            raise unparsable(ADVISORIES, document, number, "a package that is not installed")
        have, text = newest[name, arch]
        if source not in told.enabled or not have < version:
            continue
        update = PendingUpdate(name, text, offered, document.cite(number), issued=issued)
        before = found.get((name, arch))
        if before is None or (issued or date.max) < (before.issued or date.max):
            found[name, arch] = update
    return tuple(found[key] for key in sorted(found))


def _version(document: Document, number: int, text: str) -> RpmVersion:
    try:
        return RpmVersion(text)
    except ValueError:
        raise unparsable(ADVISORIES, document, number, "no version") from None


def _day(text: str) -> date | None:
    """The day of ``2021-11-09`` or of seconds since 1970 (SUSE); None: not told."""
    try:
        if re.fullmatch(r"[0-9]{9,11}", text):
            return datetime.fromtimestamp(int(text), UTC).date()
        return date.fromisoformat(text[:10])
    except (ValueError, OverflowError):
        return None


STEPS = (ADVISORIES,)
