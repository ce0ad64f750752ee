"""Options that several commands share, and checks of their values."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.errors import InputError, OptionError, OutputError
from chapterize.inputs import local_file, result_file
from chapterize.rendering.options import ASPECTS as _RATIOS
from chapterize.rendering.options import STYLES
from chapterize.settings import SETTINGS, variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chapterize import formats

__all__ = [
    "ASPECTS",
    "STYLES",
    "Address",
    "AsJson",
    "ChapterFile",
    "Device",
    "Edits",
    "EmbedderName",
    "Force",
    "FrameRate",
    "Granularity",
    "Learn",
    "Offline",
    "Output",
    "PayAgain",
    "Redraft",
    "Seconds",
    "Slides",
    "StartTimecode",
    "Style",
    "Verbose",
    "Video",
    "Yes",
    "drafting_option",
    "errors_naming",
    "format_for",
    "frame_rate_of",
    "require_choice",
]

ASPECTS = tuple(_RATIOS)
_DEVICES = SETTINGS["device"].choices
_GRANULARITIES = SETTINGS["granularity"].choices
_SLIDES = SETTINGS["slides"].choices

# Metavar and help.
_DRAFTING: dict[str, tuple[str | None, str]] = {
    "captions": (
        "auto|none|FILE",
        "auto: a caption file next to the video, else captions inside it; none: recognise the "
        "speech; or a caption file.",
    ),
    "count": ("N", "Exact number of chapters."),
    "per_hour": ("N", "Approximate number of chapters per hour."),
    "granularity": ("|".join(_GRANULARITIES), "Fewer, the usual number, or more chapters."),
    "profile": (
        "auto|none|NAME",
        "How you cut, from chapterize learn. auto: the profile of the nearest folder; or a name.",
    ),
    "like": ("FILE", "Cut as finely as this video with chapters, instead of a profile."),
    "no_profile": (None, "The same as --profile none: the usual number."),
    "keep": (
        None,
        "Keep the chapters that the file has already, inside it or in a file next to it; find the "
        "titles that are missing.",
    ),
    "retitle": (None, "Keep their places, and find a new title for each."),
    "hints": (None, "Draft chapters near those that the file has, such as markers set live."),
    "min_length": (
        "SECONDS",
        "Shortest chapter, in seconds; 10 by default, in videos below five minutes 60.",
    ),
    "language": ("LANGUAGE", "Spoken language: a code or a name, such as de, pt-BR or German."),
    "model": ("NAME|DIR", "Speech model: a faster-whisper name or a folder."),
    "device": ("|".join(_DEVICES), "Where models run."),
    "embedder": (
        "static|minilm|NAME|DIR",
        "Sentence vectors: the built-in table; MiniLM, from the extra minilm; or a "
        "sentence-transformers model.",
    ),
    "slides": (
        "|".join(_SLIDES),
        "Read the text of slides, for chapters and titles. auto: if the extra slides is installed.",
    ),
    "titles": (
        "phrases|llm|URL|none",
        "phrases of the transcript; a language model; a server on this machine, such as "
        "http://127.0.0.1:11434/v1; or numbers.",
    ),
    "titles_model": (
        "NAME|DIR",
        "Language model for llm, qwen2.5-1.5b by default, or a model of the title server.",
    ),
    "titles_from": ("URL", "The same as --titles URL."),
    "show_prompt": (None, "Print everything that the language model is asked."),
    "offline": (None, "Never download a model."),
    "edits": (None, "Keep what you changed on the review page (default), or not."),
}


def drafting_option(name: str, *flags: str, **details: Any) -> Any:
    """The option of a draft that is called `name`; the help shows these in a group of their own."""
    metavar, text = _DRAFTING[name]
    return typer.Option(
        *flags,
        metavar=metavar,
        help=text,
        # `chapterize config` lists the environment variables.
        envvar=variable(name) if name in SETTINGS else None,
        show_envvar=False,
        rich_help_panel="Drafting options",
        **details,
    )


def require_choice(option: str | None, value: str, choices: Sequence[str]) -> str:
    """`value`, if it is one of `choices`; typer.BadParameter if not."""
    if value not in choices:
        raise typer.BadParameter(f"choose one of {', '.join(choices)}", param_hint=option)
    return value


def _checked_device(value: str) -> str:
    return require_choice(None, value, _DEVICES)


def _checked_granularity(value: str | None) -> str | None:
    return None if value is None else require_choice(None, value, _GRANULARITIES)


def _checked_slides(value: str) -> str:
    return require_choice(None, value, _SLIDES)


def _checked_timecode(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"\d\d:[0-5]\d:[0-5]\d[:;]\d\d", value):
        raise typer.BadParameter("a timecode looks like 01:00:00:00")
    return value


def _checked_address(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"https?://[^\s/]\S*", value):
        raise typer.BadParameter("an address starts with https:// or http://")
    return value


@contextmanager
def errors_naming(option: str, target: Path) -> Iterator[None]:
    """Inside, errors about `target` name `option`; those of `chapterize.files` name ``-o``."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write {target}",
            why=error.strerror or str(error),
            hint=f"choose another name with {option}",
        ) from error
    except OutputError as error:
        hint = error.hint.removesuffix(" or --out-dir").removesuffix(" with -o")
        raise OutputError(error.what, why=error.why, hint=f"{hint} with {option}") from error


