"""Images of the slides, read in a child once the page asks for the first one, then cached."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from chapterize.cache import Cache, stage_key
from chapterize.data import Media, Signals, Slide
from chapterize.rendering.jpeg import jpeg
from chapterize.review.child import listen_to_child
from chapterize.review.preparation import Preparation, Status
from chapterize.slides.frames import settled_frames

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

__all__ = ["MOST_BYTES", "Images", "read_images", "shown_slides", "slide_at"]

MOST_BYTES = 24_000
"""Upper bound of one JPEG."""

_SIDE = 480
"""Largest width and height, in pixels."""

_MOST = 300
"""More changes are those of moving video, such as a film."""

_NEAR = 10.0
"""Most seconds between a slide and the speech that turns to it."""

_POLL = 0.05


def shown_slides(media: Media, signals: Signals) -> tuple[Slide, ...]:
    """The slides that the page shows an image of.

    Where no slides were read, each change of the video starts one.
    """
    if not media.has_video:
        return ()
    if signals.pages:
        return tuple(page for page in signals.pages if page.kind != "camera")
    if not 0 < len(signals.slides) <= _MOST:
        return ()
    return tuple(Slide(*span) for span in pairwise((0.0, *signals.slides, media.duration)))


def slide_at(slides: Sequence[Slide], start: float) -> int | None:
    """Index of the slide that a chapter at `start` turns to: a new one, else the one shown."""
    near = [i for i, each in enumerate(slides) if abs(each.start - start) <= _NEAR]
    if near:
        return min(near, key=lambda i: abs(slides[i].start - start))
    return next((i for i, each in enumerate(slides) if each.start <= start < each.end), None)


def read_images(media: Media, times: Sequence[float]) -> Iterator[bytes]:
    """Yield a line for each time, in order: a JPEG in base64, empty if none can be read.

    Raises
    ------
    MediaError : the file can no longer be opened.
    """
    from av import VideoFrame

    for image in settled_frames(media, times):
        content = b""
        if image.any():
            scale = min(1.0, _SIDE / max(image.shape[:2]))
            height, width = (max(2, round(side * scale)) for side in image.shape[:2])
            frame = VideoFrame.from_ndarray(image, format="rgb24")
            small = frame.reformat(width, height, interpolation="AREA").to_ndarray()
            content = jpeg(small, MOST_BYTES)
        yield b64encode(content) + b"\n"


class Images(Preparation):
    """The images of `slides` of one media file, which has the fingerprint `fingerprint`."""

    def __init__(
        self, media: Media, slides: Sequence[Slide], fingerprint: str, cache: Cache | None = None
    ) -> None:
        super().__init__("images")
        self.status = Status("none")
        self._media = media
        # Complete, and not yet in the transition to the next one.
        self._times = [
            round(each.end - min(3.0, (each.end - each.start) / 4), 3) for each in slides
        ]
        self._cache = cache or Cache()
        self._key = stage_key("images/1", fingerprint, media.origin, self._times)
        self._found: list[bytes] = []
        self._is_wanted = False

    def route(self, key: str) -> Route:
        """``GET /media/KEY/slide/N``, which answers when that image is read."""
        from starlette.routing import Route

        return Route(f"/media/{key}/slide/{{n:int}}", self._answer, methods=["GET"])

    def _prepare(self) -> Status:
        stored = self._cache.get(self._key)
        if isinstance(stored, list) and len(stored) == len(self._times):
            self._found = [b64decode(str(each)) for each in stored]
            return Status("ready", 1.0)
        rest = b""
        for block in listen_to_child("images", "read_images", self._media, self._times):
            *lines, rest = (rest + block).split(b"\n")
            self._found += map(b64decode, lines)
            self.report(len(self._found) / len(self._times))
        self._cache.put(self._key, [b64encode(each).decode("ascii") for each in self._found])
        return Status("ready", 1.0)

    async def _answer(self, request: Request) -> Response:
        import anyio
        from starlette.responses import Response

        n: Any = request.path_params["n"]
        if n < len(self._times) and not self._is_wanted:
            self._is_wanted = True
            self.run(self._prepare)
        while n >= len(self._found) and self.is_running:
            await anyio.sleep(_POLL)
        if n >= len(self._found) or not self._found[n]:
            return self.refusal("there is no image")
        return Response(self._found[n], media_type="image/jpeg")
