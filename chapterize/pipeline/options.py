"""The options of a draft, and the engines that it needs."""

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
from chapterize.vectors import Embedder, load_embedder, sentence_model_on_disk

__all__ = ["Engines", "OnDownload", "Options", "embedder_of", "load_engines", "transcriber_of"]

OnDownload = Callable[[hub.Download], bool]
"""Called before a speech model is downloaded; False forbids it."""


@dataclass(frozen=True)
class Options:
    """The options of `make_draft`.

    `captions` is ``auto`` (a sidecar file, then an embedded stream), ``none`` (ignore both), or
    the path of a caption file. `language` is a code or a name in almost any language, and becomes
    its ISO code. `model` names a faster-whisper model or its folder, None takes the default of the
    device. `embedder` is ``static``, a sentence-transformers name or a folder. `offline` forbids
    every download. `titles_from` is the base address of a title server on this machine,
    `titles_model` a model there; `show_prompt` makes notes of all that it is sent.

    Raises
    ------
    InputError : `language` is none; the hint names near matches.
    """

    captions: str | Path = "auto"
    language: str | None = None
    model: str | None = None
    device: str = "auto"
    embedder: str = "static"
    offline: bool = False
    titles_from: str | None = None
    titles_model: str | None = None
    show_prompt: bool = False
    segment: SegmentOptions = field(default_factory=SegmentOptions)

    def __post_init__(self) -> None:
        if self.language is not None:
            object.__setattr__(self, "language", language_from(self.language))


@dataclass(frozen=True)
class Engines:
    """Engines to use in place of those that `Options` would load; one set serves many files."""

    transcriber: Transcriber | None = None
    embedder: Embedder | None = None
    titler: Titler | None = None


def load_engines(
    options: Options, *, on_note: OnNote | None = None, on_progress: OnProgress | None = None
) -> Engines:
    """The engines of `options`, loaded once to draft many files.

    Only the recogniser waits until a file needs it.
    """
    return Engines(
        transcriber=transcriber_of(options),
        embedder=embedder_of(options, on_note or (lambda text: None), on_progress),
        titler=load_titler(options.titles_from, options.titles_model, options.show_prompt),
    )


def transcriber_of(options: Options) -> WhisperTranscriber:
    """The recogniser of `options`; nothing is loaded yet."""
    return WhisperTranscriber(options.model, device=options.device, offline=options.offline)


def embedder_of(options: Options, note: OnNote, on_progress: OnProgress | None) -> Embedder:
    """The embedder of `options`, loaded; a download is announced before it begins."""
    name = options.embedder
    if not (name == "static" or options.offline or sentence_model_on_disk(name)):
        note(f"Downloading the sentence model {name} once.")
    return load_embedder(
        name, device=options.device, offline=options.offline, on_progress=on_progress
    )
