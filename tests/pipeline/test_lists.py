"""The list of chapters that a person made or kept of a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.fingerprint import file_fingerprint
from chapterize.media import open_media
from chapterize.pipeline.edits import Edited, edits_file, first_edits
from chapterize.pipeline.lists import NoList, find_list, read_list
from chapterize.rendering.containers import embed_chapters
from chapterize.review.store import Stored, write_stored
from tests.conftest import AAC, MakeMedia
from tests.texts import cues, write_srt


@pytest.fixture
def talk(tmp_path: Path, video_mp4: Path) -> Path:
    return Path(shutil.copy(video_mp4, tmp_path / "it's a talk 日本語.mp4"))


@pytest.fixture
def long_talk(make_media: MakeMedia, tmp_path: Path) -> Path:
    """SINE of two minutes, in AAC."""
    sine = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=120")
    return Path(shutil.copy(make_media("long.m4a", *sine, *AAC), tmp_path / "long talk.m4a"))


def keep_edits(talk: Path, *edited: Edited) -> None:
    first = first_edits(Chapters.from_starts([0, 2], ["One", "Two"], 4.0))
    file = edits_file(file_fingerprint(talk))
    file.parent.mkdir(parents=True, exist_ok=True)
    states = (first, edited) if edited else (first,)
    write_stored(file, Stored(states, len(states) - 1, 2, first), talk.name)


def test_chapters_inside_the_file_are_a_list(talk: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.mp4"
    chapters = Chapters.from_starts([0, 1, 3], ["Intro", "Bees", "Honey"], 4.0)
    embed_chapters(open_media(talk), chapters, made)
    found = find_list(made)
    assert (found.source, found.kept.chapters) == ("embedded", 3)
    assert found.kept.introduction


def test_a_chapter_file_next_to_the_video_is_a_list(long_talk: Path) -> None:
    long_talk.with_suffix(".txt").write_text("0:00 One\n0:40 Two\n", encoding="utf-8")
    found = find_list(long_talk)
    assert (found.source, found.kept.chapters) == ("file", 2)
    assert file_fingerprint(long_talk).startswith(found.kept.id)


def test_what_was_edited_on_the_review_page_comes_first(talk: Path) -> None:
    talk.with_suffix(".txt").write_text("0:00 One\n0:02 Two\n", encoding="utf-8")
    rows = [Edited(f"c{n}", float(n), f"Part of {n}") for n in range(4)]
    keep_edits(talk, *rows)
    found = find_list(talk)
    assert (found.source, found.kept.chapters) == ("edits", 4)


def test_a_review_without_a_change_is_no_list(talk: Path) -> None:
    keep_edits(talk)
    with pytest.raises(NoList, match="no chapters to learn from"):
        find_list(talk)


def test_chapters_that_a_program_made_are_no_list(long_talk: Path) -> None:
    rows = "".join(f"0:{n}0 Chapter {n + 1}\n" for n in range(6))
    long_talk.with_suffix(".txt").write_text(rows, encoding="utf-8")
    with pytest.raises(NoList, match="not learned"):
        find_list(long_talk)


def test_a_caption_file_has_the_list_next_to_it(tmp_path: Path) -> None:
    captions = write_srt(tmp_path / "talk.srt", cues())
    (tmp_path / "talk.txt").write_text("0:00 One\n0:40 Two\n1:20 Three\n", encoding="utf-8")
    assert find_list(captions).kept.chapters == 3


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        find_list(tmp_path / "gone.mp4")


def test_a_list_needs_the_length_of_its_video(tmp_path: Path, talk: Path) -> None:
    rows = tmp_path / "rows.txt"
    rows.write_text("0:00 One\n0:02 Two\n", encoding="utf-8")
    with pytest.raises(InputError, match="how long the video is"):
        read_list(rows)
    assert read_list(rows, duration=600).kept.minutes == 10.0
    assert read_list(rows, video=talk).kept.id == file_fingerprint(talk)[:12]


def test_a_list_beyond_the_end_of_its_video_is_an_error(tmp_path: Path, talk: Path) -> None:
    rows = tmp_path / "rows.txt"
    rows.write_text("0:00 One\n1:00 Two\n", encoding="utf-8")
    with pytest.raises(FormatError):
        read_list(rows, video=talk)
