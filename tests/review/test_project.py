"""The chapters of one file: changes, history, and the stored state."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.errors import InputError, OutputError
from chapterize.pipeline import Draft
from chapterize.pipeline.edits import Edited, edits_of
from chapterize.review import Project
from chapterize.review.project import MOST_STEPS, Changed
from chapterize.review.proposals import Proposal
from tests.review.conftest import Open


def proposals(project: Project) -> list[Proposal]:
    return [Proposal(e.start, e.title, e.is_locked, e.id) for e in project.chapters]


def retitle(project: Project, title: str, at: int = 1) -> int:
    mine = proposals(project)
    mine[at] = replace(mine[at], title=title)
    return project.put(mine, project.version)


def titles(project: Project) -> list[str]:
    return [each.title for each in project.chapters]


def test_it_starts_with_the_draft_and_writes_nothing(project: Project, state: Path) -> None:
    assert project.tiled().starts == project.draft.chapters.starts
    assert titles(project) == list(project.draft.chapters.titles)
    assert (project.version, project.can_undo, project.can_redo) == (1, False, False)
    assert not state.exists()


def test_a_chapter_keeps_its_id_through_every_change(project: Project) -> None:
    mine = proposals(project)
    mine[2] = replace(mine[2], start=mine[2].start + 2.5, title="Mine", is_locked=True)
    assert project.put(mine, 1) == 2
    found = project.chapters[2]
    assert found.id == mine[2].id
    assert (found.is_moved, found.is_retitled, found.is_locked, found.is_added) == (
        *(True, True, True),
        False,
    )
    assert not any(e.is_moved or e.is_retitled or e.is_added for e in project.chapters[:2])


def test_a_chapter_moved_back_is_no_longer_moved(project: Project) -> None:
    before = proposals(project)
    mine = [*before]
    mine[2] = replace(mine[2], start=mine[2].start + 2.5)
    project.put(mine, 1)
    project.put(before, 2)
    assert not project.chapters[2].is_moved


def test_a_chapter_without_an_id_is_an_added_one_with_a_new_id(project: Project) -> None:
    mine = [*proposals(project), Proposal(235.0, "End")]
    project.put(mine, 1)
    assert project.chapters[-1] == Edited("c1", 235.0, "End")
    project.put([*proposals(project)[:-1], Proposal(236.0, "End")], 2)
    assert project.chapters[-1].id == "c2"


def test_a_chapter_without_an_id_at_a_known_place_is_the_known_one(project: Project) -> None:
    pasted = [Proposal(each.start, "Pasted") for each in project.chapters]
    project.put(pasted, 1)
    assert [each.id for each in project.chapters] == [each.id for each in project.first]
    assert all(each.is_retitled for each in project.chapters)


def test_an_id_that_comes_twice_counts_once(project: Project) -> None:
    mine = proposals(project)
    twice = [*mine, replace(mine[-1], start=mine[-1].start + 5.0)]
    project.put(twice, 1)
    ids = [each.id for each in project.chapters]
    assert len(set(ids)) == len(ids)
    assert project.chapters[-1].is_added


def test_chapters_of_another_count_are_not_the_persons(project: Project) -> None:
    mine = [*proposals(project), Proposal(235.0, "End", is_placed=True, is_titled=True)]
    project.put(mine, 1)
    found = project.chapters[-1]
    assert not any((found.is_added, found.is_retitled, found.is_moved))


def test_the_same_chapters_are_no_step(project: Project, state: Path) -> None:
    assert project.put(proposals(project), 1) == 1
    assert not project.can_undo
    assert not state.exists()


def test_each_change_is_one_step_that_can_be_taken_back_and_repeated(project: Project) -> None:
    first = titles(project)
    retitle(project, "A")
    retitle(project, "B")
    assert project.undo(3) == 4
    assert titles(project)[1] == "A"
    assert project.undo(4) == 5
    assert titles(project) == first
    assert project.undo(5) == 5
    assert project.redo(5) == 6
    assert project.redo(6) == 7
    assert titles(project)[1] == "B"
    assert project.redo(7) == 7


def test_a_change_after_an_undo_replaces_what_was_undone(project: Project) -> None:
    retitle(project, "A")
    project.undo(project.version)
    retitle(project, "B")
    assert not project.can_redo
    project.undo(project.version)
    assert titles(project) == list(project.draft.chapters.titles)


def test_a_hundred_steps_can_be_undone(project: Project) -> None:
    for number in range(MOST_STEPS + 20):
        retitle(project, f"T{number}")
    n_undone = 0
    while project.can_undo:
        project.undo(project.version)
        n_undone += 1
    assert n_undone == MOST_STEPS >= 100
    assert titles(project)[1] == "T19"


def test_restoring_the_first_draft_is_a_step_that_can_be_undone(project: Project) -> None:
    mine = [proposals(project)[0], Proposal(100.0, "Mine", is_locked=True)]
    project.put(mine, 1)
    project.restore(2)
    assert project.chapters == project.first
    project.undo(3)
    assert titles(project) == [project.first[0].title, "Mine"]


def test_a_change_to_another_version_is_refused_and_changes_nothing(project: Project) -> None:
    retitle(project, "A")
    with pytest.raises(Changed, match="another tab"):
        project.put(proposals(project)[:2], 1)
    for change in (project.undo, project.redo, project.restore):
        with pytest.raises(Changed):
            change(7)
    assert titles(project)[1] == "A"
    assert project.version == 2


@pytest.mark.parametrize(
    "starts", [[], [0, 50, 50], [0, 50, 49], [0, 240.0], [0, 50, 50.0004], list(range(1001))]
)
def test_impossible_chapters_are_refused(project: Project, starts: list[float]) -> None:
    with pytest.raises(InputError):
        project.put([Proposal(float(each), "T") for each in starts], 1)
    assert project.version == 1


def test_titles_are_one_line_without_control_characters(project: Project) -> None:
    retitle(project, " a\nb\x00\x1b[31m\u2028c\ud800 " + "x" * 600)
    title = titles(project)[1]
    assert title.startswith("a b [31m c  xxx")
    assert len(title) <= 500
    script = "<script>alert(1)</script>"
    retitle(project, script)
    assert titles(project)[1] == script


def test_the_state_survives_with_its_history(project: Project, open_project: Open) -> None:
    retitle(project, "A")
    retitle(project, "B")
    project.undo(project.version)
    again = open_project()
    assert titles(again)[1] == "A"
    assert again.version == project.version
    assert again.can_undo
    assert again.can_redo
    again.redo(again.version)
    assert titles(again)[1] == "B"
    again.put([*proposals(again), Proposal(235.0, "End")], again.version)
    assert again.chapters[-1].id == "c1"


def test_the_stored_state_is_private_and_names_no_folder(
    project: Project, state: Path, draft: Draft
) -> None:
    retitle(project, "A")
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o700
    assert str(draft.media.path.parent) not in state.read_text()
    assert edits_of(json.loads(state.read_text())) == project.edits


@pytest.mark.parametrize("damage", ["", "{", '{"schema": "chapterize.edits/1"}', "\0\0"])
def test_a_damaged_state_is_put_aside_with_a_note(
    project: Project, open_project: Open, state: Path, damage: str
) -> None:
    retitle(project, "A")
    state.write_text(damage)
    again = open_project()
    assert again.chapters == again.first
    (note,) = again.notes
    assert ".damaged" in note
    assert state.with_name(f"{state.name}.damaged").read_text() == damage
    retitle(again, "B")
    assert titles(open_project())[1] == "B"


@pytest.mark.parametrize("name", ["history", "position", "version", "n_ids"])
def test_a_damaged_history_counts_as_damage_too(
    project: Project, open_project: Open, state: Path, name: str
) -> None:
    retitle(project, "A")
    stored = json.loads(state.read_text())
    stored[name] = -1
    state.write_text(json.dumps(stored))
    again = open_project()
    assert again.notes or name in ("version", "n_ids")
    retitle(again, "B")


def test_a_state_that_cannot_be_written_leaves_everything_as_it_was(
    project: Project, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    retitle(project, "A")
    stored = state.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError) as caught:
        retitle(project, "B")
    assert "disk is full" in caught.value.why
    assert str(state.parent) in caught.value.hint
    assert titles(project)[1] == "A"
    assert project.version == 2
    assert state.read_bytes() == stored
    assert [each.name for each in state.parent.iterdir()] == [state.name]
    monkeypatch.undo()


def test_a_new_draft_is_merged_as_one_step(
    project: Project, open_project: Open, draft: Draft
) -> None:
    mine = proposals(project)
    removed = mine.pop(4)
    mine[2] = replace(mine[2], title="Mine")
    project.put(mine, 1)
    starts = [0.0, draft.chapters.starts[2], removed.start, 205.0]
    other = replace(
        draft, chapters=Chapters.from_starts(starts, ["a", "b", "c", "d"], draft.media.duration)
    )
    again = open_project(other)
    assert [(e.start, e.title) for e in again.chapters] == [
        *((0.0, "a"), (mine[2].start, "Mine")),
        (205.0, "d"),
    ]
    assert [(e.start, e.title) for e in again.first] == list(zip(starts, "abcd", strict=True))
    assert again.version == 3
    (note,) = again.notes
    assert "Your edits are kept; undo returns" in note
    again.undo(again.version)
    assert titles(again)[2] == "Mine"
    assert len({e.id for e in (*again.first, *project.first)}) == 4 + 6


def test_what_was_removed_from_an_earlier_draft_stays_removed(
    project: Project, open_project: Open, draft: Draft
) -> None:
    mine = proposals(project)
    removed = mine.pop(4)
    project.put(mine, 1)
    other = replace(draft, chapters=Chapters.from_starts([0.0], ["a"], draft.media.duration))
    second = open_project(other)
    retitle(second, "A", at=0)
    assert removed.start in second.edits.removed


def test_chapters_of_the_persons_own_are_taken_as_they_are(
    open_project: Open, draft: Draft
) -> None:
    given = Chapters.from_starts([0, 7.5, 9.25], ["x", "y", "z"], draft.media.duration)
    project = open_project(given=given)
    assert [(e.start, e.title) for e in project.chapters] == [(0, "x"), (7.5, "y"), (9.25, "z")]
    assert all(e.is_added for e in project.chapters)
    project.undo(project.version)
    assert project.chapters == project.first


def test_the_draft_given_as_the_persons_own_is_the_first_draft(
    project: Project, open_project: Open, draft: Draft
) -> None:
    retitle(project, "A")
    again = open_project(given=draft.chapters)
    assert again.chapters == again.first
    again.undo(again.version)
    assert titles(again)[1] == "A"
