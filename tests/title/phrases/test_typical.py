"""Typical titles and sponsors, which something said must support."""

from __future__ import annotations

import pytest

from chapterize.title import KeyphraseTitler
from chapterize.title.phrases.typical import sponsor_of, typical_title


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("This episode is brought to you by Acme.", "Acme"),
        ("Today's show is sponsored by Fresh Bikes, the bicycle shop.", "Fresh Bikes"),
        ("Thanks to our sponsor Acme for paying.", "Acme"),
        ("And now a word from our sponsor, Acme.", "Acme"),
        ("Our sponsor today is Acme.", "Acme"),
        ("We are sponsored by Acme and by nobody else.", "Acme"),
    ],
)
def test_an_announced_sponsor_is_named_as_written(sentence: str, name: str) -> None:
    assert sponsor_of(["So.", sentence]) == name


@pytest.mark.parametrize(
    "sentence",
    [
        "Sponsors are hard to find.", "These primitives are brought to you by policy.",
        "Our sponsors are happy.", "These transcripts are sponsored by Blockchain People.", "",
    ],
)  # fmt: skip
def test_talk_about_sponsors_is_not_an_announcement(sentence: str) -> None:
    assert sponsor_of([sentence]) is None


def test_sponsors_are_found_at_the_start_of_a_chapter_only() -> None:
    assert (
        sponsor_of(["One.", "Two.", "Three.", "Four.", "This show is sponsored by Acme."]) is None
    )


def test_a_sponsored_chapter_is_named_so_but_never_the_first() -> None:
    read = ["This episode is brought to you by Acme.", "Acme sells anvils, and anvils are heavy."]
    other = ["Let's talk about bicycle brakes.", "Bicycle brakes squeal in the rain."]
    titles = KeyphraseTitler().title([read, read, other, read], language="en")
    assert titles[1] == "Sponsor: Acme"
    assert sum(title.startswith("Sponsor") for title in titles) == 1


LONG = ["The rope has three strands, and each strand has a twist of its own."] * 9


@pytest.mark.parametrize(
    ("chapter", "number", "title"),
    [
        (["Hello everybody, and welcome."], 0, "Introduction"),
        (["Ropes are old."], 0, None),
        (["Hello everybody, and welcome."], 1, None),
        (["That is it.", "Thank you for listening."], 2, "Conclusion"),
        (["Ropes are old."], 2, None),
        (["Today I am going to talk about ropes."], 0, "Introduction"),
        (["Q - What about knots?", "A - A knot holds.", "Q - Why?"], 1, "Questions and answers"),
        (["Now some questions from the audience.", "Why twist?"], 2, "Questions and answers"),
        (["Any questions?", "What about knots?", "A knot holds."], 1, "Questions and answers"),
        (["Some questions are never asked.", "So it is."], 1, None),
        (["Let's recap what a rope is.", "A rope is a twist."], 1, "Review"),
    ],
)
def test_a_typical_title_needs_its_place_and_something_said(
    chapter: list[str], number: int, title: str | None
) -> None:
    chapters = [LONG, LONG, LONG]
    chapters[number] = chapter
    assert typical_title(chapters, number) == title


def test_a_long_first_chapter_is_no_introduction() -> None:
    assert typical_title([["Hello everybody, and welcome.", *LONG], LONG, LONG], 0) is None
    assert typical_title([["Hello everybody, and welcome."], LONG], 0) is None
