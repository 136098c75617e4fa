"""Which objects a vulnerability scan bears on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scanner.derive import derive
from scanner.facts import (
    FactSheet,
    Hole,
    HoleSeverity,
    JudgedAt,
    ScannedHost,
    Vulnerabilities,
    VulnerabilityScan,
)
from scanner.model import AssessmentObject, Gap, GapReason, GivenScan, Grade, System
from tests.checks.build import SEEN, at

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SHOP = System("shop", "shop", Grade(3, 3))
UNREAD = Gap(GapReason.UNPARSABLE, "vulnerability-scan", "", "no XML")
HOLE = Hole("CVE-2024-6387", HoleSeverity.HIGH, "openssh-server", at("scan"))


def host(name: str, address: str = "", platform: str = "linux") -> AssessmentObject:
    return AssessmentObject(name, "operating_system", platform, "core", address, ("shop",))


def scanned(*names: str, holes: tuple[Hole, ...] = (HOLE,), days: int = 1) -> ScannedHost:
    return ScannedHost(names, NOW - timedelta(days=days), holes, at("host"))


def results(*hosts: ScannedHost, scanner: str = "Nessus") -> VulnerabilityScan:
    return VulnerabilityScan(SEEN, scanner, hosts)


def of(
    scans: dict[str, VulnerabilityScan | Gap], *objects: AssessmentObject, is_of: str = ""
) -> dict[str, Vulnerabilities | Gap | None]:
    """What every object gets of scans by name; None: nothing, so that nothing is asked of it."""
    sheets = {f"scan:{name}": FactSheet(f"scan:{name}", {VulnerabilityScan: s}) for name, s in scans.items()}
    given = [GivenScan(name, f"scan:{name}", is_of) for name in scans]
    derived = derive(sheets, objects, (SHOP,), (), NOW, scans=given)
    found = {}
    for o in objects:
        entry = derived[o.id].entries.get(Vulnerabilities)
        assert entry is None or isinstance(entry, (Vulnerabilities, Gap))
        assert JudgedAt in derived[o.id].entries
        found[o.id] = entry
    return found


def names(found: Vulnerabilities | Gap | None) -> list[tuple[str, int]]:
    assert isinstance(found, Vulnerabilities), found
    return [(scan.name, len(scan.host.holes)) for scan in found.scans]


WEB1, WEB10 = host("web1", "10.0.0.1"), host("web10", "10.0.0.10")


def test_the_same_address_or_name_and_nothing_like_it() -> None:
    assert names(of({"q2": results(scanned("10.0.0.1"))}, WEB1, WEB10)["web1"]) == [("q2", 1)]
    assert of({"q2": results(scanned("10.0.0.1"))}, WEB1, WEB10)["web10"] is None
    assert names(of({"q2": results(scanned("web1"))}, host("Web1"))["Web1"]) == [("q2", 1)]
    assert of({"q2": results(scanned("web1.example.org"))}, WEB1)["web1"] is None
    v6 = host("a", "FE80:0::1")
    assert names(of({"q2": results(scanned("fe80::1"))}, v6)["a"]) == [("q2", 1)]


def test_no_scan_and_a_scan_of_others_ask_nothing() -> None:
    assert of({}, WEB1) == {"web1": None}
    assert of({"q2": results(scanned("10.0.0.99"))}, WEB1) == {"web1": None}
    assert of({"q2": results()}, host("paper", platform="")) == {"paper": None}


def test_a_host_that_could_be_two_objects_is_evidence_for_neither() -> None:
    for either in of({"q2": results(scanned("10.0.0.1", "web10"))}, WEB1, WEB10).values():
        assert isinstance(either, Gap)
        assert "web1, web10" in either.detail
    same = of({"q2": results(scanned("10.0.0.1"))}, WEB1, replace(WEB10, address="10.0.0.1"))
    assert all(isinstance(entry, Gap) for entry in same.values())


def test_a_host_without_a_name_is_the_object_that_the_inventory_names() -> None:
    assert names(of({"q2": results(scanned(), scanner="Trivy")}, WEB1, WEB10, is_of="web1")["web1"]) == [
        ("q2", 1)
    ]
    assert of({"q2": results(scanned())}, WEB1)["web1"] is None
    assert of({"q2": results(scanned("10.0.0.10"))}, WEB1, WEB10, is_of="web1")["web1"] is None


def test_a_later_scan_of_the_same_scanner_takes_the_place_of_an_earlier_one() -> None:
    scans: dict[str, VulnerabilityScan | Gap] = {
        "new": results(scanned("web1", holes=(), days=1)),
        "old": results(scanned("web1", days=30)),
        "other": results(scanned("web1", days=40), scanner="GVM"),
    }
    assert names(of(scans, WEB1)["web1"]) == [("new", 0), ("other", 1)]


def test_a_host_that_was_scanned_under_two_names_has_the_holes_of_both() -> None:
    both = results(scanned("10.0.0.1", holes=(), days=1), scanned("web1", days=2))
    assert sorted(names(of({"q2": both}, WEB1)["web1"])) == [("q2", 0), ("q2", 1)]


def test_a_scan_that_cannot_be_read_may_name_any_host_that_was_looked_at() -> None:
    found = of({"bad": UNREAD}, WEB1, host("paper", platform=""))
    assert found == {"web1": UNREAD, "paper": None}
    assert names(of({"bad": UNREAD, "q2": results(scanned("web1"))}, WEB1)["web1"]) == [("q2", 1)]


def test_of_two_scans_of_one_scanner_the_later_counts_in_whatever_order_they_stand() -> None:
    old, new = results(scanned("10.0.0.1", days=9)), results(scanned("10.0.0.1", days=1, holes=()))
    assert names(of({"a": old, "b": new}, WEB1)["web1"]) == [("b", 0)]
    assert names(of({"a": new, "b": old}, WEB1)["web1"]) == [("a", 0)]
