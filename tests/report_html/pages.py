"""Runs made up for the page: one that shows every part, and hosts whose every word is an attack."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from scanner.facts import (
    BaseChain,
    Default,
    Fact,
    FactSheet,
    Family,
    Hook,
    HostIdentity,
    Listener,
    Listeners,
    LogForwarding,
    LogTarget,
    PacketFilter,
    ProvenDefault,
    ProvenFilter,
    ProvenPort,
    Published,
    Sources,
    Tunnel,
    TunnelRegister,
    Tunnels,
)
from scanner.model import (
    AssessmentObject,
    Capture,
    CaptureKind,
    Citation,
    Finding,
    Gap,
    GapReason,
    Text,
    Zone,
)
from tests.report.made_up import AJAR, ASSESSMENT, DUG, FINDINGS, content
from tests.report.made_up_statements import stated
from tests.report.test_hostile import stated_by

if TYPE_CHECKING:
    from scanner.report.content import Content

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SEEN = (Citation("web1/all", 0, ""),)


def capture(ref: str, text: bytes) -> Capture:
    """A capture that is called ``ref``."""
    name, _, rest = ref.partition("/")
    step, _, subject = rest.partition(":")
    kind = CaptureKind.FILE if subject else CaptureKind.COMMAND
    return Capture(name, "linux", step, subject, kind, "inside", 0, text, b"", T0)


def host(name: str, zone: str = "dmz", address: str = "10.0.0.1", parent: str = "") -> AssessmentObject:
    """One operating system."""
    return AssessmentObject(name, "operating_system", "linux", zone, address, ("shop",), parent)


def sheet(name: str, word: str, collector: str) -> FactSheet:
    """What was understood of a host that says ``word`` wherever it may."""
    at = Citation(f"{name}/{word}", 2, word)
    chains = tuple(
        BaseChain("nftables", word, "input", family, Hook.INPUT, Default.DENY, at, at) for family in Family
    )
    tunnels = (
        Tunnel("wireguard", word, "process", "", word, at),
        Tunnel("tun", "tun0", "interface", "", "", at),
    )
    entries: tuple[Fact, ...] = (
        HostIdentity(SEEN, word, word, word, word, word, 1000),
        Listeners(SEEN, tuple(Listener("tcp", "*", p, (word,), at) for p in (22, 443, 8080)), True),
        PacketFilter(SEEN, chains, (), ()),
        proof(word, at),
        LogForwarding(SEEN, (LogTarget(collector, 6514, "tcp", True, True, word, at),), running=True),
        Tunnels(SEEN, tunnels, hidden=True),
        TunnelRegister(SEEN, ((tunnels[1], word),), (tunnels[0],), ()),
    )
    return FactSheet(name, {type(fact): fact for fact in entries})


def proof(word: str, at: Citation) -> ProvenFilter:
    """What the host's filters prove."""
    four = Family.IPV4
    return ProvenFilter(
        SEEN,
        tuple(ProvenDefault(Hook.INPUT, family, Default.DENY, (at,)) for family in Family),
        (ProvenPort("tcp", "*", 22, four, Sources.NAMED, (word,), (word,), at, (at,)),),
        (Published("tcp", 8080, 8081, four, word, word, Sources.ANYWHERE, True, (at,)),),
    )


def full() -> Content:
    """The made-up result with facts, zones and the captures that it cites."""
    lines = [f"line {n}" for n in range(1, 31)]
    lines[13], lines[14] = (f"{c.excerpt}" for c in DUG)
    doors = b"back: shut\nside: shut\nfront: ajar\ncellar: shut\nroof: shut\nloft: shut\n"
    records: dict[str, tuple[Capture | Gap, ...]] = {
        "web1": (capture("web1/processes", "\n".join(lines).encode()), capture(AJAR[0].capture, doors)),
        "web2": (capture("web2/doors:/etc/doors", b"front: shut\n"), Gap(GapReason.PERMISSION, "shadow")),
    }
    plain = content()
    return replace(
        plain,
        sheets={
            **plain.sheets,
            **{name: sheet(name, f"word-{name}", "10.0.0.12") for name in ("web1", "web2")},
        },
        zones=(Zone("dmz", ("10.0.0.0/24",)), Zone("empty", ("10.9.0.0/24",), industrial=True)),
        records=records,
        head="ab" * 32,
    )


