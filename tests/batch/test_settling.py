"""Which files have stopped changing."""

from __future__ import annotations

import os
import time
from pathlib import Path

from chapterize.batch.settling import Settling


def test_a_file_is_due_when_it_has_not_changed_for_the_time_to_settle(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"1")
    settling = Settling(10)
    settling.notice(path, 0)
    assert settling.due(9.9) == []
    assert settling.due(10) == [path]
    assert settling.due(99) == []


def test_a_growing_file_waits_whether_or_not_a_change_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"1")
    settling = Settling(10)
    settling.notice(path, 0)
    path.write_bytes(b"12")
    settling.notice(path, 5)
    assert settling.due(10) == []
    path.write_bytes(b"123")
    assert settling.due(15) == []
    assert settling.due(25) == [path]


def test_a_file_written_over_with_the_same_size_waits(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"1")
    settling = Settling(10)
    settling.notice(path, 0)
    os.utime(path, ns=(1, 1))
    assert settling.due(10) == []
    assert settling.due(20) == [path]


def test_the_same_state_is_due_once_and_another_one_again(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"1")
    settling = Settling(10)
    settling.notice(path, 0)
    settling.due(10)
    settling.notice(path, 11)
    assert not settling.waiting()
    path.write_bytes(b"12")
    settling.notice(path, 12)
    assert settling.due(22) == [path]


def test_an_empty_file_is_never_due_and_a_deleted_one_is_forgotten(tmp_path: Path) -> None:
    empty, gone = tmp_path / "empty.mp4", tmp_path / "gone.mp4"
    empty.touch()
    gone.write_bytes(b"1")
    settling = Settling(10)
    for path in (empty, gone, tmp_path / "never.mp4"):
        settling.notice(path, 0)
    gone.unlink()
    assert settling.due(10) == []
    assert set(settling.waiting()) == {empty}
    empty.write_bytes(b"1")
    assert settling.due(20) == []
    assert settling.due(30) == [empty]


def test_only_old_files_of_the_first_look_are_due_at_once(tmp_path: Path) -> None:
    old, new = tmp_path / "old.mp4", tmp_path / "new.mp4"
    for path in (old, new):
        path.write_bytes(b"1")
    os.utime(old, (0, time.time() - 60))
    settling = Settling(10)
    for path in (old, new):
        settling.notice(path, 5, time.time())
    assert settling.due(5) == [old]
    settling.wait(old, 5)
    assert settling.due(5) == []
    assert set(settling.due(15)) == {old, new}
