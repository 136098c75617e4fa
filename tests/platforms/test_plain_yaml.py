"""Our reading of settings in YAML against a whole parser of YAML: the same values, or a refusal."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.base import Files, Step, Unseen
from collectors.evidence import Document
from collectors.platforms.linux.services.plain_yaml import told
from scanner.model import Text

STEP = Step("settings", Files(("/etc/settings.yml",)), Text(zh="设置", en="settings"))
KEYS = st.sampled_from(["a", "net", "net.tls", "xpack.security.enabled", "http-port", "a_b"])
VALUES = st.sampled_from(
    [
        *("true", "false", "::", "9200", '"a b"', "'#x'", "a#b", "a #b", "a: b", '["x", "y"]', "[]"),
        *(
            "{a: 1}",
            "*a",
            "&a b",
            "| ",
            ">",
            "${HOST}",
            '"',
            "'a",
            "- x",
            "null",
            "~",
            "",
            "C:/x",
            "a:b",
            "x, y",
            "- -",
            "a:",
            "]",
            "}",
            ", x",
            "a\\tb",
        ),
        *('"a" # c', "'it''s'", "@x", "`x`", "%x", "!t x", "? x", "-", "--- ", "[x", "a]"),
    ]
)
LINES = st.one_of(
    st.builds(lambda n, key, value: f"{' ' * n}{key}: {value}", st.integers(0, 4), KEYS, VALUES),
    st.builds(lambda n, key: f"{' ' * n}{key}:", st.integers(0, 4), KEYS),
    st.builds(lambda n, value: f"{' ' * n}- {value}", st.integers(0, 4), VALUES),
    st.sampled_from(["", "# all", "   # some", "---", "...", "\tkey: x", "word", "key : x"]),
)


def ours(text: str) -> dict[str, str] | None:
    try:
        found = told(STEP, Document("host/settings:/etc/settings.yml", tuple(text.split("\n"))))
    except Unseen:
        return None
    return {path: value for path, (value, _) in found.items()}


def flat(thing: Any, path: str = "") -> dict[str, str]:
    """Values of a parsed text by path; of a list, its first item."""
    if isinstance(thing, dict):
        return {
            name: value
            for key, below in thing.items()
            for name, value in flat(below, f"{path}.{key}" if path else str(key)).items()
        }
    return {path: str(thing[0]) if isinstance(thing, list) and thing else str(thing)}


@settings(max_examples=600, deadline=None)
@given(st.lists(LINES, max_size=7).map("\n".join))
@example("a:\n  net: true\nhttp-port: 1")
@example("a:\n- x\n- y\nnet: z")
@example("a:\n  net:\n    a_b: 'x' # why\n  http-port: a #b")
@example("a: true\na: false")
def test_the_same_values_or_a_refusal(text: str) -> None:
    seen = ours(text)
    if seen is None:
        return
    whole = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - all values stay text
    wanted = {} if whole is None else flat(whole)
    for path, value in seen.items():
        if value.startswith("["):
            continue  # kept as it is written
        assert wanted[path] == value
    assert {path for path, value in wanted.items() if value not in {"", "[]"}} <= set(seen)


@pytest.mark.parametrize(
    "text", ["a: &x b", "a: *x", "a: |\n  b", "a: {b: c}", "a: !t b", "a: 1\na: 2", "word"]
)
def test_what_else_yaml_could_say_is_refused(text: str) -> None:
    assert ours(text) is None
