"""`batch`: workers against one worker, engines, skipping, and the cost of one hour of video."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from base_model import base_model
from batch_nodes import Cost, Nodes, plan_table
from benchmark_captions import spoken_captions
from benchmark_rows import MB, N_RUNS, Row, Run, ffmpeg, run, sizes, times

LECTURE = Path(__file__).resolve().parents[1] / "tests" / "data" / "lecture.mp4"

_CHAPTERIZE = str(Path(sys.executable).with_name("chapterize"))
_N_VIDEOS = 24
_MINUTES = 40
_N_TINY = 10_000
_N_ENGINE = 200
_PLAN_HOURS = 1e5
_PLAN_BYTES = 1e9
"""Of an hour of video in the plan: 2.2 Mbit/s, as of a lecture in 720p."""
_SPREAD = 0.25
# Each core is a worker, and one hour of video takes it the CPU time that was measured. The network
# has 1 Gbit/s for each worker, and 10 Gbit/s for the storage unless it is named.
_PLANS = (
    Nodes(1, 16, hours_between_failures=1000.0),
    Nodes(4, 16, hours_between_failures=1000.0),
    Nodes(16, 16, hours_between_failures=1000.0),
    Nodes(64, 16, hours_between_failures=1000.0),
    Nodes(16, 16, hours_between_failures=24.0),
    Nodes(16, 16, hours_between_failures=1000.0, storage=1.25e8),
)


def measure_batch(folder: Path) -> Iterator[Row]:
    """Workers, a shell loop, a second draft, ten thousand files, Ray, costs, and a plan."""
    videos = _videos(folder / "videos")
    yield from _measure_workers(folder, videos)
    yield from _measure_second_draft(folder)
    yield from _measure_tiny(folder)
    if importlib.util.find_spec("ray"):
        yield from _measure_ray(folder)
    yield from _measure_costs(folder)


def _measure_workers(folder: Path, videos: Path) -> Iterator[Row]:
    """One worker, two workers, and a shell loop; alternating, each with an empty cache."""
    one, two, loop = [], [], []
    for _ in range(N_RUNS):
        one.append(_batch(folder, videos, "-j", "1").wall)
        two.append(_batch(folder, videos, "-j", "2").wall)
    each = f'for f in "$1"/*.mp4; do "{_CHAPTERIZE}" draft "$f" --out-dir "$2"; done'
    loop.append(run("env", *_clean(folder), "sh", "-c", each, "sh", videos, folder / "out").wall)
    name = f"batch of {_N_VIDEOS} videos of {_MINUTES} min with captions"
    yield times(f"{name}, two workers", _median(two), "one worker", _median(one), "0.56×")
    yield times(f"{name}, one worker", _median(one), "a shell loop of `draft`", loop[0], "")


def _measure_second_draft(folder: Path) -> Iterator[Row]:
    """An hour of video with captions, drafted twice with other titles."""
    video = folder / "hour.mp4"
    _lesson(video, 3600)
    clean = _clean(folder)
    first = run("env", *clean, _CHAPTERIZE, "draft", video, "--json")
    again = run("env", *clean[:1], _CHAPTERIZE, "draft", video, "--json", "--titles", "none")
    spent = [json.loads(each.stdout)["timings"]["total"] for each in (again, first)]
    name = "1 h of video with captions, a second draft with other titles"
    yield times(name, spent[0], "the first", spent[1], "")


def _measure_tiny(folder: Path) -> Iterator[Row]:
    """Ten thousand caption files of a minute, in a hundred folders: drafted, then skipped."""
    tiny, text = folder / "tiny", spoken_captions(60.0)
    for number in range(_N_TINY):
        target = tiny / f"{number // 100:02}" / f"{number:05}.srt"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + f"{number}", encoding="utf-8")
    few = _batch(folder, tiny / "00", "-j", "2")
    done = _batch(folder, tiny, "-r", "-j", "2")
    skipped = _batch(folder, tiny, "-r", "-j", "2", is_clean=False)
    find = run("find", tiny, "-type", "f", "-newermt", "1970-01-01", "-size", "+0")
    name = f"batch of {_N_TINY:,} tiny files"
    yield times(f"{name}, drafting them", done.wall, "100 of them", few.wall, "")
    yield sizes(f"{name}, peak memory", done.peak_bytes, "100 of them", few.peak_bytes, "")
    yield times(
        f"{name}, all done before", skipped.wall, "`find` with size and time", find.wall, "5 s"
    )


def _measure_ray(folder: Path) -> Iterator[Row]:
    """Two hundred caption files of an hour with both engines, which take turns."""
    talks = folder / "talks"
    talks.mkdir()
    for number in range(_N_ENGINE):
        text = spoken_captions(3600.0 + number)
        (talks / f"{number:03}.srt").write_text(text, encoding="utf-8")
    local, ray = [], []
    for _ in range(N_RUNS):
        local.append(_batch(folder, talks, "-j", "2").wall)
        ray.append(_batch(folder, talks, "-j", "2", "--engine", "ray").wall)
    name = f"batch of {_N_ENGINE} caption files of 1 h, Ray"
    yield times(name, _median(ray), "the local engine", _median(local), "1.05×")


def _measure_costs(folder: Path) -> Iterator[Row]:
    """One hour with captions, and with recognised speech; then the plans made from these."""
    speech = ("--captions", "none", "--model", str(base_model()))
    kinds: dict[str, tuple[tuple[str, ...], int]] = {
        "captions": ((), 7200),
        "speech, Whisper base": (speech, 600),
    }
    # As many workers as cores, so that each has one thread.
    n_workers = os.cpu_count() or 1
    for what, (options, seconds) in kinds.items():
        source, hours = folder / f"cost {what}", n_workers * seconds / 3600
        source.mkdir()
        for number in range(n_workers):
            _lesson(source / f"{number}.mp4", seconds + number)
        spent = _batch(folder, source, "-j", str(n_workers), "--offline", *options)
        made = sum(_size(folder / name) for name in ("out", "cache"))
        name, read = f"1 h of video with {what}", round(_size(source) / hours)
        facts = {
            "CPU": f"{spent.cpu / hours:.1f} s",
            f"{n_workers} workers": f"{spent.wall / hours:.1f} s",
            "peak memory of a worker": f"{spent.peak_bytes / MB:.0f} MB",
            "read": f"{read / MB:.0f} MB",
            "written": f"{made / hours / 1000:.0f} kB",
        }
        for fact, result in facts.items():
            yield Row(f"{name}, {fact}", result, "", "", None)
        print(f"{_PLAN_HOURS:,.0f} h with {what}, {spent.cpu / hours:.1f} s of CPU an hour:\n")
        print(plan_table(Cost(spent.cpu / hours, _PLAN_BYTES, _SPREAD), _PLANS, _PLAN_HOURS), "\n")


def _batch(folder: Path, source: Path, *options: str, is_clean: bool = True) -> Run:
    """Run the batch; without `is_clean`, after an earlier run with the same results and cache."""
    environment = _clean(folder) if is_clean else [f"CHAPTERIZE_CACHE={folder / 'cache'}"]
    return run("env", *environment, _CHAPTERIZE, "batch", source, "--out", folder / "out", *options)


def _clean(folder: Path) -> list[str]:
    """Delete results and cache of an earlier run; returns the environment of the next one."""
    for name in ("out", "cache"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "out").mkdir()
    return [f"CHAPTERIZE_CACHE={folder / 'cache'}"]


def _videos(folder: Path) -> Path:
    folder.mkdir()
    for number in range(_N_VIDEOS):
        _lesson(folder / f"lesson {number:02}.mp4", _MINUTES * 60 + number)
    return folder


def _lesson(target: Path, seconds: int) -> None:
    """The sample lecture, repeated, with the captions of another talk next to it."""
    tracks = ("-map", "0:v", "-map", "0:a", "-c", "copy")
    ffmpeg("-stream_loop", "-1", "-i", LECTURE, *tracks, "-t", str(seconds), target)
    target.with_suffix(".srt").write_text(spoken_captions(float(seconds)), encoding="utf-8")


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
