"""The slider from few to many: what it shows, applies, and never moves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from chapterize.pipeline import Draft
from tests.review.browser.conftest import OpenPage, Serve
from tests.review.browser.serving import Served, without_media
from tests.review.browser.steps import choose, rows, starts, wait_saved

pytestmark = pytest.mark.slow

# Milliseconds from the slider's event to the comparison on the page; the median of ten.
_ANSWER = """async () => {
    const slider = document.getElementById("amount"), times = [];
    for (let n = 40; n < 50; n += 1) {
        const what = document.getElementById("compare-what");
        const before = what.textContent, began = performance.now();
        slider.value = n;
        slider.dispatchEvent(new Event("input"));
        while (what.textContent === before) await new Promise((done) => setTimeout(done, 1));
        times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b)[5];
}"""


def test_another_count_is_compared_before_it_is_applied(page: Page, site: Served) -> None:
    before = rows(page)
    page.fill("#amount", "9")
    expect(page.locator("#compare-what")).to_have_text("6 now, 9 new: 3 added, 0 removed")
    assert page.locator("#compare-list .fresh").count() == 3
    assert page.locator("#compare-list .kept").count() == 6
    assert len(site.project.chapters) == 6
    page.click("#cancel")
    expect(page.locator("#compare")).to_be_hidden()
    assert rows(page) == before
    expect(page.locator("#undo")).to_be_disabled()


def test_a_comparison_is_applied_with_titles_as_one_step(page: Page, site: Served) -> None:
    before = rows(page)
    page.fill("#amount", "9")
    page.click("#apply")
    expect(page.locator("#list .row-item")).to_have_count(9)
    wait_saved(page)
    expect(page.locator("#undo")).to_be_enabled()
    assert all(each.title for each in site.project.chapters)
    kept = [row for row in rows(page) if row in before]
    assert kept == before
    page.click("#undo")
    expect(page.locator("#list .row-item")).to_have_count(6)
    expect(page.locator("#undo")).to_be_disabled()


def test_coarse_and_fine_answer_too(page: Page) -> None:
    page.click("[data-size=coarse]")
    expect(page.locator("#compare-what")).to_contain_text("6 now, 4 new")
    expect(page.locator("[data-size=coarse]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#compare")).to_be_hidden()
    expect(page.locator("[data-size=normal]")).to_have_attribute("aria-pressed", "true")


def test_the_likely_range_is_shown_if_the_count_was_estimated(
    page: Page, open_page: OpenPage, serve: Serve, long_talk: Draft
) -> None:
    expect(page.locator("#likely")).to_have_text("Likely 3 to 9")
    assert long_talk.boundaries.likely is None
    other = open_page(serve(long_talk, without_media).address)
    expect(other.locator("#list .row-item").first).to_be_visible()
    expect(other.locator("#likely")).to_be_hidden()


def test_locked_boundaries_are_in_every_count(page: Page, site: Served) -> None:
    choose(page, 4)
    page.click("[data-by='1']")
    page.click("#lock")
    wait_saved(page)
    expect(page.locator("#lock")).to_have_attribute("aria-pressed", "true")
    locked = starts(page)[3]
    for count in ("3", "12"):
        page.fill("#amount", count)
        expect(page.locator("#compare-what")).to_contain_text("1 locked")
        kept = page.locator("#compare-list .kept .time").all_text_contents()
        assert locked in kept
    page.click("#apply")
    expect(page.locator("#list .row-item")).to_have_count(12)
    wait_saved(page)
    assert locked in starts(page)
    assert sum(each.is_locked for each in site.project.chapters) == 1


def test_nothing_can_be_changed_while_counts_are_compared(page: Page) -> None:
    page.fill("#amount", "9")
    expect(page.locator("#compare")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("s")
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    assert len(rows(page)) == 6
    expect(page.locator("#undo")).to_be_disabled()


def test_the_slider_answers_at_once_in_ten_hours(
    open_page: OpenPage, serve: Serve, long_talk: Draft
) -> None:
    """The target is 50 ms, which the benchmark measures; a busy machine gets more here."""
    page = open_page(serve(long_talk, without_media).address)
    assert page.evaluate(_ANSWER) < 250
