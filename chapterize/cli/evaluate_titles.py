"""`chapterize evaluate --titles`: titles of several methods next to people's, and a blind sheet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chapterize.cli.options import errors_naming
from chapterize.cli.terminal import Terminal, plain, print_json
from chapterize.compare import (
    PERSON,
    SUFFIXES,
    Method,
    Sheet,
    TitledDocument,
    draw_chapters,
    draw_documents,
    dump_key,
    dump_sheet,
    make_sheet,
    rouge_by_method,
    title_documents,
    titles_by,
    titles_from,
)
from chapterize.errors import InputError
from chapterize.files import refuse_overwrite, refuse_sources, refuse_unwritable, write_text
from chapterize.inputs import local_file
from chapterize.timecode import format_clock

if TYPE_CHECKING:
    from chapterize.data import OnNote
    from chapterize.evaluate import Corpus, Figure

__all__ = ["TitleOptions", "evaluate_titles", "percent"]

_SAMPLE = 100
_NAME = 12
_SHARE = 14


@dataclass(frozen=True)
class TitleOptions:
    """The options of `evaluate --titles`.

    `by` : methods, separated by commas. `files` : ``NAME=FILE`` each. `sample` : number of
    chapters to draw, None for the default. `lists` : number of documents to print whole.
    """

    by: str = "phrases"
    files: Sequence[str] = ()
    model: str | None = None
    device: str = "auto"
    sheet: Path | None = None
    key: Path | None = None
    sample: int | None = None
    seed: int = 0
    lists: int = 0
    predictions: Path | None = None
    as_json: bool = False
    force: bool = False

    @property
    def key_path(self) -> Path | None:
        """Where the key belongs: next to the sheet, unless it is named."""
        if self.key is None and self.sheet is not None:
            return self.sheet.with_suffix(".key.json")
        return self.key

    @property
    def n_drawn(self) -> int | None:
        """How many chapters to draw; None: all. Lists alone need no other chapters."""
        if self.sample is not None:
            return self.sample
        if self.sheet is not None:
            return _SAMPLE
        return 0 if self.lists else None

    @property
    def targets(self) -> dict[str, Path]:
        """The files to write, by option."""
        named = {"--sheet": self.sheet, "--key": self.key_path, "--predictions": self.predictions}
        return {option: path for option, path in named.items() if path is not None}

    def refuse_targets(self, sources: Sequence[Path]) -> None:
        """Raise if a file to write is one of `sources`, exists, or cannot be written."""
        if self.sheet is None and self.key is not None:
            raise InputError(
                "--key has nothing to describe", hint="name a sheet too: --sheet FILE.md"
            )
        if self.sheet is not None and self.sheet.suffix.lower() not in SUFFIXES:
            raise InputError(
                f"{self.sheet} cannot be a sheet",
                why=f"a sheet ends in {' or '.join(SUFFIXES)}",
                hint="choose another name with --sheet",
            )
        targets = self.targets
        paths = [path.absolute() for path in targets.values()]
        if len(set(paths)) < len(paths):
            raise InputError(
                f"{' and '.join(targets)} name the same file",
                why="each is a file of its own",
                hint="choose another name for one of them",
            )
        for option, target in targets.items():
            with errors_naming(option, target):
                refuse_sources(target, *sources, *(path for _, path in _named_files(self.files)))
                refuse_overwrite(target, force=self.force)
                refuse_unwritable(target)


def evaluate_titles(corpus: Corpus, options: TitleOptions, terminal: Terminal) -> None:
    """Title the reference chapters by every method; print ROUGE-L and lists, write a sheet.

    Raises
    ------
    InputError : a method is unknown, or a file of titles does not fit.
    OutputError : a file cannot be written.
    """
    methods = _methods(options, terminal.note)
    drawn = draw_chapters(corpus.documents, options.n_drawn, options.seed)
    listed = draw_documents(corpus.documents, options.lists, options.seed) if options.lists else ()
    whole = listed if options.n_drawn is not None else [document for document, _ in drawn]
    wanted = [*drawn, *((each, i) for each in whole for i in range(len(each.boundaries)))]
    # In the order of the corpus, so that a file of all titles does not depend on the seed.
    order = {document.id: number for number, document in enumerate(corpus.documents)}
    wanted.sort(key=lambda each: order[each[0].id])
    titled = title_documents(wanted, methods, terminal.progress)
    terminal.clear()
    sheet = make_sheet(titled, drawn, options.seed) if options.sheet else None
    _write(titled, sheet, options)
    by_id = {each.document.id: each for each in titled}
    _print(titled, [by_id[document.id] for document in listed], sheet, options)


def _methods(options: TitleOptions, note: OnNote) -> dict[str, Method]:
    names = [name.strip() for name in options.by.split(",") if name.strip()]
    n_models = sum(name == "llm" or "://" in name for name in names)
    if options.model is not None and n_models != 1:
        raise InputError(
            "--titles-model belongs to exactly one method",
            why=f"--titles-by names {n_models} that use a language model",
            hint="make the titles of each model with --predictions, and add --titles-file",
        )
    methods = {name: _method(name, options, note) for name in names}
    for name, path in _named_files(options.files):
        if name in methods or name == PERSON:
            raise InputError(
                f"two methods are called {name!r}",
                why=f"{PERSON} and the methods of --titles-by have their names already",
                hint="choose another name: --titles-file NAME=FILE",
            )
        methods[name] = titles_from(path)
    if not methods:
        raise InputError(
            "no method to evaluate",
            why="--titles-by names none",
            hint="add --titles-by phrases, or --titles-file NAME=FILE",
        )
    if options.predictions is not None and len(methods) > 1:
        raise InputError(
            f"--predictions holds one method, not {len(methods)}",
            why=f"these are given: {', '.join(methods)}",
            hint="write one file per method, with --titles-by METHOD",
        )
    return methods


def _method(name: str, options: TitleOptions, note: OnNote) -> Method:
    from chapterize.title import KINDS, load_titler

    if name not in KINDS and "://" not in name:
        raise InputError(
            f"--titles-by does not know {name!r}",
            why=f"a method is {', '.join(KINDS)}, or the address of a title server",
            hint="give titles made elsewhere with --titles-file NAME=FILE",
        )
    return titles_by(load_titler(name, options.model, device=options.device), note)


def _named_files(given: Sequence[str]) -> list[tuple[str, Path]]:
    """Name and file of each ``NAME=FILE``."""
    found = []
    for text in given:
        name, sign, path = text.partition("=")
        if not (name.strip() and sign and path):
            raise InputError(
                f"--titles-file {text}",
                why="it needs a name for the titles, and their file",
                hint="write --titles-file NAME=FILE, such as before=titles.jsonl",
            )
        found.append((name.strip(), local_file(path)))
    return found


def _write(titled: Sequence[TitledDocument], sheet: Sheet | None, options: TitleOptions) -> None:
    texts: dict[str, str] = {}
    if sheet is not None and options.sheet is not None:
        texts["--key"] = dump_key(sheet)
        texts["--sheet"] = dump_sheet(sheet, options.sheet.suffix.lower())
    if options.predictions is not None:
        lines = [
            json.dumps({"id": each.document.id, "titles": titles}, ensure_ascii=False)
            for each in titled
            for titles in each.titles.values()
        ]
        texts["--predictions"] = "\n".join(lines) + "\n"
    for option, text in texts.items():
        target = options.targets[option]
        with errors_naming(option, target):
            write_text(target, text, force=options.force)
        typer.echo(f"wrote {target}", err=True)


def _print(
    titled: Sequence[TitledDocument],
    listed: Sequence[TitledDocument],
    sheet: Sheet | None,
    options: TitleOptions,
) -> None:
    rouge = rouge_by_method(titled)
    n_chapters = sum(map(_n_scored, titled))
    if options.as_json:
        print_json(
            {
                "schema": "chapterize.titles/1",
                "seed": options.seed,
                "n_documents": len(titled),
                "n_chapters": n_chapters,
                "n_drawn": None if sheet is None else len(sheet.chapters),
                "rouge": {name: asdict(figure) for name, figure in rouge.items()},
                "lists": [_list_json(each) for each in listed],
            }
        )
        return
    for each in listed:
        typer.echo("\n".join([*_list(each), ""]))
    noun = "document" if len(titled) == 1 else "documents"
    typer.echo(f"ROUGE-L with people's titles: {n_chapters} chapters of {len(titled)} {noun}")
    for name, figure in rouge.items():
        typer.echo(f"  {plain(name):<{_NAME}}{percent(figure):>{_SHARE}}")
    if sheet is not None:
        n_rows = sum(len(chapter.rows) for chapter in sheet.chapters)
        typer.echo(f"sheet: {len(sheet.chapters)} chapters, {n_rows} titles to judge")


def _n_scored(each: TitledDocument) -> int:
    """The number of chapters that both people and the methods gave a title."""
    of_a_method = next(iter(each.titles.values()))
    return sum(None not in pair for pair in zip(each.document.titles, of_a_method, strict=True))


def _list_json(each: TitledDocument) -> dict[str, Any]:
    document = each.document
    return {
        "id": document.id,
        "source": document.source,
        "title": document.title,
        "starts": document.starts,
        "titles": {PERSON: document.titles, **each.titles},
    }


def _list(each: TitledDocument) -> Iterator[str]:
    """The chapters of a document, a line each: start, people's title, and that of each method."""
    document = each.document
    clock = "" if document.is_timed else ", times from an assumed pace"
    yield f"{plain(document.title)} ({plain(document.id)}{clock})"
    columns = [
        ["", *map(format_clock, document.starts)],
        [PERSON, *(plain(title or "–") for title in document.titles)],
        *([name, *(title or "–" for title in titles)] for name, titles in each.titles.items()),
    ]
    widths = [max(map(len, column)) for column in columns]
    for cells in zip(*columns, strict=True):
        padded = [
            f"{cell:>{width}}" if number == 0 else f"{cell:<{width}}"
            for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield "  ".join(padded).rstrip()


def percent(figure: Figure) -> str:
    """``25 17–34``: a share and its interval in percent."""
    value = f"{100 * figure.value:.0f}"
    if figure.low is None or figure.high is None:
        return value
    return f"{value} {100 * figure.low:.0f}–{100 * figure.high:.0f}"
