"""Services that run on a host as objects of their own."""

from __future__ import annotations

from datetime import UTC, datetime

from scanner.derive import derive
from scanner.derive.children import placed, undeclared, with_services
from scanner.facts import (
    Fact,
    FactSheet,
    RedisSettings,
    ServiceAudit,
    ServiceAuthentication,
    ServiceEncryption,
    ServiceInstance,
    ServiceProcess,
    ServiceProcesses,
    ServiceUser,
)
from scanner.model import AssessmentObject, Citation, Gap, GapReason, Grade, System

AT = Citation("db2/service-processes", 2, "redis-server")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHOP, BANK = System("shop", "shop", Grade(3, 3)), System("bank", "bank", Grade(3, 3))
HOST = AssessmentObject("db2", "operating_system", "linux", "core", "10.60.3.32", ("shop",))
OPEN = ServiceAuthentication((AT,), required=False, setting="requirepass")
HIDDEN = Gap(GapReason.PERMISSION, "redis-files", "/etc/redis/redis.conf")


def process(
    pid: int = 60,
    *ports: int,
    product: str = "redis",
    container: str = "",
    address: str = "10.60.3.32",
    kind: str = "database",
    sockets_seen: bool = True,
    root_seen: bool = True,
) -> ServiceProcess:
    user = ServiceUser((AT,), product, product, superuser=False)
    return ServiceProcess(product, kind, pid, user, container, (address,), ports, sockets_seen, AT, root_seen)


def sheet(*processes: ServiceProcess, settings: RedisSettings | Gap | None = None) -> dict[str, FactSheet]:
    entries: dict[type[Fact], Fact | Gap] = {ServiceProcesses: ServiceProcesses((AT,), processes)}
    if settings is not None:
        entries[RedisSettings] = settings
    return {"db2": FactSheet("db2", entries)}


def declared(name: str, kind: str = "database", parent: str = "db2") -> AssessmentObject:
    return AssessmentObject(name, kind, "", "core", "", ("shop",), parent)


def names(*objects: AssessmentObject, sheets: dict[str, FactSheet]) -> list[str]:
    return [p.object.id for p in placed(objects, sheets)]


def test_an_instance_becomes_a_child_of_its_host() -> None:
    _, child = with_services((HOST,), sheet(process(60, 6379)))
    assert child == AssessmentObject("db2/redis@6379", "database", "", "core", "", ("shop",), "db2")


def test_instances_are_told_apart_by_port_then_address_then_order() -> None:
    found = sheet(process(60, 6379), process(61, 6380, 6381), process(62))
    assert names(HOST, sheets=found) == ["db2/redis@6379", "db2/redis@6380", "db2/redis"]
    alike = sheet(process(60, 6379, address="10.0.0.1"), process(61, 6379, address="10.0.0.2"))
    assert names(HOST, sheets=alike) == ["db2/redis@10.0.0.1:6379", "db2/redis@10.0.0.2:6379"]
    assert names(HOST, sheets=sheet(process(60), process(61))) == ["db2/redis", "db2/redis#2"]


def test_the_only_declared_object_of_the_kind_takes_the_evidence_of_the_only_instance() -> None:
    orders = declared("orders")
    found = sheet(process(60, 6379))
    assert names(HOST, orders, sheets=found) == ["orders"]
    assert with_services((HOST, orders), found) == (HOST, orders)
    assert names(HOST, declared("cache", "middleware"), sheets=found) == ["db2/redis@6379"]
    assert names(HOST, declared("elsewhere", parent="db1"), sheets=found) == ["db2/redis@6379"]


def test_what_could_be_either_is_neither() -> None:
    one, other = declared("orders"), declared("stock")
    assert names(HOST, one, other, sheets=sheet(process(60, 6379))) == ["db2/redis@6379"]
    two = sheet(process(60, 6379), process(61, 6380))
    assert names(HOST, one, sheets=two) == ["db2/redis@6379", "db2/redis@6380"]
    named = declared("db2/redis@6380")
    assert with_services((HOST, named), two)[1:] == (named, declared("db2/redis@6379"))


