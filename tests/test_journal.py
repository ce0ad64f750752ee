"""Journal entries survive crashes, full disks and damage."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Neither the journal nor its directory exists yet."""
    return tmp_path / "journals" / "kept 100% 日本語.jsonl"


def test_entries_are_read_back_in_order(path: Path) -> None:
    journal = Journal(path)
    assert journal.read() == []
    assert all(journal.append({"n": n, "text": "a\nb"}) for n in range(3))
    assert [entry["n"] for entry in Journal(path).read()] == [0, 1, 2]
    journal.remove()
    journal.remove()
    assert Journal(path).read() == []
    assert journal.append(7)
    assert journal.read() == [7]


@pytest.mark.parametrize("tail", [b'{"n": 2, "te', b'{"n": 2}', b"\x00\x00", b"\xff\n", b"{]\n"])
def test_an_incomplete_last_line_is_ignored_and_overwritten(path: Path, tail: bytes) -> None:
    journal = Journal(path)
    for n in range(2):
        journal.append({"n": n})
    with journal.path.open("ab") as file:
        file.write(tail)
    again = Journal(path)
    assert again.read() == [{"n": 0}, {"n": 1}]
    assert again.append({"n": 9})
    assert Journal(path).read() == [{"n": 0}, {"n": 1}, {"n": 9}]


def test_every_entry_is_synced_before_the_next(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes] = []
    journal = Journal(path)
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(journal.path.read_bytes()))
    journal.append(1)
    journal.append(2)
    assert synced == [b"1\n", b"1\n2\n"]


def test_another_run_reads_a_journal_and_appends_to_it(path: Path) -> None:
    Journal(path).append(1)
    again = Journal(path)
    assert again.read() == [1]
    assert again.append(2)
    assert again.append(3)
    assert Journal(path).read() == [1, 2, 3]


def test_a_damaged_line_and_all_after_it_are_removed_before_an_append(path: Path) -> None:
    journal = Journal(path)
    for n in range(4):
        journal.append({"n": n})
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join([*lines[:2], b"\xff\n", *lines[3:]]))
    again = Journal(path)
    assert again.append({"n": 9})
    assert Journal(path).read() == [{"n": 0}, {"n": 1}, {"n": 9}]


def test_a_directory_in_place_of_the_journal_is_no_error(path: Path) -> None:
    journal = Journal(path)
    journal.path.mkdir(parents=True)
    assert journal.read() == []
    assert not journal.append(1)
    journal.remove()


def test_nothing_follows_an_entry_that_could_not_be_synced(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(path)
    assert journal.append(1)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert not journal.append(2)
    assert not journal.append(3)


@pytest.fixture
def no_mask() -> Iterator[None]:
    """Files are readable by everybody unless they are made otherwise."""
    mask = os.umask(0)
    yield
    os.umask(mask)


@pytest.mark.usefixtures("no_mask")
def test_only_its_user_can_read_a_journal_from_its_creation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "state" / "sessions" / "one.jsonl"
    modes: list[int] = []
    opened = os.open

    def noting(name: str, flags: int, mode: int = 0o777) -> int:
        descriptor = opened(name, flags, mode)
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return descriptor

    monkeypatch.setattr(os, "open", noting)
    assert Journal(path).append(1)
    assert modes == [0o600]
    for folder in list(path.parents)[:3]:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


def test_a_journal_that_others_can_read_is_closed_to_them(path: Path) -> None:
    assert Journal(path).append(1)
    path.chmod(0o644)
    assert Journal(path).append(2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
