"""What several vantages see, together."""

from __future__ import annotations

from datetime import UTC, datetime

from scanner.derive import derive
from scanner.facts import (
    Contradictions,
    Exposure,
    FactSheet,
    JudgedAt,
    OpenPorts,
    Presence,
    SshWire,
    TlsEndpoints,
    UnseenPort,
    VpnEndpoints,
    WireServices,
    WireTunnels,
)
from scanner.model import ApprovedTunnel, AssessmentObject, Gap, GapReason, Grade, Look, System, Vantage
from tests.derive.wire_facts import (
    AT,
    BROKEN,
    QUIET,
    answer,
    blind,
    dark,
    endpoints,
    port,
    ports,
    service,
    services,
    sheet,
    ssh,
    ssh_wire,
    tls,
    vpn,
)

WEB = AssessmentObject("web", "operating_system", "linux", "dmz", "10.0.0.1", ("shop",))
PLC = AssessmentObject("plc", "operating_system", "linux", "ot", "10.0.9.1", ("shop",))
VANTAGES = (Vantage("inside", "dmz", "P2"), Vantage("outside", "", "P1"))
LOOKS = (Look("web@inside", "web", "inside"), Look("web@outside", "web", "outside"))
SHOP = System("shop", "shop", Grade(3, 3))
INSIDE = sheet(
    "web@inside",
    ports(port(22), port(443)),
    services(service(22, "ssh", cleartext=False), service(443, "tls", cleartext=False)),
    endpoints(tls()),
    ssh_wire(ssh()),
    vpn(answer("ipsec", Presence.UNKNOWN)),
)


def derived(*sheets: FactSheet, register: tuple[ApprovedTunnel, ...] = ()) -> FactSheet:
    found = derive({s.object: s for s in sheets}, (WEB, PLC), (SHOP,), register, AT, LOOKS, VANTAGES)
    return found["web"]


def outside(**about: object) -> FactSheet:
    """The same from outside, but for what is said."""
    facts = {
        "ports": ports(port(443, look="web@outside"), look="web@outside"),
        "services": services(service(443, "tls", look="web@outside"), look="web@outside"),
        "tls": endpoints(tls(look="web@outside"), look="web@outside"),
        "ssh": ssh_wire(),
        "vpn": vpn(),
    } | about
    entries = {
        kind: facts[name]
        for name, kind in (
            ("ports", OpenPorts), ("services", WireServices), ("tls", TlsEndpoints),
            ("ssh", SshWire), ("vpn", VpnEndpoints),
        )
    }  # fmt: skip
    return FactSheet("web@outside", entries)  # type: ignore[arg-type]


def test_a_vantage_that_nothing_answers_adds_nothing() -> None:
    found = derived(INSIDE, dark("web@outside"))
    for kind in (OpenPorts, WireServices, TlsEndpoints, SshWire, VpnEndpoints):
        entry = found.get(kind)
        assert entry == INSIDE.get(kind)


def test_a_vantage_that_could_not_look_leaves_its_gap() -> None:
    found = derived(INSIDE, dark("web@outside", BROKEN))
    tls_seen, open_ports = found.get(TlsEndpoints), found.get(OpenPorts)
    assert not isinstance(tls_seen, Gap)
    assert not isinstance(open_ports, Gap)
    assert tls_seen.unseen == (UnseenPort("", 0, BROKEN),)
    assert open_ports.unseen == (BROKEN,)


def test_a_vantage_that_saw_the_object_but_not_all_leaves_its_gap() -> None:
    late = Gap(GapReason.TIMED_OUT, "tls")
    found = derived(INSIDE, outside(tls=late)).get(TlsEndpoints)
    assert not isinstance(found, Gap)
    assert [p.gap for p in found.unseen] == [late]


def test_nothing_seen_from_anywhere_is_a_gap_with_the_graver_reason() -> None:
    assert derived(dark("web@inside"), dark("web@outside")).get(TlsEndpoints) == QUIET
    assert derived(dark("web@inside"), dark("web@outside", BROKEN)).get(TlsEndpoints) == BROKEN


