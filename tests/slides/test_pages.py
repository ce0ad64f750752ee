"""Which frames are read, and how often."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.data import Media, TextLine
from chapterize.media import open_media
from chapterize.slides import Stretch, read_stretches
from tests.conftest import H264, MakeMedia
from tests.fakes import ScriptedReader

LINES = (TextLine("below", 0.1, 0.5, 0.3, 0.05), TextLine("Above", 0.1, 0.1, 0.3, 0.08))


@pytest.fixture
def media(make_media: MakeMedia) -> Media:
    """A minute of one colour."""
    graph = "color=red:s=64x64:r=1:d=60"
    return open_media(make_media("minute.mp4", "-f", "lavfi", "-i", graph, *H264))


def moving(n: int) -> list[Stretch]:
    return [Stretch(float(i), i + 1.0, "camera", i + 0.5, i) for i in range(n)]


def test_lines_are_sorted_and_shared_by_the_same_slide(media: Media) -> None:
    reader = ScriptedReader()
    reader.enqueue(LINES)
    stretches = [
        Stretch(0.0, 10.0, "slide", 9.0, 0),
        Stretch(10.0, 20.0, "camera", None, 1),
        Stretch(20.0, 30.0, "slide", 29.0, 0),
    ]
    first, camera, again = read_stretches(media, stretches, reader)
    assert [line.text for line in first.lines] == ["Above", "below"]
    assert again.lines == first.lines
    assert (camera.kind, camera.lines) == ("camera", ())
    assert len(reader.history) == 1


def test_of_moving_video_without_text_a_sample_is_read(media: Media) -> None:
    reader = ScriptedReader()
    slides = read_stretches(media, moving(55), reader)
    assert len(slides) == 55
    assert len(reader.history) == 10


def test_of_moving_video_with_text_everything_is_read(media: Media) -> None:
    reader = ScriptedReader()
    reader.enqueue(*[LINES] * 55)
    reported: list[float] = []
    slides = read_stretches(
        media, moving(55), reader, on_progress=lambda _, fraction: reported.append(fraction)
    )
    assert all(slide.lines for slide in slides)
    assert len(reader.history) == 55
    assert reported == sorted(reported)
    assert (reported[0], reported[-1]) == (0.0, 1.0)


def test_nothing_to_read_reads_nothing(media: Media, tmp_path: Path) -> None:
    reader = ScriptedReader()
    assert read_stretches(media, [], reader) == ()
    assert reader.history == []
