"""One spelling for one value: JSON whose bytes depend on nothing but the value."""

from __future__ import annotations

import json


def canonical(value: object) -> str:
    """Spell ``value`` (null, booleans, finite numbers, strings, lists, string-keyed dicts) as JSON.

    Keys are sorted, nothing is padded, and everything beyond ASCII is escaped, so that lone surrogates
    (file names that are no UTF-8) survive too.

    Raises:
        TypeError, ValueError: the value is no JSON (a NaN, a set, a key that is no string).
    """
    _require_string_keys(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _require_string_keys(value: object) -> None:
    """Keys of other types would be turned into strings silently, and two values would share a spelling."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is no string")
            _require_string_keys(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _require_string_keys(inner)
