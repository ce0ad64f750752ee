from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from chapterize.cache import Cache, cache_folder, stage_key
from chapterize.errors import InputError
from chapterize.fingerprint import _samples, file_fingerprint

MIB = 1024 * 1024


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "kept 100% 日本語")


def _big(path: Path, size: int) -> Path:
    """A sparse file with a mark at every mebibyte."""
    with path.open("wb") as file:
        for start in range(0, size, MIB):
            file.seek(start)
            file.write(start.to_bytes(8, "big"))
        file.truncate(size)
    return path


def test_the_same_content_has_the_same_fingerprint_under_any_name(tmp_path: Path) -> None:
    first, second = _big(tmp_path / "a.mp4", 9 * MIB), _big(tmp_path / "-b 日本.mkv", 9 * MIB)
    os.utime(second, (1, 1))
    assert file_fingerprint(first) == file_fingerprint(second)
    assert len(file_fingerprint(first)) == 32


@pytest.mark.parametrize("where", [0, 100_000, 9 * MIB - 1])
def test_a_change_at_either_end_changes_the_fingerprint(tmp_path: Path, where: int) -> None:
    path = _big(tmp_path / "a.mp4", 9 * MIB)
    before = file_fingerprint(path)
    with path.open("r+b") as file:
        file.seek(where)
        file.write(b"!")
    assert file_fingerprint(path) != before


def test_another_middle_changes_the_fingerprint(tmp_path: Path) -> None:
    path = _big(tmp_path / "a.mp4", 64 * MIB)
    before = file_fingerprint(path)
    with path.open("r+b") as file:
        file.seek(20 * MIB)
        file.write(os.urandom(8 * MIB))
    assert file_fingerprint(path) != before


def test_a_longer_file_has_another_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(9 * MIB))
    before = file_fingerprint(path)
    path.write_bytes(bytes(9 * MIB + 1))
    assert file_fingerprint(path) != before