def test_alike_answers_are_kept_once_and_different_ones_both() -> None:
    same = derived(INSIDE, outside()).get(TlsEndpoints)
    other = derived(
        INSIDE, outside(tls=endpoints(tls(offered="TLSv1 TLSv1.2", look="web@outside"), look="web@outside"))
    ).get(TlsEndpoints)
    assert not isinstance(same, Gap)
    assert not isinstance(other, Gap)
    assert [e.at.capture for e in same.endpoints] == ["web@inside/tls:tcp/443"]
    assert [e.at.capture for e in other.endpoints] == ["web@inside/tls:tcp/443", "web@outside/tls:tcp/443"]
    assert {c.capture for c in same.seen} == {"web@inside/ports-tcp", "web@outside/ports-tcp"}


def test_what_one_vantage_could_not_tell_stays_unseen() -> None:
    found = derived(INSIDE, outside(services=services(unseen=(blind(443),)))).get(WireServices)
    assert not isinstance(found, Gap)
    assert found.unseen == (blind(443),)


def test_exposure_names_who_sees_what() -> None:
    found = derived(INSIDE, outside()).get(Exposure)
    assert isinstance(found, Exposure)
    shown = [
        (e.vantage, e.access_point, e.port.number, e.service and e.service.family) for e in found.exposed
    ]
    assert shown == [
        ("inside", "P2", 22, "ssh"),
        ("inside", "P2", 443, "tls"),
        ("outside", "P1", 443, "tls"),
    ]
    assert (found.vantages, found.unseen) == (("inside", "outside"), ())
    partly = derived(INSIDE, dark("web@outside")).get(Exposure)
    assert isinstance(partly, Exposure)
    assert (partly.vantages, partly.unseen) == (("inside",), (("outside", QUIET),))
    assert derived(dark("web@inside"), dark("web@outside")).get(Exposure) == QUIET


def test_endpoints_that_answer_are_held_against_the_register() -> None:
    look = sheet(
        "web@inside",
        ports(port(22)),
        vpn(
            answer("ipsec", Presence.PRESENT),
            answer("openvpn", Presence.PRESENT, 1194),
            answer("openvpn", Presence.ABSENT, 1194, "tcp"),
            answer("ipsec", Presence.UNKNOWN, 4500),
        ),
    )
    approved = ApprovedTunnel("web", "OpenVPN", "tun0", "198.51.100.7", "NET-7")
    late = ApprovedTunnel("web", "ipsec", "", "", "NET-8", datetime(2026, 5, 1, tzinfo=UTC))
    other = ApprovedTunnel("plc", "ipsec", "", "", "NET-9")
    found = derived(look, dark("web@outside"), register=(approved, late, other)).get(WireTunnels)
    assert isinstance(found, WireTunnels)
    assert [(a.family, entry) for a, entry in found.declared] == [("openvpn", "NET-7")]
    assert [a.family for a in found.undeclared] == ["ipsec"]
    assert [(a.family, a.protocol) for a in found.absent] == [("openvpn", "tcp")]
    assert [a.port for a in found.silent] == [4500]


def test_silence_takes_nothing_from_an_endpoints_own_word() -> None:
    inside = sheet(
        "web@inside", ports(port(22)), vpn(answer("ipsec", Presence.ABSENT), answer("gre", Presence.UNKNOWN))
    )
    quiet = outside(vpn=vpn(answer("ipsec", Presence.UNKNOWN), answer("gre", Presence.UNKNOWN)))
    found = derived(inside, quiet).get(WireTunnels)
    assert isinstance(found, WireTunnels)
    assert ([a.family for a in found.absent], [a.family for a in found.silent]) == (["ipsec"], ["gre"])


def test_an_object_that_no_probe_went_to_gets_nothing_of_the_wire() -> None:
    found = derive({s.object: s for s in (INSIDE, outside())}, (WEB, PLC), (SHOP,), (), AT, LOOKS, VANTAGES)
    kinds = {OpenPorts, WireServices, TlsEndpoints, Exposure, WireTunnels, Contradictions}
    assert not kinds & set(found["plc"].entries)
    assert not kinds & set(derive({}, (WEB,), (SHOP,), (), AT)["web"].entries)


def test_nothing_contradicts_a_host_that_was_not_asked() -> None:
    assert Contradictions not in derived(INSIDE, outside()).entries
    assert Contradictions in derived(FactSheet("web", {}), INSIDE, outside()).entries


def test_the_time_of_judgement_is_there_for_what_expires() -> None:
    told = derived(INSIDE, outside()).get(JudgedAt)
    assert isinstance(told, JudgedAt)
    assert told.at == AT
