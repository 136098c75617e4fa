"""Cases of what the proof of a filter tells: management ports, and what containers publish around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.facts import Default, Sources
from tests.checks.build import Case, both, chain, filtering, listeners, proof, publication, socket

if TYPE_CHECKING:
    from scanner.facts import Fact, Published

UNKNOWN = both(default=Default.UNKNOWN)
VNC = listeners(socket("tcp 0.0.0.0 5900", "x"))
LIMITED = (
    ("yes", "nobody", (filtering(*both()), VNC)),
    ("yes", "nothing of the kind listens", (filtering(), listeners())),
    ("yes", "named networks", (filtering(*both(ports=((5900, ("10.60.1.0/24",)),))), VNC)),
    ("yes", "on loopback", (filtering(), listeners(socket("tcp 127.0.0.1 5900", "x")))),
    ("no", "everybody", (filtering(*both(ports=((5900, ("any",)),))), VNC)),
    ("no", "no filter", (filtering(), VNC)),
    ("no", "by IPv6", (filtering(chain()), listeners(socket("udp :: 161", "snmpd")))),
    ("unseen", "not proved", (filtering(*UNKNOWN), VNC)),
    ("unseen", "sockets not seen", (filtering(*both()),)),
    ("unseen", "no socket at all", (filtering(*both()), listeners(ssh=False))),
)


def publishing(*published: Published) -> tuple[Fact, ...]:
    return filtering(*both()), proof(filtering(*both()), None, *published)


SHOP = "tcp 8080 172.17.0.2:80"
AROUND = (
    ("yes", "nothing published", (filtering(*both()),)),
    ("yes", "the filter lets everybody in anyhow", publishing(publication(SHOP, around=False))),
    ("yes", "to named networks", publishing(publication(SHOP, Sources.NAMED))),
    ("yes", "forwarded by a rule of a person", publishing(publication(SHOP, by=""))),
    ("no", "around", publishing(publication(SHOP))),
    ("no", "one of two", publishing(publication(SHOP, Sources.NOBODY), publication("udp 53 172.17.0.3:53"))),
    ("unseen", "who gets there is not proved", publishing(publication(SHOP, Sources.UNKNOWN))),
    ("unseen", "what the filter does is not proved", publishing(publication(SHOP, around=None))),
    ("n/a", "no filter", (filtering(), proof(filtering(), None, publication(SHOP, around=False)))),
)

_ALL = {"filter.management-limited": LIMITED, "filter.nothing-around": AROUND}

CASES = (
    *(Case(check, name, answer, facts) for check, rows in _ALL.items() for answer, name, facts in rows),
    *(Case(check, "gap", "unseen") for check in _ALL),
)
