"""Files as cameras and editors write them, and what is found in copies of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import mutagen.mp4

from chapterize.rendering.containers.mp4.boxes import Box
from chapterize.rendering.containers.mp4.tracks import handler_of
from chapterize.rendering.containers.mp4.writing import read_movie
from tests.rendering.copies import AUDIO, H264, VIDEO, ffmpeg

__all__ = ["camera", "cover", "data_samples", "data_tracks", "freeform", "timecode", "titles"]

_CUES = "".join(f"{n + 1}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\nsample {n:02}\n\n"
                for n in range(12))  # fmt: skip


def cover(folder: Path) -> Path:
    """ffmpeg -f lavfi -i color=red:s=32x32 -frames:v 1 cover.png."""
    options = ("-f", "lavfi", "-i", "color=red:s=32x32", "-frames:v", "1")
    return ffmpeg(folder / "cover.png", *options)


def camera(folder: Path, kind: str = "mp4", form: bytes = b"gpmd", *more: str) -> Path:
    """Two titled audio tracks, a timecode, a place, and a data track of a sample each second.

    The data track is a caption track whose handler and sample description are renamed.
    """
    cues = folder / "data.srt"
    cues.write_text(_CUES, encoding="utf-8")
    made = ffmpeg(
        folder / f"camera.{kind}",
        *(*VIDEO, *AUDIO, *AUDIO, "-i", str(cues)),
        *("-map", "0", "-map", "1", "-map", "2", "-map", "3", *H264, "-g", "10"),
        *("-c:a", "aac", "-c:s", "mov_text", "-timecode", "10:00:00:00"),
        *("-metadata:s:a:0", "title=Mix", "-metadata:s:a:0", "language=deu"),
        *("-metadata:s:a:1", "title=Director", "-metadata:s:a:1", "handler_name=Second"),
        *("-disposition:a:1", "comment", "-metadata:s:s:0", "handler_name=Camera MET"),
        *("-metadata", "title=The talk", "-metadata", "location=+48.1000+011.5000/", *more),
    )
    data = made.read_bytes()
    for old, new in ((b"tx3g", form), (b"sbtl", b"meta")):
        assert data.count(old) == 1
        data = data.replace(old, new)
    made.write_bytes(data)
    return made


def data_tracks(path: Path) -> list[str]:
    """The forms of the tracks that are neither video, audio nor text."""
    found = []
    for track in read_movie(path).boxes():
        if track.kind == b"trak" and handler_of(track) not in (b"vide", b"soun", b"text", b"sbtl"):
            box = track.first(b"mdia", b"minf", b"stbl", b"stsd")
            assert isinstance(box, Box)
            found.append(box.bytes(12, 4).decode())
    return found


def data_samples(path: Path) -> list[tuple[float, float, str]]:
    """Start, length and text of the samples of the first data track."""
    with av.open(str(path)) as container:
        stream = container.streams.data[0]
        base = float(stream.time_base or 0)
        rows = [(p.pts or 0, p.duration or 0, bytes(p)) for p in container.demux(stream) if p.size]
    return [
        (round(start * base, 3), round(length * base, 3), data[2:11].decode())
        for start, length, data in rows
        if len(data) >= 11
    ]


def timecode(path: Path) -> str | None:
    with av.open(str(path)) as container:
        return container.streams.video[0].metadata.get("timecode")


def titles(path: Path) -> list[str | None]:
    """The titles of the audio tracks."""
    with av.open(str(path)) as container:
        tags: list[dict[str, Any]] = [stream.metadata for stream in container.streams.audio]
    return [row.get("title") or row.get("name") for row in tags]


def freeform(path: Path, name: str) -> bytes:
    """A tag with a name of its own, as taggers read it."""
    tags = mutagen.mp4.MP4(path).tags
    assert tags is not None
    return bytes(tags[f"----:com.apple.iTunes:{name}"][0])
