"""The program of all steps as one file, for hosts that nobody may log in to.

Whoever works on such a host runs it by hand and carries its one output away. The steps' part is the very
program that other ways feed to a shell (``collectors.program``); around it stand a head that says which
questions were asked, and an end that holds standard error, so that one file carries both streams::

    mlps-posture answers 1
    marker MARKER
    tool VERSION
    host NAME
    taken TIME
    step ID DIGEST        a line for each step, in order
    begin
    (the program's standard output)
    NEWLINE MARKER SPACE Y SPACE 0 SPACE 0 SPACE length NEWLINE (the program's standard error)

The marker is drawn on the host. Secrets are masked where the output is read (``collectors.redact``): classes
of secrets need the secret, and so does telling equal ones apart from others under a run's key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.program import SETTING, definitions, question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collectors.base import Step

FORMAT = "mlps-posture answers 1"
"""First line of an output. The number rises when the meaning of frames changes, not when steps do."""

BEGIN = "begin"
"""Last line of the head."""

ERRORS = 4 * 1024 * 1024
"""Bytes of standard error that an output holds; steps whose marks lie behind them are gaps."""

_HEADER = """\
#!/bin/sh
# mlps-posture {version}: collector script / 采集脚本
#
# Use / 用法:   (umask 077; sh mlps-collect.sh > "$(uname -n).mlps")
# Then, on the assessor's machine / 然后在测评人员的机器上:   mlps-posture import *.mlps -o site.run
#
# Reads what is listed below, and writes nothing but its own output. It opens no connection and changes
# nothing. Root, or the rights of `mlps-posture sudoers`, let it see more; what it may not see, it says.
# 只读取下列内容，除自己的输出外不写任何文件，不建立连接，不做任何改动。
# root 或 `mlps-posture sudoers` 所列权限可看到更多；看不到的会如实说明。
#
# THE OUTPUT HOLDS SECRETS: password hashes and settings as they stand in the files. Keep it to its owner,
# carry it encrypted, delete it once imported; importing masks secrets before anything is stored.
# 输出含有敏感内容：口令散列和配置原文。须仅限所有者读取，加密传递，导入后删除；导入时先遮蔽再保存。
#
# What is asked, {count} steps / 询问的内容，共 {count} 步:
{listed}
"""

_SAVE = r"""
# Draw the marker: 32 hexadecimal digits that nothing on this host could know before.
mark_() {
  M=
  [ -r /proc/sys/kernel/random/uuid ] && read -r M </proc/sys/kernel/random/uuid
  set -f; IFS=-; set -- $M; unset IFS; set +f
  M=$1$2$3$4$5
  [ ${#M} = 32 ] || M=$(od -An -v -tx1 -N16 /dev/urandom | tr -d ' \n')
  case $M in *[!0-9a-f]*) M=; esac
  [ ${#M} = 32 ]
}

# Keep the first bytes of standard input and let the rest go.
first_() {
  if head -c 0 </dev/null >/dev/null 2>&1; then head -c ERRORS; cat >/dev/null; else cat; fi
}

save_() {
SETTINGif [ -t 1 ]; then
  echo 'the output holds secrets: send it to a file / 输出含敏感内容，请写入文件: sh FILE > HOST.mlps' >&2
  return 1
fi
mark_ || { echo 'no randomness on this host / 本机没有随机数来源' >&2; return 1; }
printf '%s\n' 'FORMAT' "marker $M" 'tool VERSION' "host $(uname -n)" "taken $(date -u +%Y-%m-%dT%H:%M:%SZ)"
printf '%s\n' 'STEPS
BEGIN'
{ e=$(main_ 2>&1 >&3 3>&- | first_ | tr '\000' '\001'; printf .); } 3>&1
e=${e%.}
printf '\n%s Y 0 0 %s\n%s' "$M" "${#e}" "$e" || return 1
printf 'done / 完成: uid %s\n' "$(id -u)" >&2
}
save_
"""


def script(steps: Sequence[Step], version: str) -> str:
    """Write the file that asks ``steps``; ``version`` is the tool's.

    Raises:
        ValueError: a step cannot be expressed.
    """
    listed = "\n".join(f"#   {step.id}\n#       {step.why.zh}\n#       {step.why.en}" for step in steps)
    save = _SAVE
    for name, text in {
        "ERRORS": str(ERRORS),
        "SETTING": SETTING,
        "FORMAT": FORMAT,
        "VERSION": version,
        "STEPS": "\n".join(f"step {step.id} {question(step)}" for step in steps),
        "BEGIN": BEGIN,
    }.items():
        save = save.replace(name, text)
    header = _HEADER.format(version=version, count=len(steps), listed=listed)
    return f"{header}{definitions(steps)}{save}"
