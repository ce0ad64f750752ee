"""What the tests read from the page, and do to it more than once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

_ROWS = """rows => rows.map(row =>
    [row.querySelector(".time").textContent, row.querySelector(".what").textContent])"""


def rows(page: Page) -> list[tuple[str, str]]:
    """Start and title of each chapter in the list."""
    found: list[list[str]] = page.eval_on_selector_all("#list .row-item", _ROWS)
    return [(start, title) for start, title in found]


def titles(page: Page) -> list[str]:
    """The titles in the list."""
    return [title for _, title in rows(page)]


def starts(page: Page) -> list[str]:
    """The starts in the list."""
    return [start for start, _ in rows(page)]


def choose(page: Page, number: int) -> None:
    """Click the row of a chapter, 1 for the first."""
    page.click(f"#list .row-item:nth-child({number})")


def wait_saved(page: Page) -> None:
    """Wait until the server has everything."""
    expect(page.locator("#saved")).to_have_text("Saved")


def arrives(is_there: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether something becomes true on the server, which runs in another thread."""
    end = time.monotonic() + seconds
    while not is_there() and time.monotonic() < end:
        time.sleep(0.02)
    return is_there()


def wait_until(page: Page, condition: str, seconds: float = 60) -> None:
    """Wait for a JavaScript expression; `wait_for_function` needs eval, which the page forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(20)


def playhead(page: Page) -> float:
    """Seconds at which the player is."""
    seconds: float = page.evaluate("document.getElementById('video').currentTime")
    return seconds


def drag_handle(page: Page, number: int, pixels: int, *, key: str | None = None) -> None:
    """Drag the boundary before chapter `number` by some pixels, with a key held."""
    handle = page.locator(".handle").nth(number - 2)
    box: Any = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 70
    page.mouse.move(x, y)
    page.mouse.down()
    if key is not None:
        page.keyboard.down(key)
    for step in range(1, 11):
        page.mouse.move(x + pixels * step / 10, y)
    # What is dragged is drawn once a frame.
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))")
    page.mouse.up()
    if key is not None:
        page.keyboard.up(key)
