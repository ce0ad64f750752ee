from __future__ import annotations

from pathlib import Path

import pytest
from deflacue.parser import CueParser

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import cue

THREE = Chapters.from_starts([0, 61.5, 7000.001], ['a "b"', "Zwei – 二", "c"], 8000)


def test_the_text_is_what_other_tools_write() -> None:
    assert cue.dumps(THREE, media="talk.mp3") == (
        'FILE "talk.mp3" MP3\n'
        "  TRACK 01 AUDIO\n    TITLE \"a 'b'\"\n    INDEX 01 00:00:00\n"
        '  TRACK 02 AUDIO\n    TITLE "Zwei – 二"\n    INDEX 01 01:01:38\n'
        '  TRACK 03 AUDIO\n    TITLE "c"\n    INDEX 01 116:40:00\n'
    )


def test_what_is_rounded_replaced_and_guessed_is_reported() -> None:
    rounded, quotes, name = cue.changes(THREE)
    assert rounded.startswith("2 of 3 starts were rounded to the nearest of 75 frames")
    assert "by at most 6.7 ms (at 1:01)" in rounded
    assert "double quotes became single ones in 1 of 3 titles" in quotes
    assert "audio.wav" in name


def test_a_foreign_reader_sees_the_same_tracks(tmp_path: Path) -> None:
    path = tmp_path / "talk.cue"
    path.write_text(cue.dumps(THREE, media="talk.flac"), encoding="utf-8")
    data = CueParser.from_file(path, encoding="utf-8").run()
    assert [str(file.path.name) for file in data.files] == ["talk.flac"]
    rows = [(track.num, track.title, track.start) for track in data.tracks]
    assert rows == [
        (1, "a 'b'", 0),
        (2, "Zwei – 二", (61 * 75 + 38) * 588),
        (3, "c", 7000 * 44_100),
    ]


def test_sheets_of_others_are_read() -> None:
    text = (
        'REM DATE 2024\nPERFORMER "DJ"\nTITLE "The Mix"\nFILE "mix.mp3" MP3\n'
        '  TRACK 01 AUDIO\n    TITLE "One "and" only"\n    PERFORMER "A"\n    INDEX 01 00:00:00\n'
        "  track 02 AUDIO\n    TITLE Bare words\n    INDEX 00 03:00:00\n    INDEX 01 03:02:37\n"
        "  TRACK 03 AUDIO\n    INDEX 01 123:59:74\n"
    )
    parsed = formats.loads(text, "cue", duration=9000)
    assert parsed.chapters.titles == ('One "and" only', "Bare words", "")
    assert parsed.chapters.starts == (0, 182.493, 7439.987)
    assert parsed.notes == ("performers were left out",)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ('FILE "my mix.mp3" MP3', "my mix.mp3"),
        ("FILE my mix.mp3 MP3", "my mix.mp3"),
        ("file mix.mp3", "mix.mp3"),
        ('FILE "" WAVE', None),
        ("FILE", None),
        ("REM none", None),
    ],
)
def test_the_file_that_a_sheet_is_for_is_known(row: str, name: str | None) -> None:
    assert cue.scan(f"{row}\nTRACK 01 AUDIO\nINDEX 01 0:00:00\n").media == name


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("TRACK 01 AUDIO\nINDEX 01 0:00:75\n", 2),
        ("TRACK 01 AUDIO\nINDEX 01 0:60:00\n", 2),
        ("TRACK 01 AUDIO\nINDEX 01 -1:00:00\n", 2),
        ("TRACK 01 AUDIO\nINDEX 01 0:00\n", 2),
        ("TRACK 01 AUDIO\nINDEX 01 0:00:00\nTRACK 02 AUDIO\nINDEX 00 1:00:00\n", 3),
        ('FILE "a" WAVE\nTRACK 01 AUDIO\nINDEX 01 0:00:00\nFILE "b" WAVE\n', 4),
    ],
)
def test_a_broken_file_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        formats.loads(text, "cue", duration=9000)
    assert caught.value.line == line


def test_what_a_sheet_cannot_hold_is_refused_with_its_line() -> None:
    many = Chapters.from_starts(list(range(100)), ["x"] * 100, 200)
    with pytest.raises(FormatError, match="100 chapters, line 299"):
        cue.dumps(many)
    with pytest.raises(FormatError, match=r"same frame.*line 5"):
        cue.dumps(Chapters.from_starts([0, 0.005], ["a", "b"], 9))
    with pytest.raises(FormatError, match="double quote, line 1"):
        cue.dumps(THREE, media='a"b.wav')
