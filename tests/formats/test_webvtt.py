from __future__ import annotations

import pysubs2
import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import webvtt


def test_the_text_is_what_the_standard_shows() -> None:
    chapters = Chapters.from_starts([0, 3661.25], ["a", "b"], 3700)
    assert webvtt.dumps(chapters) == (
        "WEBVTT\n\nNOTE chapters\n\n1\n00:00:00.000 --> 01:01:01.250\na\n"
        "\n2\n01:01:01.250 --> 01:01:40.000\nb\n"
    )


def test_a_title_with_an_arrow_or_a_blank_line_cannot_break_the_file() -> None:
    chapters = Chapters.from_starts([0, 30], ["a --> b", "c\n\nd & <e>"], 60)
    text = webvtt.dumps(chapters)
    assert text.count("-->") == 2
    assert formats.loads(text, "webvtt").chapters.titles == ("a --> b", "c d & <e>")


def test_a_foreign_reader_sees_the_same_cues() -> None:
    chapters = Chapters.from_starts([0, 30.5, 3700.25], ["One", "Zwei – 二", "3"], 7200)
    subs = pysubs2.SSAFile.from_string(webvtt.dumps(chapters), format_="vtt")
    assert [(e.start, e.end, e.plaintext) for e in subs] == [
        (0, 30_500, "One"),
        (30_500, 3_700_250, "Zwei – 二"),
        (3_700_250, 7_200_000, "3"),
    ]


def test_notes_styles_settings_and_tags_are_passed_over() -> None:
    text = (
        "WEBVTT - a talk\nKind: chapters\n\nSTYLE\n::cue { color: red }\n\nNOTE\na note\n\n"
        "00:00.000 --> 00:10.000 align:start\n<v Ann><b>One</b> &amp; two\nmore\n\n"
        "id\n00:10.000 --> 100:00:00.000\nAT&T &notit; &lt;3\n"
    )
    parsed = formats.loads(text, "webvtt")
    assert parsed.chapters.titles[0] == "One & two more"
    assert parsed.chapters.titles[1].startswith("AT&T ")
    assert parsed.chapters.duration == 360_000


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("WEBVTTX\n", 1),
        ("1\n00:00:00,000 --> 00:00:05,000\nan srt\n", 1),
        ("WEBVTT\n\n0:00 --> 0:10\nx\n", 3),
        ("WEBVTT\n\n-00:01.000 --> 00:10.000\nx\n", 3),
        ("WEBVTT\n\n00:75.000 --> 02:10.000\nx\n", 3),
        ("WEBVTT\n\n00:10.000 --> 00:05.000\nx\n", 3),
    ],
)
def test_a_broken_file_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        formats.loads(text, "webvtt")
    assert caught.value.line == line
