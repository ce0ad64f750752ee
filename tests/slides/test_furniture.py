"""What a slide does not say: footers, page numbers, menus, subtitles."""

from __future__ import annotations

import pytest

from chapterize.data import TextLine
from chapterize.slides import headed, subtitled
from chapterize.slides.furniture import body_lines, is_alike, is_screen, key_of
from tests.slides.layouts import bullets, centred, line, shown, titled


def kept(*rows: list[TextLine]) -> list[list[str]]:
    return [[each.text for each in body] for body in body_lines(shown(*rows))]


def test_keys_ignore_case_marks_and_width() -> None:
    assert key_of("Robin  Hood, hashing!") == key_of("ROBIN HOOD HASHING")
    assert key_of("Ｈａｓｈ") == "hash"
    assert key_of("3/12", digits=False) == key_of("11/12", digits=False)


def test_readings_that_differ_by_a_letter_are_alike() -> None:
    assert is_alike("whatwemeasuretoday", "whatwemeasuretodav")
    assert not is_alike("openaddressing", "closedaddressing")
    assert not is_alike("example1", "example2")
    assert not is_alike("", "a")


@pytest.mark.parametrize("number", ["7", "3/24", "3 / 24", "Page 7", "Folie 7", "7 of 24", "p. 7"])
def test_page_numbers_are_furniture_on_a_single_slide(number: str) -> None:
    page = line(number, 0.9, 0.9, 0.04)
    assert kept([*titled("Tides", "Twice a day"), page]) == [["Tides", "Twice a day"]]


def test_columns_are_not_joined() -> None:
    assert kept([line("Open", 0.1), line("Closed", 0.55)]) == [["Open", "Closed"]]


def test_a_number_in_the_middle_is_kept() -> None:
    assert kept([centred("1492", 0.4, 0.2)]) == [["1492"]]


def test_lines_on_two_slides_at_the_bottom_are_furniture() -> None:
    rows = [
        [*titled(name, "text"), line("Week 6", 0.06, 0.9)] for name in ("Tides", "Ropes", "Fish")
    ]
    rows[2].pop()
    assert kept(*rows) == [["Tides", "text"], ["Ropes", "text"], ["Fish", "text"]]


def test_a_heading_over_many_slides_is_kept() -> None:
    rows = [titled("Collisions", f"{name} addressing") for name in ("open", "linear", "double")]
    rows += [titled("Growing", "twice"), titled("Ending", "never"), titled("More", "no")]
    assert all(body[0] in {"Collisions", "Growing", "Ending", "More"} for body in kept(*rows))


def subtitles(*texts: str) -> list[list[TextLine]]:
    return [[centred(text, 0.88, 0.05)] for text in texts]


def test_subtitles_over_a_camera_are_recognised() -> None:
    slides = shown(*subtitles("so this is the rope", "and it holds the boat"), kind="camera")
    assert subtitled(slides)
    assert {slide.kind for slide in headed(slides)} == {"camera"}
    assert {slide.heading for slide in headed(slides)} == {None}


def test_subtitles_over_slides_are_no_lines_of_them() -> None:
    spoken = subtitles("so this is the rope", "and it holds the boat", "the sea is cold", "yes")
    names = ("Ropes", "Boats", "Water", "Questions")
    rows = [
        [*titled(name, f"About {name}"), *said] for name, said in zip(names, spoken, strict=True)
    ]
    assert subtitled(shown(*rows))
    assert kept(*rows) == [[name, f"About {name}"] for name in names]
    assert [slide.heading for slide in headed(shown(*rows))] == list(names)


def test_footers_in_the_middle_are_not_subtitles() -> None:
    rows = [[*titled(name, "text"), centred("Week 6", 0.9)] for name in ("Tides", "Ropes", "Fish")]
    assert not subtitled(shown(*rows))
    assert not subtitled(())


def test_a_menu_an_address_and_code_are_those_of_a_screen() -> None:
    menu = line("Datei  Bearbeiten  Ansicht  Hilfe", 0.02, 0.01, 0.03)
    assert is_screen([menu, *bullets("text")])
    assert is_screen([line("www.example.org/shop", 0.2, 0.05, 0.03), *bullets("text")])
    assert is_screen(bullets("const x = 5;", "return x + 1;", "}", "print(x)", height=0.03))
    assert is_screen([line(f"entry {n} in a table", 0.1, 0.03 * n, 0.02) for n in range(30)])


def test_a_slide_is_no_screen() -> None:
    assert not is_screen(())
    assert not is_screen(titled("File, edit and view", "Menus of a window", "Help the user"))
    assert not is_screen(titled("Visit us", "www.example.org", "every day", "at noon"))
    assert not is_screen(
        [line("www.example.edu", 0.7, 0.02, 0.03), *titled("Tides", "Twice a day")]
    )
