"""Names and sheets of objects that follow from others: children look at their machine's facts."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from scanner.facts import FactSheet, HostIdentity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import AssessmentObject


def sheet_of(o: AssessmentObject, sheets: Mapping[str, FactSheet]) -> FactSheet:
    """The object's own sheet, else its machine's, else an empty one."""
    return sheets.get(o.id) or sheets.get(o.parent) or FactSheet(o.id, {})


def names_of(
    o: AssessmentObject, machine: AssessmentObject, sheets: Mapping[str, FactSheet]
) -> frozenset[str]:
    """Addresses and names by which others call an object that lives on a machine."""
    names = {o.address, machine.address, o.id, machine.id}
    identity = sheet_of(machine, sheets).get(HostIdentity)
    if isinstance(identity, HostIdentity):
        names.add(identity.hostname)
    return frozenset(plain(name) for name in names if name)


def plain(host: str) -> str:
    """One spelling of an address or name."""
    text = host.strip().strip("[]").lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text
