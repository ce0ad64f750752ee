"""Options that several commands share, and checks of their values."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.rendering.options import ASPECTS as RATIOS
from chapterize.rendering.options import STYLES
from chapterize.settings import SETTINGS, variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chapterize import formats

__all__ = [
    "ASPECTS",
    "DEVICES",
    "STYLES",
    "AsJson",
    "Captions",
    "ChapterFile",
    "Count",
    "Device",
    "EmbedderName",
    "Force",
    "FrameRate",
    "Language",
    "MinLength",
    "Model",
    "Offline",
    "Output",
    "PerHour",
    "Seconds",
    "ShowPrompt",
    "Style",
    "TitlesFrom",
    "TitlesModel",
    "Verbose",
    "Video",
    "Yes",
    "frame_rate_of",
    "require_choice",
]

ASPECTS = tuple(RATIOS)
DEVICES = SETTINGS["device"].choices


def _checked_device(value: str) -> str:
    if value not in DEVICES:
        raise typer.BadParameter(f"choose one of {', '.join(DEVICES)}")
    return value


# Options of a draft have a group of their own in the help; `chapterize config` lists variables.
_drafting = partial(typer.Option, rich_help_panel="Drafting options", show_envvar=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite existing files.")]
Offline = Annotated[
    bool,
    _drafting(
        "--offline/--no-offline",
        envvar=variable("offline"),
        help="Never download a model.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Agree in advance to what is sent.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print every request on stderr.")]
Video = Annotated[Path, typer.Argument(metavar="FILE", help="Video or audio file.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Where to write the video.", show_default=False
    ),
]
ChapterFile = Annotated[
    Path | None,
    typer.Option(
        "--chapters",
        metavar="FILE",
        help="Chapter file in any format, instead of a draft.",
        show_default=False,
    ),
]
Captions = Annotated[
    str,
    _drafting(
        metavar="auto|none|FILE",
        envvar=variable("captions"),
        help="auto: a caption file next to the video, else captions inside it; none: recognise "
        "the speech; or a caption file.",
    ),
]
Count = Annotated[
    int | None, _drafting(min=1, metavar="N", help="Exact number of chapters.", show_default=False)
]
PerHour = Annotated[
    float | None,
    _drafting(
        metavar="N",
        envvar=variable("per_hour"),
        help="Approximate number of chapters per hour.",
        show_default=False,
    ),
]
MinLength = Annotated[
    float | None,
    _drafting(
        metavar="SECONDS",
        envvar=variable("min_length"),
        help="Shortest chapter, in seconds; 10 by default.",
        show_default=False,
    ),
]
Language = Annotated[
    str | None,
    _drafting(
        metavar="LANGUAGE",
        envvar=variable("language"),
        help="Spoken language: a code or a name, such as de, pt-BR or German.",
        show_default=False,
    ),
]
Model = Annotated[
    str | None,
    _drafting(
        metavar="NAME|DIR",
        envvar=variable("model"),
        help="Speech model: a faster-whisper name or a folder.",
        show_default=False,
    ),
]
EmbedderName = Annotated[
    str,
    _drafting(
        metavar="static|NAME|DIR",
        envvar=variable("embedder"),
        help="Sentence vectors: the built-in table, or a sentence-transformers model.",
    ),
]
TitlesFrom = Annotated[
    str | None,
    _drafting(
        metavar="URL",
        envvar=variable("titles_from"),
        help="Title server on this machine, such as http://127.0.0.1:11434/v1.",
        show_default=False,
    ),
]
TitlesModel = Annotated[
    str | None,
    _drafting(
        metavar="NAME",
        envvar=variable("titles_model"),
        help="Model of the title server; its first one by default.",
        show_default=False,
    ),
]
ShowPrompt = Annotated[
    bool, _drafting("--show-prompt", help="Print everything that is sent to the title server.")
]
Style = Annotated[str, typer.Option(metavar="|".join(STYLES), help="Style of the titles.")]
Seconds = Annotated[
    float, typer.Option(min=0.5, max=60.0, metavar="SECONDS", help="How long each title is shown.")
]
Device = Annotated[
    str,
    _drafting(
        metavar="|".join(DEVICES),
        envvar=variable("device"),
        callback=_checked_device,
        help="Where models run.",
    ),
]
FrameRate = Annotated[
    str | None,
    typer.Option(
        metavar="25|29.97|29.97df…",
        help="Frames per second for edl, fcpxml and otio (df: drop frame); by default that of the "
        "video, or 30.",
        show_default=False,
    ),
]


def frame_rate_of(text: str | None) -> formats.FrameRate | None:
    """The rate that ``--frame-rate`` names; InputError if no editor uses it."""
    from chapterize.formats import parse_frame_rate

    return None if text is None else parse_frame_rate(text)


def require_choice(option: str, value: str, choices: Sequence[str]) -> str:
    """`value`, if it is one of `choices`; typer.BadParameter if not."""
    if value not in choices:
        raise typer.BadParameter(f"choose one of {', '.join(choices)}", param_hint=option)
    return value
