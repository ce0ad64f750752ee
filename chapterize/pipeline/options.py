"""Options of a draft, and the engines they describe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chapterize import hub
from chapterize.data import OnNote, OnProgress
from chapterize.errors import EngineError, OptionError
from chapterize.language import language_from
from chapterize.pipeline.existing import KEEPING, USES
from chapterize.profiles import Profile
from chapterize.segment import SegmentOptions
from chapterize.slides import Reader, SlideReader, is_installed
from chapterize.title import Titler, load_titler, model_on_disk
from chapterize.transcribe import Transcriber, WhisperTranscriber
from chapterize.vectors import Embedder, load_embedder

__all__ = [
    "Engines",
    "OnDownload",
    "Options",
    "embedder_of",
    "load_engines",
    "reader_of",
    "titler_of",
    "transcriber_of",
]

_EXISTING = ("auto", "reviewed", "none", *USES)
_SLIDES = ("auto", "on", "off")

OnDownload = Callable[[hub.Download], bool]
"""Called before a model is downloaded; returns whether to download it."""


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
    embedder : ``static`` (built in), ``minilm`` (the extra of this name), a sentence-transformers
        model, or its folder.
    offline : never download anything.
    on_download : called before a speech model or a title model is downloaded. If it returns
        False, no speech is recognised and the chapters come from pauses, or the titles are
        phrases. None allows every download.
    titles : ``phrases`` (built in), ``llm`` (a language model in this process), ``none`` (numbers),
        or the base address of a title server on this machine.
    titles_model : the language model or its folder, or the name of the server's model.
    titles_from : the base address of a title server, instead of `titles`.
    show_prompt : report everything the language model is asked as notes.
    slides : read the text of slides. ``auto``: if the extra ``slides`` is installed; ``on``: it
        must be; ``off``.
    segment : how many chapters, and how short they may be.
    edits : keep what a person changed on the review page of this file; False: only the draft.
    profile : how this person cuts: a `Profile`, its file, or the name of one in the user's data
        folder; ``auto``: that of the nearest folder that has one. None: nobody's.
    existing : what happens with chapters that the file has already, inside it or in a file next to
        it: ``keep`` (places and titles stay, and missing titles are found), ``retitle`` (places
        stay), ``hints`` (chapters are drafted near them), or ``none``.
        ``reviewed``: they are kept if the review page began with them. ``auto`` is ``reviewed``
        with `edits`, and ``none`` without.
    chapter_files : where existing chapters are looked for, besides inside the media; None: in all
        files next to it.
    needs_words : with ``keep``, recognise speech even if no title is missing.
    like : a video with chapters, instead of a profile: cut as finely as there.

    Raises
    ------
    InputError : `language` is not a language; the hint names similar ones. Or there are both a
        `profile` and `like`, a number of chapters and existing ones to keep, or no such `existing`
        or `slides`.
    """

    captions: str | Path = "auto"
    language: str | None = None
    model: str | None = None
    device: str = "auto"
    embedder: str = "static"
    offline: bool = False
    on_download: OnDownload | None = field(default=None, compare=False)
    titles: str = "phrases"
    titles_model: str | None = None
    titles_from: str | None = None
    show_prompt: bool = False
    slides: str = "auto"
    segment: SegmentOptions = field(default_factory=SegmentOptions)
    edits: bool = False
    profile: str | Path | Profile | None = None
    like: Path | None = None
    existing: str = "auto"
    chapter_files: tuple[Path, ...] | None = None
    needs_words: bool = False

    def __post_init__(self) -> None:
        if self.language is not None:
            object.__setattr__(self, "language", language_from(self.language))
        if self.titles_from is not None:
            object.__setattr__(self, "titles", self.titles_from)
        for name, allowed in (("existing", _EXISTING), ("slides", _SLIDES)):
            if (value := getattr(self, name)) not in allowed:
                raise OptionError(f"{name} is {value!r}", hint=f"use {', '.join(allowed)}")
        if self.existing in KEEPING and not self.segment.is_estimated:
            raise OptionError(
                "--keep cannot be used with --count or --per-hour",
                why="chapters that are kept have a number already",
                hint="give one of them; --hints with --count drafts near the existing chapters",
            )
        if self.like is not None and self.profile not in (None, "auto"):
            raise OptionError(
                "--profile and --like cannot be used together",
                why="both say how finely to cut",
                hint="give one of them",
            )


@dataclass(frozen=True)
class Engines:
    """Engines to use instead of those that `Options` describe; reusable for many files.

    `reader` reads slides unless the options forbid it.
    """

    transcriber: Transcriber | None = None
    embedder: Embedder | None = None
    titler: Titler | None = None
    reader: Reader | None = None


def load_engines(
    options: Options, *, on_note: OnNote | None = None, on_progress: OnProgress | None = None
) -> Engines:
    """Load the engines of `options` once, to draft many files.

    The speech model is loaded when the first file needs it.
    """
    return Engines(
        transcriber=transcriber_of(options),
        embedder=embedder_of(options, on_note, on_progress),
        titler=titler_of(options, on_note, on_progress),
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


def reader_of(options: Options, language: str | None) -> Reader | None:
    """The reader of slides in `language`, None if the options or the installation have none.

    Raises MissingDependency if the options demand one. No model is loaded yet.
    """
    if options.slides == "off" or (options.slides == "auto" and not is_installed()):
        return None
    return SlideReader(language)


def titler_of(
    options: Options, on_note: OnNote | None = None, on_progress: OnProgress | None = None
) -> Titler:
    """Load the titler of `options`; a language model is downloaded if it is not on this disk.

    Raises EngineError if that is not possible, and InputError if the address is invalid.
    """
    wanted: str | Path | None = options.titles_model
    if options.titles == "llm":
        found = model_on_disk(options.titles_model)
        if isinstance(found, hub.Model):
            if not _is_fetched(found, options, on_note or (lambda text: None), on_progress):
                return load_titler()
            found = hub.require(found)
        wanted = found
    return load_titler(options.titles, wanted, is_shown=options.show_prompt, device=options.device)


def _is_fetched(
    model: hub.Model, options: Options, note: OnNote, on_progress: OnProgress | None
) -> bool:
    """Whether a title model was downloaded; a note says so, or why not."""
    if options.offline:
        raise EngineError(
            f"the title model {model.name} is not on this disk",
            why="downloading it is not possible with --offline",
            hint=f"{hub.how_to_get(model.name)}, or omit --titles llm",
        )
    planned = hub.planned(model)
    if options.on_download is not None and not options.on_download(planned):
        note(f"The titles are phrases. For better ones, {hub.how_to_get(model.name)}.")
        return False
    note(f"Downloading the title model {model.name}, {planned.size}; this happens once.")
    hub.download(model, on_progress=on_progress)
    return True
