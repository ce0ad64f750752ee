"""Markdown, show notes, and the text of mp4chaps."""

from __future__ import annotations

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError

TITLES = ("Kiln *hot*", "# [Wax](x) <b>", "1. Firing, 二")
THREE = Chapters.from_starts([0, 400.25, 4325.5], TITLES, 5000)


def test_mp4chaps_has_padded_times_with_milliseconds() -> None:
    text = formats.dumps(THREE, "mp4chaps")
    assert text == (
        "00:00:00.000 Kiln *hot*\n00:06:40.250 # [Wax](x) <b>\n01:12:05.500 1. Firing, 二\n"
    )
    plain = Chapters.from_starts(THREE.starts, ["Kiln", "Wax", "Firing"], 5000)
    assert formats.loads(formats.dumps(plain, "mp4chaps"), duration=5000).chapters == plain


def test_show_notes_have_times_in_brackets() -> None:
    plain = Chapters.from_starts([0, 400, 4325], ["Kiln", "Wax\nresist", "Firing"], 5000)
    text = formats.dumps(plain, "show-notes")
    assert text == "(00:00) Kiln\n(06:40) Wax resist\n(01:12:05) Firing\n"
    read = formats.loads(text, duration=5000).chapters
    assert read.starts == plain.starts
    assert read.titles == ("Kiln", "Wax resist", "Firing")


@pytest.mark.parametrize("chapters", [[(0, "a"), (0.5, "b")], [(0, "a"), (5, " ")]])
def test_show_notes_refuse_what_no_reader_would_understand(
    chapters: list[tuple[float, str]],
) -> None:
    starts, titles = zip(*chapters, strict=True)
    with pytest.raises(FormatError, match="line 2"):
        formats.dumps(Chapters.from_starts(starts, titles, 60), "show-notes")


def test_markdown_has_a_heading_for_each_chapter() -> None:
    text = formats.dumps(THREE, "markdown")
    assert text.splitlines()[::2] == [
        "## 0:00 Kiln \\*hot\\*",
        "## 6:40 \\# \\[Wax\\](x) \\<b\\>",
        "## 1:12:05 1\\. Firing, 二",
    ]


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("https://www.youtube.com/watch?v=x", "https://www.youtube.com/watch?v=x&t=400s"),
        ("https://www.youtube.com/watch?v=x&t=9s#a", "https://www.youtube.com/watch?v=x&t=400s"),
        ("https://youtu.be/x", "https://youtu.be/x?t=400s"),
        ("https://example.org/a(1).mp4", "https://example.org/a%281%29.mp4#t=400.25"),
        ("../my%20talk.mp4", "../my%20talk.mp4#t=400.25"),
    ],
)
def test_times_link_to_the_video(address: str, wanted: str) -> None:
    text = formats.dumps(THREE, "markdown", media="my talk.mp4", address=address)
    assert text.startswith("# my talk\n")
    assert f"## [6:40]({wanted}) " in text


def test_without_an_address_times_link_to_the_file() -> None:
    text = formats.dumps(THREE, "markdown", media="my (talk).mp4")
    assert "## [6:40](my%20%28talk%29.mp4#t=400.25) " in text


@pytest.mark.parametrize("media", [None, "my (talk).mp4"])
def test_markdown_is_read_back(media: str | None) -> None:
    text = formats.dumps(THREE, "markdown", media=media) + "\nWhat is said, at 9:59 sharp.\n"
    assert formats.recognise(text) == "markdown"
    read = formats.loads(text, duration=5000).chapters
    assert read.starts == (0, 400, 4325)
    assert read.titles == TITLES


def test_markdown_without_chapters_says_what_is_missing() -> None:
    with pytest.raises(FormatError, match="no chapters found") as caught:
        formats.loads("# Talk\n\nWords.\n", "markdown", duration=60)
    assert "## 1:02 Title" in caught.value.hint


def test_none_of_them_asks_for_the_duration() -> None:
    for name in ("mp4chaps", "show-notes", "markdown"):
        assert not formats.check(name).needs_end
