"""Read the slides of one video: each of them once, in its settled frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from chapterize.data import Media, OnProgress, Slide, TextLine
from chapterize.slides.frames import settled_frames
from chapterize.slides.stretches import Stretch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Reader", "read_stretches"]

_SAMPLE = 10  # stretches that move, read to see whether there is text


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

    Of stretches that move, which may be slides with a camera inset, a sample is read first; the
    others are read only if there is text in the sample.

    Raises
    ------
    MediaError : the file can no longer be opened.
    EngineError : `reader` failed.
    """
    unique = [
        each for i, each in enumerate(stretches) if each.same == i and each.settled is not None
    ]
    moving = [each for each in unique if each.kind == "camera"]
    sample = moving[:: 1 + len(moving) // _SAMPLE]
    rest = [each for each in moving if each not in sample]
    lines: dict[int, tuple[TextLine, ...]] = {}

    def read(batch: Sequence[Stretch], n_planned: int) -> None:
        times = [each.settled for each in batch if each.settled is not None]
        for each, frame in zip(batch, settled_frames(media, times), strict=False):
            if on_progress is not None:
                on_progress("reading slides", len(lines) / n_planned)
            lines[each.same] = tuple(sorted(reader.read(frame), key=lambda line: (line.y, line.x)))

    first = [each for each in unique if each not in rest]
    read(first, len(unique))
    if rest and any(len(lines.get(each.same, ())) > 1 for each in sample):
        read(rest, len(unique))
    if on_progress is not None and unique:
        on_progress("reading slides", 1.0)
    return tuple(
        Slide(each.start, each.end, each.kind, lines.get(each.same, ()), topic=each.same)
        for each in stretches
    )
