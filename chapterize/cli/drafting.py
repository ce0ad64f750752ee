"""The options of a draft, and the chapters of a command: from a file, or drafted."""

from __future__ import annotations

import functools
import inspect
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

from chapterize.cli.fetching import Consent
from chapterize.cli.options import (
    Captions,
    Count,
    Device,
    EmbedderName,
    Language,
    MinLength,
    Model,
    Offline,
    PerHour,
    ShowPrompt,
    TitlesFrom,
    TitlesModel,
)
from chapterize.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chapterize.cli.terminal import Terminal
    from chapterize.data import Chapters, Media
    from chapterize.pipeline import Options

__all__ = ["Found", "chapters_of", "media_of", "require_own_captions", "with_draft_options"]


def with_draft_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every drafting command shares.

    They take the place of the parameter `drafting` in the signature that typer reads, and
    `command` gets them as one `Options`. An option that `command` declares itself keeps that
    declaration, and is passed to `command` as well.
    """
    signature = inspect.signature(command)
    own = signature.parameters
    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter(name, keyword, default=default, annotation=annotation)
        for name, (annotation, default) in _DRAFT_OPTIONS.items()
        if name not in own
    ]
    shown: list[inspect.Parameter] = []
    for name, parameter in own.items():
        shown += shared if name == "drafting" else [parameter]

    @functools.wraps(command)
    def wrapped(**typed: Any) -> None:
        values = {name: typed[name] for name in _DRAFT_OPTIONS}
        rest = {name: typed[name] for name in typed if name in own}
        command(**rest, drafting=_draft_options(**values))

    wrapped.__annotations__ = {each.name: each.annotation for each in shown}
    hints = get_type_hints(wrapped, include_extras=True)
    resolved = [each.replace(annotation=hints[each.name]) for each in shown]
    wrapped.__signature__ = signature.replace(parameters=resolved)  # type: ignore[attr-defined]
    return wrapped


_DRAFT_OPTIONS: dict[str, tuple[Any, Any]] = {
    "captions": (Captions, "auto"),
    "count": (Count, None),
    "per_hour": (PerHour, None),
    "min_length": (MinLength, None),
    "language": (Language, None),
    "model": (Model, None),
    "device": (Device, "auto"),
    "embedder": (EmbedderName, "static"),
    "titles_from": (TitlesFrom, None),
    "titles_model": (TitlesModel, None),
    "show_prompt": (ShowPrompt, False),
    "offline": (Offline, False),
}
"""Type and default of each shared option, in the order of the help text."""


def _draft_options(
    *,
    captions: str,
    count: int | None,
    per_hour: float | None,
    min_length: float | None,
    titles_from: str | None,
    titles_model: str | None,
    show_prompt: bool,
    **engines: Any,
) -> Options:
    """The options of a draft as they were typed; None takes the default."""
    from chapterize.pipeline import Options
    from chapterize.segment import SegmentOptions

    if titles_from is None and (titles_model is not None or show_prompt):
        raise InputError(
            "--titles-model and --show-prompt need --titles-from",
            why="no title server is named",
            hint="add --titles-from http://127.0.0.1:11434/v1",
        )
    shortest = SegmentOptions().min_length if min_length is None else min_length
    return Options(
        captions=captions if captions in ("auto", "none") else Path(captions),
        titles_from=titles_from,
        titles_model=titles_model,
        show_prompt=show_prompt,
        segment=SegmentOptions(count=count, per_hour=per_hour, min_length=shortest),
        **engines,
    )


def require_own_captions(options: Options, inputs: Sequence[Path]) -> None:
    """Raise InputError if one caption file is given for several inputs."""
    if len(inputs) > 1 and isinstance(options.captions, Path):
        raise InputError(
            "--captions FILE with several inputs",
            why="one caption file cannot belong to all of them",
            hint="draft them one by one, or put NAME.srt next to each NAME.mp4",
        )


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
