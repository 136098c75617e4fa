"""What all vantages saw of one object, put together: the worst that any of them saw stays in sight."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from scanner.facts import (
    OBSERVED_ON_THE_WIRE,
    OpenPorts,
    Presence,
    SshWire,
    TlsEndpoint,
    TlsEndpoints,
    UnseenPort,
    VpnAnswer,
    VpnEndpoints,
    WireServices,
)
from scanner.model import Gap, GapReason

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from scanner.facts import Fact, FactSheet

T = TypeVar("T")
F = TypeVar("F", bound="Fact")

SILENT = frozenset({GapReason.EMPTY, GapReason.UNREACHABLE})
"""Reasons why a vantage that worked saw nothing of an object: nothing answered it."""

WHOLE = ("", 0)
"""Protocol and port of what was unseen from a vantage as a whole."""


def merged(looks: Sequence[FactSheet]) -> dict[type[Fact], Fact | Gap]:
    """Join the sheets of an object's looks, one a vantage.

    A vantage that nothing answered adds nothing as long as another one saw the object. A vantage that could
    not look, or saw the object but not all that was asked, leaves its gap among what is unseen.
    """
    return {kind: _merged(kind, looks) for kind in OBSERVED_ON_THE_WIRE}


def _merged(kind: type[F], looks: Sequence[FactSheet]) -> F | Gap:
    entries = [look.get(kind) for look in looks]
    facts = [entry for entry in entries if not isinstance(entry, Gap)]
    missing = [
        entry
        for entry, look in zip(entries, looks, strict=True)
        if isinstance(entry, Gap) and not _silent(look)
    ]
    if not facts:
        return missing[0] if missing else next(entry for entry in entries if isinstance(entry, Gap))
    return _joined(facts, missing)


def _silent(look: FactSheet) -> bool:
    ports = look.get(OpenPorts)
    return isinstance(ports, Gap) and ports.reason in SILENT


def _joined(facts: Sequence[F], missing: Sequence[Gap]) -> F:
    """One fact of all; each of its tuples holds what the facts hold, alike things once."""
    first: Any = facts[0]
    parts: dict[str, tuple[Any, ...]] = {
        name: _once((thing for fact in facts for thing in getattr(fact, name)), key)
        for name, key in _PARTS[type(first)].items()
    }
    seen = tuple(dict.fromkeys(c for fact in facts for c in fact.seen))
    blind: tuple[Any, ...] = tuple(missing)
    if not isinstance(first, OpenPorts):
        blind = tuple(UnseenPort(*WHOLE, gap) for gap in missing)
    parts["unseen"] += blind
    if isinstance(first, VpnEndpoints):
        parts["answers"] = _definite(parts["answers"])
    joined: F = replace(first, **parts, seen=seen)
    return joined


def _once(things: Iterable[T], key: Callable[[T], Hashable]) -> tuple[T, ...]:
    found: dict[Hashable, T] = {}
    for thing in things:
        found.setdefault(key(thing), thing)
    return tuple(found.values())


def _definite(answers: tuple[VpnAnswer, ...]) -> tuple[VpnAnswer, ...]:
    """Leave out what one vantage could not tell where another got the endpoint's own word."""
    told = {(a.family, a.protocol, a.port) for a in answers if a.presence is not Presence.UNKNOWN}
    return tuple(
        a for a in answers if a.presence is not Presence.UNKNOWN or (a.family, a.protocol, a.port) not in told
    )


def _itself(thing: Hashable) -> Hashable:
    return thing


def _tls(endpoint: TlsEndpoint) -> Hashable:
    certificate = endpoint.certificate
    shown = certificate if isinstance(certificate, Gap) else certificate.fingerprint
    return endpoint.port, tuple((v.version, v.offer) for v in endpoint.versions), shown


_PARTS: dict[type[Fact], dict[str, Callable[[Any], Hashable]]] = {
    OpenPorts: {
        "ports": lambda p: (p.protocol, p.number, p.state),
        "groups": lambda g: (g.protocol, g.state, g.count),
        "asked": _itself,
        "unseen": _itself,
    },
    WireServices: {
        "services": lambda s: (s.protocol, s.port, s.family, s.strength, s.cleartext, s.login, s.elsewhere),
        "unseen": _itself,
    },
    TlsEndpoints: {"endpoints": _tls, "unseen": _itself},
    SshWire: {"endpoints": lambda e: replace(e, at=None), "unseen": _itself},
    VpnEndpoints: {"answers": lambda a: (a.family, a.protocol, a.port, a.presence), "unseen": _itself},
}
"""What makes two entries of the same kind alike, whichever vantage saw them."""
