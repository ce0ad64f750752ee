"""The size of the cache: what is in it, what is deleted first, and what never is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import chapterize.cache as module
from chapterize.cache import Cache, Pruned, cache_limit, stage_key
from chapterize.errors import InputError

DAY = 86_400.0


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "kept 100% 日本語")


def key_of(number: int) -> str:
    return stage_key("test/1", number)


def age(path: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def stored(cache: Cache, number: int, *, days: float = 0.0, n_bytes: int = 1000) -> Path:
    """Store a result of about `n_bytes` that was last used some days ago."""
    assert cache.put(key_of(number), "x" * n_bytes)
    path = cache.folder / "results" / f"{key_of(number)}.json"
    age(path, days * DAY)
    return path


def file_of(cache: Cache, kind: str, name: str, *, days: float = 0.0) -> Path:
    path = cache.folder / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 1000)
    age(path, days * DAY)
    return path


def names(pruned: Pruned) -> list[Path]:
    return [entry.path for entry in pruned.deleted]


def test_every_file_of_the_cache_is_an_entry_of_its_kind(cache: Cache) -> None:
    assert cache.entries() == []
    key = key_of(1)
    expected = {
        stored(cache, 1): "results",
        file_of(cache, "journals", f"{key}.jsonl"): "journals",
        file_of(cache, "journals", f"{key}.lock"): "leftovers",
        file_of(cache, "playable", f"{key}.webm"): "playable",
        file_of(cache, "playable", ".chapterize-abc.webm"): "leftovers",
        file_of(cache, "proxies", f"{key}.mp4"): "proxies",
    }
    assert {entry.path: entry.kind for entry in cache.entries()} == expected
    assert all(entry.size_bytes >= 1000 for entry in cache.entries())


def test_old_entries_are_deleted(cache: Cache) -> None:
    old, new = stored(cache, 1, days=31), stored(cache, 2, days=29)
    assert names(cache.prune(older=30 * DAY)) == [old]
    assert not old.exists()
    assert new.exists()


def test_the_least_recently_used_entries_are_deleted_first(cache: Cache) -> None:
    paths = [stored(cache, number, days=number) for number in range(5)]
    pruned = cache.prune(max_bytes=3200)
    assert names(pruned) == [paths[4], paths[3]]
    assert sum(entry.size_bytes for entry in pruned.kept) <= 3200
    assert [path.exists() for path in paths] == [True, True, True, False, False]


def test_reading_a_result_makes_it_recent(cache: Cache) -> None:
    read, other = stored(cache, 1, days=9), stored(cache, 2, days=5)
    assert cache.get(key_of(1)) is not None
    assert names(cache.prune(max_bytes=1500)) == [other]
    assert read.exists()


def test_a_dry_run_deletes_nothing(cache: Cache) -> None:
    key = key_of(2)
    paths = [
        stored(cache, 1, days=2),
        file_of(cache, "journals", f"{key}.jsonl", days=2),
        file_of(cache, "journals", f"{key}.lock", days=2),
    ]
    assert set(names(cache.prune(max_bytes=0, is_dry_run=True))) == set(paths)
    assert all(path.exists() for path in paths)
    assert set(names(cache.prune(max_bytes=0))) == set(paths)
    assert cache.entries() == []


def test_files_that_are_not_ours_are_never_deleted(cache: Cache, tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text("{}", encoding="utf-8")
    link = cache.folder / "results" / f"{key_of(7)}.json"
    others = [
        file_of(cache, "results", "thesis.json", days=99),
        file_of(cache, "reviews", f"{key_of(1)}.json", days=99),
        file_of(cache, "sessions", f"{key_of(1)}.jsonl", days=99),
        file_of(cache, ".", "token.json", days=99),
        file_of(cache, "results/deeper", f"{key_of(1)}.json", days=99),
    ]
    link.symlink_to(mine)
    assert cache.prune(max_bytes=0, older=0.0) == Pruned((), (), ())
    assert all(path.exists() for path in (*others, link, mine))


def test_a_journal_in_use_is_kept(cache: Cache) -> None:
    path = file_of(cache, "journals", f"{key_of(1)}.jsonl", days=9)
    other = file_of(cache, "journals", f"{key_of(2)}.jsonl", days=9)
    with cache.lock(key_of(1)):
        pruned = Cache(cache.folder).prune(max_bytes=0)
        assert names(pruned) == [other]
        assert [entry.path for entry in pruned.busy] == [path]
    assert names(cache.prune(max_bytes=0)) == [path]
    assert list((cache.folder / "journals").iterdir()) == []


@pytest.mark.parametrize("kind", ["playable", "proxies"])
def test_a_copy_that_may_be_playing_or_uploading_is_kept(cache: Cache, kind: str) -> None:
    recent = file_of(cache, kind, f"{key_of(1)}.mp4", days=0.01)
    old = file_of(cache, kind, f"{key_of(2)}.mp4", days=1.01)
    pruned = cache.prune(max_bytes=0)
    assert names(pruned) == [old]
    assert [entry.path for entry in pruned.busy] == [recent]


def test_what_killed_processes_left_is_deleted_after_a_day(cache: Cache) -> None:
    stale = [
        file_of(cache, "results", ".chapterize-abc.json", days=1.1),
        file_of(cache, "journals", f"{key_of(1)}.lock", days=1.1),
    ]
    recent = file_of(cache, "results", ".chapterize-def.json", days=0.9)
    pruned = cache.prune()
    assert set(names(pruned)) == set(stale)
    assert [entry.path for entry in pruned.kept] == [recent]
    assert cache.prune(max_bytes=0, older=0.0).deleted == ()


def test_an_entry_that_was_used_since_it_was_listed_is_kept(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(cache, 1, days=9)
    listed = cache.entries()
    assert cache.get(key_of(1)) is not None
    monkeypatch.setattr(cache, "entries", lambda: listed)
    pruned = cache.prune(older=DAY)
    assert pruned.deleted == ()
    assert [entry.path for entry in pruned.busy] == [path]


def test_an_entry_that_another_process_deleted_is_not_counted(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, left = stored(cache, 1, days=9), stored(cache, 2, days=8)
    listed = cache.entries()
    gone.unlink()
    monkeypatch.setattr(cache, "entries", lambda: listed)
    pruned = cache.prune(max_bytes=1500)
    assert pruned.deleted == pruned.busy == ()
    assert [entry.path for entry in pruned.kept] == [left]


def test_processes_that_prune_together_delete_each_entry_once(cache: Cache) -> None:
    n_entries = 60
    for number in range(n_entries):
        stored(cache, number, days=number)
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(Cache(cache.folder).prune, max_bytes=0) for _ in range(4)]
        deleted = [path for run in runs for path in names(run.result())]
    assert sorted(deleted) == sorted(set(deleted))
    assert cache.entries() == []


_WRITER = """
import sys
from pathlib import Path
from chapterize.cache import Cache, stage_key
cache = Cache(Path(sys.argv[1]))
print("started", flush=True)
for number in range(300):
    key = stage_key("test/1", number % 10)
    found = cache.get(key)
    assert found is None or found == number % 10, found
    assert cache.put(key, number % 10)
