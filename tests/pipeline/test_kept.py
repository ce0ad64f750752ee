"""What a person changed, applied to a later draft of the same file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Chapter, Chapters
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline import Draft, Engines, Options, make_draft
from chapterize.pipeline.edits import SCHEMA, Edited, Edits, edits_file, first_edits
from chapterize.pipeline.kept import keep
from chapterize.segment import SegmentOptions
from tests.fakes import ScriptedTitler
from tests.texts import cues, write_srt


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    """Four minutes, a sentence every ten seconds, divided into six chapters."""
    path = write_srt(tmp_path_factory.mktemp("kept") / "talk.srt", cues(seconds=10.0))
    return make_draft(path, Options(segment=SegmentOptions(count=6)))


def at(draft: Draft, *starts: float) -> Draft:
    """The same draft, with other chapters."""
    titles = [f"Draft {start:g}" for start in starts]
    made = Chapters.from_starts(starts, titles, draft.media.duration)
    return replace(draft, chapters=made)


def changed(draft: Draft, *chapters: Edited) -> Edits:
    return Edits(chapters, first_edits(draft.chapters))


def starts_and_titles(draft: Draft) -> list[tuple[float, str]]:
    return [(each.start, each.title) for each in draft.chapters.chapters]


def first_chapters(draft: Draft) -> list[Edited]:
    return list(first_edits(draft.chapters))


def test_an_untouched_list_changes_nothing_and_notes_nothing(draft: Draft) -> None:
    assert keep(draft, changed(draft, *first_chapters(draft))) is draft


def test_the_same_draft_gives_exactly_the_chapters_of_the_person(draft: Draft) -> None:
    mine = first_chapters(draft)
    mine[1] = replace(mine[1], start=mine[1].start + 1.234)
    mine[2] = replace(mine[2], title="Mine")
    mine[3] = replace(mine[3], is_locked=True)
    del mine[4]
    mine.append(Edited("c1", mine[-1].start + 4.0, "Added"))
    kept = keep(draft, changed(draft, *mine))
    assert starts_and_titles(kept) == [(round(each.start, 3), each.title) for each in mine]
    (note,) = set(kept.notes) - set(draft.notes)
    assert "1 locked, 1 moved, 1 retitled, 1 added, 1 removed" in note
    assert "--no-edits" in note


def test_the_chapters_of_another_granularity_are_kept_and_counted(draft: Draft) -> None:
    finer = first_chapters(at(draft, 0, 50, 100, 150))
    coarse = at(draft, 0, 100)
    kept = keep(coarse, Edits(tuple(finer), first_edits(coarse.chapters)))
    assert kept.chapters.starts == (0, 50, 100, 150)
    assert "are kept (2 from another number of chapters). " in kept.notes[-1]


def test_a_locked_chapter_stays_with_its_title_even_if_the_new_draft_lacks_it(
    draft: Draft,
) -> None:
    mine = first_chapters(at(draft, 0, 50, 100))
    mine[1] = replace(mine[1], is_locked=True)
    kept = keep(at(draft, 0, 150), Edits(tuple(mine), tuple(mine)))
    assert starts_and_titles(kept) == [(0, "Draft 0"), (50, "Draft 50"), (150, "Draft 150")]


def test_a_retitled_chapter_keeps_its_title_at_the_boundary_of_the_new_draft(
    draft: Draft,
) -> None:
    first = first_chapters(at(draft, 0, 50, 100))
    mine = (first[0], replace(first[1], title="Mine"), first[2])
    kept = keep(at(draft, 0, 51.9, 100), Edits(mine, tuple(first)))
    assert starts_and_titles(kept) == [(0, "Draft 0"), (51.9, "Mine"), (100, "Draft 100")]


def test_a_retitled_chapter_without_a_boundary_nearby_stays_where_it_was(draft: Draft) -> None:
    first = first_chapters(at(draft, 0, 50, 100))
    mine = (first[0], replace(first[1], title="Mine"), first[2])
    kept = keep(at(draft, 0, 58, 100), Edits(mine, tuple(first)))
    assert starts_and_titles(kept) == [(0, "Draft 0"), (50, "Mine"), (100, "Draft 100")]


def test_a_moved_boundary_stays_and_its_old_place_does_not_come_back(draft: Draft) -> None:
    first = first_chapters(at(draft, 0, 50, 100))
    mine = (first[0], replace(first[1], start=75.0), first[2])
    kept = keep(at(draft, 0, 52, 100), Edits(mine, tuple(first)))
    assert starts_and_titles(kept) == [(0, "Draft 0"), (75, "Draft 50"), (100, "Draft 100")]


def test_a_removed_boundary_does_not_come_back(draft: Draft) -> None:
    first = first_chapters(at(draft, 0, 50, 100))
    edits = Edits((first[0], first[2]), tuple(first))
    kept = keep(at(draft, 0, 54, 102, 150), edits)
    assert kept.chapters.starts == (0, 102, 150)


def test_an_untouched_chapter_follows_the_new_draft(draft: Draft) -> None:
    first = first_chapters(at(draft, 0, 50, 100))
    mine = (first[0], first[1], replace(first[2], is_locked=True))
    assert keep(at(draft, 0, 70, 100), Edits(mine, tuple(first))).chapters.starts == (0, 70, 100)


def test_a_new_boundary_too_close_to_a_kept_one_gives_way(draft: Draft) -> None:
    first = first_chapters(at(draft, 0, 50))
    mine = (first[0], replace(first[1], is_locked=True))
    kept = keep(at(draft, 0, 45, 58, 60), Edits(mine, tuple(first)))
    assert kept.chapters.starts == (0, 50, 60)


def test_a_chapter_past_the_end_of_the_media_is_left_out(draft: Draft) -> None:
    mine = (*first_chapters(draft), Edited("c1", 10_000.0, "Late"))
    assert "Late" not in keep(draft, changed(draft, *mine)).chapters.titles


def test_a_number_of_chapters_holds_around_what_is_kept(draft: Draft) -> None:
    mine = first_chapters(draft)
    mine[2] = replace(mine[2], start=mine[2].start + 3.3, title="Mine")
    edits = changed(draft, *mine)
    for count in (3, 4, 5, 9):
        options = SegmentOptions(count=count)
        kept = keep(draft.with_count(count), edits, options)
        assert len(kept.chapters) == count
        assert (mine[2].start, "Mine") in starts_and_titles(kept)
        assert all(title.strip() for title in kept.chapters.titles)
    one = keep(draft.with_count(1), edits, SegmentOptions(count=1))
    assert one.chapters.starts == (0, mine[2].start)


def test_only_chapters_without_a_title_are_titled(draft: Draft) -> None:
    mine = first_chapters(draft)
    mine[2] = replace(mine[2], title="Mine")
    titler = ScriptedTitler()
    two = draft.with_count(2)
    kept = keep(two, changed(draft, *mine), SegmentOptions(count=2), titler=titler)
    assert kept.chapters.titles == (two.chapters.titles[0], "Mine")
    assert titler.history == []
    nine = keep(draft.with_count(9), changed(draft, *mine), SegmentOptions(count=9), titler=titler)
    assert nine.chapters.titles.count("Mine") == 1


def test_confidence_and_evidence_stay_where_the_boundary_is_the_drafts(draft: Draft) -> None:
    mine = first_chapters(draft)
    mine[1] = replace(mine[1], title="Mine")
    mine[2] = replace(mine[2], start=mine[2].start + 1.0)
    kept = keep(draft, changed(draft, *mine)).chapters.chapters
    own = draft.chapters.chapters
    assert kept[1] == replace(own[1], title="Mine", end=kept[1].end)
    assert kept[2] == Chapter(mine[2].start, own[2].end, own[2].title)


def test_chapters_without_words_are_numbered_in_order(draft: Draft) -> None:
    silent = replace(draft, transcript=replace(draft.transcript, cues=()))
    numbered = Chapters.from_starts([0, 50, 100], ["Chapter 1", "Chapter 2", "Chapter 3"], 240)
    silent = replace(silent, chapters=numbered)
    first = first_edits(numbered)
    mine = (first[0], Edited("c1", 20.0, "Mine"), replace(first[1], is_locked=True), first[2])
    kept = keep(silent, Edits(mine, first))
    assert kept.chapters.titles == ("Chapter 1", "Mine", "Chapter 3", "Chapter 4")


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose second chapter a person retitled."""
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "state"))
    path = write_srt(tmp_path / "talk.srt", cues(seconds=10.0))
    first = first_edits(make_draft(path).chapters)
    mine = (first[0], replace(first[1], title="Mine"), *first[2:])
    file = edits_file(file_fingerprint(path))
    file.parent.mkdir(parents=True)
    rows = {"chapters": mine, "first": first}
    found = {name: [each.as_row() for each in chapters] for name, chapters in rows.items()}
    file.write_text(json.dumps({"schema": SCHEMA, "dropped": [], **found}))
    return path


def test_a_draft_keeps_edits_only_if_asked(edited: Path) -> None:
    assert "Mine" not in make_draft(edited).chapters.titles
    notes: list[str] = []
    draft = make_draft(edited, Options(edits=True), on_note=notes.append)
    assert draft.chapters.titles[1] == "Mine"
    assert notes == list(draft.notes)
    assert any("1 retitled" in note for note in notes)


def test_a_draft_of_a_renamed_file_keeps_them_too(edited: Path) -> None:
    renamed = edited.rename(edited.with_name("other.srt"))
    engines = Engines(titler=ScriptedTitler())
    assert make_draft(renamed, Options(edits=True), engines=engines).chapters.titles[1] == "Mine"
