"""Reading files of statements: every mistake of all files at its place, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner import yamlmarks
from scanner.errors import InputError
from scanner.model import (
    Attestation,
    Compensation,
    Exhibit,
    JudgementStatement,
    MajorStatement,
    Place,
    RiskSetting,
    Statements,
    Waiver,
)
from scanner.statements import table
from scanner.statements.contradictions import contradictions, repeated
from scanner.statements.exhibits import Exhibits
from scanner.statements.file import StatementsFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from scanner.errors import Mistake
    from scanner.statements.known import Known
    from scanner.yamlmarks import Document

_READERS: Mapping[str, Callable[[bytes, str], Document]] = {
    ".yaml": yamlmarks.parse,
    ".yml": yamlmarks.parse,
    ".csv": table.parse,
}


def load_statements(paths: Sequence[Path], known: Known) -> Statements:
    """Read and check files of statements.

    Args:
        paths: YAML (``.yaml``, ``.yml``) or a table of attestations (``.csv``); files of evidence are named
            relative to the folder of the file that names them.
        known: ids that exist.

    Raises:
        InputError: a file cannot be read, or with every mistake of all files, each at its place.
    """
    documents = [_document(path) for path in dict.fromkeys(paths)]
    read: list[tuple[Document, StatementsFile]] = []
    mistakes: list[Mistake] = list(repeated(documents))
    for path, document in zip(dict.fromkeys(paths), documents, strict=True):
        file, found = yamlmarks.check(StatementsFile, document)
        exhibits = Exhibits(path.parent)
        odd = [document.mistake(*c) for c in contradictions(document.data, known, exhibits)]
        mistakes += [*found, *odd]
        if file is not None:
            read.append((document, file))
    if mistakes:
        every = sorted(set(mistakes), key=lambda m: (m.file, m.line, m.column, m.text))
        count = "1 mistake" if len(every) == 1 else f"{len(every)} mistakes"
        raise InputError(f"{', '.join(map(str, dict.fromkeys(paths)))}: {count}", every)
    return _together(_values(document, file) for document, file in read)


def _document(path: Path) -> Document:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: statements are files named *.yaml, *.yml or *.csv")
    return reader(yamlmarks.content_of(path), str(path))


def _together(parts: Iterable[Statements]) -> Statements:
    """Put the statements of several files behind each other."""
    every = tuple(parts)
    return Statements(
        attestations=tuple(s for part in every for s in part.attestations),
        compensations=tuple(s for part in every for s in part.compensations),
        waivers=tuple(s for part in every for s in part.waivers),
        risks=tuple(s for part in every for s in part.risks),
        judgements=tuple(s for part in every for s in part.judgements),
        majors=tuple(s for part in every for s in part.majors),
        files=tuple(s for part in every for s in part.files),
    )


def _values(document: Document, file: StatementsFile) -> Statements:
    """Turn a checked file into values."""
    return Statements(
        attestations=tuple(_attestations(document, file)),
        compensations=tuple(_compensations(document, file)),
        waivers=tuple(
            Waiver(
                w.check or "", w.object or "", w.item or "", w.reason, w.approver, w.expires,
                _place(document, "waivers", i),
            )
            for i, w in enumerate(file.waivers)
        ),
        risks=tuple(_risks(document, file)),
        judgements=tuple(
            JudgementStatement(
                j.judgement, j.object, tuple(dict.fromkeys(j.conditions)), j.stand, j.reason,
                _signed(j.author, file), j.date, _place(document, "judgements", i),
            )
            for i, j in enumerate(file.judgements)
        ),
        majors=tuple(
            MajorStatement(
                m.code, m.object, m.meets, m.rectified, m.reason,
                _signed(m.author, file), m.date, _place(document, "majors", i),
            )
            for i, m in enumerate(file.majors)
        ),
        files=(Exhibit(document.file, document.digest),),
    )  # fmt: skip


def _attestations(document: Document, file: StatementsFile) -> Iterator[Attestation]:
    for i, a in enumerate(file.attestations):
        exhibits = tuple(Exhibit(e.file, (e.sha256 or "").lower()) for e in a.evidence)
        for j, name in enumerate(a.objects):
            yield Attestation(
                item=a.item,
                step=a.step,
                object=name,
                answer=a.answer,
                method=a.method,
                statement=a.statement,
                author=_signed(a.author, file),
                made=a.date,
                place=_place(document, "attestations", i, "objects", j),
                exhibits=exhibits,
                expires=a.expires,
            )


def _compensations(document: Document, file: StatementsFile) -> Iterator[Compensation]:
    for i, c in enumerate(file.compensations):
        for j, name in enumerate(c.objects):
            place = _place(document, "compensations", i, "objects", j)
            yield Compensation(c.item, name, c.to, c.reason, _signed(c.author, file), c.date, place)


def _risks(document: Document, file: StatementsFile) -> Iterator[RiskSetting]:
    for i, r in enumerate(file.risks):
        for j, name in enumerate(r.objects or [""]):
            place = _place(document, "risks", i, "objects", j)
            yield RiskSetting(r.item, name, r.risk, r.reason, _signed(r.author, file), r.date, place)


def _signed(author: str | None, file: StatementsFile) -> str:
    """The author of a statement: its own, else the file's."""
    return author or file.author or ""


def _place(document: Document, *where: str | int) -> Place:
    return Place(document.file, document.place(where)[0])
