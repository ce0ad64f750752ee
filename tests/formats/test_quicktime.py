"""QuickTime text with chapters."""

from __future__ import annotations

import pytest

from chapterize import formats
from chapterize.errors import FormatError

ROWS = "[00:00:00.000]\nKiln\n[00:06:40.250]\nWax\n[00:12:05.500]\nFiring\n[00:19:00.000]\n"
HEADER = "{QTtext}{timeStamps:absolute}{timeScale:1000}\n"


@pytest.mark.parametrize("text", [HEADER + ROWS, ROWS])
def test_times_and_titles_and_the_end_are_read(text: str) -> None:
    assert formats.recognise(text) == "quicktime"
    parsed = formats.loads(text)
    assert parsed.chapters.starts == (0, 400.25, 725.5)
    assert parsed.chapters.titles == ("Kiln", "Wax", "Firing")
    assert parsed.chapters.duration == 1140


def test_the_time_scale_counts_units_of_a_second_and_braces_are_left_out() -> None:
    text = (
        "{QTtext} {font:Tahoma}\n{plain} {size:20}\n{timeScale:30}\n{timeStamps:absolute}\n"
        "[00:00:00.00]\n{bold}Kiln\n[00:06:40.15]\nWax\nand resist\n[00:19:00.00]\n"
    )
    marks = formats.scan(text).marks
    assert [(m.start, m.title) for m in marks] == [(0, "Kiln"), (400.5, "Wax and resist")]


def test_more_units_than_the_time_scale_has_are_decimals() -> None:
    text = "{QTtext}{timeScale:100}\n[00:00:00.000]\nKiln\n[00:06:40.250]\nWax\n"
    assert formats.scan(text).marks[1].start == 400.25


def test_relative_times_add_up() -> None:
    text = "{QTtext}{timeStamps:relative}\n[00:00:00.0]Kiln\n[00:06:40.0]Wax\n[00:05:25.0]Firing\n"
    assert [m.start for m in formats.scan(text).marks] == [0, 400, 725]


def test_captions_and_a_file_without_times_are_refused() -> None:
    said = "".join(f"[00:00:{n * 4:02d}.00]\nStack the tall pots at the back\n" for n in range(12))
    with pytest.raises(FormatError, match="these are captions"):
        formats.scan("{QTtext}\n" + said)
    with pytest.raises(FormatError, match="no chapters found"):
        formats.scan("{QTtext}\nKiln\n")
