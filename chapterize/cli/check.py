"""`chapterize check`: the rules of a platform, and corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.chapters import Duration, SourceFormat, is_dash, read_rows, seconds_of
from chapterize.cli.options import AsJson, Force, errors_naming, format_for
from chapterize.cli.terminal import plain, print_json
from chapterize.errors import InputError, OptionError
from chapterize.inputs import local_file, result_file

if TYPE_CHECKING:
    from chapterize.check import Finding
    from chapterize.data import Chapters
    from chapterize.formats import Listing

__all__ = ["check"]

PROBLEMS_FOUND = 1
"""Exit code of `check` when broken rules remain."""

# Projects and pages hold more than chapters.
_WITH_MORE = ("markdown", "edl", "fcpxml", "premiere", "otio")
# As in chapterize.check, which is too slow to import for a help text.
_PLATFORMS = "youtube, spotify, apple, mp4, mp3, ogg, matroska, podcast, webvtt"


def check(
    source: Annotated[
        Path, typer.Argument(parser=local_file, metavar="FILE", help="Chapter file; - for stdin.")
    ],
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
            "-o", "--output", parser=result_file, metavar="FILE", help="Where --fix writes."
        ),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Check chapters against the rules of a platform.

    Reads a chapter file. The exit code is 0 if no rule is broken, or only warnings were found, and
    1 otherwise; with --fix it is 1 if broken rules remain.
    """
    from chapterize import formats
    from chapterize.check import check as check_marks
    from chapterize.check import fix as corrected

    _refuse_no_target(source, output, fix=fix, force=force)
    listing = read_rows(source, source_format)
    length = seconds_of(duration)
    length = listing.duration if length is None else length
    written = listing.marks if listing.as_written is None else listing.as_written
    findings = left = check_marks(written, platform, duration=length)
    notes: tuple[str, ...] = ()
    target = (output or source) if fix else None
    if target is not None:
        name = _format(source, source_format) if target == source else formats.format_of(target)
        needs_end = formats.check(name).needs_end
        known = formats.length_of(listing, length, needs_end=needs_end)
        fixed = corrected(listing.marks, platform, known)
        marks, notes = formats.marks_of(fixed.chapters), fixed.notes
        left = check_marks(marks, platform, duration=length)
        if target == source:
            _write_back(fixed.chapters, listing, source, name, force=force)
        else:
            _write_new(fixed.chapters, listing, target, force=force)
    for note in listing.notes:
        typer.echo(f"note: {plain(note)}", err=True)
    is_ok = all(finding.is_warning for finding in left)
    if as_json:
        report = {
            "platform": platform,
            "is_ok": is_ok,
            "findings": [asdict(finding) for finding in findings],
            "fixed": list(notes),
            "left": [asdict(finding) for finding in left] if fix else None,
            "output": str(target) if fix else None,
        }
        print_json(report)
    else:
        _print_all(platform, findings, notes, left if fix else ())
    if not is_ok:
        raise typer.Exit(PROBLEMS_FOUND)


def _refuse_no_target(source: Path, output: Path | None, *, fix: bool, force: bool) -> None:
    """Raise OptionError if --fix could write nothing, or -o has nothing to write."""
    if fix and output is None and (is_dash(source) or not force):
        raise OptionError(
            "--fix has nowhere to write",
            why="a file is only overwritten with --force",
            hint="name a file with -o, or add --force to change FILE itself",
        )
    if output is not None and not fix:
        raise OptionError(
            "-o has nothing to write", why="only --fix writes a list", hint="add --fix, or drop -o"
        )


def _write_new(chapters: Chapters, listing: Listing, target: Path, *, force: bool) -> None:
    from chapterize import formats
    from chapterize.files import write_text

    name, media, stated = format_for(target), listing.media, listing.frame_rate
    rate = formats.known_rate(stated or 0)
    text = formats.dumps(chapters, name, frame_rate=rate, media=media)
    with errors_naming("-o", target):
        write_text(target, text, force=force)
    noted = formats.changes(chapters, name, frame_rate=rate, media=media, stated_rate=stated)
    for note in noted:
        typer.echo(f"note: {plain(note)}", err=True)


def _format(source: Path, name: str | None) -> str:
    """The format of `source`, or the one that was named."""
    from chapterize import formats

    text = formats.read_text(source.read_bytes())
    return name or formats.format_to_read(source, text) or "youtube"


def _write_back(
    chapters: Chapters, listing: Listing, source: Path, name: str, *, force: bool
) -> None:
    """Replace the chapters in `source`, unless it holds more than chapters."""
    from chapterize import formats
    from chapterize.files import write_text

    text = formats.read_text(source.read_bytes())
    rows = [row for row in text.splitlines() if row.strip()]
    has_more = len(rows) > len(formats.scan(text, name).marks)
    is_foreign = name == "json" and '"chapterize.chapters/' not in text
    if is_foreign or name in _WITH_MORE or (name == "youtube" and has_more):
        raise InputError(
            f"{source} holds more than chapters",
            why="the rest would be lost if the corrected list replaced the file",
            hint="name a new file with -o",
        )
    text = formats.dumps(chapters, name, media=listing.media)
    write_text(source, text, force=force)


def _print_all(
    platform: str, findings: Sequence[Finding], notes: Sequence[str], left: Sequence[Finding]
) -> None:
    _print_findings(findings)
    if not findings:
        typer.echo(f"ok: no rule of {platform} is broken")
    for note in notes:
        typer.echo(f"fixed: {note}")
    if left:
        typer.echo("remaining:")
        _print_findings(left)


def _print_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        place = f"chapter {finding.chapter}" if finding.chapter else "the list"
        if finding.line is not None:
            place += f" (line {finding.line})"
        kind = "warning" if finding.is_warning else "problem"
        typer.echo(f"{kind} {finding.rule}: {place}: {finding.message}; {finding.fix}")
