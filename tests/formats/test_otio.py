from __future__ import annotations

import sys

import opentimelineio
import pytest

from chapterize.data import Chapters
from chapterize.errors import FormatError, MissingDependency
from chapterize.formats import otio
from chapterize.formats.frames import parse_frame_rate

THREE = Chapters.from_starts([0, 61.5, 3700.123], ["One", 'a\nb | "c"', "二"], 4000)


@pytest.mark.parametrize("text", ["23.976", "25", "29.97", "60"])
def test_opentimelineio_reads_markers_on_their_frames(text: str) -> None:
    rate = parse_frame_rate(text)
    timeline = opentimelineio.adapters.read_from_string(
        otio.dumps(THREE, frame_rate=rate, media="talk.mp4"), "otio_json"
    )
    assert timeline.name == "talk"
    assert abs(timeline.duration().to_seconds() - 4000) <= 0.5 / float(rate.exact) + 1e-9
    markers = timeline.tracks.markers
    assert [marker.name for marker in markers] == list(THREE.titles)
    for marker, chapter in zip(markers, THREE.chapters, strict=True):
        start = marker.marked_range.start_time
        assert start.rate == float(rate.exact)
        assert start.value == int(start.value)
        assert abs(start.to_seconds() - chapter.start) <= 0.5 / float(rate.exact) + 1e-9
        assert dict(marker.metadata["chapterize"]) == {"start": chapter.start, "end": chapter.end}


def test_without_the_package_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    with pytest.raises(MissingDependency) as caught:
        otio.dumps(THREE)
    assert caught.value.install == 'pip install "chapterize[otio]"'


def test_two_markers_on_one_frame_are_refused() -> None:
    with pytest.raises(FormatError, match=r"same frame.*line 2"):
        otio.dumps(Chapters.from_starts([0, 0.01], ["a", "b"], 10))
