"""Temporary files say whose they are, and those of killed processes are deleted, no others."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chapterize import temporary
from chapterize.files import write_text
from chapterize.temporary import prefix, scratch_folder, sweep


@pytest.fixture(autouse=True)
def never_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary, "_swept", set())


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def made(folder: Path, name: str, *, days: float = 0.0, is_folder: bool = False) -> Path:
    path = folder / name
    if is_folder:
        path.mkdir()
        (path / "frames.mp4").write_text("half")
    else:
        path.write_text("half")
    for each in (*path.glob("*"), path):
        os.utime(each, (time.time() - days * 86_400,) * 2)
    return path


@pytest.mark.parametrize("is_folder", [False, True])
def test_what_a_killed_process_left_is_deleted(tmp_path: Path, is_folder: bool) -> None:
    name = prefix().replace(f"-{os.getpid()}-", f"-{dead_process()}-")
    left = made(tmp_path, f"{name}abcd_123" + ".mp4" * (not is_folder), is_folder=is_folder)
    write_text(tmp_path / "list.txt", "0:00 Intro\n")
    assert not left.exists()


def test_what_a_running_process_writes_stays(tmp_path: Path) -> None:
    running = prefix().replace(f"-{os.getpid()}-", f"-{os.getppid()}-")
    paths = [
        made(tmp_path, f"{start}{part}.mp4", days=days)
        for start in (prefix(), running)
        for part, days in (("abcd1234", 0), ("efgh5678", 3))
    ]
    sweep(tmp_path)
    assert all(path.exists() for path in paths)


def test_that_of_another_machine_stays_until_it_is_old(tmp_path: Path) -> None:
    name = f".chapterize-00000000-{dead_process()}-"
    new, old = made(tmp_path, f"{name}aaaaaaaa"), made(tmp_path, f"{name}bbbbbbbb", days=1.1)
    former = made(tmp_path, ".chapterize-cccccccc", days=1.1, is_folder=True)
    busy = made(tmp_path, ".chapterize-dddddddd", days=1.1, is_folder=True)
    (busy / "frames.mp4").write_text("more")
    sweep(tmp_path)
    assert [path.exists() for path in (new, old, former, busy)] == [True, False, False, True]


def test_other_names_are_never_deleted(tmp_path: Path) -> None:
    names = (
        ".chapterize.toml",
        ".chapterize",
        ".chapterize-notes.txt",
        "chapterize-abcd1234",
        ".x",
    )
    paths = [made(tmp_path, name, days=400) for name in names]
    sweep(tmp_path)
    assert all(path.exists() for path in paths)


def test_a_scratch_folder_is_deleted_at_the_end(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        assert folder.parent == tmp_path
        assert folder.name.startswith(prefix())
        (folder / "frames.mp4").write_text("half")
    assert not any(tmp_path.iterdir())
    with scratch_folder() as folder:
        assert folder.is_dir()
