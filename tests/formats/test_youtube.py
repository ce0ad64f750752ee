from __future__ import annotations

import pytest

from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import text_lists, youtube

DESCRIPTION = """\
My talk at the meet-up, recorded 2024-05-01 at 19:30 in room 2:01.
Slides: https://example.org/?t=0:30

Chapters:
0:00 Intro
• 00:45 - Why it matters
(1:02:03) Late part: the end
[1:10:00] – Questions
▶️ 1:20:00 | Outro 5:00
Follow me!
"""


def rows(text: str) -> list[tuple[float, str]]:
    return [(mark.start, mark.title) for mark in text_lists.scan(text).marks]


def test_a_list_inside_a_longer_description_is_found_and_nothing_else() -> None:
    assert rows(DESCRIPTION) == [
        (0, "Intro"),
        (45, "Why it matters"),
        (3723, "Late part: the end"),
        (4200, "Questions"),
        (4800, "Outro 5:00"),
    ]
    assert [mark.line for mark in text_lists.scan(DESCRIPTION).marks] == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("row", "start", "title"),
    [
        ("0:00 Title", 0, "Title"),
        ("00:00:05 Title", 5, "Title"),
        ("1. 0:05 Title", 5, "Title"),
        ("12) 0:05 Title", 5, "Title"),
        ("- 0:05 Title", 5, "Title"),
        ("* 0:05: Title", 5, "Title"),
        ("0:05—Title", 5, "Title"),
        ("0:05 — Title", 5, "Title"),
        ("0:05 Title - part 2", 5, "Title - part 2"),
        ("0:05.5 Title", 5.5, "Title"),
        ("90:00 Title", 5400, "Title"),
        ("⌨️ (0:05) Title", 5, "Title"),
        ("0:05", 5, ""),
        ("0:05 - 2nd try", 5, "2nd try"),
    ],
)
def test_what_people_write_is_read(row: str, start: float, title: str) -> None:
    assert rows(row) == [(start, title)]


def test_a_range_gives_the_end_too() -> None:
    (mark,) = text_lists.scan("0:05 - 1:30 Title").marks
    assert (mark.start, mark.end, mark.title) == (5, 90, "Title")


def test_times_after_the_titles_are_read_when_no_line_begins_with_one() -> None:
    text = "Intro 0:00\nThe middle - 10:15\nThe end (1:02:03)\nno time here\nratio16:9\n"
    assert rows(text) == [(0, "Intro"), (615, "The middle"), (3723, "The end")]


@pytest.mark.parametrize("row", ["0:05pm Title", "x 0:05 Title", "1:2 Title"])
def test_what_only_looks_like_a_time_is_not_read(row: str) -> None:
    assert rows("0:00 a\n" + row) == [(0, "a")]


def test_a_time_that_no_clock_shows_is_refused_with_its_line() -> None:
    with pytest.raises(FormatError, match="line 2") as caught:
        text_lists.scan("0:00 a\n3:75 b")
    assert caught.value.line == 2


def test_a_time_below_zero_is_refused_with_its_line() -> None:
    with pytest.raises(FormatError, match=r"below 0, line 2"):
        text_lists.scan("0:00 a\n-0:05 b")


def test_long_lines_of_noise_take_no_time() -> None:
    noise = "\n".join([">" * 5000, " " * 100_000, "- " * 490 + "x", "a:" * 490, "1:" * 499])
    assert rows(noise + "\n0:00 a") == [(0, "a")]


def test_the_list_shows_whole_seconds_rounded_down() -> None:
    chapters = Chapters.from_starts([0, 59.999, 3600.5], ["a", "b", "c"], 4000)
    assert youtube.dumps(chapters) == "0:00 a\n0:59 b\n1:00:00 c\n"


def test_line_breaks_in_a_title_become_spaces() -> None:
    chapters = Chapters.from_starts([0], ["two\n1:00 lines\x00"], 10)
    assert youtube.dumps(chapters) == "0:00 two 1:00 lines\n"


@pytest.mark.parametrize(
    ("titles", "starts", "fault"),
    [
        (["a", "b <i>"], [0, 20], "angle|< or >"),
        (["a", " \n"], [0, 20], "no title"),
        (["a", "b"], [0, 0.9], "same second"),
        (["a" * 2000, "é" * 1600], [0, 20], "5000 bytes"),
    ],
)
def test_what_youtube_would_not_take_is_refused_with_its_line(
    titles: list[str], starts: list[float], fault: str
) -> None:
    with pytest.raises(FormatError, match=fault) as caught:
        youtube.dumps(Chapters.from_starts(starts, titles, 100))
    assert caught.value.line == 2


def test_exactly_five_thousand_bytes_pass() -> None:
    chapters = Chapters.from_starts([0], ["x" * (youtube.MAX_BYTES - 5)], 100)
    assert len(youtube.dumps(chapters).rstrip("\n")) == youtube.MAX_BYTES
