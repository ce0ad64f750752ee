"""`chapterize evaluate --titles`: titles of several methods next to people's, and a blind sheet."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chapterize.cli.evaluate_table import FoundTitles, titles_json, titles_text
from chapterize.cli.options import errors_naming
from chapterize.cli.terminal import Terminal, print_json
from chapterize.compare import (
    PERSON,
    SUFFIXES,
    Drawn,
    Method,
    Sheet,
    TitledDocument,
    draw_chapters,
    draw_documents,
    dump_key,
    dump_sheet,
    dump_titles,
    key_of,
    make_sheet,
    title_documents,
    titles_by,
    titles_from,
    titles_kept,
)
from chapterize.errors import ChapterizeError, OptionError
from chapterize.files import (
    refuse_overwrite,
    refuse_sources,
    refuse_unwritable,
    result_name,
    write_text,
)
from chapterize.inputs import local_file
from chapterize.journal import Journal

if TYPE_CHECKING:
    from chapterize.evaluate import Corpus

__all__ = ["TitleOptions", "evaluate_titles", "refuse_target"]

_SAMPLE = 100


@dataclass(frozen=True)
class TitleOptions:
    """The options of `evaluate --titles`.

    `methods` : what gives titles, or ``NAME=FILE``. `sample` : number of chapters to draw, None for
    the default. `lists` : number of documents to print whole.
    """

    methods: Sequence[str]
    model: str | None = None
    device: str = "auto"
    sheet: Path | None = None
    sample: int | None = None
    seed: int = 0
    lists: int = 0
    predictions: Path | None = None
    as_json: bool = False
    force: bool = False

    @property
    def n_drawn(self) -> int | None:
        """How many chapters to draw; None: all. Lists alone need no other chapters."""
        if self.sample is not None:
            return self.sample
        if self.sheet is not None:
            return _SAMPLE
        return 0 if self.lists else None

    @property
    def files(self) -> dict[str, Path]:
        """The file of each method that is one, by its name."""
        named = [each.partition("=") for each in self.methods if _is_file(each)]
        return {name.strip(): local_file(path) for name, _, path in named}

    @property
    def targets(self) -> dict[Path, str]:
        """The files to write, and the option that each is from."""
        found = {} if self.predictions is None else {self.predictions: "--predictions"}
        if self.sheet is not None:
            found |= {key_of(self.sheet): "--sheet", self.sheet: "--sheet"}
        return found

    @property
    def journal(self) -> Journal | None:
        """Where finished titles are kept until all are written to the file of predictions."""
        path = self.predictions
        return None if path is None else Journal(path.with_name(result_name(path.name, ".part")))

    def refuse_targets(self, sources: Sequence[Path]) -> None:
        """Raise if a file to write is one of `sources`, exists, or cannot be written."""
        if self.sheet is not None and self.sheet.suffix.lower() not in SUFFIXES:
            raise OptionError(
                f"{self.sheet} cannot be a sheet",
                why=f"a sheet ends in {' or '.join(SUFFIXES)}",
                hint="choose another name with --sheet",
            )
        if self.sheet is not None and self.predictions in (self.sheet, key_of(self.sheet)):
            raise OptionError(
                f"--predictions and --sheet both write {self.predictions}",
                why="a sheet is two files: its key is next to it",
                hint="choose another name with --predictions",
            )
        for target, option in self.targets.items():
            refuse_target(option, target, [*sources, *self.files.values()], force=self.force)


def refuse_target(option: str, target: Path, sources: Sequence[Path], *, force: bool) -> None:
    """Report certain failures before starting long work."""
    with errors_naming(option, target):
        refuse_sources(target, *sources)
        refuse_overwrite(target, force=force)
        refuse_unwritable(target)


def evaluate_titles(corpus: Corpus, options: TitleOptions, terminal: Terminal) -> None:
    """Title the reference chapters by every method; print ROUGE-L and lists, write a sheet.

    Raises
    ------
    InputError : a method is unknown, or a file of titles does not fit.
    EngineError : a language model cannot be loaded, or does not answer.
    OutputError : a file cannot be written.
    """
    drawn = draw_chapters(corpus.documents, options.n_drawn, options.seed)
    listed = draw_documents(corpus.documents, options.lists, options.seed) if options.lists else ()
    whole = listed if options.n_drawn is not None else [document for document, _ in drawn]
    wanted = [*drawn, *((each, i) for each in whole for i in range(len(each.boundaries)))]
    # In the order of the corpus, so that a file of all titles does not depend on the seed.
    order = {document.id: number for number, document in enumerate(corpus.documents)}
    wanted.sort(key=lambda each: order[each[0].id])
    titled = _titled(wanted, options, terminal)
    terminal.clear()
    sheet = make_sheet(titled, drawn, options.seed) if options.sheet else None
    _write(titled, sheet, options)
    if options.journal is not None:
        options.journal.remove()
    found = FoundTitles(titled, tuple(document.id for document in listed), sheet)
    if options.as_json:
        print_json(titles_json(found) | {"seed": options.seed})
    else:
        typer.echo(titles_text(found))


def _titled(
    wanted: Sequence[Drawn], options: TitleOptions, terminal: Terminal
) -> tuple[TitledDocument, ...]:
    """The titles by every method; a run that writes them to a file can be interrupted."""
    _refuse_methods(options)
    journal = options.journal
    with ExitStack() as stack:
        methods = {name: titles_from(path, wanted) for name, path in options.files.items()}
        for name in options.methods:
            if not _is_file(name):
                methods[name] = _method(name, options, journal, stack, terminal)
        methods = {name: methods[name] for name in _names(options)}
        try:
            titled = tuple(title_documents(wanted, methods, terminal.progress))
        except (KeyboardInterrupt, ChapterizeError):
            if journal is not None and journal.read():
                terminal.say(
                    f"The titles so far are in {journal.path}; the same command continues there."
                )
            raise
    return titled


def _is_file(method: str) -> bool:
    return "=" in method and "://" not in method


def _names(options: TitleOptions) -> list[str]:
    return [each.partition("=")[0].strip() if _is_file(each) else each for each in options.methods]


def _refuse_methods(options: TitleOptions) -> None:
    """Raise if the methods do not go with each other, or with other options."""
    from chapterize.title import KINDS

    names = _names(options)
    for each, name in zip(options.methods, names, strict=True):
        if name not in KINDS and "=" not in each and "://" not in each:
            raise OptionError(
                f"there are no titles {each!r}",
                why=f"titles come from {', '.join(KINDS)}, the address of a server, or a file",
                hint="read titles made elsewhere with --titles NAME=FILE",
            )
        if name in (PERSON, "") or names.count(name) > 1:
            raise OptionError(
                f"no method can be called {name!r} here",
                why="a sheet needs a different name for each method, and people have theirs",
                hint="choose another name: --titles NAME=FILE",
            )
    n_models = sum(name == "llm" or "://" in name for name in names)
    if options.model is not None and n_models != 1:
        raise OptionError(
            "--titles-model belongs to exactly one method",
            why=f"{n_models} of those given use a language model",
            hint="make the titles of each model with --predictions, then add --titles NAME=FILE",
        )
    if options.predictions is not None and len(names) > 1:
        raise OptionError(
            f"--predictions holds one method, not {len(names)}",
            why=f"these are given: {', '.join(names)}",
            hint="write one file per method",
        )


def _method(
    name: str,
    options: TitleOptions,
    journal: Journal | None,
    stack: ExitStack,
    terminal: Terminal,
) -> Method:
    from chapterize.title import GeneratorTitler, load_titler

    titler = load_titler(name, options.model, device=options.device)
    if isinstance(titler, GeneratorTitler):
        terminal.progress("loading the title model", 0.0)
        stack.enter_context(titler.loaded())
    method = titles_by(titler)
    if journal is not None:
        method, n_earlier = titles_kept(method, titler.fingerprint, journal)
        if n_earlier:
            terminal.note(
                f"{n_earlier} documents have titles in {journal.path}; delete it to start over"
            )
    return method


def _write(titled: Sequence[TitledDocument], sheet: Sheet | None, options: TitleOptions) -> None:
    texts: dict[Path, str] = {}
    if options.predictions is not None:
        texts[options.predictions] = "".join(
            dump_titles(each.document, titles) for each in titled for titles in each.titles.values()
        )
    if sheet is not None and options.sheet is not None:
        texts[key_of(options.sheet)] = dump_key(sheet)
        texts[options.sheet] = dump_sheet(sheet, options.sheet.suffix.lower())
    for target, text in texts.items():
        with errors_naming(options.targets[target], target):
            write_text(target, text, force=options.force)
        typer.echo(f"wrote {target}", err=True)
