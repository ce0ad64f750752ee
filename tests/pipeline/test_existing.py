"""Tests of chapterize.pipeline.existing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chapterize import formats
from chapterize.data import Chapter, Chapters, Media
from chapterize.pipeline.existing import Existing, existing_chapters, is_placeholder

HOUR = 3600.0
LIST = "0:00 Welcome\n4:05 How bees talk\n40:00 Questions\n"
STARTS = (0.0, 245.0, 2400.0)
TITLES = ("Welcome", "How bees talk", "Questions")


def media(folder: Path, *marks: tuple[float, str], name: str = "talk.mp4") -> Media:
    """Media of an hour, with chapters inside."""
    inside = tuple(Chapter(start, HOUR, title) for start, title in marks)
    return Media(folder / name, "mp4", HOUR, 1, True, 0.0, chapters=inside)


def found_next_to(folder: Path, name: str, text: str) -> Existing | None:
    (folder / name).write_text(text, encoding="utf-8")
    return existing_chapters(media(folder))


def test_chapters_inside_come_before_those_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text(LIST, encoding="utf-8")
    inside = media(tmp_path, (0.0, "A"), (60.0, "B"))
    found = existing_chapters(inside)
    assert found is not None
    assert found.source == "embedded"
    assert found.path == inside.path
    assert found.chapters.starts == (0.0, 60.0)
    assert found.where == "inside the file"
    assert existing_chapters(media(tmp_path), files=()) is None


@pytest.mark.parametrize(
    "name",
    [
        "talk.txt",
        "talk.chapters.txt",
        "talk-chapters.txt",
        "talk.mp4.txt",
        "talk.description",
        "talk.youtube.txt",
    ],
)
def test_lists_next_to_the_video_are_found(tmp_path: Path, name: str) -> None:
    found = found_next_to(tmp_path, name, f"A talk about bees.\n\n{LIST}\nThanks!\n")
    assert found is not None
    assert found.source == "file"
    assert found.path.name == name
    assert found.chapters.starts == STARTS
    assert found.chapters.titles == TITLES
    assert found.where == f"in {name}"


@pytest.mark.parametrize(
    "form", [form for form in formats.READABLE if form not in ("webvtt", "youtube", "markdown")]
)
def test_every_format_that_is_read_is_found(tmp_path: Path, form: str) -> None:
    chapters = Chapters.from_starts(STARTS, TITLES, HOUR)
    text = formats.dumps(chapters, form, media="talk.mp4")
    found = found_next_to(tmp_path, f"talk{formats.SUFFIXES[form]}", text)
    assert found is not None
    assert found.chapters.titles == TITLES


def test_information_of_yt_dlp_is_found(tmp_path: Path) -> None:
    rows = [{"start_time": start, "title": t} for start, t in zip(STARTS, TITLES, strict=True)]
    text = json.dumps({"extractor": "youtube", "duration": 3600, "chapters": rows})
    found = found_next_to(tmp_path, "talk.info.json", text)
    assert found is not None
    assert found.chapters.titles == TITLES
    text = json.dumps({"extractor": "youtube", "duration": 3600, "chapters": None})
    assert found_next_to(tmp_path, "talk.info.json", text) is None


def test_captions_and_transcripts_are_no_chapters(tmp_path: Path) -> None:
    cues = "".join(
        f"00:{i // 6:02}:{i % 6}0.000 --> 00:{i // 6:02}:{i % 6}8.000\nAnd then we say so much "
        "of it that it takes eight seconds to say, or even nine.\n\n"
        for i in range(60)
    )
    assert found_next_to(tmp_path, "talk.vtt", f"WEBVTT\n\n{cues}") is None
    spoken = "".join(f"{i // 60}:{i % 60:02}\nand so on and so forth\n" for i in range(0, 900, 4))
    assert found_next_to(tmp_path, "talk.txt", spoken) is None
    text = json.dumps({"segments": [{"start": 0, "end": 9, "text": "Hello."}]})
    assert found_next_to(tmp_path, "talk.json", text) is None
    (tmp_path / "talk.vtt").unlink()
    chapters = formats.dumps(Chapters.from_starts(STARTS, TITLES, HOUR), "webvtt")
    found = found_next_to(tmp_path, "talk.chapters.vtt", chapters)
    assert found is not None
    assert found.chapters.titles == TITLES


@pytest.mark.parametrize(
    "text",
    [
        "We met at 10:30, and again at 12:15.\n",
        "4:05 How bees talk\n40:00 Questions\n",
        "0:00 Only one\n",
        "0:00 Welcome\n40:00 Questions\n4:05 How bees talk\n",
        "",
    ],
)
def test_a_text_needs_two_rows_from_the_start(tmp_path: Path, text: str) -> None:
    assert found_next_to(tmp_path, "talk.txt", text) is None


def test_files_of_other_videos_are_not_taken(tmp_path: Path) -> None:
    for name in ("talk2.txt", "other.txt", "talk.en.txt", "my talk.txt"):
        assert found_next_to(tmp_path, name, LIST) is None


def test_names_may_be_composed_in_another_way(tmp_path: Path) -> None:
    (tmp_path / "cafe\u0301 日本語.txt").write_text(LIST, encoding="utf-8")
    assert existing_chapters(media(tmp_path, name="caf\u00e9 日本語.mp4")) is not None


def test_a_broken_chapter_file_is_reported_and_another_one_is_used(tmp_path: Path) -> None:
    (tmp_path / "talk.chapters.xml").write_text("<Chapters>", encoding="utf-8")
    (tmp_path / "talk.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "talk.txt").write_text(LIST, encoding="utf-8")
    notes: list[str] = []
    found = existing_chapters(media(tmp_path), on_note=notes.append)
    assert found is not None
    assert found.path.name == "talk.txt"
    assert len(notes) == 1
    assert "talk.chapters.xml is ignored" in notes[0]


def test_the_file_that_says_chapters_comes_first(tmp_path: Path) -> None:
    (tmp_path / "talk.description").write_text("0:00 A\n9:00 B\n", encoding="utf-8")
    found = found_next_to(tmp_path, "talk.chapters.txt", LIST)
    assert found is not None
    assert found.path.name == "talk.chapters.txt"


def test_chapters_after_the_end_and_at_the_same_time_are_left_out(tmp_path: Path) -> None:
    rows = ((0.0, "A"), (60.0, ""), (60.0, "B"), (60.0, "C"), (4000.0, "D"))
    found = existing_chapters(media(tmp_path, *rows))
    assert found is not None
    assert found.chapters.titles == ("A", "B")
    assert len(found.notes) == 2
    assert found.notes[0].startswith("1 of 5 chapters of talk.mp4")
    assert existing_chapters(media(tmp_path, (0.0, "A"), (4000.0, "B"))) is None


def test_a_list_comes_before_what_drafts_usually_write(tmp_path: Path) -> None:
    for name in ("talk.youtube.txt", "talk.txt"):
        (tmp_path / name).write_text(f"0:00 One\n0:20 In {name}\n", encoding="utf-8")
    found = existing_chapters(media(tmp_path))
    assert found is not None
    assert found.path.name == "talk.txt"


def test_a_chapter_is_added_before_a_late_first_one(tmp_path: Path) -> None:
    found = existing_chapters(media(tmp_path, (200.0, "A"), (300.0, "B")))
    assert found is not None
    assert found.chapters.starts == (0.0, 200.0, 300.0)
    assert found.chapters.titles == ("", "A", "B")
    assert "3:20" in found.notes[0]
    assert [mark.start for mark in found.marks] == [200.0, 300.0]
    found = existing_chapters(media(tmp_path, (4.0, "A"), (300.0, "B")))
    assert found is not None
    assert found.chapters.starts == (0.0, 300.0)
    assert not found.notes


def test_markers_of_obs_have_no_titles(tmp_path: Path) -> None:
    rows = ((0.0, "Start"), (200.0, "Unnamed 1"), (400.0, "Unnamed 2"))
    found = existing_chapters(media(tmp_path, *rows))
    assert found is not None
    assert found.untitled == 3
    assert not found.is_mechanical
    found = existing_chapters(media(tmp_path, *rows[:2], (400.0, "Questions")))
    assert found is not None
    assert found.chapters.titles == ("Start", "", "Questions")


def test_equal_chapters_without_titles_are_made_by_a_program(tmp_path: Path) -> None:
    rows = [(300.0 * i, f"Chapter {i + 1:02}") for i in range(12)]
    found = existing_chapters(media(tmp_path, *rows))
    assert found is not None
    assert found.untitled == 12
    assert found.is_mechanical
    rows[3] = (rows[3][0], "The dance")
    found = existing_chapters(media(tmp_path, *rows))
    assert found is not None
    assert not found.is_mechanical


@pytest.mark.parametrize(
    "title",
    [
        *("", "Chapter 3", "chapter 03", "Kapitel 12", "第3章", "3. fejezet", "Marker 2", "07"),
        *("Unnamed 1", "7.", "Track 01", "00:05:00.000", "<Untitled Chapter 1>", "Chapter"),
    ],
)
def test_placeholders(title: str) -> None:
    assert is_placeholder(title)


@pytest.mark.parametrize("title", ["Questions", "2019 results", "Chapter 3: Bees", "Apollo 13"])
def test_titles(title: str) -> None:
    assert not is_placeholder(title)


def test_a_word_is_a_placeholder_if_the_list_counts_with_it() -> None:
    assert is_placeholder("Unbenannt 3", ["Start", "Unbenannt 3", "Unbenannt 4"])
    assert not is_placeholder("Apollo 13", ["Apollo 11", "Apollo 13", "The moon"])
