"""Playing, seeking, and what the page shows of what it plays; files that a browser cannot show."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

import chapterize
from chapterize.data import Slide, Transcript
from chapterize.pipeline import Draft
from tests.conftest import AAC, SINE, TESTSRC, MakeMedia
from tests.review.browser.conftest import OpenPage, Serve
from tests.review.browser.serving import Served, moved_to
from tests.review.browser.steps import choose, playhead, wait_until

pytestmark = pytest.mark.slow

CAPTIONS = "".join(
    f"{i + 1}\n00:00:0{i},000 --> 00:00:0{i},900\nThis is sentence {i}.\n\n" for i in range(4)
)


@pytest.fixture
def page(theatre: Served, open_page: OpenPage) -> Page:
    return open_page(theatre.address)


def draft_of(media: Path, tmp_path: Path) -> Draft:
    captions = tmp_path / "words.srt"
    captions.write_text(CAPTIONS, encoding="utf-8")
    return chapterize.make_draft(media, chapterize.Options(captions=captions))


def wait_for_media(page: Page) -> None:
    wait_until(page, "document.getElementById('video').readyState >= 2")


def is_playing(page: Page) -> bool:
    found: bool = page.evaluate("!document.getElementById('video').paused")
    return found


def test_the_video_plays(page: Page) -> None:
    wait_for_media(page)
    page.click("#play")
    wait_until(page, "document.getElementById('video').currentTime > 0.3")
    expect(page.locator("#play")).to_have_attribute("aria-label", "Pause")
    page.click("#play")
    assert not is_playing(page)


def test_a_click_on_a_chapter_seeks_to_its_start(page: Page) -> None:
    wait_for_media(page)
    choose(page, 3)
    wait_until(page, "!document.getElementById('video').seeking")
    assert playhead(page) == pytest.approx(107.6, abs=0.5)
    expect(page.locator("#now")).to_have_text("1:47")
    expect(page.locator("#list .now .time")).to_have_text("1:47")


def test_a_click_in_the_timeline_seeks(page: Page) -> None:
    wait_for_media(page)
    box = page.locator("#track").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 100)
    assert playhead(page) == pytest.approx(449 / 2, abs=1)


def test_keys_move_the_playhead(page: Page) -> None:
    wait_for_media(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert playhead(page) == pytest.approx(5)
    page.keyboard.press(".")
    assert 5.01 < playhead(page) < 5.3
    page.keyboard.press(",")
    assert playhead(page) == pytest.approx(5, abs=0.01)
    page.keyboard.press("k")
    wait_until(page, "!document.getElementById('video').paused")
    page.keyboard.press("Space")
    wait_until(page, "document.getElementById('video').paused")


def test_keys_change_the_speed(page: Page) -> None:
    page.keyboard.press("l")
    expect(page.locator("#rate")).to_have_text("1.25×")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#rate")).to_have_text("0.75×")


def test_the_speed_stays_when_another_version_of_the_media_loads(page: Page) -> None:
    wait_for_media(page)
    page.keyboard.press("l")
    page.evaluate("document.getElementById('video').load()")
    wait_for_media(page)
    expect(page.locator("#rate")).to_have_text("1.25×")
    assert page.evaluate("document.getElementById('video').playbackRate") == 1.25


def test_p_plays_from_two_seconds_before_the_start_to_two_after(page: Page) -> None:
    wait_for_media(page)
    choose(page, 2)
    page.keyboard.press("l")
    page.keyboard.press("p")
    wait_until(page, "!document.getElementById('video').paused")
    assert playhead(page) < 37.2
    wait_until(page, "document.getElementById('video').paused", 20)
    assert playhead(page) == pytest.approx(39.3, abs=0.6)


def test_the_transcript_follows_and_seeks(page: Page) -> None:
    wait_for_media(page)
    choose(page, 5)
    now = page.locator("#words p.now")
    expect(now).to_be_in_viewport()
    expect(page.locator("#words h3.chosen")).to_contain_text("4:01")
    line = page.locator("#words p").nth(6)
    line.scroll_into_view_if_needed()
    line.click()
    expect(line).to_have_class("now")
    assert playhead(page) < 60


def test_no_letter_is_a_command_while_text_is_typed(page: Page) -> None:
    page.fill("#title", "")
    page.locator("#title").press_sequentially("Skip, play. [k]")
    assert not is_playing(page)
    assert page.locator("#list .row-item").count() == 6
    expect(page.locator("#title")).to_have_value("Skip, play. [k]")


def test_why_here_shows_the_evidence(page: Page) -> None:
    page.locator(".handle").first.click()
    expect(page.locator("#h-details")).to_have_text("Chapter 2 of 6")
    expect(page.locator("#why")).to_contain_text("Do you see that dark band of seaweed")
    expect(page.locator("#why")).to_contain_text("So pull your coats a little tighter")
    for fact in ("Confidence", "Topic change", "Pause", "New slide", "Words that start"):
        expect(page.locator("#why .facts")).to_contain_text(fact)


def test_slides_are_shown_in_the_list_and_at_their_boundary(
    lecture: Draft, serve: Serve, open_page: OpenPage, tmp_path: Path
) -> None:
    draft, duration = moved_to(lecture, tmp_path), lecture.media.duration
    edges = (0.0, *lecture.signals.slides, duration)
    read = tuple(
        Slide(start, end, heading=f"<b>{n}</b>") for n, (start, end) in enumerate(pairwise(edges))
    )
    draft = replace(draft, signals=replace(draft.signals, pages=read))
    page = open_page(serve(draft).address)
    expect(page.locator("#list .shot")).to_have_count(6)
    expect(page.get_by_role("option").first).to_have_accessible_name(re.compile("^0:00"))
    page.locator(".handle").first.click()
    expect(page.get_by_role("img", name="Slide: <b>2</b>")).to_be_visible()
    wait_until(page, "document.querySelector('#why .shot').naturalWidth === 480")


def test_the_waveform_is_drawn(page: Page) -> None:
    """The middle of the track has more colours than the ruler's lines alone."""
    wait_until(
        page,
        """() => {
            const canvas = document.getElementById("canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 90, canvas.width, 1);
            const seen = new Set();
            for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join());
            return seen.size > 2;
        }""",
    )


