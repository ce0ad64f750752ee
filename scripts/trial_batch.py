#!/usr/bin/env python3
"""Try `chapterize batch` as a course creator would: thirty videos, three of them broken.

Makes the videos, starts the batch, kills it twice with `kill -9`, lets it finish, and checks that
every file has its result exactly once and that every broken one is reported. Give it folders of
your own recordings to mix them in; without speech recognition, name a speech model with --model.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark_captions import spoken_captions
from benchmark_rows import ffmpeg

LECTURE = Path(__file__).resolve().parents[1] / "tests" / "data" / "lecture.mp4"
_CHAPTERIZE = str(Path(sys.executable).with_name("chapterize"))
_N_VIDEOS = 30
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac", "-b:a", "64k")
_FORMATS = ("youtube", "webvtt")
_SUFFIXES = (".txt", ".vtt")
_TRACKS = ("-i", LECTURE, "-map", "0:v", "-map", "0:a", "-c", "copy")
_TONE = ("-f", "lavfi", "-i", "sine=frequency=220:duration=40")
_VIDEOS: Mapping[str, Sequence[str | Path]] = {
    "week 1/with subtitles.mp4": ("-i", LECTURE, "-map", "0", "-c", "copy"),
    "week 1/spoken only.mp4": _TRACKS,
    "week 2/camera.ts": (*_TRACKS, "-t", "120", "-f", "mpegts"),
    "week 2/podcast.mp3": ("-i", LECTURE, "-vn", "-sn", "-t", "180", "-c:a", "libmp3lame"),
    "week 2/slides without sound.mp4": ("-i", LECTURE, "-an", "-sn", "-c", "copy"),
    "week 3/vertical without speech.mp4": (
        *("-f", "lavfi", "-i", "testsrc2=size=320x568:rate=25:duration=40", *_TONE),
        *(*_H264, *_AAC),
    ),
    "week 3/two seconds.mp4": (
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2"),
        *_H264,
    ),
}
_LESSONS = {
    "week 1/lesson.mp4": 600,
    "week 2/lesson.mp4": 900,
    "week 2/lesson.mov": 300,
    "week 3/it's 100 % “done” 日本語.mp4": 1200,
    "week 3/a very long lesson.mkv": 3600,
    **{f"week 3/lesson {number:02}.mp4": 120 + 60 * number for number in range(1, 18)},
}
"""Seconds of the videos with captions next to them."""
_ENDED = ("done", "skipped", "kept", "failed")


def make_videos(folder: Path, recordings: Sequence[Path]) -> list[Path]:
    """Fill `folder` with thirty videos and return the three broken ones."""
    folder.mkdir(parents=True)
    for number, recording in enumerate(recordings):
        target = folder / ("week 1" if number % 2 else "recordings") / recording.name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(recording, target)
    broken = [folder / "week 2" / name for name in ("cut off.mp4", "empty.mp4", "not a video.mkv")]
    for name in ("week 1", "week 2", "week 3"):
        (folder / name).mkdir(exist_ok=True)
    n_made = _N_VIDEOS - len(broken) - len(recordings)
    for name, arguments in list(_VIDEOS.items())[:n_made]:
        ffmpeg(*arguments, folder / name)
    for name, seconds in list(_LESSONS.items())[: max(0, n_made - len(_VIDEOS))]:
        _lesson(folder / name, seconds)
    # The index is at the end, so it is lost.
    ffmpeg(*_TRACKS, broken[0])
    os.truncate(broken[0], 1_500_000)
    broken[1].touch()
    broken[2].write_bytes(random.Random(1).randbytes(200_000))
    return broken


def _lesson(target: Path, seconds: int) -> None:
    """The sample lecture, repeated, with the captions of another talk next to it."""
    ffmpeg("-stream_loop", "-1", *_TRACKS, "-t", str(seconds), target)
    captions = target.with_suffix(".srt")
    if not captions.exists():
        captions.write_text(spoken_captions(float(seconds)), encoding="utf-8")


class Trial:
    """Runs of the batch on one folder."""

    def __init__(self, videos: Path, out: Path, model: str | None) -> None:
        self.out = out
        self._command = [
            *(_CHAPTERIZE, "batch", str(videos), "-r", "--out", str(out), "-j", "2", "--json"),
            *("--format", ",".join(_FORMATS), "--offline"),
            *(("--model", model) if model else ()),
        ]

    def run(self, *, kill_after: float | None = None) -> tuple[int, list[dict[str, Any]]]:
        """Run to the end, or kill the program; returns the exit code and the last rows."""
        log = self.out.with_suffix(".err")
        with (
            log.open("ab") as err,
            subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err
            ) as process,
        ):
            if kill_after is not None:
                time.sleep(kill_after)
                os.kill(process.pid, signal.SIGKILL)
            assert process.stdout is not None
            lines = process.stdout.read().decode().splitlines()
        rows = [json.loads(line) for line in lines if line.endswith("}")]
        return process.returncode, [row for row in rows if row.get("state") in _ENDED]

    def results(self) -> dict[Path, tuple[int, bytes]]:
        """Time and content of every result."""
        return {
            path: (path.stat().st_mtime_ns, path.read_bytes())
            for path in sorted(self.out.rglob("*"))
            if path.suffix in _SUFFIXES and not path.name.startswith(".")
        }


def main(recordings: Sequence[Path], work: Path, model: str | None, kills: Sequence[float]) -> int:
    """Run the trial in `work`; returns 0 if every check holds."""
    videos, out = work / "videos", work / "chapters"
    broken = make_videos(videos, recordings)
    out.mkdir()
    trial, faults = Trial(videos, out, model), []
    before: dict[Path, tuple[int, bytes]] = {}
    for seconds in kills:
        code, rows = trial.run(kill_after=seconds)
        now = trial.results()
        print(f"killed after {seconds:g} s: exit {code}, {len(rows)} ended, {len(now)} results")
        faults += [f"{path} was written again" for path in before if now.get(path) != before[path]]
        before = now
        if left := list(out.rglob(".chapterize-*")):
            print(f"  temporary files: {len(left)}")
    began = time.monotonic()
    code, rows = trial.run()
    counts = Counter(row["state"] for row in rows)
    print(f"finished: exit {code}, {dict(counts)}, {time.monotonic() - began:.1f} s")
    after = trial.results()
    faults += [f"{path} was written again" for path in before if after.get(path) != before[path]]
    for row in rows:
        if row["state"] == "failed":
            print(f"  {row['source']}: {row['reason']}")
    failed = {Path(row["source"]).name for row in rows if row["state"] == "failed"}
    if failed != {path.name for path in broken}:
        faults.append(f"failed are {sorted(failed)}")
    if len(after) != (_N_VIDEOS - len(broken)) * len(_FORMATS):
        faults.append(f"there are {len(after)} results")
    if code != 12:
        faults.append(f"the exit code is {code}")
    if left := list(out.rglob(".chapterize-*")):
        faults.append(f"temporary files are left: {[path.name for path in left]}")
    began = time.monotonic()
    code, rows = trial.run()
    counts = Counter(row["state"] for row in rows)
    print(f"again: exit {code}, {dict(counts)}, {time.monotonic() - began:.1f} s")
    faults += [
        f"{path} was written again" for path in after if trial.results()[path] != after[path]
    ]
    for fault in faults:
        print(f"FAULT: {fault}")
    print(f"{'all checks hold' if not faults else f'{len(faults)} faults'}; see {out}")
    return bool(faults)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="a new folder for the videos and the results")
    parser.add_argument("recordings", type=Path, nargs="*", help="your own videos to add")
    parser.add_argument("--model", help="the speech model, a name or a folder")
    parser.add_argument("--kill", type=float, nargs=2, default=(6.0, 12.0), metavar="SECONDS")
    asked = parser.parse_args()
    sys.exit(main(asked.recordings, asked.work, asked.model, asked.kill))
