"""From facts to verdicts: checks answer steps, steps leave possible verdicts, objects make items. Pure.

Which evidence an object is judged on:

- an object that a platform looks at: its own sheet;
- a child object: what was derived for itself, then its parent's sheet;
- facts that a platform observed describe the machine, so they answer only for objects of a kind that is the
  machine itself (``Kind.whole_asset``): the accounts of a host never answer for a database on it;
- an item whose kinds no object of the system has: the system itself stands in, with what was derived for it.

A step that no check is asked about stays unseen without a finding: it waits for a person. A check that was
asked and could not see leaves an unseen finding with its gap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from scanner import decision
from scanner.facts import (
    ALL,
    DERIVED,
    OBSERVED_ON_THE_WIRE,
    BoundaryRules,
    Contradictions,
    Exposure,
    FactSheet,
    ServiceLogs,
    SilentPorts,
    WireTunnels,
    ZoneCrossings,
)
from scanner.model import (
    Answer,
    Assessment,
    AssessmentObject,
    Finding,
    Gap,
    GapReason,
    ItemResult,
    Notice,
    ObjectResult,
    Place,
    Settles,
    StepResult,
    Text,
    Verdict,
)
from scanner.sample import holes
from scanner.selection import declared, selected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scanner.checks.check import Check
    from scanner.facts import Fact
    from scanner.model import Item, ItemStep, Level, Look, Profile, System

WHERE_THERE = frozenset({*DERIVED, *OBSERVED_ON_THE_WIRE})
"""Facts that a question is asked about only where they are there, seen or not: nobody has to be probed."""

OF_ROLES: frozenset[type[Fact]] = frozenset({BoundaryRules, ZoneCrossings, ServiceLogs})
"""Facts that are derived for a role of a machine, or a service on it, and not for the machine."""

OF_THE_OBJECT = frozenset(ALL) - {*OBSERVED_ON_THE_WIRE, Exposure, WireTunnels, Contradictions, SilentPorts}
"""Facts whose gaps are told of the object itself; those of the wire are told once, of the look."""

STAND_IN = "system"
"""Kind of the object that stands for a whole system."""

INVENTORY = Place("inventory", 0)
"""Where a system declares items and its sample; the line is not kept."""

_REFUTED = Text(
    zh="{item} 声明为不适用（{reason}），但在 {objects} 上查到不符；声明不成立，该项照常判定",
    en="{item} is declared not to apply ({reason}), but something was found against it on {objects}: it is "
    "judged all the same",
)

_WORST_FIRST = (Answer.NO, Answer.UNSEEN, Answer.YES, Answer.NA)

REASON_WORDS: Mapping[GapReason, Text] = {
    GapReason.UNREACHABLE: Text("无法连接", "unreachable"),
    GapReason.HOST_KEY: Text("主机密钥不可信", "host key not trusted"),
    GapReason.AUTHENTICATION: Text("登录被拒绝", "login refused"),
    GapReason.PERMISSION: Text("权限不足", "permission denied"),
    GapReason.COMMAND_MISSING: Text("缺少所需命令", "command missing"),
    GapReason.COMMAND_FAILED: Text("命令执行失败", "command failed"),
    GapReason.TIMED_OUT: Text("超时", "timed out"),
    GapReason.UNPARSABLE: Text("内容无法解析", "could not be understood"),
    GapReason.TRUNCATED: Text("内容不完整", "cut off"),
    GapReason.EMPTY: Text("没有内容", "nothing came"),
    GapReason.NOT_COLLECTED: Text("未采集", "not collected"),
    GapReason.BUG: Text("程序错误", "a bug of this program"),
}


@dataclass(frozen=True, slots=True)
class View:
    """What an object is judged on: a sheet, and whether it may hold what a platform observes."""

    object: str
    sheet: FactSheet
    observed: bool

    def can_answer(self, check: Check) -> bool:
        """Whether it makes sense to ask ``check`` here: its facts could be there, seen or not."""
        asked = check.needs or check.also
        return bool(asked) and all(
            kind in self.sheet.entries if kind in WHERE_THERE else self.observed for kind in asked
        )


def answer_check(check: Check, parameters: object, view: View) -> Finding:
    """Ask one check of one object; a needed fact that is a gap is an unseen answer."""
    facts = [view.sheet.get(kind) for kind in check.needs]
    gap = next((fact for fact in facts if isinstance(fact, Gap)), None)
    if gap is not None:
        return Finding(check.id, view.object, "", Answer.UNSEEN, _unseen(gap), (), gap, check.risk)
    also = [view.sheet.get(kind) for kind in check.also]
    outcome = check.judge(*facts, *also, parameters)
    return Finding(
        check.id,
        view.object,
        "",
        outcome.answer,
        outcome.message,
        outcome.citations,
        outcome.gap,
        check.risk,
    )


def answer_step(step: ItemStep, findings: Mapping[str, Finding]) -> StepResult:
    """Answer a step from the findings of the checks bound to it.

    One no condemns. A yes needs a check that may acquit, and every such check of the step to be there and to
    say yes (or not to apply); checks that can only condemn neither acquit nor stand in its way. Anything
    else is unseen.
    """
    bound = tuple(findings[b.check] for b in step.bindings if b.check in findings)
    acquitting = [b.check for b in step.bindings if b.settles is Settles.BOTH]
    answers = {findings[check].answer for check in acquitting if check in findings}
    complete = bool(acquitting) and all(check in findings for check in acquitting)
    if any(finding.answer is Answer.NO for finding in bound):
        answer = Answer.NO
    elif complete and answers <= {Answer.YES, Answer.NA}:
        answer = Answer.YES if Answer.YES in answers else Answer.NA
    else:
        answer = Answer.UNSEEN
    return StepResult(step.n, answer, bound)


def evaluate(
    system: System,
    profiles: Mapping[Level, Profile],
    objects: Sequence[AssessmentObject],
    sheets: Mapping[str, FactSheet],
    checks: Mapping[str, Check],
    at: datetime,
    looks: Sequence[Look] = (),
    untaken: Mapping[str, Sequence[Gap]] = MappingProxyType({}),
) -> Assessment:
    """Judge one system.

    Args:
        system: what is judged, by the items of its grade and of the extensions that it uses.
        profiles: by level, those of ``selection.levels_of(system)``.
        objects: all objects of the inventory (and discovered ones); those of other systems are left out.
        sheets: facts by object id, with what was derived, the system's own under its name.
        checks: by id, all that the profiles bind.
        at: the time that the judgement is made for.
        looks: at the wire, whose gaps are told under their own names.
        untaken: by look, why it gave less than was asked: a fact of the wire takes what there is.
    """
    profile = profiles[system.grade.level]
    own = sorted((o for o in objects if system.name in o.systems), key=lambda o: o.id)
    judge = _Judge(system, profiles, tuple(own), {o.id: o for o in objects}, sheets, checks)
    known = {level: profile.items for level, profile in profiles.items()}
    chosen = selected(system, known)
    excuses = declared(system, chosen, known)
    items = tuple(judge.item(item, excuses.get(item.id, "")) for item in chosen)
    judged = {result.object for item in items for result in item.objects}
    shown = (*own, _stand_in(system)) if system.name in judged else tuple(own)
    gaps = {o.id: _gaps(sheets[o.id]) for o in shown if o.id in sheets}
    told = {o.id for o in own}
    gaps |= {
        look.name: _gaps(sheets[look.name], OBSERVED_ON_THE_WIRE, untaken.get(look.name, ()))
        for look in looks
        if look.object in told
    }
    assessment = Assessment(system, profile, shown, items, judge.findings(items), gaps, at)
    said = (*judge.refuted, *holes(assessment))
    return replace(assessment, notices=tuple(Notice(text, INVENTORY) for text in said))


def _refuting(result: ObjectResult) -> bool:
    """Whether something was found against an item on an object."""
    return any(step.answer is Answer.NO for step in result.steps)


def _stand_in(system: System) -> AssessmentObject:
    """Build the object that stands for the whole system."""
    return AssessmentObject(system.name, STAND_IN, "", "", "", (system.name,))


def _unseen(gap: Gap) -> Text:
    """Say that something was not seen, and why."""
    reason = REASON_WORDS[gap.reason]
    detail = f": {gap.detail}" if gap.detail else ""
    return Text(zh=f"未能核查（{reason.zh}）{detail}", en=f"not seen ({reason.en}){detail}")


def _gaps(
    sheet: FactSheet, kinds: Collection[type[Fact]] = OF_THE_OBJECT, untaken: Sequence[Gap] = ()
) -> tuple[Gap, ...]:
    """Gaps of a sheet among ``kinds`` and those of its look, each once, in a stable order.

    Why a look failed as a whole names no step, and is left out where a fact tells it of its own step.
    """
    found = [entry for kind, entry in sheet.entries.items() if kind in kinds and isinstance(entry, Gap)]
    told = {(gap.reason, gap.detail, gap.needs) for gap in found}
    more = (gap for gap in untaken if gap.step or (gap.reason, gap.detail, gap.needs) not in told)
    every = dict.fromkeys((*found, *more))
    return tuple(sorted(every, key=lambda g: (g.step, g.subject, g.reason, g.detail, g.needs)))


class _Judge:
    """Judges items of one system, asking each check once an object and level."""

    def __init__(
        self,
        system: System,
        profiles: Mapping[Level, Profile],
        own: tuple[AssessmentObject, ...],
        everything: Mapping[str, AssessmentObject],
        sheets: Mapping[str, FactSheet],
        checks: Mapping[str, Check],
    ) -> None:
        self._system = system
        self._profiles = profiles
        self._own = own
        self._everything = everything
        self._sheets = sheets
        self._checks = checks
        self.refuted: list[Text] = []
        """Declarations that do not stand, since something was found against the item."""
        self._views: dict[str, View] = {}
        self._asked: dict[tuple[Level, str, str], Finding | None] = {}

    def item(self, item: Item, excuse: str = "") -> ItemResult:
        """Judge an item over its objects; a declared ``excuse`` stands where nothing was found against it."""
        objects = [o for o in self._own if o.kind in item.kinds]
        if not objects:
            objects = [_stand_in(self._system)]
            if item.kinds and all(kind in self._system.absent for kind in item.kinds):
                excuse = "; ".join(dict.fromkeys(self._system.absent[kind] for kind in item.kinds))
        verdicts = decision.Verdicts(item)
        results = tuple(self._on_object(item, o, verdicts) for o in objects)
        against = [result.object for result in results if _refuting(result)]
        if excuse and not against:
            nothing = ObjectResult(self._system.name, frozenset({Verdict.NOT_APPLICABLE}), (), excuse)
            return ItemResult(item, nothing.possible, (nothing,))
        if excuse:
            self.refuted.append(_REFUTED.format(item=item.id, reason=excuse, objects=", ".join(against)))
        return ItemResult(item, decision.over_objects(r.possible for r in results), results)

    def findings(self, items: Iterable[ItemResult]) -> tuple[Finding, ...]:
        """All findings: those that the items rest on, and every other question of the machines looked at.

        A role of a machine is asked what is derived for the role alone, such as what a boundary lets through.

        A question asked at two levels (a grade such as S2A3) appears once, with its worse answer.
        """
        found = [f for item in items for o in item.objects for s in o.steps for f in s.findings]
        level = self._system.grade.level
        for o in self._own:
            own = [id_ for id_, check in self._checks.items() if o.platform or OF_ROLES & {*check.needs}]
            found.extend(finding for id_ in own if (finding := self._ask(level, id_, o)) is not None)
        worst: dict[str, Finding] = {}
        for finding in sorted(found, key=lambda f: _WORST_FIRST.index(f.answer)):
            worst.setdefault(finding.id, finding)
        return tuple(sorted(worst.values(), key=lambda f: (f.object, f.check, f.subject)))

    def _on_object(self, item: Item, o: AssessmentObject, verdicts: decision.Verdicts) -> ObjectResult:
        """Judge an item on one object."""
        steps = tuple(answer_step(step, dict(self._bound(item, step, o))) for step in item.steps)
        return ObjectResult(o.id, verdicts.of(step.answer for step in steps), steps)

    def _bound(self, item: Item, step: ItemStep, o: AssessmentObject) -> Iterator[tuple[str, Finding]]:
        """Yield the findings of the checks bound to a step that can be asked of the object."""
        for binding in step.bindings:
            finding = self._ask(item.level, binding.check, o)
            if finding is not None:
                yield binding.check, finding

    def _ask(self, level: Level, check: str, o: AssessmentObject) -> Finding | None:
        """Ask a check with the parameters of a level; None where it makes no sense to ask."""
        key = (level, check, o.id)
        if key not in self._asked:
            view = self._view(o)
            asked = self._checks[check]
            parameters = self._profiles[level].parameters[check]
            self._asked[key] = answer_check(asked, parameters, view) if view.can_answer(asked) else None
        return self._asked[key]

    def _view(self, o: AssessmentObject) -> View:
        """Put together what an object is judged on."""
        if o.id not in self._views:
            kind = self._profiles[self._system.grade.level].kinds.get(o.kind)
            machine = kind is not None and kind.whole_asset
            parent = self._everything.get(o.parent)
            looked_at = bool(o.platform or (parent and parent.platform))
            self._views[o.id] = View(o.id, self._sheet(o, machine=machine), machine and looked_at)
        return self._views[o.id]

    def _sheet(self, o: AssessmentObject, *, machine: bool) -> FactSheet:
        """Sheet of an object: its own entries first, then its parent's where it is the same machine."""
        own = self._sheets.get(o.id, FactSheet(o.id, {})).entries
        if not machine:
            return FactSheet(o.id, {kind: entry for kind, entry in own.items() if kind in DERIVED})
        parents: Mapping[type[Fact], Fact | Gap] = {}
        if o.parent in self._sheets:
            parents = self._sheets[o.parent].entries
        return FactSheet(o.id, {**parents, **own})
