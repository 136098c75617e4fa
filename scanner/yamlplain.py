"""The usual YAML, read in one go: half the time of a reading that keeps every place.

Files without tags, anchors, repeated keys or mistakes need no places while nothing has to be said of them.
What is unusual in any way is left to ``scanner.yamlnodes``, which says what and where.
"""

from __future__ import annotations

from typing import Any

_NO_KEY = object()


class UnusualError(Exception):
    """Something here needs a closer look."""


def read_plain(text: str, max_depth: int, max_events: int) -> Any:
    """Return a document's plain data: dict, list, str, None.

    Args:
        text: the YAML.
        max_depth: lists and mappings inside each other that are still usual.
        max_events: scalars and ends of lists and mappings that are still usual.

    Raises:
        UnusualError: no single, well-formed document of untagged, unshared values within these bounds.
    """
    import yaml  # noqa: PLC0415 - start-up does not read YAML

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _build(loader(text), max_depth, max_events)
    except yaml.YAMLError as error:
        raise UnusualError from error


def _build(loader: Any, max_depth: int, max_events: int) -> Any:  # noqa: C901 - one loop, for speed
    """Put data together from the parser's events, iteratively: nesting cannot exhaust the stack."""
    import yaml  # noqa: PLC0415

    scalar, document = yaml.ScalarEvent, yaml.DocumentStartEvent
    starts = {yaml.MappingStartEvent: dict, yaml.SequenceStartEvent: list}
    ends, silent = (
        {yaml.MappingEndEvent, yaml.SequenceEndEvent},
        {yaml.StreamStartEvent, yaml.DocumentEndEvent},
    )
    around: list[tuple[Any, Any]] = []  # what is open around ``into``, and its key that waits for this value
    root: Any = None
    into: Any = None
    key: Any = _NO_KEY
    for _ in range(max_events):
        event = loader.get_event()
        kind = event.__class__
        if kind in ends:
            into, key = around.pop()
            continue
        if kind in silent or (kind is document and root is None):
            continue
        if kind is yaml.StreamEndEvent and root is not None:
            return root
        if (kind is not scalar and kind not in starts) or event.tag is not None or event.anchor is not None:
            raise UnusualError
        value = starts[kind]() if kind is not scalar else event.value or ("" if event.style else None)
        if into is None:
            root = value
        elif into.__class__ is list:
            into.append(value)
        elif key is not _NO_KEY:
            into[key] = value
            key = _NO_KEY
        elif value.__class__ is str and value not in into:
            key = value
        else:
            raise UnusualError
        if kind is not scalar:
            around.append((into, key))
            into, key = value, _NO_KEY
            if len(around) > max_depth:
                raise UnusualError
    raise UnusualError
