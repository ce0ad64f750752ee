"""Read back by the standard library's XML, with Final Cut's rules about times."""

from __future__ import annotations

import re
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import fcpxml
from chapterize.formats.frames import parse_frame_rate

TITLES = ['"One" & <two>', "Zwei – 二", "a\nb\x00\uffff"]
THREE = Chapters.from_starts([0, 61.5, 3700.123], TITLES, 4000.02)


def seconds(text: str | None) -> Fraction:
    match = re.fullmatch(r"(\d+)(?:/(\d+))?s", text or "")
    assert match, text
    return Fraction(int(match[1]), int(match[2] or 1))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("23.976", "2398"),
        ("24", "24"),
        ("25", "25"),
        ("29.97", "2997"),
        ("29.97df", "2997"),
        ("30", "30"),
        ("50", "50"),
        ("59.94", "5994"),
        ("60", "60"),
        ("48", None),
    ],
)
def test_every_time_is_a_whole_number_of_frames(text: str, name: str | None) -> None:
    rate = parse_frame_rate(text)
    root = ElementTree.fromstring(fcpxml.dumps(THREE, frame_rate=rate))
    (form,) = root.iter("format")
    assert form.get("name") == (f"FFVideoFormat1080p{name}" if name else None)
    frame = seconds(form.get("frameDuration"))
    assert frame == rate.duration
    (sequence,) = root.iter("sequence")
    assert sequence.get("format") == form.get("id")
    assert sequence.get("tcFormat") == ("DF" if rate.is_drop else "NDF")
    for element in root.iter():
        for key in ("start", "offset", "duration", "tcStart", "posterOffset"):
            if key in element.attrib:
                assert (seconds(element.get(key)) / frame).denominator == 1
    markers = list(root.iter("chapter-marker"))
    for marker, start in zip(markers, THREE.starts, strict=True):
        assert abs(seconds(marker.get("start")) - Fraction(round(start * 1000), 1000)) <= frame / 2


def test_names_come_through_and_lie_inside_the_gap() -> None:
    root = ElementTree.fromstring(fcpxml.dumps(THREE, media='it\'s a "talk".mp4'))
    assert [m.get("value") for m in root.findall(".//spine/gap/chapter-marker")] == [
        '"One" & <two>',
        "Zwei – 二",
        "a b",
    ]
    assert root.find("library/event/project").get("name") == 'it\'s a "talk"'  # type: ignore[union-attr]
    (gap,) = root.iter("gap")
    assert seconds(gap.get("duration")) == Fraction(120_001, 30)


def test_two_markers_on_one_frame_are_refused_with_their_line() -> None:
    close = Chapters.from_starts([0, 5, 5.01], ["a", "b", "c"], 90)
    with pytest.raises(FormatError, match="same frame") as caught:
        fcpxml.dumps(close)
    row = fcpxml.dumps(THREE).splitlines()[caught.value.line - 1]  # type: ignore[operator]
    assert 'value="a b"' in row


def test_a_guessed_rate_is_said() -> None:
    assert "counted at 30 a second" in fcpxml.changes(THREE)[0]
    known = fcpxml.changes(THREE, frame_rate=parse_frame_rate("25"))
    assert [note[:12] for note in known] == ["2 of 3 start"]
