"""Profiles on the disk: their text, faults, and several processes at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.errors import ChapterizeError, FormatError, InputError, OutputError
from chapterize.profiles import (
    FILE_NAME,
    KeptList,
    Profile,
    change_profile,
    delete_profile,
    named_profile,
    read_profile,
)
from chapterize.profiles.places import lock_of

ONE = KeptList("ab12cd34ef56", 13, 61.2, 4.1, 4, "title", True)
ROW = (
    'id = "ab12cd34ef56", chapters = 13, minutes = 61.2, median_minutes = 4.1, words = 4, '
    'case = "title", introduction = true'
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "course 'a\" 日本語"
    folder.mkdir()
    return folder / FILE_NAME


def add(path: Path, *lists: KeptList) -> Profile:
    return change_profile(path, lambda profile: profile.with_lists(lists))


def test_a_profile_reads_back_as_it_was_written(path: Path) -> None:
    add(path, ONE)
    change_profile(path, lambda profile: Profile(profile.lists, "fine"))
    assert read_profile(path, "x") == Profile((ONE,), "fine", path, "x")


def test_a_profile_is_a_short_text_that_says_what_it_is(path: Path) -> None:
    add(path, ONE)
    rows = path.read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("# How chapters were cut here, learned by chapterize: numbers only")
    assert "You may delete this file" in rows[1]
    assert rows[2:] == ["version = 1", "lists = [", f"  {{{ROW}}},", "]"]


def test_a_profile_in_the_data_folder_is_private() -> None:
    add(named_profile("x"), ONE)
    assert named_profile("x").stat().st_mode & 0o077 == 0


def test_an_unchanged_profile_is_not_written_again(path: Path) -> None:
    add(path, ONE)
    before = path.stat().st_ino
    change_profile(path, lambda profile: profile)
    assert path.stat().st_ino == before


def test_a_link_to_a_profile_stays_a_link(path: Path) -> None:
    add(path.with_name("real.toml"), ONE)
    path.symlink_to("real.toml")
    add(path, KeptList("00", 2, 1.0, 1.0, 1, "mixed", False))
    assert path.is_symlink()
    assert len(read_profile(path.with_name("real.toml")).lists) == 2


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("version = 1\nlists = [", None, ""),
        ("version = 1\nlists = 1 2\n", 2, ""),
        ("version = 2\n", 1, "newer version"),
        ("other = 1\n", None, 'no "version = 1"'),
        ('version = 1\ngranularity = "tiny"\n', 2, "coarse, normal or fine"),
        ("version = 1\nlists = 3\n", 2, "not a list"),
        ("version = 1\nlists = [\n{" + ROW.replace("13", "-3") + "},\n]\n", 3, "chapters"),
        ("version = 1\nlists = [\n{" + ROW.replace("61.2", "nan") + "},\n]\n", 3, "minutes"),
        ("version = 1\nlists = [\n{" + ROW.replace("61.2", "0") + "},\n]\n", 3, "above 0"),
        ("version = 1\nlists = [\n{" + ROW.replace("4.1", "inf") + "},\n]\n", 3, "median_minutes"),
        ("version = 1\nlists = [\n{" + ROW.replace("13", "9" * 400) + "},\n]\n", 3, "chapters"),
        ("version = 1\nlists = [\n{" + ROW.replace("13", "true") + "},\n]\n", 3, "chapters"),
        ("version = 1\nlists = [\n{" + ROW.replace('"title"', "[]") + "},\n]\n", 3, "case"),
        ("version = 1\nlists = [\n{" + ROW.replace("true", "1") + "},\n]\n", 3, "introduction"),
        ('version = 1\nlists = [\n{id = "../x"},\n]\n', 3, "hex digits"),
        ("version = 1\nlists = [\n{},\n]\n", None, "hex digits"),
        ("x = " + "9" * 5000, None, ""),
        ("x = " + "[" * 20_000, None, ""),
    ],
)
def test_a_broken_profile_is_a_clear_error_with_its_line(
    path: Path, text: str, line: int | None, why: str
) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read_profile(path)
    assert str(path) in caught.value.what
    assert caught.value.line == line
    assert why in caught.value.why
    assert "--no-profile" in caught.value.hint
    with pytest.raises(FormatError):
        add(path, ONE)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"#" * 1_000_001])
def test_a_foreign_file_is_no_profile(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(FormatError, match="not a profile"):
        read_profile(path)


def test_a_missing_profile_and_a_folder_are_errors(path: Path) -> None:
    with pytest.raises(InputError, match="cannot read the profile"):
        read_profile(path)
    path.mkdir()
    with pytest.raises(InputError, match="cannot read the profile"):
        read_profile(path)


def test_a_profile_that_cannot_be_written_is_an_output_error(path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        add(path.parent / "gone" / FILE_NAME, ONE)
    assert "cannot write the profile" in caught.value.what
    assert "--profile" in caught.value.hint
    assert "-o" not in caught.value.hint


def test_a_profile_that_another_process_holds_is_an_error_after_a_while(path: Path) -> None:
    from filelock import FileLock

    add(path, ONE)
    with (
        FileLock(lock_of(path)),
        pytest.raises(OutputError, match="another process is changing it"),
    ):
        change_profile(path, lambda profile: profile, patience=0.05)


def test_a_file_system_without_locks_is_an_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import filelock

    def refuse(self: object, **_: object) -> None:
        raise NotImplementedError("flock")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with pytest.raises(OutputError, match="has no locks"):
        add(path, ONE)


def test_a_profile_can_be_deleted(path: Path) -> None:
    add(path, ONE)
    delete_profile(path)
    assert not path.exists()
    delete_profile(path)


_WRITER = """
import sys
from pathlib import Path
from chapterize.profiles import KeptList, change_profile

path, first = Path(sys.argv[1]), int(sys.argv[2])
for n in range(first, first + 15):
    kept = KeptList(f"{n:012x}", 5, 10.0, 2.0, 3, "mixed", False)
    change_profile(path, lambda profile: profile.with_lists([kept]))
"""


def test_two_processes_at_once_lose_nothing(path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(path)]
    running = [subprocess.Popen([*command, first]) for first in ("0", "100", "150")]
    assert [each.wait(60) for each in running] == [0, 0, 0]
    assert len(read_profile(path).lists) == 45


def test_what_is_raised_inside_a_change_changes_nothing(path: Path) -> None:
    add(path, ONE)

    def fail(profile: Profile) -> Profile:
        raise ChapterizeError("no")

    with pytest.raises(ChapterizeError, match="no"):
        change_profile(path, fail)
    assert add(path).lists == (ONE,)
