"""Not seeing is never passing: each step of a real host's answers damaged in each way, then judged again.

The records are those of a real scan of the lab; the damage is done to them in memory, and the whole way from
readers to checks runs again. The hardened hosts answer most questions with yes, so each of them could turn
out to be a yes that rests on nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collectors.base import Files, Step
from collectors.evidence import Evidence
from collectors.platforms.linux import PLATFORM
from collectors.reading import read_fact
from scanner.checks import ALL
from scanner.cli.judging import CHECKS, stored_profile
from scanner.derive import derive
from scanner.evaluate import View, answer_check
from scanner.facts import (
    Accounts,
    Fact,
    FactSheet,
    LogForwarding,
    LogSources,
    ObjectRole,
    PacketFilter,
    PasswordCopies,
    ProvenFilter,
    TunnelRegister,
    Tunnels,
)
from scanner.inventory import Inventory, read_normalised
from scanner.locker import Locker
from scanner.model import Answer, Capture, CaptureKind, Finding, Gap, GapReason
from scanner.profile import load_profile

if TYPE_CHECKING:
    from tests.lab.conftest import Scanned

Record = Capture | Gap
Damage = Callable[[Step, Sequence[Record]], list[Record]]
HOSTS = ("web1", "bastion")
SOURCE_OF: Mapping[type[Fact], type[Fact] | None] = {
    LogSources: LogForwarding,
    TunnelRegister: Tunnels,
    ObjectRole: None,
    PasswordCopies: Accounts,
    ProvenFilter: PacketFilter,
}
"""What a derived fact is derived from."""


def _gap(reason: GapReason) -> Damage:
    return lambda step, _: [Gap(reason, step.id, detail="made by a test")]


def _each(change: Callable[[Capture], Capture]) -> Damage:
    return lambda _, records: [change(r) if isinstance(r, Capture) else r for r in records]


def _content(content: bytes) -> Damage:
    """Other bytes in every answer; listings stay, so that files seem to be there.

    A file keeps its metadata, for its own size unmasks an empty answer; a step that asks for nothing else
    loses them, for they are all that it has to lose.
    """

    def damage(step: Step, records: Sequence[Record]) -> list[Record]:
        only_metadata = isinstance(step.form, Files) and step.form.metadata_only
        return _each(
            lambda c: (
                c
                if c.kind is CaptureKind.LISTING
                else replace(c, content=content, meta=None if only_metadata else c.meta)
            )
        )(step, records)

    return damage


def _refused(capture: Capture) -> Capture:
    if capture.kind is CaptureKind.COMMAND:
        return replace(capture, status=1, content=b"", errors=b"Operation not permitted (you must be root)\n")
    return replace(capture, status=1, content=b"") if capture.kind is CaptureKind.LISTING else capture


def _without_files(change: Callable[[Capture], Capture]) -> Damage:
    """Damage the answers and take the files away: what was not listed did not arrive."""
    return lambda step, records: [
        c for c in _each(change)(step, records) if not (isinstance(c, Capture) and c.kind is CaptureKind.FILE)
    ]


def _status(status: int, errors: bytes) -> Damage:
    def change(capture: Capture) -> Capture:
        if capture.kind is CaptureKind.COMMAND:
            return replace(capture, status=status, content=b"", errors=errors)
        return replace(capture, status=status, content=b"")

    return _without_files(change)


DAMAGES: Mapping[str, Damage] = {
    "unreachable": _gap(GapReason.UNREACHABLE),
    "host key": _gap(GapReason.HOST_KEY),
    "refused login": _gap(GapReason.AUTHENTICATION),
    "permission gap": _gap(GapReason.PERMISSION),
    "permission denied": _without_files(_refused),
    "command missing": _status(127, b"sh: not found\n"),
    "command failed": _status(1, b""),
    "timed out": _status(124, b""),
    "empty": _content(b""),
    "without its positive control": _content(b"nothing of the kind\n"),
    "binary garbage": _content(bytes(range(256)) * 4),
    "printable garbage": _content(b"%%% ??? 404 { not what was asked ]]\n" * 5),
    "truncated": _each(lambda c: replace(c, content=c.content[: len(c.content) // 2], truncated=True)),
    "never answered": lambda _, __: [],
    "listed but never arrived": _without_files(lambda c: c),
}


@pytest.fixture(scope="module")
def run_file(audited: Scanned) -> Path:
    """One real scan of the lab, by the account with the generated sudoers."""
    return audited.run


class Host:
    """A host's records, judged as often as wanted."""

    def __init__(self, name: str, inventory: Inventory, records: Sequence[Record]) -> None:
        self.name = name
        self.records = list(records)
        self._inventory = inventory
        self._parameters = load_profile(
            3, CHECKS, {file: str(text).encode() for file, text in stored_profile().items()}
        ).parameters
        self._facts: Mapping[type[Fact], Fact | Gap] = {}
        self.before = self.judge(self.records)

    def with_damage(self, step: Step, damage: Damage) -> list[Record]:
        """The records with those of one step damaged."""
        hit = [r for r in self.records if r.step == step.id]
        rest = [r for r in self.records if r.step != step.id]
        return [*rest, *damage(step, hit)]

    def judge(self, records: Sequence[Record], damaged: Step | None = None) -> dict[str, Finding]:
        """Findings of all checks that can be asked of the host; what no damaged step bears on is known."""
        evidence = Evidence.of(self.name, PLATFORM, records)
        facts = dict(self._facts) if damaged else {}
        for reader in PLATFORM.readers:
            if damaged is None or damaged in reader.steps:
                facts[reader.fact] = read_fact(reader, evidence)
        if not self._facts:
            self._facts = facts
        sheet = FactSheet(self.name, facts)
        inventory = self._inventory
        own = tuple(o for o in inventory.objects if self.name in {o.id, o.parent})
        known = derive({self.name: sheet}, own, inventory.systems, inventory.register, datetime.now(UTC))
        view = View(self.name, known[self.name], observed=True)
        return {
            check.id: answer_check(check, self._parameters[check.id], view)
            for check in ALL
            if view.can_answer(check)
        }


