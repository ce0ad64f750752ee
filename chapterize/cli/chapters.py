"""The commands for chapter files: convert, check, embed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.options import AsJson, Force, FrameRate
from chapterize.cli.terminal import Terminal, print_json
from chapterize.errors import InputError

if TYPE_CHECKING:
    from chapterize.check import Finding, Fixed
    from chapterize.data import Chapters
    from chapterize.formats import Listing

__all__ = ["check", "convert", "embed"]

PROBLEMS_FOUND = 1
"""Exit code of `check` when broken rules remain."""

# As in chapterize.formats and chapterize.check, which are too slow to import for a help text.
_READ = (
    "json, youtube, webvtt, ffmetadata, podcast, matroska, ogm, podlove, cue, audacity,"
    " losslesscut, vorbis"
)
_WRITTEN = "edl, fcpxml, otio"
_PLATFORMS = "youtube, mp4, mp3, ogg, matroska, podcast, webvtt"

Duration = Annotated[
    str | None,
    typer.Option(
        "--duration",
        metavar="TIME",
        help="Duration of the media, in seconds or as h:mm:ss.",
        show_default=False,
    ),
]
SourceFormat = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FORMAT",
        help=f"Format of the chapter file, if neither name nor content tell: {_READ}.",
        show_default=False,
    ),
]


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Chapter file; - for stdin.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Result; - for stdout.")],
    source_format: SourceFormat = None,
    target_format: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help=f"Format of the result, if its name does not tell: as for --from, or {_WRITTEN}.",
            show_default=False,
        ),
    ] = None,
    duration: Duration = None,
    frame_rate: FrameRate = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Convert a chapter file to another format.

    Reads a chapter file and writes another one. The suffix sets the format: .json, .youtube.txt,
    .vtt, .ffmeta, .podcast.json, .xml (Matroska), .ogm.txt, .psc.xml (Podlove), .cue, .labels.txt
    (Audacity), .csv (LosslessCut), .vorbis.txt. A plain .txt is read by content and written as a
    YouTube list. Written only: .edl (DaVinci Resolve), .fcpxml (Final Cut), .otio (OpenTimelineIO).
    """
    from chapterize import formats
    from chapterize.cli.options import frame_rate_of
    from chapterize.files import refuse_overwrite, write_text

    name = target_format or ("json" if _is_dash(target) else formats.format_of(target))
    formats.check(name)
    rate = frame_rate_of(frame_rate)
    if not _is_dash(target):
        refuse_overwrite(target, force=force)
    listing = _read(source, source_format)
    parsed = formats.tile(listing, _seconds(duration))
    rate = rate or formats.known_rate(listing.frame_rate or 0)
    text = formats.dumps(parsed.chapters, name, frame_rate=rate, media=listing.media)
    changed = formats.changes(
        parsed.chapters,
        name,
        frame_rate=rate,
        media=listing.media,
        stated_rate=listing.frame_rate,
    )
    notes = (*parsed.notes, *changed)
    _note_all(notes, source.name)
    if _is_dash(target):
        typer.echo(text, nl=False)
        return
    write_text(target, text, force=force)
    if as_json:
        _print_written(parsed.chapters, target, notes)
    else:
        typer.echo(f"wrote {target}", err=True)


