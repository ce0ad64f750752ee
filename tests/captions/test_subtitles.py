"""SRT, WebVTT and ASS files."""

from __future__ import annotations

import pytest

from chapterize.captions import read_captions
from chapterize.data import Cue
from chapterize.errors import FormatError
from tests.captions.written import ASS, SRT, VTT, Write, said, srt


def test_the_cues_of_srt_are_read(write: Write) -> None:
    found = read_captions(write(SRT))
    assert said(found) == [(1.0, 2.5, "Hello there."), (3.0, 4.0, "General remark.")]
    assert (found.source, found.language, found.notes) == ("captions:file", None, ())


@pytest.mark.parametrize(
    "timing",
    [
        "00:00:01,000 --> 00:00:02,500 X1:40 X2:600 Y1:20 Y2:50",
        "0:00:01.000 --> 0:00:02.500",
        "00:01,000-->00:02,500",
        "00:00:01,000 -> 00:00:02,500",
        "  00:00:01,0 --> 00:00:02,5  ",
    ],
)
def test_irregular_srt_timings_are_read(write: Write, timing: str) -> None:
    assert said(read_captions(write(f"{timing}\r\nHello.\r\n"))) == [(1.0, 2.5, "Hello.")]


def test_srt_text_may_contain_blank_lines_and_numbers(write: Write) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nforty\n\n42\n\n2\n00:00:03,000 --> 00:00:04,000\n7\n"
    assert [cue.text for cue in read_captions(write(text)).cues] == ["forty 42", "7"]


def test_webvtt_notes_styles_names_and_speakers_are_dropped(write: Write) -> None:
    found = read_captions(write(VTT, "talk.vtt"))
    assert said(found) == [
        (1.0, 2.5, "Guten Tag & hallo."),
        (3603.0, 3604.0, "Und weiter."),
    ]
    assert found.language == "de"


def test_inline_times_outside_their_cue_are_ignored(write: Write) -> None:
    content = "WEBVTT\n\n01:01.000 --> 01:02.000\nhello<00:00:00.300><c> there</c>\n"
    cue = read_captions(write(content, "talk.vtt")).cues[0]
    assert (cue.text, cue.words) == ("hello there", ())


def test_the_dialogue_of_ass_is_read_in_order(write: Write) -> None:
    found = read_captions(write(ASS, "talk.ass"))
    assert said(found) == [(1.0, 3.0, "First one"), (5.0, 7.0, "Second line, here")]
    assert found.notes == ()


def test_an_invalid_ass_file_names_the_line_of_dialogue(write: Write) -> None:
    content = ASS.split("Dialogue")[0] + "Dialogue: 0,xx,yy,Default,,0,0,0,,Text\n"
    with pytest.raises(FormatError) as caught:
        read_captions(write(content, "talk.ass"))
    assert caught.value.line == 10


def test_one_invalid_line_of_ass_loses_one_cue(write: Write) -> None:
    found = read_captions(write(ASS.replace("0:00:05.00", "0:00:xx.00"), "talk.ass"))
    assert said(found) == [(1.0, 3.0, "First one")]
    assert found.notes == ("Cues that cannot be read are ignored: 1 (first on line 10).",)


def test_a_file_of_invalid_timings_names_the_first(write: Write) -> None:
    with pytest.raises(FormatError) as caught:
        read_captions(write("1\n00:00:xx,000 --> 00:00:02,000\na\n\n2\n00:99:00 --> 1\nb\n"))
    assert caught.value.line == 2


def test_one_invalid_timing_loses_one_cue_and_is_noted(write: Write) -> None:
    content = SRT.replace("00:00:03,000", "00:00:73,000") + "\n" + srt((5.0, 6.0, "More."))
    found = read_captions(write(content))
    assert [cue.text for cue in found.cues] == ["Hello there.", "More."]
    assert found.notes == ("Cues that cannot be read are ignored: 1 (first on line 6).",)


def test_a_blank_line_after_every_timing_is_tolerated(write: Write) -> None:
    rows = "".join(
        f"{identifier}00:00:0{n}.000 --> 00:00:0{n + 1}.000\n\n<v Ann>Line {n}.</v>\n\n"
        for n, identifier in enumerate(("", "0f1e2d3c-aaaa-bbbb-cccc-0123456789ab/7-0\n", "last\n"))
    )
    found = read_captions(write(f"WEBVTT\n\n{rows}NOTE the end\n", "talk.vtt"))
    assert [cue.text for cue in found.cues] == ["Line 0.", "Line 1.", "Line 2."]


def test_the_identifier_after_an_empty_cue_is_not_its_text(write: Write) -> None:
    content = (
        "WEBVTT\n\none\n00:01.000 --> 00:02.000\n\ntwo\n00:03.000 --> 00:04.000\nSaid.\n\n"
        "three\n00:05.000 --> 00:06.000\nMore.\n"
    )
    assert [cue.text for cue in read_captions(write(content, "a.vtt")).cues] == ["Said.", "More."]


@pytest.mark.parametrize(
    "content",
    [
        "0:00:01.000,0:00:02.500\nHello\nthere.\n\n0:00:03.000,0:00:04.000\n>> More.\n",
        "0:00:01,000,0:00:02,500\nHello\n\nthere.\n\n0:00:03,000,0:00:04,000\nMore.\n",
        "[INFORMATION]\n[TITLE]x\n[SUBTITLE]\n[COLF]&HFFFFFF,[SIZE]18\n"
        "00:00:01.00,00:00:02.50\nHello[br]there.\n\n00:00:03.00,00:00:04.00\nMore.\n",
    ],
)
def test_sbv_and_subviewer_are_read(write: Write, content: str) -> None:
    cues = read_captions(write(content, "talk.sbv")).cues
    assert cues == (Cue(1.0, 2.5, "Hello there."), Cue(3.0, 4.0, "More."))


def test_a_timing_of_sbv_that_cannot_be_read_is_named(write: Write) -> None:
    content = "0:00:01.000,0:00:02.500\nOne.\n\n0:00:03.000,0:00:xx.000\nTwo.\n"
    found = read_captions(write(content, "talk.sbv"))
    assert [cue.text for cue in found.cues] == ["One."]
    assert found.notes == ("Cues that cannot be read are ignored: 1 (first on line 4).",)


def test_the_speaker_that_teams_writes_below_each_timing_is_no_speech(write: Write) -> None:
    content = "".join(
        f"0:0:{n}.0 --> 0:0:{n + 1}.260\nAnn Lee\nThis is sentence {n}.\n\n" for n in range(3)
    )
    cues = said(read_captions(write(content)))
    assert cues == [(n, n + 1.26, f"This is sentence {n}.") for n in range(3)]
    assert said(read_captions(write(content.replace("Ann Lee", "Here, now,"))))[0][2] != cues[0][2]
