"""Titles that several methods give to the reference chapters of documents."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np

from chapterize.data import OnProgress
from chapterize.errors import EngineError, InputError
from chapterize.evaluate import Document, Figure, macro_figure, rouge_l
from chapterize.language import guess_language
from chapterize.title import Entitled, Titler, entitle

__all__ = [
    "PERSON",
    "Drawn",
    "Method",
    "TitledDocument",
    "by_document",
    "draw_chapters",
    "draw_documents",
    "language_of",
    "one_line",
    "refused_by_method",
    "rouge_by_method",
    "seeded",
    "title_documents",
    "titles_by",
    "titles_of",
]

PERSON = "person"
"""The name of people's own titles, next to the names of methods."""

Method = Callable[[Document, Collection[int]], Entitled]
"""Gives one title for each reference chapter of a document; only those with these indices count."""

Refusals = tuple[tuple[str, int], ...]
"""Reasons, and how many titles were refused for each."""

Drawn = tuple[Document, int]
"""A document, and the index of one of its reference chapters."""

_STAGE = "finding titles"
_MOST_LOST = 3
_LANGUAGE_UNITS = 400


@dataclass(frozen=True)
class TitledDocument:
    """A document, and by method a title for each reference chapter; None: not asked for.

    `refused` : by method, why titles are phrases and not those of a language model.
    """

    document: Document
    titles: Mapping[str, tuple[str | None, ...]]
    refused: Mapping[str, Refusals] = field(default_factory=dict)


def language_of(document: Document) -> str | None:
    """The language of the document, guessed from its opening."""
    return guess_language(" ".join(unit.text for unit in document.units[:_LANGUAGE_UNITS]))


def titles_of(
    titler: Titler,
    document: Document,
    firsts: Sequence[int],
    language: str | None,
    only: Collection[int] | None = None,
) -> Entitled:
    """The titles of the chapters that begin at the units `firsts`, as from `entitle`."""
    ends = [*firsts[1:], len(document.units)]
    chapters = [
        [unit.text for unit in document.units[a:b]] for a, b in zip(firsts, ends, strict=True)
    ]
    return entitle(titler, chapters, language, only=only)


def titles_by(titler: Titler) -> Method:
    """The method that asks `titler`.

    It raises EngineError when a language model has not answered for several documents in a row:
    their titles are not its own.
    """
    n_lost = 0

    def ask(document: Document, only: Collection[int]) -> Entitled:
        nonlocal n_lost
        found = titles_of(titler, document, document.boundaries, language_of(document), only)
        n_lost = n_lost + 1 if found.n_unanswered >= max(1, len(only)) else 0
        if n_lost == _MOST_LOST:
            raise EngineError(
                f"the language model gave no title for {n_lost} documents in a row",
                why=found.refused[0][0],
                hint="try it on one file first: chapterize draft FILE, with the same --titles",
            )
        return found

    return ask


def by_document(wanted: Sequence[Drawn]) -> list[tuple[Document, set[int]]]:
    """Each document of `wanted`, and the indices of its chapters."""
    chapters: dict[str, set[int]] = {}
    for document, index in wanted:
        chapters.setdefault(document.id, set()).add(index)
    documents = {document.id: document for document, _ in wanted}
    return [(document, chapters[name]) for name, document in documents.items()]


def title_documents(
    wanted: Sequence[Drawn],
    methods: Mapping[str, Method],
    on_progress: OnProgress | None = None,
) -> Iterator[TitledDocument]:
    """Give titles to the chapters `wanted` by every method, document by document.

    A title is one line of printable characters.
    """
    report = on_progress or (lambda stage, fraction: None)
    documents = by_document(wanted)
    for number, (document, only) in enumerate(documents):
        report(_STAGE, number / len(documents))
        found = {name: method(document, only) for name, method in methods.items()}
        titles = {
            name: tuple(one_line(title) if i in only else None for i, title in enumerate(each[0]))
            for name, each in found.items()
        }
        refused = {name: each.refused for name, each in found.items() if each.refused}
        yield TitledDocument(document, titles, refused)
    report(_STAGE, 1.0)


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


def refused_by_method(titled: Sequence[TitledDocument]) -> dict[str, dict[str, int]]:
    """By method, why titles are phrases instead, the most frequent reason first."""
    counts: dict[str, Counter[str]] = {}
    for each in titled:
        for method, refused in each.refused.items():
            counts.setdefault(method, Counter()).update(dict(refused))
    return {method: dict(count.most_common()) for method, count in counts.items()}
