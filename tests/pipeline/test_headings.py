"""Tests of chapterize.pipeline.headings."""

from __future__ import annotations

from chapterize.data import Slide
from chapterize.pipeline.headings import headings_between


def _slide(start: float, end: float, heading: str | None, topic: int, **known: bool) -> Slide:
    return Slide(start, end, heading=heading, topic=topic, **known)  # type: ignore[arg-type]


def test_the_slide_at_the_start_comes_first_and_then_the_longest() -> None:
    pages = (
        _slide(0, 103, "Bread", 0),
        _slide(103, 140, "2. Yeast (cont.)", 1),
        _slide(140, 230, "Salt", 2),
        _slide(230, 300, "Ovens", 3),
    )
    assert headings_between(pages, [0.0, 100.0], 300.0) == [
        ("Bread",),
        ("", "Salt", "Ovens"),
    ]
    assert headings_between(pages, [0.0, 100.0, 230.0], 300.0)[1] == ("Yeast", "Salt")


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
