"""A whole evaluation: 40 objects graded S3A2 with cloud, scanned, attested, compensated, waived, scored.

Once every question that waits for a person is answered nothing is open: the lowest value is the highest, and
the results handed out as a table score the same.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scanner.cli import EXIT_FINDINGS, EXIT_OK
from tests.cli.recorded import call, many_hosts, tree_run

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = tuple(f"host{n}" for n in range(1, 13))
"""Operating systems that a scan looks at."""

OTHERS = {
    "network_device": 4,
    "security_device": 2,
    "boundary_device": 2,
    "bastion": 1,
    "log_system": 1,
    "anti_malware": 1,
    "database": 3,
    "middleware": 2,
    "application": 3,
    "terminal": 2,
    "backup_system": 1,
    "cloud_platform": 1,
    "cloud_management": 1,
    "hypervisor": 1,
    "machine_room": 1,
    "policy_document": 1,
    "person": 1,
}
"""Objects that people look at, by kind."""

MADE = "2026-03-02"
LATER = "2099-04-01T00:00:00+08:00"


@dataclass(frozen=True)
class Whole:
    """The system's run and what people stated of it."""

    run: Path
    statements: tuple[Path, ...]

    def told(self) -> tuple[str, ...]:
        return tuple(word for path in self.statements for word in ("--attest", str(path)))

    def report(self, *, told: bool = True) -> dict[str, Any]:
        done = call("report", self.run, "-f", "json", *(self.told() if told else ()))
        assert done.code == EXIT_OK, done.err
        document: dict[str, Any] = json.loads(done.out)
        return document


def _inventory(folder: Path, recorded: Path) -> Path:
    """12 hosts that replay a record, 28 objects that only people look at."""
    via = {"transport": "replay", "path": str(recorded)}
    objects: list[dict[str, Any]] = [
        {"id": name, "kind": "operating_system", "systems": ["shop"], "via": via} for name in HOSTS
    ]
    objects += [
        {"id": f"{kind}-{n}", "kind": kind, "systems": ["shop"]}
        for kind, count in OTHERS.items()
        for n in range(1, count + 1)
    ]
    assert len(objects) == 40
    system = {
        "name": "shop",
        "grade": "S3A2",
        "uses": ["cloud"],
        "absent": {"wireless_access": "no wireless network", "wireless_gateway": "no wireless network"},
    }
    path = folder / "inventory.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "systems": [system], "objects": objects}), encoding="utf-8")
    return path


def _answered(questions: str, path: Path) -> Path:
    """Fill the questionnaire in: every seventh question with a no, the rest with a yes."""
    rows = list(csv.DictReader(io.StringIO(questions.removeprefix("\ufeff"))))
    for n, row in enumerate(rows):
        row |= {"answer": "no" if n % 7 == 3 else "yes", "method": "examine", "date": MADE}
        row |= {"statement": f"seen on site, sheet {n}", "author": "assessor A"}
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    recorded = many_hosts(tree_run(folder), folder / "recorded.run", HOSTS)
    inventory = _inventory(folder, recorded)
    run = folder / "whole.run"
    scanned = call("-q", "scan", inventory, "-o", run)
    assert run.exists(), scanned.err
    asked = call("questionnaire", run, "-f", "csv")
    assert asked.code == EXIT_OK, asked.err
    attested = _answered(asked.out, folder / "attested.csv")
    return Whole(run, (attested, _judged(folder, Whole(run, (attested,)).report())))


def _judged(folder: Path, report: dict[str, Any]) -> Path:
    """A compensation of one failed item, waivers of every host's refused questions, all risks set."""
    failed = [
        (item["id"], o["object"])
        for item in report["items"]
        for o in item["objects"]
        if o["verdict"] in {"partial", "nonconform"}
    ]
    item, name = failed[0]
    by = {"reason": "looked at together with the rest", "author": "assessor A", "date": MADE}
    judged = {
        "version": 1,
        "compensations": [{"item": item, "objects": [name], "to": "conform", **by}],
        "waivers": [
            {"object": host, "reason": "being rebuilt", "approver": "officer B", "expires": LATER}
            for host in HOSTS
        ],
        "risks": [{"item": i, "risk": "low", **by} for i in sorted({i for i, _ in failed})],
    }
    path = folder / "judged.yaml"
    path.write_text(yaml.safe_dump(judged), encoding="utf-8")
    return path


