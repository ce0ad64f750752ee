"""Each verification finds the faults that it looks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.data import Media
from chapterize.media import open_media
from chapterize.rendering.splice.groups import Run, read_frames
from chapterize.rendering.streams import plan_tracks
from chapterize.rendering.verify import (
    verify_audio,
    verify_duration,
    verify_frames,
    verify_splice,
    verify_times,
)
from tests.conftest import AAC, H264, SINE, TESTSRC, MakeMedia

GROUPS = ("-g", "10", "-bf", "0", "-sc_threshold", "0")


@pytest.fixture
def talk(make_media: MakeMedia) -> Media:
    """TESTSRC SINE H264 -g 10 AAC."""
    return open_media(make_media("talk.mp4", *TESTSRC, *SINE, *H264, *GROUPS, *AAC))


def copy(make_media: MakeMedia, talk: Media, *options: str) -> Path:
    return make_media("copy.mp4", "-i", talk.path, *options)


def test_a_copy_is_a_splice_of_nothing(talk: Media, make_media: MakeMedia) -> None:
    made = copy(make_media, talk, "-c", "copy")
    table = read_frames(talk.path)
    assert verify_splice(talk, table, (), made) == ""
    assert verify_times(talk, table, made) == ("", ())
    assert verify_audio(talk, plan_tracks(talk.path).audio, made) == ""
    assert verify_duration(talk, made) == ""


def test_encoded_frames_are_found_only_outside_the_runs(talk: Media, make_media: MakeMedia) -> None:
    made = copy(make_media, talk, *H264, *GROUPS, "-crf", "30", "-c:a", "copy")
    table = read_frames(talk.path)
    fault = verify_splice(talk, table, (Run(0, 0, 10, 10),), made)
    assert fault == "frame 11 differs from the source"
    assert verify_splice(talk, table, (Run(0, 0, 100, 100),), made) == ""


@pytest.mark.slow
def test_lost_moved_and_added_frames_are_found(talk: Media, make_media: MakeMedia) -> None:
    table = read_frames(talk.path)
    fewer = copy(make_media, talk, *H264, "-vf", "select='not(eq(n,50))'", "-fps_mode", "vfr")
    fault = verify_splice(talk, table, (Run(0, 0, 100, 100),), fewer)
    assert fault == "1 of 100 frames are missing"
    assert verify_times(talk, table, fewer) == (
        "", ("damaged frames that cannot be decoded were left out: 1",)
    )  # fmt: skip
    half = copy(make_media, talk, *H264, "-r", "12")
    assert "are missing" in verify_times(talk, table, half)[0]
    more = copy(make_media, talk, *H264, "-r", "30")
    assert "more than the source" in verify_times(talk, table, more)[0]
    fault = verify_splice(talk, table, (Run(0, 0, 100, 100),), more)
    assert fault == "it has more frames than the source"
    moved = copy(make_media, talk, *H264, "-vf", "setpts=PTS+0.01/TB*gt(N\\,5)",
                 "-fps_mode", "passthrough", "-enc_time_base", "1:12800")  # fmt: skip
    assert verify_times(talk, table, moved)[0] == "the times of frames have changed"
    assert "has changed" in verify_splice(talk, table, (Run(0, 0, 100, 100),), moved)
    later = copy(make_media, talk, "-c", "copy", "-bsf:v", "setts=pts=PTS+50:dts=DTS+50")
    assert "has changed" in verify_splice(talk, table, (), later)


def test_changed_late_and_missing_audio_is_found(talk: Media, make_media: MakeMedia) -> None:
    tracks = plan_tracks(talk.path).audio
    other = copy(make_media, talk, "-c:v", "copy", "-af", "volume=0.5", *AAC)
    assert verify_audio(talk, tracks, other) == "audio track 1 differs from the source"
    late = make_media("late.mp4", "-i", talk.path, "-itsoffset", "0.01", "-i", talk.path,
                      "-map", "0:v", "-map", "1:a", "-c", "copy")  # fmt: skip
    assert verify_audio(talk, tracks, late) == "the times of audio track 1 have changed"
    silent = copy(make_media, talk, "-c", "copy", "-an")
    assert verify_audio(talk, tracks, silent) == "it has 0 of 1 audio tracks"


def test_another_duration_is_found(talk: Media, make_media: MakeMedia) -> None:
    short = copy(make_media, talk, "-c", "copy", "-t", "3.8")
    assert "the source 4.0" in verify_duration(talk, short)


def test_a_missing_title_is_found(talk: Media, make_media: MakeMedia) -> None:
    made = copy(make_media, talk, "-c", "copy")
    table, runs = read_frames(talk.path), (Run(20, 20, 30, 30),)
    assert verify_frames(talk, table, runs, ((0.9, 1.1),), made) == "a title is not visible"
    drawn = copy(make_media, talk, *H264, *GROUPS, "-vf", "drawbox=0:0:90:90:white:fill")
    fault = verify_frames(talk, table, runs, ((0.9, 1.1),), drawn)
    assert "differs from the source" in fault
    everything = (Run(0, 0, 100, 100),)
    assert verify_frames(talk, table, everything, ((0.9, 1.1),), drawn) == ""