"""


@pytest.mark.slow
def test_a_process_may_use_the_cache_while_another_prunes_it(cache: Cache) -> None:
    command = [sys.executable, "-c", _WRITER, str(cache.folder)]
    root = Path(__file__).parents[1]
    n_deleted = 0
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "started\n"
        while writer.poll() is None:
            n_deleted += len(cache.prune(max_bytes=0, older=0.0).deleted)
    assert writer.returncode == 0
    assert n_deleted > 0
    assert not [entry for entry in cache.entries() if entry.kind == "leftovers"]


def test_the_cache_keeps_to_its_limit_by_itself(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = stored(cache, 1, days=3)
    monkeypatch.setattr(module, "_CHECK_BYTES", 1)
    monkeypatch.setenv("CHAPTERIZE_CACHE_MAX", "1.5kB")
    new = stored(cache, 2)
    assert new.exists()
    assert not old.exists()


def test_a_limit_that_is_no_size_does_not_stop_a_run(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHECK_BYTES", 1)
    monkeypatch.setenv("CHAPTERIZE_CACHE_MAX", "much")
    assert stored(cache, 1).exists()
    with pytest.raises(InputError, match="'much' is not a size"):
        cache_limit()


def test_the_limit_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAPTERIZE_CACHE_MAX", raising=False)
    assert cache_limit() == 20_000_000_000
    monkeypatch.setenv("CHAPTERIZE_CACHE_MAX", "5GB")
    assert cache_limit() == 5_000_000_000


def test_a_cache_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert Cache(tmp_path / "file").entries() == []
    assert Cache(tmp_path / "file").prune(max_bytes=0) == Pruned((), (), ())
