"""The waveform: twenty maxima a second, one byte each, on the player's clock."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.cache import Cache, stage_key
from chapterize.data import SAMPLE_RATE, Media
from chapterize.media import decode_audio
from chapterize.review.child import listen_to_child
from chapterize.review.preparation import Preparation, Status

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

__all__ = ["RATE", "Peaks", "measure_peaks"]

RATE = 20
"""Peaks per second of audio."""

_WINDOW = SAMPLE_RATE // RATE
_LOUDEST = 255


def measure_peaks(media: Media) -> Iterator[bytes]:
    """Yield the peaks of `media`, about half a minute at a time.

    Peak i is the largest absolute sample in [i / RATE, (i + 1) / RATE) as a byte, in which 255 is
    full scale. Time without audio, also that before late audio, has the peak 0.

    Raises
    ------
    MediaError : there is no audio track, or the file can no longer be opened.
    """
    for block in decode_audio(media):
        padded = np.pad(np.abs(block), (0, -block.size % _WINDOW))
        loudest = padded.reshape(-1, _WINDOW).max(axis=1)
        yield np.rint(loudest * _LOUDEST).astype(np.uint8).tobytes()


class Peaks(Preparation):
    """The peaks of one media file, from the cache or measured in the background."""

    def __init__(self, media: Media, fingerprint: str, cache: Cache | None = None) -> None:
        super().__init__("peaks")
        self._media = media
        self._cache = cache or Cache()
        self._key = stage_key(f"peaks/{RATE}", fingerprint, media.duration)
        self.content: bytes | None = None
        """All peaks, one byte each, or None until they are ready."""

    def to_json(self, key: str) -> dict[str, Any]:
        """Return the address and the status as the page reads them."""
        return {"url": f"/media/{key}/peaks", "rate": RATE, **self.status.to_json()}

    def start(self) -> None:
        """Load or measure the peaks in the background."""
        self.run(self._prepare)

    def route(self, key: str) -> Route:
        """``GET /media/KEY/peaks``, which answers 503 until the peaks are ready."""
        from starlette.routing import Route

        return Route(f"/media/{key}/peaks", self._answer, methods=["GET"])

    def _prepare(self) -> Status:
        if not self._media.has_audio:
            return Status("none", why="there is no audio")
        n_peaks = ceil(round(self._media.duration * SAMPLE_RATE) / _WINDOW)
        stored = self._cache.get(self._key)
        content = b64decode(stored) if isinstance(stored, str) else b""
        if len(content) != n_peaks:
            content = self._measure(n_peaks)
            self._cache.put(self._key, b64encode(content).decode("ascii"))
        self.content = content
        return Status("ready", 1.0)

    def _measure(self, n_peaks: int) -> bytes:
        found = bytearray()
        for block in listen_to_child("peaks", "measure_peaks", self._media):
            found += block
            self.report(len(found) / n_peaks)
        return bytes(found)

    async def _answer(self, request: Request) -> Response:
        from starlette.responses import Response

        if self.content is None:
            return self.refusal("the waveform is being measured")
        headers = {"X-Rate": str(RATE), "Cache-Control": "no-store"}
        return Response(self.content, media_type="application/octet-stream", headers=headers)
