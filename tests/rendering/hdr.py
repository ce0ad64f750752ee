"""Sources of known colours in PQ and HLG, computed with the formulas of the standards."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chapterize.ffmpeg import find_ffmpeg

__all__ = ["COLOURS", "GREYS", "make_hdr", "shown"]

GREYS = tuple(round(255 * step / 15) for step in range(16))
COLOURS = (
    (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0),
    (224, 172, 105), (141, 85, 36), (60, 90, 160),
)  # fmt: skip
_SIZE = (320, 180)
_WHITE = 203.0  # nits of SDR white within HDR
_TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
_NAMES = {"pq": "smpte2084", "hlg": "arib-std-b67"}


def _chart() -> NDArray[np.uint8]:
    """GREYS above, COLOURS below: shape (180, 320, 3)."""
    width, height = _SIZE
    image = np.zeros((height, width, 3), np.uint8)
    for number, grey in enumerate(GREYS):
        image[:90, number * 20 : (number + 1) * 20] = grey
    for number, colour in enumerate(COLOURS):
        image[90:, number * 40 : (number + 1) * 40] = colour
    return image


def _pq(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = np.clip(nits / 10_000, 0, 1) ** m1
    signal: NDArray[np.float64] = ((c1 + c2 * power) / (1 + c3 * power)) ** m2
    return signal


def _hlg(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    display = nits / 1000
    luma = display @ np.array([0.2627, 0.6780, 0.0593])
    scene = display * np.where(luma > 0, luma, 1)[..., None] ** (-0.2 / 1.2)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    bright = a * np.log(np.maximum(12 * scene - b, 1e-9)) + c
    signal: NDArray[np.float64] = np.where(scene <= 1 / 12, np.sqrt(3 * scene), bright)
    return signal


def make_hdr(target: Path, kind: str, *options: str, tags: str = "", white: float = _WHITE) -> Path:
    """Make two seconds of 320x180 in "pq" or "hlg", SDR white at `white` nits; return `target`.

    ffmpeg -f rawvideo (16-bit RGB) -vf scale=out_color_matrix=bt2020:out_range=tv,
    format=yuv420p10le,setparams=TAGS OPTIONS TARGET; `tags` replace those of BT.2020.
    """
    light = np.maximum((_chart() / 255.0) ** 2.4 @ _TO_2020.T, 0) * white
    signal = _pq(light) if kind == "pq" else _hlg(light)
    raw = np.round(np.clip(signal, 0, 1) * 65535).astype("<u2").tobytes()
    trc = _NAMES[kind]
    tags = tags or f"color_primaries=bt2020:color_trc={trc}:colorspace=bt2020nc:range=tv"
    filters = "scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le"
    command = [find_ffmpeg(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb48le"]
    command += ["-s", "{}x{}".format(*_SIZE), "-r", "5", "-i", "-"]
    command += ["-vf", f"{filters},setparams={tags}", *options, str(target)]
    subprocess.run(command, input=raw * 10, check=True, timeout=60)
    return target


def shown(path: Path, second: float = 0.2) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Greys, shape (16,), and colours, shape (8, 3), as a screen shows the frame at `second`."""
    filters = "scale=in_color_matrix=bt709:in_range=tv,format=rgb24"
    command = [find_ffmpeg(), "-v", "error", "-ss", str(second), "-i", str(path), "-vf", filters]
    command += ["-frames:v", "1", "-f", "rawvideo", "-"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60)
    width, height = _SIZE
    image = np.frombuffer(done.stdout, np.uint8).reshape(height, width, 3)
    greys = [round(float(image[20:60, n * 20 + 6 : n * 20 + 14].mean())) for n in range(16)]
    colours = [
        image[120:150, n * 40 + 12 : n * 40 + 28].reshape(-1, 3).mean(axis=0).round()
        for n in range(8)
    ]
    return np.array(greys, np.int64), np.array(colours, np.int64)
