"""A host that fights back: nothing of what it says acts on a terminal, hides, or breaks a report."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.locker import Header
from scanner.model import (
    Capture,
    CaptureKind,
    Citation,
    Exhibit,
    FileMeta,
    Finding,
    Gap,
    GapReason,
    Notice,
    Place,
    Text,
)
from scanner.report.json import render as render_json
from scanner.report.plain import plain
from tests.cli.recorded import call, tree_run, write_run
from tests.report.made_up import ASSESSMENT, FINDINGS, console, content
from tests.report.made_up_statements import (
    ACTIVE,
    DECIDED,
    DISPUTED,
    MADE_UP_FOR,
    OVERLAY,
    RISK,
    SEEN,
    STATED,
    stated,
)

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.report.content import Content

ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co"})
"""Unicode's categories of what acts instead of showing."""

ATTACKS = {
    "colours": "\x1b[31mred\x1b[0m\x1b[2J\x1b]0;title\x07",
    "one-byte escape": "\x9b31m",
    "carriage return": "no\rYES",
    "backspaces": "no\b\bYES",
    "new line": "a\n[high] forged finding\n",
    "other line ends": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "bidi": "abc\u202eTERCES\u202c\u2066x\u2069\u200f\u061c",
    "invisible": "a\u200bb\ufeffc\u2060d\u00ade\U000e0041f",
    "lone surrogates": "x\udc80\udcffy\ud800z",
    "markup": "<script>alert(1)</script> [bold red]x[/] [link=http://x]y[/link]",
    "formula": "=cmd|' /C calc'!A0",
    "long": "A" * 10_000,
    "null": "a\x00b",
}


def acting(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in ACTING and c != "\n"}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_plain_text_is_one_harmless_line(attack: str) -> None:
    shown = plain(attack)
    assert not acting(shown)
    assert len(shown.splitlines()) == 1
    assert len(plain(attack, 40)) <= 40


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec=None), max_size=30))
def test_plain_leaves_what_only_shows(text: str) -> None:
    shown = plain(text)
    assert not acting(shown)
    assert len(shown) == len(text)
    assert all(a == b for a, b in zip(text, shown, strict=True) if a.isprintable())


def poisoned(attack: str) -> Content:
    """The made-up result with the attack wherever a host's words can stand."""
    citation = Citation(f"web1/files:/etc/{attack}", 3, attack)

    def worse(finding: Finding) -> Finding:
        gap = finding.gap and replace(finding.gap, subject=attack, detail=attack, needs=attack)
        citations = (citation, *finding.citations) if finding.citations else ()
        said = Text(zh=attack, en=attack)
        return replace(finding, subject=attack, message=said, citations=citations, gap=gap)

    gaps = {name: (Gap(GapReason.PERMISSION, "files", attack, attack, attack),) for name in ASSESSMENT.gaps}
    return content(
        replace(
            ASSESSMENT,
            system=replace(ASSESSMENT.system, title=attack[:200]),
            findings=tuple(map(worse, FINDINGS)),
            gaps=gaps,
        )
    )


