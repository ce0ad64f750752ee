"""Chapters for long videos, made on this machine.

>>> import chapterize
>>> draft = chapterize.make_draft("talk.mp4")  # doctest: +SKIP
>>> print(chapterize.formats.dumps(draft.chapters, "youtube"))  # doctest: +SKIP
"""

from __future__ import annotations

import os
from importlib import import_module

from chapterize._version import __version__

# From 1.29 on, onnxruntime keeps an identifier in the home folder and sends data on its use to
# Microsoft, unless this is set before it is imported. Its function that switches this off is late.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

TYPE_CHECKING = False  # as in __main__: Ctrl-C may arrive before typing is imported
if TYPE_CHECKING:
    from typing import Any

    from chapterize import formats
    from chapterize.captions import read_captions
    from chapterize.data import (
        Boundaries,
        Chapter,
        Chapters,
        Cue,
        Evidence,
        Media,
        Sent,
        Sentence,
        SubtitleStream,
        Transcript,
        Word,
    )
    from chapterize.errors import (
        ChapterizeError,
        Declined,
        EngineError,
        ExportBlocked,
        FileTooLarge,
        FormatError,
        InputError,
        MediaError,
        MissingDependency,
        OptionError,
        OutOfCredits,
        OutputError,
        RateLimited,
        RemoteError,
        RemoteProtocolError,
        RemoteRefused,
        RemoteUnreachable,
        RunInterrupted,
        SessionExpired,
        SessionInUse,
        TokenRefused,
        ToolError,
        UnsupportedFile,
    )
    from chapterize.media import open_media
    from chapterize.pipeline import Draft, Engines, Options, load_engines, make_draft
    from chapterize.rendering import RenderOptions, RenderResult, embed, render
    from chapterize.segment import SegmentOptions

__all__ = [
    "Boundaries",
    "Chapter",
    "ChapterizeError",
    "Chapters",
    "Cue",
    "Declined",
    "Draft",
    "EngineError",
    "Engines",
    "Evidence",
    "ExportBlocked",
    "FileTooLarge",
    "FormatError",
    "InputError",
    "Media",
    "MediaError",
    "MissingDependency",
    "OptionError",
    "Options",
    "OutOfCredits",
    "OutputError",
    "RateLimited",
    "RemoteError",
    "RemoteProtocolError",
    "RemoteRefused",
    "RemoteUnreachable",
    "RenderOptions",
    "RenderResult",
    "RunInterrupted",
    "SegmentOptions",
    "Sent",
    "Sentence",
    "SessionExpired",
    "SessionInUse",
    "SubtitleStream",
    "TokenRefused",
    "ToolError",
    "Transcript",
    "UnsupportedFile",
    "Word",
    "__version__",
    "embed",
    "formats",
    "load_engines",
    "make_draft",
    "open_media",
    "read_captions",
    "render",
]

_NOT_ERRORS = {
    "Boundaries": "data",
    "Chapter": "data",
    "Chapters": "data",
    "Cue": "data",
    "Draft": "pipeline",
    "Engines": "pipeline",
    "Evidence": "data",
    "Media": "data",
    "Options": "pipeline",
    "RenderOptions": "rendering",
    "RenderResult": "rendering",
    "SegmentOptions": "segment",
    "Sent": "data",
    "Sentence": "data",
    "SubtitleStream": "data",
    "Transcript": "data",
    "Word": "data",
    "embed": "rendering",
    "load_engines": "pipeline",
    "make_draft": "pipeline",
    "open_media": "media",
    "read_captions": "captions",
    "render": "rendering",
}


def __getattr__(name: str) -> Any:
    # Names are imported on first use: `chapterize --help` needs none of them.
    if name == "formats":
        return import_module("chapterize.formats")
    if name in __all__:
        return getattr(import_module(f"chapterize.{_NOT_ERRORS.get(name, 'errors')}"), name)
    raise AttributeError(f"module 'chapterize' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
