"""The client against bare httpx, both with the same fake service."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmark_rows import MB, N_RUNS, Row, ffmpeg, python, sizes, times
from demo_remote import fake_service

_N_PIECES = 73
"""Pieces of 20 s and 6.7 MB: close to the 500 MB that the service accepts."""

_OURS = """
import sys, time
from pathlib import Path
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity, service_address
with Client.opened(Identity(service_address())) as client:
    client.credits()
"""
_UPLOAD = f"""{_OURS}
    session = client.create_session("en").session_id
    started = time.perf_counter()
    client.upload_files(session, {{"video.mp4": Path(sys.argv[1])}}, lambda n: None)
    print(time.perf_counter() - started)
    print(session)
"""
_DOWNLOAD = f"""{_OURS}
    import av  # imported before the clock starts: the download opens the video to verify it
    from chapterize.remote.renders import download_render
    target = Path(sys.argv[2])
    target.touch()
    render = client.render(sys.argv[1])
    started = time.perf_counter()
    download_render(client, render, target, lambda part: None)
    print(time.perf_counter() - started)
"""
_RENDER = f"""{_OURS}
    state = client.state(sys.argv[1])
    client.start_render(sys.argv[1], sys.argv[2], state["draft"])
    while client.render(sys.argv[2]).status != "completed":
        time.sleep(0.1)
"""
_BARE = """
import os, sys, time
import httpx
from chapterize.remote.identity import Identity, service_address
address = service_address()
headers = {"Authorization": "Bearer " + Identity(address).token().secret}
with httpx.Client(base_url=address, headers=headers, timeout=300) as http:
"""
_BARE_UPLOAD = f"""{_BARE}
    body = {{"task_name": "project", "language": "en"}}
    made = http.post("/api/tasks/me/with-session/nemo_agent", json=body).json()
    path = "/api/upload-video/nemo_agent/me/" + made["data"]["session_id"]
    started = time.perf_counter()
    with open(sys.argv[1], "rb") as file:
        http.post(path, files={{"files": ("video.mp4", file)}}).raise_for_status()
    print(time.perf_counter() - started)
"""
_BARE_DOWNLOAD = f"""{_BARE}
    path = "/api/render/proxy/lambda/" + sys.argv[1]
    url = http.get(path).json()["data"]["outputUrl"]
    started = time.perf_counter()
    with http.stream("GET", url) as response, open(sys.argv[2], "wb") as file:
        for piece in response.iter_raw():
            file.write(piece)
    print(time.perf_counter() - started)
"""


def measure_remote(folder: Path) -> Iterator[Row]:
    """Upload and download almost 500 MB: time against bare httpx, memory against an idle client."""
    video, out = _video(folder), folder / "rendered.mp4"
    os.environ["CHAPTERIZE_STATE"] = str(folder / "state")
    with fake_service("keeps_bytes=1000000000", "upload_limit_bytes=1000000000") as address:
        os.environ["NEMO_API_URL"] = address
        idle = python(_OURS)
        size = f"{video.stat().st_size / MB:.0f} MB"
        upload = python(_UPLOAD, video)
        yield sizes(
            f"uploading {size}, peak memory above idle",
            max(0, upload.peak_bytes - idle.peak_bytes),
            "an idle client",
            idle.peak_bytes,
            "60 MB",
        )
        yield _by_turns(
            f"uploading {size}",
            lambda: float(python(_UPLOAD, video).stdout.split()[0]),
            lambda: float(python(_BARE_UPLOAD, video).stdout),
        )
        python(_RENDER, upload.stdout.split()[1], "render_1")
        yield _by_turns(
            f"downloading {size}",
            lambda: float(python(_DOWNLOAD, "render_1", out).stdout),
            lambda: float(python(_BARE_DOWNLOAD, "render_1", out).stdout),
        )


def _by_turns(measure: str, ours: Callable[[], float], peer: Callable[[], float]) -> Row:
    """Medians of alternating runs: a busy machine slows both alike."""
    ours()
    taken = [(ours(), peer()) for _ in range(N_RUNS)]
    mine, theirs = (statistics.median(each) for each in zip(*taken, strict=True))
    return times(measure, mine, "bare httpx", theirs, "1.1×")


def _video(folder: Path) -> Path:
    piece, video = folder / "uploaded-piece.mp4", folder / "uploaded.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=20"),
        *("-vf", "noise=alls=30:allf=t", "-c:v", "libx264", "-preset", "ultrafast"),
        *("-b:v", "2600k", "-maxrate", "2600k", "-bufsize", "1M", piece),
    )
    ffmpeg("-stream_loop", str(_N_PIECES - 1), "-i", piece, "-c", "copy", video)
    return video
