"""The options of a draft, and the chapters that a command works on: from a file, or drafted."""

from __future__ import annotations

import functools
import inspect
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_type_hints

from chapterize.cli.fetching import Consent
from chapterize.cli.options import (
    Device,
    Edits,
    EmbedderName,
    Granularity,
    Offline,
    Slides,
    drafting_option,
)
from chapterize.errors import InputError, OptionError
from chapterize.inputs import local_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chapterize.cli.terminal import Terminal
    from chapterize.data import Chapters, Media, Transcript
    from chapterize.pipeline import Draft, Engines, Options

__all__ = [
    "Found",
    "chapters_of",
    "draft_at",
    "media_of",
    "offered",
    "require_own_captions",
    "with_draft_options",
]


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
        command(**rest, drafting=_draft_options(values))

    wrapped.__annotations__ = {each.name: each.annotation for each in shown}
    hints = get_type_hints(wrapped, include_extras=True)
    resolved = [each.replace(annotation=hints[each.name]) for each in shown]
    wrapped.__signature__ = signature.replace(parameters=resolved)  # type: ignore[attr-defined]
    return wrapped


_DRAFT_OPTIONS: dict[str, tuple[Any, Any]] = {
    "captions": (Annotated[str, drafting_option("captions")], "auto"),
    "count": (Annotated[int | None, drafting_option("count", min=1)], None),
    "per_hour": (Annotated[float | None, drafting_option("per_hour")], None),
    "granularity": (Granularity, None),
    "profile": (Annotated[str, drafting_option("profile")], "auto"),
    "like": (Annotated[Path | None, drafting_option("like", parser=local_file)], None),
    "no_profile": (Annotated[bool, drafting_option("no_profile", "--no-profile")], False),
    "keep": (Annotated[bool, drafting_option("keep", "--keep")], False),
    "retitle": (Annotated[bool, drafting_option("retitle", "--retitle")], False),
    "hints": (Annotated[bool, drafting_option("hints", "--hints")], False),
    "min_length": (Annotated[float | None, drafting_option("min_length")], None),
    "language": (Annotated[str | None, drafting_option("language")], None),
    "model": (Annotated[str | None, drafting_option("model")], None),
    "device": (Device, "auto"),
    "embedder": (EmbedderName, "static"),
    "slides": (Slides, "auto"),
    "titles": (Annotated[str, drafting_option("titles")], "phrases"),
    "titles_model": (Annotated[str | None, drafting_option("titles_model")], None),
    "titles_from": (Annotated[str | None, drafting_option("titles_from")], None),
    "show_prompt": (Annotated[bool, drafting_option("show_prompt", "--show-prompt")], False),
    "offline": (Offline, False),
    "edits": (Edits, True),
}
"""Type and default of each shared option, in the order of the help text."""


def _draft_options(typed: dict[str, Any]) -> Options:
    """The options of a draft from those of the command line, by name."""
    from chapterize.pipeline import Options
    from chapterize.segment import SegmentOptions

    typed["profile"] = _profile_of(typed)
    typed["existing"] = _existing_of(typed)
    if typed["titles_from"] is not None:
        typed["titles"] = typed["titles_from"]
    if typed["titles"] in ("phrases", "none") and (typed["titles_model"] or typed["show_prompt"]):
        raise OptionError(
            "--titles-model and --show-prompt need --titles llm or --titles URL",
            why="no language model is asked for titles",
            hint="add --titles llm",
        )
    if typed["titles"] not in ("phrases", "llm", "none") and "://" not in typed["titles"]:
        raise OptionError(
            f"there are no titles {typed['titles']!r}",
            why="titles come from phrases, llm, none, or the address of a server on this machine",
            hint="use --titles llm, or --titles http://127.0.0.1:11434/v1",
        )
    number = ("count", "per_hour", "granularity", "min_length")
    segment = SegmentOptions(**{name: typed.pop(name) for name in number})
    if typed["captions"] not in ("auto", "none"):
        typed["captions"] = local_file(typed["captions"])
    return Options(**typed, segment=segment)


def _profile_of(typed: dict[str, Any]) -> str | None:
    """The profile of the options, which loses `no_profile`; None: nobody's."""
    from chapterize.profiles import named_profile

    is_none = typed.pop("no_profile")
    if is_none and typed["like"] is not None:
        raise OptionError(
            "--no-profile and --like together",
            why="one asks for the usual number, the other for that of another video",
            hint="use one of them",
        )
    profile: str = typed["profile"]
    if is_none or profile == "none":
        return None
    if profile != "auto":
        named_profile(profile)
    return profile


def require_own_captions(options: Options, inputs: Sequence[Path]) -> None:
    """Raise InputError if one caption file is given for several inputs."""
    if len(inputs) > 1 and isinstance(options.captions, Path):
        raise OptionError(
            "--captions FILE with several inputs",
            why="one caption file cannot belong to all of them",
            hint="draft them one by one, or put NAME.srt next to each NAME.mp4",
        )


