"""Results of vulnerability scanners are strangers' files: nothing in them may hurt, or be half understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.evidence import Evidence
from collectors.platforms.vulnscan import PLATFORM
from collectors.platforms.vulnscan.elements import DEEPEST
from collectors.platforms.vulnscan.reading import SCAN
from collectors.platforms.vulnscan.reduced import reduced
from collectors.platforms.vulnscan.refused import names_of
from collectors.reading import read_fact
from collectors.redact import redact_bytes
from scanner.facts import Fact, VulnerabilityScan
from scanner.model import Gap, GapReason
from tests.platforms.fixture import command_capture

FIXTURES = Path(__file__).parent / "fixtures" / "vulnscan" / "VulnerabilityScan"
FORMATS = ("usual", "gvm", "trivy", "vuls")


def content(name: str) -> bytes:
    return (FIXTURES / name / "vulnerability-scan" / "stdout").read_bytes()


def read(results: bytes) -> Fact | Gap:
    capture = command_capture(PLATFORM, SCAN, results)
    return read_fact(PLATFORM.readers[0], Evidence.of("scan:q2", PLATFORM, [capture]))


def understood(results: bytes) -> VulnerabilityScan:
    fact = read(results)
    assert isinstance(fact, VulnerabilityScan), fact
    return fact


def nessus(hosts: str) -> bytes:
    return f'<NessusClientData_v2><Report name="r">{hosts}</Report></NessusClientData_v2>'.encode()


def host(name: str, items: str = "", ended: str = "1780000000") -> str:
    end = f'<HostProperties><tag name="HOST_END_TIMESTAMP">{ended}</tag></HostProperties>'
    return f'<ReportHost name="{name}">{end}{items}</ReportHost>'


@given(st.binary(max_size=2000) | st.text(max_size=500).map(str.encode))
def test_any_bytes_are_a_gap_and_no_bug(results: bytes) -> None:
    fact = read(results)
    assert isinstance(fact, Gap)
    assert fact.reason is not GapReason.BUG, fact.detail


@given(st.sampled_from(FORMATS), st.data())
def test_damaged_results_are_no_bug(name: str, data: st.DataObject) -> None:
    whole = content(name)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    instead = data.draw(st.binary(max_size=8) | st.sampled_from([b"null", b"[]", b"{}", b"-1", b"1e999"]))
    fact = read(whole[:start] + instead + whole[end:])
    assert not isinstance(fact, Gap) or fact.reason is not GapReason.BUG, fact


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    "Results Vulnerabilities Severity PkgName VulnerabilityID container serverName ipv4Addrs "
                    "scannedAt scannedCves cveContents cvss3Score CreatedAt ArtifactType".split()
                ),
                inner,
                max_size=4,
            )
        ),
    ),
    st.sampled_from([{"SchemaVersion": 2, "ArtifactType": "vm"}, {"jsonVersion": 4, "serverName": "a"}]),
)
def test_any_shape_of_json_is_no_bug(inner: object, mark: dict[str, object]) -> None:
    results = mark | (inner if isinstance(inner, dict) else {"Results": inner, "scannedCves": inner})
    fact = read(json.dumps(results).encode())
    assert not isinstance(fact, Gap) or fact.reason is not GapReason.BUG, fact


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><NessusClientData_v2/>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><NessusClientData_v2/>',
        b"<NessusClientData_v2><Report>&undeclared;</Report></NessusClientData_v2>",
        b"<report>" * 100_000,
        b"<report>" * (DEEPEST + 1) + b"</report>" * (DEEPEST + 1),
        b"[" * 200_000,
        b'{"SchemaVersion": ' + b"9" * 10_000 + b"}",
    ],
    ids=["entity", "external", "undeclared", "endless", "deep", "nested", "digits"],
)
def test_bombs_are_refused(bomb: bytes) -> None:
    fact = read(bomb)
    assert isinstance(fact, Gap)
    assert fact.reason is GapReason.UNPARSABLE, fact


def test_an_element_that_nobody_asks_for_hides_what_is_in_it() -> None:
    item = '<ReportItem severity="4" pluginID="1" pluginName="x" protocol="tcp" port="1"/>'
    (one,) = understood(nessus(host("a", f"<attachment>{item}</attachment>"))).hosts
    assert one.holes == ()


def test_a_host_whose_scan_did_not_end_is_not_there() -> None:
    assert understood(nessus(host("a", ended=""))).hosts == ()


@pytest.mark.parametrize("kind", ["container_image", "repository", "cyclonedx"])
def test_results_of_what_is_no_host_are_refused(kind: str) -> None:
    results = json.loads(content("trivy")) | {"ArtifactType": kind}
    assert isinstance(read(json.dumps(results).encode()), Gap)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("trivy", {"SchemaVersion": 3}),
        ("trivy", {"CreatedAt": "2026-05-28T20:26:40"}),
        ("trivy", {"CreatedAt": None}),
        ("vuls", {"jsonVersion": 5}),
        ("vuls", {"container": {"containerID": "0123"}}),
        ("vuls", {"scannedAt": "yesterday"}),
        ("vuls", {"scannedCves": {"CVE-1": {"cveContents": {"nvd": [{"cvss3Score": "9"}]}}}}),
    ],
)
def test_what_is_not_understood_is_refused(name: str, change: dict[str, object]) -> None:
    assert isinstance(read(json.dumps(json.loads(content(name)) | change).encode()), Gap)


def test_names_that_are_no_single_host_are_left_out() -> None:
    assert names_of("LocalHost", "127.0.0.1", "::1", "0.0.0.0", "") == ()  # noqa: S104 - no address is bound
    assert names_of("Web1.Example.org.", "10.0.0.1", "FE80::0001") == (
        "web1.example.org",
        "10.0.0.1",
        "fe80::1",
    )


KEY = b"k" * 32


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_run_keeps_says_the_same(name: str) -> None:
    whole = content(name)
    kept = reduced(whole)
    stored, read_whole = understood(redact_bytes(kept, "", KEY)), understood(whole)
    assert said(stored) == said(read_whole)
    assert reduced(kept) == kept
    if whole.startswith(b"<"):
        assert [h.at.line for h in stored.hosts] == [h.at.line for h in read_whole.hosts]


def said(scan: VulnerabilityScan) -> list[object]:
    return [(h.names, h.ended, [(o.id, o.severity, o.component) for o in h.holes]) for h in scan.hosts]


def test_no_prose_is_kept_and_what_it_quotes_does_not_break_the_results() -> None:
    item = '<ReportItem severity="3" pluginID="1" pluginName="x" protocol="tcp" port="1"><cve>CVE-1</cve>'
    quoted = "password = hunter2\n&lt;a token=x&gt;"
    output = f'{item}\n<plugin_output a=">">{quoted}</plugin_output><b/><c a="/>"/>\n</ReportItem>'
    kept = redact_bytes(reduced(nessus(host("a", output))), "", KEY)
    assert b"hunter2" not in kept
    (one,) = understood(kept).hosts
    assert [hole.id for hole in one.holes] == ["CVE-1"]


def test_prose_in_json_is_not_kept() -> None:
    results = json.loads(content("trivy"))
    results["Results"][0]["Vulnerabilities"][0]["Description"] = 'password: "hunter2" }'
    kept = reduced(json.dumps(results).encode())
    assert b"hunter2" not in kept
    assert len(understood(redact_bytes(kept, "", KEY)).hosts[0].holes) == 2


@given(st.binary(max_size=500) | st.sampled_from(FORMATS).map(content))
def test_reducing_never_makes_results_of_what_is_none(results: bytes) -> None:
    before, after = read(results), read(reduced(results))
    assert isinstance(before, Gap) == isinstance(after, Gap)
