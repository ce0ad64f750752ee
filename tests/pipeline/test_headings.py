"""Tests of chapterize.pipeline.headings."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.data import Cue, Media, Signals, Slide, Transcript
from chapterize.pipeline import Draft, Options, draft_json, make_draft
from chapterize.pipeline.headings import headings_between
from chapterize.segment import SegmentOptions


def _slide(start: float, end: float, heading: str | None, topic: int, **known: bool) -> Slide:
    return Slide(start, end, heading=heading, topic=topic, **known)  # type: ignore[arg-type]


def test_the_slide_at_the_start_comes_first_and_then_the_longest() -> None:
    pages = (
        _slide(0, 103, "Bread", 0),
        _slide(103, 115, "2. Yeast (cont.)", 1),
        _slide(115, 230, "Salt", 2),
        _slide(230, 300, "Ovens", 3),
    )
    assert headings_between(pages, [0.0, 100.0], 300.0) == [
        ("Bread",),
        ("", "Salt"),
    ]
    shorter = (*pages[:1], _slide(103, 130, "2. Yeast (cont.)", 1), _slide(130, 230, "Salt", 2))
    assert headings_between(shorter, [0.0, 100.0], 230.0)[1] == ("Yeast", "Salt")


def test_a_screen_recording_takes_nothing_from_the_heading_before_it() -> None:
    pages = (_slide(0, 20, "Bread", 0), Slide(20, 180, kind="screen"), _slide(180, 200, "Salt", 2))
    assert headings_between(pages, [0.0], 200.0) == [("Bread", "Salt")]


def test_a_section_slide_is_the_heading_of_its_chapter_however_short() -> None:
    pages = (
        _slide(0, 100, "Bread", 0),
        _slide(100, 104, "Ovens", 1, is_section=True),
        _slide(104, 300, "Brick", 2),
    )
    assert headings_between(pages, [0.0, 99.0], 300.0)[1] == ("Ovens", "Brick")


def test_agendas_screens_and_slides_without_heading_have_none() -> None:
    pages = (
        _slide(0, 100, "Outline", 0, is_agenda=True),
        Slide(100, 200, kind="screen", heading="File Edit"),
        _slide(200, 300, None, 2),
    )
    assert headings_between(pages, [0.0, 100.0], 300.0) == []
    assert headings_between((), [0.0], 300.0) == []


HEADINGS = ("An evening with ropes", "3.2 Nothing but Twist", "The Old Lamp (cont.)", "Thank you!")
SAID = (
    "Hemp is twisted into yarn.",
    "A rope has three strands.",
    "The lamp burns oil at night.",
    "The lens bends its light.",
)


def _draft(monkeypatch: pytest.MonkeyPatch, words: bool = True, count: int = 4) -> Draft:
    """A draft of four slides of a minute each, in which something else is said on each."""
    pages = tuple(
        Slide(60.0 * i, 60.0 * (i + 1), heading=heading, topic=i)
        for i, heading in enumerate(HEADINGS)
    )
    signals = Signals(slides=(60.0, 120.0, 180.0), pages=pages)
    monkeypatch.setattr("chapterize.pipeline.drafting.signals_of", lambda *_: signals)
    cues = [Cue(5.0 * i, 5.0 * i + 4.5, SAID[i // 12]) for i in range(48)] if words else []
    media = Media(Path("talk.mp4"), "mp4", 240.0, 1000, has_video=True)
    options = Options(segment=SegmentOptions(count=count), language="en")
    return make_draft(media, options, transcript=Transcript(tuple(cues), "given", "en"))


def test_a_draft_has_the_headings_as_titles_and_as_evidence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = _draft(monkeypatch)
    assert draft.chapters.starts == pytest.approx((0.0, 60.0, 120.0, 180.0), abs=0.5)
    assert draft.chapters.titles[:3] == (
        "An evening with ropes",
        "Nothing but Twist",
        "The Old Lamp",
    )
    assert "hank" not in draft.chapters.titles[3]
    found = draft_json(draft)["chapters"][1]["evidence"]
    assert (found["heading"], found["slide"]) == ("3.2 Nothing but Twist", 60.0)


def test_another_count_and_a_talk_without_words_have_them_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    again = _draft(monkeypatch, count=2).with_count(4)
    assert again.chapters.titles[1:3] == ("Nothing but Twist", "The Old Lamp")
    assert _draft(monkeypatch, words=False).chapters.titles[1] == "Nothing but Twist"
