"""Reads the judgements on high risk and the triggers of major dangers from their YAML files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from scanner import yamlmarks
from scanner.errors import Mistake, ProfileError
from scanner.model import (
    APPLIES,
    Answer,
    Condition,
    Confidence,
    Judgement,
    MajorRule,
    MajorTrigger,
    May,
    Principle,
    Proof,
    Scope,
    Text,
)
from scanner.profile_files import HIGH_RISK_FILE, MAJOR_TRIGGERS_FILE
from scanner.profile_files import document as read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

T = TypeVar("T")

_Id = Annotated[str, Field(pattern=r"^\d+(\.\d+){3}$")]
_Code = Annotated[str, Field(pattern=r"^A-\d\d$")]
_Clause = Annotated[str, Field(pattern=r"^\d+(\.\d+)+( [a-z]\))?$")]
_Unit = Annotated[str, Field(pattern=r"^L[1-4]-[A-Z]{3}[1-5]-\d\d$")]
_Word = Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Words(_Entry):
    zh: _Word
    en: _Word

    def text(self) -> Text:
        return Text(self.zh, self.en)


class _ProofEntry(_Entry):
    checks: Annotated[list[str], Field(min_length=1)]
    answer: Literal["no", "yes"] = "no"


class _ConditionEntry(_Words):
    n: Annotated[int, Field(ge=1)]
    person: bool = False
    proofs: list[_ProofEntry] = []


class _JudgementEntry(_Entry):
    id: _Id
    min_level: Annotated[int, Field(ge=1, le=4)]
    applies: str = ""
    title: _Words
    problem: _Words
    lowered_by: _Words | None = None
    clauses: Annotated[list[_Clause], Field(min_length=1)]
    units: Annotated[list[_Unit], Field(min_length=1)]
    may: May
    major: _Code | None = None
    conditions: list[_ConditionEntry] = []


class _JudgementsFile(_Entry):
    judgements: Annotated[list[_JudgementEntry], Field(min_length=1)]


class _PrincipleEntry(_Entry):
    title: _Words
    meaning: _Words


class _RuleEntry(_Entry):
    text: _Words
    effect: _Words
    known: _Words
    principles: Annotated[list[_PrincipleEntry], Field(min_length=1)]
    sources: Annotated[list[str], Field(min_length=1)]


class _TriggerEntry(_Entry):
    code: _Code
    title: _Words
    combined: bool = False
    judgements: list[_Id] = []
    scope: Scope | None = None
    confidence: Confidence
    provenance: str
    sources: Annotated[list[str], Field(min_length=1)]
    situations: list[_Words] = []
    material: _Words | None = None


class _TriggersFile(_Entry):
    rule: _RuleEntry
    provenances: dict[str, _Words]
    sources: dict[str, _Words]
    triggers: Annotated[list[_TriggerEntry], Field(min_length=1)]


def load_judgements(
    sources: Mapping[str, bytes], checks: Collection[str], items: Collection[str]
) -> tuple[Judgement, ...]:
    """Read the judgements on high risk, in the file's order.

    Args:
        sources: contents of profile files by name.
        checks: ids of all checks; what proves a condition must be among them.
        items: ids of the items (测评单元) that are known. A unit is looked up where items of its level and
            class (``L3-CES1-``) are known at all; those of levels and extensions that are not loaded are only
            held against the form of an id. Give whole classes, or none.

    Raises:
        ProfileError: the file is missing or wrong, with every mistake.
    """
    document = read(HIGH_RISK_FILE, sources)
    file = yamlmarks.validate(_JudgementsFile, document, ProfileError)
    triggers = _beside(_TriggersFile, MAJOR_TRIGGERS_FILE, sources)
    _refuse(
        document,
        [
            *_wrong_judgements(document, file.judgements, frozenset(items)),
            *_wrong_conditions(document, file.judgements, frozenset(checks)),
            *_wrong_majors(document, file.judgements, triggers),
        ],
    )
    return tuple(map(_judgement, file.judgements))


def load_triggers(sources: Mapping[str, bytes]) -> tuple[MajorTrigger, ...]:
    """Read the triggers of major dangers, in the file's order.

    Raises:
        ProfileError: a file is missing or wrong, with every mistake; also where a trigger and the judgement
            that it stands for do not name each other.
    """
    document = read(MAJOR_TRIGGERS_FILE, sources)
    file = yamlmarks.validate(_TriggersFile, document, ProfileError)
    judgements = _beside(_JudgementsFile, HIGH_RISK_FILE, sources)
    _refuse(document, [*_wrong_triggers(document, file), *_wrong_hints(document, file.triggers, judgements)])
    return tuple(_trigger(entry, file) for entry in file.triggers)


def load_major_rule(sources: Mapping[str, bytes]) -> MajorRule:
    """Read how a person decides on a major danger.

    Raises:
        ProfileError: the file is missing or wrong, with every mistake.
    """
    document = read(MAJOR_TRIGGERS_FILE, sources)
    file = yamlmarks.validate(_TriggersFile, document, ProfileError)
    _refuse(document, _wrong_sources(document, ("rule",), file.rule.sources, file))
    rule = file.rule
    return MajorRule(
        text=rule.text.text(),
        effect=rule.effect.text(),
        known=rule.known.text(),
        principles=tuple(Principle(p.title.text(), p.meaning.text()) for p in rule.principles),
        sources=tuple(file.sources[source].text() for source in rule.sources),
    )


def _refuse(document: yamlmarks.Document, mistakes: Iterable[Mistake]) -> None:
    """Raise if there is any mistake."""
    found = sorted(dict.fromkeys(mistakes), key=lambda m: (m.line, m.column, m.text))
    if found:
        raise ProfileError(f"{document.file} is wrong", found)


def _beside(kind: type[T], name: str, sources: Mapping[str, bytes]) -> T | None:
    """Read the other file for what it refers to; None where it is wrong: loading it tells its mistakes."""
    return yamlmarks.check(kind, read(name, sources))[0]


def _repeated(
    document: yamlmarks.Document, section: str, key: str, names: Sequence[str]
) -> Iterator[Mistake]:
    counts = Counter(names)
    for i, name in enumerate(names):
        if name and counts[name] > 1:
            yield document.mistake((section, i, key), f"{name} is there {counts[name]} times")


def _wrong_judgements(
    document: yamlmarks.Document, entries: Sequence[_JudgementEntry], items: frozenset[str]
) -> Iterator[Mistake]:
    """What the shape of the judgements does not show."""
    yield from _repeated(document, "judgements", "id", [entry.id for entry in entries])
    classes = {_class_of(item) for item in items}
    for i, entry in enumerate(entries):
        where = ("judgements", i)
        if entry.applies not in APPLIES:
            known = ", ".join(name for name in APPLIES if name)
            said = f"nothing is called {entry.applies!r}; known are {known}"
            yield document.mistake((*where, "applies"), said)
        for j, unit in enumerate(entry.units):
            if unit not in items and _class_of(unit) in classes:
                yield document.mistake((*where, "units", j), f"no item is called {unit!r}")


def _class_of(item: str) -> str:
    """Level and class of an item: ``L3-CES1`` of L3-CES1-04."""
    return item.rpartition("-")[0]


def _wrong_conditions(
    document: yamlmarks.Document, entries: Sequence[_JudgementEntry], checks: frozenset[str]
) -> Iterator[Mistake]:
    """What is wrong with the conditions of the judgements."""
    for i, entry in enumerate(entries):
        where = ("judgements", i)
        numbers = [condition.n for condition in entry.conditions]
        if numbers != list(range(1, len(numbers) + 1)):
            said = f"conditions are numbered {numbers}, not 1, 2, 3 ..."
            yield document.mistake((*where, "conditions"), said)
        if entry.may is May.PROPOSE and not entry.conditions:
            said = "may be proposed, but has no conditions: it would be proposed of everything"
            yield document.mistake((*where, "may"), said)
        for j, condition in enumerate(entry.conditions):
            for k, proof in enumerate(condition.proofs):
                place = (*where, "conditions", j, "proofs", k, "checks")
                for n, check in enumerate(proof.checks):
                    if check not in checks:
                        yield document.mistake((*place, n), f"no check is called {check!r}")


def _wrong_majors(
    document: yamlmarks.Document, entries: Sequence[_JudgementEntry], file: _TriggersFile | None
) -> Iterator[Mistake]:
    """Judgements that name a trigger twice, one that is not there, or one that is combined."""
    yield from _repeated(document, "judgements", "major", [entry.major or "" for entry in entries])
    if file is None:
        return
    combined = {entry.code: entry.combined for entry in file.triggers}
    for i, entry in enumerate(entries):
        where = ("judgements", i, "major")
        if entry.major and entry.major not in combined:
            yield document.mistake(where, f"no trigger is called {entry.major!r}")
        elif entry.major and combined[entry.major]:
            yield document.mistake(where, f"{entry.major} is combined: no judgement stands for it")


def _wrong_triggers(document: yamlmarks.Document, file: _TriggersFile) -> Iterator[Mistake]:
    """What the shape of the triggers does not show."""
    yield from _repeated(document, "triggers", "code", [entry.code for entry in file.triggers])
    for i, entry in enumerate(file.triggers):
        where = ("triggers", i)
        yield from _wrong_sources(document, where, entry.sources, file)
        if entry.provenance not in file.provenances:
            said = f"no provenance is called {entry.provenance!r}"
            yield document.mistake((*where, "provenance"), said)
        if not entry.combined and len(entry.judgements) != 1:
            said = "a trigger that is not combined stands for one judgement"
            yield document.mistake((*where, "judgements"), said)


def _wrong_hints(
    document: yamlmarks.Document, entries: Sequence[_TriggerEntry], file: _JudgementsFile | None
) -> Iterator[Mistake]:
    """Triggers that name a judgement which is not there, or which does not name them."""
    if file is None:
        return
    majors = {entry.id: entry.major for entry in file.judgements}
    for i, entry in enumerate(entries):
        for j, judgement in enumerate(entry.judgements):
            where = ("triggers", i, "judgements", j)
            if judgement not in majors:
                yield document.mistake(where, f"no judgement is called {judgement!r}")
            elif not entry.combined and majors[judgement] != entry.code:
                named = majors[judgement] or "no trigger"
                yield document.mistake(where, f"{judgement} names {named}, not {entry.code}")


def _wrong_sources(
    document: yamlmarks.Document, where: tuple[str | int, ...], named: Sequence[str], file: _TriggersFile
) -> Iterator[Mistake]:
    for i, source in enumerate(named):
        if source not in file.sources:
            yield document.mistake((*where, "sources", i), f"no source is called {source!r}")


def _judgement(entry: _JudgementEntry) -> Judgement:
    """Turn an entry into a judgement."""
    return Judgement(
        id=entry.id,
        min_level=entry.min_level,
        applies=entry.applies,
        title=entry.title.text(),
        problem=entry.problem.text(),
        lowered_by=entry.lowered_by.text() if entry.lowered_by else None,
        clauses=tuple(entry.clauses),
        units=tuple(entry.units),
        may=entry.may,
        major=entry.major or "",
        conditions=tuple(map(_condition, entry.conditions)),
    )


def _condition(entry: _ConditionEntry) -> Condition:
    """Turn an entry into a condition."""
    proofs = tuple(Proof(tuple(proof.checks), Answer(proof.answer)) for proof in entry.proofs)
    return Condition(entry.n, entry.text(), entry.person, proofs)


def _trigger(entry: _TriggerEntry, file: _TriggersFile) -> MajorTrigger:
    """Turn an entry into a trigger."""
    return MajorTrigger(
        code=entry.code,
        title=entry.title.text(),
        combined=entry.combined,
        judgements=tuple(entry.judgements),
        scope=entry.scope,
        confidence=entry.confidence,
        provenance=file.provenances[entry.provenance].text(),
        sources=tuple(file.sources[source].text() for source in entry.sources),
        situations=tuple(situation.text() for situation in entry.situations),
        material=entry.material.text() if entry.material else None,
    )
