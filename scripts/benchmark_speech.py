"""Recognition with Whisper base: a whole draft compared with faster-whisper's batched call."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from base_model import base_model
from benchmark_rows import Row, Run, ffmpeg, python, run, sizes, times

LECTURE = Path(__file__).resolve().parents[1] / "tests" / "data" / "lecture.mp4"

_CHAPTERIZE = str(Path(sys.executable).with_name("chapterize"))
_PEER = """
import os, sys
from faster_whisper import BatchedInferencePipeline, WhisperModel
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=os.cpu_count())
segments, _ = BatchedInferencePipeline(model).transcribe(
    sys.argv[2], batch_size=8, beam_size=5, word_timestamps=True
)
for segment in segments:
    pass
"""
_N_TURNS = 2


def measure_speech(folder: Path) -> Iterator[Row]:
    """Twenty-two minutes of speech: CPU, wall clock and memory of both processes."""
    model, audio = base_model(), _audio(folder, n_lectures=3)
    ours: list[Run] = []
    peer: list[Run] = []
    for turn in range(_N_TURNS):  # alternate, so that other load on the machine affects both
        peer.append(python(_PEER, model, audio))
        ours.append(_draft(folder / f"cache {turn}", audio, model, "cpu"))
    name = "faster-whisper's batched call"
    for what, attribute in (("CPU", "cpu"), ("wall clock", "wall")):
        a, b = (statistics.median(getattr(r, attribute) for r in runs) for runs in (ours, peer))
        yield times(f"draft of 22 min of speech, {what}", a, name, b, "1.03×")
    yield sizes(
        "draft of 22 min of speech, peak memory",
        max(run.peak_bytes for run in ours),
        name,
        max(run.peak_bytes for run in peer),
        "1.03×",
    )
    faster = 22.45 * 60 / statistics.median(run.wall for run in ours)
    yield Row("draft of 22 min of speech, speed", f"{faster:.0f} × real time", "", "", None)


def measure_gpu(folder: Path) -> Iterator[Row]:
    """Forty-five minutes of speech on the GPU, compared with the CPU of the same machine."""
    from chapterize.transcribe.device import cuda_problem

    if problem := cuda_problem():
        raise SystemExit(f"the GPU cannot be used: {problem}")
    model, audio = base_model(), _audio(folder, n_lectures=6)
    on_gpu = _draft(folder / "cache gpu", audio, model, "cuda")
    on_cpu = _draft(folder / "cache cpu", audio, model, "cpu")
    yield times("draft of 45 min of speech, GPU", on_gpu.wall, "CPU", on_cpu.wall, "")
    recognition = json.loads(on_gpu.stdout)["timings"]["recognition"]
    yield times("recognition only, GPU", recognition, "the whole draft", on_gpu.wall, "")


def _draft(cache: Path, audio: Path, model: Path, device: str) -> Run:
    environment = ("env", f"CHAPTERIZE_CACHE={cache}")
    options = ("--captions", "none", "--model", model, "--device", device, "--json", "--offline")
    return run(*environment, _CHAPTERIZE, "draft", audio, *options)


def _audio(folder: Path, *, n_lectures: int) -> Path:
    """The audio track of the sample lecture, repeated `n_lectures` times."""
    target = folder / f"{n_lectures} lectures.m4a"
    if not target.exists():
        repeat = ("-stream_loop", str(n_lectures - 1), "-i", LECTURE)
        ffmpeg(*repeat, "-vn", "-sn", "-c:a", "aac", "-b:a", "64k", target)
    return target
