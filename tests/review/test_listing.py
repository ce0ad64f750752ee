"""Chapters as text: platform rules, formats, and pasted lists."""

from __future__ import annotations

import pytest

from chapterize import formats
from chapterize.check import PLATFORMS
from tests.review.browser_double import Browser
from tests.review.conftest import rows


def retitled(browser: Browser, titles: list[str], starts: list[float]) -> None:
    pairs = zip(starts, titles, strict=True)
    mine = [{"start": start, "title": title} for start, title in pairs]
    version = browser.review.api.project.version
    assert browser.put("/api/chapters", {"chapters": mine}, version).status == 200


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_platform_can_be_checked_and_its_text_is_accepted(
    browser: Browser, platform: str
) -> None:
    retitled(browser, ["A", "b <x>", "c --> c", "d" * 300], [0, 4, 60, 120])
    found = browser.get(f"/api/check?platform={platform}").json
    assert len(found["fixed"]["chapters"]) == len(found["text"].splitlines())
    fixable = [each for each in found["left"] if each["is_fixable"]]
    assert fixable == []


def test_broken_rules_name_the_chapter_and_the_way_out(browser: Browser) -> None:
    retitled(browser, ["A", "b", "c", "d"], [0, 4, 60, 120])
    found = browser.get("/api/check?platform=youtube").json
    assert found["ok"] is False
    (problem,) = {each["rule"]: each for each in found["problems"]}.values()
    assert problem["rule"] == "youtube-min-length"
    assert problem["chapter"] == 1
    assert problem["message"]
    assert problem["fix"]
    assert found["fixed"]["changes"]
    assert found["text"] == "0:00 b\n1:00 c\n2:00 d\n"


def test_a_list_that_needs_no_correction_is_copied_as_it_is(browser: Browser) -> None:
    found = browser.get("/api/check").json
    assert (found["ok"], found["problems"], found["fixed"]["changes"]) == (True, [], [])
    assert found["text"].startswith("0:00 ")


def test_podcast_platforms_get_two_digits_before_the_colon(browser: Browser) -> None:
    for platform in ("spotify", "apple"):
        text = browser.get(f"/api/check?platform={platform}").json["text"]
        assert all(line[:2].isdigit() and line[2] == ":" for line in text.splitlines())


@pytest.mark.parametrize("platform", ["youtube", "spotify"])
def test_a_list_that_is_too_long_is_a_finding_and_no_failure(
    browser: Browser, platform: str
) -> None:
    starts = [0.0, *(10.0 + n / 2 for n in range(450))]
    retitled(browser, [f"{n} {'x' * 40}" for n in range(451)], starts)
    found = browser.get(f"/api/check?platform={platform}").json
    assert found["text"].startswith("0")
    assert len(found["fixed"]["chapters"]) < 451


def test_a_list_with_a_missing_title_has_no_text(browser: Browser) -> None:
    retitled(browser, ["A", "", "c"], [0, 60, 120])
    found = browser.get("/api/check").json
    assert (found["ok"], found["text"]) == (False, "")
    assert [each["chapter"] for each in found["left"]] == [2]


def test_an_unknown_platform_is_an_error(browser: Browser) -> None:
    assert browser.get("/api/check?platform=none").status == 400


@pytest.mark.parametrize("name", formats.FORMATS)
def test_the_chapters_come_in_every_format_under_a_safe_name(browser: Browser, name: str) -> None:
    answer = browser.get(f"/api/text?format={name}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    suffix = formats.SUFFIXES[name]
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''talk{suffix}"
    if name in formats.READABLE:
        read = formats.loads(answer.content.decode(), name, duration=240.0).chapters
        assert len(read) == 6


def test_an_unknown_format_is_an_error(browser: Browser) -> None:
    assert browser.get("/api/text?format=exe").status == 400


def test_a_pasted_list_is_read_in_any_format_and_not_saved(browser: Browser) -> None:
    vtt = browser.get("/api/text?format=webvtt").content.decode()
    for text in ("0:00 a\n1:00 b <i>\n", vtt):
        found = browser.post("/api/paste", {"text": text}).json
        assert found["chapters"][0]["start"] == 0
    assert browser.get("/api/status").json["version"] == 1
    late = browser.post("/api/paste", {"text": "0:05 a\n1:00 b\n"}).json
    assert [each["title"] for each in late["chapters"]] == ["a", "b"]
    assert late["notes"]
    assert len(rows(browser.review.api.project)) == 6


@pytest.mark.parametrize("text", ["", "no chapters", None, 7, "99:00 too late"])
def test_a_list_that_cannot_be_read_is_an_error(browser: Browser, text: object) -> None:
    assert browser.post("/api/paste", {"text": text}).status == 400
