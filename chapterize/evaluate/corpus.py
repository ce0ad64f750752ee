"""Transcripts with people's chapters: JSON lines, one document per line, gzipped or not.

A line has `id`, `units` (each with `text`, and `start` and `end` in seconds or null) and
`boundaries` (the unit index at which each chapter begins, 0 first). It may have `source`, `title`,
`duration`, `titles` (null for a chapter without one) and `split` (train or test). Other keys are
ignored.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

from chapterize.data import Sentence
from chapterize.errors import FormatError, InputError, OptionError
from chapterize.evaluate.fields import Row

__all__ = ["SPLITS", "WORDS_PER_MINUTE", "Corpus", "Document", "read_corpora", "read_corpus"]

SPLITS = ("train", "test")

WORDS_PER_MINUTE = 150.0
"""The pace of speech assumed for a document without times."""

_ROUNDED = 1.0
"""Seconds by which a stated duration may be short, because it was rounded."""

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Document:
    """A transcript and its reference chapters.

    `units` ascend by start. A document without times (`is_timed` is False) gets the times of an
    assumed pace of `WORDS_PER_MINUTE`; they are used to divide it, never to score it.
    `boundaries` are the unit indices, and `starts` the seconds, at which the reference chapters
    begin, 0 and 0.0 first. A title is None if the chapter has none.
    """

    id: str
    source: str
    title: str
    duration: float
    units: tuple[Sentence, ...]
    boundaries: tuple[int, ...]
    starts: tuple[float, ...]
    titles: tuple[str | None, ...]
    is_timed: bool = True
    split: str | None = None


@dataclass(frozen=True)
class Corpus:
    """The documents read from one or more files; `notes` say which were selected."""

    documents: tuple[Document, ...]
    notes: tuple[str, ...] = ()


def read_corpora(paths: Sequence[Path], *, split: str | None = None) -> Corpus:
    """The documents of all `paths`, read with `read_corpus`; their ids must be unique.

    Raises what `read_corpus` does, and InputError if an id is not unique or there is no document.
    """
    documents: list[Document] = []
    notes: list[str] = []
    seen: dict[str, Path] = {}
    for path in paths:
        corpus = read_corpus(path, split=split)
        notes += corpus.notes
        documents += corpus.documents
        for document in corpus.documents:
            if document.id in seen:
                raise InputError(
                    f"the document {document.id!r} is in {seen[document.id]} and in {path}",
                    why="every document needs a unique id",
                    hint="give each corpus only once",
                )
            seen[document.id] = path
    if not documents:
        raise InputError(
            f"no document to evaluate in {', '.join(map(str, paths))}",
            why=f"none belongs to the split {split}",
            hint="choose another --split, or --split all",
        )
    return Corpus(tuple(documents), tuple(notes))


def read_corpus(path: Path, *, split: str | None = None) -> Corpus:
    """The documents of one file; every line is checked.

    `split` is ``train``, ``test`` or ``all``. None selects the test documents if any document of
    the file has a split, and all documents otherwise.

    Raises
    ------
    InputError : the file cannot be opened, or there is no such split.
    FormatError : the file is empty or damaged, or a line is invalid; file and line are named.
    """
    if split not in (None, "all", *SPLITS):
        raise OptionError(f"there is no split {split!r}", hint="give train, test or all")
    kept: list[Document] = []
    lines: dict[str, int] = {}
    n_documents, has_splits = 0, False
    for number, text in _lines(path):
        document = _document(Row.parse(text, path, number), path.name.partition(".")[0])
        n_documents += 1
        if lines.setdefault(document.id, number) != number:
            raise FormatError(
                f"{path}: line {lines[document.id]} has the id {document.id!r} too",
                why="every document needs a unique id",
                hint="change the id or remove the line",
                line=number,
            )
        if split is None and document.split and not has_splits:
            has_splits, kept = True, []
        wanted = ("test" if has_splits else None) if split is None else split
        if wanted == "all" or document.split == wanted:
            kept.append(document)
    if not n_documents:
        raise FormatError(
            f"{path} has no documents",
            why="the file is empty",
            hint="give JSON lines, one document per line",
        )
    taken = split or ("test" if has_splits else "all")
    return Corpus(tuple(kept), (f"{path.name}: {_taken(len(kept), n_documents, taken)}",))


def _taken(n_kept: int, n_documents: int, split: str) -> str:
    if split == "all":
        return f"all {n_documents} documents"
    return f"{n_kept} of {n_documents} documents (split {split})"


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their 1-based numbers."""
    number = 0
    try:
        with path.open("rb") as raw:
            # A pipe can be peeked at, but not rewound.
            is_zipped = raw.peek(len(_GZIP)).startswith(_GZIP)
            for line in gzip.GzipFile(fileobj=raw) if is_zipped else raw:
                number += 1
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                if text.strip():
                    yield number, text
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FormatError(
            f"{path} is damaged after line {number}",
            why=f"it cannot be decompressed: {error}",
            hint="download or create the file again",
        ) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"cannot read {path}",
            why="the line is not UTF-8 text",
            hint="give JSON lines in UTF-8, gzipped or not",
            line=number,
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot read {path}",
            why=error.strerror or str(error),
            hint="check the name and the permissions of the corpus",
        ) from error


def _document(row: Row, stem: str) -> Document:
    texts, starts, ends = row.units()
    boundaries = row.boundaries(len(texts))
    split = row.text("split", None)
    if split not in (None, *SPLITS):
        raise row.fault(f"the split {split!r}", why="a split is train or test")
    name, source = row.text("id"), row.text("source", stem)
    title, titles = row.text("title", name), row.titles(len(boundaries))
    duration = row.duration()
    if starts:
        duration = _end(row, starts, ends[-1], duration)
        units = _timed(texts, starts, ends, duration)
    else:
        units = _paced(texts)
        duration = units[-1].end
    return Document(
        id=name,
        source=source,
        title=title,
        duration=duration,
        units=units,
        boundaries=boundaries,
        starts=(0.0, *(units[i].start for i in boundaries[1:])),
        titles=titles,
        is_timed=bool(starts),
        split=split,
    )


def _end(
    row: Row, starts: Sequence[float], last_end: float | None, duration: float | None
) -> float:
    """Seconds at which the document ends: as stated, or later if its last unit ends later."""
    last = starts[-1]
    if duration is not None and duration <= last:
        if duration + _ROUNDED <= last:
            raise row.fault(
                f"the last unit starts at {last:g} s", why=f"the document ends at {duration:g} s"
            )
        duration += _ROUNDED
    end = max(duration or 0.0, last if last_end is None else last_end)
    if end <= last:
        raise row.fault("no duration", why="the last unit has no end")
    return end


def _timed(
    texts: Sequence[str], starts: Sequence[float], ends: Sequence[float | None], end_of_all: float
) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(start, after if end is None else end, text)
        for start, end, after, text in zip(
            starts, ends, [*starts[1:], end_of_all], texts, strict=True
        )
    )


def _paced(texts: Sequence[str]) -> tuple[Sentence, ...]:
    """Sentences with the times of an assumed pace."""
    ends = accumulate((_n_words(text) * 60.0 / WORDS_PER_MINUTE for text in texts), initial=0.0)
    return tuple(
        Sentence(start, end, text) for (start, end), text in zip(pairwise(ends), texts, strict=True)
    )


def _n_words(text: str) -> float:
    """Number of words, at least 1.0; two characters count as a word in scripts without spaces."""
    n_unspaced = sum(character >= "\u0e00" and character.isalpha() for character in text)
    return max(1.0, len(text.split()), n_unspaced / 2)
