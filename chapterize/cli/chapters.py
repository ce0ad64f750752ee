"""`chapterize convert` and `chapterize embed`, and how chapter files are read."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.options import (
    Address,
    AsJson,
    Force,
    FrameRate,
    StartTimecode,
    errors_naming,
    format_for,
)
from chapterize.cli.terminal import Terminal, print_json, safe_json
from chapterize.errors import InputError, OptionError
from chapterize.inputs import local_file, result_file

if TYPE_CHECKING:
    from chapterize.data import Chapters, Media
    from chapterize.formats import FrameClock, Listing

__all__ = ["Duration", "SourceFormat", "convert", "embed", "is_dash", "read_rows", "seconds_of"]

# As in chapterize.formats, which is too slow to import for a help text.
_BOTH = (
    "json, youtube, webvtt, ffmetadata, podcast, matroska, ogm, podlove, cue, audacity,"
    " losslesscut, vorbis, mp4chaps, show-notes, markdown, edl, fcpxml, premiere, otio"
)
_READ = (
    f"{_BOTH}, mlt, textstream, chaptergrabber, potplayer, markers, scenes, ffprobe, ffprobe-xml,"
    " mediainfo, quicktime, frames"
)
_WRITTEN = f"{_BOTH}, handbrake"
_JSON = ("json", "podcast")

Duration = Annotated[
    str | None,
    typer.Option(
        "--duration", metavar="TIME", help="Duration of the media, in seconds or as h:mm:ss."
    ),
]
SourceFormat = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FORMAT",
        help=f"Format of the chapter file, recognised by default: {_READ}.",
    ),
]


def convert(
    source: Annotated[
        Path, typer.Argument(parser=local_file, metavar="IN", help="Chapter file; - for stdin.")
    ],
    target: Annotated[
        Path, typer.Argument(parser=result_file, metavar="OUT", help="Result; - for stdout.")
    ],
    source_format: SourceFormat = None,
    target_format: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help=f"Format of the result, by default set by its suffix: {_WRITTEN}.",
        ),
    ] = None,
    duration: Duration = None,
    frame_rate: FrameRate = None,
    start_timecode: StartTimecode = None,
    address: Address = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Convert a chapter file to another format.

    Reads a chapter file and writes another one. The suffix sets the format: .json, .youtube.txt,
    .vtt, .ffmeta, .podcast.json, .xml (Matroska), .ogm.txt, .psc.xml (Podlove), .cue, .labels.txt
    (Audacity), .csv (LosslessCut), .vorbis.txt, .md, .edl (DaVinci Resolve), .fcpxml (Final Cut),
    .premiere.xml, .otio (OpenTimelineIO), .mp4chaps.txt, .show-notes.txt, .handbrake.csv. A plain
    .txt is read by content and written as a YouTube list. --frame-rate and --start-timecode also
    say how the timecodes of IN are read.
    """
    from chapterize import formats
    from chapterize.cli.options import frame_rate_of
    from chapterize.files import refuse_overwrite, write_text

    name = target_format or ("json" if is_dash(target) else format_for(target))
    needs_end = formats.check(name).needs_end
    rate = frame_rate_of(frame_rate)
    if not is_dash(target):
        refuse_overwrite(target, force=force)
    clock = formats.FrameClock(rate, start_timecode)
    listing = read_rows(source, source_format, clock)
    parsed = formats.tile(listing, seconds_of(duration), needs_end=needs_end)
    timeline: dict[str, Any] = {
        "frame_rate": rate or formats.known_rate(listing.frame_rate or 0),
        "media": listing.media,
        "start_timecode": start_timecode,
    }
    text = formats.dumps(parsed.chapters, name, address=address, **timeline)
    changed = formats.changes(parsed.chapters, name, stated_rate=listing.frame_rate, **timeline)
    notes = (*parsed.notes, *changed)
    _note_all(notes, source.name)
    if is_dash(target):
        typer.echo(safe_json(text) if name in _JSON else text, nl=False)
        return
    with errors_naming("OUT", target):
        write_text(target, text, force=force)
    if as_json:
        _print_written(len(parsed.chapters), parsed.duration, target, notes)
    else:
        typer.echo(f"wrote {target}", err=True)


