"""Podcasting 2.0 chapters (``application/json+chapters``, version 1.2.0).

Titles are written on one line, since podcast players show one.
"""

from __future__ import annotations

import json
from typing import Any

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.json_rows import load_object, number_of, rows_of, text_of
from chapterize.formats.listing import Listing, Parsed, checked_title, one_line, tile

__all__ = ["dumps", "loads", "scan"]

_VERSION = "1.2.0"


def dumps(chapters: Chapters) -> str:
    """The JSON text; every chapter carries its end, so that the duration is kept."""
    rows = [
        {
            "startTime": _short(c.start),
            "title": one_line(checked_title(c.title, number)),
            "endTime": _short(c.end),
        }
        for number, c in enumerate(chapters.chapters, 1)
    ]
    document = {"version": _VERSION, "chapters": rows}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from Podcasting 2.0 JSON; see `listing.tile` for errors and what is mended."""
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The rows as they stand; silent chapters (``toc: false``), pictures and links are left out.

    Raises
    ------
    FormatError : not JSON, a version other than 1.x, or a row without a start.
    """
    document = load_object(text)
    version = document.get("version", _VERSION)
    if not isinstance(version, str) or not version.startswith("1."):
        raise FormatError(f"version {version!r}", why="this reader knows versions 1.x")
    rows = list(enumerate(rows_of(document), 1))
    heard = [(number, row) for number, row in rows if row.get("toc") is not False]
    notes = []
    if silent := len(rows) - len(heard):
        notes.append(f"{silent} silent chapters (toc: false) were left out")
    if any(row.get(key) for _, row in heard for key in ("img", "url", "location")):
        notes.append("pictures, links and places of the chapters were left out")
    marks = tuple(_mark(row, number) for number, row in heard)
    return Listing(marks, None, tuple(notes))


def _mark(row: dict[str, Any], number: int) -> Mark:
    return Mark(
        number_of(row, "startTime", number),
        text_of(row, "title", number) if row.get("title") is not None else "",
        number_of(row, "endTime", number) if row.get("endTime") is not None else None,
    )


def _short(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds
