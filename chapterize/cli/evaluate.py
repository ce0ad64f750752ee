"""`chapterize evaluate`: compare our chapters and titles with those of people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chapterize.cli.evaluate_options import (
    BoundaryFile,
    CountFrom,
    Inputs,
    Lists,
    Predictions,
    Reference,
    Sample,
    Seed,
    SheetFile,
    Split,
    Titles,
    TitlesModel,
    VerdictFile,
)
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
from chapterize.errors import InputError, OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chapterize.compare import Comparison
    from chapterize.evaluate import Corpus
    from chapterize.vectors import Embedder

__all__ = ["evaluate"]


def evaluate(
    inputs: Inputs = None,
    split: Split = None,
    count: CountFrom = "auto",
    embedder: EmbedderName = "static",
    chapters: Reference = None,
    predictions: Predictions = None,
    boundary_model: BoundaryFile = None,
    titles: Titles = None,
    titles_model: TitlesModel = None,
    sheet: SheetFile = None,
    sample: Sample = None,
    seed: Seed = 0,
    lists: Lists = 0,
    verdicts: VerdictFile = None,
    device: Device = "auto",
    as_json: AsJson = False,
    force: Force = False,
    offline: Offline = False,
) -> None:
    """Compare our chapters with reference chapters.

    Reads a corpus of JSON lines, or a caption file and its chapters. Six baselines are scored as
    well, and what a profile of earlier videos would change. Pk is an error, so lower is better; for
    all other scores, higher is better. With two or more documents, they have 95 % intervals.

    With --titles, compares titles only, and --sheet writes a sheet to judge them on; --verdicts
    counts what you wrote into it.
    """
    if verdicts is not None:
        from chapterize.cli.evaluate_verdicts import count_sheet

        _refuse_with_verdicts(inputs or titles or sheet or predictions or lists)
        count_sheet(verdicts, as_json=as_json)
        return
    if not inputs:
        raise typer.BadParameter("give a corpus, or --verdicts SHEET", param_hint="CORPUS")
    require_choice("--count", count, ("auto", "reference"))
    if split is not None:
        require_choice("--split", split, ("train", "test", "all"))
    sources = [*inputs, chapters] if chapters else inputs
    if titles:
        from chapterize.cli.evaluate_titles import TitleOptions, evaluate_titles

        asked = TitleOptions(
            methods=titles,
            model=titles_model,
            device=device,
            sheet=sheet,
            sample=sample,
            seed=seed,
            lists=lists,
            predictions=predictions,
            as_json=as_json,
            force=force,
        )
        asked.refuse_targets(sources)
        with Terminal("evaluate") as terminal:
            evaluate_titles(_read(inputs, chapters, split, terminal), asked, terminal)
        return
    _refuse_title_options(sheet or sample or lists or titles_model)
    if predictions is not None:
        from chapterize.cli.evaluate_titles import refuse_target

        refuse_target("--predictions", predictions, sources, force=force)
    with Terminal("evaluate") as terminal:
        corpus = _read(inputs, chapters, split, terminal)
        made = _compare(
            corpus,
            _loaded(embedder, device, terminal, offline=offline),
            count,
            boundary_model,
            terminal,
        )
    _show(made, corpus, as_json=as_json)
    if predictions is not None:
        _write(made, predictions, force=force)


def _refuse_with_verdicts(given: object) -> None:
    if given:
        raise OptionError(
            "--verdicts counts a sheet that is already judged",
            why="a corpus, or an option for making titles, is given too",
            hint="write the sheet first, judge it, then count: --verdicts SHEET",
        )


def _refuse_title_options(given: object) -> None:
    if given:
        raise OptionError(
            "--sheet, --sample, --lists and --titles-model need --titles",
            why="without it, chapters are compared rather than titles",
            hint="add --titles phrases",
        )


def _read(
    inputs: Sequence[Path], chapters: Path | None, split: str | None, terminal: Terminal
) -> Corpus:
    corpus = _corpus(inputs, chapters, split)
    for note in corpus.notes:
        terminal.note(note)
    return corpus


def _corpus(inputs: Sequence[Path], chapters: Path | None, split: str | None) -> Corpus:
    from chapterize.captions import SUFFIXES
    from chapterize.compare import pair_document
    from chapterize.evaluate import read_corpora

    if chapters is None:
        bare = next((path for path in inputs if path.suffix.lower() in SUFFIXES), None)
        if bare is not None:
            raise InputError(
                f"{bare} has no reference chapters",
                why="a caption file holds no chapters",
                hint="name a file with its chapters: --chapters FILE",
            )
        return read_corpora(inputs, split=split)
    if len(inputs) > 1 or split is not None:
        raise OptionError(
            "--chapters needs exactly one caption file",
            why="there are several inputs, or --split is given too",
            hint="evaluate one caption file at a time",
        )
    return pair_document(inputs[0], chapters)


def _loaded(name: str, device: str, terminal: Terminal, *, offline: bool) -> Embedder:
    from chapterize.vectors import load_embedder

    return load_embedder(
        name,
        device=device,
        offline=offline,
        on_progress=terminal.progress,
        on_note=terminal.note,
    )


def _compare(
    corpus: Corpus,
    embedder: Embedder,
    count: str,
    boundary_model: Path | None,
    terminal: Terminal,
) -> Comparison:
    from chapterize.compare import compare_documents
    from chapterize.segment import BoundaryModel

    return compare_documents(
        corpus.documents,
        embedder,
        count="auto" if count == "auto" else "reference",
        model=None if boundary_model is None else BoundaryModel.load(boundary_model),
        on_progress=terminal.progress,
    )


def _show(made: Comparison, corpus: Corpus, *, as_json: bool) -> None:
    from chapterize.cli.evaluate_table import comparison_json, comparison_text

    if as_json:
        print_json(comparison_json(made) | {"notes": list(corpus.notes)})
    else:
        typer.echo(comparison_text(made))


def _write(made: Comparison, target: Path, *, force: bool) -> None:
    from chapterize.files import write_text

    lines = [
        json.dumps({"id": found.id, "starts": found.starts, "units": found.units})
        for found in made.predictions
    ]
    with errors_naming("--predictions", target):
        write_text(target, "\n".join(lines) + "\n", force=force)
    typer.echo(f"wrote {target}", err=True)