def frame_rate_of(text: str | None) -> formats.FrameRate | None:
    """The rate that ``--frame-rate`` names; InputError if no editor uses it."""
    from chapterize.formats import parse_frame_rate

    return None if text is None else parse_frame_rate(text)


def format_for(target: Path) -> str:
    """The chapter format that the name of a result stands for; OptionError if none."""
    from chapterize.formats import format_of

    if os.path.isdir(target):  # noqa: PTH112 - also of a name that is too long
        raise OptionError(
            f"cannot write {target}", why="it is a folder", hint="add the name of a file"
        )
    try:
        return format_of(target)
    except InputError as error:
        raise OptionError(error.what, why=error.why, hint=error.hint) from error


AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite existing files.")]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Agree in advance to what is sent and may cost.")
]
PayAgain = Annotated[
    bool,
    typer.Option("--pay-again", help="Repeat, and pay for, an edit whose session has expired."),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print every request on stderr.")]
Video = Annotated[
    Path, typer.Argument(parser=local_file, metavar="FILE", help="Video or audio file.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", parser=result_file, metavar="FILE", help="Where to write the video."
    ),
]
_CHAPTERS = "Chapter file in any format, instead of a draft."
ChapterFile = Annotated[
    Path | None, typer.Option("--chapters", parser=local_file, metavar="FILE", help=_CHAPTERS)
]
Style = Annotated[str, typer.Option(metavar="|".join(STYLES), help="Style of the titles.")]
Seconds = Annotated[
    float, typer.Option(min=0.5, max=60.0, metavar="SECONDS", help="How long each title is shown.")
]
Redraft = Annotated[
    bool,
    typer.Option("--replace", help="Draft new chapters, even if the file has some already."),
]
Device = Annotated[str, drafting_option("device", callback=_checked_device)]
Granularity = Annotated[str | None, drafting_option("granularity", callback=_checked_granularity)]
Slides = Annotated[str, drafting_option("slides", callback=_checked_slides)]
EmbedderName = Annotated[str, drafting_option("embedder")]
Edits = Annotated[bool, drafting_option("edits", "--edits/--no-edits", show_default=False)]
Learn = Annotated[
    bool,
    typer.Option(
        "--learn/--no-learn",
        envvar=variable("learn"),
        show_envvar=False,
        show_default=False,
        help="Learn how you cut from what you keep (default), or not.",
    ),
]
Offline = Annotated[bool, drafting_option("offline", "--offline/--no-offline", show_default=False)]
FrameRate = Annotated[
    str | None,
    typer.Option(
        metavar="25|29.97|29.97df…",
        help="Frames per second for edl, fcpxml, premiere and otio (df: drop frame); by default "
        "that of the video, or 30.",
    ),
]
StartTimecode = Annotated[
    str | None,
    typer.Option(
        metavar="HH:MM:SS:FF",
        callback=_checked_timecode,
        help="Where the timeline of edl, fcpxml, premiere and otio starts; by default at "
        "01:00:00:00 in edl, at 00:00:00:00 in the others.",
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="ADDRESS",
        callback=_checked_address,
        help="Web address of the video, for the links of markdown.",
    ),
]