def stated_by(attack: str) -> Content:
    """The made-up result with the attack wherever a person's words, or the names of his files, can stand."""
    place = Place(attack, 7)
    said = replace(SEEN, statement=attack, author=attack, exhibits=(Exhibit(attack, attack),), place=place)
    by_whom: dict[str, Any] = {"reason": attack, "author": attack, "place": place}
    compensation = replace(MADE_UP_FOR, **by_whom)
    waiver = replace(ACTIVE, check=attack, object=attack, reason=attack, approver=attack, place=place)
    room, tunnel, door, *others = STATED.items
    step, *further = room.objects[0].steps
    attested = replace(room.objects[0], steps=(replace(step, attestations=(said,)), *further))
    compensated = tuple(replace(o, compensation=o.compensation and compensation) for o in door.objects)
    judged = tuple(replace(c, decision=c.decision and replace(c.decision, **by_whom)) for c in DECIDED)
    said_of = Text(attack, attack)
    loosened = tuple(replace(one, before=attack, after=attack, reason=said_of) for one in OVERLAY.loosened)
    overlay = replace(OVERLAY, name=attack, title=said_of, digest=attack, loosened=loosened)
    assert STATED.statements is not None
    return stated(
        replace(
            STATED,
            profile=replace(STATED.profile, overlays=(overlay,)),
            items=(replace(room, objects=(attested,)), tunnel, replace(door, objects=compensated), *others),
            statements=replace(
                STATED.statements,
                attestations=(said, DISPUTED),
                compensations=(compensation,),
                waivers=(waiver,),
                risks=(replace(RISK, **by_whom),),
                files=(Exhibit(attack, attack),),
            ),
            candidates=judged,
            majors=tuple(
                replace(m, statement=m.statement and replace(m.statement, **by_whom)) for m in STATED.majors
            ),
            problems=tuple(
                replace(p, setting=p.setting and replace(p.setting, **by_whom)) for p in STATED.problems
            ),
            waived=dict.fromkeys(STATED.waived, waiver),
            notices=(Notice(Text(attack, attack), place),),
        )
    )


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_people_state_acts_no_more_than_what_hosts_say(attack: str) -> None:
    for language in ("zh", "en"):
        text = console(stated_by(attack), "zh" if language == "zh" else "en")
        assert not acting(text)
        assert "\n[high] forged" not in text
        assert len(text) < 20_000
    kept = "".join("\N{REPLACEMENT CHARACTER}" if "\ud800" <= c <= "\udfff" else c for c in attack)
    report = json.loads(render_json(stated_by(attack)).encode("utf-8"))
    assert report["attestations"][0]["statement"] == kept
    assert report["notices"][0]["text"]["en"] == kept


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_reports_survive(attack: str) -> None:
    for language in ("zh", "en"):
        text = console(poisoned(attack), "zh" if language == "zh" else "en")
        assert not acting(text)
        assert "\n[high] forged" not in text
        assert len(text) < 20_000
    report = render_json(poisoned(attack)).encode("utf-8")
    said = {f["message"]["en"] for f in json.loads(report)["findings"]}
    kept = "".join("\N{REPLACEMENT CHARACTER}" if "\ud800" <= c <= "\udfff" else c for c in attack)
    assert said == {kept}, "programs get the words as they were"


def test_markup_is_shown_and_not_obeyed() -> None:
    text = console(poisoned("[bold red]x[/] [link=http://x]y[/link]"), "en")
    assert "[bold red]x[/]" in text


def hostile(name: str, content_: bytes, errors: bytes = b"") -> Capture:
    is_file = name.startswith("/")
    return Capture(
        object="tree",
        platform="linux",
        step="sshd-files" if is_file else name,
        subject=name if is_file else "",
        kind=CaptureKind.FILE if is_file else CaptureKind.COMMAND,
        vantage="local",
        status=None if is_file else 0,
        content=content_,
        errors=errors,
        taken=datetime(2026, 3, 2, tzinfo=UTC),
        meta=FileMeta(0o644, 0, 0, len(content_), 1) if is_file else None,
    )


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_hostile_run(tmp_path: Path, attack: str) -> None:
    """From captures to the screen: file names, lines and error texts all hold the attack."""
    from scanner.locker import Locker

    with Locker.open(tree_run(tmp_path), "read") as locker:
        header: Header = locker.header
        records = locker.records("tree")
    raw = attack.encode("utf-8", "surrogateescape" if attack.isprintable() else "surrogatepass")
    kept = [
        replace(r, content=r.content + b"# " + raw + b"\nBanner " + raw + b"\n")
        if isinstance(r, Capture) and r.subject in {"/etc/ssh/sshd_config", "/etc/passwd", "/etc/login.defs"}
        else r
        for r in records
        if r.step not in {"identity", "units"}
    ]
    kept += [
        hostile(f"/etc/ssh/sshd_config.d/{attack}.conf", b"MaxAuthTries 3\n"),
        hostile("identity", b"kernel " + raw, raw),
        Gap(GapReason.PERMISSION, "units", attack, attack, attack),
    ]
    path = write_run(tmp_path / "hostile.run", header, {"tree": kept})
    for language in ("zh", "en"):
        for command in ("assess", "facts"):
            done = call("--lang", language, command, path)
            assert done.code in {0, 1, 2}, done.err
            assert not acting(done.out)
    for name in ("report", "facts", "assess"):
        assert json.loads(call(name, path, "-f", "json").out)
    assert call("verify", path).code == 0
