"""Where the results of each file go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Targets"]


@dataclass(frozen=True)
class Targets:
    """Where results go, and in which formats.

    Parameters
    ----------
    root : the output folder, in which the input tree is mirrored; None: next to each input.
    formats : names of chapter formats.
    embed : also write a copy of the media with chapters, ``NAME-chapters.EXT``.
    """

    root: Path | None = None
    formats: tuple[str, ...] = ("youtube",)
    embed: bool = False
