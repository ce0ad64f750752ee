"""A Chromium that plays a video from front to back, seeks in it, and reports what it showed.

It is started as a user would start it and opens a page served on loopback, which posts what it
saw. So only the browser itself is needed, no driver and no package.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.needs import missing

__all__ = ["Seen", "find_browser", "watch"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)
_START_SECONDS, _WATCH_SECONDS = 30, 60
_CODEC = 'video/mp4; codecs="avc1.64001f, mp4a.40.2"'

# The video is a blob, in which a page can seek although the server does not support ranges.
_PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><video muted></video>
<script>
const video = document.querySelector("video"), seen = {played: [], sought: []};
const event = name => new Promise(done => video.addEventListener(name, done, {once: true}));
const frame = () => new Promise(done => video.requestVideoFrameCallback((_, about) => done(about)));
const canvas = document.createElement("canvas");
function shown(about) {
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.drawImage(video, 0, 0);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let i = 0; i < pixels.length; i += 4) text += String.fromCharCode(pixels[i + 1]);
  return [about.mediaTime, btoa(text)];
}
async function seek(time) {
  const both = Promise.all([frame(), event("seeked")]);
  video.currentTime = time;
  return shown((await both)[0]);
}
async function play() {
  const end = event("ended");
  const next = (_, about) => {
    seen.played.push(shown(about));
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
  await video.play();
  await end;
}
async function look(times) {
  seen.plays_h264 = video.canPlayType(CODEC) !== "";
  video.src = URL.createObjectURL(await (await fetch("video")).blob());
  await event("loadeddata");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  seen.duration = video.duration;
  for (const time of times) seen.sought.push(await seek(time));
  await seek(0);
  await play();
}
const report = fault => {
  seen.fault = String(video.error ? video.error.message || video.error.code : fault || "");
  seen.corrupted = video.getVideoPlaybackQuality().corruptedVideoFrames || 0;
  fetch("seen", {method: "POST", body: JSON.stringify(seen)});
};
video.addEventListener("error", report);
look(TIMES).then(() => report(), report);
</script>
"""


@dataclass(frozen=True)
class Seen:
    """What the browser showed: (seconds, the green channel, shape = (height, width)).

    `sought` after each seek, `played` from start to end; `fault` is the error of the browser,
    `n_corrupted` the number of frames that it could not decode properly.
    """

    duration: float
    fault: str
    n_corrupted: int
    sought: tuple[tuple[float, NDArray[np.uint8]], ...]
    played: tuple[tuple[float, NDArray[np.uint8]], ...]


@dataclass
class _Stage:
    """What is served, and what was posted back."""

    page: bytes
    video: bytes
    is_open: Event = field(default_factory=Event)
    is_done: Event = field(default_factory=Event)
    report: dict[str, Any] = field(default_factory=dict)


def find_browser() -> str | None:
    """The path of Chromium or Chrome, None if neither is on PATH."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def watch(path: Path, times: Sequence[float], folder: Path, size: tuple[int, int]) -> Seen:
    """Seek to each of `times` (seconds), then play all; `size` is (height, width).

    `folder` is for the profile of the browser. Skips the test if the browser cannot be used.
    """
    browser = find_browser()
    if browser is None:
        pytest.skip(missing("Chromium"))
    script = _PAGE.replace("TIMES", json.dumps(list(times))).replace("CODEC", json.dumps(_CODEC))
    stage = _Stage(script.encode(), path.read_bytes())
    with _served(stage) as address:
        command = [browser, *_OPTIONS, f"--user-data-dir={folder}", address]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
        try:
            if not stage.is_open.wait(_START_SECONDS):
                pytest.skip(f"{browser} does not start")
            assert stage.is_done.wait(_WATCH_SECONDS), "the browser never reached the end"
        finally:
            process.terminate()
            process.wait(timeout=30)
    if not stage.report["plays_h264"]:
        pytest.skip(f"{browser} does not play H.264")
    return Seen(
        duration=stage.report.get("duration", 0.0),
        fault=stage.report["fault"],
        n_corrupted=stage.report["corrupted"],
        sought=_images(stage.report["sought"], size),
        played=_images(stage.report["played"], size),
    )


def _images(
    rows: Sequence[tuple[float, str]], size: tuple[int, int]
) -> tuple[tuple[float, NDArray[np.uint8]], ...]:
    return tuple(
        (time, np.frombuffer(base64.b64decode(text), np.uint8).reshape(size)) for time, text in rows
    )


@contextmanager
def _served(stage: _Stage) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_video = self.path == "/video"
            stage.is_open.set()
            self._answer(
                stage.video if is_video else stage.page, "video/mp4" if is_video else "text/html"
            )

        def do_POST(self) -> None:
            stage.report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stage.is_done.set()
            self._answer(b"", "text/plain")

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
