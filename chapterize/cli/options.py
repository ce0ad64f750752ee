"""Options that several commands have, written once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chapterize import formats

__all__ = [
    "AsJson",
    "Captions",
    "Count",
    "Device",
    "Force",
    "FrameRate",
    "Language",
    "MinLength",
    "Model",
    "Offline",
    "Output",
    "PerHour",
    "Seconds",
    "Verbose",
    "Yes",
    "frame_rate_of",
]

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the result if it exists.")]
Offline = Annotated[bool, typer.Option("--offline", help="Never download a model.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Agree beforehand to what is sent.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Tell every request, on stderr.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Where the video goes.", show_default=False),
]
Captions = Annotated[
    str,
    typer.Option(
        metavar="auto|none|FILE",
        help="auto: a caption file beside the video, then captions inside it; none: listen "
        "instead; or a caption file.",
    ),
]
Count = Annotated[
    int | None, typer.Option(min=1, help="Exactly so many chapters.", show_default=False)
]
PerHour = Annotated[
    float | None, typer.Option(help="About so many chapters an hour.", show_default=False)
]
MinLength = Annotated[
    float | None,
    typer.Option(help="Shortest chapter in seconds (10 unless told).", show_default=False),
]
Language = Annotated[
    str | None, typer.Option(help="Language spoken, such as en or ja.", show_default=False)
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|DIR",
        help="Speech model: a faster-whisper name or a folder.",
        show_default=False,
    ),
]
Seconds = Annotated[float, typer.Option(min=0.5, max=60.0, help="How long each title is shown.")]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda", help="Where models run.")]
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
