"""Corrections that invent nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize import formats
from chapterize.check import PLATFORMS, check, fix
from chapterize.errors import InputError
from tests.check.rows import marks


def test_fixing_merges_sorts_moves_and_drops_rows_and_reports_it() -> None:
    rows = marks((4, "Welcome"), (60, "Late"), (30, "Middle"), (35, "Blink"), (95, "Past"))
    fixed = fix(rows, "youtube", 90)
    assert fixed.chapters.starts == (0, 35, 60)
    assert fixed.chapters.titles == ("Welcome", "Blink", "Late")
    assert len(fixed.notes) == 4
    assert "'Past' at 1:35 was left out" in fixed.notes[0]
    assert "sorted by time" in fixed.notes[1]
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
def test_nothing_fixable_is_left_after_fixing(raw: list[tuple[int, str]], platform: str) -> None:
    rows = marks(*((ms / 1000, title) for ms, title in raw), (0.5, "one inside"))
    fixed = fix(rows, platform, 300.25)
    again = check(formats.marks_of(fixed.chapters), platform, duration=300.25)
    assert [f for f in again if f.is_fixable] == []
    assert len(fixed.chapters) <= len(rows)
    assert fix(formats.marks_of(fixed.chapters), platform, 300.25).chapters == fixed.chapters


def test_a_webvtt_arrow_is_replaced() -> None:
    assert fix(marks((0, "a --> b")), "webvtt", 10).chapters.titles == ("a → b",)


def test_rows_that_no_correction_can_save_are_input_errors() -> None:
    with pytest.raises(InputError, match="starts at -1"):
        fix(marks((0, "a"), (-1, "b")), "youtube", 90)
    with pytest.raises(InputError, match="no chapter is inside"):
        fix(marks((100, "a")), "youtube", 90)


def test_html_is_removed_where_a_platform_shows_it_as_it_is() -> None:
    titles = ("<b>Kiln</b> &amp; wax", "List<int> and AT&T", "a<br/>b")
    rows = marks(*((30 * n, title) for n, title in enumerate(titles)))
    fixed = fix(rows, "spotify", 120).chapters.titles
    assert fixed == ("Kiln & wax", "List‹int› and AT&T", "ab")


def test_what_nobody_sees_is_removed_for_every_platform() -> None:
    rows = marks((0, "a\u202e\u200bb"), (30, "b"), (60, "c"))
    assert fix(rows, "matroska", 90).chapters.titles[0] == "ab"


def test_a_title_is_not_cut_inside_what_a_reader_sees_as_one_character() -> None:
    family = "👨\u200d👩\u200d👧"
    rows = marks((0, "x" * 229 + family), (30, "b"), (60, "c"))
    assert fix(rows, "mp4", 90).chapters.titles[0] == "x" * 229 + "…"
