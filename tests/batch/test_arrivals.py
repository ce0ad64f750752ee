"""Files that arrive while a run is at work."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from chapterize.batch import watching
from chapterize.batch.arrivals import Arrivals, require_folders
from chapterize.batch.watching import WatchOptions
from chapterize.errors import InputError


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_TICK_MS", 100)
    monkeypatch.setattr(watching, "_GROUP_MS", 100)


def write(path: Path, data: bytes = b"x", *, seconds_ago: float = 3600) -> None:
    path.write_bytes(data)
    os.utime(path, (time.time() - seconds_ago,) * 2)


def test_a_round_takes_what_arrives_meanwhile_and_then_ends(tmp_path: Path) -> None:
    write(tmp_path / "small.mp4")
    write(tmp_path / "large.mp4", b"xxx")
    with Arrivals([str(tmp_path)], WatchOptions(settle=0.3)) as arrivals:
        rounds = arrivals.rounds()
        items = next(rounds)
        first = [next(items), next(items), next(items)]
        assert [each and each.relative.name for each in first] == ["large.mp4", "small.mp4", None]
        write(tmp_path / "later.mp4")
        until = time.monotonic() + 10
        while (item := next(items)) is None and time.monotonic() < until:
            time.sleep(0.02)
        assert item is not None
        assert item.relative.name == "later.mp4"
        write(tmp_path / "last.mp4")
        again = next(next(rounds))
        assert again is not None
        assert again.relative.name == "last.mp4"


def test_what_was_deleted_or_changed_since_is_left_out(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        write(tmp_path / name)
    with Arrivals([str(tmp_path)], WatchOptions(settle=0.3)) as arrivals:
        items = next(arrivals.rounds())
        (tmp_path / "a.mp4").unlink()
        write(tmp_path / "b.mp4", b"longer")
        found = [next(items) for _ in range(2)]
        assert [each and each.relative.name for each in found] == ["c.mp4", None]
        until = time.monotonic() + 10
        while (item := next(items)) is None and time.monotonic() < until:
            time.sleep(0.02)
        assert item is not None
        assert (item.relative.name, item.size_bytes) == ("b.mp4", 6)


def test_an_error_of_the_watcher_ends_the_rounds(tmp_path: Path) -> None:
    with (
        Arrivals([str(tmp_path / "missing")], WatchOptions()) as arrivals,
        pytest.raises(InputError, match="cannot watch"),
    ):
        next(arrivals.rounds())


def test_only_folders_are_accepted(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4")
    require_folders([str(tmp_path)])
    for name, why in (("a.mp4", "it is a file"), ("missing", "it does not exist")):
        with pytest.raises(InputError) as caught:
            require_folders([str(tmp_path), str(tmp_path / name)])
        assert caught.value.why == why
