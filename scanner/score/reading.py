"""From the bytes of a file of results to scored systems, or to every mistake in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.errors import InputError
from scanner.model import ItemResult
from scanner.score.document import Given, read_document
from scanner.score.grade import strangers, whole
from scanner.score.results import Results
from scanner.score.scores import score_tallies
from scanner.score.table import read_table
from scanner.score.units import classes
from scanner.selection import clause_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.model import Grade
    from scanner.score.grade import Catalogue
    from scanner.score.judged import Judged
    from scanner.score.results import Find, SystemResults
    from scanner.score.scores import Scores
    from scanner.score.template import Templates
    from scanner.score.units import ClassSummary

SHOWN = 50
"""Mistakes of a file that are told one by one."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a file of results says: systems by name, and what it gives as whole."""

    systems: Mapping[str, SystemResults]
    given: Given


def read_results(content: bytes, file: str, find: Find) -> Read:
    """Read results from JSON where the file's name ends so, from CSV otherwise.

    Raises:
        InputError: the file is wrong, with every mistake (the first of very many).
    """
    if file.casefold().endswith(".json"):
        results, given = read_document(content, file, find)
    else:
        results, given = read_table(content, file, find), Given()
    systems = results.systems()
    _refuse(results)
    if not systems:
        results.wrong((1, 0), "there is no result in it")
        _refuse(results)
    return Read(systems, given)


def of_grade(read: Read, file: str, grade: Grade, catalogue: Catalogue, find: Find) -> Read:
    """Take each system as one of this grade: what the file is silent about counts as unseen.

    Raises:
        InputError: items that such a system is not judged by.
    """
    odd = Results(file, find)
    for system in read.systems.values():
        for place, text in strangers(system, grade, catalogue, find):
            odd.wrong(place, text)
    _refuse(odd)
    systems = {name: whole(system, grade, catalogue, find) for name, system in read.systems.items()}
    return replace(read, systems=systems)


def require_whole(read: Read, file: str, given: Given) -> None:
    """Refuse risks and majors that are given as whole and leave out what rows state.

    Raises:
        InputError: naming the first row of each such item, or of the system.
    """
    odd = Results(file, lambda _: None)
    for system in read.systems.values():
        for name, tally in system.items.items():
            stated = {standing.risk for standing in tally.standings if standing.risk is not None}
            for risk in sorted(stated - (stated if given.risks is None else given.risks)):
                text = f"{name} is stated to be of risk {risk}, which the risks given as whole leave out"
                odd.wrong(system.places[name], text)
        confirmed = 0 if system.majors is None else system.majors.confirmed
        if given.majors is not None and given.majors < confirmed:
            text = f"majors: {confirmed} stated, but {given.majors} given as whole"
            odd.wrong(min(system.places.values()), text)
    _refuse(odd)


def score_system(system: SystemResults, templates: Templates, given: Given) -> Scores:
    """Compute all numbers of one system; risks and majors that are given as whole go before its rows."""

    def settled(judged: Judged) -> Judged:
        if given.risks is not None:
            judged = judged.with_risks(given.risks)
        return judged if given.majors is None else judged.with_majors(given.majors)

    return score_tallies(list(system.items.values()), templates, system.majors, settled)


def class_results(system: SystemResults, find: Find) -> tuple[ClassSummary, ...]:
    """Return the results of classes and control points over the system's items of the catalogue.

    Over all objects, as in the report of a run: what the sample leaves out fails there all the same.
    """
    found = ((find(name), tally) for name, tally in system.items.items())
    known = [(item, tally) for item, tally in found if item is not None]
    known.sort(key=lambda pair: clause_order(pair[0]))
    return classes(ItemResult(item, tally.possible(), ()) for item, tally in known)


def _refuse(results: Results) -> None:
    """Raise where anything is wrong."""
    if not results.mistakes:
        return
    told = sorted(results.mistakes, key=lambda m: (m.line, m.column))
    text = f"{results.file} is wrong"
    if len(told) > SHOWN:
        text += f": {len(told)} mistakes, the first {SHOWN} of them"
    raise InputError(text, told[:SHOWN])
