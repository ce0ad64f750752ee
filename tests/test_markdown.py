"""Text that Markdown shows as it is."""

from __future__ import annotations

import pytest

from chapterize.formats.markup import without_markup
from chapterize.markdown import literal, timed_heading


@pytest.mark.parametrize(
    "text", ["a * b_c", "# one", "1. two", "- three", "[x](y)", "<b>&amp;", "a\\*b", "www.x.org"]
)
def test_what_is_escaped_is_read_back(text: str) -> None:
    assert without_markup(literal(text)) == text


def test_a_heading_links_its_time() -> None:
    assert timed_heading(61.5, "a*", None) == "## 1:01 a\\*"
    assert timed_heading(61.5, "a", "x.mp4#t=61.5") == "## [1:01](x.mp4#t=61.5) a"
