from __future__ import annotations

import pytest

from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import ogm


def test_the_text_is_what_other_tools_write() -> None:
    chapters = Chapters.from_starts([0, 3661.25], ["a", "b\nc"], 4000)
    assert ogm.dumps(chapters) == (
        "CHAPTER01=00:00:00.000\nCHAPTER01NAME=a\nCHAPTER02=01:01:01.250\nCHAPTER02NAME=b c\n"
    )


def test_names_may_come_first_or_be_missing() -> None:
    text = "CHAPTER01NAME=a = b\nchapter01=00:00:00,000\n\nCHAPTER02=00:00:05.000\n"
    assert ogm.loads(text, duration=9).chapters.titles == ("a = b", "")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("CHAPTER01=00:00:00.000\nhello\n", 2),
        ("CHAPTER01=soon\n", 1),
        ("CHAPTER01=-00:00:01.000\n", 1),
        ("CHAPTER01=00:00:00.000\nCHAPTER02NAME=x\n", 2),
        ("CHAPTER01=00:00:00.000\nCHAPTER01=00:00:01.000\n", 2),
    ],
)
def test_a_broken_file_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        ogm.loads(text, duration=60)
    assert caught.value.line == line


def test_more_than_999_chapters_are_refused() -> None:
    many = Chapters.from_starts(list(range(1000)), ["x"] * 1000, 2000)
    with pytest.raises(FormatError, match="1000 chapters, line 1999"):
        ogm.dumps(many)