@pytest.fixture(scope="module")
def hosts(run_file: Path) -> dict[str, Host]:
    with Locker.open(run_file, "read") as locker:
        inventory = read_normalised(locker.header.inventory)
        return {name: Host(name, inventory, locker.records(name)) for name in HOSTS}


def _indispensable(step: Step) -> set[type[Fact]]:
    """Facts that cannot be read without the step."""
    return {r.fact for r in PLATFORM.readers if any(need.steps == (step,) for need in r.needs)}


def _passes_unseen(
    step: Step, findings: Mapping[str, Finding], before: Mapping[str, Finding]
) -> Iterator[str]:
    """Checks that say yes though they could not see."""
    lost = _indispensable(step)
    for check in ALL:
        finding = findings.get(check.id)
        if finding is None or finding.answer is not Answer.YES:
            continue
        needs = {SOURCE_OF.get(kind, kind) for kind in check.needs}
        if before[check.id].answer is not Answer.YES:
            yield f"{check.id} turned to yes"
        elif needs & lost:
            yield f"{check.id} is yes without {step.id}"
        elif any(_cites(c.capture, step) for c in finding.citations):
            yield f"{check.id} cites the damaged {step.id}"


def _cites(capture: str, step: Step) -> bool:
    return capture.partition("/")[2].partition(":")[0] == step.id


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("step", PLATFORM.steps, ids=lambda step: step.id)
def test_a_damaged_step_never_passes(hosts: dict[str, Host], step: Step, damage: str) -> None:
    for host in hosts.values():
        damaged = host.with_damage(step, DAMAGES[damage])
        if sorted(map(repr, damaged)) == sorted(map(repr, host.records)):
            continue  # an answer that is empty by nature is not damaged by emptying it
        after = host.judge(damaged, step)
        assert not list(_passes_unseen(step, after, host.before)), host.name


@pytest.mark.parametrize("reason", list(GapReason), ids=str)
def test_an_object_that_was_not_seen_passes_nothing(hosts: dict[str, Host], reason: GapReason) -> None:
    for host in hosts.values():
        findings = host.judge([Gap(reason, detail="made by a test")])
        assert {f.answer for f in findings.values()} == {Answer.UNSEEN}
        assert {f.gap.reason for f in findings.values() if f.gap is not None} == {reason}


def test_the_undamaged_hosts_do_pass(hosts: dict[str, Host]) -> None:
    """Positive control: without damage there are many yes answers to lose."""
    answers = [f.answer for f in hosts["web1"].before.values()]
    assert answers.count(Answer.YES) >= 20
