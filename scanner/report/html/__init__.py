"""The report as one HTML file that needs nothing else: no network, no fonts, no other file.

Every text that came from a host is escaped and loses the characters that act; the page's own policy forbids
everything but its one script and its one style, both named by their digests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.report.html.page import page

if TYPE_CHECKING:
    from scanner.model.text import Language
    from scanner.report.content import Content


def render(content: Content, language: Language) -> str:
    """Return the report; it holds both languages and opens in ``language``. Same evidence, same text."""
    return page(content, language)
