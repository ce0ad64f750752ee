"""Where profiles are looked for, and where lists are learned."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chapterize.errors import InputError
from chapterize.profiles import (
    FILE_NAME,
    change_profile,
    folder_profile,
    named_profile,
    nearest_profile,
    profile_names,
    to_learn_in,
)
from chapterize.profiles.places import lock_of


def put(path: Path) -> Path:
    change_profile(path, lambda profile: profile)
    return path


def test_a_name_is_a_file_in_the_data_folder() -> None:
    put(named_profile("interviews"))
    put(named_profile("講義 2"))
    assert profile_names() == ["interviews", "講義 2"]


@pytest.mark.parametrize(
    "name", ["", "auto", "None", "../x", "a/b", ".hidden", "x" * 61, "a\0", "x."]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot be the name"):
        named_profile(name)


def test_the_nearest_folder_upward_counts(tmp_path: Path) -> None:
    inner = tmp_path / "course 'x\" 日本語" / "week 1"
    inner.mkdir(parents=True)
    video = inner / "talk.mp4"
    assert nearest_profile(video) is None
    outer = put(inner.parent / FILE_NAME)
    assert nearest_profile(video) == outer
    own = put(folder_profile(inner))
    assert nearest_profile(video) == own
    here = put(inner / FILE_NAME)
    assert nearest_profile(video) == here


def test_a_folder_of_that_name_is_no_profile(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    assert nearest_profile(tmp_path / "talk.mp4") is None
    assert to_learn_in([tmp_path / "talk.mp4"], asked=True) == folder_profile(tmp_path)


def test_the_data_folder_knows_a_folder_under_any_path(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert folder_profile(tmp_path / "link") == folder_profile(tmp_path / "real")
    put(tmp_path / "real" / FILE_NAME)
    assert nearest_profile(tmp_path / "link" / "talk.mp4") == tmp_path / "link" / FILE_NAME


def test_relative_paths_and_dots_are_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    put(tmp_path / "a" / FILE_NAME)
    monkeypatch.chdir(tmp_path / "a")
    assert nearest_profile(Path("talk.mp4")) == tmp_path / "a" / FILE_NAME
    assert nearest_profile(Path("../b/talk.mp4")) is None


def test_media_at_the_root_of_the_file_system_has_a_folder_too() -> None:
    root = Path(os.sep)
    assert nearest_profile(root / "talk.mp4") is None
    assert to_learn_in([root / "talk.mp4"], asked=False) == folder_profile(root)


def test_lists_are_learned_in_the_folder_that_holds_all_files(tmp_path: Path) -> None:
    files = [tmp_path / "week1" / "a.mp4", tmp_path / "week2" / "b.mp4"]
    assert to_learn_in(files, asked=True) == tmp_path / FILE_NAME
    assert to_learn_in(files[:1], asked=False) == folder_profile(tmp_path / "week1")
    assert not (tmp_path / FILE_NAME).exists()


def test_lists_are_learned_where_a_profile_is(tmp_path: Path) -> None:
    outer = put(tmp_path / FILE_NAME)
    for asked in (True, False):
        assert to_learn_in([tmp_path / "week1" / "a.mp4"], asked=asked) == outer


def test_a_folder_that_cannot_be_written_has_its_profile_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root, who may run the tests, can write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert to_learn_in([tmp_path / "a.mp4"], asked=True) == folder_profile(tmp_path)


def test_the_lock_is_never_in_the_folder_of_the_videos(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    put(tmp_path / "course" / FILE_NAME)
    assert [path.name for path in (tmp_path / "course").iterdir()] == [FILE_NAME]
    assert not lock_of(tmp_path / FILE_NAME).is_relative_to(tmp_path / "course")
