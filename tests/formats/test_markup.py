"""What of a pasted list is markup, and what is title."""

from __future__ import annotations

import pytest

from chapterize.formats import text_lists
from chapterize.formats.markup import is_html, rows_of, without_markup

WANTED = [(0, "Kiln"), (400, "Wax"), (725, "Firing")]


@pytest.mark.parametrize(
    "text",
    [
        "**0:00** Kiln\n**6:40** Wax\n**12:05** Firing\n",
        "**0:00:** Kiln\n**6:40 - Wax**\n*12:05* _Firing_\n",
        "[0:00](https://youtu.be/x?t=0) Kiln\n[6:40](https://youtu.be/x?t=400) **Wax**\n"
        "[**12:05**](https://youtu.be/x?t=725) Firing\n",
        "| Time | Title |\n|---:|---|\n| 0:00 | Kiln |\n| `6:40` | **Wax** |\n| 12:05 | Firing |\n",
        "| # | Title | Time |\n|-|-|-|\n| 1 | Kiln | 0:00 |\n| 2 | Wax | 6:40 |\n"
        "| 3 | Firing | 12:05 |\n",
        "## 0:00 Kiln\n\ntext\n\n## 6:40 Wax ##\n\n### `12:05` Firing\n",
        "* 0:00 Kiln\n* 6:40 Wax\n* 12:05 Firing\n",
        "1. 0:00 Kiln\n2. `6:40` Wax\n3. [12:05](x/y#t=725) Firing\n",
        "- [ ] 0:00 Kiln\n- [x] 6:40 Wax\n- [x] 12:05 Firing\n",
        "> 0:00 Kiln\n> 6:40 Wax\n> 12:05 Firing\n",
        "\\[0:00\\] Kiln\n\\[6:40\\] Wax\n\\[12:05\\] Firing\n",
        "- [[https://x.y/?t=0][0:00]] Kiln\n- [[https://x.y/?t=400][6:40]] Wax\n- 12:05 Firing\n",
        "[b]0:00[/b] Kiln\n[url=https://x.y/]6:40[/url] Wax\n[b]12:05[/b] Firing\n",
        "'''0:00''' Kiln\n'''6:40''' Wax\n'''12:05''' Firing\n",
        "<https://x.y/?t=0|0:00> Kiln\n<https://x.y/?t=400|6:40> Wax\n<https://x.y|12:05> Firing\n",
        "<p><b>0:00</b> Kiln<br>6:40 Wax<br/>\n<a href='https://y.be/?t=725'>12:05</a> Firing</p>",
        "<ul><li>0:00 Kiln</li><li>6:40 Wax</li><li>12:05 Firing</li></ul>",
        "<table><tr><td>0:00</td><td>Kiln</td></tr><tr><td>6:40</td><td>Wax</td></tr>"
        "<tr><td>12:05</td><td>Firing</td></tr></table>",
        "<table>\n<thead><tr><th>Time</th><th>Title</th></tr></thead>\n<tbody><tr><td>0:00</td>"
        "<td>Kiln</td></tr>\n<tr><td>6:40</td><td>Wax</td></tr><tr><td>12:05</td>"
        "<td>Firing</td></tr></tbody></table>",
        '<a href="/watch?v=x&amp;t=0s">0:00</a> Kiln<br />6:40 Wax<br />12:05 Firing<br />',
        "0:00 **Kiln**\n6:40 **Wax**\n12:05 __Firing__\n",
        "<!-- wp:list -->\n<dl><dt>0:00</dt><dd>Kiln</dd><dt>6:40</dt><dd>Wax</dd>"
        "<dt>12:05</dt><dd>Firing</dd></dl>\n",
    ],
)
def test_markup_leaves_times_and_titles(text: str) -> None:
    assert [(mark.start, mark.title) for mark in text_lists.scan(text).marks] == WANTED


@pytest.mark.parametrize(
    "title",
    [
        "[Live] intro",
        "C* algebras",
        "snake_case_name",
        "2 * 3 * 4",
        "f(*args, **kwargs)",
        "a < b > c",
    ],
)
def test_titles_that_only_look_like_markup_stay(title: str) -> None:
    for text in (f"0:00 {title}\n6:40 Wax\n", f"**0:00** {title}\n**6:40** Wax\n"):
        assert text_lists.scan(text).marks[0].title == title


def test_an_identifier_of_underscores_stays_in_markdown() -> None:
    assert text_lists.scan("**0:00** __init__ first\n").marks[0].title == "__init__ first"


def test_entities_of_a_pasted_description_become_characters() -> None:
    text = "0:00 Salt &amp; ash\n6:40 It&#39;s &quot;hot&quot;\n"
    assert [mark.title for mark in text_lists.scan(text).marks] == ["Salt & ash", 'It\'s "hot"']


def test_lines_are_counted_in_the_source() -> None:
    rows = rows_of("<p>\n0:00 Kiln<br>6:40 Wax</p>\n<p>12:05 Firing</p>\n")
    assert [(row.line, row.text) for row in rows if row.text.strip()] == [
        (2, "0:00 Kiln"),
        (2, "6:40 Wax"),
        (3, "12:05 Firing"),
    ]


def test_html_is_told_from_other_xml() -> None:
    assert is_html("<p>0:00")
    assert is_html("<!DOCTYPE html>")
    assert not is_html("<Chapters>")
    assert not is_html("<psc:chapters>")


def test_markdown_is_shown_as_text() -> None:
    assert without_markup(r"**Kiln** [wax](https://x.y/) \*hot\* `a_b`") == "Kiln wax *hot* a_b"
