"""A caption file and a chapter file as a corpus of one document."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.compare import pair_document
from chapterize.data import Chapters, Cue
from chapterize.errors import FormatError, InputError
from chapterize.formats import READABLE, SUFFIXES, dumps
from tests.texts import cues, write_srt

CHAPTERS = Chapters.from_starts([0.0, 40.2, 79.0], ["Bread", "Stars", "Taxes"], 119.5)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return write_srt(tmp_path / "talk 日本.srt", cues())


@pytest.mark.parametrize("name", READABLE)
def test_every_readable_chapter_format_is_accepted(name: str, talk: Path, tmp_path: Path) -> None:
    chapters = tmp_path / f"talk{SUFFIXES[name]}"
    chapters.write_text(dumps(CHAPTERS, name), encoding="utf-8")
    (document,) = pair_document(talk, chapters).documents
    assert document.id == document.source == "talk 日本.srt"
    assert document.boundaries == (0, 8, 16)
    assert document.titles == ("Bread", "Stars", "Taxes")
    # A YouTube list has whole seconds.
    assert document.starts[1:] == pytest.approx((40.2, 79.0), abs=0.21)
    assert document.duration == pytest.approx(119.5)
    assert document.is_timed


def test_a_second_chapter_at_one_sentence_is_left_out_and_reported(
    talk: Path, tmp_path: Path
) -> None:
    chapters = tmp_path / "c.txt"
    chapters.write_text("0:00 Bread\n0:40 Stars\n0:41 Planets\n1:20 Taxes\n")
    corpus = pair_document(talk, chapters)
    assert corpus.documents[0].titles == ("Bread", "Stars", "Taxes")
    assert corpus.documents[0].boundaries == (0, 8, 16)
    assert any("'Planets' was left out" in note for note in corpus.notes)


def test_a_chapter_beyond_the_captions_is_refused(talk: Path, tmp_path: Path) -> None:
    chapters = tmp_path / "c.txt"
    chapters.write_text("0:00 Bread\n0:40 Stars\n9:00 Taxes\n")
    with pytest.raises(FormatError, match="Taxes"):
        pair_document(talk, chapters)


@pytest.mark.parametrize("start", ["2:00", "2:30"])
def test_a_chapter_of_music_after_the_last_words_is_kept(
    start: str, talk: Path, tmp_path: Path
) -> None:
    chapters = tmp_path / "c.txt"
    chapters.write_text(f"0:00 Bread\n0:40 Stars\n{start} Music\n")
    (document,) = pair_document(talk, chapters).documents
    assert document.titles == ("Bread", "Stars", "Music")
    assert document.boundaries[-1] == len(document.units) - 1
    assert document.duration == document.starts[-1] + 1


def test_one_sentence_is_not_enough(tmp_path: Path) -> None:
    captions = write_srt(tmp_path / "t.srt", (Cue(0.0, 4.0, "Hello there, good evening."),))
    chapters = tmp_path / "c.txt"
    chapters.write_text("0:00 All\n")
    with pytest.raises(InputError, match="one sentence"):
        pair_document(captions, chapters)
