"""Titles that several methods give to the reference chapters of documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from chapterize.data import OnNote, OnProgress
from chapterize.errors import FormatError, InputError
from chapterize.evaluate import Document, Figure, macro_figure, rouge_l
from chapterize.language import guess_language
from chapterize.title import Titler, entitle

__all__ = [
    "PERSON",
    "Drawn",
    "Method",
    "TitledDocument",
    "draw_chapters",
    "draw_documents",
    "language_of",
    "one_line",
    "rouge_by_method",
    "seeded",
    "title_documents",
    "titles_by",
    "titles_from",
    "titles_of",
]

PERSON = "person"
"""The name of people's own titles, next to the names of methods."""

Method = Callable[[Document, Collection[int]], Sequence[str]]
"""Gives one title for each reference chapter of a document; only those with these indices count."""

Drawn = tuple[Document, int]
"""A document, and the index of one of its reference chapters."""

_STAGE = "finding titles"
_LANGUAGE_UNITS = 400


@dataclass(frozen=True)
class TitledDocument:
    """A document, and by method a title for each reference chapter; None: not asked for."""

    document: Document
    titles: Mapping[str, tuple[str | None, ...]]


def language_of(document: Document) -> str | None:
    """The language of the document, guessed from its opening."""
    return guess_language(" ".join(unit.text for unit in document.units[:_LANGUAGE_UNITS]))


def titles_of(
    titler: Titler,
    document: Document,
    firsts: Sequence[int],
    language: str | None,
    on_note: OnNote | None = None,
    only: Collection[int] | None = None,
) -> tuple[str, ...]:
    """The titles of the chapters that begin at the units `firsts`, as from `entitle`."""
    ends = [*firsts[1:], len(document.units)]
    chapters = [
        [unit.text for unit in document.units[a:b]] for a, b in zip(firsts, ends, strict=True)
    ]
    return entitle(titler, chapters, language, on_note=on_note, only=only).titles


def titles_by(titler: Titler, on_note: OnNote | None = None) -> Method:
    """The method that asks `titler`; `on_note` is called with its notes."""
    return lambda document, only: titles_of(
        titler, document, document.boundaries, language_of(document), on_note, only
    )


def titles_from(path: Path) -> Method:
    """The method that looks titles up in a file of JSON lines, each with `id` and `titles`.

    Other keys are ignored, and a title may be null. The method raises InputError for a document
    that the file lacks or divides otherwise, and for a title that it needs and is null.

    Raises
    ------
    InputError : the file cannot be read.
    FormatError : a line is malformed, or repeats a document; the line is named.
    """
    found = _read_titles(path)

    def look_up(document: Document, only: Collection[int]) -> Sequence[str]:
        titles = found.get(document.id, ())
        n_chapters = len(document.boundaries)
        n_titles = len(titles)
        if n_titles == n_chapters:
            n_titles -= sum(titles[i] is None for i in only)
        if n_titles != n_chapters:
            raise InputError(
                f"{path} has {n_titles or 'no'} titles for the document {document.id!r}",
                why=f"{n_chapters} are needed",
                hint="write those of the same corpus, --split, --sample and --seed",
            )
        return [title or "" for title in titles]

    return look_up


