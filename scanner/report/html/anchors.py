"""Names of places in the page that links may point to, the same from run to run."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[^A-Za-z0-9._/-]")


def anchor(kind: str, name: str) -> str:
    """``kind-name`` as an element's id; what is no plain character becomes its code point between tildes."""
    return f"{kind}-" + _OTHER.sub(lambda found: f"~{ord(found[0]):x}~", name)
