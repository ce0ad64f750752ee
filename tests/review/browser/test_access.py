"""The page without a mouse, with a screen reader, narrow or wide, light or dark."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chapterize.pipeline import Draft
from tests.review.browser.conftest import OpenPage, Serve
from tests.review.browser.serving import Served, without_media
from tests.review.browser.steps import arrives, choose, rows, wait_saved, wait_until

pytestmark = pytest.mark.slow

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SIZES = {"narrow": (390, 844), "middle": (1024, 768), "wide": (1600, 950)}

# Without its own message channel; the page's policy allows no scripts but its own.
_RUN = """async () => (await axe.run(document)).violations.map(({ id, nodes }) =>
    [id, ...nodes.map((node) => node.target.join(" "))])"""

_CUT = """() => [...document.querySelectorAll(".top, .transport, .bar, .fields, .acts, .segmented")]
    .concat(document.documentElement)
    .filter((each) => each.scrollWidth > each.clientWidth + 1)
    .map((each) => each.className)"""


def violations(page: Page) -> list[Any]:
    page.evaluate(AXE)
    found: list[Any] = page.evaluate(_RUN)
    return found


@pytest.mark.parametrize(
    ("size", "theme"),
    [("narrow", "dark"), ("middle", "light"), ("wide", "light"), ("wide", "dark")],
)
def test_axe_finds_nothing(open_page: OpenPage, theatre: Served, size: str, theme: str) -> None:
    page = open_page(theatre.address, size=SIZES[size], color_scheme=theme)
    expect(page.locator("#verdict")).to_be_visible()
    assert not violations(page)
    if size != "wide":
        page.click("[data-show=transcript]")
        assert not violations(page)
        page.click("[data-show=chapters]")
    choose(page, 2)
    wait_until(page, "document.querySelector('#why .facts') !== null")
    if size == "narrow":
        page.click("[data-show=details]")
    assert not violations(page)
    page.click("[data-show=chapters]") if size == "narrow" else None
    page.fill("#amount", "9")
    expect(page.locator("#compare")).to_be_visible()
    assert not violations(page)
    page.click("#cancel")
    page.click("#more")
    assert not violations(page)
    page.click("#m-paste")
    assert not violations(page)
    page.keyboard.press("Escape")
    page.click("#publish")
    page.click("#export")
    expect(page.locator("#tasks .task")).to_have_count(1)
    assert not violations(page)
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert not violations(page)


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_nothing_is_cut_off_at_any_width(
    open_page: OpenPage, serve: Serve, long_talk: Draft, language: str
) -> None:
    page = open_page(serve(long_talk, without_media).address, locale=language)
    page.evaluate("document.getElementById('now').textContent = '10:00:00'")
    for width in (320, 360, 390, 600, 759, 760, 820, 899, 900, 1100, 1359, 1360, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(_CUT) == [], width


def test_a_boundary_is_a_slider_between_its_neighbours(page: Page, site: Served) -> None:
    slider = page.get_by_role("slider", name="Start of chapter 3")
    chapters = site.project.chapters
    assert slider.get_attribute("aria-valuetext") == f"1:47.598, {chapters[2].title}"
    low, high = (float(slider.get_attribute(f"aria-value{end}") or 0) for end in ("min", "max"))
    assert low == pytest.approx(chapters[1].start + 0.1, abs=0.06)
    assert high == pytest.approx(chapters[3].start - 0.1, abs=0.06)


def test_keys_move_a_slider(page: Page, site: Served) -> None:
    handle = page.locator(".handle").nth(1)
    wanted = site.project.chapters[2].start
    low, high = site.project.chapters[1].start + 0.1, site.project.chapters[3].start - 0.1
    handle.focus()
    for key, seconds in {
        **{"ArrowRight": 1.0, "ArrowUp": 1.0, "ArrowLeft": -1.0, "ArrowDown": -1.0},
        **{"PageUp": 10.0, "PageDown": -10.0, "Shift+ArrowRight": 0.1},
        **{"Home": -1000.0, "End": 1000.0},
    }.items():
        wanted = min(max(wanted + seconds, low), high)
        page.keyboard.press(key)
        expect(handle).to_have_attribute("aria-valuenow", re.compile(rf"^{wanted:.1f}"))
    expect(handle).to_be_focused()
    assert arrives(lambda: site.project.chapters[2].start == pytest.approx(high))


def test_the_list_is_one_tab_stop(page: Page) -> None:
    stops = page.locator("#list [tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#list .row-item").nth(2)).to_be_focused()
    expect(page.locator("#list .row-item").nth(2)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("End")
    expect(page.locator("#list .row-item").last).to_be_focused()
    assert page.locator(".handle[tabindex='0']").count() == 1


def test_from_the_start_to_the_copied_list_with_keys_alone(page: Page, site: Served) -> None:
    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    tab_to("#list .row-item")
    press("ArrowDown", "Enter")
    page.keyboard.type("Tides and the moon")
    press("Enter")
    page.keyboard.type("Rope")
    press("Enter", "Escape")
    press("]", "]", "ArrowRight", "s")
    expect(page.locator("#list .row-item")).to_have_count(7)
    wait_saved(page)
    press("Backspace")
    expect(page.locator("#list .row-item")).to_have_count(6)
    wait_saved(page)
    tab_to("#publish") if page.evaluate("document.activeElement.id !== 'publish'") else None
    press("Enter")
    expect(page.locator("#copy")).to_be_focused()
    press("Enter")
    expect(page.locator(".toast")).to_contain_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert "0:37 Tides and the moon" in text
    assert "Rope" in text


def test_the_help_has_the_keys_of_all_buttons(page: Page) -> None:
    page.keyboard.press("?")
    shown = page.locator("#key-list kbd").all_text_contents()
    wanted = {*("Space", "K", "J", "L", ",", ".", "←", "→", "↑", "↓", "P", "S", "[", "]", "?")}
    wanted |= {*("Enter", "Backspace", "Delete", "Ctrl+Z", "Ctrl+Shift+Z", "Esc", "Alt")}
    assert wanted <= set(shown)
    assert len(shown) == len(set(shown))
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_focus_is_visible_everywhere(open_page: OpenPage, theatre: Served) -> None:
    """Every element that Tab reaches has an outline."""
    page = open_page(theatre.address)
    choose(page, 2)
    expect(page.locator("#ideas")).to_be_visible()
    seen = set()
    for _ in range(70):
        page.keyboard.press("Tab")
        name, style = page.evaluate(
            """() => {
                const { id, className, tagName, dataset } = document.activeElement;
                const style = getComputedStyle(document.activeElement);
                return [`${tagName}#${id}.${className}.${dataset.by}`, style.outlineStyle];
            }"""
        )
        seen.add(name)
        assert style != "none" or name.startswith(("BODY", "HTML")), name
    assert len(seen) > 30


def test_ten_hours_have_one_tab_stop_for_all_boundaries(
    open_page: OpenPage, serve: Serve, long_talk: Draft
) -> None:
    page = open_page(serve(long_talk, without_media).address)
    assert page.get_by_role("slider").count() >= 199
    assert page.locator(".handle[tabindex='0']").count() == 1
    assert len(rows(page)) == 200
