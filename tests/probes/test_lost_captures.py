"""Whatever single answer of the wire is lost or spoilt: facts say less, never something else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from collectors.evidence import Evidence
from collectors.platforms.wire import PLATFORM
from collectors.reading import read_fact
from scanner.facts import OpenPorts
from scanner.model import Capture, Gap, GapReason
from tests.platforms.fixture import OBJECT, case_of, project

if TYPE_CHECKING:
    from collectors.base import Reader

SAID = ("ports", "groups", "services", "endpoints", "answers")


def spoilt(capture: Capture, how: str) -> Capture | Gap | None:
    match how:
        case "lost":
            return None
        case "refused":
            return Gap(GapReason.NOT_COLLECTED, capture.step, capture.subject, "spoilt by the test")
        case "cut off":
            return replace(capture, content=capture.content[: len(capture.content) // 2], truncated=True)
        case "garbage":
            return replace(capture, content=bytes(range(256)))
    return replace(capture, content=b'{"t": 0, "open": "x"}\n{"t": 0, "end": "timeout"}\n')


@pytest.mark.parametrize("how", ["lost", "refused", "cut off", "garbage", "silent"])
@pytest.mark.parametrize("reader", PLATFORM.readers, ids=lambda r: r.fact.__name__)
def test_one_answer_less(reader: Reader, how: str) -> None:
    records = case_of(PLATFORM, reader, "usual").records()
    usual = _said(read_fact(reader, Evidence.of(OBJECT, PLATFORM, records)))
    for victim in records:
        assert isinstance(victim, Capture)
        instead = spoilt(victim, how)
        after = [r if r is not victim else instead for r in records]
        seen = read_fact(reader, Evidence.of(OBJECT, PLATFORM, [r for r in after if r is not None]))
        if isinstance(seen, Gap):
            assert seen.reason is not GapReason.BUG, seen.detail
            continue
        left = _said(seen)
        more = [thing for thing in left if thing not in usual]
        assert all(thing.get("presence") == "unknown" for thing in more), (victim.ref, more)
        named = {f"{u.protocol}/{u.port}" for u in getattr(seen, "unseen", ()) if hasattr(u, "port")}
        sharpens = victim.step in {"snmp", "openvpn-tcp", "ip-protocols"}
        if len(left) < len(usual) and victim.step not in {"ports-tcp", "ports-udp"} and not sharpens:
            assert victim.subject in named, (victim.ref, named)
        if victim.step == "ports-tcp" or isinstance(seen, OpenPorts):
            gaps = {getattr(u, "gap", u).subject for u in getattr(seen, "unseen", ())}
            assert victim.subject in gaps, "what was not swept is named"


def _said(fact: Any) -> list[dict[str, Any]]:
    assert not isinstance(fact, Gap), fact
    return [project(thing) for name in SAID for thing in getattr(fact, name, ())]
