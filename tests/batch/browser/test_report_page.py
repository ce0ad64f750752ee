"""The page of a batch in a browser: what it shows, with and without a mouse."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chapterize.batch.rows import ChapterRow, Reason, Row
from tests.batch.browser.conftest import ShowReport
from tests.batch.report_rows import ROOT, TITLES, a_row, failed, many_rows
from tests.review.browser.test_access import violations

pytestmark = pytest.mark.slow

IMAGE = (
    "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"  # one pixel
)
POOR = tuple(ChapterRow(200.0 * i, f"Part {i}", 0.1) for i in range(6))
WIDTHS = (320, 360, 390, 600, 760, 859, 860, 1024, 1099, 1100, 1440, 1920)


def some_rows() -> list[Row]:
    """A file of every kind."""
    return [
        a_row("week 1/a talk.mp4", seconds=61.0, thumbnail=IMAGE),
        a_row("week 1/long.mp4", duration=7200.0, seconds=600.0, notes=("the end is silent",)),
        a_row("week 2/poor.mp3", chapters=POOR, duration=1200.0, seconds=30.0),
        a_row("week 2/mine.mp4", "kept", reason=Reason("mine.vtt was changed", "it is yours")),
        a_row("week 2/old.mp4", "skipped", seconds=0.0),
        failed("week 2/broken.mp4"),
    ]


def names(page: Page) -> list[str]:
    found: list[str] = page.locator(".open-it").all_text_contents()
    return found


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent")
    return text


def test_what_to_look_at_comes_first(show_report: ShowReport) -> None:
    page = show_report(some_rows())
    expect(page.locator("h1")).to_have_text("Lectures")
    expect(page.locator("#facts")).to_contain_text(
        "26 chapters in 6 files · 3 h 20 min of media · "
    )
    assert names(page)[:3] == ["broken.mp4", "poor.mp3", "long.mp4"]
    tags = page.locator("tr.file .tag").all_text_contents()
    assert tags[:3] == ["Failed", "Low confidence", "Few chapters"]
    assert set(tags[3:]) == {"Done", "Kept"}
    expect(page.locator("tr.file.failed .why")).to_have_text("its index (moov) is missing")
    expect(page.locator(".image img")).to_have_count(1)
    expect(page.locator("tr.file.failed .image")).to_have_text("MP4")


def test_a_file_opens_to_its_chapters(show_report: ShowReport) -> None:
    page = show_report(some_rows())
    page.get_by_role("button", name="a talk.mp4").click()
    more = page.locator("tr.more")
    assert more.locator(".list time").all_text_contents() == [
        "0:00",
        "4:00",
        "8:00",
        "12:00",
        "16:00",
    ]
    assert more.locator(".list bdi").all_text_contents() == list(TITLES)
    assert more.locator(".list .percent").all_text_contents() == ["60 %", "50 %", "70 %", "40 %"]
    expect(more.locator("code")).to_have_text(f"chapterize review '{ROOT}/week 1/a talk.mp4'")
    page.get_by_role("button", name="a talk.mp4").click()
    expect(more).to_have_count(0)


def test_damage_is_named_in_the_row(show_report: ShowReport) -> None:
    page = show_report([a_row(faults=("The file is cut off.",), seconds=0.2)])
    expect(page.locator("tr.file .c-look")).to_have_text("Check the fileThe file is cut off.")
    expect(page.locator("tr.file .c-took")).to_have_text("< 1 s")


def test_what_an_interrupted_run_has_not_reached_is_counted(show_report: ShowReport) -> None:
    page = show_report([a_row("a.mp4"), Row(f"{ROOT}/b.mp4", "waiting")])
    expect(page.locator("#facts")).to_contain_text("5 chapters in 1 file, 1 not done yet")
    page.locator("[data-is=waiting]").first.click()
    assert names(page) == ["b.mp4"]
    page.click(".open-it")
    expect(page.locator(".side h2").first).to_have_text("Draft this file")


def test_a_failed_file_says_what_to_do(show_report: ShowReport) -> None:
    page = show_report(some_rows())
    page.locator("tr.file.failed").click()
    lines = page.locator(".problem p").all_text_contents()
    assert lines == [
        "cannot open the file (opening)",
        "its index (moov) is missing",
        "copy it again",
    ]
    expect(page.locator(".copy code")).to_have_text(f"chapterize draft '{ROOT}/week 2/broken.mp4'")


def test_the_command_and_the_chapters_can_be_copied(show_report: ShowReport) -> None:
    page = show_report(some_rows())
    page.get_by_role("button", name="a talk.mp4").click()
    page.get_by_role("button", name="Copy the command").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("chapterize review ")
    page.get_by_role("button", name="Copy chapters").click()
    expect(page.get_by_role("button", name="Copied")).to_have_count(1)
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert copied[:2] == ["0:00 Introduction", "4:00 Tides and the moon"]


@pytest.mark.parametrize(
    ("column", "first", "last"),
    [
        ("File", "a talk.mp4", "poor.mp3"),
        ("Chapters", "broken.mp4", "poor.mp3"),
        ("Confidence", "poor.mp3", "broken.mp4"),
        ("Length", "poor.mp3", "broken.mp4"),
        ("Took", "broken.mp4", "old.mp4"),
    ],
)
def test_columns_can_be_sorted(show_report: ShowReport, column: str, first: str, last: str) -> None:
    page = show_report(some_rows())
    header = page.get_by_role("columnheader", name=column)
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    assert (names(page)[0], names(page)[-1]) == (first, last)
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    assert names(page)[0] != first
    assert page.locator("th[aria-sort]").count() == 1


def test_files_can_be_filtered_and_searched(show_report: ShowReport) -> None:
    page = show_report(some_rows())
    page.locator("[data-is=failed]").first.click()
    assert names(page) == ["broken.mp4"]
    expect(page.locator("#found")).to_have_text("1 file of 6")
    page.locator("[data-is=look]").click()
    assert names(page) == ["poor.mp3", "long.mp4"]
    page.locator("[data-is=all]").click()
    page.fill("#find", "WEEK 2 moon")
    assert sorted(names(page)) == ["mine.mp4", "old.mp4"]
    page.fill("#find", "moov")
    assert names(page) == ["broken.mp4"]
    page.fill("#find", "nothing like this")
    expect(page.locator("#none")).to_be_visible()
    page.click("#reset")
    assert len(names(page)) == 6


def test_everything_can_be_done_with_keys(show_report: ShowReport) -> None:
    page = show_report(some_rows())
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the files"
    page.keyboard.press("/")
    page.keyboard.type("talk")
    assert names(page) == ["a talk.mp4"]
    page.keyboard.press("Escape")
    assert len(names(page)) == 6
    for _ in range(3):
        page.keyboard.press("Tab")
    assert focused(page) == "Look at first"
    page.keyboard.press("Enter")
    assert names(page)[-1] == "broken.mp4"
    for _ in range(5):
        page.keyboard.press("Tab")
    name = focused(page)
    assert name == names(page)[0]
    page.keyboard.press("Enter")
    expect(page.locator("tr.more")).to_have_count(1)
    assert focused(page) == name
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid"


def test_all_chapters_can_be_shown_at_once(show_report: ShowReport) -> None:
    page = show_report(some_rows())
    page.get_by_role("button", name="Show all chapters").click()
    expect(page.locator("tr.more")).to_have_count(6)
    page.get_by_role("button", name="Show all chapters").click()
    expect(page.locator("tr.more")).to_have_count(0)


def test_text_stays_text(show_report: ShowReport) -> None:
    evil = "</script><img src=x onerror=\"document.title='bad'\">"
    row = a_row(
        "<b>bold<b>.mp4",
        chapters=(ChapterRow(0.0, evil),),
        notes=(evil,),
        reason=Reason(evil, evil, evil),
    )
    page = show_report([row, a_row("javascript:alert(1).mp4")])
    page.get_by_role("button", name="Show all chapters").click()
    expect(page.locator(".list bdi", has_text="onerror")).to_have_text(evil)
    assert page.title() == "Lectures: 6 chapters in 2 files"
    assert page.locator("img").count() == 0


def test_the_page_asks_for_nothing(show_report: ShowReport, open_page: Any) -> None:
    page = show_report(some_rows())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_selector("body[data-state=ready]")
    page.get_by_role("button", name="Show all chapters").click()
    assert [url for url in asked if not url.startswith("data:")] == [page.url]


def test_without_scripts_the_table_is_plain(show_report: ShowReport) -> None:
    page = show_report(some_rows(), java_script_enabled=False, waits=False)
    expect(page.locator("table.plain tbody tr")).to_have_count(6)
    expect(page.locator("table.plain")).to_contain_text("4:00 Tides and the moon")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_axe_finds_nothing(show_report: ShowReport, width: int, theme: str) -> None:
    page = show_report(some_rows(), size=(width, 900), color_scheme=theme)
    assert not violations(page)
    page.click("#all")
    assert not violations(page)
    page.locator("[data-is=failed]").first.click()
    assert not violations(page)
    page.fill("#find", "nothing like this")
    assert not violations(page)


def test_nothing_is_cut_off_at_any_width(show_report: ShowReport) -> None:
    long = a_row(f"{'week/' * 20}{'averylongnamewithoutspaces' * 5}.mp4", faults=("cut off",))
    page = show_report([*some_rows(), long])
    page.click("#all")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        wide = page.evaluate(
            """() => [...document.querySelectorAll("td, th, .names, .list li, .states button")]
                .filter((each) => each.offsetParent && each.scrollWidth > each.clientWidth + 1)
                .map((each) => each.className || each.tagName)"""
        )
        assert wide == [], width


def test_on_paper_all_files_are_there_and_no_controls(show_report: ShowReport) -> None:
    page = show_report(many_rows(130))
    assert len(names(page)) == 100
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(names(page)) == 130
    for control in ("#find", "#pages", "#all", ".skip"):
        expect(page.locator(control)).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert len(names(page)) == 100


def test_ten_thousand_files_stay_usable(show_report: ShowReport) -> None:
    page = show_report(many_rows(10_000))

    def timed(act: Any) -> float:
        start = time.monotonic()
        act()
        page.evaluate("() => new Promise(requestAnimationFrame)")
        return time.monotonic() - start

    expect(page.locator("#at")).to_have_text("1–100 of 10,000")
    page.click("#on")
    expect(page.locator("#at")).to_have_text("101–200 of 10,000")
    # They take a tenth of this on an idle machine.
    assert timed(lambda: page.click("th[data-key=file] button")) < 3.0
    assert timed(lambda: page.fill("#find", "moon 4321")) < 3.0
    assert names(page) == ["04321 lecture.mp4"]
    page.fill("#find", "")
    page.locator("[data-is=failed]").first.click()
    expect(page.locator("#at")).to_have_text("1–100 of 500")
    assert re.fullmatch(r"\d+", str(page.evaluate("document.querySelectorAll('*').length")))
    assert page.evaluate("document.querySelectorAll('*').length") < 5000
