from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize import formats
from chapterize.check import PLATFORMS, check, fix
from chapterize.data import Mark
from chapterize.errors import InputError


def marks(*rows: tuple[float, str]) -> list[Mark]:
    return [Mark(start, title, None, line) for line, (start, title) in enumerate(rows, 1)]


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
def test_every_youtube_rule_is_found_where_it_is_broken(
    rows: list[Mark], rule: str, chapter: int | None
) -> None:
    found = {f.rule: f for f in check(rows, "youtube", duration=90)}
    assert found[rule].chapter == chapter
    assert found[rule].line == chapter
    assert found[rule].message
    assert found[rule].fix


def test_widths_are_warnings_and_the_rest_are_not() -> None:
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


def test_without_a_duration_nothing_is_said_about_the_last_chapter() -> None:
    assert check(marks((0, "a"), (30, "b"), (60, "c")), "youtube") == ()


def test_mp4_counts_entries_and_title_bytes() -> None:
    rows = marks(*((n, "t") for n in range(256)))
    assert rules(rows, "mp4") == ["mp4-at-most-255"]
    assert rules(marks((0, "é" * 120)), "mp4") == []
    assert rules(marks((0, "é" * 121)), "mp4") == ["mp4-title-bytes"]
    assert rules(marks((5, "a")), "mp4") == ["mp4-first-at-zero"]
    assert rules(marks((5, "a")), "matroska") == []


def test_webvtt_titles_hold_no_arrow() -> None:
    assert rules(marks((0, "a --> b")), "webvtt") == ["webvtt-title-characters"]
    assert fix(marks((0, "a --> b")), "webvtt", 10).chapters.titles == ("a → b",)


def test_raw_faults_of_a_pasted_list_are_seen() -> None:
    listing = formats.scan("My list\n\n0:05 a\n2:00 b\n1:00 c\n", "youtube")
    found = check(listing.marks, "youtube", duration=300)
    assert [(f.rule, f.line) for f in found] == [
        ("youtube-first-at-zero", 3),
        ("youtube-ascending", 5),
    ]


def test_an_unknown_platform_and_times_that_are_none_are_input_errors() -> None:
    with pytest.raises(InputError, match="no rules for 'vimeo'") as caught:
        check(GOOD, "vimeo")
    assert "youtube" in caught.value.hint
    for duration in (0, -1, math.nan, math.inf):
        with pytest.raises(InputError, match="a duration of"):
            check(GOOD, "youtube", duration=duration)
    with pytest.raises(InputError, match="no finite time"):
        check(marks((math.nan, "a")), "youtube")
    with pytest.raises(InputError, match="starts at -1"):
        fix(marks((0, "a"), (-1, "b")), "youtube", 90)
    with pytest.raises(InputError, match="no chapter lies inside"):
        fix(marks((100, "a")), "youtube", 90)


def test_fixing_merges_sorts_moves_and_leaves_out_and_says_so() -> None:
    rows = marks((4, "Welcome"), (60, "Late"), (30, "Middle"), (35, "Blink"), (95, "Past"))
    fixed = fix(rows, "youtube", 90)
    assert fixed.chapters.starts == (0, 35, 60)
    assert fixed.chapters.titles == ("Welcome", "Blink", "Late")
    assert len(fixed.notes) == 4
    assert "'Past' at 1:35 was left out" in fixed.notes[0]
    assert "in order" in fixed.notes[1]
    assert "from 0:04 to 0:00" in fixed.notes[2]
    assert "'Middle' at 0:30 was merged with 'Welcome'" in fixed.notes[3]


def test_a_short_first_chapter_takes_the_longer_neighbours_title() -> None:
    fixed = fix(marks((0, "Hm"), (3, "Topic"), (50, "b"), (70, "c")), "youtube", 90)
    assert list(zip(fixed.chapters.starts, fixed.chapters.titles, strict=True)) == [
        (0, "Topic"),
        (50, "b"),
        (70, "c"),
    ]


def test_titles_are_cut_at_a_word() -> None:
    long = "A chapter about the many ways in which a title can be far too long for anyone"
    title = fix(marks((0, long)), "youtube", 90).chapters.titles[0]
    assert title == "A chapter about the many ways in which a title can be far too long…"
    assert len(title) <= 70
    for word in ("é" * 200, "語" * 100):
        cut = fix(marks((0, word)), "mp4", 90).chapters.titles[0]
        assert 230 < len(cut.encode()) <= 240
        assert word.startswith(cut[:-1])


def test_fixing_never_invents_chapters_or_titles() -> None:
    fixed = fix(marks((0, "only"), (30, "")), "youtube", 90)
    assert fixed.chapters.titles == ("only", "")
    left = {f.rule for f in check(formats.marks_of(fixed.chapters), "youtube", duration=90)}
    assert left == {"youtube-at-least-3", "youtube-title-empty"}


def test_a_list_over_the_byte_limit_is_shortened_until_it_fits() -> None:
    rows = marks(*((30 * n, "many words é " * 5) for n in range(80)))
    fixed = fix(rows, "youtube", 30 * 80)
    assert check(formats.marks_of(fixed.chapters), "youtube", duration=2400) == ()
    assert len(fixed.chapters) == 80


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 400_000), st.text(st.characters(exclude_categories=["Cs"]))),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(sorted(PLATFORMS)),
)
def test_what_is_called_fixable_is_gone_after_fixing(
    raw: list[tuple[int, str]], platform: str
) -> None:
    rows = marks(*((ms / 1000, title) for ms, title in raw), (0.5, "one inside"))
    fixed = fix(rows, platform, 300.25)
    again = check(formats.marks_of(fixed.chapters), platform, duration=300.25)
    assert [f for f in again if f.is_fixable] == []
    assert len(fixed.chapters) <= len(rows)
    assert fix(formats.marks_of(fixed.chapters), platform, 300.25).chapters == fixed.chapters
