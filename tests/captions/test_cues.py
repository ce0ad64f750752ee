"""Cues are sorted, repaired and kept inside the media."""

from __future__ import annotations

import logging

import pytest

from chapterize.captions import read_captions
from chapterize.errors import FormatError
from tests.captions.written import Write, said, srt


def test_cues_out_of_order_are_sorted_and_logged(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "chapterize")
    content = srt((5.0, 6.0, "Later."), (1.0, 2.0, "Sooner."), (7.0, 8.0, "Last."))
    found = read_captions(write(content))
    assert [cue.text for cue in found.cues] == ["Sooner.", "Later.", "Last."]
    assert found.notes == ()
    assert caplog.messages == ["sorted the cues by time: 1 were out of order"]


def test_cues_that_end_before_they_start_are_ignored_with_a_note(write: Write) -> None:
    found = read_captions(write(srt((1.0, 2.0, "Good."), (4.0, 3.0, "Bad."))))
    assert [cue.text for cue in found.cues] == ["Good."]
    assert found.notes == ("Cues that end before they start are ignored: 1.",)


def test_a_cue_without_length_gets_one_and_is_logged(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "chapterize")
    found = read_captions(write(srt((1.0, 1.0, "Now"), (1.2, 3.0, "and then"))))
    assert said(found) == [(1.0, 1.2, "Now"), (1.2, 3.0, "and then")]
    assert found.notes == ()
    assert caplog.messages == ["estimated the length of 1 cues that had none"]


def test_overlapping_cues_of_two_speakers_are_kept(write: Write) -> None:
    cues = [(0.0, 4.0, "I say this."), (2.0, 5.0, "And I say that."), (6.0, 7.0, "So.")]
    assert said(read_captions(write(srt(*cues)))) == cues


def test_only_one_of_several_identical_layers_is_kept(write: Write) -> None:
    found = read_captions(write(srt((1.0, 2.0, "Sign."), (1.0, 2.0, "Sign."))))
    assert len(found.cues) == 1


def test_cues_after_the_end_of_the_media_are_ignored_and_the_last_is_clipped(write: Write) -> None:
    content = srt((1.0, 2.0, "In."), (8.0, 12.0, "Half."), (10.0, 12.0, "Out."))
    found = read_captions(write(content), duration=10.0)
    assert said(found) == [(1.0, 2.0, "In."), (8.0, 10.0, "Half.")]
    assert found.notes == (
        "Cues that start after the end of the media (0:10) are ignored: 1 of 3.",
    )


def test_captions_of_another_video_are_reported(write: Write) -> None:
    content = srt((1.0, 2.0, "In."), (80.0, 82.0, "Out."), (90.0, 92.0, "Out too."))
    found = read_captions(write(content), duration=10.0)
    assert "another video" in found.notes[-1]
    with pytest.raises(FormatError, match="after the end") as caught:
        read_captions(write(srt((80.0, 82.0, "Out."))), duration=10.0)
    assert "another video" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        "WEBVTT\n\n1\n00:00:00.000 --> 00:01:00.000\nIntro\n\n"
        "2\n00:01:00.000 --> 00:02:10.500\nDatabases and how to choose one\n",
        "WEBVTT\n\n1\n00:00:00.000 --> 00:00:10.300\ntalk\n",
        "WEBVTT\nKind: chapters\n\n00:01.000 --> 00:04.000\nIntro\n",
        "WEBVTT\n\n00:00:05.000 --> 00:01:00.000\nIntro\n\n00:01:05.000 --> 00:09:00.000\nRest\n",
        '{"schema": "chapterize.chapters/1", "duration": 3, "chapters": []}',
    ],
)
def test_a_list_of_chapters_is_refused_with_a_hint(write: Write, content: str) -> None:
    with pytest.raises(FormatError, match="list of chapters") as caught:
        read_captions(write(content, "talk.vtt"))
    assert "convert" in caught.value.hint


def test_half_minute_cues_of_a_recogniser_are_not_chapters(write: Write) -> None:
    text = "and this is what people say when they talk for half a minute without a break " * 5
    content = srt((0.0, 30.0, text), (30.0, 60.0, text))
    assert len(read_captions(write(content)).cues) == 2
