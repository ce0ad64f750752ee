#!/usr/bin/env python3
"""Measure time and memory against a named peer in the same run; prints a Markdown table.

Every measurement runs in a child process. This process stays small, because the peak memory of a
child includes what its parent held when it started.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmark_batch import measure_batch
from benchmark_captions import spoken_captions
from benchmark_remote import measure_remote
from benchmark_render import measure_render
from benchmark_review import measure_review
from benchmark_rows import MB, N_RUNS, Row, Run, ffmpeg, median, python, run, sizes, table, times
from benchmark_slides import measure_slides
from benchmark_speech import measure_gpu, measure_speech
from benchmark_titles import measure_titles

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "data" / "lecture.mp4"

_CHAPTERIZE = str(Path(sys.executable).with_name("chapterize"))
_SKLEARN = "import sklearn.feature_extraction.text"
_DECODE = """
import sys
from pathlib import Path
from chapterize.media import decode_audio, open_media
for block in decode_audio(open_media(Path(sys.argv[1]))):
    pass
"""
_RECOUNT = """
import statistics, sys, time
import chapterize

def timed(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began

draft = chapterize.make_draft(sys.argv[1])
counts = (8, 10, 14)
for titled in (False, True):
    draft.with_count(9, titled=titled)
    runs = [timed(lambda: draft.with_count(count, titled=titled)) for count in counts]
    print(statistics.median(runs))
print(timed(lambda: chapterize.make_draft(sys.argv[1])))
"""
_EMBED = """
import sys, time
from pathlib import Path
from chapterize.data import Chapters
from chapterize.media import open_media
from chapterize.rendering.containers import embed_chapters
source, target = Path(sys.argv[1]), Path(sys.argv[2])
duration = open_media(source).duration  # before the clock: it imports PyAV
chapters = Chapters.from_starts(
    [i * duration / 10 for i in range(10)], [f"Part {i}" for i in range(10)], duration
)
began = time.perf_counter()
embed_chapters(source, chapters, target)
print(time.perf_counter() - began)
"""
_COPY = """
import shutil, sys, time
began = time.perf_counter()
shutil.copyfile(sys.argv[1], sys.argv[2])
print(time.perf_counter() - began)
"""


def measure_help(_: Path) -> Iterator[Row]:
    """Start-up time of the command line."""
    ours = median(lambda: run(_CHAPTERIZE, "--help").wall, 5)
    for code in ("pass", "import typer"):
        peer = median(lambda code=code: python(code).wall, 5)  # type: ignore[misc]
        yield times("`chapterize --help`", ours, f"`python -c '{code}'`", peer, "0.3 s")


def measure_hour(folder: Path) -> Iterator[Row]:
    """One hour of captions: the whole process, and the part without imports."""
    captions = _captions(folder, hours=1)
    runs = [run(_CHAPTERIZE, "draft", captions, "--json") for _ in range(N_RUNS + 1)][1:]
    wall = statistics.median(run.wall for run in runs)
    work = statistics.median(_work(run) for run in runs)
    peer = median(lambda: python(_SKLEARN).wall)
    name = f"`{_SKLEARN}`"
    yield times("1 h of captions, whole process", wall, name, peer, "2.5 s")
    yield times("1 h of captions, without imports", work, name, peer, "0.5 s")
    numbered, titled, again = map(float, python(_RECOUNT, captions).stdout.split())
    name = "a second `make_draft`"
    yield times("1 h of captions, `with_count` without titles", numbered, name, again, "0.05 s")
    yield times("1 h of captions, `with_count` with titles", titled, name, again, "0.5 s")


def measure_minilm(folder: Path) -> Iterator[Row]:
    """One hour of captions with the vectors of MiniLM, against those of the table."""
    draft = (_CHAPTERIZE, "draft", _captions(folder, hours=1), "--json", "--embedder")
    ours, peer = ([run(*draft, name) for _ in range(N_RUNS)] for name in ("minilm", "static"))
    cpu = [statistics.median(each.cpu for each in runs) for runs in (ours, peer)]
    name = "the built-in table"
    yield times("1 h of captions, `--embedder minilm`, CPU", cpu[0], name, cpu[1], "")
    peaks = [max(each.peak_bytes for each in runs) for runs in (ours, peer)]
    yield sizes("1 h of captions, `--embedder minilm`, peak memory", peaks[0], name, peaks[1], "")


def measure_day(folder: Path) -> Iterator[Row]:
    """24 hours of captions against one hour."""
    day_file, hour_file = _captions(folder, hours=24), _captions(folder, hours=1)
    day = run(_CHAPTERIZE, "draft", day_file, "--json")
    hour = run(_CHAPTERIZE, "draft", hour_file, "--json")
    yield times("24 h of captions", day.wall, "1 h of captions", hour.wall, "15 s")
    yield sizes(
        "24 h of captions, peak memory",
        day.peak_bytes,
        "1 h of captions",
        hour.peak_bytes,
        "600 MB",
    )


def measure_decode(folder: Path) -> Iterator[Row]:
    """Ten hours of audio against ten minutes.

    FFmpeg keeps the packet index of an MP4 in memory, so an M4A has an absolute limit.
    """
    tone = "sine=frequency=330:sample_rate=16000:duration=600"
    wanted = {".mp3": "1.2×", ".m4a": "250 MB"}
    for suffix, codec in ((".mp3", "libmp3lame"), (".m4a", "aac")):
        short, long = folder / f"10min{suffix}", folder / f"10h{suffix}"
        ffmpeg("-f", "lavfi", "-i", tone, "-ac", "1", "-c:a", codec, "-b:a", "16k", short)
        ffmpeg("-stream_loop", "59", "-i", short, "-c", "copy", long)
        ours, peer = python(_DECODE, long), python(_DECODE, short)
        measure = f"decoding 10 h of {suffix[1:]}"
        yield sizes(
            f"{measure}, peak memory", ours.peak_bytes, "10 min", peer.peak_bytes, wanted[suffix]
        )
        yield times(measure, ours.wall, "10 min", peer.wall, "")


def measure_embed(folder: Path) -> Iterator[Row]:
    """Embedding chapters against copying the file; neither waits for the disk."""
    piece, video, out = folder / "piece.mp4", folder / "video.mp4", folder / "out.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=20"),
        *("-f", "lavfi", "-i", "sine=frequency=220:duration=20"),
        *("-vf", "noise=alls=30:allf=t", "-c:v", "libx264", "-preset", "ultrafast"),
        *("-b:v", "2600k", "-maxrate", "2600k", "-bufsize", "1M", "-c:a", "aac", piece),
    )

    def timed(code: str) -> float:
        out.unlink(missing_ok=True)
        os.sync()  # unwritten data of the previous run must not slow this one
        return float(python(code, video, out).stdout)

    for n_pieces in (30, 150):
        video.unlink(missing_ok=True)
        ffmpeg("-stream_loop", str(n_pieces - 1), "-i", piece, "-c", "copy", video)
        ours, peer = [], []
        timed(_COPY)
        for _ in range(N_RUNS):  # alternating, so that a busy disk slows both equally
            peer.append(timed(_COPY))
            ours.append(timed(_EMBED))
        yield times(
            f"`embed` into {video.stat().st_size / MB:.0f} MB of MP4",
            statistics.median(ours),
            "copying the file",
            statistics.median(peer),
            "1.5×",
        )


def measure_sample(_: Path) -> Iterator[Row]:
    """The sample lecture, with captions and slides."""
    ours = median(lambda: run(_CHAPTERIZE, "draft", SAMPLE, "--json").wall)
    peer = median(lambda: python(_SKLEARN).wall)
    yield times("draft of the sample lecture", ours, f"`{_SKLEARN}`", peer, "")


MEASURES: dict[str, Callable[[Path], Iterator[Row]]] = {
    "help": measure_help,
    "hour": measure_hour,
    "minilm": measure_minilm,
    "day": measure_day,
    "decode": measure_decode,
    "embed": measure_embed,
    "sample": measure_sample,
    "batch": measure_batch,
    "remote": measure_remote,
    "render": measure_render,
    "review": measure_review,
    "speech": measure_speech,
    "gpu": measure_gpu,
}
# Measured only when named: not every machine has a GPU, and a batch takes long.
_ON_REQUEST = frozenset(("batch", "gpu", "slides"))


def main(names: Sequence[str], models: Sequence[Path] = (), decks: Path | None = None) -> None:
    """Measure `names`, or all, and print the table.

    `models` are those of titles, `decks` the folder of finished talks for slides.
    """
    measures = MEASURES | {
        "titles": lambda _: measure_titles(models),
        "slides": lambda folder: measure_slides(folder, decks),
    }
    unknown = [name for name in names if name not in measures]
    if unknown:
        raise SystemExit(f"unknown measurement: {unknown[0]} (choose from {', '.join(measures)})")
    if ("titles" in names) != bool(models):
        raise SystemExit("titles needs --titles-model FOLDER, and nothing else does")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="chapterize-benchmark-") as folder:
        for name in names or [name for name in MEASURES if name not in _ON_REQUEST]:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            rows += measures[name](Path(folder))
    print(table(rows))


def _work(run: Run) -> float:
    """Seconds from file to chapters, without loading models and libraries."""
    timings = json.loads(run.stdout)["timings"]
    return float(timings["total"]) - float(timings.get("load", 0.0))


def _captions(folder: Path, *, hours: int) -> Path:
    path = folder / f"{hours}h.srt"
    if not path.exists():
        path.write_text(spoken_captions(hours * 3600.0), encoding="utf-8")
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        usage="scripts/benchmark [NAME...] [--titles-model FOLDER]... [--decks FOLDER]"
    )
    parser.add_argument("names", nargs="*")
    parser.add_argument("--titles-model", type=Path, action="append", default=[])
    parser.add_argument("--decks", type=Path)
    asked = parser.parse_args()
    try:
        main(asked.names, asked.titles_model, asked.decks)
    except KeyboardInterrupt:
        sys.exit(130)