@pytest.mark.parametrize("where", range(0, MIB + 1, MIB // 8))
def test_a_small_file_is_read_whole(tmp_path: Path, where: int) -> None:
    content = bytearray(MIB + 1)
    (tmp_path / "a").write_bytes(content)
    content[where] = 1
    (tmp_path / "b").write_bytes(content)
    assert file_fingerprint(tmp_path / "a") != file_fingerprint(tmp_path / "b")


def test_of_ten_gigabytes_less_than_two_megabytes_are_read(tmp_path: Path) -> None:
    long = tmp_path / "long.mkv"
    with long.open("wb") as file:
        file.truncate(10_000 * MIB)
    before = file_fingerprint(long)
    blocks = _samples(10_000 * MIB)
    assert sum(length for _, length in blocks) < 2 * MIB
    with long.open("rb+") as file:
        file.seek(blocks[9][0])
        file.write(b"!")
    assert file_fingerprint(long) != before


def test_an_empty_file_has_a_fingerprint_and_a_missing_one_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert len(file_fingerprint(tmp_path / "empty")) == 32
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(InputError, match="cannot read"):
            file_fingerprint(path)


def test_keys_tell_stages_parts_and_their_limits_apart() -> None:
    keys = [
        stage_key("a", "b", "c"),
        stage_key("a", "bc"),
        stage_key("a", "c", "b"),
        stage_key("ab", "c"),
        stage_key("a", "b", "c", ""),
    ]
    assert len(set(keys)) == len(keys)
    assert stage_key("a", 1, None) == stage_key("a", 1, None)


def test_values_come_back_as_they_were(cache: Cache) -> None:
    value = {"text": "日本 \u2028 \ud800", "times": [0.1 + 0.2, 1e-9, 3], "none": None, "no": False}
    assert cache.get("k") is None
    assert cache.put("k", value)
    assert cache.get("k") == value
    assert cache.put("k", [1])
    assert cache.get("k") == [1]


def test_arrays_come_back_as_they_were(cache: Cache) -> None:
    array = np.random.default_rng(0).standard_normal((7, 3)).astype(np.float32)
    assert cache.get_array("k") is None
    assert cache.put_array("k", array)
    kept = cache.get_array("k")
    assert kept is not None
    assert kept.dtype == np.float32
    assert np.array_equal(kept, array)


def test_an_array_of_objects_is_never_pickled(cache: Cache) -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        cache.put_array("k", np.array([{}], dtype=object))


@pytest.mark.parametrize("damage", ["empty", "half", "flipped", "other"])
def test_a_damaged_entry_counts_as_absent_and_is_replaced(cache: Cache, damage: str) -> None:
    array = np.arange(100, dtype=np.float32)
    cache.put("k", {"starts": [1.25, 2.5]})
    cache.put_array("k", array)
    for path in (cache.folder / "results").iterdir():
        content = path.read_bytes()
        flipped = content.replace(b"1.25", b"1.35").replace(b"\x80?", b"\x80@")
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
    assert cache.get_array("k") is None
    assert cache.put("k", 1)
    assert cache.put_array("k", array)
    assert cache.get("k") == 1
    assert cache.get_array("k") is not None


@pytest.mark.skipif(os.name == "nt", reason="no such rights there")
def test_only_the_user_can_look_into_the_cache(cache: Cache) -> None:
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
    assert not cache.put_array("k", np.zeros(3))
    assert not cache.journal("k").append(1)
    assert cache.get("k") is None
    assert cache.get_array("k") is None
    assert cache.journal("k").read() == []
    cache.journal("k").remove()


def test_a_full_disk_is_no_error(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = cache.journal("k")
    assert journal.append(1)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert not cache.put("k", 1)
        assert not journal.append(2)
    # Once an entry is missing, later ones would be of no use.
    assert not journal.append(3)
    assert cache.get("k") is None
    assert list((cache.folder / "results").iterdir()) == []


def test_nothing_half_written_stays_in_the_folder(cache: Cache) -> None:
    cache.put("k", 1)
    cache.put("k", 2)
    assert [path.name for path in (cache.folder / "results").iterdir()] == ["k.json"]


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == Cache().folder == tmp_path / "mine"
    monkeypatch.delenv("CHAPTERIZE_CACHE")
    assert cache_folder().name == "chapterize"
    assert not (tmp_path / "mine").exists()


def test_a_journal_gives_back_its_entries_in_order(cache: Cache) -> None:
    journal = cache.journal("k")
    assert journal.read() == []
    assert all(journal.append({"n": n, "text": "a\nb"}) for n in range(3))
    assert [entry["n"] for entry in cache.journal("k").read()] == [0, 1, 2]
    journal.remove()
    journal.remove()
    assert cache.journal("k").read() == []
    assert journal.append(7)
    assert journal.read() == [7]


@pytest.mark.parametrize("tail", [b'{"n": 2, "te', b'{"n": 2}', b"\x00\x00", b"\xff\n", b"{]\n"])
def test_a_last_line_cut_short_is_left_out_and_overwritten(cache: Cache, tail: bytes) -> None:
    journal = cache.journal("k")
    for n in range(2):
        journal.append({"n": n})
    with journal.path.open("ab") as file:
        file.write(tail)
    again = cache.journal("k")
    assert again.read() == [{"n": 0}, {"n": 1}]
    assert again.append({"n": 9})
    assert cache.journal("k").read() == [{"n": 0}, {"n": 1}, {"n": 9}]


def test_each_entry_is_on_the_disk_before_the_next(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bytes] = []
    journal = cache.journal("k")
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(journal.path.read_bytes()))
    journal.append(1)
    journal.append(2)
    assert synced == [b"1\n", b"1\n2\n"]


def test_a_journal_is_written_on_after_another_run_read_it(cache: Cache) -> None:
    cache.journal("k").append(1)
    again = cache.journal("k")
    assert again.read() == [1]
    assert again.append(2)
    assert again.append(3)
    assert cache.journal("k").read() == [1, 2, 3]


def test_what_follows_a_damaged_line_is_cut_off_and_not_written_behind(cache: Cache) -> None:
    journal = cache.journal("k")
    for n in range(4):
        journal.append({"n": n})
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join([*lines[:2], b"\xff\n", *lines[3:]]))
    again = cache.journal("k")
    assert again.append({"n": 9})
    assert cache.journal("k").read() == [{"n": 0}, {"n": 1}, {"n": 9}]


def test_a_journal_that_is_a_folder_is_no_error(cache: Cache) -> None:
    journal = cache.journal("k")
    journal.path.mkdir(parents=True)
    assert journal.read() == []
    assert not journal.append(1)
    journal.remove()


def test_a_cache_that_can_be_written_has_no_problem(cache: Cache) -> None:
    assert cache.problem() is None
    assert list((cache.folder / "journals").iterdir()) == []


def test_a_cache_that_cannot_be_written_says_why(
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
        assert not inside.wait(1.3)
        assert len(waits) >= 2
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


@pytest.mark.parametrize("error", [KeyboardInterrupt, BrokenPipeError])
def test_who_waits_can_be_interrupted(cache: Cache, error: type[BaseException]) -> None:
    def interrupt() -> None:
        raise error

    done = threading.Event()

    def work() -> None:
        with pytest.raises(error), cache.lock("k", on_wait=interrupt):
            pytest.fail("it got in")
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


def test_the_lock_of_a_killed_process_is_lifted(cache: Cache) -> None:
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


def test_where_nothing_can_be_kept_there_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    with cache.lock("k"), cache.lock("k"):
        pass
