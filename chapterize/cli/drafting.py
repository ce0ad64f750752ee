"""Chapters for the commands that need some: those of a file, or drafted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chapterize.cli.fetching import Consent
from chapterize.errors import InputError

if TYPE_CHECKING:
    from chapterize.cli.terminal import Terminal
    from chapterize.data import Chapters, Media
    from chapterize.pipeline import Options

__all__ = ["Found", "chapters_of", "draft_options", "media_of"]


def draft_options(
    captions: str,
    n_inputs: int,
    *,
    count: int | None,
    per_hour: float | None,
    min_length: float | None,
    language: str | None,
    model: str | None,
    device: str,
    embedder: str,
    offline: bool,
) -> Options:
    """The options of a draft as they were typed; None takes the default.

    Raises
    ------
    InputError : one caption file for several inputs.
    """
    from chapterize.pipeline import Options
    from chapterize.segment import SegmentOptions

    shortest = SegmentOptions().min_length if min_length is None else min_length
    return Options(
        captions=_caption_choice(captions, n_inputs),
        language=language,
        model=model,
        device=device,
        embedder=embedder,
        offline=offline,
        segment=SegmentOptions(count=count, per_hour=per_hour, min_length=shortest),
    )


def _caption_choice(captions: str, n_inputs: int) -> str | Path:
    if captions in ("auto", "none"):
        return captions
    if n_inputs > 1:
        raise InputError(
            "--captions FILE with several inputs",
            why="one caption file cannot belong to all of them",
            hint="draft them one by one, or put NAME.srt beside each NAME.mp4",
        )
    return Path(captions)


class Found(NamedTuple):
    """Chapters of a file, and the language they are in, if that is known."""

    chapters: Chapters
    language: str | None


def media_of(source: Path) -> Media:
    """The opened `source`.

    Raises
    ------
    InputError : it holds captions alone.
    MediaError : as `open_media`.
    """
    from chapterize.captions import is_caption_file
    from chapterize.media import open_media

    if source.is_file() and is_caption_file(source):
        raise InputError(
            f"{source} is a caption file",
            why="a video is made of a video",
            hint="give the video; captions beside it are found, others go with --captions",
        )
    return open_media(source)


def chapters_of(
    media: Media,
    given: Path | None,
    options: Options,
    terminal: Terminal,
    consent: Consent | None = None,
) -> Found:
    """Those of the chapter file `given`, or drafted; `consent` is shared by all files of a run.

    Raises
    ------
    InputError : `given` cannot be read, or does not fit `media`.
    ChapterizeError : as `make_draft`.
    """
    from chapterize import formats
    from chapterize.pipeline import make_draft

    if given is None:
        draft = make_draft(
            media,
            replace(options, on_download=(consent or Consent()).at(terminal)),
            on_progress=terminal.progress,
            on_note=terminal.note,
        )
        return Found(draft.chapters, draft.transcript.language)
    # Before the chapters: a recording that is cut off explains why they do not fit.
    for note in media.notes:
        terminal.note(note)
    parsed = formats.read_chapters(given, duration=media.duration)
    for note in parsed.notes:
        terminal.note(note)
    return Found(parsed.chapters, options.language)
