"""One POSIX sh program for all steps of one object.

It writes nothing on the object: no file, no here-document (bash keeps those in files), no history. It is
one function called on the last line, so that a program cut off on its way does nothing. Its answers are
frames, printed by the shell itself: the marker is in no argument that other users of the object could read.

A frame on standard output is::

    NEWLINE MARKER SPACE kind SPACE step SPACE field SPACE length NEWLINE content

``length`` counts the bytes of ``content``. Kinds: ``G`` greeting; ``C`` a command's answer; ``S`` files read
by sudo (field: pattern); ``F`` a file's path and bytes; ``R`` a path that may not be read; ``O`` a path that
is no regular file; ``M`` metadata; ``P`` a pattern's listing, after its files; ``E`` end of a step (field:
its frames); ``Z`` end of the program. Content of ``C``, ``S`` and ``F`` ends in ``NEWLINE MARKER=status.``;
where this is missing, the answer was cut off at its limit.

On standard error ``NEWLINE MARKER SPACE step NEWLINE`` stands before what belongs to the step.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from typing import TYPE_CHECKING

from collectors.base import Command, Files, Snippet, Step
from collectors.rights import (
    directory_of,
    has_wildcard,
    privileged_argvs,
    reading_argv,
    sudoers_arguments,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

LAUNCH_ARGV = ("sh", "-c", 'eval "$(cat)"')
"""What starts the program: it is fed on standard input, so that no argument ever shows it."""

LAUNCH = """sh -c 'eval "$(cat)"'"""
"""The same as one string for a remote login shell, whichever it is."""

MARKER = re.compile(r"[0-9a-f]{32}")
"""A run's marker: 128 random bits, so that no content can hold it by chance or on purpose."""

SUFFIX_ROOM = 48
"""Bytes left beyond a step's limit for the status behind an answer; its absence shows the cut."""

FILES_A_PATTERN = 2000
"""More matches than this are not read; the listing then says that it is incomplete."""

