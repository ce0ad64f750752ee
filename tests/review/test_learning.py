"""What the review page teaches the profile, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chapterize.data import Chapters
from chapterize.pipeline import Options
from chapterize.profiles import Profile, folder_profile, read_profile
from chapterize.review import Project
from chapterize.review.learning import Learning
from chapterize.review.proposals import proposals_of
from tests.review.conftest import rows

Learn = Callable[..., Learning]


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def learn(project: Project, notes: list[str]) -> Learn:
    def opened(options: Options | None = None) -> Learning:
        return Learning(project, options or Options(profile="auto"), notes.append)

    return opened


def stored(project: Project) -> Profile | None:
    path = folder_profile(project.draft.media.path.parent)
    return read_profile(path) if path.exists() else None


def remove_last(project: Project) -> None:
    project.put(proposals_of(rows(project)[:-1], None), project.version)


def test_an_unchanged_draft_teaches_nothing_even_if_it_is_exported(
    project: Project, learn: Learn, notes: list[str]
) -> None:
    learning = learn()
    learning.keep(project.tiled())
    learning.close()
    assert stored(project) is None
    assert not notes


def test_a_changed_list_is_learned_when_a_result_is_made(project: Project, learn: Learn) -> None:
    learning = learn()
    remove_last(project)
    assert stored(project) is None
    learning.keep(project.tiled())
    found = stored(project)
    assert found is not None
    assert [each.chapters for each in found.lists] == [5]


def test_a_changed_list_is_learned_when_the_page_is_closed(
    project: Project, learn: Learn, notes: list[str]
) -> None:
    learning = learn()
    remove_last(project)
    learning.close()
    found = stored(project)
    assert found is not None
    assert len(found.lists) == 1
    assert [note.partition(".")[0] for note in notes] == ["The profile learned from your chapters"]


def test_later_changes_replace_the_list(project: Project, learn: Learn) -> None:
    learning = learn()
    for _ in range(2):
        remove_last(project)
        learning.keep(project.tiled())
    found = stored(project)
    assert found is not None
    assert [each.chapters for each in found.lists] == [4]


def test_a_page_that_is_opened_and_closed_teaches_nothing_again(
    project: Project, learn: Learn, notes: list[str]
) -> None:
    remove_last(project)
    learn().close()
    assert stored(project) is None
    assert not notes


def test_one_chapter_and_no_profile_teach_nothing(project: Project, learn: Learn) -> None:
    learn().keep(Chapters.from_starts([0], ["All"], project.draft.media.duration))
    learning = learn(Options())
    remove_last(project)
    learning.keep(project.tiled())
    assert stored(project) is None


def test_a_profile_that_cannot_be_read_is_a_note(
    project: Project, learn: Learn, notes: list[str]
) -> None:
    path = folder_profile(project.draft.media.path.parent)
    path.parent.mkdir(parents=True)
    path.write_text("broken", encoding="utf-8")
    remove_last(project)
    learn(replace(Options(), profile=path)).keep(project.tiled())
    assert notes
    assert notes[0].startswith("Nothing was learned from the chapters: ")
