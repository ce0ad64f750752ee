"""Every change that a person can make, and its way back."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.review.browser.serving import Served
from tests.review.browser.steps import (
    arrives,
    choose,
    drag_handle,
    rows,
    starts,
    titles,
    wait_saved,
    wait_until,
)

pytestmark = pytest.mark.slow

FIRST = ["0:00", "0:37", "1:47", "2:45", "4:01", "5:18"]


def test_a_dragged_boundary_snaps_to_a_sentence_and_is_saved(page: Page, site: Served) -> None:
    wait_until(page, "document.querySelectorAll('#words p').length > 0")
    before = site.project.chapters[3].start
    drag_handle(page, 4, 53)
    wait_saved(page)
    after = site.project.chapters[3].start
    assert after > before + 5
    sentences = site.project.draft.boundaries.starts.tolist()
    slides, pauses = site.project.draft.signals.slides, site.project.draft.sentences
    targets = [*sentences, *slides, *(each.start for each in pauses)]
    assert min(abs(after - each) for each in targets) < 0.002
    assert site.project.chapters[3].is_moved


def test_alt_frees_the_dragged_boundary(page: Page, site: Served) -> None:
    wait_until(page, "document.querySelectorAll('#words p').length > 0")
    width = page.evaluate("document.getElementById('track').clientWidth")
    before = site.project.chapters[3].start
    drag_handle(page, 4, 53, key="Alt")
    wait_saved(page)
    moved = 53 * site.project.draft.media.duration / width
    assert site.project.chapters[3].start == pytest.approx(before + moved, abs=0.02)


def test_escape_cancels_a_drag(page: Page) -> None:
    box = page.locator(".handle").nth(1).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 8, box["y"] + 70)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 70)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert starts(page) == FIRST
    expect(page.locator("#undo")).to_be_disabled()


def test_a_boundary_stops_at_its_neighbour(page: Page, site: Served) -> None:
    drag_handle(page, 3, 2000, key="Alt")
    wait_saved(page)
    chapters = site.project.chapters
    assert chapters[2].start == pytest.approx(chapters[3].start - 0.1, abs=0.002)


def test_buttons_move_by_a_second_as_one_step(page: Page, site: Served) -> None:
    choose(page, 2)
    before = site.project.chapters[1].start
    # All at once: on a busy machine, half a second between two clicks would end the step.
    page.evaluate(
        """["1", "1", "1", "-0.1", "0.1"].forEach((by) =>
            document.querySelector(`[data-by="${by}"]`).click())"""
    )
    expect(page.locator("#undo")).to_be_enabled()
    wait_saved(page)
    assert site.project.chapters[1].start == pytest.approx(before + 3)
    page.click("#undo")
    expect(page.locator("#undo")).to_be_disabled()
    assert site.project.chapters[1].start == before


def test_brackets_nudge(page: Page, site: Served) -> None:
    choose(page, 2)
    before = site.project.chapters[1].start
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.keyboard.press("[")
    page.keyboard.press("Shift+BracketRight")
    expect(page.locator("#undo")).to_be_enabled()
    wait_saved(page)
    assert site.project.chapters[1].start == pytest.approx(before + 1.1)


def test_a_time_can_be_typed(page: Page, site: Served) -> None:
    choose(page, 2)
    for text, seconds in (("0:50", 50.0), ("61.5", 61.5), ("0:00:44,25", 44.25)):
        page.fill("#start", text)
        page.press("#start", "Enter")
        assert arrives(partial(_starts_at, site, seconds))


def _starts_at(site: Served, seconds: float) -> bool:
    return site.project.chapters[1].start == seconds


def test_what_is_no_time_changes_nothing(page: Page) -> None:
    choose(page, 2)
    for text in ("soon", "1:75", "9:99:99", ""):
        page.fill("#start", text)
        page.press("#start", "Enter")
        expect(page.locator("#start")).to_have_attribute("aria-invalid", "true")
        assert starts(page) == FIRST
        page.fill("#start", "0:37.262")
        page.press("#start", "Enter")
        expect(page.locator("#start")).to_have_attribute("aria-invalid", "false")


def test_times_are_written_as_in_lists_of_chapters(page: Page) -> None:
    written = page.evaluate(
        """async () => {
            const { clock, exact, parse } = await import("/static/js/time.js");
            const times = [0, 59.9999, 60, 3599.5, 3600, 36000.25];
            const clocks = times.map((time) => clock(time));
            return [clocks, times.map(exact), clocks.map(parse)];
        }"""
    )
    assert written == [
        ["0:00", "1:00", "1:00", "59:59", "1:00:00", "10:00:00"],
        ["0:00", "1:00", "1:00", "59:59.5", "1:00:00", "10:00:00.250"],
        [0, 60, 60, 3599, 3600, 36000],
    ]


def test_a_start_moves_to_the_playhead(page: Page, site: Served) -> None:
    choose(page, 2)
    page.keyboard.press("ArrowRight")
    page.click("#here")
    expect(page.locator("#undo")).to_be_enabled()
    wait_saved(page)
    assert site.project.chapters[1].start == pytest.approx(42.26, abs=0.01)


def test_a_chapter_is_split_at_the_playhead(page: Page, site: Served) -> None:
    choose(page, 2)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    for press in ("s", "#add", "#split", "#b-split"):
        page.click(press) if press.startswith("#") else page.keyboard.press(press)
        expect(page.locator("#list .row-item")).to_have_count(7)
        expect(page.locator("#undo")).to_be_enabled()
        wait_saved(page)
        new = site.project.chapters[2]
        assert new.start == pytest.approx(47.26, abs=0.01)
        assert new.is_added
        assert new.title
        expect(page.locator("#list [aria-selected=true] .what")).to_have_text(new.title)
        page.click("#undo")
        expect(page.locator("#list .row-item")).to_have_count(6)


def test_a_second_start_in_the_same_place_is_refused(page: Page) -> None:
    choose(page, 2)
    page.keyboard.press("s")
    expect(page.locator(".toast")).to_contain_text("already")
    assert len(rows(page)) == 6


def test_a_chapter_is_merged_with_the_one_before(page: Page, site: Served) -> None:
    for press in ("Backspace", "#merge", "Delete", "#delete"):
        choose(page, 3)
        page.click(press) if press.startswith("#") else page.keyboard.press(press)
        expect(page.locator("#list .row-item")).to_have_count(5)
        assert starts(page) == ["0:00", "0:37", "2:45", "4:01", "5:18"]
        page.locator(".toast").get_by_role("button").click()
        expect(page.locator("#list .row-item")).to_have_count(6)
        wait_saved(page)
        assert len(site.project.chapters) == 6


def test_the_first_chapter_can_be_deleted_but_not_merged(page: Page) -> None:
    second = titles(page)[1]
    choose(page, 1)
    page.keyboard.press("Backspace")
    assert len(rows(page)) == 6
    page.click("#delete")
    expect(page.locator("#list .row-item")).to_have_count(5)
    assert rows(page)[0] == ("0:00", second)


def test_a_locked_boundary_stays(page: Page, site: Served) -> None:
    choose(page, 3)
    page.click("#lock")
    expect(page.locator("#lock")).to_have_attribute("aria-pressed", "true")
    wait_saved(page)
    assert site.project.chapters[2].is_locked
    drag_handle(page, 3, 60)
    page.keyboard.press("]")
    page.keyboard.press("Backspace")
    assert starts(page) == FIRST
    expect(page.locator("#start")).to_be_disabled()
    expect(page.locator(".handle").nth(1)).to_have_attribute("aria-readonly", "true")


def test_all_later_starts_are_shifted_but_locked_ones(page: Page, site: Served) -> None:
    before = [each.start for each in site.project.chapters]
    choose(page, 5)
    page.click("#lock")
    choose(page, 3)
    page.click("#shift")
    page.fill("#shift-by", "2.5")
    expect(page.locator("#shift-what")).to_contain_text("1 locked")
    page.click("#shift-apply")
    expect(page.locator("#shift-box")).to_be_hidden()
    wait_saved(page)
    wait_until(
        page, "document.querySelector('#list .row-item:nth-child(3) .time').textContent === '1:50'"
    )
    after = [each.start for each in site.project.chapters]
    moves = [round(b - a, 3) for a, b in zip(before, after, strict=True)]
    assert moves == [0, 0, 2.5, 2.5, 0, 2.5]


def test_a_shift_that_would_break_the_order_is_refused(page: Page) -> None:
    choose(page, 3)
    page.click("#shift")
    page.fill("#shift-by", "-300")
    expect(page.locator("#shift-apply")).to_be_disabled()


def test_a_pasted_list_replaces_the_chapters(page: Page, site: Served) -> None:
    page.click("#more")
    page.click("#m-paste")
    page.fill("#pasted", "0:00 One\n1:00 Two\n2:00 Three")
    expect(page.locator("#paste-what")).to_contain_text("3 chapters")
    page.click("#paste-apply")
    expect(page.locator("#list .row-item")).to_have_count(3)
    wait_saved(page)
    assert [each.title for each in site.project.chapters] == ["One", "Two", "Three"]


def test_what_is_no_list_cannot_be_used(page: Page) -> None:
    page.click("#more")
    page.click("#m-paste")
    page.fill("#pasted", "there are no times here")
    expect(page.locator("#paste-what")).not_to_be_empty()
    expect(page.locator("#paste-apply")).to_be_disabled()


def test_enter_saves_a_title_and_goes_to_the_next(page: Page, site: Served) -> None:
    page.dblclick("#list .row-item:nth-child(2) .what")
    page.fill("#rename", "Tides")
    page.keyboard.press("Enter")
    page.keyboard.type("Rope")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    wait_saved(page)
    wait_until(page, "!document.getElementById('undo').disabled")
    assert titles(page)[1:3] == ["Tides", "Rope"]
    assert site.project.chapters[1].is_retitled


def test_a_suggested_title_is_taken_with_a_click(page: Page, site: Served) -> None:
    choose(page, 2)
    idea = page.locator("#ideas button").first
    # Until then, they are those of the chapter before.
    expect(idea).to_be_visible()
    text = idea.text_content()
    idea.click()
    expect(page.locator("#list .row-item:nth-child(2) .what")).to_have_text(text or "")
    expect(page.locator("#undo")).to_be_enabled()
    assert site.project.chapters[1].title == text


def test_an_empty_title_is_not_kept(page: Page) -> None:
    before = titles(page)
    choose(page, 2)
    page.fill("#title", "   ")
    page.press("#title", "Enter")
    assert titles(page) == before


def test_the_history_survives_a_reload(page: Page) -> None:
    first = rows(page)
    choose(page, 2)
    page.keyboard.press("Backspace")
    expect(page.locator("#list .row-item")).to_have_count(5)
    page.fill("#title", "Another")
    page.press("#title", "Enter")
    wait_saved(page)
    expect(page.locator("#list .what").first).to_have_text("Another")
    page.reload()
    page.wait_for_selector("body[data-state=ready]")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator("#list .row-item")).to_have_count(6)
    assert rows(page) == first
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator("#list .row-item")).to_have_count(5)


def test_the_first_draft_can_be_restored_and_that_undone(page: Page) -> None:
    first = rows(page)
    choose(page, 2)
    page.keyboard.press("Backspace")
    wait_saved(page)
    page.click("#more")
    page.click("#m-restore")
    expect(page.locator("#list .row-item")).to_have_count(6)
    assert rows(page) == first
    page.click("#undo")
    expect(page.locator("#list .row-item")).to_have_count(5)
