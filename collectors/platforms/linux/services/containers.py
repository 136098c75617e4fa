"""Docker, containerd and Podman: who may tell them by network to run containers, which is to be root.

Sources: the manuals of dockerd and its daemon.json, of containerd's config.toml, of podman-system-service.
"""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from collectors.base import Files, Need, Reader, Step, Unseen
from collectors.platforms.linux.services import kubernetes
from collectors.platforms.linux.services.arguments import switch, values
from collectors.platforms.linux.services.daemons import DAEMONS, daemons
from collectors.platforms.linux.services.roots import ROOTS, sharing
from collectors.platforms.linux.sockets import NETSTAT, SS, sockets
from scanner.facts import ContainerApi, ContainerApis
from scanner.model import Gap, GapReason, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collectors.evidence import Document, Evidence
    from collectors.platforms.linux.services.processes import Running
    from scanner.model import Citation

DOCKER, CONTAINERD = "/etc/docker/daemon.json", "/etc/containerd/config.toml"
FILES = Step(
    "container-files",
    Files(
        (
            *(DOCKER, "/var/snap/docker/current/config/daemon.json", CONTAINERD),
            *("/etc/containerd/conf.d/*.toml", "/run/docker/containerd/containerd.toml"),
            kubernetes.CONFIGURATION,
        ),
        privileged=True,
    ),
    Text(
        zh="Docker、containerd、kubelet 的配置：谁可经网络指使其运行容器",
        en="settings of Docker, containerd and kubelet: who may tell them by network to run containers",
    ),
)
_LOCAL_SCHEMES = ("unix://", "fd://", "npipe://")
_SWARM = frozenset({2377, 7946})
"""Ports of Docker's own clusters, which ask certificates of their members."""


def read_apis(evidence: Evidence) -> ContainerApis:
    """Read the ways by network to every program that runs containers.

    Raises:
        Unseen: one runs, and a file of it was not seen or not understood.
    """
    document, running = daemons(evidence, *_READ)
    if not running:
        return ContainerApis((document.whole,), (), ())
    sharing(evidence)  # else nobody knows that the host's files are theirs
    files = evidence.files(FILES)
    apis = tuple(api for p in running for api in _READ[p.name](p, document.cite(p.line), files, evidence))
    names = tuple(dict.fromkeys(p.name for p in running))
    return ContainerApis((document.whole, *(f.whole for f in files.values())), names, apis)


def _docker(
    process: Running, at: Citation, files: Mapping[str, Document], evidence: Evidence
) -> Iterator[ContainerApi]:
    words = process.arguments[1:]
    told, told_at = _settings(
        process, next(iter(values(words, "--config-file")), DOCKER), files, at, json.loads
    )
    written = told.get("hosts", []) if told is not None else []
    if not isinstance(written, list) or not all(isinstance(host, str) for host in written):
        raise _refused(told_at, "hosts is no list of places")
    verify = switch(words, "--tlsverify")
    if verify is None and told is not None:
        verify = told.get("tlsverify") is True
    hosts = [(host, at) for host in values(words, "-H", "--host")] + [(host, told_at) for host in written]
    for host, place in hosts:
        if not host.startswith(_LOCAL_SCHEMES):
            setting = f"{host}, tlsverify" if verify else f"{host} without tlsverify"
            yield ContainerApi("dockerd", verify, setting, place)
    if told is None and not hosts:
        yield ContainerApi("dockerd", None, f"its settings in {process.container} are not read", at)
    if any(host.startswith("fd://") for host, _ in hosts) and not process.container:
        yield from _given(process, at, evidence)


def _given(process: Running, at: Citation, evidence: Evidence) -> Iterator[ContainerApi]:
    """Ports that systemd opened and handed over: whether they ask certificates is not worked out."""
    try:
        _, rows = sockets(evidence)
    except Unseen:
        rows = []
    own = [listener for listener, pids in rows if process.pid in pids and listener.protocol == "tcp"]
    for listener in own:
        if listener.port not in _SWARM:
            yield ContainerApi("dockerd", None, f"fd://: port {listener.port}", listener.at)
    if not rows or (not own and not all(pids for _, pids in rows)):
        yield ContainerApi("dockerd", None, "fd://: which sockets are its own was not seen", at)


