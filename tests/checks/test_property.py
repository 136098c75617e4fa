"""No judge raises, whatever facts are put to it; a yes or no always cites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import facts, model
from scanner.checks import ALL, Check
from scanner.facts import Fact, Listener, Origin, Rules, SshServer, Value, audit_event
from scanner.facts.selector import covers_logins
from scanner.model import Answer, Citation, Gap, GapReason, Outcome
from tests.checks.build import GOOD_SSHD, SEEN, ask

WORDS = st.sampled_from(
    [
        *"no yes 5 0 -1 22 any * 10.0.0.0/8 ann@10.0.0.1 root sshd inetd {x} 中文 + *.*".split(),
        *("127.0.0.1", "", " ", "a@b@c", "::", "²"),
    ]
)
TEXTS = WORDS | st.text(max_size=8)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(-2, 70000),
    bool: st.booleans(),
    float: st.floats(0, 4000),
    type(None): st.none(),
    Rules: st.none(),  # what they say is proved elsewhere
    datetime: st.datetimes(timezones=st.just(UTC)),
    date: st.dates(),
}
KNOWN = vars(model) | vars(facts) | vars(audit_event)
NAMES = KNOWN | {"Mapping": Mapping, "datetime": datetime, "date": date}
ADDRESSES = st.sampled_from(["::", "*", "127.0.0.1", "::1", "10.0.0.1", "192.0.2.1", ""])


def drawn(hint: Any) -> st.SearchStrategy[Any]:
    """Anything of a type that facts are made of."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if origin in {Union, UnionType}:
        return st.one_of(*map(drawn, inner))
    if origin is tuple:
        if inner[-1] is Ellipsis:
            return st.lists(drawn(inner[0]), max_size=3).map(tuple)
        return st.tuples(*map(drawn, inner))
    if origin is Mapping:
        return st.dictionaries(drawn(inner[0]), drawn(inner[1]), max_size=3)
    if origin is Value:
        return st.builds(Value, drawn(inner[0]), st.sampled_from(Origin), st.just(SEEN[0]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return made(hint)


def made(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Anything of a dataclass; what its type cannot say stands here."""
    hints = get_type_hints(kind, localns=NAMES)
    parts = {field.name: drawn(hints[field.name]) for field in fields(kind) if field.name != "seen"}
    if kind is Listener:
        parts["address"] = ADDRESSES
    if kind is SshServer:
        words = {keyword: drawn(Value[str]) for keyword in (*GOOD_SSHD, "allowusers", "listenaddress")}
        parts["settings"] = st.fixed_dictionaries({}, optional=words)
    if issubclass(kind, Fact):
        parts["seen"] = st.just(SEEN)
    return st.builds(kind, **parts)


@pytest.mark.parametrize("check", ALL, ids=lambda c: c.id)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_judge_raises(check: Check, data: st.DataObject) -> None:
    needs = [data.draw(made(kind)) for kind in check.needs]
    also = [data.draw(made(kind) | st.just(Gap(GapReason.BUG))) for kind in check.also]
    gaps = {kind: fact for kind, fact in zip(check.also, also, strict=True) if isinstance(fact, Gap)}
    outcome = ask(check.id, *needs, *(f for f in also if not isinstance(f, Gap)), gaps=gaps)
    assert isinstance(outcome, Outcome)
    if outcome.answer in {Answer.YES, Answer.NO}:
        assert outcome.citations
        assert all(isinstance(c, Citation) for c in outcome.citations)


@given(st.text(max_size=30) | WORDS)
def test_selectors_never_raise(selector: str) -> None:
    assert covers_logins(selector) in {True, False, None}


@pytest.mark.parametrize(
    ("selector", "covered"),
    [
        ("*.*", True),
        ("*.info", True),
        ("*.info;mail.none;cron.none", True),
        ("auth,authpriv.*", True),
        ("security,authpriv.info", True),
        ("AUTH.*; AUTHPRIV.*", True),
        ("mail.*", False),
        ("*.*;auth,authpriv.none", False),
        ("*.none", False),
        ("auth.*", None),
        ("*.notice", None),
        ("*.err;auth,authpriv.info", True),
        ("*.info;auth,authpriv.err", True),
        ("*.!info", None),
        ("*.=info", None),
        ("", None),
        (".*", None),
        ("foo.*", None),
        ("*", None),
    ],
)
def test_selectors(selector: str, covered: bool | None) -> None:
    assert covers_logins(selector) is covered