def everything() -> Content:
    """The same with all that people state of it."""
    said = stated()
    return replace(full(), assessments=said.assessments, scores=said.scores, judgements=said.judgements)


def hostile(attack: str) -> Content:
    """The same, with the attack wherever words of a host, of an inventory or of people can stand."""
    raw = attack.encode("utf-8", "surrogatepass")
    ref = f"web1/files:{attack}"
    cited = Citation(ref, 1, attack.split("\n", maxsplit=1)[0].strip()[:200])

    def worse(finding: Finding) -> Finding:
        gap = finding.gap and Gap(GapReason.PERMISSION, attack, attack, attack, attack)
        citations = (cited, *finding.citations) if finding.citations else ()
        return replace(finding, subject=attack, message=Text(attack, attack), citations=citations, gap=gap)

    gaps = {name: (Gap(GapReason.EMPTY, attack, attack, attack, attack),) for name in ASSESSMENT.gaps}
    objects = tuple(replace(o, address=attack, zone=attack[:300]) for o in ASSESSMENT.objects)
    people = stated_by(attack)
    bad = replace(
        people.assessments[0],
        system=replace(ASSESSMENT.system, title=attack[:300]),
        objects=objects,
        findings=tuple(map(worse, FINDINGS)),
        gaps=gaps,
    )
    return replace(
        people,
        assessments=(bad,),
        sheets={name: sheet(name, attack, attack) for name in ("web1", "web2")},
        zones=(Zone(attack[:300], (attack,)),),
        records={"web1": (capture(ref, raw + b"\n" + raw), capture("web1/processes", raw * 20))},
        head=attack,
    )


ATTACKS = {
    "script": '<script>window.pwned=1;document.title="pwned"</script>',
    "end of everything": "--></script></style></title></svg></details></main><script>window.pwned=1</script>",
    "comment": "<!--<script>",
    "image": '<img src=x onerror="window.pwned=1"><img src=http://127.0.0.1:9/x.png>',
    "attribute": '" onfocus="window.pwned=1" autofocus tabindex=1 x="\' onmouseover=\'window.pwned=1\' `',
    "drawing": '</text><svg onload=window.pwned=1><set onbegin="window.pwned=1"/><use href="data:x#y"/>',
    "link": '<a href="javascript:window.pwned=1">x</a><link rel=stylesheet href=http://127.0.0.1:9/x.css>',
    "frame": "<iframe src=http://127.0.0.1:9/></iframe><object data=x></object><base href=http://127.0.0.1:9/>",
    "refresh": '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">',
    "style": '<style>body{display:none}</style><p style="position:fixed;inset:0">',
    "template": '{{ 7*7 }}{% include "x" %}{# x #}${7*7}%(x)s{0}',
    "entity": "&lt;script&gt;&#60;script&#62;&amp;",
    "data block": '"}]}</script><script>window.pwned=1</script>\\u003c/script\\u003e',
    "escape codes": "\x1b[31mred\x1b[0m\x1b]0;title\x07\x9b31m\b\b\r",
    "directions": "abc\u202eTERCES\u202c\u2066x\u2069\u200f\u061c\u200b\ufeff",
    "no text": "x\udc80\udcffy\ud800z\x00",
    "lines": "a\nb\u2028c\u2029d\x85e",
    "long": "A" * 100_000,
    "stacked marks": "e" + "\u0301" * 500,
}


class Parsed(HTMLParser):
    """The page's elements; raises where one is closed that is not open."""

    VOID = frozenset(["meta", "link", "input", "br"])
    LEAF = frozenset(["path", "rect", "circle"])  # closed by themselves in drawings

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute twice: {tag} {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.LEAF, tag
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open[-1] == tag, f"{self.open[-5:]} closed by {tag}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def all(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [
            value or "" for _, attrs in self.elements for name, value in attrs.items() if name == attribute
        ]