_FUNCTIONS = r"""
# Print one frame: kind, field, content.
frame_() { n=$((n+1)); printf '\n%s %s %s %s %s\n%s' "$M" "$1" "$i" "$2" "${#3}" "$3"; }

# Begin and end a step.
step_() { i=$1 n=0; printf '\n%s %s\n' "$M" "$i" >&2; }
end_() { frame_ E "$n" ''; }

# Run a command: kind, field, limit in bytes, seconds, argv. NUL becomes SOH, for no shell can hold a NUL.
answer_() {
  k=$1 j=$2 c=$3 s=$4; shift 4
  [ "$H" = cat ] && c=
  o=$({ if [ "$T" ]; then $T "$s" "$@"; else "$@"; fi </dev/null
        r=$?; [ "$T" ] && [ $r = 143 ] && r=124  # busybox tells a time-out so
        printf '\n%s=%s.' "$M" "$r"; } | $H $c | tr '\000' '\001')
  frame_ "$k" "$j" "$o"
}

# Set p to the program's path: what may be run, else what is at least there.
where_() {
  p=
  case $1 in /*) [ -f "$1" ] && p=$1; return;; esac
  for d in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
    if [ -f "$d/$1" ]; then
      [ -x "$d/$1" ] && p=$d/$1 && return
      p=${p:-$d/$1}
    fi
  done
}

# Whether sudo allows program $1 with arguments $2 as root (or as R) without a password: the last entry that
# matches decides. What might match and is not plain counts only against it: an attempt that sudo refuses
# would be recorded on this host.
may_() {
  [ "$K" ] || return 1
  y=1 a=0 r=0
  set -f; IFS=$L
  for e in $K; do
    case $e in
      *' Role:'*|'Sudoers entry:'*) a=0 r=2;;
      '    RunAsUsers: '*!*) r=2;;
      '    RunAsUsers: '*) case ", ${e#*: }, " in
        *", ${R:-root}, "*|*', ALL, '*) r=1;;
        *', #0, '*) r=1; [ -z "$R" ] || r=0;;
        *) r=0;; esac;;
      '    Options: '*) case ", ${e#*: }, " in *', !authenticate, '*) a=1;; esac;;
      '    Not'*) a=0;;
      "$B"*) may_entry_ "${e#"$B"}" "$1" "$2";;
    esac
  done
  set +f; unset IFS
  return $y
}
may_entry_() {
  [ $r = 0 ] && return
  case $1 in
    ALL|"$2"|"$2 $3") if [ $a = 0 ]; then y=1; elif [ $r = 1 ]; then y=0; fi; return;;
    !*) u=1; m=${1#!};;
    *) u=$((1-a)); m=$1;;
  esac
  case ${m%% *} in
    *[]*?^:\\[]*|*/) ;;
    */*) m=${m%% *}; [ "${m##*/}" = "${2##*/}" ] || return;;
  esac
  [ $u = 0 ] || y=1
}

# A command step: limit, seconds, privileged, arguments as sudoers writes them, program, arguments.
command_() {
  c=$1 s=$2 w=$3 x=$4; where_ "$5"; q=$5; shift 5
  if [ -z "$p" ]; then
    printf '%s: command not found\n' "$q" >&2
    o=$(printf '\n%s=127.' "$M"); frame_ C 0 "$o"
  elif [ "$w" = 1 ] && may_ "$p" "$x"; then answer_ C 0 "$c" "$s" "$S" -n "$p" "$@"
  else answer_ C 0 "$c" "$s" "$p" "$@"
  fi
}

# A command step that one account runs: the account, then as above. Without the right nothing is tried.
command_as_() {
  A=$1 c=$2 s=$3 x=$4; where_ "$5"; q=$5; shift 5
  if [ -z "$p" ]; then
    printf '%s: command not found\n' "$q" >&2
    o=$(printf '\n%s=127.' "$M"); frame_ C 0 "$o"
    return
  fi
  cd /
  q=$p
  if [ "$U" = 0 ]; then
    where_ setpriv
    if [ "$p" ] && e=$(id -g "$A" 2>/dev/null); then
      answer_ C 0 "$c" "$s" "$p" --reuid="$A" --regid="$e" --init-groups "$q" "$@"
      return
    fi
  else
    R=$A
    if may_ "$q" "$x"; then R= z=1; else R= z=0; fi
    if [ $z = 1 ]; then answer_ C 0 "$c" "$s" "$S" -n -u "$A" "$q" "$@"; return; fi
  fi
  printf '%s: permission denied\n' "$q" >&2
  o=$(printf '\n%s=126.' "$M"); frame_ C 0 "$o"
}

# Directories on the way: g=1 where one cannot be entered (cross_) or listed (list_).
cross_() {
  for f do
    if [ -d "$f" ]; then [ -x "$f" ] || g=1
    elif [ -L "$f" ] && [ "$U" != 0 ] && [ ! -e "$f" ]; then g=1
    fi
  done
}
list_() { cross_ "$@"; for f do [ ! -d "$f" ] || [ -r "$f" ] || g=1; done; }

# Whether this user lacks sight of any of these files: kind (m: only metadata is wanted), paths.
hidden_() {
  k=$1; shift
  [ "$U" = 0 ] && return 1
  [ $g = 1 ] && return 0
  for f do
    if [ -e "$f" ]; then [ $k = m ] || [ -r "$f" ] || return 0
    elif [ -L "$f" ]; then return 0
    fi
  done
  return 1
}

# A pattern's files: field, limit in bytes, kind (r read, z read where NUL is usual, m metadata only), paths.
files_() {
  j=$1 c=$2 k=$3 h=0 l= b=0; shift 3
  [ "$H" = cat ] && c=
  for f do
    if [ -e "$f" ]; then
      o=$(stat -L -c '%a %u %g %s %Y %n' -- "$@" 2>/dev/null)
      frame_ M "$j" "$o"
      break
    fi
  done
  for f do
    case $f in *"$L"*) [ -e "$f" ] && b=1; continue;; esac
    case $k$f in m*/) [ ! -d "$f" ] || { h=$((h+1)); l=$l$f$L; }; continue;; esac
    if [ -f "$f" ] || { [ -c "$f" ] && [ "$f" -ef /dev/null ]; }; then
      h=$((h+1)); if [ $h -gt FILES_A_PATTERN ]; then g=2; break; fi
      l=$l$f$L
      if [ $k = m ]; then continue; fi
      if [ ! -r "$f" ]; then frame_ R "$j" "$f"; continue; fi
      if [ $k = z ]; then o=$({ $H $c <"$f"; printf '\n%s=%s.' "$M" $?; } | tr '\000' '\001')
      else o=$($H $c <"$f"; printf '\n%s=%s.' "$M" $?)
      fi
      frame_ F "$j" "$f$L$o"
    elif [ -d "$f" ]; then continue
    elif [ -e "$f" ]; then frame_ O "$j" "$f"
    elif [ -L "$f" ] && [ "$U" != 0 ]; then frame_ R "$j" "$f"
    fi
  done
  frame_ P "$j" "$g$b$L$l"
}

# What this shell and this login can do.
greet_() {
  i=0 n=0 v= R=
  U=$(id -u)
  H='head -c'; head -c 0 </dev/null >/dev/null 2>&1 || { H=cat; v="$v head"; }
  T=
  if timeout -k 2 9 true </dev/null >/dev/null 2>&1; then T='timeout -k 2'
  elif timeout 9 true </dev/null >/dev/null 2>&1; then T=timeout
  elif timeout -t 9 true </dev/null >/dev/null 2>&1; then T='timeout -t'
  else v="$v timeout"
  fi
  where_ stat; [ "$p" ] || v="$v stat"
  K= S= z=unused
  if [ "$1" = 1 ] && [ "$U" != 0 ]; then
    where_ sudo; S=$p z=absent
    if [ "$S" ]; then
      z=refused
      if [ "$T" ]; then o=$($T 9 "$S" -n -ll </dev/null)
      else o=$("$S" -n -ll </dev/null)
      fi && K=$o z=listed
    fi
  fi
  frame_ G 0 "uid=$U${L}sudo=$z${L}timeout=$T${L}missing=$v$L"
}
"""

