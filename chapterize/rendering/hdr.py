"""HDR to SDR by a colour lookup table, which every ffmpeg can apply.

Diffuse white of HDR is 203 nits (ITU-R BT.2408). Darker levels keep their brightness, so a frame
without highlights looks like its SDR version; highlights up to 1000 nits are compressed into the
range that is left above.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HLG", "PQ", "to_sdr", "write_table"]

PQ, HLG = 16, 18
"""SMPTE ST 2084 and ARIB STD-B67, as numbered in ITU-T H.273."""

_N = 65  # entries per axis: with half as many, pure colours turn greyish
_WHITE, _PEAK = 203.0, 1000.0  # nits
_KNEE = 0.6
"""Fraction of diffuse white, in linear light, above which highlights are compressed."""

_DISPLAY_GAMMA = 2.4
_SYSTEM_GAMMA = 1.2  # of HLG on a display of 1000 nits
_LUMA_2020 = (0.2627, 0.6780, 0.0593)
# Linear light, from the primaries of BT.2020 to those of BT.709 (ITU-R BT.2407).
_TO_709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))


def write_table(transfer: int, target: Path) -> None:
    """Write `to_sdr` as a .cube file, in which red changes fastest."""
    steps = np.linspace(0.0, 1.0, _N)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    signal = np.stack([red.ravel(), green.ravel(), blue.ravel()], axis=1)
    with target.open("w", encoding="ascii") as file:
        file.write(f"LUT_3D_SIZE {_N}\n")
        np.savetxt(file, to_sdr(signal, transfer), fmt="%.5f")


def to_sdr(signal: NDArray[np.float64], transfer: int) -> NDArray[np.float64]:
    """Convert RGB of BT.2020 in PQ or HLG to RGB of BT.709; shape (..., 3), values in [0, 1]."""
    light = (_light_of_pq if transfer == PQ else _light_of_hlg)(signal) / _WHITE
    light = np.maximum(light @ np.array(_TO_709).T, 0.0)
    # One factor for all three channels, so that hues stay.
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    shown: NDArray[np.float64] = np.clip(light * _compressed(brightest) / brightest, 0.0, 1.0)
    return shown ** (1 / _DISPLAY_GAMMA)


def _light_of_pq(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Decode PQ (SMPTE ST 2084) to nits."""
    m1, m2 = 2610 / 16384, 2523 / 32
    c1, c2, c3 = 3424 / 4096, 2413 / 128, 2392 / 128
    power = signal ** (1 / m2)
    light: NDArray[np.float64] = (np.maximum(power - c1, 0.0) / (c2 - c3 * power)) ** (1 / m1)
    return 10_000.0 * light


def _light_of_hlg(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Decode HLG (ITU-R BT.2100) to nits on a display of `_PEAK`."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    luma = np.maximum(scene @ np.array(_LUMA_2020), 1e-9)[..., None]
    light: NDArray[np.float64] = _PEAK * scene * luma ** (_SYSTEM_GAMMA - 1)
    return light


def _compressed(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Identity up to the knee, then a hyperbola of the same slope that reaches 1 at the peak."""
    peak = _PEAK / _WHITE
    headroom, rest = 1 - _KNEE, peak - _KNEE
    over = np.clip(light - _KNEE, 0.0, rest)
    curved = over * headroom * rest / (over * (rest - headroom) + headroom * rest)
    return np.minimum(light, _KNEE) + curved
