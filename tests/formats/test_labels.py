"""Labels with a start and an end: Audacity's label track and LosslessCut's CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.formats import labels

THREE = Chapters.from_starts([0, 61.5, 7000.001], ['a, "b"', "tab\there", ""], 8000)


def test_labels_are_what_audacity_exports() -> None:
    assert labels.dumps_audacity(THREE) == (
        '0.000000\t61.500000\ta, "b"\n61.500000\t7000.001000\ttab here\n'
        "7000.001000\t8000.000000\t\n"
    )


def test_points_frequencies_and_decimal_commas_are_understood() -> None:
    text = "0,000000\t10,500000\tone\n\\\t200.0\t900.0\n12.25\t12.25\tpoint\n20\t30\n"
    parsed = formats.loads(text, "audacity")
    assert parsed.chapters.starts == (0, 12.25, 20)
    assert parsed.chapters.titles == ("one", "point", "")
    assert parsed.chapters.duration == 30
    assert parsed.notes == (
        "frequencies of the labels were left out",
        "gaps were closed after chapter 1",
    )
    with pytest.raises(InputError, match="duration of the media is unknown"):
        formats.loads("0\t0\tone\n5\t5\ttwo\n", "audacity")


def test_a_foreign_reader_sees_the_same_csv() -> None:
    rows = list(csv.reader(io.StringIO(labels.dumps_losslesscut(THREE))))
    assert rows == [
        ["0.000", "61.500", 'a, "b"'],
        ["61.500", "7000.001", "tab here"],
        ["7000.001", "8000.000", ""],
    ]


def test_empty_times_are_the_beginning_and_the_end() -> None:
    text = 'Start,End,Name\n,10.123456789012345,"a\nb"\n10.123456789012345,60,c\n60,,"d ""e"""\n'
    assert formats.recognise(text) == "markers"
    assert formats.recognise(text.partition("\n")[2]) == "losslesscut"
    assert formats.scan(text).marks == formats.scan(text, "losslesscut").marks
    parsed = formats.loads(text, "losslesscut", duration=90)
    assert parsed.chapters.starts == (0, 10.123, 60)
    assert parsed.chapters.titles == ("a\nb", "c", 'd "e"')
    assert parsed.chapters.duration == 90
    assert parsed.notes == ()
    assert [mark.line for mark in parsed.marks] == [2, 4, 5]
    with pytest.raises(InputError, match="duration of the media is unknown"):
        formats.loads(text, "losslesscut")


def test_an_end_past_the_media_is_trimmed_and_reported() -> None:
    for text in ("0\t95\ta\n", "0,95,a\n"):
        parsed = formats.loads(text, duration=90)
        assert parsed.chapters.duration == 90
        (note,) = parsed.notes
        assert note == "the last chapter ended at 1:35 and was shortened to the end, 1:30"


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("0\t5\ta\nhello\n", "audacity", 2),
        ("0\t5\ta\n-1\t5\tb\n", "audacity", 2),
        ("9\t5\ta\n", "audacity", 1),
        ("0,5,a\n\nhello\n", "losslesscut", 3),
        ("0,5,a\n-5,9,b\n", "losslesscut", 2),
        ("0,5,a\n9,8,b\n", "losslesscut", 2),
        ('0,5,a\n5,8,"b"c\n', "losslesscut", 2),
        ('0,5,a\n5,8,"b\n', "losslesscut", 2),
    ],
)
def test_a_broken_file_names_its_line(text: str, name: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        formats.loads(text, name, duration=60)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "00:00:00.000\t00:06:40.250\tKiln\n00:06:40.250\t00:19:00.000\tWax\n",
        "\ufeff00:00:00.000\t00:06:40.250\tKiln\r\n00:06:40.250\t00:19:00.000\tWax\r\n",
        "00:00:00,000\t00:06:40,250\tKiln\n00:06:40,250\t00:19:00,000\tWax\n",
        "0\t400.25\tKiln\n400.25\t1140\tWax\n",
        "start\tend\tlabel\n0\t400.25\tKiln\n400.25\t1140\tWax\n",
        "\t00:06:40.250\tKiln\n00:06:40.250\t00:19:00.000\tWax\n",
        "00:00:00.000,00:06:40.250,Kiln\n00:06:40.250,00:19:00.000,Wax\n",
        "0:00;6:40,25;Kiln\n6:40,25;19:00;Wax\n",
    ],
)
def test_a_table_with_tabs_or_clock_times_keeps_the_ends(text: str, tmp_path: Path) -> None:
    for name in ("x.tsv", "x.csv", "x.txt"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8", newline="")
        parsed = formats.read_chapters(file)
        assert parsed.chapters.titles == ("Kiln", "Wax")
        assert (parsed.chapters.starts, parsed.chapters.duration) == ((0, 400.25), 1140)


def test_a_segment_without_an_end_needs_the_duration() -> None:
    text = "00:00:00.000\t00:06:40.250\tKiln\n00:06:40.250\t\tWax\n"
    with pytest.raises(InputError, match="duration of the media is unknown"):
        formats.loads(text)
    assert formats.loads(text, duration=1140).chapters.duration == 1140
