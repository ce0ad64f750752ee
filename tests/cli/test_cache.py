"""`chapterize cache`."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from chapterize.cache import Cache, stage_key
from tests.cli.program import Run

DAY = 86_400.0


def stored(number: int, *, days: float = 0.0) -> Path:
    """Store a result of 1 MB that was last used some days ago."""
    key = stage_key("test/1", number)
    assert Cache().put(key, "x" * 999_940)
    path = Cache().folder / "results" / f"{key}.json"
    moment = time.time() - days * DAY
    os.utime(path, (moment, moment))
    return path


def test_show_lists_what_is_in_the_cache_by_kind(run: Run) -> None:
    stored(1, days=2.5)
    stored(2, days=1.5)
    lines = run("cache", "show").out.splitlines()
    assert lines[0] == str(Cache().folder)
    assert lines[2].split() == ["KIND", "ENTRIES", "SIZE", "LAST", "USED", "WHAT"]
    assert lines[3].startswith("results          2  2.0 MB  1 day ago  transcripts, ")
    assert lines[4].split()[:4] == ["journals", "0", "0.0", "MB"]
    assert lines[-1].split() == [
        "total",
        "2",
        "2.0",
        "MB",
        "1",
        "day",
        "ago",
        "at",
        "most",
        "20.0",
        "GB",
    ]


def test_show_prints_json(run: Run) -> None:
    before = time.time()
    stored(1)
    found = json.loads(run("cache", "show", "--json").out)
    assert found["schema"] == "chapterize.cache/1"
    assert found["path"] == str(Cache().folder)
    assert (found["entries"], found["bytes"], found["limit"]) == (1, 1_000_000, 20_000_000_000)
    assert list(found["kinds"]) == ["results", "journals", "playable", "proxies", "leftovers"]
    assert found["kinds"]["results"]["newest"] == pytest.approx(before, abs=60)
    assert found["kinds"]["proxies"] == {"entries": 0, "bytes": 0, "oldest": None, "newest": None}


def test_an_empty_cache_is_no_error(run: Run) -> None:
    assert run("cache", "show").code == 0
    done = run("cache", "prune", "--max", "0")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("deleted 0 of 0 entries, 0.0 MB; 0.0 MB left in ")


def test_prune_deletes_what_is_old_and_says_what_it_freed(run: Run) -> None:
    old, new = stored(1, days=31), stored(2, days=1)
    done = run("cache", "prune", "--older", "30d")
    assert done.err == f"deleted 1 of 2 entries, 1.0 MB; 1.0 MB left in {Cache().folder}\n"
    assert not old.exists()
    assert new.exists()


def test_prune_deletes_the_least_recently_used_above_a_size(run: Run) -> None:
    paths = [stored(number, days=number) for number in range(4)]
    done = run("cache", "prune", "--max", "2.5MB", "--json")
    found = json.loads(done.out)
    assert found["deleted"]["entries"] == found["kept"]["entries"] == 2
    assert (found["deleted"]["bytes"], found["dry_run"]) == (2_000_000, False)
    assert [path.exists() for path in paths] == [True, True, False, False]


def test_prune_without_options_keeps_to_the_limit(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [stored(number, days=number) for number in range(3)]
    assert run("cache", "prune").err.startswith("deleted 0 of 3 entries")
    monkeypatch.setenv("CHAPTERIZE_CACHE_MAX", "1MB")
    assert run("cache", "prune").err.startswith("deleted 2 of 3 entries")
    assert [path.exists() for path in paths] == [True, False, False]


def test_a_dry_run_only_shows_what_would_be_deleted(run: Run) -> None:
    path = stored(1)
    done = run("cache", "prune", "--max", "0", "--dry-run")
    assert done.err.startswith("would delete 1 of 1 entries, 1.0 MB; 0.0 MB left")
    assert path.exists()


def test_prune_names_what_is_in_use(run: Run) -> None:
    key = stage_key("test/1", 1)
    assert Cache().journal(key).append(1)
    with Cache().lock(key):
        done = run("cache", "prune", "--max", "0")
    assert f"kept journals/{key}.jsonl, 0.0 MB: in use, or used recently\n" in done.err


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("--older", "30", "'30' is not an age"),
        ("--older", "-3d", "'-3d' is not an age"),
        ("--max", "much", "'much' is not a size"),
        ("--max", "-5GB", "'-5GB' is not a size"),
    ],
)
def test_a_value_that_cannot_be_read_deletes_nothing(
    run: Run, option: str, value: str, error: str
) -> None:
    path = stored(1, days=99)
    done = run("cache", "prune", option, value)
    assert done.code == 2
    assert error in done.err
    assert "next: write it like" in done.err
    assert path.exists()