def _containerd(
    process: Running, at: Citation, files: Mapping[str, Document], _: Evidence
) -> Iterator[ContainerApi]:
    path = next(iter(values(process.arguments[1:], "-c", "--config")), CONTAINERD)
    path = path.replace("/var/run/", "/run/")
    told, told_at = _settings(process, path, files, at, tomllib.loads)
    if told is None:
        yield ContainerApi("containerd", None, f"its settings in {process.container} are not read", at)
        return
    tables = [told]
    if told.get("imports"):
        imported = [f for name, f in files.items() if name.startswith("/etc/containerd/conf.d/")]
        if told["imports"] != ["/etc/containerd/conf.d/*.toml"]:
            raise _refused(told_at, "imports files that were not asked for")
        tables += [_parsed(f, tomllib.loads) for f in imported]
    grpc: dict[str, Any] = {}
    for table in tables:
        own = table.get("grpc", {})
        grpc |= own if isinstance(own, dict) else {}
    place = grpc.get("tcp_address")
    if place:
        proved = bool(grpc.get("tcp_tls_ca") and grpc.get("tcp_tls_cert"))
        yield ContainerApi("containerd", proved, f"tcp_address {place}, tcp_tls_ca", told_at)


def _podman(
    process: Running, at: Citation, _files: Mapping[str, Document], _: Evidence
) -> Iterator[ContainerApi]:
    words = process.arguments[1:]
    if "service" in words and any(word.startswith("tcp:") for word in words):
        proved = bool(values(words, "--tls-client-ca"))
        yield ContainerApi("podman", proved, "system service tcp:, --tls-client-ca", at)


def _kubelet(
    process: Running, at: Citation, files: Mapping[str, Document], _: Evidence
) -> Iterator[ContainerApi]:
    yield from kubernetes.kubelet(process, at, {} if process.container else files)


def _apiserver(
    process: Running, at: Citation, _files: Mapping[str, Document], _: Evidence
) -> Iterator[ContainerApi]:
    yield from kubernetes.apiserver(process, at)


def _etcd(
    process: Running, at: Citation, _files: Mapping[str, Document], _: Evidence
) -> Iterator[ContainerApi]:
    yield from kubernetes.etcd(process, at)


def _settings(
    process: Running,
    path: str,
    files: Mapping[str, Document],
    at: Citation,
    parse: Callable[[str], Any],
) -> tuple[dict[str, Any] | None, Citation]:
    """Settings of a file; empty where the usual one is not there, None where it is in a container."""
    if process.container:
        return None, at
    if path in files:
        return _parsed(files[path], parse), files[path].whole
    if path not in {DOCKER, CONTAINERD}:
        raise Unseen(Gap(GapReason.NOT_COLLECTED, FILES.id, path, "the program's file is not read"))
    return {}, at


def _parsed(document: Document, parse: Callable[[str], Any]) -> dict[str, Any]:
    try:
        told = parse(document.text)
    except (ValueError, RecursionError):
        raise _refused(document.whole, "the file is not in its form") from None
    if not isinstance(told, dict):
        raise _refused(document.whole, "the file holds no settings")
    return told


def _refused(at: Citation, why: str) -> Unseen:
    return Unseen(Gap(GapReason.UNPARSABLE, FILES.id, at.capture.partition(":")[2], why))


_READ: Mapping[
    str, Callable[[Running, Citation, Mapping[str, Document], Evidence], Iterator[ContainerApi]]
] = {
    "dockerd": _docker,
    "containerd": _containerd,
    "podman": _podman,
    "kubelet": _kubelet,
    "kube-apiserver": _apiserver,
    "etcd": _etcd,
}

STEPS = (FILES,)

READERS = (Reader(ContainerApis, (Need((DAEMONS,)),), read_apis, also=(FILES, ROOTS, SS, NETSTAT)),)
