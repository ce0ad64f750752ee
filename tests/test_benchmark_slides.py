"""How the benchmark of slides counts headings."""

from __future__ import annotations

from typing import Any

import pytest
from benchmark_slides import plain, read_pages


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("3. Life in a teaspoon (continued)", "life in a teaspoon"),
        ("What’s new?", "whats new"),
        ("Measuring on the way (2)", "measuring on the way"),
        ("One number decides (II)", "one number decides"),
        ("为什么 会内涝\uff08续\uff09", "为什么会内涝"),
        ("72 Stunden", "72 stunden"),
        ("2.1 Doubling", "doubling"),
        ("1918", "1918"),
        ("---", ""),
    ],
)
def test_headings_are_compared_without_what_varies(heading: str, expected: str) -> None:
    assert plain(heading) == expected


def test_headings_are_counted_by_page() -> None:
    gold: dict[str, Any] = {
        "name": "talk",
        "furniture": ["File  Edit  View", "Sea School"],
        "pages": [
            {"start": 0, "end": 10, "kind": "slide", "heading": "The Bowline"},
            {"start": 10, "end": 20, "kind": "slide", "heading": "The Sheet Bend"},
            {"start": 20, "end": 30, "kind": "screen", "heading": None},
            {"start": 30, "end": 40, "kind": "camera", "heading": None},
        ],
    }
    found = [
        {"start": 0, "end": 11, "kind": "slide", "heading": "the bowline"},
        {"start": 11, "end": 20, "kind": "slide", "heading": "Sea School"},
        {"start": 20, "end": 40, "kind": "screen", "heading": "Edit View"},
    ]
    reading = read_pages(gold, found)
    assert (reading.n_wanted, reading.n_right, reading.n_read) == (2, 1, 4)
    assert (reading.n_furniture, reading.n_extra) == (3, 2)
    assert reading.seconds_of_kind == 30
    both = reading + read_pages(gold, [])
    assert (both.n_wanted, both.n_right, both.seconds) == (4, 1, 80)
    assert len(both.faults) == 5
