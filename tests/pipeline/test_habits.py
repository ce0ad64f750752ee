"""The profile that a draft follows, and what teaches it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline import Options, draft_json, make_draft
from chapterize.pipeline.habits import (
    drafted_counts,
    learned,
    remember,
    teach,
    usual_count,
    with_profile,
)
from chapterize.profiles import (
    FILE_NAME,
    KeptList,
    Profile,
    change_profile,
    folder_profile,
    named_profile,
    read_profile,
)
from chapterize.segment import SegmentOptions
from tests.texts import cues, write_srt

AUTO = Options(profile="auto")


def kept(n: int = 0, chapters: int = 30) -> KeptList:
    return KeptList(f"{n:012x}", chapters, 10.0, 0.4, 3, "title", True)


def put(path: Path, *lists: KeptList, granularity: str | None = None) -> Path:
    change_profile(path, lambda profile: Profile(lists, granularity))
    return path


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    folder = tmp_path / "course 'x\" 日本語"
    folder.mkdir()
    return write_srt(folder / "talk.srt", cues())


def test_the_library_follows_no_profile_unless_it_is_asked_to(talk: Path) -> None:
    put(talk.parent / FILE_NAME, kept(1))
    draft = make_draft(talk)
    assert draft.habit is None
    assert draft_json(draft)["profile"] is None


def test_a_draft_follows_the_profile_of_its_folder_and_says_so(talk: Path) -> None:
    before = make_draft(talk)
    path = put(talk.parent / FILE_NAME, kept(1), kept(2), kept(3))
    notes: list[str] = []
    draft = make_draft(talk, AUTO, on_note=notes.append)
    assert len(draft.chapters) > len(before.chapters)
    assert draft.boundaries.how == "estimated from the length and 3 earlier lists"
    said = (
        "The number follows 3 earlier lists in this folder (.chapterize.toml); for the usual one: "
        "--no-profile."
    )
    assert said in notes
    shown = draft_json(draft)["profile"]
    assert (shown["from"], shown["lists"]) == (str(path), 3)
    assert shown["offset"] > 0.5
    assert said not in draft.with_count(2).notes


def test_a_draft_does_not_follow_the_list_of_its_own_video(talk: Path) -> None:
    own = replace(kept(), id=KeptList.id_of(file_fingerprint(talk)))
    path = put(talk.parent / FILE_NAME, own)
    assert make_draft(talk, AUTO).habit is None
    put(path, own, kept(1))
    habit = make_draft(talk, AUTO).habit
    assert habit is not None
    assert habit.lists == 1


def test_titles_follow_the_profile_also_with_another_count(talk: Path) -> None:
    put(talk.parent / FILE_NAME, kept(1), kept(2))
    draft = make_draft(talk, AUTO)
    for chapters in (draft.chapters, draft.with_count(2).chapters):
        assert chapters.titles[0] == "Introduction"
        assert all(title[0].isupper() for title in " ".join(chapters.titles).split())


def test_a_number_that_was_asked_for_stays(talk: Path) -> None:
    put(talk.parent / FILE_NAME, kept(1), granularity="fine")
    for options in (SegmentOptions(count=2), SegmentOptions(per_hour=60)):
        draft = make_draft(talk, replace(AUTO, segment=options))
        assert len(draft.chapters) == 2
        assert not [note for note in draft.notes if "--no-profile" in note]


def test_a_remembered_granularity_is_used_unless_another_is_asked_for(talk: Path) -> None:
    usual = make_draft(talk)
    put(talk.parent / FILE_NAME, granularity="fine")
    draft = make_draft(talk, AUTO)
    assert len(draft.chapters) == usual.boundaries.granularities["fine"]
    assert [note for note in draft.notes if note.startswith("The number is fine, as chosen")]
    normal = make_draft(talk, replace(AUTO, segment=SegmentOptions(granularity="normal")))
    assert len(normal.chapters) == len(usual.chapters)
    assert not [note for note in normal.notes if "--no-profile" in note]


def test_an_empty_profile_changes_nothing(talk: Path) -> None:
    put(talk.parent / FILE_NAME)
    assert make_draft(talk, AUTO).habit is None


def test_a_broken_profile_is_an_error_before_any_work(talk: Path) -> None:
    (talk.parent / FILE_NAME).write_text("version = 1 2", encoding="utf-8")
    with pytest.raises(FormatError, match="line 1"):
        make_draft(talk.with_name("not even there.mp4"), AUTO)
    assert make_draft(talk).habit is None


def test_a_named_profile_comes_before_that_of_the_folder(talk: Path) -> None:
    put(talk.parent / FILE_NAME, kept(1, 2))
    put(named_profile("talks"), kept(2), kept(3))
    draft = make_draft(talk, Options(profile="talks"))
    assert draft.habit is not None
    assert (draft.habit.lists, draft.habit.name) == (2, "talks")
    assert [note for note in draft.notes if "2 earlier lists in the profile talks;" in note]
    with pytest.raises(InputError, match="no profile 'interviews'") as caught:
        make_draft(talk, Options(profile="interviews"))
    assert "your profiles are: talks" in caught.value.why


def test_a_draft_is_cut_like_another_video(talk: Path, tmp_path: Path) -> None:
    other = write_srt(tmp_path / "other.srt", cues())
    rows = "".join(f"0:{n * 10:02} Part {n}\n" for n in range(6))
    (tmp_path / "other.txt").write_text(rows.replace("Part 0", "Bees"), encoding="utf-8")
    put(talk.parent / FILE_NAME, kept(1, 2))
    draft = make_draft(talk, Options(profile="auto", like=other))
    assert draft.habit is not None
    assert draft.habit.is_like
    assert [note for note in draft.notes if note.startswith("The number follows other.srt;")]
    with pytest.raises(InputError, match="cannot be used together"):
        Options(profile="talks", like=other)
    with pytest.raises(InputError, match="no chapters to learn from"):
        make_draft(talk, Options(like=talk))


def test_a_profile_is_read_once_for_many_files(talk: Path) -> None:
    path = put(named_profile("talks"), kept(1))
    options = with_profile(Options(profile="talks"))
    path.unlink()
    draft = make_draft(talk, options)
    assert draft.habit is not None
    assert draft.habit.lists == 1
    assert with_profile(AUTO) == AUTO


def test_where_a_profile_above_the_folder_is(talk: Path) -> None:
    put(talk.parent.parent / FILE_NAME, kept(1))
    [note] = [note for note in make_draft(talk, AUTO).notes if "--no-profile" in note]
    assert f"in the folder {talk.parent.parent.name} (.chapterize.toml)" in note
    (talk.parent.parent / FILE_NAME).unlink()
    put(folder_profile(talk.parent.parent), kept(1))
    [note] = [note for note in make_draft(talk, AUTO).notes if "--no-profile" in note]
    assert "1 earlier list in a folder above;" in note


# Learning unasked.


def test_learning_unasked_never_creates_a_file_next_to_the_videos(talk: Path) -> None:
    assert teach(talk, [kept(1)], AUTO)
    assert [path.name for path in talk.parent.iterdir()] == ["talk.srt"]
    assert read_profile(folder_profile(talk.parent)).lists == (kept(1),)
    assert make_draft(talk, AUTO).habit is not None


def test_learning_unasked_adds_to_the_profile_that_exists(talk: Path) -> None:
    path = put(talk.parent.parent / FILE_NAME, kept(1))
    assert teach(talk, [kept(2)], AUTO)
    assert len(read_profile(path).lists) == 2
    assert not teach(talk, [kept(2)], AUTO)


def test_a_list_that_is_known_does_not_remove_a_granularity(talk: Path) -> None:
    path = put(talk.parent / FILE_NAME, kept(1), granularity="fine")
    assert not teach(talk, [kept(1)], AUTO)
    assert read_profile(path).granularity == "fine"
    assert teach(talk, [kept(1, 9)], AUTO)
    assert read_profile(path).granularity is None


def test_where_lists_are_learned_follows_the_options(talk: Path) -> None:
    assert learned(talk, Options()) is None
    assert learned(talk, AUTO) == folder_profile(talk.parent)
    assert learned(talk, Options(profile="talks")) == named_profile("talks")
    path = put(named_profile("talks"), kept(1))
    assert learned(talk, with_profile(Options(profile="talks"))) == path
    assert learned(talk, Options(profile=path)) == path
    assert learned(talk, Options(like=talk)) == folder_profile(talk.parent)


def test_what_cannot_be_learned_is_a_note(talk: Path) -> None:
    (talk.parent / FILE_NAME).write_text("broken", encoding="utf-8")
    notes: list[str] = []
    assert not teach(talk, [kept(1)], AUTO, notes.append)
    assert notes[0].startswith("Nothing was learned from the chapters: ")
    remember(talk, "fine", AUTO, notes.append)
    assert notes[1].startswith("The granularity was not kept for later drafts: ")


def test_a_granularity_is_kept_where_a_profile_is(talk: Path) -> None:
    notes: list[str] = []
    remember(talk, "fine", AUTO, notes.append)
    assert not notes
    path = put(talk.parent / FILE_NAME, kept(1))
    for granularity, stored in (("fine", "fine"), ("fine", "fine"), ("normal", None)):
        remember(talk, granularity, AUTO, notes.append)
        assert read_profile(path).granularity == stored
    assert len(notes) == 2
    remember(talk, "coarse", Options(), notes.append)
    assert read_profile(path).granularity is None


def test_the_numbers_that_would_be_drafted_are_known(talk: Path) -> None:
    usual = usual_count()(600)
    assert drafted_counts(600, talk, AUTO) == {round(usual)}
    put(talk.parent / FILE_NAME, kept(1), kept(2))
    found = drafted_counts(600, talk, AUTO)
    assert len(found) == 2
    assert math.isclose(min(found), usual, abs_tol=1)


def test_no_title_and_no_path_gets_into_a_profile(talk: Path) -> None:
    chapters = Chapters.from_starts([0, 60, 90], ["Secret merger", "Layoffs", "Zürich"], 119.5)
    teach(talk, [KeptList.of(chapters, "ab" * 16)], AUTO)
    text = folder_profile(talk.parent).read_text(encoding="utf-8")
    words = ["Secret", "merger", "Layoffs", "Zürich", "talk", "course", "日本語"]
    assert not [word for word in words if word.casefold() in text.casefold()]
