"""`--watch`: where it looks, what it cannot watch, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import pytest

from chapterize.batch import watching
from chapterize.batch.items import Folder
from chapterize.batch.watching import WatchOptions, is_remote, watch
from chapterize.errors import InputError

OLD = time.time() - 3600


def write(path: Path, *, old: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    if old:
        os.utime(path, (OLD, OLD))
    return path


def test_old_files_count_at_once_and_new_ones_later(tmp_path: Path) -> None:
    write(tmp_path / "old.mp4", old=True)
    write(tmp_path / "below" / "older.mp4", old=True)
    write(tmp_path / "new.mp4")
    stop = threading.Event()
    rounds = watch([str(tmp_path)], WatchOptions(settle=2, recursive=True), stop)
    began = time.monotonic()
    assert [item.relative.as_posix() for item in next(rounds)] == ["below/older.mp4", "old.mp4"]
    assert time.monotonic() - began < 1.9
    assert [item.relative.as_posix() for item in next(rounds)] == ["new.mp4"]
    stop.set()
    assert list(rounds) == []


def test_a_change_is_no_reason_to_look_at_other_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(20):
        write(tmp_path / f"{n}" / "a.mp4", old=True)
    seen: list[str] = []

    def listed(path: str, own: Container[str]) -> Folder:
        seen.append(path)
        return Folder(path, own)

    monkeypatch.setattr(watching, "Folder", listed)
    scans: list[Path] = []
    below = watching._Arrivals._notice_below

    def counted(self: watching._Arrivals, path: Path, *rest: float) -> None:
        scans.append(path)
        below(self, path, *rest)

    monkeypatch.setattr(watching._Arrivals, "_notice_below", counted)
    stop = threading.Event()
    rounds = watch([str(tmp_path)], WatchOptions(settle=0.5, recursive=True, polls=False), stop)
    assert len(next(rounds)) == 20
    assert scans == [tmp_path]
    seen.clear()
    write(tmp_path / "7" / "b.mp4")
    assert [item.relative.as_posix() for item in next(rounds)] == ["7/b.mp4"]
    assert seen == [str(tmp_path / "7")]
    assert scans == [tmp_path]
    stop.set()


def test_several_folders_share_a_root(tmp_path: Path) -> None:
    for name in ("a/x.mp4", "b/x.mp4"):
        write(tmp_path / name, old=True)
    folders = [str(tmp_path / "a"), str(tmp_path / "b")]
    items = next(watch(folders, WatchOptions(), threading.Event()))
    assert [item.relative.as_posix() for item in items] == ["a/x.mp4", "b/x.mp4"]


@pytest.mark.parametrize("name", ["missing", "file.mp4"])
def test_only_folders_can_be_watched(tmp_path: Path, name: str) -> None:
    write(tmp_path / "file.mp4")
    with pytest.raises(InputError, match="cannot watch"):
        next(watch([str(tmp_path / name)], WatchOptions(), threading.Event()))


def test_more_folders_than_the_system_watches_are_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    real = watchfiles.watch

    def limited(*paths: Path, force_polling: bool | None, **options: Any) -> Iterator[object]:
        if not force_polling:
            raise OSError(28, "OS file watch limit reached")
        return real(*paths, force_polling=True, **options)

    monkeypatch.setattr(watchfiles, "watch", limited)
    write(tmp_path / "a.mp4", old=True)
    notes: list[str] = []
    stop = threading.Event()
    items = next(watch([str(tmp_path)], WatchOptions(), stop, on_note=notes.append))
    assert len(items) == 1
    assert len(notes) == 1
    assert "more folders than" in notes[0]


def test_network_file_systems_are_recognised(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    odd = str(tmp_path).replace("/", "\\057")
    mounts.write_text(
        "21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
        f"30 21 0:40 / {odd} rw,relatime shared:5 - nfs4 host:/v rw\n"
        f"31 30 0:41 / {tmp_path}/local rw - tmpfs tmpfs rw\n"
        f"32 30 0:42 / {tmp_path}/sshfs rw - fuse.sshfs host: rw\n"
        f"33 30 0:43 / {tmp_path}/usb rw - fuseblk /dev/sdb1 rw\n"
    )
    for name, expected in [("", True), ("a", True), ("local/b", False), ("localx", True)]:
        assert is_remote(tmp_path / name, mounts) is expected, name
    assert is_remote(tmp_path / "sshfs", mounts)
    assert not is_remote(tmp_path / "usb" / "c", mounts)
    assert not is_remote(Path("/"), mounts)
    assert not is_remote(tmp_path, tmp_path / "none")


def test_a_network_file_system_is_polled_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "is_remote", lambda folder: True)
    write(tmp_path / "a.mp4", old=True)
    notes: list[str] = []
    next(watch([str(tmp_path)], WatchOptions(), threading.Event(), on_note=notes.append))
    assert len(notes) == 1
    assert "network file system" in notes[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("polls", [True, False])
def test_signals_end_it_at_once(tmp_path: Path, number: signal.Signals, polls: bool) -> None:
    code = f"""
import sys, threading
from chapterize.batch.watching import WatchOptions, watch
from chapterize.cli.interrupts import listening
with listening():
    try:
        for items in watch([{str(tmp_path)!r}], WatchOptions(polls={polls}), threading.Event()):
            print(len(items), flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
"""
    write(tmp_path / "a.mp4", old=True)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "1\n"
        began = time.monotonic()
        child.send_signal(number)
        try:
            assert child.wait(10) == 130
        finally:
            child.kill()
        assert time.monotonic() - began < 1


def test_changes_reported_below_the_target_of_a_link_are_below_the_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    other = tmp_path / "other"
    named = watching._as_named(tmp_path / "real" / "a.mp4", [other, link])
    assert named == link / "a.mp4"
    for path in (link / "a.mp4", other / "a.mp4", tmp_path / "else.mp4"):
        assert watching._as_named(path, [other, link]) == path


def test_a_folder_named_by_a_link_is_watched(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    write(tmp_path / "real" / "old.mp4", old=True)
    stop = threading.Event()
    rounds = watch([str(link)], WatchOptions(settle=0.5), stop)
    assert [item.source for item in next(rounds)] == [str(link / "old.mp4")]
    write(tmp_path / "real" / "new.mp4")
    assert [item.source for item in next(rounds)] == [str(link / "new.mp4")]
    stop.set()
