"""Tunnels that were seen, against the register of approved ones."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from scanner.facts import Presence, Tunnel, TunnelRegister, Tunnels, VpnAnswer, VpnEndpoints, WireTunnels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scanner.model import ApprovedTunnel

INTERFACE = "interface"

_CARRIERS = frozenset({"tun", "tap"})
"""Kinds of interfaces that say nothing about the daemon behind them."""


def of_object(name: str, found: Tunnels, approved: Iterable[ApprovedTunnel]) -> TunnelRegister:
    """Compare an object's tunnels with the approvals that hold for it.

    Args:
        name: of the object, for what is not seen.
        found: its tunnels.
        approved: approvals for the object that hold now.
    """
    declared: list[tuple[Tunnel, str]] = []
    undeclared: list[Tunnel] = []
    entries = tuple(approved)
    running: Counter[str] = Counter()
    for tunnel in found.tunnels:
        entry = next((e for e in entries if _approves(e, tunnel)), None)
        if entry is None and tunnel.method != INTERFACE:
            entry = _of_interface(entries, tunnel, running[tunnel.name])
            running[tunnel.name] += entry is not None
        if entry is None:
            undeclared.append(tunnel)
        else:
            declared.append((tunnel, entry.approval))
    unseen = (name,) if found.hidden else ()
    return TunnelRegister(found.seen, tuple(declared), tuple(undeclared), unseen)


def _approves(entry: ApprovedTunnel, tunnel: Tunnel) -> bool:
    """Whether an entry is for just this tunnel.

    A plain tun or tap interface is approved by its name, whatever family its entry states. A far end
    that was seen must be the approved one; one that was not seen contradicts nothing.
    """
    if entry.remote and tunnel.remote and entry.remote.lower() != tunnel.remote.lower():
        return False
    if tunnel.method == INTERFACE and tunnel.family in _CARRIERS:
        return bool(entry.name) and entry.name == tunnel.name
    return _same_family(entry, tunnel) and entry.name in {"", tunnel.name}


def _of_interface(entries: Sequence[ApprovedTunnel], tunnel: Tunnel, before: int) -> ApprovedTunnel | None:
    """Find the entry whose approved interface needs this process.

    Every such entry covers one process of a name: a second daemon beside one approved tunnel is undeclared.
    """
    covering = [e for e in entries if e.name and _same_family(e, tunnel)]
    return covering[before] if before < len(covering) else None


def on_the_wire(found: VpnEndpoints, approved: Iterable[ApprovedTunnel]) -> WireTunnels:
    """Compare the tunnel endpoints that answer strangers with the approvals that hold for the object.

    A stranger learns the family and no more: an approval of the family on the object covers it, whatever
    interface or far end it names.
    """
    approvals = {entry.family.lower(): entry.approval for entry in approved}
    return WireTunnels(
        seen=found.seen,
        declared=tuple((a, approvals[a.family.lower()]) for a in found.present if _known(a, approvals)),
        undeclared=tuple(a for a in found.present if not _known(a, approvals)),
        absent=tuple(a for a in found.answers if a.presence is Presence.ABSENT),
        silent=tuple(a for a in found.answers if a.presence is Presence.UNKNOWN),
        unseen=found.unseen,
    )


def _known(answer: VpnAnswer, approvals: Mapping[str, str]) -> bool:
    return answer.family.lower() in approvals


def _same_family(entry: ApprovedTunnel, tunnel: Tunnel) -> bool:
    return entry.family.lower() == tunnel.family.lower()
