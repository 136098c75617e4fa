"""Kubernetes on one node: who may ask its programs, by their arguments and the kubelet's file.

Sources: the reference pages of kubelet, kube-apiserver and etcd, and KubeletConfiguration v1beta1. What is
not written has one default beside a file and a laxer one without. Rules of access (RBAC) stand in the
cluster.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.base import Unseen
from collectors.platforms.linux.services.arguments import switch, values
from scanner.facts import ContainerApi
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.evidence import Document
    from collectors.platforms.linux.services.processes import Running
    from scanner.model import Citation

CONFIGURATION = "/var/lib/kubelet/config.yaml"
_LINE = re.compile(r"(?P<indent> *)(?P<key>[A-Za-z][\w.-]*):(?:\s+(?P<value>[^#]*?))?\s*(?:#.*)?")
_JUDGED = frozenset({"authentication", "authorization", "readOnlyPort"})
"""Keys at the top whose values matter here."""


def kubelet(process: Running, at: Citation, files: Mapping[str, Document]) -> Iterator[ContainerApi]:
    """Its API, and the one that only reads and asks nobody anything.

    Raises:
        Unseen: its file was not read, or not understood.
    """
    words = process.arguments[1:]
    path = next(iter(values(words, "--config")), "")
    if (path and path not in files) or values(words, "--config-dir"):
        yield ContainerApi("kubelet", None, f"{path or '--config-dir'} is not read", at)
        return
    told, place = (_told(files[path]), files[path].whole) if path else ({}, at)
    lax = not path
    anonymous = switch(words, "--anonymous-auth")
    if anonymous is None:
        anonymous = told.get("authentication.anonymous.enabled", str(lax)).lower() == "true"
    mode = next(iter(values(words, "--authorization-mode")), told.get("authorization.mode"))
    mode = mode or ("AlwaysAllow" if lax else "Webhook")
    state = True if not anonymous else False if mode == "AlwaysAllow" else None
    setting = f"anonymous-auth {str(anonymous).lower()}, authorization-mode {mode}"
    yield ContainerApi("kubelet", state, setting, place)
    written = told.get("readOnlyPort", "10255" if lax else "0")
    port = next(iter(values(words, "--read-only-port")), written)
    if port != "0":
        yield ContainerApi("kubelet", False, f"read-only-port {port}", place)


def apiserver(process: Running, at: Citation) -> Iterator[ContainerApi]:
    """Its API: whether whoever proves nothing may do all, nothing, or what the cluster's rules say."""
    words = process.arguments[1:]
    anonymous = switch(words, "--anonymous-auth")
    by_file = values(words, "--authorization-config", "--authentication-config")
    modes = ",".join(values(words, "--authorization-mode")) or ("" if by_file else "AlwaysAllow")
    state: bool | None = True if anonymous is False else None
    if state is None and "AlwaysAllow" in modes.split(",") and not by_file:
        state = False
    shown = "false" if anonymous is False else "true"
    yield ContainerApi("kube-apiserver", state, f"anonymous-auth {shown}, authorization-mode {modes}", at)
    port = next(iter(values(words, "--insecure-port")), "0")
    if port != "0":
        yield ContainerApi("kube-apiserver", False, f"insecure-port {port}", at)


def etcd(process: Running, at: Citation) -> Iterator[ContainerApi]:
    """Its clients. Without certificates they may still have to name a user, which stands in its own data."""
    words = process.arguments[1:]
    places = ",".join(values(words, "--listen-client-urls")).split(",")
    encrypted = places != [""] and all(place.startswith(("https:", "unixs:")) for place in places)
    asked = switch(words, "--client-cert-auth") is True
    setting = f"client-cert-auth, listen-client-urls {','.join(places)}"
    yield ContainerApi("etcd", True if asked and encrypted else None, setting, at)


def _told(document: Document) -> dict[str, str]:
    """Values by path, of block mappings only; lists hold nothing that matters here."""
    told: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for number, line in enumerate(document.lines, 1):
        text = line.strip()
        if not text or text.startswith(("#", "-")):
            if text.startswith("---") and number > 1:
                raise _unparsable(document, number)
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise _unparsable(document, number)
        indent, value = len(match["indent"]), (match["value"] or "").strip("\"'")
        while above and above[-1][0] >= indent:
            above.pop()
        path = ".".join([*(key for _, key in above), match["key"]])
        if path.partition(".")[0] in _JUDGED and re.search(r"^[\[{&*!|>]", value):
            raise _unparsable(document, number)
        if value:
            told[path] = value
        else:
            above.append((indent, match["key"]))
    return told


def _unparsable(document: Document, number: int) -> Unseen:
    shown = document.cite(number).excerpt
    subject = document.ref.partition(":")[2]
    detail = f"line {number}: no plain setting: {shown}"
    return Unseen(Gap(GapReason.UNPARSABLE, "container-files", subject, detail))
