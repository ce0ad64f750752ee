"""Hide the first frames of an MP3: they only hold bits that the frames after them need.

MP3 frames borrow room in the frames before (the bit reservoir), so a copied part starts with up to
0.1 s of silence unless these are there. The number of samples to drop is in the LAME tag, for
players that play without gaps.
"""

from __future__ import annotations

from pathlib import Path

from chapterize.ffmpeg import open_container

__all__ = ["N_RESERVE", "hide_start"]

N_RESERVE = 4
"""Frames that the next one needs, at 64 kbit/s and more."""

_HEAD = 4096  # bytes in which the tag is found, after an ID3 tag
_DECODER_DELAY = 529  # samples that every player drops besides those of the tag
_MOST = 4095
# Offsets in the tag, from its word "Xing" or "Info".
_ENCODER, _DELAY, _CHECKSUM = 120, 141, 154


def hide_start(path: Path, n_frames: int) -> None:
    """Let players drop the first `n_frames` frames of an MP3 that FFmpeg wrote."""
    with open_container(path) as container:
        rate = container.streams.audio[0].sample_rate
    samples = n_frames * (1152 if rate >= 32_000 else 576) - _DECODER_DELAY
    with path.open("r+b") as file:
        head = file.read(10)
        size = 0
        if head[:3] == b"ID3":
            size = 10 + sum((byte & 127) << 7 * n for n, byte in enumerate(head[9:5:-1]))
        file.seek(size)
        frame = bytearray(file.read(_HEAD))
        tag = max(frame.find(b"Xing", 0, 64), frame.find(b"Info", 0, 64))
        if tag < 0 or frame[tag + _ENCODER : tag + _ENCODER + 3] != b"Lav":
            return
        at = tag + _DELAY
        pad = int.from_bytes(frame[at : at + 3]) & _MOST
        frame[at : at + 3] = (min(samples, _MOST) << 12 | pad).to_bytes(3)
        at = tag + _CHECKSUM
        frame[at : at + 2] = _checksum(frame[:at]).to_bytes(2)
        file.seek(size)
        file.write(frame[: at + 2])


def _checksum(data: bytes | bytearray) -> int:
    """CRC-16 with the polynomial 0x8005, least significant bit first."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
