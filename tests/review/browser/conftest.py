"""A browser, a page of its own for each test, and drafts for it to show.

Whatever a test does, an error of the page or a violation of its policy fails it.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, _set_running_loop, get_running_loop
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import chapterize
from chapterize.pipeline import Draft
from chapterize.review import Project, assemble
from chapterize.review.server import Review
from tests.needs import missing
from tests.rendering.browser import find_browser
from tests.review.browser.serving import Served, moved_to, served, synthetic_draft, without_media

# Media are opened by a child process, which takes its time on a busy machine.
expect.set_options(timeout=30_000)

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[Browser, AbstractEventLoop]]:
    """Debian's Chromium, whose sandbox does not work as root, and the loop that drives it."""
    path = find_browser()
    if path is None:
        pytest.skip(missing("Chromium"))
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        loop = get_running_loop()
        _set_running_loop(None)
        yield found, loop
        _set_running_loop(loop)
        found.close()


@pytest.fixture
def browser(chromium: tuple[Browser, AbstractEventLoop]) -> Iterator[Browser]:
    """The browser of the session.

    Between its calls, Playwright leaves its loop running in this thread, where tests without a
    browser could then run none of their own. So the loop runs only for tests with one.
    """
    found, loop = chromium
    _set_running_loop(loop)
    yield found
    _set_running_loop(None)


class OpenPage(Protocol):
    """Open the page of a draft, and wait until it can be used."""

    def __call__(
        self,
        address: str,
        *,
        size: tuple[int, int] = ...,
        waits: bool = ...,
        **options: Any,
    ) -> Page: ...


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """A factory of pages, each in a context of its own; they must end without errors."""
    faults: list[str] = []

    with ExitStack() as stack:

        def open_it(
            address: str,
            *,
            size: tuple[int, int] = (1600, 950),
            waits: bool = True,
            **options: Any,
        ) -> Page:
            viewport = {"width": size[0], "height": size[1]}
            context = browser.new_context(
                **{"viewport": viewport, "locale": "en-GB", "reduced_motion": "reduce", **options}
            )
            stack.callback(context.close)
            context.set_default_timeout(30_000)
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            page = context.new_page()
            watch(page, faults)
            page.goto(address)
            if waits:
                page.wait_for_selector("body[data-state=ready]")
            return page

        yield open_it
    assert not faults


def watch(page: Page, faults: list[str]) -> None:
    """Note what goes wrong in the page; refusals of the server are not errors of the page."""

    def note(message: Any) -> None:
        is_refusal = "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not is_refusal:
            faults.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))


@pytest.fixture(scope="session")
def lecture() -> Draft:
    """The draft of the sample lecture, which has captions."""
    return chapterize.make_draft(DATA / "lecture.mp4", chapterize.Options(slides="off"))


@pytest.fixture(scope="session")
def long_talk() -> Draft:
    """Ten hours, 20,000 sentences, 200 chapters."""
    return synthetic_draft(10, 20_000, 200)


class Serve(Protocol):
    """Serve the review of a draft until the test ends."""

    def __call__(self, draft: Draft, make: Callable[[Project], Review] = ...) -> Served: ...


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """A factory of servers, whose edits are stored in the folder of the test."""
    with ExitStack() as stack:

        def serve_it(draft: Draft, make: Callable[[Project], Review] = assemble) -> Served:
            return stack.enter_context(served(draft, tmp_path / "state" / "edits.json", make))

        yield serve_it


@pytest.fixture
def site(serve: Serve, lecture: Draft, tmp_path: Path) -> Served:
    """The review of the sample lecture in a folder of its own, without its video."""
    return serve(moved_to(lecture, tmp_path), without_media)


@pytest.fixture
def theatre(serve: Serve, lecture: Draft, tmp_path: Path) -> Served:
    """The review of the sample lecture in a folder of its own, with its video."""
    return serve(moved_to(lecture, tmp_path))


@pytest.fixture
def page(site: Served, open_page: OpenPage) -> Page:
    """The page of the sample lecture, 1600 pixels wide."""
    return open_page(site.address)
