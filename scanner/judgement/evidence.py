"""What was found about the machine that an object is, in whichever of its roles. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.model import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import Assessment, AssessmentObject, Finding, Kind, Proof

_OPPOSITE = {Answer.NO: Answer.YES, Answer.YES: Answer.NO}


class Evidence:
    """Findings by machine and check.

    A role such as ``gw/boundary_device`` is the machine ``gw`` itself: what was found about the machine is
    evidence in all its roles, and the other way round. What merely stands on a machine (a database) is
    another thing, and so is every other machine.
    """

    def __init__(self, assessment: Assessment) -> None:
        self._machines = {o.id: machine_of(o, assessment.profile.kinds) for o in assessment.objects}
        self._found: dict[tuple[str, str], dict[Finding, None]] = {}
        of_steps = (f for i in assessment.items for o in i.objects for s in o.steps for f in s.findings)
        for finding in (*assessment.findings, *of_steps):
            machine = self._machines.get(finding.object, finding.object)
            self._found.setdefault((machine, finding.check), {})[finding] = None

    def of(self, proof: Proof, name: str) -> tuple[Finding, ...]:
        """Findings that fulfil ``proof`` on the object ``name``; none unless every check of it does.

        A check that says yes here and no there about one machine (two levels, two roles) proves nothing.
        """
        machine = self._machines.get(name, name)
        proven: dict[Finding, None] = {}
        for check in proof.checks:
            found = self._found.get((machine, check), {})
            fitting = [f for f in found if f.answer is proof.answer]
            if not fitting or any(f.answer is _OPPOSITE[proof.answer] for f in found):
                return ()
            proven |= dict.fromkeys(fitting)
        return tuple(proven)


def machine_of(o: AssessmentObject, kinds: Mapping[str, Kind]) -> str:
    """Id of the machine that an object is: of its parent where it is that machine in a role."""
    kind = kinds.get(o.kind)
    return o.parent if o.parent and kind is not None and kind.whole_asset else o.id
