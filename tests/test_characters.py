"""Invisible characters go, joiners that a script needs stay, and cuts break nothing."""

from __future__ import annotations

import pytest

from chapterize import formats
from chapterize.characters import cut, without_invisible
from chapterize.data import Chapters

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


HIDDEN = (
    "\u202a\u202e\u2066\u2069\u200b\u200e\u200f\u061c\ufeff\u00ad\u2060\u2064\u206a\u200c\u200d"
    "\ufe0e\ufe0f\ufe01\u180e\u3164\u115f\u034f\ufff9\U000e0001\U000e0041\U000e0100"
)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_nobody_sees_is_removed(hidden: str) -> None:
    assert without_invisible(f"Ki{hidden}ln{hidden}") == "Kiln"
    assert without_invisible(hidden * 3) == ""


@pytest.mark.parametrize(
    "title",
    [
        *("\u0645\u06cc\u200c\u062e\u0648\u0627", "\u0915\u094d\u200d\u0937", "\u0d28\u0d4d\u200d"),
        *(FAMILY, ENGLAND, "1\ufe0f\u20e3", "\u2764\ufe0f\u200d\U0001f525"),
        *("\U0001f3f3\ufe0f\u200d\U0001f308", "\u845b\U000e0100\u57ce", "\u1820\u180b"),
        *("two\nlines", "plain", "\u05e7\u05b8\u034f\u05bd"),
    ],
)
def test_what_a_script_or_an_emoji_needs_stays(title: str) -> None:
    assert without_invisible(title) == title


def test_an_emoji_carries_no_hidden_text() -> None:
    hidden = "".join(map(chr, range(0xE0100, 0xE0110)))
    assert without_invisible(f"\U0001f600\ufe0f{hidden}\ufe0f") == "\U0001f600\ufe0f"


@pytest.mark.parametrize("name", formats.READABLE)
def test_titles_lose_it_on_the_way_in_and_out(name: str) -> None:
    hidden = Chapters.from_starts([0, 60], ["Ki\u202eln", "W\u200bax\ufeff"], 120)
    assert hidden.titles == ("Kiln", "Wax")
    text = formats.dumps(hidden, name).replace("Kiln", "Ki\u202eln")
    read = formats.loads(text, format=name, duration=120)
    assert read.chapters.titles == ("Kiln", "Wax")
    assert any("nobody sees" in note and "chapter 1" in note for note in read.notes)


@pytest.mark.parametrize(
    ("text", "most", "start"),
    [
        ("short", 10, "short"),
        ("\u8b1b" * 5, 7, "\u8b1b" * 2),
        ("ae\u0301", 2, "a"),
        (f"ab{FAMILY}", 10, "ab"),
        ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 12, "\U0001f1e9\U0001f1ea"),
        ("a\U0001f44d\U0001f3fd", 5, "a"),
        (f"a{ENGLAND}", 20, "a"),
        ("\u2764\ufe0f", 3, "\u2764"),
    ],
)
def test_a_cut_breaks_nothing_that_is_seen(text: str, most: int, start: str) -> None:
    assert cut(text, most) == start
