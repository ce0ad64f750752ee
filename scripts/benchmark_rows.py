"""Run child processes, measure them and print the results as a table."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

N_RUNS = 3
MB = 1_000_000


@dataclass(frozen=True)
class Run:
    """Result of one child process: wall and CPU seconds, peak memory, standard output."""

    wall: float
    cpu: float
    peak_bytes: int
    stdout: str


@dataclass(frozen=True)
class Row:
    """One row of the table; `ratio` is our figure divided by the peer's."""

    measure: str
    result: str
    peer: str
    peer_result: str
    ratio: float | None
    wanted: str = ""


def run(*command: str | Path) -> Run:
    """Run a child process to its end.

    Raises
    ------
    SystemExit : its exit code is not 0.
    """
    from time import perf_counter

    with tempfile.TemporaryFile() as out:
        began = perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"failed with exit code {process.returncode}: {command}")
        out.seek(0)
        # Linux counts in kilobytes, macOS in bytes.
        unit = 1 if sys.platform == "darwin" else 1024
        return Run(
            wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, out.read().decode()
        )


def python(code: str, *arguments: str | Path) -> Run:
    """Run Python code in a new interpreter."""
    return run(sys.executable, "-c", code, *arguments)


def median(measure: Callable[[], float], n_runs: int = N_RUNS) -> float:
    """Median of `n_runs` runs, after one that warms the disk cache."""
    measure()
    return statistics.median(measure() for _ in range(n_runs))


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg, quietly."""
    from chapterize.ffmpeg import find_ffmpeg

    run(find_ffmpeg(), "-nostdin", "-loglevel", "error", "-y", *arguments)


def table(rows: Sequence[Row]) -> str:
    """Format the rows as a Markdown table."""
    lines = ["| measurement | ours | peer | peer's | ratio | target |", "|---|---|---|---|---|---|"]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}×"
        lines.append(
            f"| {row.measure} | {row.result} | {row.peer} | {row.peer_result} | {ratio} "
            f"| {row.wanted} |"
        )
    return "\n".join(lines)


def times(measure: str, ours: float, peer: str, theirs: float, wanted: str) -> Row:
    """A row of seconds."""
    return Row(
        measure, f"{ours:.2f} s", peer, f"{theirs:.2f} s", ours / theirs, wanted and f"≤ {wanted}"
    )


def sizes(measure: str, ours: int, peer: str, theirs: int, wanted: str) -> Row:
    """A row of bytes."""
    row = times(measure, float(ours), peer, float(theirs), wanted)
    sizes = (f"{ours / MB:.0f} MB", peer, f"{theirs / MB:.0f} MB")
    return Row(measure, *sizes, row.ratio, row.wanted)
