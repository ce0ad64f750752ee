"""`chapterize evaluate`: how close our chapters come to those of people, beside peers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.options import (
    AsJson,
    Device,
    EmbedderName,
    Force,
    Offline,
    require_choice,
)
from chapterize.cli.terminal import Terminal
from chapterize.errors import InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chapterize.compare import Trial
    from chapterize.data import Boundaries
    from chapterize.evaluate import Corpus
    from chapterize.segment import SegmentOptions
    from chapterize.vectors import Embedder

__all__ = ["evaluate"]

_CAPTION_SUFFIXES = frozenset((".srt", ".vtt", ".ass", ".ssa", ".json3"))

Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="CORPUS…",
        help="JSON lines with reference chapters, gzipped or not; or, with --chapters, one "
        "caption file.",
        show_default=False,
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        metavar="train|test|all",
        help="Which documents: those for testing where the file says which, else all.",
        show_default=False,
    ),
]
CountFrom = Annotated[
    str,
    typer.Option(
        metavar="auto|reference",
        help="auto: the number of chapters is estimated; reference: it is told.",
    ),
]
Reference = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Reference chapters, in any format, of the one caption file given.",
        show_default=False,
    ),
]
Predictions = Annotated[
    Path | None,
    typer.Option(
        metavar="OUT.jsonl",
        help="Write where our chapters begin, one document a line.",
        show_default=False,
    ),
]
BoundaryFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.npz",
        help="A boundary model in place of the one inside.",
        show_default=False,
    ),
]


def evaluate(
    inputs: Inputs,
    split: Split = None,
    count: CountFrom = "auto",
    embedder: EmbedderName = "static",
    chapters: Reference = None,
    predictions: Predictions = None,
    boundary_model: BoundaryFile = None,
    device: Device = "auto",
    as_json: AsJson = False,
    force: Force = False,
    offline: Offline = False,
) -> None:
    """Measure our chapters against people's, beside six other ways to divide.

    Pk and WinDiff are errors, less is better; B, F1, tIoU-F1 and titles are better when more.
    Every figure stands with its 95 % interval over documents.
    """
    from chapterize.compare import run_trial

    require_choice("--count", count, ("auto", "reference"))
    if split is not None:
        require_choice("--split", split, ("train", "test", "all"))
    if predictions is not None:
        _refuse(predictions, inputs, chapters, force=force)
    with Terminal("evaluate") as terminal:
        corpus = _read(inputs, chapters, split)
        for note in corpus.notes:
            terminal.note(note)
        trial = run_trial(
            corpus.documents,
            _load(embedder, device, terminal, offline=offline),
            count="auto" if count == "auto" else "reference",
            segmenter=_segmenter(boundary_model),
            on_progress=terminal.progress,
        )
    _show(trial, corpus, as_json=as_json)
    if predictions is not None:
        _write(trial, predictions, force=force)


def _read(inputs: Sequence[Path], chapters: Path | None, split: str | None) -> Corpus:
    from chapterize.compare import pair_document
    from chapterize.evaluate import read_corpora

    if chapters is None:
        bare = next((path for path in inputs if path.suffix.lower() in _CAPTION_SUFFIXES), None)
        if bare is not None:
            raise InputError(
                f"{bare} has no reference chapters",
                why="a caption file holds what is said and no chapters",
                hint="name the file with its chapters: --chapters FILE",
            )
        return read_corpora(inputs, split=split)
    if len(inputs) > 1 or split is not None:
        raise InputError(
            "--chapters belongs to one caption file",
            why="there are several inputs, or --split as well",
            hint="evaluate one caption file at a time",
        )
    return pair_document(inputs[0], chapters)


def _load(name: str, device: str, terminal: Terminal, *, offline: bool) -> Embedder:
    from chapterize.vectors import load_embedder, sentence_model_on_disk

    if not (name == "static" or offline or sentence_model_on_disk(name)):
        terminal.note(f"Downloading the sentence model {name} once.")
    return load_embedder(name, device=device, offline=offline, on_progress=terminal.progress)


def _segmenter(model_path: Path | None) -> Callable[..., Boundaries]:
    """`segment`, with the boundary model from a file if one is given."""
    from dataclasses import replace

    from chapterize.segment import BoundaryModel, segment

    if model_path is None:
        return segment
    model = BoundaryModel.load(model_path)

    def with_model(*talk: Any, options: SegmentOptions, **rest: Any) -> Boundaries:
        return segment(*talk, options=replace(options, model=model), **rest)

    return with_model


def _show(trial: Trial, corpus: Corpus, *, as_json: bool) -> None:
    from chapterize.cli.evaluate_table import trial_json, trial_text

    if as_json:
        report = trial_json(trial) | {"notes": list(corpus.notes)}
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        typer.echo(trial_text(trial))


def _refuse(target: Path, inputs: Sequence[Path], chapters: Path | None, *, force: bool) -> None:
    """What is sure to fail after minutes of work is told before it."""
    from chapterize.files import refuse_overwrite

    try:
        sources = [*inputs, chapters] if chapters else inputs
        if any(target.exists() and path.exists() and path.samefile(target) for path in sources):
            raise InputError(
                f"--predictions would write over {target}",
                why="that is what is to be evaluated",
                hint="give --predictions another file",
            )
        refuse_overwrite(target, force=force)
        if not target.parent.is_dir():
            raise OutputError("", why=f"the folder {target.parent} does not exist")
    except OutputError as error:
        raise _elsewhere(error, target, force=force) from error
    except OSError as error:
        raise OutputError(
            f"cannot write {target}",
            why=error.strerror or str(error),
            hint="give --predictions another file",
        ) from error


def _elsewhere(error: OutputError, target: Path, *, force: bool) -> OutputError:
    hint = "give --predictions another file"
    if target.is_file() and not force:
        return OutputError(
            f"{target} exists already", why=error.why, hint=f"add --force, or {hint}"
        )
    return OutputError(f"cannot write {target}", why=error.why, hint=hint)


def _write(trial: Trial, target: Path, *, force: bool) -> None:
    from chapterize.files import write_text

    lines = [
        json.dumps({"id": found.id, "starts": found.starts, "units": found.units})
        for found in trial.predictions
    ]
    try:
        write_text(target, "\n".join(lines) + "\n", force=force)
    except OutputError as error:
        raise _elsewhere(error, target, force=force) from error
    typer.echo(f"wrote {target}", err=True)
