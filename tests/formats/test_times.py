"""Times that are nearly clock times, and those in links."""

from __future__ import annotations

import pytest

from chapterize.formats.times import LOOSE, as_clock, clock, in_url


def seconds(text: str) -> float | None:
    import re

    kinds = [kind for kind in LOOSE if re.fullmatch(kind.pattern, text, re.IGNORECASE)]
    return kinds[0].seconds(text) if kinds else None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("6.40", 400),
        ("1.02.03", 3723),
        ("00:06:40:12", 400),
        ("00:06:40:250", 400.25),
        ("00;06;40;12", 400),
        ("6 : 40", 400),
        ("6m40s", 400),
        ("1h2m", 3720),
        ("1h05", 3900),
        ("1 hour 2 minutes 3 seconds", 3723),
        ("6′40″", 400),
        ("1時間2分3秒", 3723),
        ("1小时2分", 3720),
        ("6분 40초", 400),
        ("1 ч 2 мин", 3720),
        ("90s", 90),
        ("6.75", None),
        ("00:06:75:12", None),
    ],
)
def test_what_a_time_that_is_nearly_one_means(text: str, wanted: float | None) -> None:
    assert seconds(text) == wanted


@pytest.mark.parametrize("text", ["6.40 EUR", "12.05.2026", "6.405", "40", "Wax"])
def test_other_numbers_are_no_times(text: str) -> None:
    assert seconds(text) is None


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://youtu.be/x?t=400", 400),
        ("https://youtu.be/x?v=1&t=6m40s", 400),
        ("https://vimeo.com/1#t=1h2m3s", 3723),
        ("https://a.example/embed?start=5", 5),
        ("https://a.example/x", None),
    ],
)
def test_the_time_of_a_link(url: str, wanted: float | None) -> None:
    assert in_url(url) == wanted


def test_colons_of_other_keyboards_become_plain() -> None:
    assert as_clock("6：40") == "6:40"
    assert (clock(400), clock(400.25)) == ("6:40", "00:06:40.250")
