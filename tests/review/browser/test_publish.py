"""What leaves the page: the list for a platform, files, and other tasks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from chapterize import formats
from chapterize.media import open_media
from tests.review.browser.serving import Served
from tests.review.browser.steps import choose, wait_saved

pytestmark = pytest.mark.slow

_CHANGE = """([text, button]) => {
    const title = document.getElementById("title");
    title.value = text;
    title.dispatchEvent(new Event("change"));
    document.getElementById(button).click();
}"""


def copied(page: Page) -> str:
    page.click("#copy")
    expect(page.locator(".toast")).to_contain_text("Copied")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_the_copied_list_is_what_the_platform_accepts(page: Page, site: Served) -> None:
    expect(page.locator("#verdict")).to_have_text("Ready for YouTube")
    choose(page, 2)
    page.fill("#title", "A <b> tag")
    page.press("#title", "Enter")
    expect(page.locator("#verdict")).to_contain_text("correction")
    expect(page.locator("#list .row-item:nth-child(2) .icon.warn")).to_be_visible()
    page.click("#publish")
    assert "0:37 A ‹b› tag" in copied(page).splitlines()
    assert site.project.chapters[1].title == "A <b> tag"


def test_what_is_copied_and_saved_has_the_change_made_just_before(page: Page, site: Served) -> None:
    page.click("#publish")
    page.keyboard.press("Escape")
    choose(page, 2)
    # Each is one call, so that no time passes between the change and what follows.
    page.evaluate(_CHANGE, ["One", "copy"])
    expect(page.locator(".toast")).to_contain_text("Copied")
    assert "0:37 One\n" in page.evaluate("navigator.clipboard.readText()")
    page.evaluate(_CHANGE, ["Two", "export"])
    expect(page.locator("#tasks")).to_contain_text("done")
    (saved,) = site.project.draft.media.path.parent.glob("lecture-chapters*")
    assert "0:37 Two\n" in saved.read_text(encoding="utf-8")


def test_rules_are_checked_as_the_chapters_change(page: Page) -> None:
    choose(page, 2)
    page.fill("#start", "0:04")
    page.press("#start", "Enter")
    expect(page.locator("#verdict")).to_contain_text("correction")
    page.click("#undo")
    expect(page.locator("#verdict")).to_have_text("Ready for YouTube")


def test_another_platform_has_other_rules_and_is_remembered(page: Page) -> None:
    page.click("#publish")
    page.select_option("#platform", label="Spotify")
    expect(page.locator("#ready")).to_contain_text("Spotify")
    assert copied(page).startswith("00:00 ")
    page.reload()
    expect(page.locator("#verdict")).to_contain_text("Spotify")


def test_a_problem_leads_to_its_chapter(page: Page) -> None:
    choose(page, 3)
    page.fill("#title", "Less < more")
    page.press("#title", "Enter")
    choose(page, 1)
    expect(page.locator("#verdict")).to_contain_text("correction")
    page.click("#verdict")
    page.locator("#problems button").first.click()
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("#h-details")).to_have_text("Chapter 3 of 6")


def test_a_file_is_saved_next_to_the_video_and_replaced_only_on_request(
    page: Page, site: Served
) -> None:
    page.click("#publish")
    page.select_option("#format", "webvtt")
    page.click("#export")
    expect(page.locator("#tasks")).to_contain_text("Save a chapter file · done")
    made = site.project.draft.media.path.with_name("lecture-chapters.vtt")
    first = made.read_text(encoding="utf-8")
    page.keyboard.press("Escape")
    page.fill("#title", "Another first title")
    page.press("#title", "Enter")
    wait_saved(page)
    page.click("#publish")
    page.click("#export")
    expect(page.locator("#ask")).to_contain_text(made.name)
    page.click("#ask-no")
    assert made.read_text(encoding="utf-8") == first
    page.click("#export")
    page.click("#ask-yes")
    expect(page.locator("#tasks .task")).to_have_count(2)
    assert "Another first title" in made.read_text(encoding="utf-8")


def test_a_file_is_downloaded(page: Page, site: Served, tmp_path: Path) -> None:
    page.click("#publish")
    page.select_option("#format", "json")
    with page.expect_download() as started:
        page.click("#download")
    assert started.value.suggested_filename == "lecture.json"
    started.value.save_as(tmp_path / "got.json")
    read = formats.read_chapters(tmp_path / "got.json", duration=site.project.draft.media.duration)
    assert read.chapters.titles == site.project.tiled().titles


def test_chapters_are_embedded(page: Page, site: Served) -> None:
    page.click("#publish")
    page.click("#k-embed")
    expect(page.locator("#tasks")).to_contain_text("Embed · done", timeout=60_000)
    made = site.project.draft.media.path.with_name("lecture-chapters.mp4")
    assert [each.title for each in open_media(made).chapters] == [
        each.title for each in site.project.chapters
    ]


def test_a_render_shows_its_progress_and_is_cancelled(page: Page, site: Served) -> None:
    page.click("#publish")
    page.click("#k-render")
    expect(page.locator("#tasks progress")).to_be_visible(timeout=30_000)
    page.locator("#tasks button").click()
    expect(page.locator("#tasks")).to_contain_text("Render titles · cancelled", timeout=60_000)
    folder = site.project.draft.media.path.parent
    assert [path.name for path in folder.iterdir() if path.is_file()] == ["lecture.mp4"]


def test_what_would_be_sent_is_shown_first_and_can_be_declined(page: Page) -> None:
    started: list[object] = []
    answers: list[object] = []
    task = {
        **{"id": "7", "kind": "send", "state": "asking", "stage": "consent", "fraction": 0},
        **{"files": [], "notes": [], "why": None, "next": None},
        "question": {"kind": "send", "lines": ["would upload talk.mp4", "to <b>a service</b>"]},
    }

    def tasks(route: Route) -> None:
        if route.request.method == "POST":
            started.append(route.request.post_data_json)
            route.fulfill(status=202, json={"id": "7"})
        else:
            now = {**task, "state": "cancelled", "question": None} if answers else task
            route.fulfill(json=[now] if started else [])

    def answer(route: Route) -> None:
        answers.append(json.loads(route.request.post_data or "{}"))
        route.fulfill(status=202, json=task)

    page.route("**/api/tasks", tasks)
    page.route("**/api/tasks/7/answer", answer)
    page.click("#publish")
    page.click("#k-send")
    expect(page.locator("#ask-what")).to_have_text("would upload talk.mp4\nto <b>a service</b>")
    expect(page.locator("#ask-no")).to_be_focused()
    page.click("#ask-no")
    expect(page.locator("#tasks")).to_contain_text("Send · cancelled")
    assert started == [{"kind": "send", "options": {}}]
    assert answers == [{"accepts": False}]