def _read_titles(path: Path) -> dict[str, tuple[str | None, ...]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read {path}",
            why=getattr(error, "strerror", None) or "it is not UTF-8 text",
            hint="give JSON lines, written with --titles --predictions",
        ) from error
    found: dict[str, tuple[str | None, ...]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            name, titles = row["id"], row["titles"]
            is_good = isinstance(name, str) and all(isinstance(each, str | None) for each in titles)
        except (ValueError, KeyError, TypeError, RecursionError):
            is_good = False
        if not is_good:
            raise FormatError(
                f"cannot read {path}",
                why="each line needs a text id and a list of titles",
                hint="write the file with --titles --predictions",
                line=number,
            )
        if name in found:
            raise FormatError(
                f"{path} has titles for the document {name!r} twice",
                why="a file holds the titles of one method",
                hint="write one file per method: --titles-by METHOD --predictions FILE",
                line=number,
            )
        found[name] = tuple(titles)
    return found


def title_documents(
    wanted: Sequence[Drawn],
    methods: Mapping[str, Method],
    on_progress: OnProgress | None = None,
) -> tuple[TitledDocument, ...]:
    """The documents of the chapters `wanted`, in that order, with titles by every method for these.

    A title is one line of printable characters.
    """
    report = on_progress or (lambda stage, fraction: None)
    chapters: dict[str, set[int]] = {}
    for document, index in wanted:
        chapters.setdefault(document.id, set()).add(index)
    documents = {document.id: document for document, _ in wanted}
    titled = []
    for number, document in enumerate(documents.values()):
        report(_STAGE, number / len(documents))
        only = chapters[document.id]
        found = {name: method(document, only) for name, method in methods.items()}
        titles = {
            name: tuple(one_line(title) if i in only else None for i, title in enumerate(given))
            for name, given in found.items()
        }
        titled.append(TitledDocument(document, titles))
    report(_STAGE, 1.0)
    return tuple(titled)


def one_line(text: str) -> str:
    """`text` on one line, with a question mark for each character that cannot be printed."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def seeded(seed: int, *parts: object) -> bytes:
    """A sort key that shuffles: the same for the same seed and parts, on every machine."""
    return hashlib.sha256(repr((seed, *parts)).encode("utf-8", "replace")).digest()


def draw_chapters(documents: Sequence[Document], n: int | None, seed: int) -> tuple[Drawn, ...]:
    """`n` chapters that people gave a title, or all: evenly over sources, then over documents.

    Sources take turns, and so do the documents of a source; a source that has no chapter left is
    passed over. Documents with and without times count as two sources: they were written down in
    different ways. The first chapters of a larger draw are those of a smaller one.
    """
    queues: dict[tuple[str, bool], list[tuple[int, bytes, Drawn]]] = {}
    for document in documents:
        titled = [i for i, title in enumerate(document.titles) if title and title.strip()]
        titled.sort(key=lambda i, name=document.id: seeded(seed, name, i))  # type: ignore[misc]
        queues.setdefault((document.source, document.is_timed), []).extend(
            (turn, seeded(seed, document.id), (document, i)) for turn, i in enumerate(titled)
        )
    for queue in queues.values():
        queue.sort(key=lambda each: each[:2])
    turns = zip_longest(*(queues[source] for source in sorted(queues)))
    drawn = [each[2] for turn in turns for each in turn if each is not None]
    if not drawn:
        raise InputError(
            "no chapter to draw",
            why="no document has titles for its reference chapters",
            hint="give a corpus with titles, or choose other documents with --split",
        )
    return tuple(drawn[:n])


def draw_documents(documents: Sequence[Document], n: int, seed: int) -> tuple[Document, ...]:
    """`n` documents with titles, evenly over sources; the first ones that `draw_chapters` takes."""
    drawn = draw_chapters(documents, None, seed)
    return tuple({document.id: document for document, _ in drawn}.values())[:n]


def rouge_by_method(titled: Sequence[TitledDocument]) -> dict[str, Figure]:
    """ROUGE-L of each method with people's titles: mean over documents, then over sources."""
    columns: dict[str, dict[str, list[float]]] = {}
    for each in titled:
        document = each.document
        for method, titles in each.titles.items():
            scores = [
                rouge_l(true, title)
                for true, title in zip(document.titles, titles, strict=True)
                if true is not None and title is not None
            ]
            if scores:
                of_source = columns.setdefault(method, {}).setdefault(document.source, [])
                of_source.append(sum(scores) / len(scores))
    return {
        method: macro_figure({name: np.array(values) for name, values in sorted(found.items())})
        for method, found in columns.items()
    }
