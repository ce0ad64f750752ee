"""Cached results, their keys and the lock on unfinished work."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from chapterize.cache import Cache, cache_folder, stage_key


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "kept 100% 日本語")


def test_keys_differ_by_stage_parts_and_their_order() -> None:
    keys = [
        stage_key("a", "b", "c"),
        stage_key("a", "bc"),
        stage_key("a", "c", "b"),
        stage_key("ab", "c"),
        stage_key("a", "b", "c", ""),
    ]
    assert len(set(keys)) == len(keys)
    assert stage_key("a", 1, None) == stage_key("a", 1, None)


def test_values_are_read_back_unchanged(cache: Cache) -> None:
    value = {"text": "日本 \u2028 \ud800", "times": [0.1 + 0.2, 1e-9, 3], "none": None, "no": False}
    assert cache.get("k") is None
    assert cache.put("k", value)
    assert cache.get("k") == value
    assert cache.put("k", [1])
    assert cache.get("k") == [1]


@pytest.mark.parametrize("damage", ["empty", "half", "flipped", "other"])
def test_a_damaged_entry_counts_as_missing_and_is_replaced(cache: Cache, damage: str) -> None:
    cache.put("k", {"starts": [1.25, 2.5]})
    for path in (cache.folder / "results").iterdir():
        content = path.read_bytes()
        flipped = content.replace(b"1.25", b"1.35")
        path.write_bytes(
            {
                "empty": b"",
                "half": content[: len(content) // 2],
                "flipped": flipped,
                "other": b"[]",
            }[damage]
        )
        assert path.read_bytes() != content
    assert cache.get("k") is None
    assert cache.put("k", 1)
    assert cache.get("k") == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_the_user_can_read_the_cache(cache: Cache) -> None:
    before = os.umask(0)
    try:
        cache.put("k", 1)
        cache.journal("k").append(1)
    finally:
        os.umask(before)
    for folder in (cache.folder, cache.folder / "results", cache.folder / "journals"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    assert not cache.put("k", 1)
    assert not cache.journal("k").append(1)
    assert cache.get("k") is None
    assert cache.journal("k").read() == []
    cache.journal("k").remove()


def test_a_full_disk_is_no_error(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert not cache.put("k", 1)
    assert cache.get("k") is None
    assert list((cache.folder / "results").iterdir()) == []


def test_no_temporary_file_stays_in_the_cache(cache: Cache) -> None:
    cache.put("k", 1)
    cache.put("k", 2)
    assert [path.name for path in (cache.folder / "results").iterdir()] == ["k.json"]


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == Cache().folder == tmp_path / "mine"
    monkeypatch.delenv("CHAPTERIZE_CACHE")
    assert cache_folder().name == "chapterize"
    assert not (tmp_path / "mine").exists()


def test_a_cache_that_can_be_written_has_no_problem(cache: Cache) -> None:
    assert cache.problem() is None
    assert list((cache.folder / "journals").iterdir()) == []


def test_a_cache_that_cannot_be_written_reports_why(
    tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert Cache(tmp_path / "file" / "cache").problem() == "Not a directory"
    assert cache.problem() is None

    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("chapterize.cache.tempfile.TemporaryFile", read_only)
    assert cache.problem() == "Read-only file system"


def _lock_in_thread(cache: Cache, key: str, held: threading.Event) -> threading.Thread:
    def work() -> None:
        with cache.lock(key):
            held.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.mark.slow
def test_a_lock_keeps_others_out_and_reports_while_they_wait(cache: Cache) -> None:
    other = Cache(cache.folder)
    inside, waits = threading.Event(), []

    def work() -> None:
        with other.lock("k", on_wait=lambda: waits.append(1)):
            inside.set()

    thread = threading.Thread(target=work, daemon=True)
    with cache.lock("k"):
        thread.start()
        deadline = time.monotonic() + 20
        while len(waits) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(waits) >= 2
        assert not inside.is_set()
    assert inside.wait(5)
    thread.join()


def test_locks_of_other_keys_are_free(cache: Cache) -> None:
    held = threading.Event()
    with cache.lock("a"):
        thread = _lock_in_thread(cache, "b", held)
        assert held.wait(5)
        thread.join()


def test_a_lock_is_free_again_after_an_error_and_leaves_no_file(cache: Cache) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), cache.lock("k"):
            raise ZeroDivisionError
    assert list((cache.folder / "journals").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("error", [KeyboardInterrupt, BrokenPipeError])
def test_waiting_for_a_lock_can_be_interrupted(cache: Cache, error: type[BaseException]) -> None:
    def interrupt() -> None:
        raise error

    done = threading.Event()

    def work() -> None:
        with pytest.raises(error), cache.lock("k", on_wait=interrupt):
            pytest.fail("the lock was acquired")
        done.set()

    with cache.lock("k"):
        threading.Thread(target=work, daemon=True).start()
        assert done.wait(5)
    held = threading.Event()
    _lock_in_thread(cache, "k", held).join(5)
    assert held.is_set()


def test_only_one_of_many_holds_a_lock(cache: Cache) -> None:
    n_inside, most, n_done = 0, 0, 0

    def work() -> None:
        nonlocal n_inside, most, n_done
        for _ in range(5):
            with Cache(cache.folder).lock("k"):
                n_inside += 1
                most = max(most, n_inside)
                time.sleep(0.002)
                n_inside -= 1
                n_done += 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, n_done) == (1, 20)


_HOLDER = """
import sys, time
from pathlib import Path
from chapterize.cache import Cache
with Cache(Path(sys.argv[1])).lock("k"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
def test_the_lock_of_a_killed_process_is_released(cache: Cache) -> None:
    command = [sys.executable, "-c", _HOLDER, str(cache.folder)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waits: list[int] = []

        def kill_it() -> None:
            waits.append(1)
            holder.kill()

        with cache.lock("k", on_wait=kill_it):
            assert waits


def test_a_cache_that_cannot_be_written_has_no_lock(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    with cache.lock("k"), cache.lock("k"):
        pass


def test_tests_never_use_the_cache_of_the_person_who_runs_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    assert cache_folder().parent == tmp_path_factory.getbasetemp()