def _numbers(scores: dict[str, Any]) -> dict[str, Any]:
    """What has to be one number each."""
    return {
        "2021": scores["2021"],
        "strict": scores["2025"]["strict"],
        "half": scores["2025"]["half"],
        **scores["themes"],
    }


def test_nothing_is_open(whole: Whole) -> None:
    report = whole.report()
    assert report["coverage"]["decided"] == report["coverage"]["applicable"]
    assert {item["verdict"] for item in report["items"]} <= {
        "conform",
        "partial",
        "nonconform",
        "not-applicable",
    }
    for name, interval in _numbers(report["scores"]).items():
        assert interval["low"] == interval["high"] is not None, name
    assert 0 < report["scores"]["2025"]["strict"]["low"] < 100


def test_before_people_spoke_much_was_open(whole: Whole) -> None:
    """Else the test above would show nothing."""
    report = whole.report(told=False)
    assert report["coverage"]["decided"] < report["coverage"]["applicable"] / 4
    strict = report["scores"]["2025"]["strict"]
    assert strict["low"] < strict["high"]


def test_s3a2_with_cloud_holds_the_items_of_its_marks(whole: Whole) -> None:
    items = whole.report()["items"]
    assert {item["id"][:3] for item in items} == {"L3-", "L2-"}
    assert {item["scope"] for item in items} == {"general", "cloud"}


def test_the_exported_results_score_the_same(whole: Whole, tmp_path: Path) -> None:
    exported = tmp_path / "results.csv"
    assert call("report", whole.run, "-f", "csv", "-o", exported, *whole.told()).code == EXIT_OK
    scored = call("score", exported, "-f", "json")
    assert scored.code == EXIT_OK, scored.err
    (again,) = (system["scores"] for system in json.loads(scored.out)["systems"])
    told = whole.report()["scores"]
    assert _numbers(told) == _numbers(again)
    assert _numbers({**told["before"]}) == _numbers({**again["before"]}) != _numbers(told)
    for template in ("2021", "2025"):
        assert told[template]["conclusions"] == again[template]["conclusions"]


def test_what_was_found_stays_a_no(whole: Whole) -> None:
    """Attestations fill what was unseen, and waivers silence: neither takes back what was found."""
    before = {f["id"]: f["answer"] for f in whole.report(told=False)["findings"]}
    after = {f["id"]: f["answer"] for f in whole.report()["findings"]}
    assert before == after
    assert "no" in after.values()
    steps = [s for i in whole.report()["items"] for o in i["objects"] for s in o["steps"]]
    refused = [s for s in steps if any(after.get(f) == "no" for f in s["findings"])]
    assert refused
    assert {s["answer"] for s in refused} == {"no"}


def test_the_compensated_item_shows_both_results(whole: Whole) -> None:
    report = whole.report()
    (compensation,) = report["compensations"]
    (item,) = [i for i in report["items"] if i["id"] == compensation["item"]]
    (o,) = [o for o in item["objects"] if o["object"] == compensation["object"]]
    assert o["verdict"] == "conform"
    assert o["before"] in (["partial"], ["nonconform"])


def test_waived_findings_silence_the_exit_code_only(whole: Whole) -> None:
    loud = call("assess", whole.run, "--attest", whole.statements[0], "--fail-on", "low")
    assert loud.code == EXIT_FINDINGS
    silenced = call("assess", whole.run, *whole.told(), "--fail-on", "low")
    assert silenced.code != EXIT_FINDINGS
