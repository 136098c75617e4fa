"""Profile files of two small levels, and checks of our own to bind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scanner import yamlmarks
from scanner.checks.check import Check, NoParameters
from scanner.facts import HostIdentity, TimeSync
from scanner.model import Citation, Outcome, Risk, Text
from scanner.overlay_files import OverlayFile
from scanner.profile import load_profile
from scanner.profile_files import PARTS
from scanner.threshold import at_least, at_most

if TYPE_CHECKING:
    from scanner.model import Profile

WORDS = Text("甲", "a")
CITED = Citation("web1/uname", 1, "Linux")


@dataclass(frozen=True, slots=True)
class Limits:
    max_uid: int = field(metadata=at_most())
    min_uid: int = field(metadata=at_least(most=900))


def judge_uid(fact: HostIdentity, limits: Limits) -> Outcome:
    return (Outcome.yes if limits.min_uid <= fact.uid <= limits.max_uid else Outcome.no)(WORDS, CITED)


def judge_clock(fact: TimeSync, _: NoParameters) -> Outcome:
    return (Outcome.yes if fact.synchronised else Outcome.no)(WORDS, CITED)


def judge_root(fact: HostIdentity, _: NoParameters) -> Outcome:
    return (Outcome.no if fact.uid == 0 else Outcome.yes)(WORDS, CITED)


CHECKS = {
    check.id: check
    for check in (
        Check("host.uid", WORDS, (HostIdentity,), judge_uid, Risk.LOW, WORDS, parameters=Limits),
        Check("host.not-root", WORDS, (HostIdentity,), judge_root, Risk.HIGH, WORDS),
        Check("clock.right", WORDS, (TimeSync,), judge_clock, Risk.MEDIUM, WORDS),
    )
}

_ITEM = """\
- id: L{level}-CES1-01
  clause: {clause}.1.4.1 a)
  class: CES
  class_zh: 安全计算环境
  control_point: {{zh: 身份鉴别, en: Identity authentication}}
  mark: S
  {changed}
  summary: {{zh: 甲, en: a}}
  kinds: [operating_system]
  decision: all
  partial: true
  steps:
  - {{n: 1, zh: 甲, en: a, method: examine, scan: 'yes'}}
  - {{n: 2, zh: 乙, en: b, method: test, scan: part}}
  - {{n: 3, zh: 丙, en: c, method: interview, scan: 'no'}}
  - {{n: 4, zh: 丁, en: d, method: examine, scan: 'yes'}}
  - {{n: 5, zh: 戊, en: e, method: examine, scan: 'yes'}}
"""
_LEVEL = """\
level: {level}
title: {{zh: 第{level}级, en: Level {level}}}
items: {{general: 1, cloud: 0, mobile: 0, iot: 0, ics: 0}}
bindings:
  L{level}-CES1-01:
    1:
      - {{check: host.uid, settles: both}}
      - {{check: host.not-root, settles: no}}
    4:
      - {{awaits: hosts}}
    5:
      - {{evidence_only: {{zh: 己, en: f}}}}
parameters:
  host.uid: {{max_uid: {most}, min_uid: 100}}
"""
_KINDS = """\
kinds:
  operating_system: {zh: 甲, en: a, family: technical, whole_asset: true}
"""
SOURCES: dict[str, bytes] = {
    "object-kinds.yaml": _KINDS.encode(),
    "capabilities.yaml": "hosts: {zh: 庚, en: g}\n".encode(),
    "highrisk.yaml": b"- id: HR-01\n",
} | {
    name: text.encode()
    for level, most in ((1, 900), (2, 800), (3, 600))
    for name, text in {
        f"l{level}.yaml": _LEVEL.format(level=level, most=most),
        **{f"items/l{level}/{part}.yaml": "[]\n" for part in PARTS},
        f"items/l{level}/technical.yaml": _ITEM.format(
            level=level,
            clause=level + 5,
            changed=f"changed_from: L{level - 1}-CES1-01" if level > 1 else "optional: false",
        ),
    }.items()
}

TIGHTER = """\
name: bank
title: {zh: 行内基线, en: House baseline}
base: [l2, l3]
parameters:
  host.uid: {max_uid: 500}
bindings:
  L3-CES1-01:
    1:
      - {check: clock.right, settles: both}
    2:
      - {check: host.not-root, settles: no}
  X-BANK-01:
    1:
      - {check: clock.right, settles: both}
items:
  - id: X-BANK-01
    min_level: 3
    clause: 内部规定 3.2
    class: CES
    class_zh: 安全计算环境
    control_point: {zh: 时钟, en: Clock}
    mark: G
    summary: {zh: 时钟与行内时间源一致, en: Clocks follow the house's source}
    kinds: [operating_system]
    decision: all
    partial: false
    steps:
      - {n: 1, zh: 时钟已同步, en: The clock is in step, method: examine, scan: 'yes'}
"""


def overlay(text: str, file: str = "bank.yaml") -> OverlayFile:
    return OverlayFile(yamlmarks.parse(text.encode(), file), text.encode())


def laid(*texts: str, level: int = 3) -> Profile:
    """The small profile with overlays."""
    return load_profile(level, CHECKS, SOURCES, [overlay(text).read for text in texts])
