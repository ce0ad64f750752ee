"""JSON and JSON5 from anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from chapterize.errors import FormatError
from chapterize.formats.json_tree import is_number, parse_json, parse_object


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{"a": [1.5, "x//y", null]}', {"a": [1.5, "x//y", None]}),
        ("{a: 'it\\'s', 'b': \"c\", $d_1: [1, 2,], }", {"a": "it's", "b": "c", "$d_1": [1, 2]}),
        ("{// x: 1\n a: 'say \"x\"', /* b: 2, */ c: true}", {"a": 'say "x"', "c": True}),
        ("{a: 1e5, b: -2.5, c: 'x\\u0041'}", {"a": 1e5, "b": -2.5, "c": "xA"}),
        ("{}", {}),
    ],
)
def test_json_and_the_json5_of_losslesscut_are_read(text: str, wanted: Any) -> None:
    assert parse_json(text) == wanted


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "'a' appears twice"),
        ('{"a": NaN}', "NaN is not a time"),
        ("{a: -Infinity}", "-Infinity is not a time"),
        ("[" * 200_000, "recursion"),
        ('{"a": ' + "9" * 5000 + "}", "digits"),
    ],
)
def test_what_no_chapter_file_needs_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_json(text)
    assert why in caught.value.why


def test_broken_json5_names_its_line() -> None:
    with pytest.raises(FormatError, match="not JSON, line 3"):
        parse_json("{a: 1, // one\n b: 2,\n c}\n")
    with pytest.raises(FormatError, match="not a chapter file"):
        parse_object("[1]")


def test_numbers_are_finite() -> None:
    assert is_number(1)
    assert not any(map(is_number, (True, "1", None, float("nan"), 10**400)))