def check(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="Chapter file; - for stdin.")],
    platform: Annotated[
        str, typer.Option("--for", metavar="PLATFORM", help=f"Rules to apply: {_PLATFORMS}.")
    ] = "youtube",
    source_format: SourceFormat = None,
    duration: Duration = None,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Correct what can be corrected; write to -o, or to FILE with --force."
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Where --fix writes.", show_default=False
        ),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Check chapters against the rules of a platform.

    Reads a chapter file. The exit code is 0 if no rule is broken, or only warnings were found, and
    1 otherwise; with --fix it is 1 if broken rules remain.
    """
    if fix and output is None and (_is_dash(source) or not force):
        raise InputError(
            "--fix has nowhere to write",
            why="a file is only overwritten with --force",
            hint="name a file with -o, or add --force to change FILE itself",
        )
    listing = _read(source, source_format)
    length = _seconds(duration)
    length = listing.duration if length is None else length
    checked = _check(listing, platform, length)
    if fix:
        fixed = _fix(listing, platform, length)
        target = output or source
        checked = _checked_again(checked, fixed, length, target)
        _write_back(fixed.chapters, listing.media, source, target, source_format, force=force)
    if as_json:
        print_json(checked.report())
    else:
        checked.show()
    if checked.is_broken:
        raise typer.Exit(PROBLEMS_FOUND)


@dataclass(frozen=True)
class _Checked:
    """Findings for a file; after a fix also its notes, the findings left, and the file written."""

    platform: str
    findings: tuple[Finding, ...]
    fixed: tuple[str, ...] = ()
    left: tuple[Finding, ...] | None = None
    output: Path | None = None

    @property
    def is_broken(self) -> bool:
        left = self.findings if self.left is None else self.left
        return any(not finding.is_warning for finding in left)

    def report(self) -> dict[str, Any]:
        return {
            "platform": self.platform,
            "is_ok": not self.is_broken,
            "findings": [asdict(finding) for finding in self.findings],
            "fixed": list(self.fixed),
            "left": None if self.left is None else [asdict(finding) for finding in self.left],
            "output": str(self.output) if self.output else None,
        }

    def show(self) -> None:
        _print_findings(self.findings)
        if not self.findings:
            typer.echo(f"ok: no rule of {self.platform} is broken")
        for note in self.fixed:
            typer.echo(f"fixed: {note}")
        if self.left:
            typer.echo("remaining:")
            _print_findings(self.left)


def _check(listing: Listing, platform: str, duration: float | None) -> _Checked:
    from chapterize.check import check

    return _Checked(platform, check(listing.marks, platform, duration=duration))


def _fix(listing: Listing, platform: str, duration: float | None) -> Fixed:
    from chapterize.check import fix

    if duration is None and listing.marks:
        duration = max(listing.marks, key=lambda mark: mark.start).end
    if duration is None:
        raise InputError(
            "the duration of the media is unknown",
            why="without it, the last chapter cannot be checked or corrected",
            hint="add --duration, in seconds or as h:mm:ss",
        )
    return fix(listing.marks, platform, duration)


def _checked_again(
    checked: _Checked, fixed: Fixed, duration: float | None, target: Path
) -> _Checked:
    from chapterize.check import check
    from chapterize.formats import marks_of

    left = check(marks_of(fixed.chapters), checked.platform, duration=duration)
    return _Checked(checked.platform, checked.findings, fixed.notes, left, target)


def embed(
    media: Annotated[
        Path,
        typer.Argument(metavar="MEDIA", help="Media file: MP4, M4A, MOV, MKV, WebM, MP3 or Ogg."),
    ],
    chapters: Annotated[
        Path,
        typer.Argument(metavar="CHAPTERS", help="Chapter file in any format; - for stdin."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to write; NAME-chapters next to MEDIA by default.",
            show_default=False,
        ),
    ] = None,
    source_format: SourceFormat = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write chapters into a copy of a media file.

    Reads a media file and a chapter file. Nothing is re-encoded, and the media file is kept.
    """
    from chapterize import formats
    from chapterize.files import refuse_overwrite
    from chapterize.media import open_media
    from chapterize.rendering.embed import default_target, embed_chapters

    opened = open_media(media)
    target = output or default_target(media, opened)
    refuse_overwrite(target, force=force)
    parsed = formats.tile(_read(chapters, source_format), opened.duration)
    with Terminal(media.name) as terminal:
        made = embed_chapters(
            media, parsed.chapters, target, force=force, on_progress=terminal.progress
        )
    notes = (*parsed.notes, *made)
    _note_all(notes, media.name)
    if as_json:
        _print_written(parsed.chapters, target, notes)
    else:
        typer.echo(f"wrote {target} with {len(parsed.chapters)} chapters", err=True)


def _read(source: Path, name: str | None) -> Listing:
    from chapterize import formats

    if name is not None:
        formats.check(name, to_read=True)
    if not _is_dash(source):
        return formats.read_listing(source, format=name)
    data = sys.stdin.buffer.read(formats.MAX_BYTES + 1)
    if len(data) > formats.MAX_BYTES:
        raise InputError("stdin is not a chapter file", why="it is larger than 16 MB")
    return formats.scan(formats.read_text(data), name)


def _write_back(
    chapters: Chapters,
    media: str | None,
    source: Path,
    target: Path,
    name: str | None,
    *,
    force: bool,
) -> None:
    """Write corrected chapters, in the format of the source if it is overwritten."""
    from chapterize import formats
    from chapterize.files import write_text

    if target != source:
        new_name = formats.format_of(target)
        write_text(target, formats.dumps(chapters, new_name, media=media), force=force)
        for note in formats.changes(chapters, new_name, media=media):
            typer.echo(f"note: {note}", err=True)
        return
    text = formats.read_text(source.read_bytes())
    name = name or formats.format_to_read(source, text)
    rows = [row for row in text.splitlines() if row.strip()]
    has_more = len(rows) > len(formats.scan(text, name).marks)
    if '"chapterize.draft/' in text or (name == "youtube" and has_more):
        raise InputError(
            f"{source} holds more than chapters",
            why="the rest would be lost if the corrected list replaced the file",
            hint="name a new file with -o",
        )
    write_text(target, formats.dumps(chapters, name or "youtube", media=media), force=force)


def _seconds(duration: str | None) -> float | None:
    from chapterize.errors import FormatError
    from chapterize.timecode import parse_time

    if duration is None:
        return None
    try:
        return parse_time(duration)
    except FormatError as error:
        raise InputError(f"--duration: {error.what}", why=error.why, hint=error.hint) from error


def _is_dash(path: Path) -> bool:
    return str(path) == "-"


def _note_all(notes: Sequence[str], name: str) -> None:
    with Terminal(name) as terminal:
        for note in notes:
            terminal.note(note)


def _print_written(chapters: Chapters, target: Path, notes: Sequence[str]) -> None:
    report = {
        "output": str(target),
        "duration": chapters.duration,
        "n_chapters": len(chapters),
        "notes": list(notes),
    }
    print_json(report)


def _print_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        place = f"chapter {finding.chapter}" if finding.chapter else "the list"
        if finding.line is not None:
            place += f" (line {finding.line})"
        kind = "warning" if finding.is_warning else "problem"
        typer.echo(f"{kind} {finding.rule}: {place}: {finding.message}; {finding.fix}")