def embed(
    media: Annotated[
        Path,
        typer.Argument(
            parser=local_file,
            metavar="MEDIA",
            help="Media file: MP4, M4A, MOV, MKV, WebM, MP3, Ogg or FLAC.",
        ),
    ],
    chapters: Annotated[
        Path | None,
        typer.Argument(
            parser=local_file,
            metavar="[CHAPTERS]",
            help="Chapter file in any format; - for stdin. By default, the one next to MEDIA.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            parser=result_file,
            metavar="FILE",
            help="Where to write; NAME-chapters next to MEDIA by default.",
        ),
    ] = None,
    source_format: SourceFormat = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the chapters that MEDIA has already.")
    ] = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write chapters into a copy of a media file.

    Reads a media file and a chapter file. Nothing is re-encoded. MEDIA is kept, unless -o names it
    and --force is given; if it has other chapters, --replace must be given too.
    """
    from chapterize import formats
    from chapterize.files import refuse_overwrite
    from chapterize.media import open_media
    from chapterize.pipeline.existing import refuse_other
    from chapterize.rendering.containers import default_target, embed_chapters, refuse_target

    opened = open_media(media)
    target = output or default_target(media, opened)
    refuse_target(opened, target)
    refuse_overwrite(target, force=force)
    if chapters is None:
        found, notes = _next_to(opened, replace=replace)
    elif titles := None if is_dash(chapters) else formats.read_titles(chapters, source_format):
        found, notes = _with_titles(opened, titles, chapters.name), ()
    else:
        parsed = formats.tile(read_rows(chapters, source_format), opened.duration)
        found, notes = parsed.chapters, parsed.notes
    is_same = target.exists() and target.samefile(media)
    if is_same and not replace:
        refuse_other(opened, found, hint="add --replace, or write a copy with -o")
    with Terminal(media.name) as terminal:
        made = embed_chapters(opened, found, target, force=force, on_progress=terminal.progress)
    notes = (*notes, *made)
    _note_all(notes, media.name)
    if as_json:
        _print_written(len(found), found.duration, target, notes)
    else:
        typer.echo(f"wrote {target} with {len(found)} chapters", err=True)


def _next_to(media: Media, *, replace: bool) -> tuple[Chapters, tuple[str, ...]]:
    """The chapters of a file next to `media`, and notes; InputError if that is not what to do."""
    from chapterize.data import Chapters
    from chapterize.files import named_as
    from chapterize.pipeline.existing import existing_chapters
    from chapterize.title import numbered_titles

    name = media.path.name
    if replace:
        media = _without_chapters(media)
    found = existing_chapters(media)
    if found is None:
        raise InputError(
            f"there are no chapters for {name}",
            why="no chapter file is given, and none is next to it",
            hint=f"make one: chapterize draft {shlex.quote(str(media.path))} -o "
            f"{named_as(media.path, '.ffmeta')}",
        )
    if found.source == "embedded":
        raise InputError(
            f"{name} has {len(found.chapters)} chapters already",
            why="they are inside it, and no chapter file is given",
            hint="name a chapter file to write others; --replace takes the one next to it",
        )
    numbers = numbered_titles(len(found.chapters), media.language)
    titles = [title or number for title, number in zip(found.chapters.titles, numbers, strict=True)]
    chapters = Chapters.from_starts(found.chapters.starts, titles, media.duration)
    return chapters, (f"The chapters {found.where} are written.", *found.notes)


def _with_titles(media: Media, titles: Sequence[str], name: str) -> Chapters:
    """The chapters inside `media` with the titles of a list of HandBrake called `name`."""
    from chapterize.data import Chapters

    if (inside := len(media.chapters)) != len(titles):
        raise InputError(
            f"{name} has {len(titles)} titles, and {media.path.name} {inside} chapters",
            why="HandBrake's list names the chapters that the video has already, by their number",
            hint="give a list with times",
        )
    starts = [each.start for each in media.chapters]
    return Chapters.from_starts(starts, titles, media.duration)


def _without_chapters(media: Media) -> Media:
    from dataclasses import replace

    return replace(media, chapters=())


def read_rows(source: Path, name: str | None, clock: FrameClock | None = None) -> Listing:
    """The rows of a chapter file, or of stdin, in the format `name` or the one recognised.

    `clock` is for timecodes. Raises InputError if stdin is larger than 16 MB, else as
    `formats.read_listing`.
    """
    from chapterize import formats

    if name is not None:
        formats.check(name, to_read=True)
    if not is_dash(source):
        return formats.read_listing(source, format=name, clock=clock)
    data = sys.stdin.buffer.read(formats.MAX_BYTES + 1)
    if len(data) > formats.MAX_BYTES:
        raise InputError("stdin is not a chapter file", why="it is larger than 16 MB")
    return formats.scan_bytes(data, name, clock=clock)


def seconds_of(duration: str | None) -> float | None:
    """The value of ``--duration`` in seconds; OptionError if it is not a time above 0."""
    from chapterize.errors import FormatError
    from chapterize.timecode import parse_time

    if duration is None:
        return None
    try:
        seconds = parse_time(duration)
    except FormatError as error:
        raise OptionError(f"--duration: {error.what}", why=error.why, hint=error.hint) from error
    if seconds <= 0:
        raise OptionError(
            f"--duration {duration} is not possible",
            why="a duration must be above 0",
            hint="write it like 1:02:03.5, or leave it out",
        )
    return seconds


def is_dash(path: Path) -> bool:
    """Whether `path` is ``-``, for stdin or stdout."""
    return str(path) == "-"


def _note_all(notes: Sequence[str], name: str) -> None:
    with Terminal(name) as terminal:
        for note in notes:
            terminal.note(note)


def _print_written(
    n_chapters: int, duration: float | None, target: Path, notes: Sequence[str]
) -> None:
    report = {
        "output": str(target),
        "duration": duration,
        "n_chapters": n_chapters,
        "notes": list(notes),
    }
    print_json(report)
