"""Chapters for long videos, made on this machine.

>>> from pathlib import Path
>>> from chapterize import make_draft
>>> draft = make_draft(Path("talk.mp4"))  # doctest: +SKIP
>>> [(chapter.start, chapter.title) for chapter in draft.chapters.chapters]  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as in __main__: Ctrl-C may come before the first import is done
if TYPE_CHECKING:
    from typing import Any

    from chapterize.data import Chapter, Chapters, Draft
    from chapterize.errors import ChapterizeError
    from chapterize.pipeline import Engines, Options, make_draft
    from chapterize.segment import SegmentOptions

__version__ = "0.1.0"

__all__ = [
    "Chapter",
    "ChapterizeError",
    "Chapters",
    "Draft",
    "Engines",
    "Options",
    "SegmentOptions",
    "make_draft",
]

_HOMES = {
    "Chapter": "data",
    "ChapterizeError": "errors",
    "Chapters": "data",
    "Draft": "data",
    "Engines": "pipeline",
    "Options": "pipeline",
    "SegmentOptions": "segment",
    "make_draft": "pipeline",
}


def __getattr__(name: str) -> Any:
    # A name is imported when it is first asked for: `chapterize --help` needs none of them.
    if name in _HOMES:
        return getattr(import_module(f"chapterize.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'chapterize' has no attribute {name!r}")
