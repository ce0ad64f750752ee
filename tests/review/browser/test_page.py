"""The page loads, in each language, and shows what it is given as text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from chapterize.data import Chapters
from chapterize.pipeline import Draft
from chapterize.review.server import PAGE
from tests.review.browser.conftest import OpenPage, Serve
from tests.review.browser.serving import Served
from tests.review.browser.steps import rows

pytestmark = pytest.mark.slow

MOST_BYTES = 150_000
EVIL = '<img src=x onerror="document.title=1"><script>document.title=2</script>'


def test_the_page_shows_the_chapters_of_the_draft(page: Page, site: Served) -> None:
    shown = [title for _, title in rows(page)]
    assert shown == [chapter.title for chapter in site.project.chapters]
    assert page.title() == "An Evening at the Harbour – chapterize"
    assert rows(page)[0][0] == "0:00"


def test_the_token_leaves_the_address_and_survives_a_reload(page: Page) -> None:
    assert "token" not in page.url
    page.reload()
    page.wait_for_selector("body[data-state=ready]")


def test_without_its_token_the_page_says_what_to_open(open_page: OpenPage, site: Served) -> None:
    page = open_page(site.address.partition("#")[0], waits=False)
    expect(page.locator(".cannot h2")).to_have_text("This page needs its full address")


def test_a_token_of_another_run_is_refused(open_page: OpenPage, site: Served) -> None:
    page = open_page(site.address.partition("#")[0] + "#token=old", waits=False)
    expect(page.locator(".cannot")).to_contain_text("chapterize review")


def test_a_chinese_browser_gets_chinese(open_page: OpenPage, site: Served) -> None:
    page = open_page(site.address, locale="zh-CN")
    expect(page.locator("#publish")).to_have_text("发布")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert page.get_attribute("#play", "aria-label") == "播放"


def test_any_other_browser_gets_english(open_page: OpenPage, site: Served) -> None:
    page = open_page(site.address, locale="de-DE")
    expect(page.locator("#publish")).to_have_text("Publish")


def test_both_languages_have_the_same_texts() -> None:
    english, chinese = (texts_of(name) for name in ("en", "zh"))
    assert english == chinese


def texts_of(language: str) -> list[str]:
    text = (PAGE / "js" / "texts" / f"{language}.js").read_text(encoding="utf-8")
    text = re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`', '""', text)
    return re.findall(r"(\w+): ", text[text.index("export default") :])


def test_every_text_that_the_page_names_exists() -> None:
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'data-(?:text|label)="(\w+)"', html))
    for path in (PAGE / "js").glob("*.js"):
        named |= set(re.findall(r'\bt\("(\w+)"', path.read_text(encoding="utf-8")))
    assert not named - set(texts_of("en"))


def test_no_words_are_written_outside_the_texts() -> None:
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    body = html[html.index("</svg>\n\n<a class") :]
    shown = re.findall(r">\s*([^<>\s][^<>]*)<", body)
    # The name of the program, times, and numbers and signs that every language shares.
    assert {text.strip() for text in shown} <= {*("chapterize", "0:00", "/", "1×", "−0.1", "+0.1")}


def test_the_page_is_small(page: Page) -> None:
    n_bytes = page.evaluate(
        """() => [...performance.getEntriesByType("navigation"),
                  ...performance.getEntriesByType("resource")]
            .filter(({ name }) => new URL(name).pathname === "/" || name.includes("/static/"))
            .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)"""
    )
    assert 100_000 < n_bytes < MOST_BYTES


def test_every_module_is_fetched_early() -> None:
    listed = re.search(r'names = "([^"]+)"', (PAGE / "js" / "early.js").read_text("utf-8"))
    assert listed is not None
    modules = {path.stem for path in (PAGE / "js").glob("*.js")} - {"early"}
    assert set(listed[1].split()) == modules


def test_no_text_is_ever_parsed_as_html() -> None:
    parsing = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\.style\s*="
    )
    for path in PAGE.rglob("*.js"):
        assert not parsing.search(path.read_text(encoding="utf-8")), path.name
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.search(r'\sstyle="|\son\w+="|<style', html)


def test_scripts_in_titles_and_captions_stay_text(
    open_page: OpenPage, serve: Serve, lecture: Draft
) -> None:
    chapters = lecture.chapters
    named = Chapters.from_starts(chapters.starts, [EVIL] * len(chapters), chapters.duration)
    said = tuple(replace(each, text=EVIL) for each in lecture.sentences)
    media = replace(lecture.media, title=EVIL)
    page = open_page(serve(replace(lecture, media=media, chapters=named, sentences=said)).address)
    expect(page.locator("#words p").first).to_have_text(EVIL)
    expect(page.locator("#list .what").first).to_have_text(EVIL)
    page.click("#list .row-item:nth-child(2)")
    expect(page.locator("#why .says")).to_contain_text(EVIL)
    page.click("#publish")
    assert page.locator("img:not(.shot), script:not([src])").count() == 0
    assert page.title() == f"{EVIL} – chapterize"


def test_the_theme_is_chosen_and_kept(page: Page) -> None:
    def background() -> str:
        found: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return found

    light = background()
    page.click("#more")
    page.click("[data-theme-is=dark]")
    assert background() != light
    dark = background()
    page.reload()
    assert background() == dark
