"""Where `chapterize draft` writes chapters, checked before the work starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chapterize import formats
from chapterize.cli.options import format_for
from chapterize.cli.terminal import plain, print_json
from chapterize.errors import FormatError, OptionError, OutputError
from chapterize.files import (
    explaining,
    refuse_overwrite,
    refuse_unwritable,
    result_name,
    write_text,
)
from chapterize.pipeline.draft import draft_json
from chapterize.pipeline.transcripts import media_address

if TYPE_CHECKING:
    from chapterize.pipeline import Draft

__all__ = ["Outputs", "Writing", "plan_outputs"]


@dataclass(frozen=True)
class Writing:
    """What the user says about timelines and links.

    `frame_rate` is for formats that count frames; None: the rate of each input, if editors use it.
    `start_timecode` is where their timeline starts, and `address` that of the video in Markdown.
    """

    frame_rate: formats.FrameRate | None = None
    start_timecode: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Outputs:
    """The files and formats to write for each input, and the format for stdout."""

    files: dict[Path, list[tuple[Path, str]]]
    shown: str | None
    is_many: bool
    force: bool
    writing: Writing = Writing()

    def write(self, source: Path, draft: Draft, *, as_json: bool) -> None:
        """Write the files for `source` and print its draft."""
        for target, name in self.files.get(source, []):
            write_text(target, self._text(draft, name, target.parent), force=self.force)
            typer.echo(f"wrote {target}", err=True)
        if as_json:
            print_json(draft_json(draft), is_many=self.is_many)
        elif self.shown is not None:
            if self.is_many:
                typer.echo(f"# {source}")
            text = self._text(draft, self.shown)
            typer.echo(text if self.is_many else text.rstrip("\n"))

    def _text(self, draft: Draft, name: str, folder: Path | None = None) -> str:
        media = draft.media
        relative = media_address(media, folder)
        timeline: dict[str, Any] = {
            "frame_rate": self.writing.frame_rate or formats.known_rate(media.frame_rate or 0),
            # A draft of captions alone has no media file to name.
            "media": media.path.name if relative is not None else None,
            "start_timecode": self.writing.start_timecode,
        }
        address = self.writing.address or relative
        try:
            text = formats.dumps(draft.chapters, name, address=address, **timeline)
        except FormatError as error:
            # The titles are in no file that could be corrected.
            hint = "change the title on the page of chapterize review, or choose another --format"
            raise FormatError(error.what, why=error.why, hint=hint) from error
        notes = formats.changes(draft.chapters, name, stated_rate=media.frame_rate, **timeline)
        for note in notes:
            typer.echo(f"note: {plain(note)}", err=True)
        return text


def plan_outputs(
    inputs: Sequence[Path],
    names: str | None,
    output: Path | None,
    out_dir: Path | None,
    *,
    writing: Writing,
    force: bool,
) -> Outputs:
    """Plan the outputs.

    Raises InputError, OutputError or MissingDependency if one could not be written as planned.
    """
    wanted = [name.strip() for name in names.split(",")] if names else []
    chosen = list(dict.fromkeys(formats.check(name).name for name in wanted))
    files = _files(inputs, chosen, output, out_dir)
    for targets in files.values():
        for target, name in targets:
            refuse_overwrite(target, force=force)
            refuse_unwritable(target)
            formats.check(name)
    shown = None if files else (chosen or ["youtube"])[0]
    return Outputs(files, shown, len(inputs) > 1, force, writing)


def _files(
    inputs: Sequence[Path], chosen: Sequence[str], output: Path | None, out_dir: Path | None
) -> dict[Path, list[tuple[Path, str]]]:
    """The files to write for each input, with their formats; empty for stdout."""
    if output is not None:
        if len(inputs) > 1 or out_dir is not None or len(chosen) > 1:
            raise OptionError(
                "-o names one file",
                why="there are several inputs or formats, or --out-dir is given too",
                hint="use --out-dir FOLDER alone",
            )
        name = chosen[0] if chosen else format_for(output)
        return {inputs[0]: [(output, name)]}
    if out_dir is not None:
        return _in_folder(inputs, chosen or ["youtube"], out_dir)
    if len(chosen) > 1:
        raise OptionError(
            "several formats need a folder",
            why="standard output holds one",
            hint="add --out-dir FOLDER",
        )
    return {}


def _in_folder(
    inputs: Sequence[Path], names: Sequence[str], folder: Path
) -> dict[Path, list[tuple[Path, str]]]:
    hint = "choose another folder with --out-dir"
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is not a folder", why="a file has this name", hint=hint)
    with explaining(OutputError, f"cannot create the folder {folder}", hint):
        folder.mkdir(parents=True, exist_ok=True)
    taken: dict[Path, Path] = {}
    files: dict[Path, list[tuple[Path, str]]] = {}
    for source in inputs:
        targets = [
            (folder / result_name(source.stem, formats.SUFFIXES[name]), name) for name in names
        ]
        for target, _ in targets:
            if taken.setdefault(target, source) != source:
                raise OutputError(
                    f"{source} and {taken[target]} would both be written to {target}",
                    why="they have the same name",
                    hint="draft them one by one, with different folders",
                )
        files[source] = targets
    return files
