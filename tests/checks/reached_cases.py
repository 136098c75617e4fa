"""Cases of high-risk ports that were reached, and of ports that are open by rule and silent."""

from __future__ import annotations

from dataclasses import replace

from scanner.facts import (
    Exposed,
    Exposure,
    Fact,
    ProvenFilter,
    SilentPort,
    SilentPorts,
    Sources,
    Strength,
    WireService,
)
from tests.checks.build import SEEN, Case, at, filtering, listeners, proof, socket
from tests.derive.wire_facts import port, service

UNREACHED, LIMITED = "wire.high-risk-ports-unreached", "wire.high-risk-ports-limited"
OPEN = "wire.open-ports-answer"

HEARD = service(23, "telnet", cleartext=True, elsewhere=True)
TELNETD = listeners(socket("tcp 0.0.0.0 23", "telnetd"))
MORE = listeners(socket("tcp 0.0.0.0 23", "telnetd"), socket("tcp 0.0.0.0 21", "vsftpd"))
QUIET = listeners(socket("tcp 0.0.0.0 443", "nginx"))
OWN = listeners(socket("tcp 127.0.0.1 23", "telnetd"))


def from_(*, elsewhere: bool | None) -> WireService:
    return replace(HEARD, elsewhere=elsewhere)


def seen_by(*services: WireService | None, external: bool = False, number: int = 23) -> Exposure:
    found = tuple(
        Exposed("outside" if external else "inside", "z", "P1", port(number), one, external)
        for one in services
    )
    return Exposure(SEEN, found, ("inside",), ())


def proven(sources: Sources | None) -> ProvenFilter:
    """The host's filter, with the socket of port 23 as ``sources`` says; None: the sockets were not seen."""
    told = proof(filtering(), TELNETD)
    if sources is None:
        return replace(told, ports=None)
    return replace(told, ports=tuple(replace(p, sources=sources) for p in told.ports or ()))


def limited(answer: str, name: str, *facts: Fact) -> Case:
    return Case(LIMITED, name, answer, facts)


SILENT = SilentPort("inside", 8443, at("sockets", 3), (at("rules", 9),), at("ports", 0))
ANY, NAMED, NOBODY, UNKNOWN = Sources.ANYWHERE, Sources.NAMED, Sources.NOBODY, Sources.UNKNOWN

CASES = (
    Case(UNREACHED, "no such socket", "yes", (seen_by(number=443), QUIET)),
    Case(UNREACHED, "one on loopback", "yes", (seen_by(), OWN)),
    Case(UNREACHED, "telnet spoke to another host", "no", (seen_by(HEARD), TELNETD)),
    Case(UNREACHED, "open, and nobody knows what speaks", "unseen", (seen_by(None), TELNETD)),
    Case(
        UNREACHED,
        "a hint of telnet",
        "unseen",
        (seen_by(replace(HEARD, strength=Strength.HINT)), TELNETD),
    ),
    Case(
        UNREACHED, "heard on the host itself", "unseen", (seen_by(replace(HEARD, elsewhere=False)), TELNETD)
    ),
    Case(UNREACHED, "from where was not noted", "unseen", (seen_by(replace(HEARD, elsewhere=None)), TELNETD)),
    Case(UNREACHED, "it listens, and nothing answered", "unseen", (seen_by(), TELNETD)),
    Case(UNREACHED, "no socket at all", "unseen", (seen_by(HEARD), replace(TELNETD, listeners=()))),
    Case(UNREACHED, "sockets not seen", "unseen", (seen_by(HEARD),)),
    Case(UNREACHED, "nobody looked", "unseen", (TELNETD,)),
    limited("yes", "no such socket", seen_by(), QUIET, proven(NAMED)),
    limited("yes", "named sources at most", seen_by(HEARD), TELNETD, proven(NAMED)),
    limited("yes", "nobody", seen_by(HEARD, external=True), TELNETD, proven(NOBODY)),
    limited("no", "open, and reached from outside", seen_by(HEARD, external=True), TELNETD, proven(ANY)),
    limited("unseen", "open, and reached from inside only", seen_by(HEARD), TELNETD, proven(ANY)),
    limited(
        "unseen",
        "open, and what spoke outside is not known",
        seen_by(None, external=True),
        TELNETD,
        proven(ANY),
    ),
    limited("unseen", "the filter is not proved", seen_by(HEARD, external=True), TELNETD, proven(UNKNOWN)),
    limited("unseen", "the sockets were not proved", seen_by(HEARD, external=True), TELNETD, proven(None)),
    limited("unseen", "the proof does not speak of one port", seen_by(), MORE, proven(NAMED)),
    limited("unseen", "the filter was not seen", seen_by(HEARD, external=True), TELNETD),
    limited("unseen", "nobody looked", TELNETD, proven(ANY)),
    Case(OPEN, "all answer", "yes", (SilentPorts(SEEN, (), (("inside", 443),), 1),)),
    Case(OPEN, "one is silent", "no", (SilentPorts(SEEN, (SILENT,), (("inside", 443),), 2),)),
    Case(OPEN, "none is open to everybody", "n/a", (SilentPorts(SEEN, (), (), 0),)),
    Case(OPEN, "no vantage that the rules let in", "unseen", (SilentPorts(SEEN, (), (), 1),)),
    Case(OPEN, "gap", "unseen"),
)
