"""What all formats share: how a reader refuses, and bounded text for people."""

from __future__ import annotations

import ipaddress
from typing import Any

_LONGEST = 160


class RefusedError(ValueError):
    """A file is not understood; the text says where and why."""


def shown(text: str) -> str:
    """``text`` on one line, cut to what a person reads, without what only a terminal reads."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split())[:_LONGEST])


def host_name(text: str) -> str:
    """An address in its usual form or a name in lower case; "" for what names no single host."""
    name = text.strip().lower().rstrip(".")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return "" if name in {"", "localhost"} else name
    return "" if address.is_loopback or address.is_unspecified else str(address)


def names_of(*texts: str) -> tuple[str, ...]:
    """Names of one host, each once."""
    return tuple(dict.fromkeys(name for name in map(host_name, texts) if name))


def field(entry: Any, name: str, kind: type[Any], place: str) -> Any:
    """The field of a JSON object, which must be there and of its kind.

    Raises:
        RefusedError: it is not.
    """
    value = entry.get(name) if isinstance(entry, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RefusedError(f"{place} has no {name}")
    return value


def optional(entry: Any, name: str, kind: type[Any], place: str) -> Any:
    """As ``field``, but a field that is left out or null is an empty value of its kind."""
    if isinstance(entry, dict) and entry.get(name) is None:
        return kind()
    return field(entry, name, kind, place)
