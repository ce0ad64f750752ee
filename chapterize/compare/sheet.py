"""Blind sheets: titles to judge without knowing whose they are, and the key to read them with."""

from __future__ import annotations

import csv
import io
import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chapterize.compare.titles import PERSON, Drawn, TitledDocument, one_line, seeded
from chapterize.errors import FormatError, InputError
from chapterize.evaluate import VERDICTS, Document, Judged

__all__ = [
    "SUFFIXES",
    "Row",
    "Sheet",
    "SheetChapter",
    "dump_key",
    "dump_sheet",
    "make_sheet",
    "read_key",
    "read_verdicts",
]

SUFFIXES = (".md", ".csv")
"""Formats of a sheet: a table per chapter for a text editor, or one table for programs."""

_SCHEMA = "chapterize.title-key/1"
_OPENING_WORDS = 140
_MIDDLE_WORDS = 60
_COLUMNS = ("row", "verdict", "title", "video", "excerpts")
_WIDTH = 96

_INTRODUCTION = """\
# Titles to judge

For each title, write one word into the column `verdict`; k, e and d will do:

- **keep**: a person would publish it as it is.
- **edit**: the topic is right, but the wording must change.
- **delete**: it is wrong, or says nothing.

Titles of one chapter are in random order, and equal ones are listed once. Do not open the key
before you have finished. Then count: `chapterize evaluate --verdicts SHEET --key KEY`.
"""

# The verdict has no bar; the title is all the rest, with its bars escaped.
_ROW = re.compile(r"\|\s*(\d+\.\d+)\s*\|([^|]*)\|\s?(.*?)\s*\|\s*")
_STARTS_ROW = re.compile(r"\|\s*\d+\.")
_SHORT = {verdict[0]: verdict for verdict in VERDICTS}


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
    titles: Mapping[str, Sequence[str]],
    seed: int,
) -> tuple[Row, ...]:
    methods: dict[str, list[str]] = {one_line(document.titles[index] or ""): [PERSON]}
    for name, given in titles.items():
        methods.setdefault(given[index], []).append(name)
    # The order must not depend on the methods, not even on their number.
    order = sorted(methods, key=lambda title: seeded(seed, document.id, index, title))
    return tuple(
        Row(f"{number}.{place}", title, tuple(methods[title]))
        for place, title in enumerate(order, 1)
    )


def _excerpts(document: Document, index: int) -> tuple[str, ...]:
    """The opening of a chapter and, if it is long, a few words from its middle."""
    first, *rest = document.boundaries[index : index + 2]
    end = rest[0] if rest else len(document.units)
    words = [word for unit in document.units[first:end] for word in unit.text.split()]
    if len(words) <= _OPENING_WORDS + _MIDDLE_WORDS:
        return (one_line(" ".join(words)),)
    middle = max(_OPENING_WORDS, (len(words) - _MIDDLE_WORDS) // 2)
    return (
        f"{one_line(' '.join(words[:_OPENING_WORDS]))} …",
        f"… {one_line(' '.join(words[middle : middle + _MIDDLE_WORDS]))} …",
    )


def dump_sheet(sheet: Sheet, suffix: str) -> str:
    """The sheet as text of the format with this suffix, one of `SUFFIXES`."""
    if suffix == ".csv":
        return _csv(sheet)
    return "\n".join(
        [_INTRODUCTION, *map(_section, range(1, len(sheet.chapters) + 1), sheet.chapters)]
    )


def _section(number: int, chapter: SheetChapter) -> str:
    quoted = "\n>\n".join(map(_quote, chapter.excerpts))
    rows = [f"| {row.row} |        | {_escape(row.title)} |" for row in chapter.rows]
    table = "\n".join(["| row | verdict | title |", "|---|---|---|", *rows])
    return f"## {number}\n\nFrom: {chapter.video}\n\n{quoted}\n\n{table}\n"


def _quote(text: str) -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent="> ", subsequent_indent="> ", break_long_words=False
    )


def _csv(sheet: Sheet) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for chapter in sheet.chapters:
        for row in chapter.rows:
            writer.writerow((row.row, "", row.title, chapter.video, " ".join(chapter.excerpts)))
    return text.getvalue()


def _escape(title: str) -> str:
    return title.replace("|", r"\|")


