"""The list in a description is replaced, and every other byte stays."""

from __future__ import annotations

import pytest

from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import describe

NEW = Chapters.from_starts([0, 65, 3700], ["Kiln", "Wax", "Firing"], 4000)
LIST = "0:00 Kiln\n1:05 Wax\n1:01:40 Firing"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0:00 a\n0:10 b\n0:20 c", LIST),
        ("- 0:00 a\n- 0:10 b", "- 0:00 Kiln\n- 1:05 Wax\n- 1:01:40 Firing"),
        ("• 00:00 – a\n• 00:10 – b", "• 00:00 – Kiln\n• 01:05 – Wax\n• 01:01:40 – Firing"),
        ("(0:00:00) a\n(0:00:10) b", "(0:00:00) Kiln\n(0:01:05) Wax\n(1:01:40) Firing"),
        ("1. 0:00 a  \n2. 0:10 b  ", "1. 0:00 Kiln  \n2. 1:05 Wax  \n3. 1:01:40 Firing  "),
        ("a 0:00\nb 0:10", "Kiln 0:00\nWax 1:05\nFiring 1:01:40"),
        ("1. a (0:00)\n2. b (0:10)", "1. Kiln (0:00)\n2. Wax (1:05)\n3. Firing (1:01:40)"),
        ("**0:00** a\n**0:10** b", "**0:00** Kiln\n**1:05** Wax\n**1:01:40** Firing"),
        (
            "[0:00](https://youtu.be/x1?t=0) a\n[0:10](https://youtu.be/x1?t=10) b",
            "[0:00](https://youtu.be/x1?t=0) Kiln\n[1:05](https://youtu.be/x1?t=65) Wax\n"
            "[1:01:40](https://youtu.be/x1?t=3700) Firing",
        ),
        ("0:00 a\n\n0:10 b\n\n0:20 c", "0:00 Kiln\n\n1:05 Wax\n\n1:01:40 Firing"),
        ("0:00 a\n- 0:10 b", LIST),
        ("0:00 - 0:10 a\n0:10 - 0:20 b", LIST),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_new_list_looks_like_the_old_one(old: str, new: str, end: str) -> None:
    before, after = "\ufeffMy video, at 12:30  \n\nChapters:\n", "\n\nMusic from 1:00 by X \t\n#tag"
    text = f"{before}{old}{after}".replace("\n", end)
    made = describe(text, NEW)
    assert made.text == f"{before}{new}{after}".replace("\n", end)
    assert made.old == old.replace("\n", end)
    assert made.line == 4
    assert describe(made.text, NEW).text == made.text


@pytest.mark.parametrize(
    ("text", "new", "line"),
    [
        ("", f"{LIST}\n", 1),
        ("About pots.", f"About pots.\n\n{LIST}\n", 3),
        ("About pots.\n", f"About pots.\n\n{LIST}\n", 3),
        ("About pots.\n\n", f"About pots.\n\n{LIST}\n", 3),
        ("a\r\nb\r\n", "a\r\nb\r\n\r\n" + f"{LIST}\n".replace("\n", "\r\n"), 4),
        ("Top\n{chapters}\nEnd", f"Top\n{LIST}\nEnd", 2),
        ("Doors\n18:00 Start\n19:00 Talk\n20:00 End\n", None, 6),
        ("0:00 only one row\n", None, 3),
    ],
)
def test_a_first_list_goes_to_its_place_or_to_the_end(
    text: str, new: str | None, line: int
) -> None:
    made = describe(text, NEW)
    assert made.text == (f"{text}\n{LIST}\n" if new is None else new)
    assert (made.old, made.line) == ("", line)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0:00 a\n1:00 b\n\nand\n\n0:00 c\n2:00 d\n", "2 lists of chapters, at lines 1 and 6"),
        ("{chapters}\n{chapters}\n", "2 places"),
        ("0:00 a\nabout a\n1:00 b\nabout b\n", "other lines in between, line 2"),
        ("0:00 a\n1:00 b\nabout b\n2:00 c\n", "other lines in between, line 3"),
        ("0:00 a\n\nabout a\n\n1:00 b\n\nabout b\n\n2:00 c\n", "in between, line 2"),
    ],
)
def test_what_is_not_clear_is_an_error(text: str, what: str) -> None:
    with pytest.raises(FormatError, match=what) as caught:
        describe(text, NEW)
    assert "{chapters}" in caught.value.hint


def test_a_list_that_starts_too_late_for_youtube_is_replaced_too() -> None:
    made = describe("Top\n0:05 a\n1:00 b\n2:00 c\nEnd", NEW)
    assert made.text == f"Top\n{LIST}\nEnd"
    assert made.old == "0:05 a\n1:00 b\n2:00 c"


def test_what_youtube_refuses_is_not_written() -> None:
    with pytest.raises(FormatError, match="holds <"):
        describe("", Chapters.from_starts([0, 60], ["a <b>", "c"], 120))
