"""The page in a real browser: hostile words do nothing, and everything works from the keyboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from scanner.report.html import render
from tests.report_html.large import large
from tests.report_html.pages import ATTACKS, everything, full, hostile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from scanner.model.text import Language
    from scanner.report.content import Content

pytestmark = pytest.mark.browser

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => window.violations.push(e.violatedDirective));
"""


@dataclass
class Opened:
    """A page, and everything that it tried."""

    page: Page
    path: Path
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def goto(self, rest: str = "") -> None:
        """Open the file anew, at a place in it."""
        self.page.goto("about:blank")
        self.page.goto(f"file://{self.path}{rest}")

    def js(self, code: str) -> Any:
        return self.page.evaluate(code)

    def quiet(self) -> None:
        """Nothing was complained of, asked for or refused."""
        assert self.said == []
        assert [
            url for url in self.asked if not url.startswith((f"file://{self.path}", "about:", "data:"))
        ] == []
        assert self.js("window.violations") == []


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1440, "height": 900})
    made.add_init_script(WATCH)
    yield made
    made.close()


def opened(context: BrowserContext, folder: Path, shown: Content, language: Language = "en") -> Opened:
    path = folder / "report.html"
    path.write_text(render(shown, language), encoding="utf-8")
    page = context.new_page()
    it = Opened(page, path)
    page.on("console", lambda message: it.said.append(message.text))
    page.on("pageerror", lambda error: it.said.append(str(error)))
    page.on("dialog", lambda dialog: it.said.append(dialog.message))
    page.on("request", lambda request: it.asked.append(request.url))
    it.goto()
    return it


@pytest.fixture
def made_up(context: BrowserContext, tmp_path: Path) -> Opened:
    return opened(context, tmp_path, everything())


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_hostile_words_do_nothing(context: BrowserContext, tmp_path: Path, attack: str) -> None:
    it = opened(context, tmp_path, hostile(attack))
    it.js("for (const d of document.querySelectorAll('details')) d.open = true")
    for tag in ("img", "iframe", "object", "base", "form", "set", "use"):
        assert it.js(f"document.querySelectorAll('{tag}').length") == 0
    assert it.js("document.querySelectorAll('script').length") == 2
    assert it.js("window.pwned") is None
    assert it.js("getComputedStyle(document.body).display") == "block"
    it.page.keyboard.press("/")
    it.page.keyboard.type("web1")
    assert it.js("document.querySelectorAll('.entry:not([hidden])').length") > 0
    assert it.js("document.documentElement.scrollWidth") <= 1440
    it.quiet()


def test_what_would_happen_without_care(context: BrowserContext, tmp_path: Path) -> None:
    """The instrument sees a script that runs, and the policy stops one that slipped into the page."""
    it = opened(context, tmp_path, full())
    text = it.path.read_text(encoding="utf-8")
    slipped = text.replace("</main>", '<script>window.pwned=1</script><img src="http://127.0.0.1:9/"></main>')
    it.path.write_text(slipped, encoding="utf-8")
    it.goto()
    assert it.js("window.pwned") is None
    assert {"script-src-elem", "img-src"} <= set(it.js("window.violations"))
    start = slipped.index("<meta http-equiv")
    it.path.write_text(slipped[:start] + slipped[slipped.index(">", start) + 1 :], encoding="utf-8")
    it.goto()
    assert it.js("window.pwned") == 1


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("#item-L3-CES1-05", "item-L3-CES1-05"),
        ("#object-web1", "object-web1"),
        ("#check-watch.kept", "check-watch.kept"),
    ],
)
def test_deep_links_open_the_right_place(made_up: Opened, place: str, name: str) -> None:
    made_up.goto(place)
    made_up.page.wait_for_function("document.activeElement.closest('.entry')")
    assert made_up.js(f"document.getElementById('{name}').open") is True
    top = made_up.js(f"document.getElementById('{name}').getBoundingClientRect().top")
    assert -1 <= top < 900
    assert made_up.js("document.activeElement.closest('.entry').id") == name
    made_up.quiet()


