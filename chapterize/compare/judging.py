"""The key of a blind sheet, and the verdicts that people wrote into one."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chapterize.compare.sheet import COLUMNS, Row, Sheet, SheetChapter, escaped
from chapterize.compare.titles import PERSON
from chapterize.errors import FormatError, InputError
from chapterize.evaluate import VERDICTS, Judged
from chapterize.files import next_to

__all__ = ["dump_key", "key_of", "read_key", "read_verdicts"]

_SCHEMA = "chapterize.title-key/1"

# The verdict has no bar; the title is all the rest, with its bars escaped.
_ROW = re.compile(r"\|\s*(\d+\.\d+)\s*\|([^|]*)\|\s?(.*?)\s*\|\s*")
_STARTS_ROW = re.compile(r"\|\s*\d+\.")
_SHORT = {verdict[0]: verdict for verdict in VERDICTS}


def key_of(sheet: Path) -> Path:
    """Where the key of a sheet belongs."""
    return next_to(sheet, ".key.json") if sheet.name else sheet


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
    text = _text(path, "copy the key that was written with the sheet next to it, with that name")
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
            hint="copy the key that was written with the sheet next to it",
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
    text = _text(path, "give a sheet that --sheet wrote")
    found: dict[str, str | None] = {}
    for line, name, verdict, title in _cells(path, text):
        row = rows.get(name)
        if row is None or " ".join(title.split()) not in (row.title, escaped(row.title)):
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


def _text(path: Path, hint: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read {path}",
            why=getattr(error, "strerror", None) or "it is not UTF-8 text",
            hint=hint,
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
    missing = {*COLUMNS[:3]} - {*(reader.fieldnames or ())}
    if missing:
        raise _fault(path, 1, f"no column {sorted(missing)[0]!r}", why="the heading has changed")
    try:
        for cells in reader:
            row, verdict, title = (cells[name] or "" for name in COLUMNS[:3])
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
