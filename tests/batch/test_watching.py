"""`--watch`: files that arrive in a folder."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chapterize.batch import watching
from chapterize.batch.items import Item
from chapterize.batch.watching import WatchOptions, watch
from chapterize.errors import InputError

SETTLE = 0.6
OLD = time.time() - 3600


class Watched:
    """A folder that is watched in a thread, and what counted so far."""

    def __init__(self, folder: Path, options: WatchOptions) -> None:
        self.folder = folder
        self.found: list[str] = []
        self.rounds: list[list[Item]] = []
        self.notes: list[str] = []
        self.error: Exception | None = None
        self.stop = threading.Event()
        self._options = options
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            for items in watch(
                [str(self.folder)], self._options, self.stop, on_note=self.notes.append
            ):
                self.rounds.append(items)
                self.found += [item.relative.as_posix() for item in items]
        except InputError as error:
            self.error = error

    def __enter__(self) -> Watched:
        self._thread.start()
        # Until it has looked at what is there.
        marker = self.folder / "0.mp4"
        write(marker, old=True)
        self.wait_for("0.mp4")
        self.found.clear()
        self.rounds.clear()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def wait_for(self, *names: str) -> None:
        until = time.monotonic() + 15
        while not set(names) <= set(self.found) and time.monotonic() < until:
            time.sleep(0.02)
        assert set(names) <= set(self.found), self.found

    def settle(self) -> None:
        """Until whatever has settled would have been found."""
        time.sleep(2 * self._options.settle + 0.6)


def write(path: Path, data: bytes = b"x", *, old: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if old:
        os.utime(path, (OLD, OLD))
    return path


@pytest.fixture(params=["reports", pytest.param("polls", marks=pytest.mark.slow)])
def start(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Watched]]:
    """Start to watch ``in``; the system reports changes, or the folder is polled."""
    monkeypatch.setattr(watching, "_POLL_SECONDS", (0.2, 0.2))
    monkeypatch.setattr(watching, "_TICK_MS", 100)
    monkeypatch.setattr(watching, "_GROUP_MS", 100)
    (tmp_path / "in").mkdir()
    running: list[Watched] = []

    def started(**options: Any) -> Watched:
        chosen: dict[str, Any] = {
            "settle": SETTLE,
            "recursive": True,
            "polls": request.param == "polls",
        } | options
        running.append(Watched(tmp_path / "in", WatchOptions(**chosen)))
        return running[-1].__enter__()

    yield started
    for watched in running:
        watched.__exit__()


def test_a_file_counts_once_when_it_is_complete(start: Callable[..., Watched]) -> None:
    # Long enough for a machine that is busy with other tests.
    watched = start(settle=2)
    path = watched.folder / "talk.mp4"
    with path.open("wb") as file:
        for _ in range(12):
            file.write(b"x" * 1000)
            file.flush()
            time.sleep(0.25)
        assert watched.found == []
    watched.wait_for("talk.mp4")
    path.touch()
    os.utime(path, ns=(path.stat().st_atime_ns, watched.rounds[0][0].mtime_ns))
    watched.settle()
    assert watched.found == ["talk.mp4"]
    item = watched.rounds[0][0]
    assert (item.source, item.size_bytes) == (str(path), 12_000)


def test_a_file_that_changes_later_counts_again(start: Callable[..., Watched]) -> None:
    watched = start()
    path = write(watched.folder / "talk.mp4")
    watched.wait_for("talk.mp4")
    # Polling compares whole seconds; a file that has settled for the usual time is older.
    time.sleep(1.1)
    write(path, b"longer")
    watched.settle()
    assert watched.found == ["talk.mp4", "talk.mp4"]


def test_files_in_new_and_moved_folders_count(
    start: Callable[..., Watched], tmp_path: Path
) -> None:
    watched = start()
    write(watched.folder / "new" / "deep" / "a.mp4")
    write(tmp_path / "outside" / "sub" / "b.mp4")
    (tmp_path / "outside").rename(watched.folder / "moved")
    watched.wait_for("new/deep/a.mp4", "moved/sub/b.mp4")
    write(watched.folder / "moved" / "sub" / "later.mp4")
    watched.wait_for("moved/sub/later.mp4")
    (watched.folder / "moved").rename(watched.folder / "renamed")
    watched.wait_for("renamed/sub/b.mp4", "renamed/sub/later.mp4")
    assert len(watched.found) == 5


def test_what_is_deleted_or_renamed_before_it_counts_does_not(
    start: Callable[..., Watched],
) -> None:
    watched = start()
    write(watched.folder / "deleted.mp4")
    write(watched.folder / "folder" / "c.mp4")
    write(watched.folder / "download.mp4.part").rename(watched.folder / "download.mp4")
    time.sleep(SETTLE / 3)
    (watched.folder / "deleted.mp4").unlink()
    shutil.rmtree(watched.folder / "folder")
    write(watched.folder / "a.mp4").rename(watched.folder / "b.mp4")
    watched.settle()
    assert sorted(watched.found) == ["b.mp4", "download.mp4"]


def test_a_copy_with_its_old_time_counts_when_it_is_complete(
    start: Callable[..., Watched],
) -> None:
    watched = start()
    path = watched.folder / "copied.mp4"
    with path.open("wb") as file:
        file.write(b"half")
        file.flush()
        time.sleep(SETTLE / 2)
        file.write(b"other half")
    os.utime(path, (OLD, OLD))
    watched.settle()
    assert watched.found == ["copied.mp4"]
    assert watched.rounds[0][0].size_bytes == 14


def test_media_counts_with_its_captions(start: Callable[..., Watched]) -> None:
    watched = start(settle=1.2)
    write(watched.folder / "talk.mp4")
    captions = watched.folder / "talk.en.srt"
    for n in range(8):
        write(captions, b"x" * n)
        time.sleep(0.2)
    assert watched.found == []
    watched.settle()
    assert watched.found == ["talk.mp4"]
    time.sleep(1.1)
    write(captions, b"corrected")
    watched.settle()
    assert watched.found == ["talk.mp4", "talk.mp4"]
    write(watched.folder / "alone.srt")
    watched.settle()
    assert watched.found[2:] == ["alone.srt"]


def test_what_is_no_input_does_not_count(start: Callable[..., Watched]) -> None:
    own: set[str] = set()
    watched = start(own=own)
    folder = watched.folder
    own |= {str(folder / "out"), str(folder / "notes.vtt")}
    write(folder / "talk.mp4")
    for name in ("talk-chapters.mp4", "out/copy.mp4", ".hidden.mp4", ".cache/a.mp4", "a.txt"):
        write(folder / name)
    write(folder / "notes.vtt")
    write(folder / "empty.mp4", b"")
    watched.settle()
    assert watched.found == ["talk.mp4"]


def test_unfinished_downloads_wait(start: Callable[..., Watched]) -> None:
    watched = start()
    folder = watched.folder
    write(folder / "page.mp4")
    part = write(folder / "page.mp4.part")
    write(folder / "clip.f137.mp4")
    other = write(folder / "clip.f140.m4a.part")
    write(folder / "clip.temp.mp4")
    write(folder / "intro.f2.mp4")
    watched.settle()
    assert watched.found == ["intro.f2.mp4"]
    part.unlink()
    for path in (folder / "clip.f137.mp4", other):
        path.unlink()
    (folder / "clip.temp.mp4").rename(folder / "clip.mp4")
    watched.wait_for("page.mp4", "clip.mp4")
    watched.settle()
    assert len(watched.found) == 3


def test_folders_below_are_left_alone_unless_asked_for(start: Callable[..., Watched]) -> None:
    watched = start(recursive=False)
    write(watched.folder / "below" / "a.mp4")
    write(watched.folder / "b.mp4")
    watched.settle()
    assert watched.found == ["b.mp4"]


def test_a_folder_that_is_deleted_ends_with_an_error(start: Callable[..., Watched]) -> None:
    watched = start()
    shutil.rmtree(watched.folder)
    until = time.monotonic() + 5
    while watched.error is None and time.monotonic() < until:
        time.sleep(0.05)
    assert isinstance(watched.error, InputError)
    assert watched.error.why == "it does not exist"


@pytest.mark.skipif(sys.platform == "darwin", reason="names are UTF-8 there")
def test_a_name_that_is_not_utf_8_counts(start: Callable[..., Watched]) -> None:
    watched = start()
    odd = os.fsdecode(b"\xff\xfe.mp4")
    below = os.fsdecode(b"d\xff")
    write(watched.folder / odd)
    write(watched.folder / below / "a.mp4")
    write(watched.folder / "line\nbreak.mp4")
    watched.wait_for(odd, f"{below}/a.mp4", "line\nbreak.mp4")
    write(watched.folder / "after.mp4")
    watched.wait_for("after.mp4")
    assert len(watched.found) == 4