def dump_key(sheet: Sheet) -> str:
    """The key as JSON: what each row is, without the excerpts."""
    chapters = []
    for chapter in sheet.chapters:
        fields = asdict(chapter)
        del fields["excerpts"], fields["video"]
        chapters.append(fields)
    whole = {"schema": _SCHEMA, "seed": sheet.seed, "chapters": chapters}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def read_key(path: Path) -> Sheet:
    """The sheet that belongs to a key; it has no excerpts.

    Raises
    ------
    InputError : the file cannot be read.
    FormatError : it is not a key.
    """
    text = _text(path)
    try:
        fields = json.loads(text)
        if fields["schema"] != _SCHEMA:
            raise ValueError(f"the schema is {fields['schema']!r}")
        chapters = tuple(map(_chapter, fields["chapters"]))
        return Sheet(int(fields["seed"]), chapters)
    except (ValueError, KeyError, TypeError, StopIteration, RecursionError) as error:
        raise FormatError(
            f"{path} is not the key of a sheet",
            why=f"it has no {error}" if isinstance(error, KeyError) else str(error)[:80],
            hint="give the file that --titles --sheet wrote as --key",
        ) from error


def _chapter(fields: Mapping[str, Any]) -> SheetChapter:
    rows = tuple(
        Row(str(row["row"]), str(row["title"]), tuple(map(str, row["methods"])))
        for row in fields["rows"]
    )
    if not any(PERSON in row.methods for row in rows):
        raise ValueError(f"a chapter of {fields['document']!r} has no title by a person")
    place = str(fields["source"]), str(fields["document"]), int(fields["chapter"])
    return SheetChapter(*place, video="", excerpts=(), rows=rows)


def read_verdicts(path: Path, key: Sheet) -> tuple[Judged, ...]:
    """The verdicts of a sheet, one for every method of every row; rows left out have none.

    Raises
    ------
    InputError : the file cannot be read.
    FormatError : a verdict is none of `VERDICTS`, or a row is damaged, repeated, or has another
        title than in the key; the line is named.
    """
    rows = {row.row: row for chapter in key.chapters for row in chapter.rows}
    text = _text(path)
    found: dict[str, str | None] = {}
    for line, name, verdict, title in _cells(path, text):
        row = rows.get(name)
        if row is None or " ".join(title.split()) not in (row.title, _escape(row.title)):
            why = "no such row is in the key" if row is None else f"the key has {row.title!r}"
            raise _fault(path, line, f"row {name}, {title[:60]!r}", why=why)
        if name in found:
            raise _fault(path, line, f"row {name}", why="it is there twice")
        found[name] = _verdict(verdict, path, line)
    return tuple(
        Judged(method, chapter.source, row.title, chapter.reference, found.get(row.row))
        for chapter in key.chapters
        for row in chapter.rows
        for method in row.methods
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read {path}",
            why=getattr(error, "strerror", None) or "it is not UTF-8 text",
            hint="give a file that --titles --sheet wrote",
        ) from error


def _cells(path: Path, text: str) -> Iterator[tuple[int, str, str, str]]:
    """Line number, row, verdict and title of each row."""
    if path.suffix.lower() == ".csv":
        yield from _csv_cells(path, text)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if match := _ROW.fullmatch(line.strip()):
            yield number, match[1], match[2], match[3]
        elif _STARTS_ROW.match(line.strip()):
            raise _fault(path, number, "a damaged row", why="it needs three cells between bars")


def _csv_cells(path: Path, text: str) -> Iterator[tuple[int, str, str, str]]:
    # Spreadsheets of some countries separate with semicolons.
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",")
    missing = {*_COLUMNS[:3]} - {*(reader.fieldnames or ())}
    if missing:
        raise _fault(path, 1, f"no column {sorted(missing)[0]!r}", why="the heading has changed")
    try:
        for cells in reader:
            row, verdict, title = (cells[name] or "" for name in _COLUMNS[:3])
            yield reader.line_num, row.strip(), verdict, title
    except csv.Error as error:
        raise _fault(path, reader.line_num, "a damaged row", why=str(error)) from error


def _verdict(text: str, path: Path, line: int) -> str | None:
    word = text.strip().strip("*_`.").lower()
    verdict = _SHORT.get(word, word)
    if verdict and verdict not in VERDICTS:
        raise _fault(path, line, f"the verdict {word[:20]!r}", why=f"it is not {_CHOICES}")
    return verdict or None


_CHOICES = f"{', '.join(VERDICTS[:-1])} or {VERDICTS[-1]}"


def _fault(path: Path, line: int, what: str, *, why: str) -> FormatError:
    return FormatError(
        f"{path}: {what}", why=why, hint="correct the line; change nothing but verdicts", line=line
    )
