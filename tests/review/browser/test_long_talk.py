"""Ten hours, 20,000 sentences and 200 chapters, without stutter."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from chapterize.pipeline import Draft
from tests.review.browser.conftest import OpenPage, Serve
from tests.review.browser.serving import without_media
from tests.review.browser.steps import choose, wait_until

pytestmark = pytest.mark.slow

# Milliseconds of script and painting of one frame of a drag, at every tenth of the film.
_DRAW = """async () => {
    const { set, state } = await import("/static/js/store.js");
    const { show } = await import("/static/js/timeline.js");
    const chapter = state.chapters[100], times = [];
    for (const length of [36000, 3600, 300]) {
        show(chapter.start - length / 2, chapter.start + length / 2);
        await new Promise(requestAnimationFrame);
        for (let step = 0; step < 20; step += 1) {
            const began = performance.now();
            set({ drag: { id: chapter.id, start: chapter.start + step / 100 } });
            times.push(performance.now() - began);
            await new Promise(requestAnimationFrame);
        }
    }
    set({ drag: null });
    return times.sort((a, b) => a - b)[30];
}"""

# The columns of the waveform against the maxima of all peaks, for views of several lengths.
_COLUMNS = """async () => {
    const { columns, pyramid } = await import("/static/js/pyramid.js");
    const bytes = Uint8Array.from({ length: 100000 }, (_, i) => (i * 7919) % 251 % 200);
    bytes[70003] = 255;
    const peaks = pyramid(bytes, 20);
    const wrong = [];
    for (const [from, to, width] of [[0, 5000, 1000], [3000, 4000, 700], [3500, 3501, 500]]) {
        const out = columns(peaks, from, to, new Uint8Array(width));
        const step = ((to - from) * 20) / width;
        for (let x = 0; x < width; x += 1) {
            const first = Math.floor(from * 20 + x * step);
            const last = Math.max(first, Math.ceil(from * 20 + (x + 1) * step) - 1);
            const most = Math.max(...bytes.subarray(first, last + 1));
            // A coarser level may reach a little past the column.
            const reach = 4 ** Math.floor(Math.log(Math.max(1, step)) / Math.log(4));
            const wide = Math.max(...bytes.subarray(Math.max(0, first - reach), last + 1 + reach));
            if (out[x] < most || out[x] > wide) wrong.push([from, x, out[x], most, wide]);
        }
    }
    return wrong.slice(0, 5);
}"""


@pytest.fixture
def page(open_page: OpenPage, serve: Serve, long_talk: Draft) -> Page:
    return open_page(serve(long_talk, without_media).address)


def test_the_whole_transcript_is_in_the_page(page: Page) -> None:
    wait_until(page, "document.querySelectorAll('#words p').length === 20000")
    assert page.locator("#words h3").count() == 200
    choose(page, 150)
    expect(page.locator("#words h3.chosen")).to_be_in_viewport()
    expect(page.locator("#words p.now")).to_be_in_viewport()


def test_no_peak_is_lost_at_any_zoom(page: Page) -> None:
    assert page.evaluate(_COLUMNS) == []


def test_a_frame_of_a_drag_is_cheap(page: Page) -> None:
    """60 frames a second leave 16 ms; a busy machine has less for us."""
    wait_until(page, "document.querySelectorAll('#words p').length === 20000")
    assert page.evaluate(_DRAW) < 8


def test_a_boundary_is_dragged_when_zoomed_in(page: Page) -> None:
    wait_until(page, "document.querySelectorAll('#words p').length === 20000")
    choose(page, 100)
    before = page.locator("#list .row-item:nth-child(100) .time").text_content()
    for _ in range(6):
        page.click("#zoom-in")
    box = page.locator(".handle.chosen").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 8, box["y"] + 70)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 70, steps=4)
    page.mouse.move(box["x"] + 28, box["y"] + 70, steps=4)
    page.wait_for_timeout(60)
    page.mouse.up()
    expect(page.locator("#undo")).to_be_enabled()
    assert page.locator("#list .row-item:nth-child(100) .time").text_content() != before
