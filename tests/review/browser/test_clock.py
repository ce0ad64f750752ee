"""A browser shows and plays everything at the times of our own clock, whatever the file is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from chapterize.cache import Cache
from chapterize.media import decode_audio, open_media
from chapterize.review.playable import Playable
from chapterize.review.server import listen
from tests.conftest import H264, MakeMedia

pytestmark = pytest.mark.slow

# Black, and white from 3 s; silence, and from 1 s of its own a tone. The audio starts 1 s late.
FLASH = "color=black:s=320x180:r=25:d=5,geq=lum='if(gte(T,3),235,16)':cb=128:cr=128"
TONE = "aevalsrc='if(gte(t,1),0.5*sin(2*PI*440*t),0)':s=48000:d=3"
LATE = ("-f", "lavfi", "-i", FLASH, "-itsoffset", "1", "-f", "lavfi", "-i", TONE)
BOTH = (*LATE, "-map", "0", "-map", "1")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")

# How it is served, the name of the file and the ffmpeg line after the inputs.
FILES = [
    ("direct", "late.mp4", (*H264, "-c:a", "aac")),
    ("direct", "late.webm", (*VP8, "-c:a", "libopus")),
    ("copy", "late.mkv", (*H264, "-bf", "2", "-c:a", "aac")),
    ("copy", "late-ac3.mkv", (*H264, "-bf", "2", "-c:a", "ac3")),
    ("copy", "late.ts", (*H264, "-bf", "2", "-c:a", "aac")),
    ("copy", "late.flv", (*H264, "-bf", "2", "-c:a", "aac")),
    ("proxy", "late.mpg", ("-c:v", "mpeg2video", "-c:a", "mp2")),
    ("proxy", "late.wmv", ("-c:v", "wmv2", "-c:a", "wmav2")),
    ("copy", "at-7.mp4", (*H264, "-bf", "2", "-c:a", "aac", "-output_ts_offset", "7")),
    ("copy", "at-7.mkv", (*H264, "-bf", "2", "-c:a", "aac", "-output_ts_offset", "7")),
    ("proxy", "late-mpeg4.mkv", ("-c:v", "mpeg4", "-q:v", "3", "-c:a", "ac3")),
    ("proxy", "late-hevc.mp4", (*HEVC, "-c:a", "aac")),
]
PAGE = "<!doctype html><link rel=icon href='data:,'><video preload=auto></video>"
LOOK = """async (source) => {
  const video = document.querySelector("video");
  const seen = { flash: null, tone: null };
  const first = new Promise((done, fail) => {
    video.onloadeddata = done;
    video.onerror = () => fail(new Error(video.error.message));
  });
  video.src = source;
  await first;
  const canvas = new OffscreenCanvas(16, 9), pen = canvas.getContext("2d");
  for (let time = 2.6; time < 3.6 && seen.flash === null; time += 0.02) {
    const shown = new Promise((done) => { video.onseeked = () => setTimeout(done, 40); });
    video.currentTime = time;
    await shown;
    pen.drawImage(video, 0, 0, 16, 9);
    if (pen.getImageData(8, 4, 1, 1).data[0] > 128) seen.flash = time;
  }
  const context = new AudioContext(), ear = context.createAnalyser();
  await context.resume();
  ear.fftSize = 256;
  context.createMediaElementSource(video).connect(ear);
  ear.connect(context.destination);
  video.currentTime = 0.5;
  await video.play();
  const samples = new Float32Array(256);
  while (!video.ended && seen.tone === null) {
    await new Promise((done) => setTimeout(done, 4));
    ear.getFloatTimeDomainData(samples);
    if (Math.max(...samples) > 0.1) seen.tone = video.currentTime;
  }
  return seen;
}"""


@contextmanager
def serving(playable: Playable) -> Iterator[str]:
    routes = [Route("/", lambda request: HTMLResponse(PAGE)), *playable.routes("key")]
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off")
    server, listening = uvicorn.Server(config), listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize(("way", "name", "options"), FILES)
def test_the_browser_has_our_clock(
    way: str,
    name: str,
    options: tuple[str, ...],
    make_media: MakeMedia,
    browser: Browser,
    tmp_path: Path,
) -> None:
    media = open_media(make_media(name, *BOTH, *options))
    heard = np.concatenate(list(decode_audio(media)))
    ours = np.flatnonzero(np.abs(heard) > 0.05)[0] / 16_000
    assert ours == pytest.approx(2.0, abs=0.03)
    playable = Playable(media, name, Cache(tmp_path / "cache"))
    playable.start()
    assert playable.join(120)
    assert (playable.status.state == "direct") == (way == "direct"), playable.status
    with serving(playable) as address:
        page = browser.new_page()
        # A busy machine may notice the tone late, never early.
        tones: list[float] = []
        while not tones or (min(tones) > ours + 0.15 and len(tones) < 5):
            page.goto(address)
            seen: dict[str, Any] = page.evaluate(LOOK, playable.to_json("key")["url"])
            assert seen["flash"] == pytest.approx(3.0, abs=0.05)
            tones.append(seen["tone"])
        page.close()
    assert min(tones) == pytest.approx(ours, abs=0.15)
