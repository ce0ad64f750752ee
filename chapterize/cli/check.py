"""`chapterize check`: the rules of a platform, and corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.chapters import Duration, SourceFormat, is_dash, read_rows, seconds_of
from chapterize.cli.options import AsJson, Force
from chapterize.cli.terminal import print_json
from chapterize.errors import InputError

if TYPE_CHECKING:
    from chapterize.check import Finding, Fixed
    from chapterize.data import Chapters
    from chapterize.formats import Listing

__all__ = ["check"]

PROBLEMS_FOUND = 1
"""Exit code of `check` when broken rules remain."""

# As in chapterize.check, which is too slow to import for a help text.
_PLATFORMS = "youtube, mp4, mp3, ogg, matroska, podcast, webvtt"


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
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where --fix writes.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Check chapters against the rules of a platform.

    Reads a chapter file. The exit code is 0 if no rule is broken, or only warnings were found, and
    1 otherwise; with --fix it is 1 if broken rules remain.
    """
    if fix and output is None and (is_dash(source) or not force):
        raise InputError(
            "--fix has nowhere to write",
            why="a file is only overwritten with --force",
            hint="name a file with -o, or add --force to change FILE itself",
        )
    listing = read_rows(source, source_format)
    length = seconds_of(duration)
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


def _print_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        place = f"chapter {finding.chapter}" if finding.chapter else "the list"
        if finding.line is not None:
            place += f" (line {finding.line})"
        kind = "warning" if finding.is_warning else "problem"
        typer.echo(f"{kind} {finding.rule}: {place}: {finding.message}; {finding.fix}")
