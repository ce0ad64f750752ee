"""Read the slides of one video: each of them once, in its settled frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from chapterize.data import Media, OnProgress, Slide, TextLine
from chapterize.slides.stretches import Stretch, settled_frames

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Reader", "read_stretches"]


class Reader(Protocol):
    """Reads the text in frames. Equal fingerprints read the same text."""

    @property
    def fingerprint(self) -> str:
        """What the text depends on, except for the frame."""

    def read(self, frame: NDArray[np.uint8]) -> tuple[TextLine, ...]:
        """The lines of text in an RGB frame of shape (height, width, 3), in any order.

        Raises
        ------
        EngineError : the frame cannot be read, and no other can be.
        """


def read_stretches(
    media: Media,
    stretches: Sequence[Stretch],
    reader: Reader,
    *,
    on_progress: OnProgress | None = None,
) -> tuple[Slide, ...]:
    """The slides of `stretches` with their lines, from top to bottom; they have no heading yet.

    Raises
    ------
    MediaError : the file can no longer be opened.
    EngineError : `reader` failed.
    """
    times = {each.same: each.settled for each in reversed(stretches) if each.settled is not None}
    order = sorted((time, same) for same, time in times.items())
    lines: dict[int, tuple[TextLine, ...]] = {}
    frames = settled_frames(media, [time for time, _ in order])
    for n_read, (frame, (_, same)) in enumerate(zip(frames, order, strict=False)):
        if on_progress is not None:
            on_progress("reading slides", n_read / len(order))
        lines[same] = tuple(sorted(reader.read(frame), key=lambda line: (line.y, line.x)))
    if on_progress is not None and order:
        on_progress("reading slides", 1.0)
    return tuple(
        Slide(each.start, each.end, each.kind, lines.get(each.same, ()), topic=each.same)
        for each in stretches
    )
