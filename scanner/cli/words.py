"""Texts of the command line that are needed before any command is loaded."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from scanner.model.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

OPTION_WORDS = {
    "version": Text(zh="显示版本后退出。", en="Show the version and exit."),
    "lang": Text(
        zh="文字的语言（默认取决于环境变量 LANG）。",
        en="Language of texts (default: by the environment's LANG).",
    ),
    "quiet": Text(zh="只输出结果，不显示进度和提示。", en="Results only, no progress and no notices."),
}

_WORDS = {
    "about": Text(
        zh="""\
等保 2.0（GB/T 22239-2019）网络安全态势扫描：无代理、只读。
查看主机的访问控制、加密、访问审计与隧道，与级别要求逐项比对并评分；
每个结论都引用证据到行，看不到的绝不算符合。结果仅供参考，正式结论由测评机构出具。

开始：
  mlps-posture scan localhost              查看本机
  mlps-posture scan ssh://user@host        经 SSH 查看一台主机
  mlps-posture scan inventory.yaml --plan  只列出将做什么，不发任何包
  mlps-posture scan inventory.yaml -o RUN  按清单扫描，证据存入一个文件 RUN

退出码：0 完整且无达到 --fail-on 的问题；1 有；2 不完整；3 用法或输入有误；4 程序缺陷；130 被中断。""",
        en="""\
Agentless, read-only network security posture scanner for MLPS 2.0 (GB/T 22239-2019). It looks at access \
control, encryption, access logging and tunnels of hosts, compares them with a level's items and scores \
them. Every answer cites its evidence down to the line; what was not seen is never passed. Results are \
indicative: conclusions are issued only by a qualified agency.

Begin with:
  mlps-posture scan localhost              look at this machine
  mlps-posture scan ssh://user@host        look at one host over SSH
  mlps-posture scan inventory.yaml --plan  show what would be done; send no packet
  mlps-posture scan inventory.yaml -o RUN  scan the inventory; evidence goes into one file RUN

Exit codes: 0 complete, no finding at --fail-on risk; 1 there is one; 2 incomplete; 3 usage or input \
error; 4 bug; 130 interrupted.""",
    ),
}


def words(key: str, language: Language) -> str:
    """Text ``key`` in ``language``."""
    return _WORDS[key].say(language)


def language_of(ctx: click.Context) -> Language:
    """Language chosen for this invocation; without a choice, that of the environment."""
    return language_in(ctx.find_root().obj or {})


def language_in(chosen: Mapping[str, object]) -> Language:
    """Language among what was chosen before the command; without a choice, that of the environment."""
    found = chosen.get("language")
    return cast("Language", found) if found else _language_of_environment()


def _language_of_environment() -> Language:
    """Chinese where the environment is Chinese, English otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.startswith("zh") else "en"
    return "en"


def is_quiet(ctx: click.Context) -> bool:
    """Whether only results are wanted."""
    return bool((ctx.find_root().obj or {}).get("quiet"))
