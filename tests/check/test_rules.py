"""Rules that rows break, by platform."""

from __future__ import annotations

import math

import pytest

from chapterize import formats
from chapterize.check import PLATFORMS, check, fix
from chapterize.data import Mark
from chapterize.errors import InputError
from tests.check.rows import marks


def rules(rows: list[Mark], platform: str, duration: float | None = None) -> list[str]:
    return [finding.rule for finding in check(rows, platform, duration=duration)]


GOOD = marks((0, "a"), (30, "b"), (60, "c"))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_good_list_breaks_no_rule_anywhere(platform: str) -> None:
    assert check(GOOD, platform, duration=90) == ()


@pytest.mark.parametrize(
    ("rows", "rule", "chapter"),
    [
        (marks((0, "a"), (30, "b")), "youtube-at-least-3", None),
        (marks((5, "a"), (30, "b"), (60, "c")), "youtube-first-at-zero", 1),
        (marks((0, "a"), (60, "b"), (30, "c")), "youtube-ascending", 3),
        (marks((0, "a"), (30, "b"), (39.99, "c")), "youtube-min-length", 2),
        (marks((0, "a"), (30, "b"), (81, "c")), "youtube-min-length", 3),
        (marks((0, "a"), (30.1, "b"), (30.9, "c")), "youtube-distinct-times", 2),
        (marks((0, "a"), (30, "b"), (90, "c")), "youtube-within-duration", 3),
        (marks((0, "a"), (30, "b > c"), (60, "c")), "youtube-title-characters", 2),
        (marks((0, "a"), (30, " "), (60, "c")), "youtube-title-empty", 2),
        (marks((0, "a"), (30, "b\nb"), (60, "c")), "youtube-title-one-line", 2),
        (marks((0, "a"), (30, "b" * 50), (60, "c")), "youtube-title-49", 2),
        (marks((0, "a"), (30, "b" * 71), (60, "c")), "youtube-title-70", 2),
        (marks((0, "a"), (-3, "b"), (60, "c")), "youtube-not-negative", 2),
    ],
)
def test_every_youtube_rule_is_reported_where_it_is_broken(
    rows: list[Mark], rule: str, chapter: int | None
) -> None:
    found = {f.rule: f for f in check(rows, "youtube", duration=90)}
    assert found[rule].chapter == chapter
    assert found[rule].line == chapter
    assert found[rule].message
    assert found[rule].fix


@pytest.mark.parametrize(
    ("platform", "rows", "rule", "is_warning"),
    [
        ("spotify", marks((0, "a"), (30, "b"), (59, "c")), "min-length", False),
        ("spotify", marks((0, "a"), (30, "b <i>"), (60, "c")), "title-characters", False),
        ("spotify", marks((0, "a"), (30, "b \U0001f389"), (60, "c")), "title-emoji", False),
        ("spotify", marks((0, "a"), (30, "b" * 40), (60, "c")), "title-39", False),
        ("spotify", marks((0, "a"), (30, "b <i>"), (60, "c")), "title-html", False),
        ("spotify", marks((0, "a"), (30, "b &amp; c"), (60, "c")), "title-html", False),
        ("spotify", marks((0, "a"), (30, "b\u202e"), (60, "c")), "title-invisible", True),
        ("mp4", marks((0, "a"), (30, "b\u200b"), (60, "c")), "title-invisible", True),
        ("youtube", marks((0, "a"), (30, "\u2060"), (60, "c")), "title-empty", False),
        ("spotify", marks((0, "a"), (30, "b")), "at-least-3", False),
        ("apple", marks((0, "a"), (30, "b"), (60, "c"), (75, "d")), "per-hour", True),
        ("apple", marks((0, "a"), (30, "one two three four five"), (60, "c")), "title-words", True),
        ("apple", marks((5, "a"), (30, "b"), (60, "c")), "first-at-zero", False),
    ],
)
def test_the_rules_of_podcast_platforms_are_reported(
    platform: str, rows: list[Mark], rule: str, is_warning: bool
) -> None:
    found = {f.rule: f for f in check(rows, platform, duration=90)}
    assert found[f"{platform}-{rule}"].is_warning == is_warning


