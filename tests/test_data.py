"""The values that flow through the house."""

from __future__ import annotations

import dataclasses
import inspect
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapterize import data
from chapterize.data import Chapters, Media
from chapterize.errors import InputError


def test_chapters_tile_the_whole_duration() -> None:
    found = Chapters.from_starts((0.0, 10.0, 25.5), ("One", "Two", "Three"), 60.0)
    assert [(c.start, c.end, c.title) for c in found.chapters] == [
        (0.0, 10.0, "One"),
        (10.0, 25.5, "Two"),
        (25.5, 60.0, "Three"),
    ]
    assert found.starts == (0.0, 10.0, 25.5)
    assert found.titles == ("One", "Two", "Three")
    assert (len(found), found.duration) == (3, 60.0)


def test_the_first_chapter_begins_where_the_viewer_does() -> None:
    assert Chapters.from_starts((3.2, 10.0), ("One", "Two"), 20.0).starts == (0.0, 10.0)


def test_times_are_rounded_once_to_the_millisecond() -> None:
    found = Chapters.from_starts((0.0, 1.23456, 2.0004), ("a", "b", "c"), 9.99951)
    assert found.starts == (0.0, 1.235, 2.0)
    assert found.duration == 10.0
    assert found.chapters[-1].end == found.duration


@pytest.mark.parametrize(
    ("starts", "titles", "duration"),
    [
        ((), (), 10.0),
        ((0.0, 1.0), ("One",), 10.0),
        ((0.0, 5.0, 5.0), ("a", "b", "c"), 10.0),
        ((0.0, 5.0, 5.0004), ("a", "b", "c"), 10.0),
        ((0.0, 5.0, 4.0), ("a", "b", "c"), 10.0),
        ((0.0, 10.0), ("a", "b"), 10.0),
        ((0.0,), ("a",), 0.0),
        ((0.0, -1.0), ("a", "b"), 10.0),
    ],
)
def test_chapters_that_cannot_be_are_refused(
    starts: tuple[float, ...], titles: tuple[str, ...], duration: float
) -> None:
    with pytest.raises(InputError) as caught:
        Chapters.from_starts(starts, titles, duration)
    assert caught.value.why


def test_the_empty_chapter_is_named() -> None:
    with pytest.raises(InputError, match="chapter 2 \\('Two'\\) would be empty"):
        Chapters.from_starts((0.0, 5.0, 5.0), ("One", "Two", "Three"), 10.0)


@given(st.sets(st.integers(1, 99_999), max_size=20))
def test_chapters_of_any_starts_have_no_gap_and_no_overlap(marks_ms: set[int]) -> None:
    starts = (0.0, *(mark / 1000 for mark in sorted(marks_ms)))
    found = Chapters.from_starts(starts, [str(start) for start in starts], 100.0).chapters
    assert (found[0].start, found[-1].end) == (0.0, 100.0)
    assert all(before.end == after.start for before, after in pairwise(found))
    assert all(chapter.start < chapter.end for chapter in found)


def test_media_has_audio_when_it_says_where_it_begins() -> None:
    media = Media(Path("a.mp4"), "mp4", 1.0, 1, has_video=True)
    assert not media.has_audio
    assert dataclasses.replace(media, audio_start=0.0).has_audio


def test_every_value_is_frozen_and_has_a_docstring() -> None:
    values = [
        value
        for _, value in inspect.getmembers(data, inspect.isclass)
        if value.__module__ == data.__name__
    ]
    assert len(values) >= 12
    for value in values:
        assert dataclasses.is_dataclass(value)
        assert vars(value)["__dataclass_params__"].frozen, value
        assert value.__name__ in data.__all__
        # A dataclass without a docstring gets its signature for one.
        assert not (value.__doc__ or "").startswith(f"{value.__name__}("), value
