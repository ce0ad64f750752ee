"""Where the results of `chapterize draft` go, settled before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chapterize import formats
from chapterize.cli.terminal import plain, print_json
from chapterize.data import Chapters
from chapterize.errors import InputError, OutputError
from chapterize.files import refuse_overwrite, write_text

if TYPE_CHECKING:
    from chapterize.pipeline import Draft

__all__ = ["Outputs", "draft_json", "plan_outputs"]


@dataclass(frozen=True)
class Outputs:
    """`files` : for an input, the files to write and their formats; `shown` : what stdout gets.

    `frame_rate` : for formats that count frames; None: that of each medium, if editors know it.
    """

    files: dict[Path, list[tuple[Path, str]]]
    shown: str | None
    is_many: bool
    force: bool
    frame_rate: formats.FrameRate | None = None

    def deliver(self, source: Path, draft: Draft, *, as_json: bool) -> None:
        """Print the draft of `source` and write its files."""
        for target, name in self.files.get(source, []):
            write_text(target, self._text(draft, name), force=self.force)
            typer.echo(f"wrote {target}", err=True)
        if as_json:
            print_json(draft_json(draft), is_many=self.is_many)
        elif self.shown is not None:
            if self.is_many:
                typer.echo(f"# {source}")
            text = self._text(draft, self.shown)
            typer.echo(text if self.is_many else text.rstrip("\n"))

    def _text(self, draft: Draft, name: str) -> str:
        media = draft.media
        rate = self.frame_rate or formats.known_rate(media.frame_rate or 0)
        # Captions alone have no recording that a file could name.
        named = media.path.name if media.has_video or media.has_audio else None
        text = formats.dumps(draft.chapters, name, frame_rate=rate, media=named)
        notes = formats.changes(
            draft.chapters, name, frame_rate=rate, media=named, stated_rate=media.frame_rate
        )
        for note in notes:
            typer.echo(f"note: {plain(note)}", err=True)
        return text


def plan_outputs(
    inputs: Sequence[Path],
    names: str | None,
    output: Path | None,
    out_dir: Path | None,
    *,
    force: bool,
) -> Outputs:
    """Check all that can be checked before the work: formats, collisions, existing files.

    Raises
    ------
    InputError : options that contradict each other, or an unknown format.
    OutputError : a result exists and `force` is not given, or two inputs share a name.
    MissingDependency : a format is written by a package that is not there.
    """
    wanted = [_format_name(name.strip()) for name in names.split(",")] if names else []
    files: dict[Path, list[tuple[Path, str]]] = {}
    shown: str | None = wanted[0] if wanted else "youtube"
    if output is not None:
        if len(inputs) > 1 or out_dir is not None or len(wanted) > 1:
            raise InputError(
                "-o names one file",
                why="there are several inputs or formats, or --out-dir as well",
                hint="use --out-dir FOLDER alone",
            )
        name = wanted[0] if wanted else formats.format_of(output)
        files[inputs[0]] = [(output, name)]
    elif out_dir is not None:
        files = _in_folder(inputs, wanted or ["youtube"], out_dir)
    elif len(wanted) > 1:
        raise InputError(
            "several formats and nowhere to put them",
            why="standard output can hold one",
            hint="add --out-dir FOLDER",
        )
    for targets in files.values():
        for target, name in targets:
            refuse_overwrite(target, force=force)
            _try_writing(name)
    if shown is not None and not files:
        _try_writing(shown)
    return Outputs(files, None if files else shown, len(inputs) > 1, force)


def _try_writing(name: str) -> None:
    """A package that is missing must come out now, not after an hour of listening."""
    formats.dumps(Chapters.from_starts([0], ["Chapter"], 1), name)


def _format_name(name: str) -> str:
    by_suffix = {suffix.removeprefix("."): form for form, suffix in formats.SUFFIXES.items()}
    name = by_suffix.get(name, name)
    if name not in formats.FORMATS:
        raise InputError(
            f"no chapter format is called {name!r}",
            hint=f"choose from {', '.join(formats.FORMATS)}",
        )
    return name


def _in_folder(
    inputs: Sequence[Path], names: Sequence[str], folder: Path
) -> dict[Path, list[tuple[Path, str]]]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {folder}", why=error.strerror or str(error)
        ) from error
    taken: dict[Path, Path] = {}
    files: dict[Path, list[tuple[Path, str]]] = {}
    for source in inputs:
        targets = [(folder / f"{source.stem}{formats.SUFFIXES[name]}", name) for name in names]
        for target, _ in targets:
            if taken.setdefault(target, source) != source:
                raise OutputError(
                    f"{source} and {taken[target]} would both become {target}",
                    why="they have the same name",
                    hint="draft them into different folders",
                )
        files[source] = targets
    return files


def draft_json(draft: Draft) -> dict[str, Any]:
    """The draft as the JSON of ``chapterize.draft/1``."""
    media, boundaries = draft.media, draft.boundaries
    return {
        "schema": "chapterize.draft/1",
        "media": {
            "path": str(media.path),
            "container": media.container,
            "duration": round(media.duration, 3),
            "audio_start": media.audio_start,
            "has_video": media.has_video,
            "width": media.width,
            "height": media.height,
            "frame_rate": media.frame_rate,
        },
        "transcript": {
            "source": draft.transcript.source,
            "language": draft.transcript.language,
            "n_sentences": draft.n_sentences,
        },
        "count": {
            "chosen": boundaries.chosen,
            "how": boundaries.how,
            "granularities": {
                name: [round(float(boundaries.starts[i]), 3) for i in boundaries.solutions[count]]
                for name, count in boundaries.granularities.items()
            },
        },
        "duration": draft.chapters.duration,
        "chapters": [asdict(chapter) for chapter in draft.chapters.chapters],
        "sent": None if draft.sent is None else asdict(draft.sent),
        "notes": list(draft.notes),
        "timings": dict(draft.timings),
    }
