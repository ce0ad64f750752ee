"""Drafts of files that have chapters already."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Chapter, Media, Transcript
from chapterize.errors import InputError
from chapterize.fingerprint import file_fingerprint
from chapterize.media import open_media
from chapterize.pipeline import Draft, Engines, Options, draft_json, make_draft
from chapterize.pipeline.edits import SCHEMA, Edited, edits_file, first_edits
from chapterize.pipeline.existing import existing_chapters, offer_note
from chapterize.segment import SegmentOptions
from tests.fakes import ScriptedTitler, ScriptedTranscriber
from tests.texts import cues, write_srt

LIST = "0:00 Our bread\n0:40 Chapter 2\n1:20 Money\n"


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    """Two minutes of captions, with a chapter file next to them."""
    (tmp_path / "talk.chapters.txt").write_text(LIST, encoding="utf-8")
    return write_srt(tmp_path / "talk.srt", cues())


def drafted(path: Path | Media, existing: str, **options: object) -> Draft:
    return make_draft(path, Options(existing=existing, **options))  # type: ignore[arg-type]


def marked(folder: Path, *marks: tuple[float, str], duration: float = 120.0) -> Media:
    """Media of two minutes with chapters inside; only its words are read."""
    (folder / "talk.mp4").write_bytes(b"0")
    inside = tuple(Chapter(start, duration, title) for start, title in marks)
    return Media(folder / "talk.mp4", "mp4", duration, 1, False, 0.0, chapters=inside)


def store(path: Path, first: Draft, *chapters: Edited) -> None:
    """Store edits that were made of a draft."""
    rows = [each.as_row() for each in first_edits(first.chapters)]
    stored = {"schema": SCHEMA, "chapters": [each.as_row() for each in chapters], "first": rows}
    file = edits_file(file_fingerprint(path))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(stored | {"dropped": []}), encoding="utf-8")


def test_places_and_real_titles_are_kept_and_missing_titles_are_found(captions: Path) -> None:
    draft = drafted(captions, "keep")
    assert draft.chapters.starts == (0.0, 40.0, 80.0)
    assert draft.chapters.titles[::2] == ("Our bread", "Money")
    assert draft.chapters.titles[1] not in ("Chapter 2", "")
    assert all(each.evidence is None for each in draft.chapters.chapters)
    assert "The 3 chapters in talk.chapters.txt are kept; 1 had no title." in draft.notes
    shown = draft_json(draft)
    path = str(captions.with_name("talk.chapters.txt"))
    assert shown["kept"] == {"source": "file", "path": path, "untitled": 1}
    assert shown["count"]["chosen"] == 3
    assert shown["count"]["how"] == "the chapters in talk.chapters.txt"


def test_all_titles_are_new_if_asked(captions: Path) -> None:
    titler = ScriptedTitler()
    draft = make_draft(captions, Options(existing="retitle"), engines=Engines(titler=titler))
    assert draft.chapters.starts == (0.0, 40.0, 80.0)
    assert not {"Our bread", "Money"} & set(draft.chapters.titles)
    assert any("their titles are new" in note for note in draft.notes)


def test_nothing_is_read_if_no_title_is_missing(tmp_path: Path, audio_wav: Path) -> None:
    media = open_media(audio_wav)
    inside = (Chapter(0.0, 1.0, "A"), Chapter(1.0, media.duration, "B"))
    media = replace(media, chapters=inside)
    transcriber = ScriptedTranscriber()
    transcriber.enqueue(*cues()[:1])
    engines = Engines(transcriber=transcriber)
    draft = make_draft(media, Options(existing="keep", titles="llm"), engines=engines)
    assert draft.chapters.titles == ("A", "B")
    assert draft.transcript.source == "none"
    assert draft.notes == ("The 2 chapters inside the file are kept.",)
    words = Options(existing="keep", needs_words=True)
    assert make_draft(media, words, engines=engines).transcript.cues


def test_without_words_chapters_keep_their_numbers(tmp_path: Path) -> None:
    media = marked(tmp_path, (0.0, "Part one"), (50.0, "Chapter 2"), (90.0, ""))
    options = Options(existing="keep")
    draft = make_draft(media, options, transcript=Transcript((), "given", "en"))
    assert draft.chapters.titles == ("Part one", "Chapter 2", "Chapter 3")
    assert any("there are no words for one" in note for note in draft.notes)


def test_five_hundred_chapters_are_kept(tmp_path: Path) -> None:
    media = marked(tmp_path, *((i * 0.2, f"Step {i} of it") for i in range(500)))
    draft = drafted(media, "keep")
    assert len(draft.chapters) == 500
    assert len(draft.with_count(1).chapters) == 1


def test_another_count_is_a_draft_and_no_longer_what_was_kept(captions: Path) -> None:
    draft = drafted(captions, "keep").with_count(2)
    assert len(draft.chapters) == 2
    assert draft.kept is None
    assert not any("are kept" in note for note in draft.notes)


def test_a_file_without_chapters_is_drafted_and_a_note_says_so(tmp_path: Path) -> None:
    draft = drafted(write_srt(tmp_path / "other.srt", cues()), "keep")
    assert draft.kept is None
    assert "other.srt has no chapters yet, so these are drafted." in draft.notes


def test_markers_are_hints(tmp_path: Path) -> None:
    marks = ((0.0, "Start"), (43.0, "Unnamed 1"), (84.0, "Unnamed 2"))
    media = marked(tmp_path, *marks)
    transcript = Transcript(cues(), "given", "en")
    draft = make_draft(media, Options(existing="hints"), transcript=transcript)
    assert [round(start) for start in draft.chapters.starts] == [0, 40, 80]
    assert draft.chapters.chapters[1].evidence is not None
    assert draft.chapters.chapters[1].evidence.marker == 43.0
    assert draft.boundaries.how == "from 2 markers"
    note = "2 of 2 markers start a chapter: 0:39 (marker at 0:43), 1:19 (marker at 1:24)."
    assert note in draft.notes
    two = Options(existing="hints", segment=SegmentOptions(count=2))
    assert len(make_draft(media, two, transcript=transcript).chapters) == 2


def test_chapters_that_a_program_made_are_no_hints(tmp_path: Path) -> None:
    media = marked(tmp_path, *((i * 20.0, f"Chapter {i + 1}") for i in range(6)))
    transcript = Transcript(cues(), "given", "en")
    draft = make_draft(media, Options(existing="hints"), transcript=transcript)
    assert not draft.signals.markers
    assert any("a program made them" in note for note in draft.notes)


def test_edits_win_over_the_chapters_that_are_kept(captions: Path) -> None:
    plain = make_draft(captions)
    start = plain.chapters.starts[0]
    mine = Edited("d1", start, "My own words", False, start, plain.chapters.titles[0])
    store(captions, plain, mine, *first_edits(plain.chapters)[1:])
    draft = drafted(captions, "keep", edits=True)
    assert draft.chapters.titles == ("My own words", draft.chapters.titles[1], "Money")
    assert any("edits from the review are kept" in note for note in draft.notes)


def test_a_review_that_began_with_existing_chapters_is_continued(captions: Path) -> None:
    kept = drafted(captions, "keep")
    first = first_edits(kept.chapters)
    store(captions, kept, first[0], first[1], replace(first[2], start=85.0))
    draft = drafted(captions, "auto", edits=True)
    assert draft.chapters.starts == (0.0, 40.0, 85.0)
    assert draft.chapters.titles == kept.chapters.titles
    assert drafted(captions, "none", edits=True).chapters.titles != kept.chapters.titles
    assert drafted(captions, "auto").kept is None


def test_what_differs_from_the_draft_is_offered(tmp_path: Path) -> None:
    media = marked(tmp_path, (0.0, "A"), (30.0, "Chapter 2"))
    found = existing_chapters(media)
    assert found is not None
    assert offer_note(found, found.chapters) is None
    other = existing_chapters(marked(tmp_path, (0.0, "A"), (31.0, "B"), (50.0, "C")))
    assert other is not None
    note = offer_note(found, other.chapters)
    assert note is not None
    assert note.startswith("There are 2 chapters already inside the file, 1 without a title.")
    assert "--keep" in note
    made = existing_chapters(marked(tmp_path, *((i * 20.0, f"{i}") for i in range(6))))
    assert made is not None
    assert "equally long" in (offer_note(made, other.chapters) or "")


def test_a_count_and_kept_chapters_exclude_each_other() -> None:
    with pytest.raises(InputError, match="--keep cannot be used"):
        Options(existing="keep", segment=SegmentOptions(count=3))
    with pytest.raises(InputError, match="existing is 'all'"):
        Options(existing="all")
