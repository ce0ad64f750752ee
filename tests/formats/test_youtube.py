"""The list under a video, as it is written."""

from __future__ import annotations

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import youtube


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


@pytest.mark.parametrize(
    "title",
    [
        "- dash",
        "to 5:00 and back",
        "~ 5:00",
        ", 5:00",
        "; x",
        ", comma",
        "… 5:00",
        "bis 1:00",
        "#2",
    ],
)
def test_a_title_that_starts_like_a_separator_comes_back(title: str) -> None:
    chapters = Chapters.from_starts([0, 60], ["a", title], 900)
    text = youtube.dumps(chapters)
    assert formats.loads(text, "youtube", duration=900).chapters.titles == ("a", title)