def test_apple_advises_six_chapters_an_hour() -> None:
    rows = marks(*((600 * n, str(n)) for n in range(13)))
    assert rules(rows[:12], "apple", 7200) == []
    assert rules(rows, "apple", 7200) == ["apple-within-duration", "apple-per-hour"][::-1]


@pytest.mark.parametrize("title", ["5 ★ tips", "C♯ and B♭", "日本語 – 50 % → 60 %", "© 2026"])
def test_signs_of_text_are_no_emoji(title: str) -> None:
    assert rules(marks((0, "a"), (30, title), (60, "c")), "spotify", 90) == []


@pytest.mark.parametrize("title", ["☕ break", "👩\u200d💻 code", "❤\ufe0f", "🇨🇳", "👍🏽"])
def test_emoji_are_found_whole_and_removed(title: str) -> None:
    rows = marks((0, "a"), (30, f"{title} end"), (60, "c"))
    assert rules(rows, "spotify", 90) == ["spotify-title-emoji"]
    fixed = fix(rows, "spotify", 90).chapters.titles[1]
    assert fixed in ("end", "break end", "code end")


def test_only_title_widths_are_warnings() -> None:
    rows = marks((0, "a"), (30, "b" * 50), (60, "c" * 71), (75, "<"))
    found = {f.rule: f.is_warning for f in check(rows, "youtube", duration=90)}
    assert found == {
        "youtube-title-49": True,
        "youtube-title-70": True,
        "youtube-title-characters": False,
    }


def test_the_byte_limit_counts_bytes_and_not_characters() -> None:
    rows = marks(*((30 * n, "é" * 50) for n in range(46)))
    assert rules(rows, "youtube").count("youtube-bytes") == 0
    rows = marks(*((30 * n, "é" * 55) for n in range(46)))
    assert rules(rows, "youtube").count("youtube-bytes") == 1


def test_without_a_duration_the_last_chapter_is_not_checked() -> None:
    assert check(marks((0, "a"), (30, "b"), (60, "c")), "youtube") == ()


def test_mp4_counts_entries_and_title_bytes() -> None:
    rows = marks(*((n, "t") for n in range(256)))
    assert rules(rows, "mp4") == ["mp4-at-most-255"]
    assert rules(marks((0, "é" * 120)), "mp4") == []
    assert rules(marks((0, "é" * 121)), "mp4") == ["mp4-title-bytes"]
    # The QuickTime track holds them.
    found = (*check(rows, "mp4"), *check(marks((0, "é" * 121)), "mp4"))
    assert all(finding.is_warning and "Nero list" in finding.message for finding in found)
    assert rules(marks((5, "a")), "mp4") == ["mp4-first-at-zero"]
    assert rules(marks((5, "a")), "matroska") == []


def test_a_list_without_chapters_breaks_only_the_rules_on_their_number() -> None:
    assert rules([], "youtube", duration=90) == ["youtube-at-least-3"]
    assert rules([], "mp4") == ["mp4-at-least-1"]


def test_webvtt_titles_contain_no_arrow() -> None:
    assert rules(marks((0, "a --> b")), "webvtt") == ["webvtt-title-characters"]


def test_faults_of_a_pasted_list_are_found_with_their_lines() -> None:
    listing = formats.scan("My list\n\n0:05 a\n2:00 b\n1:00 c\n", "youtube")
    found = check(listing.marks, "youtube", duration=300)
    assert [(f.rule, f.line) for f in found] == [
        ("youtube-first-at-zero", 3),
        ("youtube-ascending", 5),
    ]


def test_unknown_platforms_and_impossible_times_are_input_errors() -> None:
    with pytest.raises(InputError, match="no rules for 'vimeo'") as caught:
        check(GOOD, "vimeo")
    assert "youtube" in caught.value.hint
    for duration in (0, -1, math.nan, math.inf):
        with pytest.raises(InputError, match="a duration of"):
            check(GOOD, "youtube", duration=duration)
    with pytest.raises(InputError, match="not a finite number"):
        check(marks((math.nan, "a")), "youtube")