def test_a_finding_inside_a_closed_question(made_up: Opened) -> None:
    met = next(f for f in full().assessments[0].findings if f.object == "web2" and f.check == "door.closed")
    made_up.goto(f"#finding-{met.id}")
    made_up.page.locator(f"[id='finding-{met.id}']").wait_for(state="visible")


def test_links_into_what_a_filter_hides(made_up: Opened) -> None:
    made_up.page.fill("#search", "nothing has these words")
    assert made_up.js("document.querySelectorAll('.entry:not([hidden])').length") == 0
    assert made_up.page.locator(".nothing:visible").count() > 2
    made_up.js("location.hash = '#object-web2'")
    made_up.page.wait_for_function("document.getElementById('object-web2').open")
    assert made_up.page.locator("#object-web2").is_visible()


def test_by_keyboard_alone(made_up: Opened) -> None:
    press = made_up.page.keyboard.press
    here = "document.activeElement.closest('.entry')?.id"
    press("j")
    first = made_up.js(here)
    press("j")
    second = made_up.js(here)
    assert first != second
    press("k")
    assert made_up.js(here) == first
    was = made_up.js("document.activeElement.closest('.entry').open")
    press("Enter")
    assert made_up.js("document.activeElement.closest('.entry').open") is not was
    press("/")
    assert made_up.js("document.activeElement.id") == "search"
    made_up.page.keyboard.type("L3-CES1-12")
    assert made_up.page.locator("#item-L3-CES1-12").is_visible()
    assert not made_up.page.locator("#item-L3-CES1-05").is_visible()
    assert made_up.page.inner_text("#shown-some") == made_up.js(
        "String(document.querySelectorAll('.entry:not([hidden])').length)"
    )
    press("Enter")
    assert made_up.js(here) is not None
    made_up.page.focus("#search")
    press("Escape")
    assert made_up.page.input_value("#search") == ""
    press("Escape")
    assert made_up.js("document.activeElement.id") == ""
    made_up.goto("#object-web1")
    made_up.page.wait_for_function("document.activeElement.closest('.entry')")
    press("Escape")
    assert made_up.js("document.getElementById('object-web1').open") is False
    made_up.quiet()


def test_everything_that_is_focused_is_seen(made_up: Opened) -> None:
    made_up.js("for (const d of document.querySelectorAll('details')) d.open = true")
    outlines = set()
    for _ in range(60):
        made_up.page.keyboard.press("Tab")
        outlines.add(
            made_up.js(
                "(() => { const a = document.activeElement; const s = getComputedStyle(a);"
                "return a === document.body || s.outlineStyle !== 'none' || a.matches('.host') })()"
            )
        )
    assert outlines == {True}


def shown_items(it: Opened) -> Any:
    return it.js("[...document.querySelectorAll('.item:not([hidden])')].map((e) => e.id)")


