"""Titles in files: those written earlier, and those of a run that was interrupted."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from chapterize.compare.titles import Drawn, Method, by_document
from chapterize.errors import FormatError, InputError
from chapterize.evaluate import Document
from chapterize.journal import Journal
from chapterize.title import Entitled

__all__ = ["dump_titles", "titles_from", "titles_kept"]


def titles_from(path: Path, wanted: Sequence[Drawn]) -> Method:
    """The method that looks titles up in a file of JSON lines, each with `id` and `titles`.

    Other keys are ignored, and a title that is not wanted may be null.

    Raises
    ------
    InputError : the file cannot be read, or lacks a title of `wanted`.
    FormatError : a line is malformed, or repeats a document; the line is named.
    """
    found = _read_titles(path)
    for document, only in by_document(wanted):
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
    return lambda document, only: Entitled(tuple(title or "" for title in found[document.id]))


def _read_titles(path: Path) -> dict[str, tuple[str | None, ...]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read {path}",
            why=getattr(error, "strerror", None) or "it is not UTF-8 text",
            hint="give JSON lines, as --titles METHOD --predictions FILE writes them",
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
                hint="write the file with --titles METHOD --predictions FILE",
                line=number,
            )
        if name in found:
            raise FormatError(
                f"{path} has titles for the document {name!r} twice",
                why="a file holds the titles of one method",
                hint="write one file per method: --titles METHOD --predictions FILE",
                line=number,
            )
        found[name] = tuple(titles)
    return found


def dump_titles(document: Document, titles: Sequence[str | None]) -> str:
    """The titles of a document as a line for `titles_from`."""
    return json.dumps({"id": document.id, "titles": titles}, ensure_ascii=False) + "\n"


def titles_kept(method: Method, by: str, journal: Journal) -> tuple[Method, int]:
    """`method` with its titles in `journal`, and how many documents have titles there already.

    Those of an earlier run, `by` the same, are used again; titles without an answer are not kept.
    """
    earlier = {
        entry["id"]: entry
        for entry in journal.read()
        if isinstance(entry, dict) and entry.get("by") == by
    }

    def look_up(document: Document, only: Collection[int]) -> Entitled:
        entry = earlier.get(document.id)
        if entry is not None and _fits(entry, document, only):
            titles = tuple(title or "" for title in entry["titles"])
            return Entitled(titles, refused=tuple((why, n) for why, n in entry["refused"]))
        found = method(document, only)
        if not found.n_unanswered:
            titles_given = [title if i in only else None for i, title in enumerate(found.titles)]
            fields = {"id": document.id, "titles": titles_given, "refused": found.refused}
            journal.append({"by": by, **fields})
        return found

    return look_up, len(earlier)


def _fits(entry: dict[str, Any], document: Document, only: Collection[int]) -> bool:
    titles = entry["titles"]
    return len(titles) == len(document.boundaries) and None not in {titles[i] for i in only}
