"""Options that several commands have, written once, and how their values are looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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

# As in chapterize.rendering, which takes too long to import for a help text.
STYLES = ("lower-third", "card", "corner")
ASPECTS = ("16:9", "9:16", "1:1")
DEVICES = SETTINGS["device"].choices


def _checked_device(value: str) -> str:
    if value not in DEVICES:
        raise typer.BadParameter(f"one of {', '.join(DEVICES)}")
    return value


AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the result if it exists.")]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline/--no-offline",
        envvar=variable("offline"),
        help="Never download a model.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Agree beforehand to what is sent.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Tell every request, on stderr.")]
Video = Annotated[Path, typer.Argument(metavar="FILE", help="A video or recording.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Where the video goes.", show_default=False),
]
ChapterFile = Annotated[
    Path | None,
    typer.Option(
        "--chapters",
        help="A chapter file, in any format; drafted here if not given.",
        show_default=False,
    ),
]
Captions = Annotated[
    str,
    typer.Option(
        metavar="auto|none|FILE",
        envvar=variable("captions"),
        help="auto: a caption file beside the video, then captions inside it; none: listen "
        "instead; or a caption file.",
    ),
]
Count = Annotated[
    int | None, typer.Option(min=1, help="Exactly so many chapters.", show_default=False)
]
PerHour = Annotated[
    float | None,
    typer.Option(
        envvar=variable("per_hour"), help="About this many chapters an hour.", show_default=False
    ),
]
MinLength = Annotated[
    float | None,
    typer.Option(
        envvar=variable("min_length"),
        help="Shortest chapter, in seconds; 10 by default.",
        show_default=False,
    ),
]
Language = Annotated[
    str | None,
    typer.Option(
        envvar=variable("language"),
        help="Language spoken: a code or a name, such as de, pt-BR or German.",
        show_default=False,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|DIR",
        envvar=variable("model"),
        help="Speech model: a faster-whisper name or a folder.",
        show_default=False,
    ),
]
EmbedderName = Annotated[
    str,
    typer.Option(
        metavar="static|NAME|DIR",
        envvar=variable("embedder"),
        help="Sentence vectors: the built-in table, or a sentence-transformers model.",
    ),
]
TitlesFrom = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar=variable("titles_from"),
        help="Titles by a language model on this machine: http://127.0.0.1:11434/v1.",
        show_default=False,
    ),
]
TitlesModel = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        envvar=variable("titles_model"),
        help="The model to ask there; by default the server's first.",
        show_default=False,
    ),
]
ShowPrompt = Annotated[
    bool, typer.Option("--show-prompt", help="Print all that --titles-from is sent.")
]
Style = Annotated[str, typer.Option(metavar="|".join(STYLES), help="How the titles look.")]
Seconds = Annotated[float, typer.Option(min=0.5, max=60.0, help="How long each title is shown.")]
Device = Annotated[
    str,
    typer.Option(
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
        help="Frames a second for edl, fcpxml, otio (df: drop frame); the video's own where it is "
        "known, else 30.",
        show_default=False,
    ),
]


def frame_rate_of(text: str | None) -> formats.FrameRate | None:
    """The rate that ``--frame-rate`` names; InputError when editors count in no such rate."""
    from chapterize.formats import parse_frame_rate

    return None if text is None else parse_frame_rate(text)


def require_choice(option: str, value: str, choices: Sequence[str]) -> str:
    """`value`, which is one of `choices`; typer.BadParameter when it is not."""
    if value not in choices:
        raise typer.BadParameter(f"one of {', '.join(choices)}", param_hint=option)
    return value
