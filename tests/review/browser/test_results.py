"""What is made from the page, with the real ffmpeg and a service that stands for the remote one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import chapterize
from chapterize.media import open_media
from tests.deliver.scene import service
from tests.fake_service import FakeService
from tests.review.browser.conftest import OpenPage, Serve
from tests.review.browser.serving import Served, moved_to
from tests.review.browser.steps import wait_saved

pytestmark = pytest.mark.slow

LONG = 60_000


@pytest.fixture
def short_site(serve: Serve, video_mp4: Path, tmp_path: Path) -> Served:
    """The review of a few seconds of video, with three chapters, one with an odd title."""
    folder = tmp_path / 'it\'s "my" 日本語 film'
    folder.mkdir()
    return serve(moved_to(chapterize.make_draft(video_mp4), folder))


@pytest.fixture
def short_page(short_site: Served, open_page: OpenPage) -> Page:
    page = open_page(short_site.address)
    page.click("#more")
    page.click("#m-paste")
    page.fill("#pasted", "0:00 Opening\n0:01.5 Bees & <b>honey</b>\n0:03 終わり")
    page.click("#paste-apply")
    wait_saved(page)
    page.click("#publish")
    return page


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    with service(tmp_path, monkeypatch) as running:
        yield running


def test_a_render_finishes(short_page: Page, short_site: Served) -> None:
    short_page.click("#k-render")
    expect(short_page.locator("#tasks")).to_contain_text("Render titles · done", timeout=LONG)
    source = short_site.project.draft.media
    made = source.path.with_name(f"{source.path.stem}-chapters.mp4")
    expect(short_page.locator("#tasks")).to_contain_text(made.name)
    media = open_media(made)
    assert [each.title for each in media.chapters] == list(short_site.project.tiled().titles)
    assert abs(media.duration - source.duration) < 0.2


def test_a_video_is_split_into_one_file_for_each_chapter(
    short_page: Page, short_site: Served
) -> None:
    short_page.click("#k-split")
    expect(short_page.locator("#tasks")).to_contain_text("Split into files · done", timeout=LONG)
    source = short_site.project.draft.media.path
    made = sorted((source.parent / f"{source.stem}-chapters").iterdir())
    assert [path.name[:2] for path in made] == ["01", "02", "03"]
    assert all(open_media(path).duration > 0.5 for path in made)
    for path in made:
        expect(short_page.locator("#tasks")).to_contain_text(path.name)


def test_the_service_makes_the_video_once_the_person_agrees(
    fake: FakeService, short_page: Page, short_site: Served
) -> None:
    short_page.click("#k-send")
    source = short_site.project.draft.media.path
    expect(short_page.locator("#ask-what")).to_contain_text(source.name)
    expect(short_page.locator("#ask-what")).to_contain_text("Cost:")
    assert not fake.calls("upload")
    short_page.click("#ask-yes")
    expect(short_page.locator("#tasks")).to_contain_text("Send · done", timeout=LONG)
    assert len(fake.calls("upload")) == 1
    made = source.with_name(f"{source.stem}-chapters.mp4")
    titles = [each.title for each in open_media(made).chapters]
    assert titles == list(short_site.project.tiled().titles)
    expect(short_page.locator("#tasks")).to_contain_text("Credits:")
