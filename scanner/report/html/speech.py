"""Texts in the page: both languages stand in it, the style shows one, and nothing in them is markup."""

from __future__ import annotations

from markupsafe import Markup

from scanner.model import Text
from scanner.model.text import Language
from scanner.report.plain import plain

LONGEST = 2000
"""Characters of any one text that the page shows; what a host said can be longer."""

_BOTH = Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>')
_BOTH_DRAWN = Markup('<tspan class="zh" lang="zh-CN">{}</tspan><tspan class="en" lang="en">{}</tspan>')
_LABEL = Markup('{0}="{1}" data-{0}-zh="{2}" data-{0}-en="{3}"')


def harmless(value: object) -> object:
    """What the template prints: strings lose every character that acts; markup of our own passes."""
    return plain(value, LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value


def say(zh: str, en: str) -> Markup:
    """A statement in both languages; once where they are the same."""
    return spoken(Text(zh, en))


def spoken(text: Text) -> Markup:
    """A text in both languages; once where they are the same."""
    zh, en = plain(text.zh, LONGEST), plain(text.en, LONGEST)
    return Markup.escape(zh) if zh == en else _BOTH.format(zh, en)


def drawn(text: Text) -> Markup:
    """A text inside a drawing."""
    zh, en = plain(text.zh, LONGEST), plain(text.en, LONGEST)
    return Markup.escape(zh) if zh == en else _BOTH_DRAWN.format(zh, en)


class Labels:
    """Attributes that are read out or shown, in the page's first language; the script knows the other."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, zh: str, en: str, name: str = "aria-label") -> Markup:
        """Attribute ``name`` with both texts."""
        zh, en = plain(zh, LONGEST), plain(en, LONGEST)
        return _LABEL.format(name, zh if self._language == "zh" else en, zh, en)
