"""Where `chapterize draft` writes transcripts, checked before the work starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chapterize.captions import find_sidecar
from chapterize.cli.options import errors_naming
from chapterize.cli.terminal import plain
from chapterize.errors import OptionError, OutputError
from chapterize.files import (
    refuse_overwrite,
    refuse_sources,
    refuse_unwritable,
    result_name,
    write_text,
)
from chapterize.inputs import result_file

if TYPE_CHECKING:
    from chapterize.cli.outputs import Outputs
    from chapterize.pipeline import Draft, Options

__all__ = ["Transcripts", "plan_transcripts"]

_SUFFIXES = (".srt", ".vtt", ".txt", ".md", ".json")
_STDOUT = Path("-")


@dataclass(frozen=True)
class Transcripts:
    """The file to write for each input, or ``-`` for stdout; empty if no transcript is wanted."""

    targets: dict[Path, Path]
    force: bool

    def write(self, source: Path, draft: Draft) -> None:
        """Write the transcript of `source`, with notes on what may surprise the user."""
        from chapterize.pipeline import transcript_text

        target = self.targets.get(source)
        if target is None:
            return
        if target == _STDOUT:
            typer.echo(transcript_text(draft, ".txt"), nl=False)
        else:
            with errors_naming("--transcript", target):
                text = transcript_text(draft, _suffix(target), target.parent)
                write_text(target, text, force=self.force)
            typer.echo(f"wrote {target}", err=True)
        for note in _notes(source, target, draft):
            typer.echo(f"note: {plain(note)}", err=True)


def plan_transcripts(
    inputs: Sequence[Path],
    wanted: str | None,
    out_dir: Path | None,
    outputs: Outputs,
    options: Options,
    *,
    as_json: bool,
) -> Transcripts:
    """Plan the transcripts; InputError or OutputError if one could not be written as planned."""
    force = outputs.force
    if wanted is None:
        return Transcripts({}, force)
    targets = _targets(inputs, result_file(wanted), out_dir)
    if wanted == "-":
        if as_json or outputs.shown is not None:
            raise OptionError(
                "the chapters and the transcript cannot both go to standard output",
                why="--transcript - prints the transcript",
                hint="name a file for the transcript, or write the chapters to a file with -o",
            )
        return Transcripts(targets, force)
    taken = {path.absolute() for files in outputs.files.values() for path, _ in files}
    for source, target in targets.items():
        if _suffix(target) not in _SUFFIXES:
            raise OptionError(
                f"unknown transcript format: {target.name}",
                hint=f"end the name with {', '.join(_SUFFIXES[:-1])} or {_SUFFIXES[-1]}",
            )
        if target.absolute() in taken:
            raise OutputError(
                f"the chapters and the transcript would both be written to {target}",
                why="they have the same name",
                hint=f"give the transcript another suffix, such as .transcript{_suffix(target)}",
            )
        with errors_naming("--transcript", target):
            refuse_sources(target, *inputs, *_captions(source, target, options))
            refuse_overwrite(target, force=force)
            refuse_unwritable(target)
    return Transcripts(targets, force)


def _targets(inputs: Sequence[Path], wanted: Path, out_dir: Path | None) -> dict[Path, Path]:
    is_suffix = wanted.name.startswith(".") and wanted.parent == Path()
    if is_suffix and out_dir is not None:
        return {source: out_dir / result_name(source.stem, wanted.name) for source in inputs}
    if is_suffix:
        raise OptionError(
            f"--transcript {wanted} is not a file name",
            why="a suffix alone means one file per input, in a folder",
            hint=f"add --out-dir FOLDER, or give a name such as talk{wanted}",
        )
    if len(inputs) > 1:
        raise OptionError(
            f"--transcript {wanted} with several inputs",
            why="one file cannot hold several transcripts",
            hint="use --transcript .srt with --out-dir FOLDER",
        )
    return {inputs[0]: wanted}


def _captions(source: Path, target: Path, options: Options) -> list[Path]:
    """The caption file that the draft of `source` will read, if `target` might be it."""
    if isinstance(options.captions, Path):
        return [options.captions]
    if options.captions == "none" or not target.exists():
        return []
    found = find_sidecar(source, language=options.language)
    return [] if found is None else [found]


def _suffix(path: Path) -> str:
    return Path(f"x{path.name}").suffix.lower()


def _notes(source: Path, target: Path, draft: Draft) -> list[str]:
    name = "the transcript" if target == _STDOUT else target.name
    if not draft.transcript.cues:
        was_recognised = draft.transcript.source != "none"
        why = "no speech was found" if was_recognised else "no captions, and no speech recognition"
        return [f"{name} is empty: {why}."]
    is_media = draft.media.has_audio or draft.media.has_video
    if not is_media or target == _STDOUT or target.parent.resolve() != source.parent.resolve():
        return []
    found = find_sidecar(source, language=draft.transcript.language)
    if found is None or not found.samefile(target):
        return []
    return [
        f"The next draft of {source.name} will read {name} as captions; "
        "--captions none prevents that."
    ]
