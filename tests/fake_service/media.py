"""Facts about an uploaded file, and the MP4 of a render."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import av

from chapterize.ffmpeg import find_ffmpeg
from tests.fake_service.records import Upload

KINDS = {
    "video": ("mp4", "mov", "avi", "webm", "mkv"),
    "image": ("jpg", "jpeg", "png", "gif", "webp"),
    "audio": ("mp3", "wav", "m4a", "aac"),
}
_MP4_VIDEO = ("h264", "hevc", "mpeg4", "av1")


@dataclass(frozen=True)
class Facts:
    """Duration in seconds, size and frame rate; 0 without video."""

    duration: float
    width: int
    height: int
    fps: float
    is_media: bool


def kind_of(filename: str) -> str | None:
    """``video``, ``image`` or ``audio`` by the suffix; None if it is not accepted."""
    ending = filename.rpartition(".")[2].lower()
    return next((kind for kind, endings in KINDS.items() if ending in endings), None)


def examine(path: Path | None, kind: str, plausible: float) -> Facts:
    """The facts of a media file; for any other, plausible ones for its kind."""
    if path is not None:
        try:
            return _read(path)
        except (av.error.FFmpegError, OSError, ValueError):
            pass
    if kind == "audio":
        return Facts(plausible, 0, 0, 0.0, is_media=False)
    return Facts(plausible if kind == "video" else 0.0, 1920, 1080, 30.0, is_media=False)


def _read(path: Path) -> Facts:
    with av.open(str(path), metadata_errors="replace") as container:
        if container.duration is None:
            raise ValueError("no length")
        seconds = container.duration / 1_000_000
        if not container.streams.video:
            return Facts(seconds, 0, 0, 0.0, is_media=True)
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 0)
        return Facts(seconds, stream.width, stream.height, rate, is_media=True)


def make_mp4(upload: Upload | None, target: Path, seconds: float) -> None:
    """Make a real MP4: a stream copy of the upload if possible, else a small one as long."""
    if upload is not None and upload.path is not None and upload.is_media and upload.width:
        copy = ["-i", f"file:{upload.path}", "-map", "0:v:0", "-map", "0:a:0?", "-c:v", "copy"]
        if _copies(upload.path) and _ffmpeg(*copy, "-c:a", "copy", target=target):
            return
    source = f"testsrc=size=64x36:rate=1:duration={max(1.0, seconds):.3f}"
    encoded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    if not _ffmpeg("-f", "lavfi", "-i", source, *encoded, target=target):
        raise RuntimeError("ffmpeg made no MP4")


def _copies(path: Path) -> bool:
    with av.open(str(path), metadata_errors="replace") as container:
        return container.streams.video[0].codec_context.name in _MP4_VIDEO


def _ffmpeg(*arguments: str, target: Path) -> bool:
    command = [find_ffmpeg(), "-nostdin", "-loglevel", "error", "-y", *arguments]
    done = subprocess.run(
        [*command, "-movflags", "+faststart", f"file:{target}"],
        timeout=120,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0 and target.stat().st_size > 0