def test_each_child_gets_what_was_found_of_it() -> None:
    settings = RedisSettings((AT,), (ServiceInstance(60, (OPEN,)),))
    found = sheet(process(60, 6379), process(61, 6380), settings=settings)
    objects = with_services((HOST,), found)
    known = derive(found, objects, (SHOP,), (), NOW)
    assert known["db2/redis@6379"].get(ServiceAuthentication) == OPEN
    assert isinstance(known["db2/redis@6379"].get(ServiceEncryption), Gap)
    assert isinstance(known["db2/redis@6380"].get(ServiceAuthentication), Gap)
    assert isinstance(known["db2/redis@6380"].get(ServiceUser), ServiceUser)


def test_settings_that_were_not_seen_are_the_childs_gap() -> None:
    found = sheet(process(60, 6379), settings=HIDDEN)
    known = derive(found, with_services((HOST,), found), (SHOP,), (), NOW)["db2/redis@6379"]
    for kind in (ServiceAuthentication, ServiceEncryption, ServiceAudit):
        assert known.get(kind) == HIDDEN


def test_a_container_is_named_and_its_files_are_not_those_of_the_host() -> None:
    settings = RedisSettings((AT,), (ServiceInstance(60, (OPEN,)),))
    found = sheet(process(60, 6379, container="docker:4f4f4f4f4f4f"), settings=settings)
    told = derive(found, with_services((HOST,), found), (SHOP,), (), NOW)[
        "db2/docker:4f4f4f4f4f4f/redis@6379"
    ].get(ServiceAuthentication)
    assert isinstance(told, Gap)
    assert "docker:4f4f4f4f4f4f" in told.detail


def test_files_are_those_of_an_instance_only_where_its_root_folder_was_seen() -> None:
    settings = RedisSettings((AT,), (ServiceInstance(60, (OPEN,)),))
    found = sheet(process(60, 6379, root_seen=False), settings=settings)
    told = derive(found, with_services((HOST,), found), (SHOP,), (), NOW)["db2/redis@6379"]
    assert isinstance(told.get(ServiceAuthentication), Gap)
    assert isinstance(told.get(ServiceUser), ServiceUser)


def test_an_instance_whose_ports_nobody_may_see_is_the_declared_one_of_its_product() -> None:
    cache, orders = declared("db2/redis@6379"), declared("db2/postgresql@5432")
    redis, postgresql = process(60, sockets_seen=False), process(61, product="postgresql", sockets_seen=False)
    assert names(HOST, cache, orders, sheets=sheet(redis, postgresql)) == [cache.id, orders.id]
    without_any = process(60)  # its sockets were seen: it has none
    assert names(HOST, cache, orders, sheets=sheet(without_any, postgresql)) == ["db2/redis", orders.id]
    second = process(62, sockets_seen=False)
    assert names(HOST, cache, orders, sheets=sheet(redis, second, postgresql)) == [
        "db2/redis",
        "db2/redis#2",
        orders.id,
    ]
    inside = process(60, sockets_seen=False, container="docker:4f4f4f4f4f4f")
    assert names(HOST, cache, orders, sheets=sheet(inside, postgresql))[0].startswith("db2/docker:")


def test_a_host_whose_processes_were_not_seen_has_no_children() -> None:
    hidden = {"db2": FactSheet("db2", {ServiceProcesses: Gap(GapReason.PERMISSION, "service-processes")})}
    assert with_services((HOST,), hidden) == (HOST,)
    assert with_services((HOST,), {}) == (HOST,)


def test_what_nobody_declared_is_said_of_its_own_systems_only() -> None:
    everything = with_services((HOST,), sheet(process(60, 6379)))
    (notice,) = undeclared(SHOP, (HOST,), everything)
    assert "db2/redis@6379" in notice.text.en
    assert "db2/redis@6379" in notice.text.zh
    assert undeclared(BANK, (HOST,), everything) == ()
    assert undeclared(SHOP, everything, everything) == ()
