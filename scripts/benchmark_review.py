"""The review page at three and ten hours: the server as a child process, the page in Chromium.

The page is measured only where Playwright and Chromium are installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmark_captions import spoken_captions
from benchmark_rows import MB, Row, ffmpeg, python

_N_SENTENCES = 20_000
_SENTENCES_PER_HOUR = 638
"""Of `spoken_captions`."""

_PAGE = Path(__file__).resolve().parents[1] / "chapterize" / "review" / "page"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 600.0
_FRAME_MS = 1000 / 60
_N_MOVES = 180
_CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline"

_PEAKS = """
import sys, time
from pathlib import Path
from chapterize.media import open_media
from chapterize.review.peaks import measure_peaks
media, began = open_media(Path(sys.argv[1])), time.process_time()
print(sum(len(block) for block in measure_peaks(media)), time.process_time() - began)
"""
# How often the page drew while a boundary was dragged, and how long its own work took.
_WATCH = """() => {
  window.seen = [];
  const look = (now) => { window.seen.push(now); window.watching = requestAnimationFrame(look); };
  window.watching = requestAnimationFrame(look);
}"""
_SEEN = "() => { cancelAnimationFrame(window.watching); return window.seen; }"


@dataclass(frozen=True)
class _Server:
    """A running `chapterize review`."""

    pid: int
    address: str

    @property
    def base(self) -> str:
        return self.address.partition("/#")[0]

    def get(self, path: str) -> tuple[Any, float]:
        """The JSON at `path`, and the milliseconds that it took."""
        import httpx

        headers = {"X-Chapterize-Token": self.address.partition("token=")[2]}
        # A client needs longer to start than the server to answer.
        with httpx.Client(headers=headers, timeout=_PATIENCE) as client:
            client.get(f"{self.base}/")
            began = time.perf_counter()
            answer = client.get(f"{self.base}{path}")
            took = 1000 * (time.perf_counter() - began)
        answer.raise_for_status()
        return answer.json(), took

    def memory(self, name: str) -> int:
        """VmRSS or VmHWM in bytes, as Linux counts them."""
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(rf"{name}:\s+(\d+) kB", text)
        return int(found[1]) * 1024 if found else 0

    def forget_peak(self) -> None:
        """Count the peak of memory from now on."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")


def measure_review(folder: Path) -> Iterator[Row]:
    """The page of three hours, and server and page of ten hours with 20,000 sentences."""
    video = _video(folder, hours=10)
    n_peaks, seconds = python(_PEAKS, video).stdout.split()
    yield _row("waveform, CPU for each hour of video", f"{float(seconds) / 10:.1f} s", "")
    yield _row("waveform of 10 h", f"{int(n_peaks) / MB:.2f} MB", "")
    # A browser loads the texts of one language.
    loaded = {*_PAGE.rglob("*.*")} - {_PAGE / "js" / "texts" / "zh.js"}
    size = sum(path.stat().st_size for path in loaded)
    yield _row("page in one language, without the video", f"{size / 1000:.0f} kB", "150 kB")
    captions = _captions(folder / "3h.srt", 3, round(3 * _SENTENCES_PER_HOUR))
    with _serving(folder, _video(folder, hours=3), captions) as server:
        yield from _page_rows(server, "3 h", is_dragged=False)
    captions = _captions(folder / "10h.srt", 10, _N_SENTENCES)
    with _serving(folder, video, captions) as server:
        _settle(server)
        server.forget_peak()
        yield from _slider_rows(server)
        yield from _page_rows(server, "10 h", is_dragged=True)
        rest, peak = server.memory("VmRSS"), server.memory("VmHWM")
        yield _row("10 h: memory of the server", f"{rest / MB:.0f} MB", "150 MB")
        yield _row("10 h: its peak while it answered", f"{peak / MB:.0f} MB", "")


def _slider_rows(server: _Server) -> Iterator[Row]:
    """Another number of chapters, everywhere between few and many."""
    most = server.get("/api/project")[0]["count"]["most"]
    counts = sorted({round(1 + (most - 1) * n / 40) for n in range(41)})
    took = [server.get(f"/api/count/{count}")[1] for count in counts]
    shown = f"{statistics.median(took):.0f} ms, at most {max(took):.0f} ms"
    yield _row(f"10 h: answer to the slider, {len(took)} counts", shown, "50 ms")


