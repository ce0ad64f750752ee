"""Media files of every kind to embed chapters in, and what is found in the copies."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from chapterize.data import Chapters
from chapterize.media import open_media
from tests.conftest import FFMPEG

TITLES = ["One", "Zwei – 二 “q”", "a=b; <c> & d"]
STARTS = [0.0, 3.75, 7.001]
WANTED = list(zip(STARTS, TITLES, strict=True))
Make = Callable[..., Path]

VIDEO = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=12"]
AUDIO = ["-f", "lavfi", "-i", "sine=d=12"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-pix_fmt", "yuv420p"]
TAGS = ["-metadata", "title=The talk", "-metadata:s:a:0", "language=deu"]

KINDS = {
    "mp4": [*VIDEO, *AUDIO, *H264, "-c:a", "aac", *TAGS],
    "mov": [*VIDEO, *AUDIO, *H264, "-c:a", "pcm_s16le", *TAGS],
    "m4a": [*AUDIO, "-c:a", "aac", *TAGS],
    "mkv": [*VIDEO, *AUDIO, *H264, "-c:a", "aac", *TAGS],
    "webm": [*VIDEO, *AUDIO, "-c:v", "libvpx", "-b:v", "50k", "-c:a", "libopus", *TAGS],
    "mp3": [*AUDIO, "-c:a", "libmp3lame", *TAGS],
    "ogg": [*AUDIO, "-c:a", "libvorbis", *TAGS],
    "opus": [*AUDIO, "-c:a", "libopus", *TAGS],
    "flac": [*AUDIO, "-c:a", "flac", *TAGS],
}


def ffmpeg(target: Path, *options: str) -> Path:
    command = [FFMPEG, "-v", "error", "-nostdin", "-y", *options, f"file:{target}"]
    subprocess.run(command, check=True)
    return target


def chapters(duration: float = 12.0) -> Chapters:
    return Chapters.from_starts(STARTS, TITLES, duration)


def found(path: Path) -> list[tuple[float, str]]:
    return [(round(c.start, 3), c.title) for c in open_media(path).chapters]


def packets(path: Path) -> list[tuple[Any, ...]]:
    """Every packet of every stream that is not data: times, flags and content."""

    def read(container: InputContainer) -> list[tuple[Any, ...]]:
        return [
            (p.stream.type, p.pts, p.dts, p.is_keyframe, hashlib.sha1(bytes(p)).hexdigest())
            for p in container.demux()
            if p.stream.type != "data" and p.dts is not None
        ]

    with av.open(str(path)) as container:
        return sorted(read(container), key=str)


def stream_bytes(path: Path) -> bytes:
    """The content of all packets of the only stream."""
    with av.open(str(path)) as container:
        return b"".join(bytes(packet) for packet in container.demux())


def facts(path: Path) -> list[tuple[Any, ...]]:
    with av.open(str(path)) as container:
        return [
            (s.type, s.time_base, s.start_time, int(s.disposition), dict(s.metadata))
            for s in container.streams
            if s.type != "data"
        ] + [(dict(container.metadata), container.start_time)]
