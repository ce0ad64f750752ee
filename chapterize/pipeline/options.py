"""Options of a draft, and the engines they describe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chapterize import hub
from chapterize.data import OnNote, OnProgress
from chapterize.language import language_from
from chapterize.segment import SegmentOptions
from chapterize.title import Titler, load_titler
from chapterize.transcribe import Transcriber, WhisperTranscriber
from chapterize.vectors import Embedder, load_embedder

__all__ = ["Engines", "OnDownload", "Options", "embedder_of", "load_engines", "transcriber_of"]

OnDownload = Callable[[hub.Download], bool]
"""Called before a speech model is downloaded; returns whether to download it."""


@dataclass(frozen=True)
class Options:
    """Options of `make_draft`.

    Parameters
    ----------
    captions : ``auto`` (a sidecar file, else an embedded stream), ``none`` (ignore both), or the
        path of a caption file.
    language : a language code, or the name of a language; stored as an ISO 639 code.
    model : a faster-whisper model or its folder; None is the default of the device.
    device : ``auto``, ``cpu`` or ``cuda``.
    embedder : ``static`` (built in), a sentence-transformers model, or its folder.
    offline : never download anything.
    on_download : called before a speech model is downloaded. If it returns False, no speech is
        recognised and the chapters come from pauses. None allows every download.
    titles_from, titles_model : base address of a title server on this machine, and its model.
    show_prompt : report everything sent to the title server as notes.
    segment : how many chapters, and how short they may be.

    Raises
    ------
    InputError : `language` is not a language; the hint names similar ones.
    """

    captions: str | Path = "auto"
    language: str | None = None
    model: str | None = None
    device: str = "auto"
    embedder: str = "static"
    offline: bool = False
    on_download: OnDownload | None = field(default=None, compare=False)
    titles_from: str | None = None
    titles_model: str | None = None
    show_prompt: bool = False
    segment: SegmentOptions = field(default_factory=SegmentOptions)

    def __post_init__(self) -> None:
        if self.language is not None:
            object.__setattr__(self, "language", language_from(self.language))


@dataclass(frozen=True)
class Engines:
    """Engines to use instead of those that `Options` describe; reusable for many files."""

    transcriber: Transcriber | None = None
    embedder: Embedder | None = None
    titler: Titler | None = None


def load_engines(
    options: Options, *, on_note: OnNote | None = None, on_progress: OnProgress | None = None
) -> Engines:
    """Load the engines of `options` once, to draft many files.

    The speech model is loaded when the first file needs it.
    """
    return Engines(
        transcriber=transcriber_of(options),
        embedder=embedder_of(options, on_note, on_progress),
        titler=load_titler(options.titles_from, options.titles_model, options.show_prompt),
    )


def transcriber_of(options: Options) -> WhisperTranscriber:
    """The transcriber of `options`; its model is not loaded yet."""
    return WhisperTranscriber(options.model, device=options.device, offline=options.offline)


def embedder_of(
    options: Options, on_note: OnNote | None, on_progress: OnProgress | None
) -> Embedder:
    """Load the embedder of `options`; a note announces a download before it starts."""
    return load_embedder(
        options.embedder,
        device=options.device,
        offline=options.offline,
        on_progress=on_progress,
        on_note=on_note,
    )
