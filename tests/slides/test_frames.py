"""Frames at a few times of a file."""

from __future__ import annotations

import numpy as np

from chapterize.media import open_media
from chapterize.slides.frames import settled_frames
from tests.conftest import H264, MakeMedia


def test_frames_are_those_of_their_time(make_media: MakeMedia) -> None:
    """Three colours of 10 s each; in the second file there is one keyframe only."""
    graph = "color=red:s=320x180:r=5:d=10[a];color=lime:s=320x180:r=5:d=10[b];"
    graph += "color=blue:s=320x180:r=5:d=10[c];[a][b][c]concat=n=3"
    for name, *more in (
        ("often.mp4", "-g", "10"),
        ("once.mkv", "-g", "9999", "-sc_threshold", "0"),
    ):
        media = open_media(make_media(name, "-f", "lavfi", "-i", graph, *H264, *more))
        frames = list(settled_frames(media, [2.0, 9.4, 12.0, 25.0, 29.9]))
        assert {frame.shape for frame in frames} == {(180, 320, 3)}
        assert [int(np.argmax(frame[90, 160])) for frame in frames] == [0, 0, 1, 2, 2]


def test_large_frames_are_reduced(make_media: MakeMedia) -> None:
    graph = "testsrc=s=1920x1440:r=1:d=3"
    media = open_media(make_media("large.mp4", "-f", "lavfi", "-i", graph, *H264))
    (frame,) = settled_frames(media, [1.0])
    assert frame.shape == (720, 960, 3)


def test_frames_after_the_end_are_the_last(make_media: MakeMedia) -> None:
    graph = "color=red:s=320x180:r=5:d=3"
    media = open_media(make_media("short.mp4", "-f", "lavfi", "-i", graph, *H264))
    (frame,) = settled_frames(media, [100.0])
    assert np.argmax(frame[0, 0]) == 0
    assert list(settled_frames(media, [])) == []
