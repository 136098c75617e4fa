"""What the page may do: nothing but run its own script and wear its own style.

The page says so itself in its Content-Security-Policy, by the digests of both, so that it holds wherever the
file is opened. Text that slipped through as markup would still neither run, nor load, nor send anything.
"""

from __future__ import annotations

import base64
import hashlib
import json

from markupsafe import Markup

_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def content_policy(style: str, script: str) -> str:
    """Policy of a page with exactly this style and this script."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_digest(style)}",
            f"script-src {_digest(script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def inert_json(data: object) -> Markup:
    """JSON for a data block: ASCII only, and without a character that could end the element."""
    text = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - no markup is left in it


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
