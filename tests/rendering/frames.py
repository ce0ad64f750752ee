"""Frames of an ASS file, drawn by ffmpeg over plain grey; frames and audio of a video."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from tests.conftest import FFMPEG

GREY = 128
Frame = NDArray[np.uint8]


def draw(
    ass: str,
    folder: Path,
    width: int,
    height: int,
    second: float = 2.0,
    ground: str = "0x808080",
) -> Frame:
    """The frame at `second`: shape (height, width), luma, `ground` where nothing is drawn."""
    path = folder / "drawn.ass"
    path.write_text(ass, encoding="utf-8")
    source = f"color=c={ground}:s={width}x{height}:r=50:d=1"
    filters = f"format=gray,setpts=PTS+{second}/TB,ass=f={path.as_posix()},format=gray"
    command = [FFMPEG, "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", source]
    command += ["-vf", filters, "-frames:v", "1", "-f", "rawvideo", "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return np.frombuffer(done.stdout, np.uint8).reshape(height, width)


def draw_over(ass: str, folder: Path, image: NDArray[np.uint8], second: float = 2.0) -> Frame:
    """The frame at `second` over `image`: shape (height, width, 3), red, green and blue."""
    path = folder / "drawn.ass"
    path.write_text(ass, encoding="utf-8")
    height, width = image.shape[:2]
    filters = f"setpts=PTS+{second}/TB,ass=f={path.as_posix()}"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    command = [
        FFMPEG,
        "-nostdin",
        "-loglevel",
        "error",
        *raw,
        "-s",
        f"{width}x{height}",
        "-r",
        "50",
    ]
    command += ["-i", "-", "-vf", filters, "-frames:v", "1", *raw, "-"]
    done = subprocess.run(
        command, input=image.tobytes(), capture_output=True, check=True, timeout=60
    )
    return np.frombuffer(done.stdout, np.uint8).reshape(height, width, 3)


def shown_at(path: Path, second: float) -> Frame:
    """The first frame of a video from `second` on: shape (height, width), luma."""
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        frame = next(frame for frame in frames if (frame.time or 0.0) >= second)
        return np.array(frame.to_ndarray(format="gray"))


def drawn_box(frame: Frame, above: int = 0) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what differs from grey, or of what is brighter than `above`."""
    mask = frame > above if above else np.abs(frame.astype(int) - GREY) > 6
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def decoded(path: Path) -> list[tuple[float, Any]]:
    """Time and first plane of every frame shown, in order, without rotation."""
    with av.open(str(path)) as container:
        frames = [
            (f.time, np.array(f.to_ndarray(format="gray"))) for f in container.decode(video=0)
        ]
    return [(float(time), plane) for time, plane in frames if time is not None]


def audio_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        for packet in container.demux(audio=0):
            digest.update(bytes(packet))
    return digest.hexdigest()
