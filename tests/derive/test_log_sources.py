"""Which operating systems send to a collector."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scanner.derive import INVENTORY, derive
from scanner.facts import FactSheet, LogSources
from scanner.model import AssessmentObject, Gap, GapReason, Grade, System
from tests.checks.build import ask, at, forwarding, identity, listeners, target

if TYPE_CHECKING:
    from scanner.facts import Fact, LogForwarding

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHOP = System("shop", "shop", Grade(3, 3))
BANK = System("bank", "bank", Grade(3, 3))


def host(name: str, address: str = "", systems: tuple[str, ...] = ("shop",)) -> AssessmentObject:
    return AssessmentObject(name, "operating_system", "linux", "core", address, systems)


LOG1 = host("log1", "10.60.3.21")
COLLECTOR = AssessmentObject("log1/log_system", "log_system", "", "core", "", ("shop",), "log1")
WEB1 = host("web1", "10.60.2.11")


def sources(
    found: dict[str, Fact | Gap | None],
    *objects: AssessmentObject,
    hostname: str = "collect",
    there: tuple[Fact, ...] = (),
) -> LogSources:
    sheets = {
        name: FactSheet(name, {} if fact is None else {type_of(fact): fact}) for name, fact in found.items()
    }
    own = identity(hostname)
    sheets["log1"] = FactSheet("log1", {type(fact): fact for fact in (own, *there)})
    derived = derive(sheets, objects or (LOG1, COLLECTOR, WEB1), (SHOP,), (), NOW)
    fact = derived["log1/log_system"].get(LogSources)
    assert isinstance(fact, LogSources)
    return fact


def type_of(fact: Fact | Gap) -> type[Fact]:
    from scanner.facts import LogForwarding

    return LogForwarding if isinstance(fact, Gap) else type(fact)


def sends(forwards: LogForwarding | Gap | None) -> bool | None:
    found = sources({"web1": forwards})
    return {s.object: s.sends for s in found.sources}["web1"]


@pytest.mark.parametrize("name", ["10.60.3.21", "[10.60.3.21]", "log1", "LOG1.", "collect", "Collect"])
def test_a_target_that_is_the_collector(name: str) -> None:
    assert sends(forwarding(target(name))) is True


@pytest.mark.parametrize("name", ["10.60.3.22", "elsewhere", "log1.example.org", "log10"])
def test_a_target_that_may_be_another_address_or_a_relay_is_not_seen(name: str) -> None:
    assert sends(forwarding(target(name))) is None


def test_addresses_are_compared_as_addresses() -> None:
    v6 = host("log1", "2001:DB8::0001")
    found = sources({"web1": forwarding(target("2001:db8:0::1"))}, v6, COLLECTOR, WEB1)
    assert [s.sends for s in found.sources] == [True, True]


def test_an_agent_that_is_not_understood_leaves_it_open() -> None:
    assert sends(forwarding(unread=("vector",))) is None
    assert sends(forwarding(target("10.60.3.21", selector="mail.*"), unread=("vector",))) is None
    assert sends(forwarding(target("10.60.3.21"), unread=("vector",))) is True


def test_nothing_leaves() -> None:
    assert sends(forwarding()) is False
    assert sends(forwarding(target("127.0.0.1"))) is False
    assert sends(forwarding(target("10.60.3.21", selector="mail.*"))) is False
    assert sends(forwarding(target("10.60.3.21"), running=False)) is False


def test_what_was_not_seen_stays_so() -> None:
    assert sends(Gap(GapReason.PERMISSION)) is None
    assert sends(None) is None
    assert sends(forwarding(target("10.60.3.21", selector="*.err"))) is None


def test_one_matching_target_of_several_suffices() -> None:
    assert sends(forwarding(target("192.0.2.1"), target("10.60.3.21"))) is True


def test_a_stopped_daemon_sends_nowhere() -> None:
    assert sends(forwarding(target("192.0.2.1"), target("10.60.3.21"), running=False)) is False


def test_where_nothing_arrives_only_another_target_leaves_it_open() -> None:
    deaf = (listeners(ssh=True),)
    for targets, told in (
        ((target("10.60.3.21"),), False),
        ((target("10.60.3.21"), target("192.0.2.1")), None),
        ((target("10.60.3.21"), target("log1")), False),
    ):
        found = sources({"web1": forwarding(*targets)}, there=deaf)
        assert found.sources[-1].sends is told
        assert found.sources[-1].citations


def test_the_targets_that_decide_are_cited() -> None:
    here, there = target("10.60.3.21"), replace(target("192.0.2.1"), at=at("elsewhere"))
    for targets, cited in (((there, here), here.at), ((there,), there.at)):
        source = sources({"web1": forwarding(*targets)}).sources[-1]
        assert (source.object, source.citations) == ("web1", (cited,))


def test_the_collector_keeps_its_own_and_every_source_of_its_systems_is_asked() -> None:
    other = host("db", "10.0.0.1", ("bank",))
    mysql = AssessmentObject("web1/mysql", "database", "", "", "", ("shop",), "web1")
    found = sources({"web1": forwarding(target("10.60.3.21"))}, WEB1, other, mysql, COLLECTOR, LOG1)
    assert {s.object: s.sends for s in found.sources} == {"log1": True, "web1": True}
    assert found.seen[0].capture == INVENTORY
    assert all(s.citations for s in found.sources)
    assert ask("log.all-sources-forward", found).answer == "yes"


def test_a_host_that_was_never_reached_leaves_the_question_open() -> None:
    found = sources({"web1": forwarding(target("log1"))}, LOG1, COLLECTOR, WEB1, host("web9"))
    assert ask("log.all-sources-forward", found).answer == "unseen"


def test_a_collector_without_a_machine_in_the_inventory() -> None:
    alone = AssessmentObject("siem", "log_system", "", "core", "10.60.3.21", ("shop",))
    derived = derive(
        {"web1": FactSheet("web1", {type_of(f): f for f in [forwarding(target("10.60.3.21"))]})},
        (alone, WEB1),
        (SHOP, BANK),
        (),
        NOW,
    )
    fact = derived["siem"].get(LogSources)
    assert isinstance(fact, LogSources)
    assert {s.object: s.sends for s in fact.sources} == {"web1": True}
