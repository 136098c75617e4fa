"""Who is asked: roles of people, and the rules by which a question finds its role (``roles.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from scanner import yamlmarks
from scanner.catalogue import MANAGEMENT, TECHNICAL
from scanner.errors import ProfileError
from scanner.model import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from scanner.errors import Mistake
    from scanner.model import Kind
    from scanner.yamlmarks import Document, Where

FILE = "roles.yaml"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which questions are a role's; an empty set does not limit it."""

    role: str
    classes: frozenset[str]
    kinds: frozenset[str]
    families: frozenset[str]

    def fits(self, klass: str, kinds: Collection[str], families: Collection[str]) -> bool:
        """Whether a question about these kinds of objects is the role's."""
        return (
            (not self.classes or klass in self.classes)
            and (not self.kinds or self.kinds.issuperset(kinds))
            and (not self.families or self.families.issuperset(families))
        )


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of roles in the order of a questionnaire, and the rules, of which the first that fits counts."""

    names: Mapping[str, Text]
    rules: tuple[Rule, ...]

    def of(self, klass: str, kinds: Collection[str], families: Collection[str]) -> str:
        """Return the role that is asked about an item of class ``klass`` on these kinds of objects."""
        return next(rule.role for rule in self.rules if rule.fits(klass, kinds, families))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Words(_Entry):
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class _RuleEntry(_Entry):
    role: str
    classes: list[str] = []
    kinds: list[str] = []
    families: list[str] = []


class _RolesFile(_Entry):
    roles: dict[Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")], _Words]
    rules: Annotated[list[_RuleEntry], Field(min_length=1)]


def packaged() -> bytes:
    """Return the file of roles that this product ships."""
    return resources.files("control_profiles").joinpath(FILE).read_bytes()


def load_roles(kinds: Mapping[str, Kind], content: bytes | None = None) -> Roles:
    """Read the roles.

    Args:
        kinds: kinds of assessment objects that rules may name, by id.
        content: the file, by default the one that this product ships.

    Raises:
        ProfileError: the file is wrong, with every mistake.
    """
    document = yamlmarks.parse(packaged() if content is None else content, f"control_profiles/{FILE}")
    file = yamlmarks.validate(_RolesFile, document, ProfileError)
    mistakes = list(_wrong(document, file, kinds))
    if mistakes:
        raise ProfileError(f"{document.file} is wrong", mistakes)
    return Roles(
        {name: Text(words.zh, words.en) for name, words in file.roles.items()},
        tuple(
            Rule(r.role, frozenset(r.classes), frozenset(r.kinds), frozenset(r.families)) for r in file.rules
        ),
    )


def _wrong(document: Document, file: _RolesFile, kinds: Mapping[str, Kind]) -> Iterator[Mistake]:
    """What the shape of the file does not show."""
    known = {
        "classes": ("class", frozenset({*TECHNICAL, *MANAGEMENT})),
        "kinds": ("kind of assessment object", frozenset(kinds)),
        "families": ("family of kinds", frozenset(kind.family for kind in kinds.values())),
    }
    for i, rule in enumerate(file.rules):
        here: Where = ("rules", i)
        if rule.role not in file.roles:
            yield document.mistake((*here, "role"), f"no role is called {rule.role!r}")
        for key, (what, names) in known.items():
            for j, name in enumerate(getattr(rule, key)):
                if name not in names:
                    yield document.mistake((*here, key, j), f"no {what} is called {name!r}")
    last = file.rules[-1]
    if last.classes or last.kinds or last.families:
        said = "the last rule must fit everything: a role and nothing else"
        yield document.mistake(("rules", len(file.rules) - 1), said)
