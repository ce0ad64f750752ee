"""Read text in frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chapterize.data import TextLine
from chapterize.errors import MissingDependency

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SlideReader", "is_installed"]


def is_installed() -> bool:
    """Whether the extra ``slides`` is installed."""
    return False


class SlideReader:
    """Reads the text of slides in one language."""

    def __init__(self, language: str | None = None) -> None:
        raise MissingDependency("rapidocr", install="pip install 'chapterize-video[slides]'")

    @property
    def fingerprint(self) -> str:
        """What the text depends on, except for the frame."""
        return ""

    def read(self, frame: NDArray[np.uint8]) -> tuple[TextLine, ...]:
        """The lines of text in an RGB frame."""
        return ()