def _page_rows(server: _Server, name: str, *, is_dragged: bool) -> Iterator[Row]:
    """When the page can be used and, with `is_dragged`, how smoothly a boundary is dragged."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    try:
        from playwright.sync_api import ViewportSize, sync_playwright
    except ImportError:
        browser = None
    if browser is None:
        print("the page needs Playwright and Chromium: skipped", file=sys.stderr)
        return
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        size = ViewportSize(width=1600, height=1000)
        found = []
        for _ in range(3):
            page = running.new_page(viewport=size)
            page.goto(server.address)
            page.wait_for_selector("body[data-state=ready]", timeout=1000 * _PATIENCE)
            marks = "performance.getEntriesByName('interactive')[0].startTime"
            found.append(float(page.evaluate(marks)))
            page.close()
        shown = f"{statistics.median(found) / 1000:.2f} s"
        yield _row(f"{name}: until the page can be used", shown, "" if is_dragged else "1 s")
        if is_dragged:
            yield from _drag_rows(running.new_page(viewport=size), server)
        running.close()


def _drag_rows(page: Any, server: _Server) -> Iterator[Row]:
    page.goto(server.address)
    page.wait_for_selector("body[data-state=ready]")
    page.wait_for_timeout(3000)  # transcript, curve and waveform are there
    handle = page.locator("[role=slider][aria-valuetext]").nth(3)
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    is_over: list[bool] = []
    session.on("Tracing.tracingComplete", lambda part: is_over.append(True))
    page.mouse.move(x, y)
    session.send("Tracing.start", {"categories": _CATEGORIES})
    page.mouse.down()
    page.evaluate(_WATCH)
    for step in range(_N_MOVES):
        page.mouse.move(x + 40 * (step % 60) / 60, y)
    seen = page.evaluate(_SEEN)
    page.keyboard.press("Escape")
    page.mouse.up()
    session.send("Tracing.end")
    while not is_over:
        page.wait_for_timeout(50)
    gaps = [after - before for before, after in pairwise(seen)]
    busy = sorted(_work_per_frame(events))
    slow = busy[int(0.95 * len(busy))] if busy else 0.0
    rate = 1000 / statistics.median(gaps)
    yield _row("10 h: frames a second while a boundary is dragged", f"{rate:.0f}", "")
    shown = f"{statistics.median(busy):.1f} ms, 95 % below {slow:.1f} ms"
    yield _row("10 h: work of the page for each of these frames", shown, f"{_FRAME_MS:.1f} ms")


def _work_per_frame(events: list[dict[str, Any]]) -> Iterator[float]:
    """Milliseconds that the main thread of the page worked between two frames of a trace."""
    frames = [e for e in events if e["name"] == "FireAnimationFrame"]
    if not frames:
        return
    thread = (frames[0]["pid"], frames[0]["tid"])
    tasks = [
        (e["ts"], e.get("dur", 0))
        for e in events
        if e["name"] == "RunTask" and (e["pid"], e["tid"]) == thread
    ]
    starts = sorted(e["ts"] for e in frames)
    for begins, ends in pairwise(starts):
        yield sum(dur for ts, dur in tasks if begins <= ts < ends) / 1000


@contextmanager
def _serving(folder: Path, video: Path, captions: Path) -> Iterator[_Server]:
    """Run `chapterize review` for a user without any earlier state."""
    own = {"CHAPTERIZE_STATE": str(folder / "state"), "CHAPTERIZE_CACHE": str(folder / "cache")}
    command = [sys.executable, "-m", "chapterize", "review", str(video)]
    command += ["--captions", str(captions), "--no-browser", "--json"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **own},
        text=True,
    )
    try:
        yield _Server(process.pid, _address(process))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line.startswith("}"):
            return str(json.loads(text)["address"])
    raise SystemExit("the server did not start")


def _settle(server: _Server) -> None:
    """Wait until the media and the waveform are ready."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        found = server.get("/api/project")[0]
        if "preparing" not in (found["media"]["state"], found["peaks"]["state"]):
            return
        time.sleep(1)


def _video(folder: Path, *, hours: int) -> Path:
    """Small video with noise, as MP4 that a browser plays as it is."""
    piece, video = folder / "minute.mp4", folder / f"{hours}h.mp4"
    if not piece.exists():
        ffmpeg(
            *("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=30:duration=60"),
            *("-f", "lavfi", "-i", "anoisesrc=duration=60:amplitude=0.3"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-b:a", "32k", piece),
        )
    if not video.exists():
        ffmpeg("-stream_loop", str(60 * hours - 1), "-i", piece, "-c", "copy", video)
    return video


def _captions(path: Path, hours: int, n_sentences: int) -> Path:
    """Captions of `hours` hours with about `n_sentences` sentences: speech, faster or slower."""
    speed = n_sentences / (_SENTENCES_PER_HOUR * hours)
    text = spoken_captions(hours * 3600 * speed)

    def scaled(match: re.Match[str]) -> str:
        hour, minute, second, milli = map(int, match.groups())
        total = round((((hour * 60 + minute) * 60 + second) * 1000 + milli) / speed)
        seconds, milli = divmod(total, 1000)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{milli:03}"

    text = re.sub(r"(\d+):(\d\d):(\d\d),(\d{3})", scaled, text)
    path.write_text(text, encoding="utf-8")
    return path


def _row(measure: str, result: str, wanted: str) -> Row:
    return Row(measure, result, "", "", None, wanted and f"≤ {wanted}")
