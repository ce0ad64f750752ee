"""Blind sheets: titles to judge without knowing whose they are."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chapterize.compare.titles import PERSON, Drawn, TitledDocument, one_line, seeded
from chapterize.evaluate import Document

__all__ = [
    "COLUMNS",
    "SUFFIXES",
    "Row",
    "Sheet",
    "SheetChapter",
    "dump_sheet",
    "escaped",
    "make_sheet",
]

SUFFIXES = (".md", ".csv")
"""Formats of a sheet: a table per chapter for a text editor, or one table for programs."""

COLUMNS = ("row", "verdict", "title", "video", "excerpts")
"""The heading of a sheet in CSV; reading it needs the first three."""

# Characters of a chapter that are shown; about 140 and 60 words of English.
_OPENING = 800
_MIDDLE = 350
_WIDTH = 96

_INTRODUCTION = """\
# Titles to judge

For each title, write one word into the column `verdict`; k, e and d will do:

- **keep**: a person would publish it as it is.
- **edit**: the topic is right, but the wording must change.
- **delete**: it is wrong, or says nothing.

Titles of one chapter are in random order, and equal ones are listed once. Do not open the key
before you have finished. Then count: `chapterize evaluate --verdicts SHEET`.
"""


@dataclass(frozen=True)
class Row:
    """A title, and the methods that gave it."""

    row: str
    title: str
    methods: tuple[str, ...]


@dataclass(frozen=True)
class SheetChapter:
    """A chapter on a sheet; `document` and `chapter` (an index) say where it is from."""

    source: str
    document: str
    chapter: int
    video: str
    excerpts: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def reference(self) -> str:
        """People's title."""
        return next(row.title for row in self.rows if PERSON in row.methods)


@dataclass(frozen=True)
class Sheet:
    """The chapters of a sheet, numbered from 1; a row is called by the chapter and its place."""

    seed: int
    chapters: tuple[SheetChapter, ...]


def make_sheet(titled: Sequence[TitledDocument], drawn: Sequence[Drawn], seed: int) -> Sheet:
    """The chapters `drawn` in random order, each with its titles in random order."""
    by_id = {each.document.id: each.titles for each in titled}
    order = sorted(drawn, key=lambda each: seeded(seed, "sheet", each[0].id, each[1]))
    return Sheet(
        seed,
        tuple(
            SheetChapter(
                source=document.source,
                document=document.id,
                chapter=index,
                video=one_line(document.title),
                excerpts=_excerpts(document, index),
                rows=_rows(number, document, index, by_id[document.id], seed),
            )
            for number, (document, index) in enumerate(order, 1)
        ),
    )


def _rows(
    number: int,
    document: Document,
    index: int,
    titles: Mapping[str, Sequence[str | None]],
    seed: int,
) -> tuple[Row, ...]:
    methods: dict[str, list[str]] = {_capitalised(one_line(document.titles[index] or "")): [PERSON]}
    for name, given in titles.items():
        methods.setdefault(_capitalised(given[index] or ""), []).append(name)
    # The order must not depend on the methods, not even on their number.
    order = sorted(methods, key=lambda title: seeded(seed, document.id, index, title))
    return tuple(
        Row(f"{number}.{place}", title, tuple(methods[title]))
        for place, title in enumerate(order, 1)
    )


def _capitalised(title: str) -> str:
    """`title` with a capital first letter, which most methods write and many people do not.

    Words with capitals elsewhere stay: ``iOS 17``.
    """
    return title[:1].upper() + title[1:] if title.partition(" ")[0].islower() else title


def _excerpts(document: Document, index: int) -> tuple[str, ...]:
    """The opening of a chapter and, if it is long, a few words from its middle."""
    first, *rest = document.boundaries[index : index + 2]
    end = rest[0] if rest else len(document.units)
    text = one_line(" ".join(unit.text for unit in document.units[first:end]))
    if len(text) <= _OPENING + _MIDDLE:
        return (text,)
    middle = max(_OPENING, (len(text) - _MIDDLE) // 2)
    return f"{_words(text, 0, _OPENING)} …", f"… {_words(text, middle, _MIDDLE)} …"


def _words(text: str, start: int, length: int) -> str:
    """The whole words of a part of `text`; all of it in scripts without spaces."""
    piece = text[start : start + length]
    if start and " " in piece:
        piece = piece.partition(" ")[2]
    return piece.rpartition(" ")[0] or piece


def dump_sheet(sheet: Sheet, suffix: str) -> str:
    """The sheet as text of the format with this suffix, one of `SUFFIXES`."""
    if suffix == ".csv":
        return _csv(sheet)
    return "\n".join(
        [_INTRODUCTION, *map(_section, range(1, len(sheet.chapters) + 1), sheet.chapters)]
    )


def _section(number: int, chapter: SheetChapter) -> str:
    quoted = "\n>\n".join(map(_quote, chapter.excerpts))
    rows = [f"| {row.row} |        | {escaped(row.title)} |" for row in chapter.rows]
    table = "\n".join(["| row | verdict | title |", "|---|---|---|", *rows])
    return f"## {number}\n\nFrom: {chapter.video}\n\n{quoted}\n\n{table}\n"


def _quote(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="> ", subsequent_indent="> ")


def _csv(sheet: Sheet) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for chapter in sheet.chapters:
        for row in chapter.rows:
            writer.writerow((row.row, "", row.title, chapter.video, " ".join(chapter.excerpts)))
    return text.getvalue()


def escaped(title: str) -> str:
    """`title` as a cell of a Markdown table."""
    return title.replace("|", r"\|")