def test_zooming_keeps_the_place_under_the_pointer(page: Page) -> None:
    box = page.locator("#track").bounding_box()
    assert box is not None
    x = box["x"] + box["width"] * 0.25
    page.mouse.move(x, box["y"] + 100)
    label = page.locator("#hover-label").text_content()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -600)
    page.keyboard.up("Control")
    expect(page.locator("#zoom-fit")).to_be_enabled()
    page.mouse.move(x + 1, box["y"] + 100)
    assert (page.locator("#hover-label").text_content() or "").startswith(label or "?")
    page.click("#zoom-fit")
    expect(page.locator("#zoom-fit")).to_be_disabled()


def test_audio_alone_plays(
    open_page: OpenPage, serve: Serve, audio_only_m4a: Path, tmp_path: Path
) -> None:
    page = open_page(serve(draft_of(audio_only_m4a, tmp_path)).address)
    expect(page.locator("#cover-what")).to_have_text("Audio only")
    wait_for_media(page)
    page.click("#play")
    wait_until(page, "document.getElementById('video').currentTime > 0.2")


def test_a_file_that_browsers_do_not_open_is_copied_for_the_page(
    open_page: OpenPage, serve: Serve, video_avi: Path, tmp_path: Path
) -> None:
    page = open_page(serve(draft_of(video_avi, tmp_path)).address)
    wait_for_media(page)
    expect(page.locator("#cover")).to_be_hidden()
    assert page.evaluate("document.getElementById('video').videoWidth") > 0


def test_video_that_loads_without_a_frame_gets_a_proxy(
    open_page: OpenPage, serve: Serve, make_media: MakeMedia, tmp_path: Path
) -> None:
    """TESTSRC SINE -c:v libx265 -preset ultrafast -c:a aac"""
    hevc = make_media(
        *("hevc.mp4", *TESTSRC, *SINE, "-c:v", "libx265", "-preset", "ultrafast", *AAC),
        *("-x265-params", "log-level=none"),
    )
    page = open_page(serve(draft_of(hevc, tmp_path)).address)
    wait_for_media(page)
    assert page.evaluate("document.getElementById('video').videoWidth") > 0


def test_the_page_says_what_it_prepares_and_what_failed(page: Page) -> None:
    media = {"state": "preparing", "kind": "video", "url": "", "progress": 0.4, "why": ""}

    def answer(route: Route) -> None:
        route.fulfill(json={"version": 1, "media": media})

    page.route("**/api/status", answer)
    expect(page.locator("#cover-what")).to_have_text("Preparing the video")
    expect(page.locator("#cover-progress")).to_have_attribute("value", "0.4")
    expect(page.locator("#play")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#now")).to_have_text("0:05")
    media |= {"state": "failed", "why": "no space left"}
    expect(page.locator("#cover-what")).to_have_text("The video cannot be shown")
    expect(page.locator("#cover-why")).to_have_text("no space left")
    expect(page.locator("#cover-again")).to_be_visible()


def test_without_words_the_page_says_so(open_page: OpenPage, serve: Serve, video_mp4: Path) -> None:
    draft = chapterize.make_draft(video_mp4, transcript=Transcript(()))
    page = open_page(serve(draft).address)
    expect(page.locator("#words")).to_contain_text("No words")
    expect(page.locator("#why")).to_contain_text("No words")
    wait_for_media(page)
    page.keyboard.press("ArrowRight")


def test_captions_alone_can_be_edited(open_page: OpenPage, serve: Serve, tmp_path: Path) -> None:
    captions = tmp_path / "words.srt"
    captions.write_text(CAPTIONS, encoding="utf-8")
    page = open_page(serve(chapterize.make_draft(captions)).address)
    expect(page.locator("#cover-what")).to_have_text("Nothing to play")
    expect(page.locator("#play")).to_be_disabled()
    page.locator("#words p").nth(2).click()
    page.keyboard.press("s")
    expect(page.locator("#list .row-item")).to_have_count(2)