def test_filters(made_up: Opened) -> None:
    page = made_up.page
    page.click("#filter-button")
    page.click("#filters [data-facet=object][data-value=web3]")
    shown = made_up.js("[...document.querySelectorAll('.entry:not([hidden])')].map((e) => e.id)")
    assert sorted(shown) == ["object-web3", "unseen-web3"]
    page.click("#clear")
    page.click("#filters [data-facet=risk][data-value=high]")
    shown = made_up.js("[...document.querySelectorAll('.entry:not([hidden])')].map((e) => e.id)")
    assert "check-tunnel.none" in shown
    assert "check-door.closed" not in shown
    assert page.inner_text("#filter-count") == "1"
    page.keyboard.press("Escape")
    assert not page.locator("#filters").is_visible()
    page.click("#clear")
    page.click(".tile[data-value=firewall]")
    assert shown_items(made_up) == ["item-L3-CES1-05"]
    page.click("#clear")
    page.click("#filter-button")
    for facet, value, items in (
        ("state", "attested", ["item-L3-PES1-03"]),
        ("state", "disputed", ["item-L3-CES1-05"]),
        ("state", "compensated", ["item-L3-CES1-05"]),
        ("state", "look", ["item-L3-CES1-12"]),
        ("state", "capability", ["item-L3-CES1-24"]),
        ("scope", "cloud", ["item-L3-CES2-01"]),
        ("mark", "G", ["item-L3-PES1-03", "item-L3-CES1-24", "item-L3-CES2-01"]),
        ("risk", "low", ["item-L3-CES1-05"]),
    ):
        page.click(f"#filters [data-facet={facet}][data-value={value}]")
        assert shown_items(made_up) == items, value
        page.click("#clear")
    page.click("#filters [data-facet=state][data-value=waived]")
    assert made_up.page.locator(".question:visible").evaluate_all("(some) => some.map((e) => e.id)") == [
        "check-door.closed"
    ]
    made_up.quiet()


def test_languages(made_up: Opened) -> None:
    assert "Problems, worst first" in made_up.page.inner_text("main")
    assert "最严重的在前" not in made_up.page.inner_text("main")
    made_up.page.click("[data-language=zh]")
    assert "最严重的在前" in made_up.page.inner_text("main")
    assert "Problems, worst first" not in made_up.page.inner_text("main")
    assert made_up.js("document.documentElement.lang") == "zh-CN"
    assert made_up.page.get_attribute("#search", "placeholder") == "搜索条目、对象、证据…"
    made_up.goto("?lang=zh")
    assert made_up.page.get_attribute("[data-language=zh]", "aria-pressed") == "true"
    made_up.quiet()


@pytest.mark.parametrize("width", [380, 768, 1024, 1440])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_wider_than_the_screen(made_up: Opened, width: int, language: str) -> None:
    made_up.page.set_viewport_size({"width": width, "height": 800})
    made_up.goto(f"?lang={language}")
    made_up.js("for (const d of document.querySelectorAll('details')) d.open = true")
    assert made_up.js("document.documentElement.scrollWidth") <= width


def test_a_whole_level_on_forty_objects(context: BrowserContext, tmp_path: Path) -> None:
    """Every item with all extensions: small enough to send, few enough elements to open at once."""
    shown = large()
    it = opened(context, tmp_path, shown)
    findings = len(shown.assessments[0].findings)
    assert it.path.stat().st_size < 3500 * findings
    assert it.js("document.querySelectorAll('*').length") < 70 * findings
    assert it.js("document.querySelectorAll('.item').length") == 317
    it.page.fill("#search", "L3-CES2-14")
    assert shown_items(it) == ["item-L3-CES2-14"]
    it.page.fill("#search", "")
    it.page.click("#filter-button")
    it.page.click("#filters [data-facet=scope][data-value=ics]")
    assert len(shown_items(it)) == 21
    it.page.click("#filters [data-facet=object][data-value=server-07]")
    assert len(shown_items(it)) == 21
    it.quiet()


def test_print_shows_everything(made_up: Opened) -> None:
    assert made_up.js("document.querySelectorAll('details:not([open])').length") > 0
    made_up.js("window.dispatchEvent(new Event('beforeprint'))")
    assert made_up.js("document.querySelectorAll('details:not([open])').length") == 0
    made_up.js("window.dispatchEvent(new Event('afterprint'))")
    assert made_up.js("document.querySelectorAll('details:not([open])').length") > 0
    assert len(made_up.page.pdf()) > 10_000


def test_without_script_everything_can_be_read(chromium: Browser, made_up: Opened) -> None:
    bare = chromium.new_context(java_script_enabled=False)
    page = bare.new_page()
    page.goto(f"file://{made_up.path}")
    assert page.locator("#problems").is_visible()
    page.click("#object-web1 > summary")
    assert page.locator("#object-web1 .pairs").is_visible()
    bare.close()
