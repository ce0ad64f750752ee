"""Synthetic audio: voices that the voice-activity model detects as speech, noise and silence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Audio = NDArray[np.float32]


def synthetic_voice(seconds: float, seed: int = 0) -> Audio:
    """Syllables made of a pulse train and vowel formants, which the model detects as speech.

    Returns
    -------
    shape (round(seconds * 16000),), float32.
    """
    vowels = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))
    random = np.random.default_rng(seed)
    pieces: list[NDArray[np.float64]] = []
    while sum(map(len, pieces)) < seconds * RATE:
        n = int(random.uniform(0.12, 0.25) * RATE)
        pitch = random.uniform(100, 150) * np.linspace(1.05, 0.95, n)
        phase = np.cumsum(pitch / RATE)
        audio = (np.diff(np.floor(phase), prepend=0) > 0).astype(float)
        k = np.arange(int(0.03 * RATE)) / RATE
        for formant, width in zip(vowels[random.integers(4)], (60, 90, 150), strict=True):
            ringing = np.exp(-np.pi * width * k) * np.sin(2 * np.pi * formant * k)
            audio = np.convolve(audio, ringing)[:n]
        swell = np.sqrt(np.sin(np.pi * np.arange(n) / n))
        pieces.append(audio / np.abs(audio).max() * swell * 0.3)
        pieces.append(random.normal(0, 0.02, RATE // 20))
    return np.concatenate(pieces)[: round(seconds * RATE)].astype(np.float32)


def noise(seconds: float, peak: float = 0.1, seed: int = 1) -> Audio:
    """White noise that reaches `peak` every second."""
    random = np.random.default_rng(seed)
    audio = random.standard_normal(round(seconds * RATE), dtype=np.float32) * np.float32(peak / 3)
    return audio.clip(-peak, peak)


def silence(seconds: float) -> Audio:
    """Zeros."""
    return np.zeros(round(seconds * RATE), np.float32)


def joined(*pieces: Audio) -> Audio:
    """All `pieces` end to end."""
    return np.concatenate(pieces) if pieces else silence(0.0)


def in_blocks(audio: Audio, seconds: float = 30.0) -> Iterator[Audio]:
    """`audio` in blocks, as from a decoder."""
    size = round(seconds * RATE)
    for start in range(0, len(audio), size):
        yield audio[start : start + size]