SETTING = r"""set +e; set +f; set +u; unset IFS HISTFILE
LC_ALL=C; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH
case $(command -v printf) in
  printf) ;;
  *) echo 'this shell has no built-in printf: it cannot answer without showing its marker' >&2; return 1;;
esac
"""
"""First lines of a function that will print a marker: the same ground in every shell, or a refusal."""

_START = r"""
main_() {
SETTINGL='
' B='	'
"""


def render(steps: Sequence[Step], marker: str) -> bytes:
    """Write the program that answers ``steps`` in their order, to be fed to ``LAUNCH``.

    Raises:
        ValueError: ``marker`` is no marker, or a step cannot be expressed.
    """
    if not MARKER.fullmatch(marker):
        raise ValueError("a marker is 32 lower-case hexadecimal digits")
    return f"{definitions(steps, f'M={marker}')}main_\n".encode()


def definitions(steps: Sequence[Step], marking: str = "") -> str:
    """All functions of the program, ``main_`` last; nothing runs until that is called.

    Args:
        steps: what is asked, in this order.
        marking: sets ``M``, the marker; left out where whoever calls ``main_`` has set it.

    Raises:
        ValueError: a step cannot be expressed.
    """
    functions = _FUNCTIONS.replace("FILES_A_PATTERN", str(FILES_A_PATTERN))
    start = _START.replace("SETTING", SETTING)
    privileged = int(any(privileged_argvs(step) for step in steps))
    body = "".join(_step(number, step) for number, step in enumerate(steps))
    return f"{functions}{start}{marking}\ngreet_ {privileged}\n{body}step_ {len(steps)}\nframe_ Z 0 ''\n}}\n"


def question(step: Step) -> str:
    """Digest of what a step asks, limits included: an answer to another question is none to this one."""
    return hashlib.sha256(_step(0, step).encode()).hexdigest()[:16]


def _step(number: int, step: Step) -> str:
    form = step.form
    if isinstance(form, Files):
        body = "".join(_pattern(place, pattern, form, step) for place, pattern in enumerate(form.patterns))
    elif isinstance(form, Command):
        body = _command(step, form)
    elif isinstance(form, Snippet):
        body = _snippet(step, form)
    else:
        raise TypeError(f"{step.id} is a probe: packets, no question to a shell")
    return f"step_ {number}\n{body}end_\n"


def _command(step: Step, form: Command) -> str:
    allowed = sudoers_arguments(form.argv) if form.privileged else ""
    if form.account:
        return (
            f"command_as_ {form.account} {step.max_bytes + SUFFIX_ROOM} {step.seconds} "
            f"{shlex.quote(allowed)} {shlex.join(form.argv)}\n"
        )
    return (
        f"command_ {step.max_bytes + SUFFIX_ROOM} {step.seconds} {int(form.privileged)} "
        f"{shlex.quote(allowed)} {shlex.join(form.argv)}\n"
    )


def _snippet(step: Step, form: Snippet) -> str:
    """Write a snippet as a shell of its own: it can be timed out, and knows nothing of the marker."""
    return f"answer_ C 0 {step.max_bytes + SUFFIX_ROOM} {step.seconds} sh -c {shlex.quote(form.text)}\n"


def _pattern(place: int, pattern: str, form: Files, step: Step) -> str:
    plain = f"files_ {place} {step.max_bytes + 1} {_kind(pattern, form)} {pattern}\n"
    way = f"g=0\n{_way(pattern)}"
    if not form.privileged:
        return way + plain
    argv = reading_argv(pattern, metadata_only=form.metadata_only)
    allowed = shlex.quote(sudoers_arguments(argv))
    limits = f"{step.max_bytes + SUFFIX_ROOM} {step.seconds}"
    kind = _kind(pattern, form)
    return (
        f'{way}where_ find\nif hidden_ {kind} {pattern} && [ "$p" ] && may_ "$p" {allowed}; then\n'
        f'answer_ S {place} {limits} "$S" -n "$p" {shlex.join(argv[1:])}\n'
        f"else {plain}fi\n"
    )


def _kind(pattern: str, form: Files) -> str:
    if form.metadata_only:
        return "m"
    return "z" if pattern.startswith(PSEUDO) else "r"


PSEUDO = ("/proc/", "/sys/")
"""File systems whose files have no true size; NUL stands between their values."""


def _way(pattern: str) -> str:
    """Tests of every directory on the way: only where all can be entered does no match mean no file."""
    directory_of(pattern)  # refuses what shells would read differently
    parts = pattern.removesuffix("/").split("/")[1:]
    crossed: list[str] = []
    listed: list[str] = []
    for depth in range(len(parts)):
        folder = "/" + "/".join(parts[:depth])
        (listed if has_wildcard(parts[depth]) else crossed).append(folder)
    lines = [f"cross_ {' '.join(crossed)}\n"] if crossed else []
    lines += [f"list_ {' '.join(listed)}\n"] if listed else []
    return "".join(lines)