def _existing_of(typed: dict[str, Any]) -> str:
    """What happens with existing chapters; the options lose the three that say it."""
    keep, retitle, hints = (typed.pop(name) for name in ("keep", "retitle", "hints"))
    if hints and (keep or retitle):
        raise OptionError(
            f"--hints and --{'retitle' if retitle else 'keep'} together",
            why="existing chapters are either kept or hints for new ones",
            hint="use one of them",
        )
    return "hints" if hints else "retitle" if retitle else "keep" if keep else "auto"


class Found(NamedTuple):
    """Chapters, and their language if it is known.

    `is_numbered` : they were drafted without words, so that their titles are only numbers.
    """

    chapters: Chapters
    language: str | None
    is_numbered: bool = False


def media_of(source: Path) -> Media:
    """Open `source`; InputError if it is a caption file, else as `open_media`."""
    from chapterize.captions import is_caption_file
    from chapterize.media import open_media

    if is_caption_file(source):
        raise InputError(
            f"{source} is a caption file",
            why="this command needs a video or audio file",
            hint="give the video; captions next to it are found, others need --captions",
        )
    return open_media(source)


def draft_at(
    terminal: Terminal,
    source: Path | Media,
    options: Options,
    consent: Consent,
    engines: Engines | None = None,
    *,
    transcript: Transcript | None = None,
) -> Draft:
    """The draft of `source`; `terminal` shows progress, notes and the question of `consent`."""
    from chapterize.pipeline import make_draft

    return make_draft(
        source,
        replace(options, on_download=consent.at(terminal)),
        transcript=transcript,
        engines=engines,
        on_progress=terminal.progress,
        on_note=terminal.note,
    )


def offered(draft: Draft, options: Options, terminal: Terminal) -> Draft:
    """`draft` with a note about other chapters that its file has already, if there are any."""
    from chapterize.pipeline.existing import existing_chapters, offer_note

    if options.existing != "auto" or draft.kept is not None:
        return draft
    found = existing_chapters(draft.media)
    note = None if found is None else offer_note(found, draft.chapters)
    if note is None:
        return draft
    terminal.note(note)
    return replace(draft, notes=(*draft.notes, note))


def chapters_of(
    media: Media,
    given: Path | None,
    options: Options,
    terminal: Terminal,
    consent: Consent | None = None,
    *,
    redraft: bool = False,
) -> Found:
    """The chapters of the file `given`, those that the media has already, or those of a draft.

    All files of a run share `consent`. With `redraft`, existing chapters are not used.

    Raises InputError if `given` cannot be read or does not fit `media`, else as `make_draft`.
    """
    from chapterize import formats
    from chapterize.pipeline.existing import KEEPING

    if given is None:
        asked = options.existing
        if redraft and asked in KEEPING:
            raise OptionError(
                f"--{asked} and --replace together",
                why="chapters that a file has are either kept or replaced",
                hint="use one of them",
            )
        if asked == "auto":
            options = _respectful(media, options, terminal, redraft=redraft)
        draft = draft_at(terminal, media, options, consent or Consent())
        if asked == "auto" and draft.kept is not None:
            terminal.note("To draft new ones instead: --replace.")
        is_named = draft.kept is not None and draft.kept.untitled < len(draft.kept.chapters)
        is_numbered = not draft.transcript.cues and not is_named
        return Found(draft.chapters, draft.transcript.language, is_numbered)
    # Notes about the media come first: a truncated recording explains why chapters do not fit.
    for note in media.notes:
        terminal.note(note)
    parsed = formats.read_chapters(given, duration=media.duration)
    for note in parsed.notes:
        terminal.note(note)
    return Found(parsed.chapters, options.language)


def _respectful(media: Media, options: Options, terminal: Terminal, *, redraft: bool) -> Options:
    """`options` that keep the chapters that a person made of `media`, unless `redraft` is true."""
    from chapterize.fingerprint import file_fingerprint
    from chapterize.pipeline.edits import read_edits
    from chapterize.pipeline.existing import existing_chapters

    if redraft:
        return replace(options, existing="none")
    edits = read_edits(file_fingerprint(media.path)) if options.edits else None
    if edits is not None and (edits.fixed or edits.removed):
        return options  # what was reviewed is newer
    found = existing_chapters(media, files=options.chapter_files)
    if found is None:
        return options
    if found.is_mechanical:
        terminal.note(
            f"The {len(found.chapters)} chapters {found.where} are not used: they are equally long "
            "and have no titles, so a program made them. To use them: --keep."
        )
        return options
    number = replace(options.segment, count=None, per_hour=None, granularity=None)
    return replace(options, existing="keep", segment=number)
