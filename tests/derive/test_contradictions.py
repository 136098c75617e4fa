"""Where the wire and the host's own words differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.derive.contradictions import (
    CLOSED,
    CLOSES_AT_REBOOT,
    FILTER_NOT_LOADED,
    NO_LISTENER,
    OPENS_AT_REBOOT,
    SERVICE_OFF,
    TLS_VERSION_OFF,
    contradictions,
)
from scanner.facts import (
    BootChange,
    Contradictions,
    Fact,
    FactSheet,
    InetService,
    InetServices,
    Listeners,
    OpenPorts,
    PacketFilter,
    ProvenFilter,
    ProvenPort,
    Sources,
    TlsEndpoints,
    WebTls,
    WebTlsPort,
    WireServices,
    WrittenFilter,
)
from scanner.model import Citation, Gap, GapReason
from tests.checks.build import both, filtering, listeners, proof, publication, socket
from tests.derive.wire_facts import blind, endpoints, port, ports, service, services, sheet, tls

SEEN = (Citation("web/step", 0, ""),)
REFUSED = Gap(GapReason.PERMISSION, "step", detail="denied", needs="root")


def inet(*entries: tuple[str, bool]) -> InetServices:
    return InetServices(
        SEEN, tuple(InetService(n, "tcp", on, Citation("web/inetd", 7, n)) for n, on in entries)
    )


def web(versions: str | None = "TLSv1.2 TLSv1.3", number: int = 443) -> WebTls:
    at = Citation("web/nginx", 3, "listen")
    told = None if versions is None else tuple(versions.split())
    return WebTls(
        SEEN, "nginx", (WebTlsPort(number, told, at, (Citation("web/nginx", 4, "ssl_protocols"),)),)
    )


SOCKETS = listeners(socket("tcp 0.0.0.0 443", "nginx"), socket("tcp 0.0.0.0 23", "telnetd"))
FILTER = filtering(*both())
HOST: tuple[Fact, ...] = (inet(), SOCKETS, FILTER, web())
WIRE: tuple[Fact, ...] = (
    ports(port(22), port(443)),
    services(service(22, "ssh", cleartext=False), service(443, "tls", cleartext=False)),
    endpoints(tls()),
)


def having(facts: tuple[Fact, ...], *other: Fact, gaps: tuple[type[Fact], ...] = ()) -> FactSheet:
    changed = sheet("web", *facts, *other)
    return FactSheet("web", {**changed.entries, **dict.fromkeys(gaps, REFUSED)})


def compared(host: FactSheet, wire: FactSheet) -> Contradictions:
    found = contradictions(host, wire)
    assert isinstance(found, Contradictions)
    return found


def kinds(found: Contradictions) -> list[str]:
    return [c.kind for c in found.found]


def test_a_host_that_says_what_it_shows() -> None:
    found = compared(having(HOST), having(WIRE))
    assert (found.found, found.unseen) == ((), ())
    assert {c.capture for c in found.seen} >= {"web/step", "web@inside/ports-tcp"}


TELNET = (ports(port(23)), services(service(23, "telnet", cleartext=True)), endpoints())


def test_telnet_that_is_switched_off_but_answers() -> None:
    found = compared(having(HOST, inet(("telnet", False))), having(TELNET))
    assert kinds(found) == [SERVICE_OFF]
    only = found.found[0]
    assert (only.said.capture, only.said.line) == ("web/inetd", 7)
    assert only.shown.capture == "web@inside/banner:tcp/23"
    assert "tcp/23" in only.text.en


@pytest.mark.parametrize(
    "stated",
    [
        inet(("telnet", True)),
        inet(("telnet", False), ("telnet", True)),  # another line starts it
        inet(("ftp", False)),  # others than inetd serve it
        inet(),
    ],
)
def test_a_file_that_does_not_switch_telnet_off_contradicts_nothing(stated: InetServices) -> None:
    found = compared(having(HOST, stated), having(TELNET))
    assert (found.found, found.unseen) == ((), ())


def test_a_port_that_answers_without_a_socket_of_the_host() -> None:
    own = listeners(socket("tcp 127.0.0.1 8080", "java"), socket("udp 0.0.0.0 4444", "x"))
    open_ = ports(port(22), port(8080), port(4444))
    spoken = services(*(service(n, "http", cleartext=True) for n in (22, 8080, 4444)))
    found = compared(having(HOST, own, proof(FILTER, None)), having(WIRE, open_, spoken))
    assert kinds(found) == [NO_LISTENER, NO_LISTENER]
    assert [(c.said.line, c.shown.line) for c in found.found] == [(8080, 8080), (0, 4444)]
    rules_unseen = compared(having(HOST, own, gaps=(ProvenFilter,)), having(WIRE, open_, spoken))
    assert kinds(rules_unseen) == []
    assert [g.subject for g in rules_unseen.unseen] == ["tcp/8080", "tcp/4444"]


@pytest.mark.parametrize(
    ("sources", "kind"),
    [(Sources.ANYWHERE, []), (Sources.NAMED, []), (Sources.UNKNOWN, []), (Sources.NOBODY, [NO_LISTENER])],
)
def test_a_port_that_the_rules_send_on_needs_no_socket(sources: Sources, kind: list[str]) -> None:
    proven = proof(FILTER, SOCKETS, publication("tcp 8080 172.17.0.2:80", sources))
    spoken = services(service(8080, "http", cleartext=True))
    found = compared(having(HOST, proven), having(WIRE, ports(port(8080)), spoken))
    assert kinds(found) == kind


def test_an_open_port_where_nothing_speaks_settles_nothing() -> None:
    found = compared(having(HOST), having(WIRE, ports(port(22), port(443), port(9999))))
    assert kinds(found) == []
    assert [g.subject for g in found.unseen] == ["tcp/9999"]


def test_a_filter_that_is_written_but_not_loaded() -> None:
    at = Citation("web/filter-files:/etc/nftables.conf", 12, "hook input")
    bare = PacketFilter((Citation("web/nft-ruleset", 0, ""),), (), (), (), (WrittenFilter("nftables", at),))
    found = compared(having(HOST, bare), having(WIRE))
    assert kinds(found) == [FILTER_NOT_LOADED]
    assert (found.found[0].said, found.found[0].shown.capture) == (at, "web/nft-ruleset")
    assert kinds(compared(having(HOST, filtering()), having(WIRE))) == []


def test_a_port_that_the_filter_closes_but_that_answers() -> None:
    open_ = ports(port(22), port(443))
    for sources, kinds_found in ((Sources.NOBODY, [CLOSED]), (Sources.NAMED, []), (Sources.UNKNOWN, [])):
        shut = replace(proof(FILTER, SOCKETS), ports=_of(443, sources))
        found = compared(having(HOST, shut), having(WIRE, open_))
        assert kinds(found) == kinds_found
    published = replace(
        proof(FILTER, SOCKETS, publication("tcp 443 172.17.0.2:443")), ports=_of(443, Sources.NOBODY)
    )
    assert kinds(compared(having(HOST, published), having(WIRE, open_))) == []


def _of(number: int, sources: Sources) -> tuple[ProvenPort, ...]:
    told = proof(FILTER, SOCKETS).ports or ()
    return tuple(replace(one, sources=sources) for one in told if one.port == number)


def test_what_a_reboot_would_change() -> None:
    now, then = Citation("web/nft-ruleset", 1, "accept"), Citation("web/filter-files:x", 9, "drop")
    changes = (BootChange(False, "tcp 8080", now, then), BootChange(True, "tcp 9090", now, then))
    found = compared(having(HOST, replace(proof(FILTER, None), changes=changes)), having(WIRE))
    assert kinds(found) == [CLOSES_AT_REBOOT, OPENS_AT_REBOOT]
    assert (found.found[0].said, found.found[0].shown) == (then, now)


def test_a_version_that_the_files_do_not_allow_but_that_is_offered() -> None:
    shown = endpoints(tls(offered="TLSv1 TLSv1.2"))
    found = compared(having(HOST), having(WIRE, shown))
    assert kinds(found) == [TLS_VERSION_OFF]
    only = found.found[0]
    assert (only.said.line, only.shown.capture) == (4, "web@inside/tls:tcp/443")
    assert "TLSv1.2 TLSv1.3" in only.text.en
    assert "TLSv1 is offered" in only.text.en


@pytest.mark.parametrize(
    ("stated", "sockets"),
    [
        (web(None), SOCKETS),  # the file leaves it to the program
        (web("TLSv1 TLSv1.1 TLSv1.2"), SOCKETS),
        (web(number=8443), SOCKETS),
        (web(), listeners(socket("tcp 0.0.0.0 443", "haproxy"))),  # somebody else serves the port
    ],
)
def test_files_that_do_not_speak_of_it_contradict_nothing(stated: WebTls, sockets: Listeners) -> None:
    found = compared(having(HOST, stated, sockets), having(WIRE, endpoints(tls(offered="TLSv1 TLSv1.2"))))
    assert (found.found, found.unseen) == ((), ())


def test_an_owner_that_was_not_seen_excuses_nothing() -> None:
    weak = endpoints(tls(offered="TLSv1"))
    assert kinds(compared(having(HOST, listeners(socket("tcp 0.0.0.0 443"))), having(WIRE, weak))) == [
        TLS_VERSION_OFF
    ]
    assert TLS_VERSION_OFF in kinds(compared(having(HOST, gaps=(Listeners,)), having(WIRE, weak)))


OFF = inet(("telnet", False))


@pytest.mark.parametrize(
    ("host", "wire"),
    [
        (having(HOST, gaps=(InetServices,)), having(TELNET)),
        (having(HOST, gaps=(InetServices,)), having(WIRE, gaps=(WireServices,))),
        (having(HOST, OFF), having(WIRE, gaps=(WireServices,))),
        (having(HOST, OFF), having(WIRE, services(service(22, "ssh"), unseen=(blind(23),)))),
        (having(HOST, gaps=(Listeners,)), having(WIRE)),
        (having(HOST), having(WIRE, gaps=(OpenPorts,))),
        (having(HOST), having(WIRE, ports(port(22), unseen=(Gap(GapReason.TIMED_OUT, "ports-tcp"),)))),
        (having(HOST, gaps=(PacketFilter,)), having(WIRE)),
        (having(HOST, gaps=(WebTls,)), having(WIRE)),
        (having(HOST), having(WIRE, gaps=(TlsEndpoints,))),
        (having(HOST), having(WIRE, endpoints(unseen=(blind(443),)))),
        (having(HOST), having(WIRE, endpoints(tls(unknown="TLSv1")))),
    ],
)
def test_a_missing_input_is_never_no_contradiction(host: FactSheet, wire: FactSheet) -> None:
    found = contradictions(host, wire)
    assert isinstance(found, Contradictions)
    assert found.unseen
    assert all(gap.detail for gap in found.unseen)


def test_inputs_that_cannot_matter_are_not_missed() -> None:
    nothing = (ports(), services(), endpoints())
    host = having((FILTER,), gaps=(InetServices, Listeners, WebTls))
    assert compared(host, having(nothing)).unseen == ()
    udp = Gap(GapReason.PERMISSION, "ports-udp", needs="root")
    assert compared(having(HOST), having(WIRE, ports(port(22), port(443), unseen=(udp,)))).unseen == ()


def test_nothing_seen_at_all_is_a_gap() -> None:
    everything = (InetServices, Listeners, PacketFilter, WebTls)
    dark = FactSheet("web", dict.fromkeys(everything, REFUSED))
    assert isinstance(contradictions(dark, FactSheet("web", {})), Gap)
