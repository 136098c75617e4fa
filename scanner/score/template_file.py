"""Reads report templates from their YAML files."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from scanner import yamlmarks
from scanner.errors import ProfileError
from scanner.model import Risk, Text
from scanner.score.template import Band, Formula, Note, Reading, Template, Templates

if TYPE_CHECKING:
    from collections.abc import Mapping


_WRITTEN = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?|[0-9]{1,6}/[1-9][0-9]{0,5}")


def fraction(value: object) -> Fraction:
    """Read an exact number as people write it.

    Raises:
        ValueError: no number, or one with more than six digits.
    """
    if isinstance(value, Fraction):
        return value
    text = str(value)
    if not _WRITTEN.fullmatch(text):
        raise ValueError("must be a number such as 90, 0.5 or 1/2")
    return Fraction(text)


_Number = Annotated[Fraction, BeforeValidator(fraction)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _Words(_Entry):
    zh: str
    en: str


class _BandEntry(_Entry):
    name: str
    min: _Number | None = None
    above: _Number | None = None
    without: list[Risk] = []
    without_majors: bool = False

    def unconditional(self) -> bool:
        return self.min is None and self.above is None and not self.without and not self.without_majors


class _NoteEntry(_Words):
    about: str
    source: Literal["sourced", "memory", "ours"]


class _WeightsEntry(_Entry):
    general: Annotated[int, Field(ge=1, le=100)]
    important: Annotated[int, Field(ge=1, le=100)]
    key: Annotated[int, Field(ge=1, le=100)]


class _TemplateFile(_Entry):
    name: str
    title: _Words
    formula: Formula
    weights: _WeightsEntry
    count_optional: bool
    bands: Annotated[list[_BandEntry], Field(min_length=1)]
    notes: list[_NoteEntry] = []
    y: Annotated[_Number, Field(ge=0, le=1)] = Fraction(1, 2)
    rate: Reading = Reading.STRICT


PACKAGED = {Formula.DEDUCTIONS: "2021", Formula.RATE: "2025"}
"""The template of each formula that this product ships."""


def load_templates(sources: Mapping[str, bytes]) -> Templates:
    """Read the templates that this product ships from the profile files.

    Raises:
        ProfileError: one is missing or wrong, with every mistake.
    """
    deductions, rate = (load_template(PACKAGED[formula], sources) for formula in Formula)
    return Templates(deductions, rate)


def load_template(name: str, sources: Mapping[str, bytes]) -> Template:
    """Read the template called ``name`` from ``templates/NAME.yaml`` of the profile files.

    Raises:
        ProfileError: no such template, or its file is wrong, with every mistake.
    """
    file = f"templates/{name}.yaml"
    if file not in sources:
        raise ProfileError(f"no report template is called {name!r}")
    document = yamlmarks.parse(sources[file], f"control_profiles/{file}")
    template = read_template(document)
    if template.name != name:
        mistake = document.mistake(("name",), f"this is the file of template {name!r}")
        raise ProfileError(f"{document.file} is wrong", [mistake])
    return template


def read_template(document: yamlmarks.Document) -> Template:
    """Read a template of somebody's own.

    Raises:
        ProfileError: the file is wrong, with every mistake.
    """
    entry = yamlmarks.validate(_TemplateFile, document, ProfileError)
    mistakes = []
    if not entry.bands[-1].unconditional():
        last = ("bands", len(entry.bands) - 1)
        mistakes.append(document.mistake(last, "the last band must take what no other takes: no conditions"))
    names = [band.name for band in entry.bands]
    mistakes += [
        document.mistake(("bands", i, "name"), f"two bands are called {name!r}")
        for i, name in enumerate(names)
        if name in names[:i]
    ]
    if mistakes:
        raise ProfileError(f"{document.file} is wrong", mistakes)
    return _template(entry)


def _template(entry: _TemplateFile) -> Template:
    """Turn the file into a template."""
    bands = tuple(
        Band(band.name, band.min, band.above, frozenset(band.without), band.without_majors)
        for band in entry.bands
    )
    notes = tuple(Note(note.about, note.source, Text(note.zh, note.en)) for note in entry.notes)
    return Template(
        name=entry.name,
        title=Text(entry.title.zh, entry.title.en),
        formula=entry.formula,
        weights=entry.weights.model_dump(),
        count_optional=entry.count_optional,
        bands=bands,
        notes=notes,
        y=entry.y,
        reading=entry.rate,
    )
