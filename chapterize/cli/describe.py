"""`chapterize describe`: the chapters in the description of a video."""

from __future__ import annotations

import codecs
import sys
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.chapters import SourceFormat, is_dash, read_rows
from chapterize.cli.drafting import chapters_of, media_of, with_draft_options
from chapterize.cli.options import AsJson, Redraft, errors_naming
from chapterize.cli.terminal import Terminal, plain, print_json
from chapterize.errors import FormatError, InputError, OptionError
from chapterize.inputs import MEDIA_SUFFIXES, local_file, result_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chapterize.data import Chapters
    from chapterize.formats import Described
    from chapterize.pipeline import Options

__all__ = ["describe"]

_HEAD_BYTES = 4096
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@with_draft_options
def describe(
    source: Annotated[
        Path,
        typer.Argument(
            parser=local_file, metavar="FILE", help="Video, or chapter file; - for stdin."
        ),
    ],
    into: Annotated[
        Path,
        typer.Option(
            "--into",
            parser=result_file,
            metavar="TEXT",
            help="Description; - for stdin, to stdout.",
        ),
    ],
    source_format: SourceFormat = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print the new description.")
    ] = False,
    *,
    drafting: Options,
    redraft: Redraft = False,
    as_json: AsJson = False,
) -> None:
    """Replace the list of chapters in a description, and leave the rest as it is.

    Reads FILE and a description. The chapters of a video are those that it has already, or
    drafted. The list goes where the description has one, or {chapters}; else to its end.
    """
    from chapterize import formats

    is_shown = dry_run or is_dash(into)
    _refuse(source, into, is_shown=is_shown)
    # Drafting may take minutes: what cannot be read is refused before, and read again after.
    old = _read(into)
    _decoded(old, into)
    with Terminal(source.name) as terminal:
        chapters = _chapters(source, into, source_format, drafting, terminal, redraft=redraft)
        _note_faults(chapters, terminal)
    old = old if is_dash(into) else _read(into)
    text, encoding = _decoded(old, into)
    with _naming(into):
        made = formats.describe(text, chapters)
    new = _encoded(made.text, encoding, into)
    if new != old and not is_shown:
        _write(new, into)
    if as_json:
        _print_report(made, into, chapters, is_changed=new != old)
        return
    if not is_dash(into):
        _show(made, into, is_changed=new != old, is_dry_run=dry_run)
    if is_shown:
        typer.echo(new, nl=False)


def _refuse(source: Path, into: Path, *, is_shown: bool) -> None:
    from chapterize.files import refuse_sources, refuse_unwritable

    if is_dash(source) and is_dash(into):
        raise OptionError(
            "FILE and --into are both stdin",
            why="it holds one text",
            hint="name one of the two files",
        )
    if not is_shown:
        with errors_naming("--into", into):
            refuse_sources(into, source)
            refuse_unwritable(into)


def _chapters(
    source: Path,
    into: Path,
    name: str | None,
    options: Options,
    terminal: Terminal,
    *,
    redraft: bool,
) -> Chapters:
    """The chapters of a chapter file, those that a video has already, or those of a draft."""
    if is_dash(source) or not _is_media(source):
        return _listed(source, name, terminal)
    media = media_of(source)
    with _reading(source.absolute().parent):
        # A description next to the video may hold the list that is to be replaced.
        files = [each for each in sorted(source.absolute().parent.iterdir()) if not _is(each, into)]
    options = replace(options, chapter_files=tuple(files))
    return chapters_of(media, None, options, terminal, redraft=redraft).chapters


def _is_media(path: Path) -> bool:
    if path.suffix.lower() in MEDIA_SUFFIXES:
        return True
    with _reading(path), path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return b"\0" in head and not head.startswith(_UTF16)


def _is(path: Path, other: Path) -> bool:
    return not is_dash(other) and other.exists() and path.exists() and path.samefile(other)


def _listed(source: Path, name: str | None, terminal: Terminal) -> Chapters:
    from chapterize import formats

    listing = read_rows(source, name)
    ends = [mark.end for mark in listing.marks if mark.end is not None]
    # Where the last chapter ends is not part of a description.
    latest = max((mark.start for mark in listing.marks), default=0.0)
    parsed = formats.tile(listing, listing.duration or max((*ends, latest + 1.0)))
    for note in parsed.notes:
        terminal.note(note)
    return parsed.chapters


def _note_faults(chapters: Chapters, terminal: Terminal) -> None:
    """Note what keeps YouTube from showing the chapters."""
    from chapterize.check import check
    from chapterize.formats import marks_of

    for finding in check(marks_of(chapters), "youtube"):
        if not finding.is_warning:
            place = f"chapter {finding.chapter}: " if finding.chapter else ""
            terminal.note(f"{place}{finding.message}.")


def _read(path: Path) -> bytes:
    if is_dash(path):
        return sys.stdin.buffer.read()
    with _reading(path, "check the name after --into; the file must exist, and may be empty"):
        return path.read_bytes()


def _reading(path: Path, hint: str = "check the spelling and the folder") -> Any:
    from chapterize.files import explaining

    return explaining(InputError, f"cannot read {path}", hint)


def _decoded(data: bytes, path: Path) -> tuple[str, str]:
    """The text of a description, with its mark, and its encoding."""
    if data.startswith(_UTF16):
        encoding = "utf-16-le" if data.startswith(_UTF16[0]) else "utf-16-be"
    else:
        encoding = "utf-8"
    for name in (encoding, "cp1252"):
        with suppress(UnicodeDecodeError):
            text = data.decode(name)
            if "\0" not in text:
                return text, name
    raise InputError(
        f"{path} is not a text",
        why="it is a binary file, or in an encoding that is not known",
        hint="save the description as UTF-8",
    )


def _encoded(text: str, encoding: str, path: Path) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{path} cannot hold {text[error.start]!r}",
            why="it is in Windows-1252, which lacks that character",
            hint="save the description as UTF-8",
        ) from error


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Add the name of the description to a FormatError."""
    try:
        yield
    except FormatError as error:
        raise FormatError(f"{path}: {error.what}", why=error.why, hint=error.hint) from error


def _write(data: bytes, into: Path) -> None:
    from chapterize.files import replacing

    # A link stays one, and the file keeps its permissions.
    target = into.resolve()
    with (
        errors_naming("--into", into),
        replacing(target, force=True, mode=target.stat().st_mode & 0o777) as temporary,
    ):
        temporary.write_bytes(data)


def _print_report(made: Described, into: Path, chapters: Chapters, *, is_changed: bool) -> None:
    report = {
        "output": str(into),
        "is_changed": is_changed,
        "line": made.line,
        "replaced": made.old or None,
        "text": made.text,
        "n_chapters": len(chapters),
    }
    print_json(report)


def _show(made: Described, into: Path, *, is_changed: bool, is_dry_run: bool) -> None:
    if not is_changed:
        typer.echo(f"{into} has these chapters already", err=True)
        return
    for row in made.old.splitlines():
        typer.echo(f"- {plain(row)}", err=True)
    what = "would be replaced" if is_dry_run else "were replaced"
    if not made.old:
        what = "would be added" if is_dry_run else "were added"
    typer.echo(f"the chapters in {into}, line {made.line}, {what}", err=True)
