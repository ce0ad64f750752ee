"""Tests of chapterize.segment.headings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from chapterize.data import Boundaries, FloatArray, Sentence, Signals, Slide, TextLine, Vectors
from chapterize.segment import SegmentOptions, segment
from chapterize.segment.estimates import expected_count, with_topics
from chapterize.segment.headings import is_new, new_topics, turns

STARTS = np.arange(0.0, 600.0, 5.0)


def _pages(*headings: str | None, seconds: float = 100.0) -> tuple[Slide, ...]:
    """Slides of the same length; equal headings are one topic."""
    names = list(dict.fromkeys(headings))
    return tuple(
        Slide(seconds * i, seconds * (i + 1), heading=heading, topic=names.index(heading))
        for i, heading in enumerate(headings)
    )


def test_a_topic_is_new_once_and_the_first_slide_is_no_change() -> None:
    found = new_topics(_pages("Bread", "Yeast", "Yeast", "Ovens", "Yeast", None))
    assert [(turn.page.heading, turn.page.start) for turn in found] == [
        ("Yeast", 100.0),
        ("Ovens", 300.0),
    ]


def test_section_slides_and_topics_of_the_agenda_are_strong_and_the_agenda_is_no_topic() -> None:
    first, agenda, listed, plain, section = _pages("Bread", "Outline", "Yeast", "Salt", "Ovens")
    lines = (TextLine("1. Yeast", 0.1, 0.3, 0.2, 0.05), TextLine("Shops", 0.1, 0.4, 0.2, 0.05))
    agenda = replace(agenda, is_agenda=True, lines=lines)
    found = new_topics((first, agenda, listed, plain, replace(section, is_section=True)))
    strength = {turn.page.heading: turn.is_strong for turn in found}
    assert strength == {"Yeast": True, "Salt": False, "Ovens": True}


def test_screens_and_cameras_have_no_topic() -> None:
    first, screen = _pages("Bread", "File Edit View")
    assert new_topics((first, replace(screen, kind="screen"))) == ()


def test_a_slide_belongs_to_the_sentence_nearest_its_change_or_to_a_better_one_near_it() -> None:
    topics, bonus = new_topics(_pages("Bread", "Yeast")), np.zeros(len(STARTS))
    assert list(turns(STARTS, bonus, topics)) == [20]
    bonus[19] = 3.0
    assert list(turns(STARTS, bonus, topics)) == [19]
    bonus[30] = 9.0
    assert list(turns(STARTS, bonus, topics)) == [19]


def test_a_slide_without_a_sentence_near_it_starts_nothing() -> None:
    topics = new_topics(_pages("Bread", "Yeast"))
    assert turns(np.array([0.0, 60.0, 200.0]), np.zeros(3), topics) == {}
    assert turns(np.array([100.0]), np.zeros(1), topics) == {}


def test_builds_and_returns_are_no_evidence_and_unread_slides_are() -> None:
    pages = _pages("Bread", "Yeast", "Bread", None)
    topics = new_topics(pages)
    assert [is_new(at, pages, topics) for at in (99.5, 150.0, 200.0, 300.0, 350.0)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert is_new(150.0, (), ())


def _segment(
    pages: tuple[Slide, ...],
    vectors: FloatArray | None = None,
    options: SegmentOptions | None = None,
) -> Boundaries:
    sentences = [Sentence(at, at + 5.0, f"Sentence {at}.") for at in STARTS.tolist()]
    if vectors is None:
        vectors = np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (len(sentences), 1))
    signals = Signals(slides=tuple(page.start for page in pages[1:]), pages=pages)
    return segment(sentences, Vectors(vectors), 600.0, signals=signals, options=options)


def test_chapters_start_where_a_slide_has_a_new_heading_and_the_evidence_says_so() -> None:
    pages = _pages("Bread", "Yeast", "Yeast", "Ovens", "Salt", "Shops")
    found = _segment(pages, options=SegmentOptions(count=5))
    assert found.solutions[5] == (0, 20, 60, 80, 100)
    assert (found.evidence[20].heading, found.evidence[20].slide) == ("Yeast", 100.0)
    assert found.evidence[40].heading is None


def test_a_heading_does_not_divide_what_is_said_about_one_topic() -> None:
    vectors = np.zeros((len(STARTS), 2), dtype=np.float32)
    vectors[:80, 0] = vectors[80:, 1] = 1.0
    pages = _pages("Bread", "Yeast", "Yeast", "Yeast", "Yeast", "Yeast")
    assert _segment(pages, vectors, SegmentOptions(count=2)).solutions[2] == (0, 80)


def test_the_topics_of_the_slides_raise_the_estimated_count_within_the_likely_range() -> None:
    without = _segment(())
    law = np.array([np.log(3.4), 0.25])
    pages = _pages(*(f"Loaf {letter}" for letter in "ABCDEFGHIJ"), seconds=60.0)
    found = _segment(pages)
    assert without.likely is not None
    assert without.chosen < found.chosen <= without.likely[1]
    assert found.how == "estimated from the length and 9 slide topics"
    assert with_topics(3600.0, law, 3, 0.54) == expected_count(3600.0, law)
    assert expected_count(3600.0, law) < with_topics(3600.0, law, 1000, 0.54) < 13
    assert expected_count(180.0, law) < with_topics(180.0, law, 3, 0.54) <= 4


def test_a_profile_and_a_number_come_before_the_topics_of_the_slides() -> None:
    pages = _pages("Bread", "Yeast", "Salt", "Ovens", "Flour", "Shops")
    assert _segment(pages, options=SegmentOptions(count=2)).chosen == 2
    coarse = SegmentOptions(offset=-0.5, spread=0.2)
    assert _segment(pages, options=coarse).chosen == _segment((), options=coarse).chosen


def test_a_few_topics_say_nothing_about_the_count() -> None:
    pages = _pages("Bread", "Yeast", "Salt")
    assert _segment(pages).how == "estimated from the length"
