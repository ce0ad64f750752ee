"""Typical titles and sponsors, which something said must support."""

from __future__ import annotations

import pytest

from chapterize.title import KeyphraseTitler
from chapterize.title.phrases.typical import sponsor_of


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
