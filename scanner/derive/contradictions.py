"""Where the wire and the host's own words differ, each with both pieces of evidence.

A comparison is made only where the host states something; where one of its inputs was not seen although it
could matter, the comparison is unseen, which is never "no contradiction".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.facts import (
    Contradiction,
    Contradictions,
    InetServices,
    Listeners,
    Offer,
    OpenPorts,
    PacketFilter,
    ProvenFilter,
    Sources,
    TlsEndpoints,
    UnseenPort,
    WebTls,
    WireServices,
)
from scanner.model import Citation, Gap, GapReason, Text

if TYPE_CHECKING:
    from scanner.facts import FactSheet, TlsEndpoint, WebTlsPort

SERVICE_OFF, NO_LISTENER, FILTER_NOT_LOADED, TLS_VERSION_OFF = (
    "service-off-but-answering",
    "no-listener-but-answering",
    "filter-written-but-not-loaded",
    "tls-version-off-but-offered",
)
CLOSED, OPENS_AT_REBOOT, CLOSES_AT_REBOOT = (
    "closed-by-filter-but-answering",
    "filter-opens-at-reboot",
    "filter-closes-at-reboot",
)
"""Kinds of contradictions."""

_STARTED_BY_INETD = {"telnet": "telnet", "login": "rlogin", "shell": "rsh", "exec": "rexec"}
"""Names of services that only a super-server usually starts, and their families on the wire."""

Found = Iterator[Contradiction | Gap]


def contradictions(host: FactSheet, wire: FactSheet) -> Contradictions | Gap:
    """Compare a host's own sheet with what all vantages saw of it."""
    found: list[Contradiction] = []
    unseen: list[Gap] = []
    for compared in (
        _inet(host, wire),
        _listeners(host, wire),
        _filter(host),
        _boot(host),
        _closed(host, wire),
        _tls(host, wire),
    ):
        for one in compared:
            if isinstance(one, Gap):
                unseen.append(one)
            else:
                found.append(one)
    seen = tuple(dict.fromkeys(_seen(host, wire)))
    if not seen:
        return unseen[0] if unseen else Gap(GapReason.NOT_COLLECTED, detail="nothing was seen to compare")
    return Contradictions(seen, tuple(found), tuple(dict.fromkeys(unseen)))


def _seen(host: FactSheet, wire: FactSheet) -> Iterator[Citation]:
    for entry in (
        *(host.get(kind) for kind in (InetServices, Listeners, PacketFilter, WebTls)),
        *(wire.get(kind) for kind in (OpenPorts, WireServices, TlsEndpoints)),
    ):
        if not isinstance(entry, Gap):
            yield from entry.seen


def _blind(what: str, gap: Gap) -> Gap:
    """The gap of one comparison: what could not be compared, and for which reason."""
    return replace(gap, detail=f"{what}: {gap.detail}" if gap.detail else what)


def _inet(host: FactSheet, wire: FactSheet) -> Found:
    """A service that inetd's file switches off, but that answers."""
    what = "what inetd no longer starts against what answers"
    stated, services = host.get(InetServices), wire.get(WireServices)
    if isinstance(stated, Gap):
        if isinstance(services, Gap) or services.unseen or services.of(*_STARTED_BY_INETD.values()):
            yield _blind(what, stated)
        return
    on = {s.name for s in stated.services if s.enabled}
    off = {s.name: s for s in stated.services if s.name in _STARTED_BY_INETD and s.name not in on}
    if not off:
        return
    if isinstance(services, Gap):
        yield _blind(what, services)
        return
    for name, entry in off.items():
        for service in services.of(_STARTED_BY_INETD[name]):
            text = Text(
                zh="{name} 在 inetd 配置中已停用，却在 {protocol}/{port} 应答",
                en="{name} is switched off in inetd's file, but answers on {protocol}/{port}",
            ).format(name=name, protocol=service.protocol, port=service.port)
            yield Contradiction(SERVICE_OFF, text, entry.at, service.at)
    for port in services.unseen:
        yield _blind(f"{what} on {_place(port)}", port.gap)


def _listeners(host: FactSheet, wire: FactSheet) -> Found:
    """A TCP port that answers, though the host lists no socket that others could reach there."""
    what = "the host's own sockets against what answers"
    listed, ports, services = host.get(Listeners), wire.get(OpenPorts), wire.get(WireServices)
    if isinstance(ports, Gap):
        yield _blind(what, ports)
        return
    yield from (_blind(what, gap) for gap in ports.unseen if not gap.step.endswith("udp"))
    if isinstance(listed, Gap):
        if ports.open():
            yield _blind(what, listed)
        return
    own = {s.port for s in listed.listeners if s.protocol == "tcp" and s.off_host}
    own |= _published(host)  # its own rules say that others answer there
    rules = host.get(ProvenFilter)
    identified = () if isinstance(services, Gap) else services.services
    speaking = {s.port for s in identified if s.protocol == "tcp"}
    for port in ports.open():
        if port.number in own:
            continue
        if port.number not in speaking:
            # Some filters complete every handshake; only what speaks is a service for certain.
            detail = f"{what}: the host lists no socket for this open port, and nothing spoke there"
            step = port.at.capture.partition("/")[2]
            yield Gap(GapReason.NOT_COLLECTED, step, f"tcp/{port.number}", detail)
            continue
        if isinstance(rules, Gap):
            yield replace(_blind(f"{what}: whether rules send it on", rules), subject=f"tcp/{port.number}")
            continue
        text = Text(
            zh="tcp/{port} 在网络上应答，但主机的监听列表中没有它（被转发、被隐藏或由他机应答）",
            en="tcp/{port} answers on the wire, but the host lists no socket for it (forwarded, hidden, or"
            " another host answers)",
        ).format(port=port.number)
        yield Contradiction(NO_LISTENER, text, _nearest(listed, port.number), port.at)


