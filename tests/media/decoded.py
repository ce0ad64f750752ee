"""Decoded audio as one array, for the tests of this folder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Media
from chapterize.media import SAMPLE_RATE, decode_audio

FRAME = 0.03
"""Seconds: one AAC or MP3 frame, by which the ends of lossy audio may differ."""


def decoded(media: Media, block_seconds: float = 30.0) -> NDArray[np.float32]:
    """All blocks end to end."""
    return np.concatenate(list(decode_audio(media, block_seconds=block_seconds)))


def onset(audio: NDArray[np.float32]) -> float:
    """Time in seconds of the first audible sample."""
    return float(np.argmax(np.abs(audio) > 0.03)) / SAMPLE_RATE
