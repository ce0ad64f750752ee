"""`chapterize evaluate`: compare our chapters, and simple baselines, with reference chapters."""

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
    errors_naming,
    require_choice,
)
from chapterize.cli.terminal import Terminal, print_json
from chapterize.errors import InputError
from chapterize.inputs import local_file, result_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chapterize.compare import Comparison, Segmenter
    from chapterize.data import Boundaries
    from chapterize.evaluate import Corpus

__all__ = ["evaluate"]

_CAPTION_SUFFIXES = frozenset((".srt", ".vtt", ".ass", ".ssa", ".json3"))

Inputs = Annotated[
    list[Path],
    typer.Argument(
        parser=local_file,
        metavar="CORPUS",
        help="JSON lines with reference chapters, may be gzipped; or, with --chapters, one caption "
        "file.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        metavar="train|test|all",
        help="Documents to use; by default the test documents, or all if none are marked.",
    ),
]
CountFrom = Annotated[
    str,
    typer.Option(
        metavar="auto|reference", help="Number of chapters: estimated, or that of the reference."
    ),
]
Reference = Annotated[
    Path | None,
    typer.Option(
        parser=local_file,
        metavar="FILE",
        help="Reference chapters for the caption file, in any format.",
    ),
]
Predictions = Annotated[
    Path | None,
    typer.Option(
        parser=result_file,
        metavar="OUT.jsonl",
        help="Write the starts of our chapters, one document per line.",
    ),
]
BoundaryFile = Annotated[
    Path | None,
    typer.Option(
        parser=local_file,
        metavar="FILE.npz",
        help="Boundary model to use instead of the built-in one.",
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
    """Compare our chapters with reference chapters.

    Reads a corpus of JSON lines, or a caption file and its chapters. Six baselines are scored as
    well. Pk and WinDiff are errors, so lower is better; for B, F1, tIoU-F1 and titles, higher is
    better. With two or more documents, scores have 95 % intervals.
    """
    from chapterize.compare import compare_documents
    from chapterize.vectors import load_embedder

    require_choice("--count", count, ("auto", "reference"))
    if split is not None:
        require_choice("--split", split, ("train", "test", "all"))
    if predictions is not None:
        _refuse_target(predictions, inputs, chapters, force=force)
    with Terminal("evaluate") as terminal:
        corpus = _read(inputs, chapters, split)
        for note in corpus.notes:
            terminal.note(note)
        made = compare_documents(
            corpus.documents,
            load_embedder(
                embedder,
                device=device,
                offline=offline,
                on_progress=terminal.progress,
                on_note=terminal.note,
            ),
            count="auto" if count == "auto" else "reference",
            segmenter=_segmenter(boundary_model),
            on_progress=terminal.progress,
        )
    _show(made, corpus, as_json=as_json)
    if predictions is not None:
        _write(made, predictions, force=force)


def _read(inputs: Sequence[Path], chapters: Path | None, split: str | None) -> Corpus:
    from chapterize.compare import pair_document
    from chapterize.evaluate import read_corpora

    if chapters is None:
        bare = next((path for path in inputs if path.suffix.lower() in _CAPTION_SUFFIXES), None)
        if bare is not None:
            raise InputError(
                f"{bare} has no reference chapters",
                why="a caption file holds no chapters",
                hint="name a file with its chapters: --chapters FILE",
            )
        return read_corpora(inputs, split=split)
    if len(inputs) > 1 or split is not None:
        raise InputError(
            "--chapters needs exactly one caption file",
            why="there are several inputs, or --split is given too",
            hint="evaluate one caption file at a time",
        )
    return pair_document(inputs[0], chapters)


def _segmenter(model_path: Path | None) -> Segmenter:
    """`segment`, with the boundary model from a file if one is given."""
    from dataclasses import replace

    from chapterize.segment import BoundaryModel, SegmentOptions, segment

    if model_path is None:
        return segment
    model = BoundaryModel.load(model_path)

    def with_model(*talk: Any, options: SegmentOptions | None, **rest: Any) -> Boundaries:
        return segment(*talk, options=replace(options or SegmentOptions(), model=model), **rest)

    return with_model


def _show(made: Comparison, corpus: Corpus, *, as_json: bool) -> None:
    from chapterize.cli.evaluate_table import comparison_json, comparison_text

    if as_json:
        print_json(comparison_json(made) | {"notes": list(corpus.notes)})
    else:
        typer.echo(comparison_text(made))


def _refuse_target(
    target: Path, inputs: Sequence[Path], chapters: Path | None, *, force: bool
) -> None:
    """Report certain failures before starting long work."""
    from chapterize.files import refuse_overwrite, refuse_unwritable

    with errors_naming("--predictions", target):
        sources = [*inputs, chapters] if chapters else inputs
        if any(target.exists() and path.exists() and path.samefile(target) for path in sources):
            raise InputError(
                f"--predictions would overwrite {target}",
                why="it is an input",
                hint="choose another name with --predictions",
            )
        refuse_overwrite(target, force=force)
        refuse_unwritable(target)


def _write(made: Comparison, target: Path, *, force: bool) -> None:
    from chapterize.files import write_text

    lines = [
        json.dumps({"id": found.id, "starts": found.starts, "units": found.units})
        for found in made.predictions
    ]
    with errors_naming("--predictions", target):
        write_text(target, "\n".join(lines) + "\n", force=force)
    typer.echo(f"wrote {target}", err=True)