def _published(host: FactSheet) -> set[int]:
    """TCP ports that the loaded rules translate and let some source have from somebody else."""
    proof = host.get(ProvenFilter)
    return {
        number
        for one in (() if isinstance(proof, Gap) else proof.published)
        if one.protocol == "tcp" and one.sources is not Sources.NOBODY
        for number in range(one.port, one.last + 1)
    }


def _nearest(listed: Listeners, port: int) -> Citation:
    """The line of a socket that only the host itself can reach, else the list as a whole."""
    own = (s.at for s in listed.listeners if (s.protocol, s.port) == ("tcp", port))
    return next(own, listed.seen[0])


def _filter(host: FactSheet) -> Found:
    """A filter in the files of what starts at boot, while nothing is loaded."""
    filtering = host.get(PacketFilter)
    if isinstance(filtering, Gap):
        yield _blind("the filter in files against the loaded one", filtering)
        return
    for written in filtering.written if not filtering.chains else ():
        text = Text(
            zh="{unit} 的文件中写有包过滤规则，但内核中没有加载任何规则",
            en="the files of {unit} hold a packet filter, but none is loaded in the kernel",
        ).format(unit=written.unit)
        yield Contradiction(FILTER_NOT_LOADED, text, written.at, filtering.seen[0])


def _boot(host: FactSheet) -> Found:
    """What the loaded filter does otherwise than the files that are loaded at the next start."""
    proof = host.get(ProvenFilter)
    for change in () if isinstance(proof, Gap) else proof.changes or ():
        then = Text(zh="放行", en="let in") if change.opens else Text(zh="拒绝", en="denied")
        now = Text(zh="拒绝", en="denied") if change.opens else Text(zh="放行", en="let in")
        text = Text(
            zh=f"{change.packet}：现在{now.zh}，重启后按文件{then.zh}",
            en=f"{change.packet}: {now.en} now, {then.en} by the files after a reboot",
        )
        kind = OPENS_AT_REBOOT if change.opens else CLOSES_AT_REBOOT
        yield Contradiction(kind, text, change.then, change.now)


def _closed(host: FactSheet, wire: FactSheet) -> Found:
    """A TCP port that answers, though the filters let nobody from elsewhere in."""
    proof, ports = host.get(ProvenFilter), wire.get(OpenPorts)
    if isinstance(proof, Gap) or isinstance(ports, Gap):
        return
    published = _published(host)
    for port in ports.open():
        own = [p for p in proof.ports or () if (p.protocol, p.port) == ("tcp", port.number)]
        if not own or port.number in published or any(p.sources is not Sources.NOBODY for p in own):
            continue
        text = Text(
            zh="tcp/{port} 在网络上应答，但已加载的过滤规则不允许任何来源访问",
            en="tcp/{port} answers on the wire, though the loaded filter lets nobody in",
        ).format(port=port.number)
        yield Contradiction(CLOSED, text, (*own[0].at, own[0].socket)[0], port.at)


def _tls(host: FactSheet, wire: FactSheet) -> Found:
    """A TLS version that a web server's files do not allow, but that is offered."""
    what = "TLS versions in files against those offered"
    stated, shown = host.get(WebTls), wire.get(TlsEndpoints)
    listed = host.get(Listeners)
    if isinstance(stated, Gap):
        if isinstance(shown, Gap) or shown.unseen or shown.endpoints:
            yield _blind(what, stated)
        return
    asked = {p.port: p for p in stated.ports if p.versions is not None}
    asked = {port: p for port, p in asked.items() if _served_by(listed, port, stated.program) is not False}
    if not asked:
        return
    if isinstance(shown, Gap):
        yield _blind(what, shown)
        return
    for endpoint in shown.endpoints:
        if endpoint.port in asked:
            yield from _versions(asked[endpoint.port], endpoint, what)
    for port in shown.unseen:
        if port.port in asked or port.port == 0:
            yield _blind(f"{what} on {_place(port)}", port.gap)


def _versions(stated: WebTlsPort, shown: TlsEndpoint, what: str) -> Found:
    for version in shown.versions:
        if version.version in (stated.versions or ()) or version.offer is Offer.REFUSED:
            continue
        if version.offer is Offer.UNKNOWN:
            detail = f"{what}: whether tcp/{shown.port} offers {version.version} was not seen"
            yield Gap(GapReason.NOT_COLLECTED, "tls", f"tcp/{shown.port}", detail)
            continue
        text = Text(
            zh="配置文件在 tcp/{port} 只允许 {allowed}，实际却提供 {version}",
            en="the files allow {allowed} on tcp/{port}, but {version} is offered",
        ).format(port=shown.port, version=version.version, allowed=" ".join(stated.versions or ()))
        yield Contradiction(TLS_VERSION_OFF, text, (*stated.versions_at, stated.at)[0], version.at)


def _served_by(listed: Listeners | Gap, port: int, program: str) -> bool | None:
    """Whether the port's socket belongs to ``program``; None where its owner was not seen."""
    if isinstance(listed, Gap):
        return None
    owners = [s.processes for s in listed.listeners if (s.protocol, s.port) == ("tcp", port)]
    if not owners or not all(owners):
        return None
    return any(program in names for names in owners)


def _place(port: UnseenPort) -> str:
    return f"{port.protocol}/{port.port}" if port.port else "every port"
